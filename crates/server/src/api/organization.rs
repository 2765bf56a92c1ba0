//! `/api/v1/organization`: the token's own.

use axum::Json;
use axum::extract::State as Extract;
use serde_json::{Map, Value, json};

use super::Problem;
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/organization`.
pub async fn read(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let organization = state.directory.organization(caller.principal.org).await?;
    let settings = state.directory.settings(organization.id).await?;
    let settings: Map<_, _> = settings
        .list()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    Ok(Json(json!({
        "id": organization.id,
        "name": organization.name,
        "created_at": organization.created,
        "settings": settings,
    })))
}
