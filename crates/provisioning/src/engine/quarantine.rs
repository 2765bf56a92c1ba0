//! Quarantine: a target at which nothing works, or too much fails, is tried ever more rarely; admins are told once for
//! each reason; after four weeks nothing is tried any more. It ends by itself when the target works again.

use std::time::Duration;

use base::{AppId, Cause, Message, OrgId, Timestamp};
use store::{Tx, Write};

use super::config::Config;
use super::gate::Room;
use super::task::{AppQueue, Current};
use crate::announcements::{Announcement, announce};
use crate::error::Error;
use crate::target::{Failure, Kind};
use crate::text::text;

/// Tries in a row at a target that cannot be reached.
const TRIES: u32 = 10;
/// The longest wait between two tries, in the beginning and later.
const WAITS: (Duration, Duration) = (Duration::from_mins(10), Duration::from_hours(24));
const LONGEST: Duration = Duration::from_hours(28 * 24);
const CREDENTIALS: &str = "quarantine.credentials";
const UNREACHABLE: &str = "quarantine.unreachable";
const FAILURES: &str = "quarantine.failures";

/// Since when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quarantine {
    pub(crate) since: Timestamp,
    pub(crate) reason: Message,
}

impl Quarantine {
    pub(crate) fn read(row: &store::apps::App) -> Option<Self> {
        let quarantine = row.quarantine.as_ref()?;
        Some(Self {
            since: quarantine.since,
            reason: serde_json::from_str(&quarantine.reason).unwrap_or_else(|_| Message::new(FAILURES)),
        })
    }

    /// The longest wait between two tries: a quarter of the time that it has lasted.
    pub(crate) fn longest_wait(&self, now: Timestamp) -> Duration {
        (now.since(self.since) / 4).clamp(WAITS.0, WAITS.1)
    }

    /// When nothing is tried any more, if the target does not work again before.
    pub(crate) fn disabled_at(&self) -> Timestamp {
        self.since + LONGEST
    }

    fn is_for_failures(&self) -> bool {
        self.reason.code == FAILURES
    }
}

/// Why a failure that concerns everybody puts the app into quarantine, if it does. `tries`: how many were in vain.
fn reason(failure: &Failure, tries: u32) -> Option<Message> {
    let code = match failure.kind {
        Kind::Refused => CREDENTIALS,
        Kind::Unreachable if tries >= TRIES => UNREACHABLE,
        _ => return None,
    };
    Some(Message::new(code).with("detail", text(&failure.message)))
}

impl AppQueue {
    /// The target cannot be used.
    pub(super) async fn unusable(
        &self,
        current: &Current,
        failure: &Failure,
        tries: u32,
    ) -> Result<(), Error> {
        match reason(failure, tries) {
            Some(reason) => self.enter(current, reason).await,
            None => Ok(()),
        }
    }

    /// The target answers.
    pub(super) async fn answers(&self, current: &Current) -> Result<(), Error> {
        match current.gate.quarantine() {
            Some(quarantine)
                if !quarantine.is_for_failures() && current.gate.room(self.now()) == Room::Open =>
            {
                self.leave(current).await
            }
            _ => Ok(()),
        }
    }

    /// Counts who fails, once a cycle is over and whenever the app in quarantine has been tried again.
    pub(super) async fn count_failures(&self, current: &Current, finished: bool) -> Result<(), Error> {
        let now = self.now();
        if matches!(current.gate.room(now), Room::Shut(_)) {
            return Ok(());
        }
        let quarantine = current.gate.quarantine();
        match &quarantine {
            None if !finished => return Ok(()),
            Some(quarantine) if !quarantine.is_for_failures() => return Ok(()),
            _ => {}
        }
        let (org, app) = (current.config.org, current.config.app);
        let mut reader = self.provisioning.reader();
        let due = store::lanes::next_due(&mut reader, org, app).await?;
        if quarantine.is_some() && due.is_some_and(|due| due <= now) {
            return Ok(());
        }
        let failing = store::lanes::count_failing(&mut reader, org, app).await?;
        // Everybody is counted only where it matters: at the end of every cycle that would be dear.
        let people = if failing < current.config.settings.quarantine_failures.into() {
            0
        } else {
            let unlinked = store::lanes::count_failing_unlinked(&mut reader, org, app).await?;
            store::links::count(&mut reader, org, app).await? + unlinked
        };
        if current.config.settings.fails_too_much(failing, people) {
            let reason = Message::new(FAILURES)
                .with("failing", failing)
                .with("people", people);
            let wait = quarantine.map_or(WAITS.0, |quarantine| quarantine.longest_wait(now));
            self.enter(current, reason.clone()).await?;
            let hold = current.gate.rest(now + wait, reason);
            return self.write_hold(Some(hold)).await;
        }
        if quarantine.is_some() {
            self.leave(current).await?;
        }
        Ok(())
    }

