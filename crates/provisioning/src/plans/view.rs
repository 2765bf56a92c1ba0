//! Kept plans, as they are shown.

use base::{Actor, AppId, CycleId, Message, OrgId, PlanId, SubjectId, Timestamp};
use serde::Serialize;
use store::plan_items::{Count, Filter, Item};

use super::{PlanItemState, PlanState};
use crate::error::Error;
use crate::plan::{Action, AttributeChange};
use crate::preview::{PlanCounts, PlannedRequest};
use crate::provisioning::Provisioning;
use crate::status::{SubjectRef, read_message};

/// Who asked for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Somebody.
    Saved,
    /// The app asks for approval always.
    Approval,
    /// Too many accounts would go.
    Threshold,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Approval => "approval",
            Self::Threshold => "threshold",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        let all = [Self::Saved, Self::Approval, Self::Threshold];
        all.into_iter()
            .find(|origin| origin.as_str() == word)
            .ok_or_else(|| Error::Store(store::Error::internal(format!("a plan comes from {word:?}"))))
    }
}

/// A plan that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPlan {
    pub id: PlanId,
    pub state: PlanState,
    pub origin: Origin,
    /// Why it was made.
    pub reason: Message,
    /// Raised by every change of an item; whoever approves says which one they have seen.
    pub revision: i64,
    pub counts: PlanCounts,
    /// Items that take an account away, or its right to sign in.
    pub destructive: u64,
    pub items: ItemStates,
    pub created: Timestamp,
    /// Until when it can be approved; of an approved one, until when it is carried out.
    pub expires: Timestamp,
    /// When it was approved or discarded.
    pub decided: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    /// The cycle that carries it out.
    pub cycle: Option<CycleId>,
    pub actor: Actor,
    /// Who approved or discarded it.
    pub decided_by: Option<Actor>,
}

/// How the items of a plan stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ItemStates {
    pub open: u64,
    pub approved: u64,
    pub applied: u64,
    pub failed: u64,
    pub stale: u64,
}

/// What a kept plan holds for one person.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptItem {
    pub subject: SubjectRef,
    /// `None`: it cannot be told; `reason` says why.
    pub action: Option<Action>,
    pub destructive: bool,
    pub state: PlanItemState,
    pub reason: Message,
    pub changes: Vec<AttributeChange>,
    pub request: Option<PlannedRequest>,
    /// Why it failed or is stale.
    pub error: Option<Message>,
    pub modified: Timestamp,
}

impl Provisioning {
    /// A page of plans, the newest first.
    pub async fn kept_plans(
        &self,
        org: OrgId,
        id: AppId,
        before: Option<PlanId>,
        limit: u32,
    ) -> Result<Vec<KeptPlan>, Error> {
        let mut reader = self.reader();
        let mut plans = Vec::new();
        for plan in store::plans::page(&mut reader, org, id, before, limit).await? {
            plans.push(self.kept(org, id, plan).await?);
        }
        Ok(plans)
    }

    pub async fn kept_plan(&self, org: OrgId, id: AppId, plan: PlanId) -> Result<KeptPlan, Error> {
        let plan = store::plans::by_id(&mut self.reader(), org, id, plan).await?;
        self.kept(org, id, plan.ok_or(Error::UnknownPlan)?).await
    }

    /// A page of a plan's items, in the order of the people's ids.
    pub async fn kept_items(
        &self,
        org: OrgId,
        id: AppId,
        plan: PlanId,
        filter: &Filter,
        after: Option<SubjectId>,
        limit: u32,
    ) -> Result<Vec<KeptItem>, Error> {
        let mut reader = self.reader();
        let items = store::plan_items::page(&mut reader, org, id, plan, filter, after, limit).await?;
        items.into_iter().map(KeptItem::read).collect()
    }

    async fn kept(&self, org: OrgId, app: AppId, plan: store::plans::Plan) -> Result<KeptPlan, Error> {
        let counted = store::plan_items::counts(&mut self.reader(), org, app, plan.id).await?;
        let mut counts = PlanCounts {
            unchanged: plan.unchanged,
            skip: plan.skipped,
            ..PlanCounts::default()
        };
        let mut items = ItemStates::default();
        let mut destructive = 0;
        for Count {
            action,
            state,
            destructive: takes_away,
            items: number,
        } in counted
        {
            *counts.place(Action::parse(&action)) += number;
            *items.place(state) += number;
            destructive += if takes_away { number } else { 0 };
        }
        Ok(KeptPlan {
            id: plan.id,
            state: plan.state_at(self.ambient().now()),
            origin: Origin::read(&plan.origin)?,
            reason: read_message(&plan.reason)?,
            revision: plan.revision,
            counts,
            destructive,
            items,
            created: plan.created,
            expires: plan.expires,
            decided: plan.decided,
            finished: plan.finished,
            cycle: plan.cycle,
            actor: plan.actor,
            decided_by: plan.decided_by,
        })
    }
}

impl ItemStates {
    fn place(&mut self, state: PlanItemState) -> &mut u64 {
        match state {
            PlanItemState::Open => &mut self.open,
            PlanItemState::Approved => &mut self.approved,
            PlanItemState::Applied => &mut self.applied,
            PlanItemState::Failed => &mut self.failed,
            PlanItemState::Stale => &mut self.stale,
        }
    }
}

impl KeptItem {
    fn read(item: Item) -> Result<Self, Error> {
        let damaged = |error: serde_json::Error| Error::damaged("item of a plan", &error);
        let draft = item.draft;
        Ok(Self {
            subject: SubjectRef {
                kind: draft.kind,
                id: draft.subject,
                name: draft.subject_name,
            },
            action: Action::parse(&draft.action),
            destructive: draft.destructive,
            state: item.state,
            reason: read_message(&draft.reason)?,
            changes: serde_json::from_str(&draft.changes).map_err(damaged)?,
            request: draft
                .request
                .map(|request| serde_json::from_str(&request).map_err(damaged))
                .transpose()?,
            error: item.error.as_deref().map(read_message).transpose()?,
            modified: item.modified,
        })
    }
}
