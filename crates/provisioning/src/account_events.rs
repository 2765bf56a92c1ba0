//! Entries of the event trail about accounts, made out of the log's, under the names that Directory Insights uses.

use std::borrow::Cow;

use base::{AppId, Cause, LogEntryId, Message, OrgId};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::assignments::SubjectKind;
use store::events::{NewEvent, Outcome};
use store::log::{Entry, Status};
use store::{StoredId as _, Tx};

use crate::target::Exchange;

/// Notes what was done about accounts, or attempted, out of their entries in the log.
pub(crate) async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    entries: &[(LogEntryId, &Entry, &Cause)],
) -> Result<(), store::Error> {
    let events = entries
        .iter()
        .map(|(id, entry, cause)| (event(*id, entry), *cause));
    store::events::append_all(tx, org, &events.collect::<Vec<_>>()).await
}

fn event(id: LogEntryId, entry: &Entry) -> NewEvent {
    NewEvent {
        event_type: event_type(entry).to_owned(),
        outcome: match entry.status {
            Status::Success => Outcome::Succeeded,
            Status::Failure => Outcome::Failed,
        },
        resource_kind: entry.kind.as_str().to_owned(),
        resource_id: Some(entry.subject.stored()),
        doc: detail(id, entry),
    }
}

fn event_type(entry: &Entry) -> &'static str {
    // Whoever cannot be mapped was not even looked up.
    let unmapped = entry.message.code.starts_with("mapping.");
    match (entry.kind, entry.action.as_str()) {
        (SubjectKind::Group, "create") => "group_create_provision",
        (SubjectKind::Group, "delete") => "group_delete_provision",
        (SubjectKind::Group, _) => "group_update_provision",
        (SubjectKind::User, "create") => "user_create_provision",
        (SubjectKind::User, "match") if unmapped && entry.remote_id.is_none() => "user_create_provision",
        (SubjectKind::User, "match") if !unmapped => "user_lookup_provision",
        (SubjectKind::User, "disable") => "user_deprovision",
        (SubjectKind::User, "delete") => "user_delete_provision",
        (SubjectKind::User, _) => "user_update_provision",
    }
}

/// What an event says of an account.
#[derive(Serialize)]
struct Detail<'a> {
    name: &'a str,
    application: Application<'a>,
    action: &'a str,
    remote_id: Option<&'a str>,
    changes: Vec<Changed<'a>>,
    attempt: i64,
    log_id: LogEntryId,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

#[derive(Serialize)]
struct Application<'a> {
    id: AppId,
    name: &'a str,
}

#[derive(Serialize)]
struct Changed<'a> {
    field: &'a str,
    from: Option<&'a RawValue>,
    to: Option<&'a RawValue>,
}

/// An [`AttributeChange`](crate::plan::AttributeChange) as it stands in the log; its values are copied as they are.
#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    attribute: Cow<'a, str>,
    #[serde(borrow)]
    old: Option<&'a RawValue>,
    #[serde(borrow)]
    new: Option<&'a RawValue>,
    waits_for: Option<IgnoredAny>,
}

fn detail(id: LogEntryId, entry: &Entry) -> String {
    let changes: Vec<Change<'_>> = serde_json::from_str(&entry.changes).unwrap_or_default();
    let has_failed = entry.status == Status::Failure;
    let exchanges: Vec<Exchange> = if has_failed {
        serde_json::from_str(&entry.exchanges).unwrap_or_default()
    } else {
        Vec::new()
    };
    let detail = Detail {
        name: &entry.subject_name,
        application: Application {
            id: entry.app,
            name: &entry.app_name,
        },
        action: &entry.action,
        remote_id: entry.remote_id.as_deref(),
        changes: changes
            .iter()
            .filter(|change| change.waits_for.is_none())
            .map(|change| Changed {
                field: &change.attribute,
                from: change.old,
                to: change.new,
            })
            .collect(),
        attempt: entry.attempt,
        log_id: id,
        error: has_failed.then_some(&entry.message),
        status: exchanges.last().and_then(|last| last.status),
    };
    serde_json::to_string(&detail).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(kind: SubjectKind, action: &str, code: &str, remote_id: Option<&str>) -> Entry {
        let ambient = base::Ambient::system();
        Entry {
            app: ambient.id(),
            app_name: "Webex".to_owned(),
            cycle: None,
            subject: ambient.id(),
            kind,
            subject_name: "anna".to_owned(),
            action: action.to_owned(),
            status: Status::Success,
            duration: 0,
            remote_id: remote_id.map(str::to_owned),
            changes: "[]".to_owned(),
            exchanges: "[]".to_owned(),
            explanation: "{}".to_owned(),
            attempt: 1,
            next_attempt: None,
            message: Message::new(code),
        }
    }

    #[test]
    fn every_action_has_its_name() {
        use SubjectKind::{Group, User};
        for (kind, action, code, remote_id, name) in [
            (User, "create", "scope.all", None, "user_create_provision"),
            (User, "link", "scope.all", Some("1"), "user_update_provision"),
            (User, "update", "scope.all", Some("1"), "user_update_provision"),
            (User, "enable", "scope.all", Some("1"), "user_update_provision"),
            (User, "disable", "plan.gone", Some("1"), "user_deprovision"),
            (User, "delete", "plan.gone", Some("1"), "user_delete_provision"),
            (User, "match", "match.ambiguous", None, "user_lookup_provision"),
            (User, "match", "target.broken", Some("1"), "user_lookup_provision"),
            (User, "match", "mapping.failed", None, "user_create_provision"),
            (
                User,
                "match",
                "mapping.failed",
                Some("1"),
                "user_update_provision",
            ),
            (Group, "create", "scope.all", None, "group_create_provision"),
            (Group, "update", "scope.all", Some("1"), "group_update_provision"),
            (Group, "delete", "scope.all", Some("1"), "group_delete_provision"),
        ] {
            assert_eq!(
                event_type(&entry(kind, action, code, remote_id)),
                name,
                "{action} {code}"
            );
        }
    }

    #[test]
    fn it_says_what_changed_and_why_it_failed() {
        let mut entry = entry(SubjectKind::User, "update", "target.refused", Some("1"));
        entry.status = Status::Failure;
        entry.changes = json!([
            { "attribute": "title", "old": null, "new": "Lead \"A\"" },
            { "attribute": "a\u{1}b", "old": { "a": [1, 2.5] }, "new": null },
            { "attribute": "manager", "old": null, "new": null, "waits_for": "Bea" },
        ])
        .to_string();
        let id = base::Ambient::system().id();
        let detail: Value = serde_json::from_str(&detail(id, &entry)).expect("JSON");
        let expected = json!({
            "name": "anna",
            "application": { "id": entry.app, "name": "Webex" },
            "action": "update",
            "remote_id": "1",
            "changes": [
                { "field": "title", "from": null, "to": "Lead \"A\"" },
                { "field": "a\u{1}b", "from": { "a": [1, 2.5] }, "to": null },
            ],
            "attempt": 1,
            "log_id": id,
            "error": entry.message,
        });
        assert_eq!(detail, expected);
    }
}
