//! Exporting metadata, in the order of the schema.

use super::{
    AttributeConsumer, Endpoint, EntityDescriptor, IdentityProviderRole, Key, KeyUse, ServiceProviderRole,
};
use crate::names::ns;
use crate::security::key_info;
use crate::xml::{Element, format_time};

impl EntityDescriptor {
    pub fn to_element(&self) -> Element {
        Element::new("md:EntityDescriptor")
            .attr("entityID", &self.entity_id)
            .maybe_attr("ID", self.id.as_deref())
            .maybe_attr("validUntil", self.valid_until.map(format_time))
            .children(self.identity_provider.as_ref().map(identity_provider))
            .children(self.service_provider.as_ref().map(service_provider))
    }
}

fn identity_provider(role: &IdentityProviderRole) -> Element {
    Element::new("md:IDPSSODescriptor")
        .attr(
            "WantAuthnRequestsSigned",
            role.want_authn_requests_signed.to_string(),
        )
        .attr("protocolSupportEnumeration", ns::PROTOCOL)
        .children(role.keys.iter().map(key))
        .children(
            role.single_logout
                .iter()
                .map(|place| endpoint("md:SingleLogoutService", place)),
        )
        .children(role.name_id_formats.iter().map(name_id_format))
        .children(
            role.single_sign_on
                .iter()
                .map(|place| endpoint("md:SingleSignOnService", place)),
        )
}

fn service_provider(role: &ServiceProviderRole) -> Element {
    let consumers = role.assertion_consumers.iter().map(|consumer| {
        endpoint("md:AssertionConsumerService", &consumer.endpoint)
            .attr("index", consumer.index.to_string())
            .maybe_attr("isDefault", consumer.is_default.map(|is| is.to_string()))
    });
    Element::new("md:SPSSODescriptor")
        .attr("AuthnRequestsSigned", role.authn_requests_signed.to_string())
        .attr("WantAssertionsSigned", role.want_assertions_signed.to_string())
        .attr("protocolSupportEnumeration", ns::PROTOCOL)
        .children(role.keys.iter().map(key))
        .children(
            role.single_logout
                .iter()
                .map(|place| endpoint("md:SingleLogoutService", place)),
        )
        .children(role.name_id_formats.iter().map(name_id_format))
        .children(consumers)
        .children(role.attribute_consumers.iter().map(attribute_consumer))
}

fn key(key: &Key) -> Element {
    let key_use = key.key_use.map(|key_use| match key_use {
        KeyUse::Signing => "signing",
        KeyUse::Encryption => "encryption",
    });
    Element::new("md:KeyDescriptor")
        .maybe_attr("use", key_use)
        .child(key_info(&key.certificate))
}

fn name_id_format(format: impl Into<String>) -> Element {
    Element::new("md:NameIDFormat").text(format)
}

fn endpoint(name: &'static str, place: &Endpoint) -> Element {
    Element::new(name)
        .attr("Binding", &place.binding)
        .attr("Location", &place.location)
        .maybe_attr("ResponseLocation", place.response_location.as_deref())
}

fn attribute_consumer(consumer: &AttributeConsumer) -> Element {
    let names = consumer.names.iter().map(|(language, text)| {
        Element::new("md:ServiceName")
            .attr("xml:lang", language)
            .text(text)
    });
    let requested = consumer.requested.iter().map(|attribute| {
        Element::new("md:RequestedAttribute")
            .attr("Name", &attribute.name)
            .maybe_attr("NameFormat", attribute.name_format.as_deref())
            .maybe_attr("FriendlyName", attribute.friendly_name.as_deref())
            .attr("isRequired", attribute.is_required.to_string())
    });
    Element::new("md:AttributeConsumingService")
        .attr("index", consumer.index.to_string())
        .maybe_attr("isDefault", consumer.is_default.map(|is| is.to_string()))
        .children(names)
        .children(requested)
}
