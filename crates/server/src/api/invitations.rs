//! `/api/v1/people/{person}/invitation`: the mail by which somebody shows that the address is theirs, and gets in.

use axum::Json;
use axum::extract::{Path, State as Extract};
use serde_json::{Value, json};

use super::{Problem, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `POST /api/v1/people/{person}/invitation`: sends one; the one before is good no more.
pub async fn send(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let user = resolve::person(&state, org, &person).await?;
    let invited = state.directory.invite(caller.cause(), org, user.id).await?;
    Ok(Json(json!({
        "id": user.id,
        "user_name": invited.user_name,
        "address": invited.address,
        "expires_at": invited.expires,
    })))
}
