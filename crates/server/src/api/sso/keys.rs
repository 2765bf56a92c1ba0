//! Keys of our own: what signs requests and opens encrypted assertions.

use axum::Json;
use axum::extract::{Path, State as Extract};
use federation::KeyOwner;
use http::StatusCode;
use serde_json::{Value, json};

use super::addresses;
use crate::State;
use crate::api::saml_keys::{Promotion, Wanted, named, render};
use crate::api::{Problem, body};
use crate::middleware::context::Caller;

/// `GET /api/v1/sso/keys`: the one that signs first.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let keys = state
        .federation
        .keys(caller.principal.org, KeyOwner::ServiceProvider)
        .await?;
    let items: Vec<_> = keys.iter().map(|key| render(key, &state)).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

/// `POST /api/v1/sso/keys`: the next one, published from now on.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let settings = federation.sso(org).await?.settings;
    let name = addresses(&state, &caller).entity_id(&settings);
    let added = federation
        .add_key(
            caller.cause(),
            org,
            KeyOwner::ServiceProvider,
            &name,
            wanted.read()?,
        )
        .await?;
    Ok((StatusCode::CREATED, Json(render(&added, &state))))
}

/// `POST /api/v1/sso/keys/{sso_key}/promote`.
pub async fn promote(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(key): Path<String>,
    body::Json(promotion): body::Json<Promotion>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let promoted = state
        .federation
        .promote_key(
            caller.cause(),
            org,
            KeyOwner::ServiceProvider,
            named(&key)?,
            promotion.from,
        )
        .await?;
    Ok(Json(render(&promoted, &state)))
}

/// `DELETE /api/v1/sso/keys/{sso_key}`: one that does not sign.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<StatusCode, Problem> {
    let org = caller.principal.org;
    state
        .federation
        .remove_key(caller.cause(), org, KeyOwner::ServiceProvider, named(&key)?)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
