//! What holds up everybody at one target: told to the gate, and written down for the next process.

use std::time::Duration;

use base::{AppId, Message, OrgId};
use store::{Tx, Write};

use super::gate::Hold;
use super::outcome::Notice;
use super::task::{AppQueue, Current};
use crate::error::Error;

/// The first wait when a target cannot be used at all.
const FIRST_HOLD: Duration = Duration::from_secs(2);

/// Whether anything is sent for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    GoesOn,
    Held,
}

impl AppQueue {
    /// Notes once why nothing can be sent.
    pub(super) async fn say_why_not(&self, row: &store::apps::App, reason: Message) -> Result<(), Error> {
        let reason_text = serde_json::to_string(&reason).unwrap_or_default();
        if row.hold.as_ref().is_some_and(|hold| hold.reason == reason_text) {
            return Ok(());
        }
        let hold = Hold {
            until: self.now(),
            count: 1,
            reason,
        };
        self.write_hold(Some(hold)).await
    }

    pub(super) async fn write_hold(&self, hold: Option<Hold>) -> Result<(), Error> {
        let write = SetHold {
            org: self.org,
            app: self.app,
            hold: hold.map(|hold| store::apps::Hold {
                until: hold.until,
                count: hold.count.into(),
                reason: serde_json::to_string(&hold.reason).unwrap_or_default(),
            }),
        };
        Ok(self.provisioning.store.write(write).await?)
    }

    /// Tells the gate.
    pub(super) async fn take_notice(&self, current: &Current, notice: Notice) -> Result<Sending, Error> {
        let hold = match notice {
            Notice::Nothing => return Ok(Sending::GoesOn),
            Notice::Fine => {
                if current.gate.open(self.now()) {
                    self.write_hold(None).await?;
                }
                self.answers(current).await?;
                return Ok(Sending::GoesOn);
            }
            Notice::Throttled(failure) => {
                let chance = self.provisioning.ambient().random();
                let now = (self.now(), chance);
                current.gate.throttle(now, failure.retry_after, failure.message)
            }
            Notice::Unusable(failure) => {
                let hold = current.gate.shut(self.now(), FIRST_HOLD, failure.message.clone());
                self.unusable(current, &failure, hold.count).await?;
                hold
            }
        };
        self.write_hold(Some(hold)).await?;
        Ok(Sending::Held)
    }
}

pub(super) fn read_hold(row: &store::apps::App) -> Option<Hold> {
    let hold = row.hold.as_ref()?;
    Some(Hold {
        until: hold.until,
        count: u32::try_from(hold.count).unwrap_or(u32::MAX),
        reason: serde_json::from_str(&hold.reason).ok()?,
    })
}

struct SetHold {
    org: OrgId,
    app: AppId,
    hold: Option<store::apps::Hold>,
}

impl Write for SetHold {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::apps::set_hold(tx, self.org, self.app, self.hold.as_ref()).await
    }
}
