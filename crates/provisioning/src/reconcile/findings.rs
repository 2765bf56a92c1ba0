//! What is found about an account or a group, and what the log says of it.

use base::Message;
use serde_json::Value;
use store::assignments::SubjectKind;
use store::drift::{Draft, Kind};
use store::links::Link;
use store::log::{Entry, Status};

use crate::account::member;
use crate::apps::revision::to_json;
use crate::engine::errands::Halt;
use crate::engine::{Config, Source};
use crate::explanation::{Explanation, Found};
use crate::plan::AttributeChange;
use crate::target::{Exchange, Found as Account};

/// What was found about one account, and what the log says of it.
pub(super) struct Finding {
    pub(super) drift: Draft,
    pub(super) entry: Option<Entry>,
}

/// Of an account that is somebody's.
pub(super) fn finding(
    config: &Config,
    (source, link): (&Source, &Link),
    (kind, changes): (Kind, &[AttributeChange]),
    log: &[Exchange],
) -> Result<Finding, Halt> {
    let drift = Draft {
        subject_kind: config.kind,
        remote_id: link.remote_id.clone(),
        subject: Some(link.subject),
        kind,
        name: source.name.clone(),
        changes: to_json(&changes)?,
    };
    let entry = entry(config, source, &drift, log)?;
    Ok(Finding {
        drift,
        entry: Some(entry),
    })
}

/// Of one that is nobody's.
pub(super) fn unlinked(config: &Config, account: &Account) -> Finding {
    let text = |name: &str| member(&account.resource, name).and_then(Value::as_str);
    let name = text("userName").or_else(|| text("displayName"));
    Finding {
        drift: Draft {
            subject_kind: config.kind,
            remote_id: account.id.clone(),
            subject: None,
            kind: Kind::Unlinked,
            name: name.unwrap_or(&account.id).to_owned(),
            changes: "[]".to_owned(),
        },
        entry: None,
    }
}

/// What the log says of it. The cycle is that of the reconciliation.
fn entry(config: &Config, source: &Source, drift: &Draft, log: &[Exchange]) -> Result<Entry, Halt> {
    let code = match (drift.subject_kind, drift.kind) {
        (SubjectKind::Group, Kind::Vanished) => "drift.group_vanished".to_owned(),
        (_, kind) => format!("drift.{}", kind.as_str()),
    };
    Ok(Entry {
        app: config.app,
        app_name: config.name.clone(),
        cycle: None,
        subject: source.subject,
        kind: config.kind,
        subject_name: source.name.clone(),
        action: "drift".to_owned(),
        status: Status::Success,
        duration: 0,
        remote_id: Some(drift.remote_id.clone()),
        changes: drift.changes.clone(),
        exchanges: to_json(&log)?,
        explanation: to_json(&Explanation::of(config, source, None, Found::Linked))?,
        attempt: 1,
        next_attempt: None,
        message: Message::new(code),
    })
}
