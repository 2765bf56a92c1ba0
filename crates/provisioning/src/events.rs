//! Entries of the event trail about apps, under the names that JumpCloud's Directory Insights uses.

use base::{AppId, Cause, OrgId, PlanId};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx};

/// What was done to an app, or attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Create,
    Activate,
    Update,
    Reauthorize,
    Delete,
}

impl Note {
    pub(crate) fn event_type(self) -> &'static str {
        match self {
            Self::Create => "application_create",
            Self::Activate => "idm_integration_activate",
            Self::Update => "idm_integration_update",
            Self::Reauthorize => "idm_integration_reauth",
            Self::Delete => "idm_integration_delete",
        }
    }
}

/// Notes what was done to an app.
pub(crate) async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    name: &str,
    note: Note,
    cause: &Cause,
) -> Result<(), store::Error> {
    note_changes(tx, (org, app), name, note, &[], cause).await
}

/// The same with what has changed by it.
pub(crate) async fn note_changes(
    tx: &mut Tx<'_>,
    (org, app): (OrgId, AppId),
    name: &str,
    note: Note,
    changes: &[Value],
    cause: &Cause,
) -> Result<(), store::Error> {
    let mut detail = json!({ "name": name });
    if !changes.is_empty() {
        detail["changes"] = changes.into();
    }
    let event = NewEvent {
        event_type: note.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: detail.to_string(),
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
    let counts = item_counts(tx, org, (app, plan)).await?;
    let event = NewEvent {
        event_type: note.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: json!({ "name": name, "plan": plan, "counts": counts }).to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}

/// `[{"field", "from", "to"}]` of what differs between two objects. Members that are objects are looked into.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, new) in after {
        let old = before.get(name).unwrap_or(&Value::Null);
        if new.is_object() && old.is_object() {
            found.extend(differences(old, new));
        } else if old != new {
            found.push(json!({ "field": name, "from": old, "to": new }));
        }
    }
    found
}

/// How many items of each action a plan has.
pub(crate) async fn item_counts(
    tx: &mut Tx<'_>,
    org: OrgId,
    (app, plan): (AppId, PlanId),
) -> Result<Value, store::Error> {
    let mut counts = serde_json::Map::new();
    for count in store::plan_items::counts(tx, org, app, plan).await? {
        let items = counts.entry(count.action).or_insert(json!(0));
        *items = json!(items.as_u64().unwrap_or_default() + count.items);
    }
    Ok(Value::Object(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_looked_for_inside() {
        let before =
            json!({ "scope": "all", "switches": { "create": true, "delete": true }, "concurrency": 8 });
        let after =
            json!({ "scope": "all", "switches": { "create": true, "delete": false }, "concurrency": 9 });
        assert_eq!(
            differences(&before, &after),
            [
                json!({ "field": "delete", "from": true, "to": false }),
                json!({ "field": "concurrency", "from": 8, "to": 9 }),
            ]
        );
    }
}
