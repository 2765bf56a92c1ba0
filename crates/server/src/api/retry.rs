//! `/api/v1/apps/{app}/retry`.

use axum::Json;
use axum::extract::{Path, State as Extract};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Problem, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// Whom to try anew.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Retry)]
pub struct Wanted {
    /// Id or userName; everybody who has failed, if left out.
    user: Option<String>,
}

/// `POST /api/v1/apps/{app}/retry`: what has failed is tried at once.
pub async fn retry(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = resolve::provisioned_app(&state, org, &app).await?;
    let asked = ("retry", json!({ "user": wanted.user }));
    let (provisioning, cause) = (&state.provisioning, caller.cause());
    provisioning.note_request(org, app.id, asked, cause).await?;
    let subject = match &wanted.user {
        None => None,
        // Whoever is gone for good may still have an account that cannot be taken away.
        Some(user) => Some(match user.parse() {
            Ok(id) => id,
            Err(_) => resolve::person(&state, org, user).await?.id.into(),
        }),
    };
    let retried = state.provisioning.retry(org, app.id, subject).await?;
    Ok(Json(
        json!({ "retried": retried.people, "hold_lifted": retried.hold_lifted }),
    ))
}
