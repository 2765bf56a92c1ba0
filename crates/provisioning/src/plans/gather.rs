//! The plan in which the engine gathers what awaits approval: one for each app, opened with its first item, refreshed by
//! every change, closed when nothing is left of it.

use base::{AppId, Cause, Message, OrgId, PlanId, SubjectId, Timestamp};
use store::Tx;
use store::cycles::Kind;
use store::lanes::{Items, Mark, Verify};
use store::plan_items::Draft;
use store::plans::State;

use super::{KEPT, Origin};
use crate::announcements::{Announcement, announce};
use crate::settings::Approval;

/// What work of one person leaves in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gathered {
    /// Nothing is gathered.
    No,
    Put(Draft),
    /// Nothing is to be done for this person any more.
    Withdraw,
}

/// The app for which it is gathered.
#[derive(Debug, Clone)]
pub(crate) struct Gatherer {
    pub(crate) org: OrgId,
    pub(crate) app: AppId,
    pub(crate) name: String,
    pub(crate) approval: Approval,
    pub(crate) expires: Timestamp,
    pub(crate) cause: Cause,
}

impl Gatherer {
    /// Puts an item into the plan. `false`: nothing is gathered any more, and the item was not put anywhere.
    pub(crate) async fn put(&self, tx: &mut Tx<'_>, item: &Draft) -> Result<bool, store::Error> {
        let Self { org, app, .. } = *self;
        let Some(plan) = self.open(tx).await? else {
            return Ok(false);
        };
        store::plan_items::put(tx, org, app, plan, std::slice::from_ref(item)).await?;
        if store::cycles::running(tx, org, app).await?.is_empty() {
            self.ready(tx).await?;
        }
        Ok(true)
    }

    async fn open(&self, tx: &mut Tx<'_>) -> Result<Option<PlanId>, store::Error> {
        let Self { org, app, .. } = *self;
        loop {
            let Some(stance) = store::apps::stance(tx, org, app).await? else {
                return Ok(None);
            };
            if let Some(plan) = stance.plan {
                let open = store::plans::touch(tx, org, app, plan).await?;
                return Ok(open.then_some(plan));
            }
            if self.approval != Approval::Always {
                return Ok(None);
            }
            let reason = Message::new("plan.approval_always");
            let begun = self
                .begin(tx, (Origin::Approval, &reason), stance.watermark)
                .await?;
            if begun.is_some() {
                return Ok(begun);
            }
            // Another one was there first: its plan is seen in the next round.
        }
    }

    /// Opens a plan, if none is open.
    pub(crate) async fn begin(
        &self,
        tx: &mut Tx<'_>,
        (origin, reason): (Origin, &Message),
        watermark: Option<i64>,
    ) -> Result<Option<PlanId>, store::Error> {
        let Self { org, app, .. } = *self;
        let plan: PlanId = tx.ambient().id();
        if !store::apps::gather(tx, org, app, plan).await? {
            return Ok(None);
        }
        let draft = store::plans::Draft {
            state: State::Draft,
            origin: origin.as_str(),
            reason: serde_json::to_string(reason).map_err(|error| store::Error::Internal(error.into()))?,
            watermark: watermark.unwrap_or_default(),
            expires: self.expires,
        };
        store::plans::expire(tx, org, app).await?;
        store::plans::prune(tx, org, app, KEPT).await?;
        store::plans::insert(tx, org, app, plan, &draft, &self.cause).await?;
        Ok(Some(plan))
    }

    /// Takes the item of a person out of the plan, and ends the plan if nothing is left of it.
    pub(crate) async fn withdraw(&self, tx: &mut Tx<'_>, subject: SubjectId) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let stance = store::apps::stance(tx, org, app).await?;
        let Some(plan) = stance.and_then(|stance| stance.plan) else {
            return Ok(());
        };
        if !store::plan_items::withdraw(tx, org, app, plan, subject).await? {
            return Ok(());
        }
        store::plans::touch(tx, org, app, plan).await?;
        self.close_what_is_empty(tx).await
    }

    /// Once no cycle runs the plan is whole, or over if nothing is left of it.
    pub(crate) async fn ready(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let Some(plan) = store::plans::ready(tx, org, app).await? else {
            return self.close_what_is_empty(tx).await;
        };
        if self.close_if_empty(tx, plan).await? {
            return Ok(());
        }
        let kept = store::plans::by_id(tx, org, app, plan).await?;
        let origin = match kept {
            Some(kept) if kept.origin == Origin::Threshold.as_str() => Origin::Threshold,
            _ => Origin::Approval,
        };
        let awaits = Announcement::PlanAwaits { plan, origin };
        announce(tx, org, (app, &self.name), &awaits, &self.cause).await
    }

    async fn close_what_is_empty(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let stance = store::apps::stance(tx, org, app).await?;
        let Some(plan) = stance.and_then(|stance| stance.plan) else {
            return Ok(());
        };
        if store::cycles::running(tx, org, app).await?.is_empty() {
            self.close_if_empty(tx, plan).await?;
        }
        Ok(())
    }

    async fn close_if_empty(&self, tx: &mut Tx<'_>, plan: PlanId) -> Result<bool, store::Error> {
        let Self { org, app, .. } = *self;
        if store::plan_items::any(tx, org, app, plan).await? {
            return Ok(false);
        }
        store::plans::close(tx, org, app, plan, State::Stale).await?;
        store::apps::gathered(tx, org, app, plan).await
    }

    /// Ends the plan that gathers, and has everybody in it planned for anew.
    pub(crate) async fn reopen(
        &self,
        tx: &mut Tx<'_>,
        plan: PlanId,
        state: State,
    ) -> Result<bool, store::Error> {
        let Self { org, app, .. } = *self;
        if !store::plans::close(tx, org, app, plan, state).await? {
            return Ok(false);
        }
        store::apps::gathered(tx, org, app, plan).await?;
        self.mark(tx, plan, Items::All).await?;
        Ok(true)
    }

    /// Has people of a plan planned for anew.
    pub(crate) async fn mark(&self, tx: &mut Tx<'_>, plan: PlanId, items: Items) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let mark = Mark {
            cycle: tx.ambient().id(),
            now: tx.ambient().now(),
            verify: Verify::No,
        };
        if store::lanes::mark_items(tx, org, app, (plan, items), mark).await? == 0 {
            return Ok(());
        }
        let watermark = store::apps::stance(tx, org, app)
            .await?
            .and_then(|stance| stance.watermark);
        let cycle = (mark.cycle, Kind::Incremental);
        store::cycles::start(tx, org, app, cycle, watermark.unwrap_or_default(), &self.cause).await
    }
}
