//! Approving and discarding a kept plan.

use base::{AppId, Cause, OrgId, PlanId, Timestamp};
use store::cycles::Kind;
use store::lanes::{Mark, Verify};
use store::plans::{Decision, Plan, State};
use store::{Tx, Write};

use super::KeptPlan;
use crate::app::App;
use crate::error::Error;
use crate::events::{self, PlanNote};
use crate::provisioning::Provisioning;

impl Provisioning {
    /// Has a plan carried out exactly as it stood at that revision. An app that was never synchronized is started by it.
    pub async fn approve_plan(
        &self,
        org: OrgId,
        id: AppId,
        plan: PlanId,
        revision: i64,
        cause: &Cause,
    ) -> Result<KeptPlan, Error> {
        let app = App::read(&self.app_row(org, id).await?)?;
        let write = Approve {
            org,
            app: id,
            name: app.name,
            plan,
            revision,
            until: self.ambient().now() + app.settings.plan_life(),
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(refused)?;
        self.waker.wake();
        self.kept_plan(org, id, plan).await
    }

    /// Nothing of the plan will be carried out.
    pub async fn discard_plan(
        &self,
        org: OrgId,
        id: AppId,
        plan: PlanId,
        cause: &Cause,
    ) -> Result<KeptPlan, Error> {
        let write = Discard {
            org,
            app: id,
            name: self.app_row(org, id).await?.name,
            plan,
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(refused)?;
        self.kept_plan(org, id, plan).await
    }
}

/// Our own refusals, given back by the write.
fn refused(error: store::Error) -> Error {
    error.refusal::<Error>().unwrap_or_else(Error::Store)
}

/// Why a plan cannot be decided on.
fn why_not(plan: Option<Plan>, now: Timestamp) -> store::Error {
    store::Error::refuse(match plan {
        None => Error::UnknownPlan,
        Some(plan) => match plan.state_at(now) {
            State::AwaitingApproval => Error::PlanChanged {
                revision: plan.revision,
            },
            state => Error::PlanNotOpen { state },
        },
    })
}

struct Approve {
    org: OrgId,
    app: AppId,
    name: String,
    plan: PlanId,
    revision: i64,
    until: Timestamp,
    cause: Cause,
}

impl Write for Approve {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self {
            org,
            app,
            plan: id,
            cause,
            ..
        } = self;
        let mark = Mark {
            cycle: tx.ambient().id(),
            now: tx.ambient().now(),
            verify: Verify::Yes,
        };
        let decision = Decision::Approved {
            cycle: mark.cycle,
            until: self.until,
        };
        let decided = store::plans::decide(tx, *org, *app, *id, Some(self.revision), decision, cause).await?;
        let plan = store::plans::by_id(tx, *org, *app, *id).await?;
        let Some(plan) = plan.filter(|_| decided) else {
            let plan = store::plans::by_id(tx, *org, *app, *id).await?;
            return Err(why_not(plan, mark.now));
        };
        store::plan_items::approve(tx, *org, *app, *id).await?;
        store::apps::start(tx, *org, *app, plan.watermark).await?;
        let cycle = (mark.cycle, Kind::Apply);
        store::cycles::start(tx, *org, *app, cycle, plan.watermark, cause).await?;
        store::lanes::mark_planned(tx, *org, *app, *id, mark).await?;
        events::note_plan(tx, *org, (*app, *id), &self.name, PlanNote::Approve, cause).await
    }
}

struct Discard {
    org: OrgId,
    app: AppId,
    name: String,
    plan: PlanId,
    cause: Cause,
}

impl Write for Discard {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self {
            org,
            app,
            plan: id,
            cause,
            ..
        } = self;
        if !store::plans::decide(tx, *org, *app, *id, None, Decision::Discarded, cause).await? {
            let plan = store::plans::by_id(tx, *org, *app, *id).await?;
            return Err(why_not(plan, tx.ambient().now()));
        }
        events::note_plan(tx, *org, (*app, *id), &self.name, PlanNote::Discard, cause).await
    }
}
