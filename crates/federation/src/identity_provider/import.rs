//! A service's metadata, and what is taken of them.

use base::Timestamp;
use saml::metadata::{EntityDescriptor, ServiceProviderRole};
use saml::names::binding_uri;

use super::SsoError;
use super::change::Change;
use super::settings::{Consumer, Logout, LogoutBinding, NameIdFormat};
use crate::{Error, Federation, metadata};

/// Where metadata come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenFrom {
    Text(String),
    Url(String),
}

/// What is taken of metadata, and what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub change: Change,
    /// In words.
    pub left_out: Vec<String>,
}

impl Federation {
    /// Reads a service's metadata, or fetches them; of several services the one called `wanted`.
    pub async fn service_metadata(&self, from: &TakenFrom, wanted: Option<&str>) -> Result<Taken, Error> {
        let read = match from {
            TakenFrom::Text(text) => metadata::read(text, wanted)?,
            TakenFrom::Url(url) => self.fetch_metadata(url, wanted).await?,
        };
        Ok(Taken::of(read.entity, self.ambient().now())?)
    }
}

impl Taken {
    fn of(entity: EntityDescriptor, now: Timestamp) -> Result<Self, SsoError> {
        if let Some(until) = entity.valid_until
            && entity.is_expired_at(now)
        {
            return Err(SsoError::Expired { until });
        }
        let role = entity.service_provider.ok_or(SsoError::NoService)?;
        let mut left_out = entity.left_out;
        let consumers: Vec<Consumer> = role
            .assertion_consumers
            .iter()
            .filter(|consumer| consumer.is_post())
            .map(|consumer| Consumer {
                url: consumer.endpoint.location.clone(),
                index: consumer.index,
                default: consumer.is_default,
            })
            .collect();
        if consumers.is_empty() {
            return Err(SsoError::NoConsumer);
        }
        for consumer in role
            .assertion_consumers
            .iter()
            .filter(|consumer| !consumer.is_post())
        {
            let binding = &consumer.endpoint.binding;
            left_out.push(format!(
                "the consumer {} by {binding}",
                consumer.endpoint.location
            ));
        }
        let signing: Vec<String> = role
            .signing_certificates()
            .iter()
            .map(saml::security::Certificate::to_base64)
            .collect();
        let signed = role.authn_requests_signed && !signing.is_empty();
        if role.authn_requests_signed && signing.is_empty() {
            left_out.push("that requests are signed: there is no certificate to verify them with".to_owned());
        }
        Ok(Self {
            change: Change {
                entity_id: Some(entity.entity_id),
                consumers: Some(consumers),
                logout: Some(logout(&role, &mut left_out)),
                request_certificates: Some(signing),
                signed_requests: Some(signed),
                encryption_certificate: role
                    .encryption_certificate()
                    .map(|certificate| certificate.to_base64()),
                name_id_format: name_id_format(&role, &mut left_out),
                ..Change::default()
            },
            left_out,
        })
    }
}

/// By Redirect where it can be: that needs no script.
fn logout(role: &ServiceProviderRole, left_out: &mut Vec<String>) -> Option<Logout> {
    let by = |binding: &str| {
        role.single_logout
            .iter()
            .find(|endpoint| endpoint.binding == binding)
    };
    let (endpoint, binding) = match (by(binding_uri::HTTP_REDIRECT), by(binding_uri::HTTP_POST)) {
        (Some(endpoint), _) => (endpoint, LogoutBinding::Redirect),
        (None, Some(endpoint)) => (endpoint, LogoutBinding::Post),
        (None, None) => {
            if let Some(other) = role.single_logout.first() {
                left_out.push(format!("sign-outs by {}", other.binding));
            }
            return None;
        }
    };
    Some(Logout {
        url: endpoint.location.clone(),
        binding,
        response_url: endpoint.response_location.clone(),
    })
}

/// The first that can be given without anything else being said.
fn name_id_format(role: &ServiceProviderRole, left_out: &mut Vec<String>) -> Option<NameIdFormat> {
    let usual = |format: &NameIdFormat| {
        format.usual_source().is_some()
            || matches!(format, NameIdFormat::Persistent | NameIdFormat::Transient)
    };
    let mut known = role
        .name_id_formats
        .iter()
        .filter_map(|uri| NameIdFormat::of_uri(uri));
    let found = known.find(usual);
    if found.is_none() {
        left_out.extend(role.name_id_formats.iter().map(|uri| format!("names as {uri}")));
    }
    found
}
