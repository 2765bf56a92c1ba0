//! What holds for the whole organization.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as Extract;
use federation::service_provider::Sso;
use federation::service_provider::settings::{RequestAlgorithm, to_map};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::addresses;
use crate::State;
use crate::api::app_sso::confirmed;
use crate::api::openapi::shape::any_object;
use crate::api::{Problem, body};
use crate::middleware::context::{Caller, Params};

/// `GET /api/v1/sso`.
pub async fn read(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let sso = state.federation.sso(caller.principal.org).await?;
    Ok(Json(render(&state, &caller, &sso)))
}

/// What is to change; what is left out stays, and what is null is as it was at first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoSettingsChange)]
pub struct SettingsChange {
    #[serde(default)]
    #[schema(schema_with = any_object)]
    settings: BTreeMap<String, Value>,
}

/// `PATCH /api/v1/sso`.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(change): body::Json<SettingsChange>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let settings: Map<_, _> = change.settings.into_iter().collect();
    let sso = state
        .federation
        .change_sso(caller.cause(), org, &settings)
        .await?;
    Ok(Json(render(&state, &caller, &sso)))
}

/// `POST /api/v1/sso/activate`.
pub async fn activate(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let sso = state.federation.activate_sso(caller.cause(), org).await?;
    Ok(Json(render(&state, &caller, &sso)))
}

/// `POST /api/v1/sso/deactivate?confirm=NAME`, the organization's.
pub async fn deactivate(
    Extract(state): Extract<State>,
    caller: Caller,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let name = state.directory.organization(org).await?.name;
    confirmed("single sign-on of the organization", &name, params.get("confirm"))?;
    let sso = state.federation.deactivate_sso(caller.cause(), org).await?;
    Ok(Json(render(&state, &caller, &sso)))
}

/// `GET /api/v1/sso/metadata`: as identity providers import them.
pub async fn metadata(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let addresses = addresses(&state, &caller);
    let xml = state
        .federation
        .sp_metadata(caller.principal.org, &addresses)
        .await?;
    Ok(Json(json!({ "address": addresses.metadata(), "xml": xml })))
}

fn render(state: &State, caller: &Caller, sso: &Sso) -> Value {
    let addresses = addresses(state, caller);
    let algorithms: Vec<_> = RequestAlgorithm::ALL
        .iter()
        .map(|algorithm| {
            let reason = algorithm.unavailable();
            json!({ "name": algorithm, "usable": reason.is_none(), "reason": reason })
        })
        .collect();
    json!({
        "active": sso.active,
        "federation_protocol": "saml2",
        "entity_id": addresses.entity_id(&sso.settings),
        "consumer_url": addresses.consumer(),
        "login_url": addresses.login(),
        "logout_url": addresses.logout(),
        "metadata_url": addresses.metadata(),
        "settings": to_map(&sso.settings),
        "signature_algorithms": algorithms,
        "modified_at": sso.modified,
    })
}
