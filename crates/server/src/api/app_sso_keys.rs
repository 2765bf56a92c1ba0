//! `/api/v1/apps/{app}/sso/keys`: the keys by which an app's messages are signed.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::OrgId;
use federation::KeyOwner;
use http::StatusCode;
use provisioning::App;
use serde_json::{Value, json};

use super::saml_keys::{Promotion, Wanted, named, render};
use super::{Problem, app_sso, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// `GET /api/v1/apps/{app}/sso/keys`: the one that signs first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let keys = state.federation.keys(org, KeyOwner::App(app.id)).await?;
    let items: Vec<_> = keys.iter().map(|key| render(key, &state)).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

/// `POST /api/v1/apps/{app}/sso/keys`: published at once, and signing later.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
    body::Json(wanted): body::Json<Wanted>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let owner = KeyOwner::App(app.id);
    let key = state
        .federation
        .add_key(caller.cause(), org, owner, &app.name, wanted.read()?)
        .await?;
    Ok((StatusCode::CREATED, Json(render(&key, &state))))
}

/// `POST /api/v1/apps/{app}/sso/keys/{key}/promote`.
pub async fn promote(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
    body::Json(wanted): body::Json<Promotion>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let (owner, id) = (KeyOwner::App(app.id), named(&key)?);
    let key = state
        .federation
        .promote_key(caller.cause(), org, owner, id, wanted.from)
        .await?;
    Ok(Json(render(&key, &state)))
}

/// `DELETE /api/v1/apps/{app}/sso/keys/{key}`: not the one that signs.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let (owner, id) = (KeyOwner::App(app.id), named(&key)?);
    state
        .federation
        .remove_key(caller.cause(), org, owner, id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn of_saml(state: &State, org: OrgId, app: &str) -> Result<App, Problem> {
    let app = resolve::app(state, org, app).await?;
    let sso = app_sso::found(state, org, &app).await?;
    match sso.saml() {
        Some(_) => Ok(app),
        None => Err(app_sso::no_saml()),
    }
}
