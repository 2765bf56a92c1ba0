//! `/api/v1/apps/{app}/filter`: who of those in scope is let in.

use axum::Json;
use axum::extract::{Path, State as Extract};
use mapping::scope::{ClauseGroup, ScopingFilter};
use provisioning::{AppChange, SettingsChange, Tried};
use serde::Deserialize;
use utoipa::ToSchema;

use super::openapi::given;
use super::refusals::noted;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/apps/{app}/filter`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<ScopingFilter>, Problem> {
    let app = resolve::provisioned_app(&state, caller.principal.org, &app).await?;
    Ok(Json(app.settings.filter))
}

/// A whole filter; `groups` must be there, so that nothing by accident lets everybody in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FilterGiven)]
pub struct Wanted {
    #[schema(schema_with = given::clause_groups)]
    groups: Vec<ClauseGroup>,
}

/// `PUT /api/v1/apps/{app}/filter`: everybody is looked at anew afterwards; links stay.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<ScopingFilter>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let filter = ScopingFilter {
        groups: wanted.groups,
    };
    let checked = provisioning::check_filter(&filter, &caller.types).map_err(Problem::from);
    noted((&state, &caller), (Some(app.id), Tried::Update), checked).await?;
    let change = AppChange {
        settings: SettingsChange {
            filter: Some(filter),
            ..SettingsChange::default()
        },
        ..AppChange::default()
    };
    let changed = state
        .provisioning
        .update_app(org, app.id, change, caller.cause())
        .await?;
    Ok(Json(changed.settings.filter))
}
