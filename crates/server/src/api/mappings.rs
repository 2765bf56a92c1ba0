//! `/api/v1/apps/{app}/mappings`: which attribute becomes which.

use axum::Json;
use axum::extract::{Path, State as Extract};
use mapping::{AttributeMapping, MappingSet};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/apps/{app}/mappings`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    Ok(Json(render(&state.provisioning.mappings(org, app.id).await?)))
}

/// All mappings of an app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mappings {
    mappings: Vec<AttributeMapping>,
}

/// `PUT /api/v1/apps/{app}/mappings`: everybody is looked at anew afterwards; links stay.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Mappings>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::app(&state, org, &app).await?;
    Ok(Json(render(
        &state
            .provisioning
            .set_mappings(org, app.id, wanted.mappings, &caller.cause)
            .await?,
    )))
}

fn render(set: &MappingSet) -> Value {
    json!({ "mappings": set.rows().collect::<Vec<_>>() })
}
