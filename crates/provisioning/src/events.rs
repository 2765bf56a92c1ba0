//! Entries of the event trail about apps, under the names that JumpCloud's Directory Insights uses.

use base::{AppId, Cause, OrgId, PlanId};
use serde_json::json;
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx};

/// What was done to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Activate,
    Update,
    Reauthorize,
    Delete,
}

impl Note {
    fn event_type(self) -> &'static str {
        match self {
            Self::Activate => "idm_integration_activate",
            Self::Update => "idm_integration_update",
            Self::Reauthorize => "idm_integration_reauth",
            Self::Delete => "idm_integration_delete",
        }
    }
}

pub(crate) async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    name: &str,
    note: Note,
    cause: &Cause,
) -> Result<(), store::Error> {
    let event = NewEvent {
        event_type: note.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: json!({ "name": name }).to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}

/// What was done about a kept plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanNote {
    Create,
    Approve,
    Discard,
}

impl PlanNote {
    fn event_type(self) -> &'static str {
        match self {
            Self::Create => "idm_plan_create",
            Self::Approve => "idm_plan_approve",
            Self::Discard => "idm_plan_discard",
        }
    }
}

/// Notes it, with how many items the plan has by then.
pub(crate) async fn note_plan(
    tx: &mut Tx<'_>,
    org: OrgId,
    (app, plan): (AppId, PlanId),
    name: &str,
    note: PlanNote,
    cause: &Cause,
) -> Result<(), store::Error> {
    let mut counts = serde_json::Map::new();
    for count in store::plan_items::counts(tx, org, app, plan).await? {
        let items = counts.entry(count.action).or_insert(json!(0));
        *items = json!(items.as_u64().unwrap_or_default() + count.items);
    }
    let event = NewEvent {
        event_type: note.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: json!({ "name": name, "plan": plan, "counts": counts }).to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}
