//! `/api/v1/apps/{app}/cycles` and `…/sync`.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::CycleId;
use http::StatusCode;
use provisioning::{CycleView, Sync};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Problem, body, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// How to go on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SyncWanted)]
pub struct Wanted {
    /// Look at everybody anew, also at those who have not changed.
    #[serde(default)]
    restart: bool,
}

/// `POST /api/v1/apps/{app}/sync`: the first cycle, or the next one at once.
pub async fn sync(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let how = if wanted.restart {
        Sync::Restart
    } else {
        Sync::Continue
    };
    let asked = ("sync", json!({ "restart": wanted.restart }));
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    provisioning.note_request(org, app.id, asked, cause).await?;
    let cycle = state.provisioning.sync(org, app.id, how, caller.cause()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "cycle": render(&cycle) }))))
}

/// `GET /api/v1/apps/{app}/cycles`: the latest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let limit = page::limit(&params)?;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let cycles = state.provisioning.cycles(org, app.id, limit).await?;
    Ok(Json(
        json!({ "items": cycles.iter().map(render).collect::<Vec<_>>(), "next": null }),
    ))
}

/// `GET /api/v1/apps/{app}/cycles/{cycle}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, cycle)): Path<(String, String)>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let unknown = || Problem::not_found("cycle.unknown", format!("This app has no cycle {cycle}"));
    let id: CycleId = cycle.parse().map_err(|_| unknown())?;
    Ok(Json(render(&state.provisioning.cycle(org, app.id, id).await?)))
}

/// A cycle as the API shows it.
pub fn render(cycle: &CycleView) -> Value {
    json!({
        "id": cycle.id,
        "kind": cycle.kind.as_str(),
        "state": if cycle.finished.is_some() { "done" } else { "running" },
        "started_at": cycle.started,
        "finished_at": cycle.finished,
        "total": cycle.total,
        "done": cycle.done,
        "counts": cycle.counts,
    })
}
