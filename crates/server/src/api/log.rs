//! `/api/v1/log`: what was done to whose account, with request and response.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{Explanation, LogEntry, LogFilter, LogStatus};
use serde_json::{Value, json};

use super::{Problem, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `match`: it was not found out which account it is.
pub const ACTIONS: [&str; 11] = [
    "create",
    "link",
    "update",
    "enable",
    "disable",
    "delete",
    "unchanged",
    "skip",
    "match",
    "drift",
    "import",
];

/// `GET /api/v1/log?app&user&group&cycle&action&status&from&until&after&limit&order`: the latest first, unless `order=asc`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let app = match params.get("app") {
        // An app that was removed is found by id still.
        Some(app) => Some(match app.parse() {
            Ok(id) => id,
            Err(_) => resolve::app(&state, org, app).await?.id,
        }),
        None => None,
    };
    // Whoever is gone for good is found by id still.
    let subject = match (params.get("user"), params.get("group")) {
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request(
                "group",
                "ask for a user or for a group, not for both",
            ));
        }
        (Some(user), None) => Some(match user.parse() {
            Ok(id) => id,
            Err(_) => resolve::person(&state, org, user).await?.id.into(),
        }),
        (None, Some(group)) => Some(match group.parse() {
            Ok(id) => id,
            Err(_) => resolve::group(&state, org, group).await?.id.into(),
        }),
        (None, None) => None,
    };
    let filter = LogFilter {
        app,
        subject,
        cycle: parsed(&params, "cycle")?,
        action: page::one_of(&params, "action", &ACTIONS)?,
        status: status(&params)?,
        from: page::time(&params, "from")?,
        until: page::time(&params, "until")?,
        after: page::after(&params)?,
        order: page::order(&params)?,
    };
    let entries = state.provisioning.log(org, &filter, limit).await?;
    let cursor = entries.last().map(|entry| entry.id.to_string());
    let items = entries.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/log/{entry}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(entry): Path<String>,
) -> Result<Json<Value>, Problem> {
    let unknown = || Problem::not_found("log.unknown", format!("The log has no entry {entry}"));
    let id = entry.parse().map_err(|_| unknown())?;
    let found = state.provisioning.log_entry(caller.principal.org, id).await?;
    Ok(Json(render(&found)))
}

fn status(params: &Params) -> Result<Option<LogStatus>, Problem> {
    match params.get_even_empty("status") {
        None => Ok(None),
        Some("success") => Ok(Some(LogStatus::Success)),
        Some("failure") => Ok(Some(LogStatus::Failure)),
        Some(other) => Err(Problem::bad_request(
            "status",
            format!("status is success or failure, not {other:?}"),
        )),
    }
}

fn parsed<T: std::str::FromStr>(params: &Params, name: &str) -> Result<Option<T>, Problem> {
    let Some(text) = params.get_even_empty(name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Problem::bad_request(name, format!("{name} is not an id: {text:?}")))
}

pub fn render(entry: &LogEntry) -> Value {
    let last = entry.exchanges.last();
    let Explanation {
        source,
        in_scope,
        scope,
        found,
        mappings,
    } = &entry.explanation;
    json!({
        "id": entry.id,
        "at": entry.at,
        "app": entry.app_name,
        "app_id": entry.app,
        "cycle_id": entry.cycle,
        "subject": entry.subject,
        "action": entry.action,
        "status": entry.status.as_str(),
        "source": source,
        "scope": { "in_scope": in_scope, "code": scope.code, "text": provisioning::text(scope) },
        "match": { "result": found, "remote_id": entry.remote_id },
        "mappings": mappings,
        "changes": entry.changes,
        "request": last.map(|last| json!({ "method": last.method, "url": last.url, "body": last.request })),
        "response": last.map(|last| json!({ "status": last.status, "body": last.response })),
        "exchanges": entry.exchanges,
        "duration_ms": entry.duration_ms,
        "attempt": entry.attempt,
        "next_attempt": entry.next_attempt,
        "code": entry.message.code,
        "text": provisioning::text(&entry.message),
        "actor": entry.actor,
        "correlation_id": entry.correlation,
    })
}
