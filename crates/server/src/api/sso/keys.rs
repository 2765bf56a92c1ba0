//! Keys of our own: what signs requests and opens encrypted assertions.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use base::{SamlKeyId, Timestamp};
use federation::saml::security::KeyKind;
use federation::{Key, KeyOwner, Standing, service_provider as sp};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{addresses, certificate};
use crate::State;
use crate::api::openapi::shape::{Shape, or_null, time, words};
use crate::api::{Problem, body};
use crate::middleware::context::Caller;

const KINDS: [(&str, KeyKind); 5] = [
    ("rsa_2048", KeyKind::Rsa2048),
    ("rsa_3072", KeyKind::Rsa3072),
    ("rsa_4096", KeyKind::Rsa4096),
    ("ec_p256", KeyKind::P256),
    ("ec_p384", KeyKind::P384),
];

/// `GET /api/v1/sso/keys`: the one that signs first.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let keys = state
        .federation
        .keys(caller.principal.org, KeyOwner::ServiceProvider)
        .await
        .map_err(sp::Error::from)?;
    let items: Vec<_> = keys.iter().map(|key| render(key, &state)).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

fn kinds() -> Shape {
    or_null(words(KINDS.map(|(name, _)| name)))
}

fn maybe_time() -> Shape {
    or_null(time())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSsoKey)]
pub struct NewKey {
    #[schema(schema_with = kinds)]
    kind: Option<String>,
    /// For how many days its certificate is good; three years if left out.
    days: Option<u32>,
    /// From when on it signs; if left out, when it is promoted.
    #[schema(schema_with = maybe_time)]
    from: Option<Timestamp>,
}

/// `POST /api/v1/sso/keys`: the next one, published from now on.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<NewKey>,
) -> Result<Response, Problem> {
    let usual = federation::NewKey::default();
    let kind = match wanted.kind.as_deref() {
        None => usual.kind,
        Some(name) => {
            let found = KINDS.iter().find(|(known, _)| *known == name);
            let (_, kind) = found.ok_or_else(|| {
                let known = KINDS.map(|(name, _)| name).join(", ");
                Problem::bad_request("sso.key_kind", format!("kind is one of {known}, not {name:?}"))
            })?;
            *kind
        }
    };
    let (org, federation) = (caller.principal.org, &state.federation);
    let settings = federation.sso(org).await?.settings;
    let name = addresses(&state, &caller).entity_id(&settings);
    let new = federation::NewKey {
        kind,
        days: wanted.days.unwrap_or(usual.days),
        from: wanted.from,
    };
    let added = federation
        .add_key(caller.cause(), org, KeyOwner::ServiceProvider, &name, new)
        .await
        .map_err(sp::Error::from)?;
    Ok((StatusCode::CREATED, Json(render(&added, &state))).into_response())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoKeyPromotion)]
pub struct Promotion {
    /// From when on it signs; at once if left out.
    #[schema(schema_with = maybe_time)]
    from: Option<Timestamp>,
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
        .await
        .map_err(sp::Error::from)?;
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
        .await
        .map_err(sp::Error::from)?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(key: &str) -> Result<SamlKeyId, Problem> {
    key.parse()
        .map_err(|_| Problem::not_found("sso.key_unknown", format!("There is no key {key:?} here")))
}

fn render(key: &Key, state: &State) -> Value {
    let from = match key.standing {
        Standing::Next { from } => from,
        Standing::Current | Standing::Previous => None,
    };
    json!({
        "id": key.id,
        "standing": key.standing.name(),
        "signs_from": from,
        "created_at": key.created,
        "certificate": certificate(&key.certificate, state),
    })
}
