//! `/api/v1/sessions`: who of the organization is signed in, and where.

use access::SessionView;
use axum::Json;
use axum::extract::{Path, State as Extract};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Problem, page, resolve};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/sessions?person&after&limit`: those that are going, the oldest first.
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
    let sessions = state.access.sessions(org, person, after, limit).await?;
    let cursor = sessions.last().map(|session| session.id.to_string());
    let items = sessions.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `DELETE /api/v1/sessions/{session}`: its browser is signed out.
pub async fn end(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(session): Path<String>,
) -> Result<StatusCode, Problem> {
    let session = session.parse().map_err(|_| access::Error::UnknownSession)?;
    state
        .access
        .end_session(caller.cause(), caller.principal.org, session)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn render(session: &SessionView) -> Value {
    json!({
        "id": session.id,
        "person": { "id": session.user, "user_name": session.user_name },
        "created_at": session.created,
        "last_used_at": session.last_used,
        "expires_at": session.expires,
        "client_ip": session.network_address,
        "user_agent": session.user_agent,
    })
}
