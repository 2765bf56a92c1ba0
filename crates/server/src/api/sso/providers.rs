//! The identity providers.

use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Response};
use base::{Cause, IdentityProviderId, OrgId};
use federation::Federation;
use federation::saml::security::Certificate;
use federation::service_provider::metadata::{Configuration, import};
use federation::service_provider::settings::to_map;
use federation::service_provider::{self as sp, Provider};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::State;
use crate::api::openapi::given;
use crate::api::openapi::shape::any_object;
use crate::api::{Problem, body, saml_keys};
use crate::middleware::context::Caller;
use crate::saml::service_provider::test_address;

/// `GET /api/v1/sso/providers`: in their order.
pub async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<Value>, Problem> {
    let providers = state.federation.providers(caller.principal.org).await?;
    let items: Vec<_> = providers.iter().map(|one| render(one, &state)).collect();
    Ok(Json(json!({ "items": items, "next": null })))
}

/// `GET /api/v1/sso/providers/{provider}`.
pub async fn read(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Problem> {
    let provider = state.federation.provider(caller.principal.org, &provider).await?;
    Ok(Json(render(&provider, &state)))
}

/// An identity provider, by its metadata or by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewIdentityProvider)]
pub struct NewProvider {
    /// What it is called here; without one, what its metadata call it.
    name: Option<String>,
    /// Its metadata, as XML.
    metadata: Option<String>,
    /// Where its metadata are fetched from.
    metadata_url: Option<String>,
    /// Without metadata: issuer for SAML (IdP ID).
    entity_id: Option<String>,
    /// Settings beside those of the metadata.
    #[serde(default)]
    #[schema(schema_with = any_object)]
    settings: Map<String, Value>,
    /// Certificates in PEM or base64, beside those of the metadata.
    #[serde(default)]
    certificates: Vec<String>,
}

/// `POST /api/v1/sso/providers`: it is switched on in a step of its own.
pub async fn add(
    Extract(state): Extract<State>,
    caller: Caller,
    body::Json(wanted): body::Json<NewProvider>,
) -> Result<Response, Problem> {
    let (added, left_out) = wanted.add(&state, caller.cause(), caller.principal.org).await?;
    let mut answer = render(&added, &state);
    answer["left_out"] = json!(left_out);
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

impl NewProvider {
    /// Adds it; also says what of its metadata was left out.
    pub async fn add(
        self,
        state: &State,
        cause: &Cause,
        org: OrgId,
    ) -> Result<(Provider, Vec<String>), Problem> {
        let mut more = certificates(&self.certificates)?;
        let metadata = metadata(state, self.metadata, self.metadata_url, self.entity_id.as_deref()).await?;
        let (mut new, left_out) = match metadata {
            Some(metadata) => {
                let found = import(&metadata, self.name.clone(), state.ambient.now())?;
                (found.provider, found.left_out)
            }
            None => (
                sp::NewProvider {
                    name: self.name.unwrap_or_default(),
                    entity_id: self.entity_id.unwrap_or_default(),
                    settings: Map::new(),
                    certificates: Vec::new(),
                },
                Vec::new(),
            ),
        };
        new.settings.extend(self.settings);
        more.retain(|one| !new.certificates.contains(one));
        new.certificates.append(&mut more);
        let added = state.federation.add_provider(cause, org, new).await?;
        Ok((added, left_out))
    }
}

/// What is to change; what is left out stays, and a setting that is null is as it was at first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityProviderChange)]
pub struct ProviderChange {
    #[schema(schema_with = given::maybe_name)]
    name: Option<String>,
    entity_id: Option<String>,
    /// The first one is where people go to whom no route leads elsewhere.
    position: Option<u32>,
    /// Its metadata anew, as XML: addresses, also for logouts, name format and certificates in place of those before.
    metadata: Option<String>,
    /// Where its metadata are fetched from.
    metadata_url: Option<String>,
    #[serde(default)]
    #[schema(schema_with = any_object)]
    settings: Map<String, Value>,
}

/// `PATCH /api/v1/sso/providers/{provider}`.
pub async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
    body::Json(wanted): body::Json<ProviderChange>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let provider = state.federation.provider(org, &provider).await?;
    let (changed, left_out) = wanted.make(&state, caller.cause(), (org, provider.id)).await?;
    let mut answer = render(&changed, &state);
    answer["left_out"] = json!(left_out);
    Ok(Json(answer))
}

impl ProviderChange {
    /// Changes an identity provider; also says what of its metadata was left out.
    pub async fn make(
        self,
        state: &State,
        cause: &Cause,
        (org, provider): (OrgId, IdentityProviderId),
    ) -> Result<(Provider, Vec<String>), Problem> {
        let metadata = metadata(state, self.metadata, self.metadata_url, None).await?;
        let mut change = sp::ProviderChange {
            name: self.name,
            entity_id: self.entity_id,
            position: self.position.map(i64::from),
            settings: Map::new(),
            certificates: None,
        };
        let mut left_out = Vec::new();
        if let Some(metadata) = metadata {
            let imported = import(&metadata, None, state.ambient.now())?;
            left_out = imported.left_out;
            let found = imported.provider;
            change.entity_id = change.entity_id.or(Some(found.entity_id));
            change.settings = found.settings;
            change.certificates = Some(found.certificates);
        }
        change.settings.extend(self.settings);
        let changed = state
            .federation
            .change_provider(cause, org, provider, change)
            .await?;
        Ok((changed, left_out))
    }
}

/// `DELETE /api/v1/sso/providers/{provider}`.
pub async fn remove(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<StatusCode, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    federation
        .remove_provider(caller.cause(), org, provider.id)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/sso/providers/{provider}/test`: an address to open in a browser, good for an hour.
pub async fn test(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Problem> {
    let org = caller.principal.org;
    let provider = state.federation.provider(org, &provider).await?;
    Ok(Json(json!({ "url": test_address(&state, org, provider.id) })))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityProviderActivation)]
pub struct Activation {
    /// Switch it on although nobody has signed in by a test.
    #[serde(default)]
    untested: bool,
}

/// `POST /api/v1/sso/providers/{provider}/activate`.
pub async fn activate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
    body::Json(activation): body::Json<Activation>,
) -> Result<Json<Value>, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    let active = federation
        .activate_provider(caller.cause(), org, provider.id, activation.untested)
        .await?;
    Ok(Json(render(&active, &state)))
}

/// `POST /api/v1/sso/providers/{provider}/deactivate`.
pub async fn deactivate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    let inactive = federation
        .deactivate_provider(caller.cause(), org, provider.id)
        .await?;
    Ok(Json(render(&inactive, &state)))
}

/// `GET /api/v1/sso/providers/{provider}/configuration`: what an SSO page exports.
pub async fn configuration(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
) -> Result<Json<Value>, Problem> {
    let provider = state.federation.provider(caller.principal.org, &provider).await?;
    Ok(Json(json!(Federation::configuration(&provider))))
}

/// What an SSO page has exported; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SsoConfiguration)]
pub struct ConfigurationImport {
    authn_request_signed_destination: Option<String>,
    idp_issuer: Option<String>,
    login_url: Option<String>,
}

impl From<ConfigurationImport> for Configuration {
    fn from(given: ConfigurationImport) -> Self {
        Self {
            authn_request_signed_destination: given.authn_request_signed_destination,
            idp_issuer: given.idp_issuer,
            login_url: given.login_url,
        }
    }
}

/// `PUT /api/v1/sso/providers/{provider}/configuration`.
pub async fn import_configuration(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
    body::Json(wanted): body::Json<ConfigurationImport>,
) -> Result<Json<Value>, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    let changed = federation
        .import_configuration(caller.cause(), org, &provider, wanted.into())
        .await?;
    Ok(Json(render(&changed, &state)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewIdentityProviderCertificate)]
pub struct NewCertificate {
    /// In PEM or base64.
    certificate: String,
}

/// `POST /api/v1/sso/providers/{provider}/certificates`.
pub async fn add_certificate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path(provider): Path<String>,
    body::Json(wanted): body::Json<NewCertificate>,
) -> Result<Json<Value>, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    let certificate = Certificate::from_text(&wanted.certificate).map_err(sp::Error::from)?;
    let changed = federation
        .add_provider_certificate(caller.cause(), org, provider.id, certificate)
        .await?;
    Ok(Json(render(&changed, &state)))
}

/// `DELETE /api/v1/sso/providers/{provider}/certificates/{certificate}`: by its fingerprint.
pub async fn remove_certificate(
    Extract(state): Extract<State>,
    caller: Caller,
    Path((provider, fingerprint)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (org, federation) = (caller.principal.org, &state.federation);
    let provider = federation.provider(org, &provider).await?;
    federation
        .remove_provider_certificate(caller.cause(), org, provider.id, &fingerprint)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn metadata(
    state: &State,
    pasted: Option<String>,
    url: Option<String>,
    wanted: Option<&str>,
) -> Result<Option<federation::metadata::Metadata>, Problem> {
    match (pasted, url) {
        (Some(_), Some(_)) => {
            let detail = "Either metadata or metadata_url, not both";
            Err(Problem::bad_request("sso.metadata", detail))
        }
        (Some(xml), None) => {
            let read = federation::metadata::read(&xml, wanted);
            Ok(Some(read.map_err(sp::Error::from)?))
        }
        (None, Some(url)) => {
            let fetched = state.federation.fetch_metadata(&url, wanted).await;
            Ok(Some(fetched.map_err(sp::Error::from)?))
        }
        (None, None) => Ok(None),
    }
}

fn certificates(texts: &[String]) -> Result<Vec<Certificate>, Problem> {
    texts
        .iter()
        .map(|text| Ok(Certificate::from_text(text).map_err(sp::Error::from)?))
        .collect()
}

fn render(provider: &Provider, state: &State) -> Value {
    let certificates: Vec<_> = provider
        .certificates
        .iter()
        .map(|one| saml_keys::certificate(one, state))
        .collect();
    json!({
        "id": provider.id,
        "name": provider.name,
        "entity_id": provider.entity_id,
        "active": provider.active,
        "tested_at": provider.tested,
        "position": provider.position,
        "settings": to_map(&provider.settings),
        "certificates": certificates,
        "created_at": provider.created,
        "modified_at": provider.modified,
    })
}
