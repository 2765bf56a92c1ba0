//! `/api/v1/apps/{app}/drift` and `…/reconcile`: what the target has changed by itself.

use axum::Json;
use axum::extract::{Path, State as Extract};
use http::StatusCode;
use provisioning::{DriftItem, DriftKind, DriftView, Reconcile, ReconciliationView};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Problem, body, message, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// What is to be done about what is found.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// As the app's settings say, if left out.
    mode: Option<Mode>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Report,
    Correct,
}

/// `POST /api/v1/apps/{app}/reconcile`: lists the target's accounts and compares them, from now on.
pub async fn reconcile(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    let how = match wanted.mode {
        None => Reconcile::AsSet,
        Some(Mode::Report) => Reconcile::Report,
        Some(Mode::Correct) => Reconcile::Correct,
    };
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
    let kinds = DriftKind::ALL.map(DriftKind::as_str);
    let kind = page::one_of(&params, "kind", &kinds)?;
    let kind = kind.as_deref().and_then(DriftKind::read);
    let app = resolve::app(&state, org, &app).await?;
    let items = state
        .provisioning
        .drift_items(org, app.id, kind, after.as_deref(), limit)
        .await?;
    let cursor = items.last().map(|item| item.remote_id.clone());
    let mut answer = page::page(items.iter().map(item).collect(), limit, cursor);
    let found = state.provisioning.drift(org, app.id).await?;
    answer["counts"] = json!(found.counts);
    answer["reconciliation"] = json!(found.reconciliation.as_ref().map(reconciliation));
    Ok(Json(answer))
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
        "read": view.read,
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
        "remote_id": item.remote_id,
        "name": item.name,
        "subject": item.subject.as_ref().map(|subject| json!({ "id": subject.id, "name": subject.name })),
        "kind": item.kind.as_str(),
        "changes": changes,
        "found_at": item.found,
    })
}
