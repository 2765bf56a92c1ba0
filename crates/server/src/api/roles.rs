//! `/api/v1/people/{person}/role`: what somebody may do.

use access::Role;
use axum::Json;
use axum::extract::{Path, State as Extract};
use directory::GivenRole;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleGiven)]
pub struct Wanted {
    #[schema(schema_with = given::role)]
    role: String,
}

/// `PUT /api/v1/people/{person}/role`: this role, in place of the one before.
pub async fn give(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let Ok(role) = wanted.role.parse::<Role>() else {
        let known = Role::ALL.map(Role::name).join(", ");
        let detail = format!("There is no role {:?}; there are: {known}", wanted.role);
        return Err(Problem::bad_request("role.unknown", detail));
    };
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    let given = match role {
        Role::None => GivenRole::None,
        role => GivenRole::One(role.name()),
    };
    state
        .directory
        .give_role(caller.cause(), org, user.id, given)
        .await?;
    Ok(Json(
        json!({ "id": user.id, "user_name": user.user_name, "role": role.name() }),
    ))
}
