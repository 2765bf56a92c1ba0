//! `/api/v1/apps/{app}/drift` and `…/reconcile`: what the target has changed by itself, in accounts and in groups.

use axum::Json;
use axum::extract::{Path, State as Extract};
use http::StatusCode;
use provisioning::{DriftItem, DriftKind, DriftView, Reconcile, ReconciliationView, SubjectKind};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::openapi::shape::{Shape, words};
use super::{Problem, body, message, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// What is to be done about what is found.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReconcileWanted)]
pub struct Wanted {
    /// As the app's settings say, if left out.
    #[schema(schema_with = given::drift_mode)]
    mode: Option<Mode>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Report,
    Correct,
}

impl Mode {
    fn as_str(&self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Correct => "correct",
        }
    }
}

/// `POST /api/v1/apps/{app}/reconcile`: lists the target's accounts and compares them, from now on.
pub async fn reconcile(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let how = match &wanted.mode {
        None => Reconcile::AsSet,
        Some(Mode::Report) => Reconcile::Report,
        Some(Mode::Correct) => Reconcile::Correct,
    };
    let asked = (
        "reconcile",
        json!({ "mode": wanted.mode.as_ref().map(Mode::as_str) }),
    );
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    provisioning.note_request(org, app.id, asked, cause).await?;
    let begun = state
        .provisioning
        .reconcile(org, app.id, how, caller.cause())
        .await?;
    let body = json!({ "reconciliation": reconciliation(&begun) });
    Ok((StatusCode::ACCEPTED, Json(body)))
}

/// `GET /api/v1/apps/{app}/drift?kind=`.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let after = page::text(&params, "after")?;
    let after = after.as_deref().map(place).transpose()?;
    let kinds = DriftKind::ALL.map(DriftKind::as_str);
    let kind = page::one_of(&params, "kind", &kinds)?;
    let kind = kind.as_deref().and_then(DriftKind::read);
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let items = state
        .provisioning
        .drift_items(org, app.id, kind, after, limit)
        .await?;
    let cursor = items
        .last()
        .map(|item| format!("{}:{}", item.of.as_str(), item.remote_id));
    let mut answer = page::page(items.iter().map(item).collect(), limit, cursor);
    let found = state.provisioning.drift(org, app.id).await?;
    answer["counts"] = json!(found.counts);
    answer["reconciliation"] = json!(found.reconciliation.as_ref().map(reconciliation));
    Ok(Json(answer))
}

/// What can have happened to an account.
pub fn kinds() -> Shape {
    words(DriftKind::ALL.map(DriftKind::as_str))
}

/// A place in the list: `user:4711`.
fn place(text: &str) -> Result<(SubjectKind, &str), Problem> {
    let place = text.split_once(':').and_then(|(kind, id)| match kind {
        "user" => Some((SubjectKind::User, id)),
        "group" => Some((SubjectKind::Group, id)),
        _ => None,
    });
    place
        .ok_or_else(|| Problem::bad_request("after", format!("after is not a cursor of this list: {text:?}")))
}

/// Drift, as the status of an app shows it.
pub fn render(drift: &DriftView) -> Value {
    json!({
        "counts": drift.counts,
        "reconciliation": drift.reconciliation.as_ref().map(reconciliation),
    })
}

fn reconciliation(view: &ReconciliationView) -> Value {
    json!({
        "id": view.id,
        "state": view.state.as_str(),
        "mode": view.mode,
        "started_at": view.started,
        "finished_at": view.finished,
        "listed": view.listed,
        "total": view.total,
        "groups_listed": view.groups,
        "read": view.read,
        "recent": view.recent,
        "new": view.news,
        "corrected": view.corrected,
        "error": view.error.as_ref().map(message::render),
    })
}

fn item(item: &DriftItem) -> Value {
    let changes: Vec<_> = item
        .changes
        .iter()
        .map(|change| json!({ "attribute": change.attribute, "ours": change.old, "theirs": change.new }))
        .collect();
    json!({
        "resource": item.of.as_str(),
        "remote_id": item.remote_id,
        "name": item.name,
        "subject": item.subject.as_ref().map(|subject| json!({ "id": subject.id, "name": subject.name })),
        "kind": item.kind.as_str(),
        "changes": changes,
        "found_at": item.found,
    })
}
