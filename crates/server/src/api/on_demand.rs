//! `POST /api/v1/apps/{app}/provision-on-demand`: one person, now, with every step.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{Found, OnDemand, OnDemandResult, Subject};
use serde_json::{Value, json};

use super::openapi::shape::{Shape, words};
use super::person_preview::{Wanted, render};
use super::{Problem, body, log, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `POST /api/v1/apps/{app}/provision-on-demand`.
pub async fn provision(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let subject = wanted.subject(&state, org).await?;
    let said = match subject {
        Subject::User(id) => json!({ "user": id }),
        Subject::Group(id) => json!({ "group": id }),
    };
    let asked = ("provision_on_demand", said);
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    provisioning.note_request(org, app.id, asked, cause).await?;
    let done = state
        .provisioning
        .provision_on_demand(org, app.id, subject, caller.cause())
        .await?;
    let mut answer = render(&done.preview);
    answer["result"] = json!(done.result.as_str());
    answer["reason"] = json!(provisioning::text(&done.reason));
    answer["code"] = json!(done.reason.code);
    answer["steps"] = steps(&done);
    answer["log_entry"] = done.entry.as_ref().map_or(Value::Null, log::render);
    Ok(Json(answer))
}

/// What can come of it.
pub fn results() -> Shape {
    words([
        "success",
        "failure",
        "unchanged",
        "skipped",
        "awaits_approval",
        "waits",
    ])
}

/// The steps of Entra ID's provisioning on demand: read, scope, match, plan, perform.
fn steps(done: &OnDemand) -> Value {
    let explanation = &done.preview.explanation;
    let step =
        |name: &str, status: &str, text: String| json!({ "name": name, "status": status, "text": text });
    let person = match &explanation.source {
        Some(source) => format!("read as of version {}", source.version),
        None => "removed from the directory".to_owned(),
    };
    let matched = match (explanation.found, &done.preview.remote_id) {
        (Found::Unknown, _) if done.preview.action.is_none() => {
            ("failure", "it could not be told".to_owned())
        }
        (Found::Unknown, _) => ("skipped", "nobody looked for an account".to_owned()),
        (found, Some(id)) => ("success", format!("{}: the account {id}", found.as_str())),
        (found, None) => ("success", found.as_str().to_owned()),
    };
    let planned = match done.preview.action {
        Some(action) => (
            "success",
            format!(
                "{}: {}",
                action.as_str(),
                provisioning::text(&done.preview.reason)
            ),
        ),
        None => ("failure", provisioning::text(&done.preview.reason)),
    };
    let performed = match done.result {
        OnDemandResult::Success => "success",
        OnDemandResult::Failure => "failure",
        OnDemandResult::Unchanged
        | OnDemandResult::Skipped
        | OnDemandResult::AwaitsApproval
        | OnDemandResult::Waits => "skipped",
    };
    let outcome = match (done.result, done.preview.action) {
        (OnDemandResult::Success, Some(action)) => format!("{}: done", action.as_str()),
        _ => provisioning::text(&done.reason),
    };
    let mut perform = step("perform", performed, outcome);
    let exchanges = done.entry.as_ref().map(|entry| json!(entry.exchanges));
    perform["exchanges"] = exchanges.unwrap_or_else(|| json!([]));
    json!([
        step("read", "success", person),
        step(
            "scope",
            if explanation.in_scope {
                "success"
            } else {
                "skipped"
            },
            provisioning::text(&explanation.scope),
        ),
        step("match", matched.0, matched.1),
        step("plan", planned.0, planned.1),
        perform,
    ])
}
