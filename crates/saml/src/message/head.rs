//! What every request and every response begins with (SAML core §3.2.1, §3.2.2).

use base::Timestamp;

use crate::names::{name_id_format, ns};
use crate::xml::{Element, Error, Node, format_time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    pub issued: Timestamp,
    /// Where the sender sends it.
    pub destination: Option<String>,
    pub consent: Option<String>,
    /// The sender's entity ID.
    pub issuer: Option<String>,
}

impl Head {
    pub(crate) fn read(node: Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            id: node.id_of_version_2()?,
            issued: node
                .time_attr("IssueInstant")?
                .ok_or_else(|| node.missing("IssueInstant"))?,
            destination: node.attr("Destination").map(str::to_owned),
            consent: node.attr("Consent").map(str::to_owned),
            issuer: node
                .child(ns::ASSERTION, "Issuer")?
                .map(read_issuer)
                .transpose()?,
        })
    }

    /// The element, begun: whatever is signed has its signature right behind the issuer.
    pub(crate) fn element(&self, name: &'static str) -> Element {
        Element::new(name)
            .attr("ID", &self.id)
            .attr("Version", "2.0")
            .attr("IssueInstant", format_time(self.issued))
            .maybe_attr("Destination", self.destination.as_deref())
            .maybe_attr("Consent", self.consent.as_deref())
            .children(self.issuer.as_deref().map(issuer_element))
    }
}

/// An issuer is an entity, in whichever form that is said (SAML core §2.2.5).
pub(crate) fn read_issuer(node: Node<'_>) -> Result<String, Error> {
    if let Some(format) = node.attr("Format")
        && format != name_id_format::ENTITY
        && name_id_format::canonical(format) != name_id_format::UNSPECIFIED
    {
        return Err(node.wrong("@Format", "that of an entity", format));
    }
    let issuer = node.text()?;
    if issuer.is_empty() {
        return Err(node.missing("text"));
    }
    Ok(issuer)
}

pub(crate) fn issuer_element(entity_id: &str) -> Element {
    Element::new("saml:Issuer").text(entity_id)
}
