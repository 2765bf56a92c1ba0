//! `/api/v1/apps/{app}/synchronization-schema`: an app's configuration in the form of Microsoft Graph.

use axum::Json;
use axum::extract::{Path, State as Extract};
use provisioning::{Brought, Run, Unfit};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/apps/{app}/synchronization-schema`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let schema = state.provisioning.synchronization_schema(org, app.id).await?;
    Ok(Json(schema))
}

/// A schema, and how it is brought along.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SynchronizationSchemaGiven)]
pub struct Wanted {
    #[schema(schema_with = given::definition)]
    schema: Value,
    #[serde(default)]
    #[schema(schema_with = given::unfit)]
    unfit: HowUnfit,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HowUnfit {
    #[default]
    Refuse,
    LeaveOut,
}

/// `POST /api/v1/apps/{app}/synchronization-schema`: everybody is looked at anew afterwards; links stay.
pub async fn import(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let unfit = match wanted.unfit {
        HowUnfit::Refuse => Unfit::Refuse,
        HowUnfit::LeaveOut => Unfit::LeaveOut,
    };
    let run = if wanted.dry_run { Run::Dry } else { Run::Real };
    let Brought {
        mappings,
        groups,
        filter,
        custom_attributes,
        switches,
        notes,
    } = state
        .provisioning
        .import_synchronization_schema(
            org,
            app.id,
            &wanted.schema,
            (unfit, run),
            &caller.types,
            caller.cause(),
        )
        .await?;
    Ok(Json(json!({
        "mappings": mappings,
        "group_mappings": groups.as_ref().map(|(set, _)| set),
        "groups": groups.as_ref().map(|(_, scope)| scope),
        "filter": filter,
        "custom_attributes": custom_attributes,
        "switches": switches,
        "notes": notes,
    })))
}