    async fn enter(&self, current: &Current, reason: Message) -> Result<(), Error> {
        let before = current.gate.quarantine();
        if before
            .as_ref()
            .is_some_and(|before| before.reason.code == reason.code)
        {
            return Ok(());
        }
        self.provisioning
            .store
            .write(self.step(&current.config, Change::Enter(reason.clone())))
            .await?;
        current.gate.set_quarantine(Some(Quarantine {
            since: before.map_or_else(|| self.now(), |before| before.since),
            reason,
        }));
        Ok(())
    }

    async fn leave(&self, current: &Current) -> Result<(), Error> {
        let step = self.step(&current.config, Change::Leave);
        self.provisioning.store.write(step).await?;
        current.gate.set_quarantine(None);
        Ok(())
    }

    /// Ends all tries once they have been in vain for too long; says whether it does.
    pub(super) async fn give_up(&self, current: &Current) -> Result<bool, Error> {
        match current.gate.quarantine() {
            Some(quarantine) if quarantine.disabled_at() <= self.now() => {
                let step = self.step(&current.config, Change::Disable(quarantine));
                self.provisioning.store.write(step).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn step(&self, config: &Config, change: Change) -> Step {
        Step {
            org: config.org,
            app: config.app,
            name: config.name.clone(),
            change,
            cause: self.cause(&config.name),
        }
    }
}

enum Change {
    Enter(Message),
    Leave,
    Disable(Quarantine),
}

struct Step {
    org: OrgId,
    app: AppId,
    name: String,
    change: Change,
    cause: Cause,
}

impl Write for Step {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, cause, .. } = self;
        let (happened, announcement) = match &self.change {
            Change::Enter(reason) => {
                let json = serde_json::to_string(reason).unwrap_or_default();
                let happened = store::apps::quarantine(tx, *org, *app, (&reason.code, &json)).await?;
                let reason = reason.clone();
                (happened, Announcement::Quarantined { reason })
            }
            Change::Leave => (store::apps::heal(tx, *org, *app).await?, Announcement::Healed),
            Change::Disable(Quarantine { since, reason }) => {
                let happened = store::apps::disable(tx, *org, *app, *since, cause).await?;
                let (since, reason) = (*since, reason.clone());
                (happened, Announcement::Disabled { since, reason })
            }
        };
        if happened {
            announce(tx, *org, (*app, &self.name), &announcement, cause).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: Kind) -> Failure {
        Failure {
            kind,
            status: None,
            message: Message::new("target.down").with("detail", "nobody is there"),
            retry_after: None,
        }
    }

    #[test]
    fn credentials_count_at_once_and_silence_after_a_while() {
        for (kind, tries, code) in [
            (Kind::Refused, 1, Some(CREDENTIALS)),
            (Kind::Unreachable, 9, None),
            (Kind::Unreachable, 10, Some(UNREACHABLE)),
            (Kind::Throttled, 99, None),
            (Kind::Broken, 99, None),
        ] {
            let reason = reason(&failure(kind), tries);
            assert_eq!(
                reason.as_ref().map(|reason| reason.code.as_str()),
                code,
                "{kind:?} {tries}"
            );
        }
    }

    #[test]
    fn tries_become_rarer_with_time() {
        let quarantine = Quarantine {
            since: Timestamp::default(),
            reason: Message::new(CREDENTIALS),
        };
        let after = |hours| quarantine.longest_wait(Timestamp::default() + Duration::from_hours(hours));
        assert_eq!(after(0), Duration::from_mins(10));
        assert_eq!(after(8), Duration::from_hours(2));
        assert_eq!(after(24 * 27), Duration::from_hours(24));
    }
}
