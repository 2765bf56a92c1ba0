//! `/api/v1/grants`: whom people have let in.

use access::GrantView;
use axum::Json;
use axum::extract::{Path, State as Extract};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Problem, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/grants?person&after&limit`: those that have not ended, the oldest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let org = caller.principal.org;
    let person = match params.get("person") {
        Some(person) => Some(resolve::person(&state, org, person).await?.id),
        None => None,
    };
    let grants = state.access.grants(org, person, after, limit).await?;
    let cursor = grants.last().map(|grant| grant.id.to_string());
    let items = grants.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `DELETE /api/v1/grants/{grant}`: the client is let in no more, and all that came of it opens nothing.
pub async fn end(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(grant): Path<String>,
) -> Result<StatusCode, Problem> {
    let grant = grant.parse().map_err(|_| access::Error::UnknownGrant)?;
    let org = caller.principal.org;
    state.access.end_grant(caller.cause(), org, grant).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn render(grant: &GrantView) -> Value {
    json!({
        "id": grant.id,
        "person": { "id": grant.user, "user_name": grant.user_name },
        "client": { "id": grant.client, "name": grant.client_name },
        "scopes": grant.scopes,
        "created_at": grant.created,
        "expires_at": grant.expires,
    })
}
