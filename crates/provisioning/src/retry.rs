//! Retry now: not to wait until a failure would be tried again by itself.

use base::{AppId, OrgId, SubjectId};
use store::{Tx, Write};

use crate::app::State;
use crate::error::Error;
use crate::provisioning::Provisioning;

/// What is tried anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retried {
    /// People who had failed.
    pub people: u64,
    /// Whether nothing was being sent, as the target could not be used.
    pub hold_lifted: bool,
}

impl Provisioning {
    /// Tries everybody who has failed at once, or one of them; and the target itself, if it could not be used. A create
    /// in doubt waits on, and so does what the target itself asked to wait for.
    pub async fn retry(&self, org: OrgId, id: AppId, subject: Option<SubjectId>) -> Result<Retried, Error> {
        let state = self.app_row(org, id).await?.state;
        if !matches!(state, State::Active | State::Removing) {
            return Err(Error::Paused { state });
        }
        let retried = self.store.write(Retry { org, id, subject }).await?;
        self.waker.wake(org);
        Ok(retried)
    }
}

struct Retry {
    org: OrgId,
    id: AppId,
    subject: Option<SubjectId>,
}

impl Write for Retry {
    type Out = Retried;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Retried, store::Error> {
        let now = tx.ambient().now();
        Ok(Retried {
            hold_lifted: store::apps::lift_hold(tx, self.org, self.id).await?,
            people: store::lanes::retry(tx, self.org, self.id, self.subject, now).await?,
        })
    }
}
