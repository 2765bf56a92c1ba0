//! The ends of cycles, and of plans on which nobody has decided.

use base::{CycleId, PlanId};
use store::{Tx, Write};

use crate::announcements::{Announcement, announce};
use crate::cycles;
use crate::plans::Gatherer;

/// Ends a cycle that nobody is waited for any more in.
pub(super) struct Finish {
    pub(super) gatherer: Gatherer,
    pub(super) cycle: CycleId,
}

impl Write for Finish {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Gatherer { org, app, .. } = self.gatherer;
        if cycles::finish(tx, org, app, self.cycle).await? {
            store::plans::finish_done(tx, org, app).await?;
            self.gatherer.ready(tx).await?;
        }
        Ok(())
    }
}

/// Ends a plan on which nobody has decided in time.
pub(super) struct Expire {
    pub(super) gatherer: Gatherer,
    pub(super) plan: PlanId,
}

impl Write for Expire {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Gatherer { org, app, .. } = self.gatherer;
        if self
            .gatherer
            .reopen(tx, self.plan, store::plans::State::Expired)
            .await?
        {
            let expired = Announcement::PlanExpired { plan: self.plan };
            announce(
                tx,
                org,
                (app, &self.gatherer.name),
                &expired,
                &self.gatherer.cause,
            )
            .await?;
        }
        Ok(())
    }
}
