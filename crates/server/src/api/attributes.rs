//! `/api/v1/apps/{app}/attributes`: what attributes accounts at the target have.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{AppChange, CustomAttribute, SettingsChange};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/apps/{app}/attributes`: those of the target's schemas, then those that are declared.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let attributes = state.provisioning.target_attributes(org, app.id).await?;
    Ok(Json(json!({ "attributes": attributes })))
}

/// What the target has beside the attributes of its schemas.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeclaredAttributes)]
pub struct Declared {
    #[schema(schema_with = given::custom_attributes)]
    custom: Vec<CustomAttribute>,
}

/// `PUT /api/v1/apps/{app}/attributes`: all that are declared.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(declared): body::Json<Declared>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let change = AppChange {
        settings: SettingsChange {
            custom_attributes: Some(declared.custom),
            ..SettingsChange::default()
        },
        ..AppChange::default()
    };
    let provisioning = &state.provisioning;
    provisioning
        .update_app(org, app.id, change, caller.cause())
        .await?;
    let attributes = provisioning.target_attributes(org, app.id).await?;
    Ok(Json(json!({ "attributes": attributes })))
}
