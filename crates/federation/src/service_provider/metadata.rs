//! Metadata: ours for identity providers, and what theirs say for us. Also the configuration in one piece, as an SSO page
//! exports and imports it.

use base::{Cause, OrgId, Timestamp};
use saml::metadata::{
    Endpoint, EntityDescriptor, IdentityProviderRole, IndexedEndpoint, Key, ServiceProviderRole,
};
use saml::names::binding_uri;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::settings::NameIdFormat;
use super::{Addresses, Error, NewProvider, Provider, ProviderChange};
use crate::metadata::Metadata;
use crate::{Federation, KeyOwner};

/// What metadata of an identity provider come to.
#[derive(Debug, Clone)]
pub struct Import {
    pub provider: NewProvider,
    /// What of it was left out, in words.
    pub left_out: Vec<String>,
}

/// What an SSO page hands over in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// AuthnRequestSigned Destination.
    #[serde(default)]
    pub authn_request_signed_destination: Option<String>,
    /// Issuer for SAML (IdP ID).
    #[serde(default)]
    pub idp_issuer: Option<String>,
    /// Customer SSO service login URL.
    #[serde(default)]
    pub login_url: Option<String>,
}

impl Federation {
    /// Our metadata, for an identity provider to import.
    pub async fn sp_metadata(&self, org: OrgId, addresses: &Addresses) -> Result<String, Error> {
        let sso = self.sso(org).await?;
        // The first key is made here if nothing was signed yet.
        self.sp_credential(org, addresses, &sso.settings).await?;
        let keys = self.keys(org, KeyOwner::ServiceProvider).await?;
        let mut formats: Vec<String> = Vec::new();
        for provider in self.providers(org).await? {
            let format = provider.settings.name_id_format.uri().to_owned();
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        for format in NameIdFormat::ALL {
            if !formats.iter().any(|known| known == format.uri()) {
                formats.push(format.uri().to_owned());
            }
        }
        let logout = [binding_uri::HTTP_REDIRECT, binding_uri::HTTP_POST]
            .map(|binding| Endpoint::new(binding, addresses.logout()));
        let entity = EntityDescriptor {
            entity_id: addresses.entity_id(&sso.settings),
            id: None,
            valid_until: None,
            identity_provider: None,
            service_provider: Some(ServiceProviderRole {
                keys: keys
                    .iter()
                    .map(|key| Key {
                        key_use: None,
                        certificate: key.certificate.clone(),
                    })
                    .collect(),
                name_id_formats: formats,
                assertion_consumers: vec![IndexedEndpoint {
                    endpoint: Endpoint::new(binding_uri::HTTP_POST, addresses.consumer()),
                    index: 0,
                    is_default: Some(true),
                }],
                single_logout: logout.to_vec(),
                attribute_consumers: Vec::new(),
                authn_requests_signed: sso.settings.sign_requests,
                want_assertions_signed: true,
            }),
            left_out: Vec::new(),
        };
        entity
            .to_element()
            .to_xml()
            .map_err(|error| Error::Metadata(error.to_string()))
    }

    /// What an SSO page would export of an identity provider.
    pub fn configuration(provider: &Provider) -> Configuration {
        let settings = &provider.settings;
        let destination = settings.destination.as_ref().unwrap_or(&settings.login_url);
        Configuration {
            authn_request_signed_destination: Some(destination.clone()),
            idp_issuer: Some(provider.entity_id.clone()),
            login_url: Some(settings.login_url.clone()),
        }
    }

    /// Takes what an SSO page has exported over into an identity provider.
    pub async fn import_configuration(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        configuration: Configuration,
    ) -> Result<Provider, Error> {
        let Configuration {
            authn_request_signed_destination,
            idp_issuer,
            login_url,
        } = configuration;
        if authn_request_signed_destination.is_none() && idp_issuer.is_none() && login_url.is_none() {
            return Err(Error::Configuration("it says nothing".to_owned()));
        }
        let login = login_url.as_ref().unwrap_or(&provider.settings.login_url);
        let mut settings = Map::new();
        if let Some(destination) = &authn_request_signed_destination {
            let destination = Some(destination).filter(|own| *own != login);
            settings.insert("destination".to_owned(), json!(destination));
        }
        if let Some(login_url) = &login_url {
            settings.insert("login_url".to_owned(), json!(login_url));
        }
        let change = ProviderChange {
            entity_id: idp_issuer,
            settings,
            ..ProviderChange::default()
        };
        self.change_provider(cause, org, provider.id, change).await
    }
}

/// What metadata say of an identity provider.
pub fn import(metadata: &Metadata, name: Option<String>, now: Timestamp) -> Result<Import, Error> {
    let entity = &metadata.entity;
    if let Some(until) = entity.valid_until
        && entity.is_expired_at(now)
    {
        return Err(Error::Metadata(format!("they were good until {until}")));
    }
    let Some(role) = &entity.identity_provider else {
        return Err(Error::Metadata(
            "they are those of a service provider; an identity provider's are wanted".to_owned(),
        ));
    };
    let login = endpoint(&role.single_sign_on).ok_or_else(|| {
        Error::Metadata("there is no SingleSignOnService for HTTP-Redirect or HTTP-POST".to_owned())
    })?;
    let certificates = role.signing_certificates();
    if certificates.is_empty() {
        return Err(Error::Metadata("there is no certificate for signing".to_owned()));
    }
    let settings = settings_of(role, login);
    Ok(Import {
        provider: NewProvider {
            name: name.unwrap_or_else(|| short(&entity.entity_id)),
            entity_id: entity.entity_id.clone(),
            settings,
            certificates: distinct(certificates),
        },
        left_out: entity.left_out.clone(),
    })
}

fn distinct(certificates: Vec<saml::security::Certificate>) -> Vec<saml::security::Certificate> {
    let mut found = Vec::new();
    for certificate in certificates {
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    found
}

fn settings_of(role: &IdentityProviderRole, login: (&'static str, &Endpoint)) -> Map<String, Value> {
    let (binding, place) = login;
    let mut settings = Map::from_iter([
        ("login_url".to_owned(), json!(place.location)),
        ("login_binding".to_owned(), json!(binding)),
        ("destination".to_owned(), Value::Null),
    ]);
    let logout = endpoint(&role.single_logout);
    let logout_url = logout.map(|(_, place)| place.location.as_str());
    settings.insert("logout_url".to_owned(), json!(logout_url));
    settings.insert(
        "logout_binding".to_owned(),
        json!(logout.map(|(binding, _)| binding)),
    );
    // "The first entry is configured for use in Webex."
    let format = role
        .name_id_formats
        .iter()
        .find_map(|uri| NameIdFormat::from_uri(uri));
    if let Some(format) = format {
        settings.insert("name_id_format".to_owned(), json!(format));
    }
    settings
}

/// The one for the binding that we like best.
fn endpoint(all: &[Endpoint]) -> Option<(&'static str, &Endpoint)> {
    [
        ("redirect", binding_uri::HTTP_REDIRECT),
        ("post", binding_uri::HTTP_POST),
    ]
    .into_iter()
    .find_map(|(name, binding)| Some((name, all.iter().find(|place| place.binding == binding)?)))
}

/// A name for people: the host of an address.
fn short(entity_id: &str) -> String {
    let host = url::Url::parse(entity_id)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| entity_id.to_owned())
        .chars()
        .take(100)
        .collect()
}
