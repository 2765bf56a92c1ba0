//! LogoutRequest and LogoutResponse (SAML core §3.7).

use base::Timestamp;

use super::{Head, NameId, Status};
use crate::names::ns;
use crate::xml::{Element, Error, Node, format_time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    pub head: Head,
    pub not_on_or_after: Option<Timestamp>,
    pub reason: Option<String>,
    pub name_id: NameId,
    /// Which sessions; none means all of that person's.
    pub session_indexes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutResponse {
    pub head: Head,
    pub in_response_to: Option<String>,
    pub status: Status,
}

impl LogoutRequest {
    pub fn read(node: Node<'_>) -> Result<Self, Error> {
        node.expect(ns::PROTOCOL, "LogoutRequest")?;
        let indexes = node.children(ns::PROTOCOL, "SessionIndex").map(Node::text);
        Ok(Self {
            head: Head::read(node)?,
            not_on_or_after: node.time_attr("NotOnOrAfter")?,
            reason: node.attr("Reason").map(str::to_owned),
            name_id: NameId::read(node.only_child(ns::ASSERTION, "NameID")?)?,
            session_indexes: indexes.collect::<Result<_, _>>()?,
        })
    }

    pub fn to_element(&self) -> Element {
        let indexes = self.session_indexes.iter();
        self.head
            .element("samlp:LogoutRequest")
            .maybe_attr("Reason", self.reason.as_deref())
            .maybe_attr("NotOnOrAfter", self.not_on_or_after.map(format_time))
            .child(self.name_id.to_element())
            .children(indexes.map(|index| Element::new("samlp:SessionIndex").text(index)))
    }
}

impl LogoutResponse {
    pub fn read(node: Node<'_>) -> Result<Self, Error> {
        node.expect(ns::PROTOCOL, "LogoutResponse")?;
        Ok(Self {
            head: Head::read(node)?,
            in_response_to: node.attr("InResponseTo").map(str::to_owned),
            status: Status::read(node.only_child(ns::PROTOCOL, "Status")?)?,
        })
    }

    pub fn to_element(&self) -> Element {
        self.head
            .element("samlp:LogoutResponse")
            .maybe_attr("InResponseTo", self.in_response_to.as_deref())
            .child(self.status.to_element())
    }
}
