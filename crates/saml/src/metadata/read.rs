//! Importing metadata: tolerant of what we have no use for, strict in what we use.

use super::{
    AttributeConsumer, Endpoint, EntityDescriptor, IdentityProviderRole, IndexedEndpoint, Key, KeyUse,
    RequestedAttribute, ServiceProviderRole,
};
use crate::names::ns;
use crate::security::Certificate;
use crate::xml::{Document, Error, Limits, Node};

/// Reads an `EntityDescriptor`, or the one within an `EntitiesDescriptor`: the one called `wanted`, or the only one.
pub fn import(xml: &str, wanted: Option<&str>) -> Result<EntityDescriptor, Error> {
    let document = Document::parse(xml.trim_start(), Limits::METADATA)?;
    let root = document.root();
    if root.is(ns::METADATA, "EntitiesDescriptor") {
        let all = root.with_descendants();
        let mut fitting = all.into_iter().filter(|node| {
            let name = node.attr("entityID");
            node.is(ns::METADATA, "EntityDescriptor") && wanted.is_none_or(|wanted| name == Some(wanted))
        });
        let entity = fitting.next().ok_or_else(|| root.missing("EntityDescriptor"))?;
        if fitting.next().is_some() {
            return Err(Error::Repeated {
                parent: root.local_name().to_owned(),
                what: "EntityDescriptor",
            });
        }
        return read(entity);
    }
    root.expect(ns::METADATA, "EntityDescriptor")?;
    if let Some(wanted) = wanted
        && root.attr("entityID") != Some(wanted)
    {
        return Err(Error::Unexpected {
            expected: wanted.to_owned(),
            found: root.attr("entityID").unwrap_or_default().to_owned(),
        });
    }
    read(root)
}

fn read(node: Node<'_>) -> Result<EntityDescriptor, Error> {
    let entity_id = node.required("entityID")?.trim();
    // SAML core §8.3.6.
    if entity_id.is_empty() || entity_id.len() > 1_024 {
        return Err(node.wrong("@entityID", "a name of up to 1024 characters", entity_id));
    }
    let mut left_out = Vec::new();
    let identity_provider = role(node, "IDPSSODescriptor", &mut left_out)?;
    let service_provider = role(node, "SPSSODescriptor", &mut left_out)?;
    if identity_provider.is_none() && service_provider.is_none() {
        return Err(node.missing("IDPSSODescriptor or SPSSODescriptor for SAML 2.0"));
    }
    Ok(EntityDescriptor {
        entity_id: entity_id.to_owned(),
        id: node.attr("ID").map(str::to_owned),
        valid_until: node.time_attr("validUntil")?,
        identity_provider: identity_provider
            .map(|role| read_identity_provider(role, &mut left_out))
            .transpose()?,
        service_provider: service_provider
            .map(|role| read_service_provider(role, &mut left_out))
            .transpose()?,
        left_out,
    })
}

/// The role for SAML 2.0; those for other versions are left out.
fn role<'d>(
    node: Node<'d>,
    name: &'static str,
    left_out: &mut Vec<String>,
) -> Result<Option<Node<'d>>, Error> {
    let mut found = None;
    for role in node.children(ns::METADATA, name) {
        let protocols = role.attr("protocolSupportEnumeration").unwrap_or_default();
        if !protocols
            .split_ascii_whitespace()
            .any(|protocol| protocol == ns::PROTOCOL)
        {
            left_out.push(format!("{name} for {protocols}"));
        } else if found.replace(role).is_some() {
            return Err(Error::Repeated {
                parent: node.local_name().to_owned(),
                what: name,
            });
        }
    }
    Ok(found)
}

fn read_identity_provider(node: Node<'_>, left_out: &mut Vec<String>) -> Result<IdentityProviderRole, Error> {
    Ok(IdentityProviderRole {
        keys: keys(node, left_out)?,
        name_id_formats: name_id_formats(node)?,
        single_sign_on: endpoints(node, "SingleSignOnService")?,
        single_logout: endpoints(node, "SingleLogoutService")?,
        want_authn_requests_signed: node.bool_attr("WantAuthnRequestsSigned")?.unwrap_or_default(),
    })
}

