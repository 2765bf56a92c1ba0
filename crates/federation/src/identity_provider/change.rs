//! What is to be changed of what is set; what is left out stays.

use serde::{Deserialize, Serialize};

use super::SsoError;
use super::contexts::ContextsChange;
use super::settings::{
    AttributeSource, Consumer, Encryption, KeyTransport, Logout, NameIdFormat, NameIdSource, Saml, Settings,
    Sign, SignOn, SignatureChoice, Tile,
};

/// How one signs in to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Saml,
    Bookmark,
}

/// Settings as somebody names them, all at one level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    pub label: Option<String>,
    pub description: Option<String>,
    pub logo: Option<String>,
    pub shown: Option<bool>,
    /// A bookmark's.
    pub url: Option<String>,
    pub entity_id: Option<String>,
    pub consumers: Option<Vec<Consumer>>,
    /// Null takes it away.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub logout: Option<Option<Logout>>,
    pub request_certificates: Option<Vec<String>>,
    pub signed_requests: Option<bool>,
    pub sha1_requests: Option<bool>,
    pub issuer: Option<String>,
    pub name_id_format: Option<NameIdFormat>,
    /// Null is the format's usual one.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name_id: Option<NameIdSource>,
    pub attributes: Option<Vec<AttributeSource>>,
    pub sign: Option<Sign>,
    pub signature_algorithm: Option<SignatureChoice>,
    pub encryption: Option<Encryption>,
    pub key_transport: Option<KeyTransport>,
    pub encryption_certificate: Option<String>,
    pub valid_minutes: Option<u32>,
    pub session_minutes: Option<u32>,
    pub idp_initiated: Option<bool>,
    pub default_relay_state: Option<String>,
    pub relay_states: Option<Vec<String>>,
    /// Each by itself: what is left out stays.
    pub contexts: Option<ContextsChange>,
}

