//! Approving and discarding a kept plan.

use base::{AppId, Cause, Message, OrgId, PlanId, Timestamp};
use store::cycles::Kind;
use store::lanes::{Items, Mark, Verify};
use store::plans::{Decision, Plan, State};
use store::{Tx, Write};

use super::{Gatherer, KeptPlan};
use crate::app::App;
use crate::error::Error;
use crate::events::{self, PlanNote};
use crate::provisioning::Provisioning;
use crate::settings::Approval;

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
        self.waker.wake(org);
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
        let app = App::read(&self.app_row(org, id).await?)?;
        let write = Discard {
            plan,
            gatherer: Gatherer {
                org,
                app: id,
                name: app.name,
                approval: app.settings.approval,
                expires: self.ambient().now() + app.settings.plan_life(),
                cause: cause.clone(),
            },
        };
        self.store.write(write).await.map_err(refused)?;
        self.waker.wake(org);
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
        if store::apps::gathered(tx, *org, *app, *id).await? {
            // A person was asked: what went before counts no longer.
            store::judging::forgive(tx, *org, *app).await?;
        }
        let superseded = serde_json::to_string(&Message::new("plan.stale_superseded"))
            .map_err(|error| store::Error::Internal(error.into()))?;
        store::plan_items::supersede(tx, *org, *app, *id, &superseded).await?;
        store::plan_items::approve(tx, *org, *app, *id).await?;
        store::apps::start(tx, *org, *app, plan.watermark).await?;
        let cycle = (mark.cycle, Kind::Apply);
        store::cycles::start(tx, *org, *app, cycle, plan.watermark, cause).await?;
        store::lanes::mark_planned(tx, *org, *app, *id, mark).await?;
        events::note_plan(tx, *org, (*app, *id), &self.name, PlanNote::Approve, cause).await
    }
}

struct Discard {
    gatherer: Gatherer,
    plan: PlanId,
}

impl Write for Discard {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Gatherer {
            org,
            app,
            ref name,
            approval,
            ref cause,
            ..
        } = self.gatherer;
        let plan = store::plans::by_id(tx, org, app, self.plan).await?;
        let now = tx.ambient().now();
        let gathers = store::apps::gathered(tx, org, app, self.plan).await?;
        // What is still to be put into the plan would open the next one at once.
        let unfinished = gathers && plan.as_ref().is_some_and(|plan| plan.state == State::Draft);
        if unfinished
            || !store::plans::decide(tx, org, app, self.plan, None, Decision::Discarded, cause).await?
        {
            return Err(why_not(plan, now));
        }
        events::note_plan(tx, org, (app, self.plan), name, PlanNote::Discard, cause).await?;
        // It was the accounts that would go about which a person was asked; the rest needs nobody's leave.
        if gathers && approval != Approval::Always {
            self.gatherer.mark(tx, self.plan, Items::Harmless).await?;
        }
        Ok(())
    }
}
