//! Response (SAML core §3.3.3), without its assertions: those are believed one by one.

use super::{Head, Status};
use crate::names::ns;
use crate::xml::{Element, Error, Node};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub head: Head,
    pub in_response_to: Option<String>,
    pub status: Status,
}

impl Response {
    pub fn read(node: Node<'_>) -> Result<Self, Error> {
        node.expect(ns::PROTOCOL, "Response")?;
        Ok(Self {
            head: Head::read(node)?,
            in_response_to: node.attr("InResponseTo").map(str::to_owned),
            status: Status::read(node.only_child(ns::PROTOCOL, "Status")?)?,
        })
    }

    /// The response around assertions, plain or encrypted, that are written already.
    pub fn to_element(&self, assertion: Option<String>) -> Element {
        let element = self
            .head
            .element("samlp:Response")
            .maybe_attr("InResponseTo", self.in_response_to.as_deref())
            .child(self.status.to_element());
        match assertion {
            Some(xml) => element.written(xml),
            None => element,
        }
    }
}
