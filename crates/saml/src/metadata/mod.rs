//! Metadata of both roles (SAML metadata §2): who somebody is, where messages go, and which keys are whose.
//!
//! What is imported was given to us by an administrator or fetched over TLS; signatures on metadata are not judged.

mod read;
mod write;

use base::Timestamp;

use crate::names::binding_uri;
use crate::security::Certificate;

pub use read::import;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityDescriptor {
    pub entity_id: String,
    /// Only needed where the metadata are to be signed.
    pub id: Option<String>,
    pub valid_until: Option<Timestamp>,
    pub identity_provider: Option<IdentityProviderRole>,
    pub service_provider: Option<ServiceProviderRole>,
    /// What of it was left out in reading, in words for the administrator.
    pub left_out: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdentityProviderRole {
    pub keys: Vec<Key>,
    pub name_id_formats: Vec<String>,
    pub single_sign_on: Vec<Endpoint>,
    pub single_logout: Vec<Endpoint>,
    pub want_authn_requests_signed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceProviderRole {
    pub keys: Vec<Key>,
    pub name_id_formats: Vec<String>,
    pub assertion_consumers: Vec<IndexedEndpoint>,
    pub single_logout: Vec<Endpoint>,
    pub attribute_consumers: Vec<AttributeConsumer>,
    pub authn_requests_signed: bool,
    pub want_assertions_signed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// None: for both.
    pub key_use: Option<KeyUse>,
    pub certificate: Certificate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyUse {
    Signing,
    Encryption,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub binding: String,
    pub location: String,
    /// Where answers go, if elsewhere.
    pub response_location: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedEndpoint {
    pub endpoint: Endpoint,
    pub index: u16,
    pub is_default: Option<bool>,
}

/// A set of attributes that a service wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeConsumer {
    pub index: u16,
    pub is_default: Option<bool>,
    /// Texts with their languages.
    pub names: Vec<(String, String)>,
    pub requested: Vec<RequestedAttribute>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedAttribute {
    pub name: String,
    pub name_format: Option<String>,
    pub friendly_name: Option<String>,
    pub is_required: bool,
}

impl EntityDescriptor {
    pub fn is_expired_at(&self, now: Timestamp) -> bool {
        self.valid_until.is_some_and(|until| until <= now)
    }
}

impl Endpoint {
    pub fn new(binding: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            binding: binding.into(),
            location: location.into(),
            response_location: None,
        }
    }

    /// Where answers go.
    pub fn for_responses(&self) -> &str {
        self.response_location.as_deref().unwrap_or(&self.location)
    }
}

fn certificates(keys: &[Key], wanted: KeyUse) -> Vec<Certificate> {
    let fits = |key: &&Key| key.key_use.is_none_or(|key_use| key_use == wanted);
    keys.iter()
        .filter(fits)
        .map(|key| key.certificate.clone())
        .collect()
}

impl IdentityProviderRole {
    pub fn signing_certificates(&self) -> Vec<Certificate> {
        certificates(&self.keys, KeyUse::Signing)
    }

    /// Where requests go by that binding.
    pub fn single_sign_on(&self, binding: &str) -> Option<&Endpoint> {
        self.single_sign_on
            .iter()
            .find(|endpoint| endpoint.binding == binding)
    }
}

impl ServiceProviderRole {
    pub fn signing_certificates(&self) -> Vec<Certificate> {
        certificates(&self.keys, KeyUse::Signing)
    }

    /// The first one that something can be encrypted for.
    pub fn encryption_certificate(&self) -> Option<Certificate> {
        let all = certificates(&self.keys, KeyUse::Encryption);
        all.into_iter().find(Certificate::is_rsa)
    }

    /// Where answers go that no request says otherwise of (SAML metadata §2.2.3): the one that is said to be the
    /// default, else the first that is not said not to be, else the first. Only those that we can answer to.
    pub fn default_consumer(&self) -> Option<&IndexedEndpoint> {
        let mut ours = self
            .assertion_consumers
            .iter()
            .filter(|consumer| consumer.is_post());
        let first = ours.clone().next();
        let said = ours.clone().find(|consumer| consumer.is_default == Some(true));
        said.or_else(|| ours.find(|consumer| consumer.is_default.is_none()))
            .or(first)
    }
}

impl IndexedEndpoint {
    pub fn is_post(&self) -> bool {
        self.endpoint.binding == binding_uri::HTTP_POST
    }
}
