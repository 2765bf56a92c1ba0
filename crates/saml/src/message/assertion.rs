//! Assertions (SAML core §2.3.3).

use base::Timestamp;

use super::head::{issuer_element, read_issuer};
use super::{Attribute, NameId};
use crate::names::{confirmation, ns};
use crate::xml::{Element, Error, Node, format_time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub id: String,
    pub issued: Timestamp,
    pub issuer: String,
    pub subject: Subject,
    pub conditions: Conditions,
    pub authn_statements: Vec<AuthnStatement>,
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub name_id: Option<NameId>,
    pub confirmations: Vec<Confirmation>,
}

/// By what somebody who brings the assertion may use it (SAML core §2.4.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    pub method: String,
    pub recipient: Option<String>,
    pub not_before: Option<Timestamp>,
    pub not_on_or_after: Option<Timestamp>,
    pub in_response_to: Option<String>,
    pub address: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    pub not_before: Option<Timestamp>,
    pub not_on_or_after: Option<Timestamp>,
    /// Of each restriction, one audience has to be oneself.
    pub audience_restrictions: Vec<Vec<String>>,
    pub one_time_use: bool,
    /// How often it may be passed on, where that is restricted.
    pub proxy_count: Option<u16>,
    /// Names of conditions that we do not know: an assertion with one must not be believed (SAML core §2.5.1).
    pub unknown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnStatement {
    pub instant: Timestamp,
    pub session_index: Option<String>,
    pub session_not_on_or_after: Option<Timestamp>,
    pub context_class: Option<String>,
    pub context_declaration: Option<String>,
    pub authorities: Vec<String>,
}

impl Assertion {
    pub fn read(node: Node<'_>) -> Result<Self, Error> {
        node.expect(ns::ASSERTION, "Assertion")?;
        let mut authn_statements = Vec::new();
        for statement in node.children(ns::ASSERTION, "AuthnStatement") {
            authn_statements.push(AuthnStatement::read(statement)?);
        }
        let mut attributes = Vec::new();
        for statement in node.children(ns::ASSERTION, "AttributeStatement") {
            for attribute in statement.children(ns::ASSERTION, "Attribute") {
                attributes.push(Attribute::read(attribute)?);
            }
        }
        let conditions = node.child(ns::ASSERTION, "Conditions")?;
        Ok(Self {
            id: node.id_of_version_2()?,
            issued: node
                .time_attr("IssueInstant")?
                .ok_or_else(|| node.missing("IssueInstant"))?,
            issuer: read_issuer(node.only_child(ns::ASSERTION, "Issuer")?)?,
            subject: Subject::read(node.only_child(ns::ASSERTION, "Subject")?)?,
            conditions: conditions.map(Conditions::read).transpose()?.unwrap_or_default(),
            authn_statements,
            attributes,
        })
    }

    pub fn to_element(&self) -> Element {
        let attributes = (!self.attributes.is_empty()).then(|| {
            let attributes = self.attributes.iter().map(Attribute::to_element);
            Element::new("saml:AttributeStatement").children(attributes)
        });
        Element::new("saml:Assertion")
            .attr("ID", &self.id)
            .attr("Version", "2.0")
            .attr("IssueInstant", format_time(self.issued))
            .child(issuer_element(&self.issuer))
            .child(self.subject.to_element())
            .child(self.conditions.to_element())
            .children(self.authn_statements.iter().map(AuthnStatement::to_element))
            .children(attributes)
    }

    /// The values of an attribute, whichever form its name was given in.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl Subject {
    fn read(node: Node<'_>) -> Result<Self, Error> {
        let name_id = node.child(ns::ASSERTION, "NameID")?;
        let confirmations = node.children(ns::ASSERTION, "SubjectConfirmation");
        Ok(Self {
            name_id: name_id.map(NameId::read).transpose()?,
            confirmations: confirmations.map(Confirmation::read).collect::<Result<_, _>>()?,
        })
    }

    fn to_element(&self) -> Element {
        Element::new("saml:Subject")
            .children(self.name_id.as_ref().map(NameId::to_element))
            .children(self.confirmations.iter().map(Confirmation::to_element))
    }
}

impl Confirmation {
    /// For whoever brings it to `recipient` before `until`.
    pub fn bearer(recipient: impl Into<String>, until: Timestamp, in_response_to: Option<String>) -> Self {
        Self {
            method: confirmation::BEARER.to_owned(),
            recipient: Some(recipient.into()),
            not_before: None,
            not_on_or_after: Some(until),
            in_response_to,
            address: None,
        }
    }

