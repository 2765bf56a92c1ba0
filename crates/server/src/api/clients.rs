//! `/api/v1/clients`: clients that the organization has registered with its authorization server.

use access::{ClientChange, ClientKind, GrantTypes, NewClient, RegisteredClient, Registration, Scopes};
use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse, Response};
use base::{ClientId, Timestamp};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, body, page};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// How long the secret before is good if nothing else is said, in hours.
const USUAL_OVERLAP_HOURS: u32 = 24;

/// `GET /api/v1/clients`: the oldest first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let (limit, after) = (page::limit(&params)?, page::after(&params)?);
    let clients = state.access.clients(caller.principal.org, after, limit).await?;
    let cursor = clients.last().map(|client| client.id.to_string());
    let now = state.ambient.now();
    let items = clients.iter().map(|client| render(client, now)).collect();
    Ok(Json(page::page(items, limit, cursor)))
}

/// `GET /api/v1/clients/{client}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(client): Path<String>,
) -> Result<Json<Value>, Problem> {
    let client = state.access.client(caller.principal.org, named(&client)?).await?;
    Ok(Json(render(&client, state.ambient.now())))
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
    #[schema(schema_with = given::maybe_grant_types)]
    grant_types: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientChange)]
pub struct Change {
    #[schema(schema_with = given::maybe_name)]
    name: Option<String>,
    redirects: Option<Vec<String>>,
    #[schema(schema_with = given::scopes)]
    scopes: Option<Vec<String>>,
    #[schema(schema_with = given::maybe_grant_types)]
    grant_types: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSecret)]
pub struct Overlap {
    /// How long the secret before is good yet.
    #[schema(schema_with = given::overlap_hours)]
    overlap_hours: Option<u32>,
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
        Some(names) => scopes(names)?,
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
        grant_types: wanted.grant_types.as_deref().map(grant_types).transpose()?,
    };
    let registration = state.access.register_client(caller.cause(), new).await?;
    Ok(with_secret(&state, StatusCode::CREATED, &registration))
}

/// `PATCH /api/v1/clients/{client}`: what it may ask for no more is gone at once from all that it has.
pub async fn change(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(client): Path<String>,
    body::Json(wanted): body::Json<Change>,
) -> Result<Json<Value>, Problem> {
    let change = ClientChange {
        name: wanted.name,
        redirects: wanted.redirects,
        scopes: wanted.scopes.as_deref().map(scopes).transpose()?,
        grant_types: wanted.grant_types.as_deref().map(grant_types).transpose()?,
    };
    let (org, client) = (caller.principal.org, named(&client)?);
    let changed = state
        .access
        .change_client(caller.cause(), org, client, change)
        .await?;
    Ok(Json(render(&changed, state.ambient.now())))
}

/// `POST /api/v1/clients/{client}/secret`: another one, in this answer and never again.
pub async fn rotate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(client): Path<String>,
    body::Json(wanted): body::Json<Overlap>,
) -> Result<Response, Problem> {
    let overlap = wanted.overlap_hours.unwrap_or(USUAL_OVERLAP_HOURS);
    let client = named(&client)?;
    let rotated = state
        .access
        .rotate_secret(caller.cause(), caller.principal.org, client, overlap)
        .await?;
    Ok(with_secret(&state, StatusCode::OK, &rotated))
}

fn with_secret(state: &State, status: StatusCode, registration: &Registration) -> Response {
    let mut answer = render(&registration.client, state.ambient.now());
    answer["client_secret"] = registration
        .secret
        .as_ref()
        .map_or(Value::Null, |secret| secret.expose().into());
    (status, [(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn scopes(names: &[String]) -> Result<Scopes, Problem> {
    let read = names.join(" ").parse();
    read.map_err(|error: access::UnknownScope| Problem::bad_request("client.scope", error.to_string()))
}

fn grant_types(names: &[String]) -> Result<GrantTypes, Problem> {
    // A name with a space in it is no two names.
    let odd = names.iter().find(|name| name.contains(char::is_whitespace));
    if let Some(odd) = odd {
        let detail = format!("there is no grant {odd:?}");
        return Err(Problem::bad_request("client.grant_types", detail));
    }
    Ok(names.join(" ").parse()?)
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

fn render(client: &RegisteredClient, now: Timestamp) -> Value {
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
        "grant_types": client.grant_types.names(),
        "former_secret_expires_at": client.former_secret_expires(now),
        "created_at": client.created,
    })
}