fn read_service_provider(node: Node<'_>, left_out: &mut Vec<String>) -> Result<ServiceProviderRole, Error> {
    let mut assertion_consumers: Vec<IndexedEndpoint> = Vec::new();
    for consumer in node.children(ns::METADATA, "AssertionConsumerService") {
        let index = match consumer.number_attr("index")? {
            Some(index) => index,
            // It has to be there, and is not always.
            None => free_index(&assertion_consumers),
        };
        if assertion_consumers.iter().any(|other| other.index == index) {
            return Err(consumer.wrong("@index", "a number of its own", &index.to_string()));
        }
        assertion_consumers.push(IndexedEndpoint {
            endpoint: endpoint(consumer)?,
            index,
            is_default: consumer.bool_attr("isDefault")?,
        });
    }
    if assertion_consumers.is_empty() {
        return Err(node.missing("AssertionConsumerService"));
    }
    let mut attribute_consumers = Vec::new();
    for consumer in node.children(ns::METADATA, "AttributeConsumingService") {
        attribute_consumers.push(attribute_consumer(consumer)?);
    }
    Ok(ServiceProviderRole {
        keys: keys(node, left_out)?,
        name_id_formats: name_id_formats(node)?,
        assertion_consumers,
        single_logout: endpoints(node, "SingleLogoutService")?,
        attribute_consumers,
        authn_requests_signed: node.bool_attr("AuthnRequestsSigned")?.unwrap_or_default(),
        want_assertions_signed: node.bool_attr("WantAssertionsSigned")?.unwrap_or_default(),
    })
}

fn free_index(taken: &[IndexedEndpoint]) -> u16 {
    (0..=u16::MAX)
        .find(|index| taken.iter().all(|other| other.index != *index))
        .unwrap_or_default()
}

fn name_id_formats(node: Node<'_>) -> Result<Vec<String>, Error> {
    node.children(ns::METADATA, "NameIDFormat")
        .map(Node::text)
        .collect()
}

fn endpoints(node: Node<'_>, name: &'static str) -> Result<Vec<Endpoint>, Error> {
    node.children(ns::METADATA, name).map(endpoint).collect()
}

fn endpoint(node: Node<'_>) -> Result<Endpoint, Error> {
    let location = |name: &'static str, text: &str| {
        let text = text.trim();
        // Browsers are sent there, and forms are: another scheme would run as a script.
        let lower = text.get(..8).map(str::to_ascii_lowercase).unwrap_or_default();
        if lower.starts_with("https://") || lower.starts_with("http://") {
            return Ok(text.to_owned());
        }
        Err(node.wrong(name, "an address with http or https", text))
    };
    Ok(Endpoint {
        binding: node.required("Binding")?.trim().to_owned(),
        location: location("@Location", node.required("Location")?)?,
        response_location: node
            .attr("ResponseLocation")
            .map(|text| location("@ResponseLocation", text))
            .transpose()?,
    })
}

fn keys(node: Node<'_>, left_out: &mut Vec<String>) -> Result<Vec<Key>, Error> {
    let mut found: Vec<Key> = Vec::new();
    for descriptor in node.children(ns::METADATA, "KeyDescriptor") {
        let key_use = match descriptor.attr("use") {
            None | Some("") => None,
            Some("signing") => Some(KeyUse::Signing),
            Some("encryption") => Some(KeyUse::Encryption),
            Some(other) => return Err(descriptor.wrong("@use", "signing or encryption", other)),
        };
        let info = descriptor.only_child(ns::DSIG, "KeyInfo")?;
        for data in info.children(ns::DSIG, "X509Data") {
            // What follows the first is the chain above it, which is not to be trusted in its place.
            let Some(certificate) = data.children(ns::DSIG, "X509Certificate").next() else {
                continue;
            };
            match Certificate::from_text(&certificate.text()?) {
                Ok(certificate) => found.push(Key { key_use, certificate }),
                Err(error) => left_out.push(format!("a certificate: {error}")),
            }
        }
        if info.children(ns::DSIG, "X509Data").next().is_none() {
            left_out.push("a key without a certificate".to_owned());
        }
    }
    Ok(found)
}

fn attribute_consumer(node: Node<'_>) -> Result<AttributeConsumer, Error> {
    let mut names = Vec::new();
    for name in node.children(ns::METADATA, "ServiceName") {
        names.push((name.language().unwrap_or_default(), name.text()?));
    }
    let mut requested = Vec::new();
    for attribute in node.children(ns::METADATA, "RequestedAttribute") {
        requested.push(RequestedAttribute {
            name: attribute.required("Name")?.to_owned(),
            name_format: attribute.attr("NameFormat").map(str::to_owned),
            friendly_name: attribute.attr("FriendlyName").map(str::to_owned),
            is_required: attribute.bool_attr("isRequired")?.unwrap_or_default(),
        });
    }
    Ok(AttributeConsumer {
        index: node.number_attr("index")?.unwrap_or_default(),
        is_default: node.bool_attr("isDefault")?,
        names,
        requested,
    })
}
