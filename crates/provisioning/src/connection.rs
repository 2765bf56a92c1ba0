//! Test connection.

use base::{AppId, Cause, Message, OrgId};
use store::{Tx, Write};

use crate::attempts::Attempt;
use crate::engine::Ready;
use crate::error::Error;
use crate::events::Note;
use crate::provisioning::Provisioning;
use crate::target::{Verdict, probe};

impl Provisioning {
    /// Tests address and credentials, without touching an account, and reads what the target says of itself. What does not work is a verdict, not an error. If it
    /// works, an app that waits until it may try again does so at once.
    pub async fn test_connection(&self, org: OrgId, id: AppId) -> Result<Verdict, Error> {
        let row = self.app_row(org, id).await?;
        let verdict = self.verdict(org, &row).await?;
        if verdict.ok && row.hold.is_some() && self.store.write(LiftHold { org, id }).await? {
            self.waker.wake(org);
        }
        Ok(verdict)
    }

    /// The same of an app that was just activated, with the sentence that confirms it. If it does not work, that is an event.
    pub async fn verify_activation(&self, org: OrgId, id: AppId, cause: &Cause) -> Result<Verdict, Error> {
        let verdict = self.test_connection(org, id).await?;
        if !verdict.ok {
            let attempt = Attempt {
                org,
                app: Some(id),
                name: None,
                note: Note::Activate,
                cause,
            };
            self.append_failure(attempt, &verdict.message).await?;
            return Ok(verdict);
        }
        Ok(Verdict {
            ok: true,
            message: Message::new("activate.ok"),
        })
    }

    async fn verdict(&self, org: OrgId, row: &store::apps::App) -> Result<Verdict, Error> {
        match self.config(org, row).await? {
            Ready::Yes(config) => {
                let verdict = probe(&config.target, &config.ways, self.ambient()).await;
                if verdict.ok {
                    self.ask_ways(&config).await?;
                }
                Ok(verdict)
            }
            Ready::No(reason) if reason.code == "app.no_token" => Ok(Verdict {
                ok: false,
                message: Message::new("test.no_token"),
            }),
            Ready::No(message) => Ok(Verdict { ok: false, message }),
        }
    }
}

struct LiftHold {
    org: OrgId,
    id: AppId,
}

impl Write for LiftHold {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::apps::lift_hold(tx, self.org, self.id).await
    }
}
