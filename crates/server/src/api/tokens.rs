//! `/api/v1/tokens`: bearer tokens of the organization.

use access::{NewToken, Replaced, Replacement, Scopes, TokenView};
use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::TokenId;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/tokens`: the oldest first, also those that open nothing any more.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let limit = page::limit(&params)?;
    let after = page::after(&params)?;
    let tokens = state.access.tokens(caller.principal.org, after, limit).await?;
    let cursor = tokens.last().map(|token| token.id.to_string());
    let items = tokens.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/tokens/{token}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Json<Value>, Problem> {
    let token = state.access.token(caller.principal.org, named(&token)?).await?;
    Ok(Json(render(&token)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub struct Wanted {
    name: String,
    #[schema(schema_with = given::scopes)]
    scopes: Option<Vec<String>>,
    #[serde(default = "year")]
    #[schema(minimum = 1, maximum = 3650)]
    days: u32,
}

fn year() -> u32 {
    365
}

/// `POST /api/v1/tokens`: one more token of the caller's owner. It is in this answer, and never again.
pub async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let scopes = match &wanted.scopes {
        None => Scopes::for_provisioning(),
        Some(scopes) => scopes
            .join(" ")
            .parse()
            .map_err(|error: access::UnknownScope| Problem::bad_request("token.scope", error.to_string()))?,
    };
    let principal = &caller.principal;
    let new = NewToken {
        org: principal.org,
        name: wanted.name,
        owner: principal.as_owner(),
        scopes,
        days: wanted.days,
    };
    let issued = state.access.create_token(caller.cause(), new).await?;
    let answer = json!({ "id": issued.id, "token": issued.token.expose(), "expires_at": issued.expires });
    let headers = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(answer)).into_response())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenSuccessor)]
pub struct Successor {
    /// How long the token before is good yet.
    #[schema(schema_with = given::overlap_hours)]
    overlap_hours: Option<u32>,
    /// How long the new one lives.
    #[serde(default = "year")]
    #[schema(minimum = 1, maximum = 3650)]
    days: u32,
}

/// `POST /api/v1/tokens/{token}/successor`: another one in its place, in this answer and never again.
pub async fn replace(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(token): Path<String>,
    body::Json(wanted): body::Json<Successor>,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let wanted = Replacement {
        org: principal.org,
        token: named(&token)?,
        owner: principal.as_owner(),
        overlap_hours: wanted.overlap_hours.unwrap_or(access::USUAL_OVERLAP_HOURS),
        days: wanted.days,
    };
    let Replaced {
        issued,
        former_expires,
        ..
    } = state.access.replace_token(caller.cause(), wanted).await?;
    let answer = json!({
        "id": issued.id,
        "token": issued.token.expose(),
        "expires_at": issued.expires,
        "former_expires_at": former_expires,
    });
    let headers = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(answer)).into_response())
}

/// `DELETE /api/v1/tokens/{token}`: it opens nothing from now on, and stays in the list.
pub async fn revoke(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<StatusCode, Problem> {
    let token = named(&token)?;
    state
        .access
        .revoke_token(caller.cause(), caller.principal.org, token)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(text: &str) -> Result<TokenId, Problem> {
    text.parse().map_err(|_| access::Error::UnknownToken.into())
}

fn render(token: &TokenView) -> Value {
    let owner = token
        .owner
        .as_ref()
        .map(|(id, name)| json!({ "id": id, "user_name": name, "organization_id": token.owner_home }));
    json!({
        "id": token.id,
        "name": token.name,
        "state": token.standing.as_str(),
        "owner": owner,
        "scopes": token.scopes,
        "created_at": token.created,
        "created_by": token.created_by,
        "expires_at": token.expires,
        "warning": token.warning,
        "last_used_at": token.last_used,
        "revoked_at": token.revoked,
    })
}
