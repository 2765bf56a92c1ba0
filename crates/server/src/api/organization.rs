//! `/api/v1/organization`: the token's own.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as Extract;
use base::OrgId;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/organization`.
pub async fn read(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(render(&state, caller.principal.org).await?))
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrganizationChange)]
pub struct Update {
    #[schema(schema_with = given::maybe_name)]
    name: Option<String>,
    /// Settings by their names; others stay.
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

/// `PATCH /api/v1/organization`: another name, and settings; all or none.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(update): body::Json<Update>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let changes: Vec<_> = update.settings.into_iter().collect();
    if update.name.is_some() || !changes.is_empty() {
        state
            .directory
            .change_organization(caller.cause(), org, update.name.as_deref(), &changes)
            .await?;
    }
    Ok(Json(render(&state, org).await?))
}

async fn render(state: &State, org: OrgId) -> Result<Value, Problem> {
    let organization = state.directory.organization(org).await?;
    let settings = state.directory.settings(organization.id).await?;
    let settings: Map<_, _> = settings
        .list()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
    Ok(json!({
        "id": organization.id,
        "name": organization.name,
        "created_at": organization.created,
        "settings": settings,
    }))
}
