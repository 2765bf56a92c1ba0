//! `/api/v1/apps/{app}/sso/keys`: the keys by which an app's messages are signed.

use axum::Json;
use axum::extract::{Path, State as Extract};
use base::{OrgId, SamlKeyId, Timestamp};
use federation::saml::security::KeyKind;
use federation::{Key, KeyOwner, NewKey, Standing};
use http::StatusCode;
use provisioning::App;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::openapi::given;
use super::{Problem, app_sso, body, resolve};
use crate::State;
use crate::middleware::context::Caller;

/// The kinds, by the names that are given.
pub const KINDS: [(&str, KeyKind); 5] = [
    ("rsa_2048", KeyKind::Rsa2048),
    ("rsa_3072", KeyKind::Rsa3072),
    ("rsa_4096", KeyKind::Rsa4096),
    ("ec_p256", KeyKind::P256),
    ("ec_p384", KeyKind::P384),
];

/// `GET /api/v1/apps/{app}/sso/keys`: the one that signs first.
pub async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(app): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let keys = state.federation.keys(org, KeyOwner::App(app.id)).await?;
    let items: Vec<_> = keys.iter().map(render).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

/// What a new key is to be like.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SamlKeyGiven)]
pub struct Wanted {
    #[schema(schema_with = given::key_kind)]
    kind: Option<String>,
    /// How long its certificate is good for.
    #[schema(schema_with = given::key_days)]
    days: Option<u32>,
    /// From when on it signs; left out: when somebody says so.
    #[schema(schema_with = given::maybe_time)]
    from: Option<Timestamp>,
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
    let usual = NewKey::default();
    let kind = match wanted.kind.as_deref() {
        None => usual.kind,
        Some(name) => known(name)?,
    };
    let new = NewKey {
        kind,
        days: wanted.days.unwrap_or(usual.days),
        from: wanted.from,
    };
    let owner = KeyOwner::App(app.id);
    let key = state
        .federation
        .add_key(caller.cause(), org, owner, &app.name, new)
        .await?;
    Ok((StatusCode::CREATED, Json(render(&key))))
}

fn known(name: &str) -> Result<KeyKind, Problem> {
    let found = KINDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|(known, _)| *known).collect();
        let detail = format!("There is no kind of key {name:?}: there are {}", names.join(", "));
        Problem::bad_request("key.kind", detail)
    })
}

/// When a key begins to sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SamlKeyPromotion)]
pub struct Promoted {
    /// Left out: at once.
    #[schema(schema_with = given::maybe_time)]
    from: Option<Timestamp>,
}

/// `POST /api/v1/apps/{app}/sso/keys/{key}/promote`.
pub async fn promote(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
    body::Json(wanted): body::Json<Promoted>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let (owner, id) = (KeyOwner::App(app.id), parse(&key)?);
    let key = state
        .federation
        .promote_key(caller.cause(), org, owner, id, wanted.from)
        .await?;
    Ok(Json(render(&key)))
}

/// `DELETE /api/v1/apps/{app}/sso/keys/{key}`: not the one that signs.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((app, key)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let org = caller.principal.org;
    let app = of_saml(&state, org, &app).await?;
    let (owner, id) = (KeyOwner::App(app.id), parse(&key)?);
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

fn parse(text: &str) -> Result<SamlKeyId, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found("key.unknown", format!("There is no key {text:?}")))
}

pub fn render(key: &Key) -> Value {
    let certificate = &key.certificate;
    json!({
        "id": key.id,
        "standing": key.standing.name(),
        "signs_from": match key.standing {
            Standing::Next { from } => from,
            Standing::Current | Standing::Previous => None,
        },
        "certificate": certificate.to_pem(),
        "subject": certificate.subject(),
        "fingerprint": certificate.fingerprint(),
        "expires_at": certificate.not_after(),
        "created_at": key.created,
    })
}