/// Tells null from what is left out.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Change {
    /// What new settings begin with.
    pub(super) fn begin(kind: Kind) -> Settings {
        Settings {
            tile: Tile::default(),
            sign_on: match kind {
                Kind::Saml => SignOn::Saml(Box::default()),
                Kind::Bookmark => SignOn::Bookmark(String::new()),
            },
        }
    }

    /// The same with what another one says on top.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            label: other.label.or(self.label),
            description: other.description.or(self.description),
            logo: other.logo.or(self.logo),
            shown: other.shown.or(self.shown),
            url: other.url.or(self.url),
            entity_id: other.entity_id.or(self.entity_id),
            consumers: other.consumers.or(self.consumers),
            logout: other.logout.or(self.logout),
            request_certificates: other.request_certificates.or(self.request_certificates),
            signed_requests: other.signed_requests.or(self.signed_requests),
            sha1_requests: other.sha1_requests.or(self.sha1_requests),
            issuer: other.issuer.or(self.issuer),
            name_id_format: other.name_id_format.or(self.name_id_format),
            name_id: other.name_id.or(self.name_id),
            attributes: other.attributes.or(self.attributes),
            sign: other.sign.or(self.sign),
            signature_algorithm: other.signature_algorithm.or(self.signature_algorithm),
            encryption: other.encryption.or(self.encryption),
            key_transport: other.key_transport.or(self.key_transport),
            encryption_certificate: other.encryption_certificate.or(self.encryption_certificate),
            valid_minutes: other.valid_minutes.or(self.valid_minutes),
            session_minutes: other.session_minutes.or(self.session_minutes),
            idp_initiated: other.idp_initiated.or(self.idp_initiated),
            default_relay_state: other.default_relay_state.or(self.default_relay_state),
            relay_states: other.relay_states.or(self.relay_states),
            contexts: match (self.contexts, other.contexts) {
                (Some(own), Some(other)) => Some(own.with(other)),
                (own, other) => other.or(own),
            },
        }
    }

    /// What is said, and nothing else.
    pub fn said(&self) -> serde_json::Value {
        let mut said = serde_json::to_value(self).unwrap_or_default();
        if let serde_json::Value::Object(members) = &mut said {
            let is_left_out = |name: &str| name != "logout" && name != "name_id";
            members.retain(|name, value| !(value.is_null() && is_left_out(name)));
        }
        said
    }

    pub(super) fn apply(&self, settings: &mut Settings) -> Result<(), SsoError> {
        set(&mut settings.tile.label, self.label.as_ref());
        set(&mut settings.tile.description, self.description.as_ref());
        set(&mut settings.tile.logo, self.logo.as_ref());
        set(&mut settings.tile.shown, self.shown.as_ref());
        match &mut settings.sign_on {
            SignOn::Bookmark(url) => {
                set(url, self.url.as_ref());
                match self.first_of_saml() {
                    Some(setting) => Err(SsoError::OfBookmark { setting }),
                    None => Ok(()),
                }
            }
            SignOn::Saml(_) if self.url.is_some() => Err(SsoError::OfSaml { setting: "url" }),
            SignOn::Saml(saml) => {
                self.apply_to_saml(saml);
                Ok(())
            }
        }
    }

    fn apply_to_saml(&self, saml: &mut Saml) {
        set(&mut saml.entity_id, self.entity_id.as_ref());
        set(&mut saml.consumers, self.consumers.as_ref());
        set(&mut saml.logout, self.logout.as_ref());
        set(&mut saml.request_certificates, self.request_certificates.as_ref());
        set(&mut saml.signed_requests, self.signed_requests.as_ref());
        set(&mut saml.sha1_requests, self.sha1_requests.as_ref());
        set(&mut saml.issuer, self.issuer.as_ref());
        set(&mut saml.name_id_format, self.name_id_format.as_ref());
        set(&mut saml.name_id, self.name_id.as_ref());
        set(&mut saml.attributes, self.attributes.as_ref());
        set(&mut saml.sign, self.sign.as_ref());
        set(&mut saml.signature_algorithm, self.signature_algorithm.as_ref());
        set(&mut saml.encryption, self.encryption.as_ref());
        set(&mut saml.key_transport, self.key_transport.as_ref());
        set(
            &mut saml.encryption_certificate,
            self.encryption_certificate.as_ref(),
        );
        set(&mut saml.valid_minutes, self.valid_minutes.as_ref());
        set(&mut saml.session_minutes, self.session_minutes.as_ref());
        set(&mut saml.idp_initiated, self.idp_initiated.as_ref());
        set(&mut saml.default_relay_state, self.default_relay_state.as_ref());
        set(&mut saml.relay_states, self.relay_states.as_ref());
        if let Some(contexts) = &self.contexts {
            contexts.apply(&mut saml.contexts);
        }
    }

    /// The first setting that only SAML has.
    fn first_of_saml(&self) -> Option<&'static str> {
        let said = [
            ("entity_id", self.entity_id.is_some()),
            ("consumers", self.consumers.is_some()),
            ("logout", self.logout.is_some()),
            ("request_certificates", self.request_certificates.is_some()),
            ("signed_requests", self.signed_requests.is_some()),
            ("sha1_requests", self.sha1_requests.is_some()),
            ("issuer", self.issuer.is_some()),
            ("name_id_format", self.name_id_format.is_some()),
            ("name_id", self.name_id.is_some()),
            ("attributes", self.attributes.is_some()),
            ("sign", self.sign.is_some()),
            ("signature_algorithm", self.signature_algorithm.is_some()),
            ("encryption", self.encryption.is_some()),
            ("key_transport", self.key_transport.is_some()),
            ("encryption_certificate", self.encryption_certificate.is_some()),
            ("valid_minutes", self.valid_minutes.is_some()),
            ("session_minutes", self.session_minutes.is_some()),
            ("idp_initiated", self.idp_initiated.is_some()),
            ("default_relay_state", self.default_relay_state.is_some()),
            ("relay_states", self.relay_states.is_some()),
            ("contexts", self.contexts.is_some()),
        ];
        said.into_iter()
            .find(|(_, is_said)| *is_said)
            .map(|(name, _)| name)
    }
}

fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        *place = value.clone();
    }
}
