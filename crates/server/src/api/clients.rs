//! `/api/v1/clients`: clients that the organization has registered with its authorization server.

use access::{ClientKind, NewClient, RegisteredClient, Scopes};
use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::ClientId;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/clients`: the oldest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let clients = state.access.clients(caller.principal.org, after, limit).await?;
    let cursor = clients.last().map(|client| client.id.to_string());
    let items = clients.iter().map(render).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/clients/{client}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<Json<Value>, Problem> {
    let client = state.access.client(caller.principal.org, named(&client)?).await?;
    Ok(Json(render(&client)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewClient)]
pub struct Wanted {
    name: String,
    #[schema(schema_with = given::client_kind)]
    kind: Option<String>,
    #[serde(default)]
    redirects: Vec<String>,
    #[schema(schema_with = given::scopes)]
    scopes: Option<Vec<String>>,
}

/// `POST /api/v1/clients`: registers one; what it gets for itself has the rights of the caller's owner. Its secret is in this
/// answer, and never again.
pub async fn register(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<Response, Problem> {
    let scopes = match &wanted.scopes {
        None => Scopes::for_provisioning(),
        Some(scopes) => scopes
            .join(" ")
            .parse()
            .map_err(|error: access::UnknownScope| Problem::bad_request("client.scope", error.to_string()))?,
    };
    let kind = match wanted.kind.as_deref() {
        None | Some("confidential") => ClientKind::Confidential,
        Some("public") => ClientKind::Public,
        Some(other) => {
            let detail = format!("kind is confidential or public, not {other:?}");
            return Err(Problem::bad_request("client.kind", detail));
        }
    };
    let principal = &caller.principal;
    let new = NewClient {
        org: principal.org,
        name: wanted.name,
        owner: principal.as_owner(),
        kind,
        redirects: wanted.redirects,
        scopes,
    };
    let registration = state.access.register_client(caller.cause(), new).await?;
    let mut answer = render(&registration.client);
    answer["client_secret"] = registration
        .secret
        .as_ref()
        .map_or(Value::Null, |secret| secret.expose().into());
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// `DELETE /api/v1/clients/{client}`: all that was allowed it ends, and its tokens open nothing from now on.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<StatusCode, Problem> {
    let client = named(&client)?;
    state
        .access
        .remove_client(caller.cause(), caller.principal.org, client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(text: &str) -> Result<ClientId, Problem> {
    text.parse().map_err(|_| access::Error::UnknownClient.into())
}

fn render(client: &RegisteredClient) -> Value {
    let owner = client
        .owner
        .as_ref()
        .map(|(id, name)| json!({ "id": id, "user_name": name }));
    let scopes: Vec<_> = client.scopes.iter().map(access::Scope::name).collect();
    json!({
        "id": client.id,
        "client_id": client.client_id(),
        "name": client.name,
        "kind": client.kind().as_str(),
        "owner": owner,
        "redirects": client.redirects,
        "scopes": scopes,
        "created_at": client.created,
    })
}