    fn read(node: Node<'_>) -> Result<Self, Error> {
        let method = node.required("Method")?.to_owned();
        let Some(data) = node.child(ns::ASSERTION, "SubjectConfirmationData")? else {
            return Ok(Self {
                method,
                recipient: None,
                not_before: None,
                not_on_or_after: None,
                in_response_to: None,
                address: None,
            });
        };
        let attr = |name| data.attr(name).map(str::to_owned);
        Ok(Self {
            method,
            recipient: attr("Recipient"),
            not_before: data.time_attr("NotBefore")?,
            not_on_or_after: data.time_attr("NotOnOrAfter")?,
            in_response_to: attr("InResponseTo"),
            address: attr("Address"),
        })
    }

    fn to_element(&self) -> Element {
        let data = Element::new("saml:SubjectConfirmationData")
            .maybe_attr("NotBefore", self.not_before.map(format_time))
            .maybe_attr("NotOnOrAfter", self.not_on_or_after.map(format_time))
            .maybe_attr("Recipient", self.recipient.as_deref())
            .maybe_attr("InResponseTo", self.in_response_to.as_deref())
            .maybe_attr("Address", self.address.as_deref());
        Element::new("saml:SubjectConfirmation")
            .attr("Method", &self.method)
            .child(data)
    }
}

impl Conditions {
    fn read(node: Node<'_>) -> Result<Self, Error> {
        let mut found = Self {
            not_before: node.time_attr("NotBefore")?,
            not_on_or_after: node.time_attr("NotOnOrAfter")?,
            ..Self::default()
        };
        for condition in node.elements() {
            match (condition.namespace(), condition.local_name()) {
                (ns::ASSERTION, "AudienceRestriction") => {
                    let audiences = condition.children(ns::ASSERTION, "Audience").map(Node::text);
                    found
                        .audience_restrictions
                        .push(audiences.collect::<Result<_, _>>()?);
                }
                (ns::ASSERTION, "OneTimeUse") => found.one_time_use = true,
                (ns::ASSERTION, "ProxyRestriction") => {
                    found.proxy_count = condition.number_attr("Count")?;
                }
                (_, name) => found.unknown.push(name.to_owned()),
            }
        }
        Ok(found)
    }

    fn to_element(&self) -> Element {
        let restriction = |audiences: &Vec<String>| {
            let audiences = audiences.iter();
            Element::new("saml:AudienceRestriction")
                .children(audiences.map(|audience| Element::new("saml:Audience").text(audience)))
        };
        let proxy = self.proxy_count;
        Element::new("saml:Conditions")
            .maybe_attr("NotBefore", self.not_before.map(format_time))
            .maybe_attr("NotOnOrAfter", self.not_on_or_after.map(format_time))
            .children(self.audience_restrictions.iter().map(restriction))
            .children(self.one_time_use.then(|| Element::new("saml:OneTimeUse")))
            .children(
                proxy.map(|count| Element::new("saml:ProxyRestriction").attr("Count", count.to_string())),
            )
    }
}

impl AuthnStatement {
    fn read(node: Node<'_>) -> Result<Self, Error> {
        let context = node.only_child(ns::ASSERTION, "AuthnContext")?;
        let text = |name| context.child(ns::ASSERTION, name)?.map(Node::text).transpose();
        let authorities = context
            .children(ns::ASSERTION, "AuthenticatingAuthority")
            .map(Node::text);
        Ok(Self {
            instant: node
                .time_attr("AuthnInstant")?
                .ok_or_else(|| node.missing("AuthnInstant"))?,
            session_index: node.attr("SessionIndex").map(str::to_owned),
            session_not_on_or_after: node.time_attr("SessionNotOnOrAfter")?,
            context_class: text("AuthnContextClassRef")?,
            context_declaration: text("AuthnContextDeclRef")?,
            authorities: authorities.collect::<Result<_, _>>()?,
        })
    }

    fn to_element(&self) -> Element {
        let authority = |name: &String| Element::new("saml:AuthenticatingAuthority").text(name);
        let class = self.context_class.as_deref();
        let declaration = self.context_declaration.as_deref();
        let context = Element::new("saml:AuthnContext")
            .children(class.map(|class| Element::new("saml:AuthnContextClassRef").text(class)))
            .children(declaration.map(|reference| Element::new("saml:AuthnContextDeclRef").text(reference)))
            .children(self.authorities.iter().map(authority));
        Element::new("saml:AuthnStatement")
            .attr("AuthnInstant", format_time(self.instant))
            .maybe_attr("SessionIndex", self.session_index.as_deref())
            .maybe_attr(
                "SessionNotOnOrAfter",
                self.session_not_on_or_after.map(format_time),
            )
            .child(context)
    }
}
