//! AuthnRequest (SAML core §3.4.1).

use super::{Head, NameId};
use crate::names::ns;
use crate::xml::{Element, Error, Node};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnRequest {
    pub head: Head,
    /// Who it has to be.
    pub subject: Option<NameId>,
    pub force_authn: bool,
    pub is_passive: bool,
    /// Where the answer is wanted: an address with the binding wanted there, or the number of one in the metadata.
    pub acs_url: Option<String>,
    pub protocol_binding: Option<String>,
    pub acs_index: Option<u16>,
    pub attribute_consuming_index: Option<u16>,
    pub provider_name: Option<String>,
    pub name_id_policy: Option<NameIdPolicy>,
    pub requested_context: Option<RequestedContext>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameIdPolicy {
    pub format: Option<String>,
    pub sp_name_qualifier: Option<String>,
    pub allow_create: Option<bool>,
}

/// How strongly the person has to have been authenticated (SAML core §3.3.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedContext {
    pub comparison: Comparison,
    /// References to classes, the preferred one first. Or to declarations: never both.
    pub classes: Vec<String>,
    pub declarations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comparison {
    #[default]
    Exact,
    Minimum,
    Maximum,
    Better,
}

impl Comparison {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Better => "better",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Exact, Self::Minimum, Self::Maximum, Self::Better]
            .into_iter()
            .find(|comparison| comparison.as_str() == text)
    }
}

impl RequestedContext {
    /// One of these classes, exactly.
    pub fn exact(classes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            comparison: Comparison::Exact,
            classes: classes.into_iter().map(Into::into).collect(),
            declarations: Vec::new(),
        }
    }

    /// Whether a class will do (SAML core §3.3.2.2.1). `order` has classes from the weakest to the strongest; one that is
    /// not in it can only be compared with itself. Without anything asked for, everything will do.
    pub fn is_met_by(&self, class: &str, order: &[&str]) -> bool {
        if self.classes.is_empty() {
            return self.declarations.is_empty();
        }
        let rank = |class: &str| order.iter().position(|known| *known == class);
        let compare = |wanted: &String| match (self.comparison, rank(class), rank(wanted)) {
            (Comparison::Better, Some(given), Some(wanted)) => given > wanted,
            (Comparison::Better, ..) => false,
            (Comparison::Minimum, Some(given), Some(wanted)) => given >= wanted,
            (Comparison::Maximum, Some(given), Some(wanted)) => given <= wanted,
            _ => wanted == class,
        };
        match self.comparison {
            // Better than all of them, no stronger than the strongest, no weaker than one.
            Comparison::Better => self.classes.iter().all(compare),
            _ => self.classes.iter().any(compare),
        }
    }

    fn read(node: Node<'_>) -> Result<Self, Error> {
        let comparison = match node.attr("Comparison") {
            None => Comparison::Exact,
            Some(text) => Comparison::parse(text)
                .ok_or_else(|| node.wrong("@Comparison", "exact, minimum, maximum or better", text))?,
        };
        let texts = |name| {
            node.children(ns::ASSERTION, name)
                .map(Node::text)
                .collect::<Result<Vec<_>, _>>()
        };
        let found = Self {
            comparison,
            classes: texts("AuthnContextClassRef")?,
            declarations: texts("AuthnContextDeclRef")?,
        };
        if found.classes.is_empty() && found.declarations.is_empty() {
            return Err(node.missing("AuthnContextClassRef"));
        }
        Ok(found)
    }

    fn to_element(&self) -> Element {
        let classes = self.classes.iter();
        let declarations = self.declarations.iter();
        Element::new("samlp:RequestedAuthnContext")
            .attr("Comparison", self.comparison.as_str())
            .children(classes.map(|class| Element::new("saml:AuthnContextClassRef").text(class)))
            .children(declarations.map(|reference| Element::new("saml:AuthnContextDeclRef").text(reference)))
    }
}

impl AuthnRequest {
    /// A request that asks for nothing in particular.
    pub fn new(head: Head) -> Self {
        Self {
            head,
            subject: None,
            force_authn: false,
            is_passive: false,
            acs_url: None,
            protocol_binding: None,
            acs_index: None,
            attribute_consuming_index: None,
            provider_name: None,
            name_id_policy: None,
            requested_context: None,
        }
    }

    pub fn read(node: Node<'_>) -> Result<Self, Error> {
        node.expect(ns::PROTOCOL, "AuthnRequest")?;
        let attr = |name| node.attr(name).map(str::to_owned);
        let subject = match node.child(ns::ASSERTION, "Subject")? {
            Some(subject) => Some(NameId::read(subject.only_child(ns::ASSERTION, "NameID")?)?),
            None => None,
        };
        let context = node.child(ns::PROTOCOL, "RequestedAuthnContext")?;
        Ok(Self {
            head: Head::read(node)?,
            subject,
            force_authn: node.bool_attr("ForceAuthn")?.unwrap_or_default(),
            is_passive: node.bool_attr("IsPassive")?.unwrap_or_default(),
            acs_url: attr("AssertionConsumerServiceURL"),
            protocol_binding: attr("ProtocolBinding"),
            acs_index: node.number_attr("AssertionConsumerServiceIndex")?,
            attribute_consuming_index: node.number_attr("AttributeConsumingServiceIndex")?,
            provider_name: attr("ProviderName"),
            name_id_policy: node
                .child(ns::PROTOCOL, "NameIDPolicy")?
                .map(NameIdPolicy::read)
                .transpose()?,
            requested_context: context.map(RequestedContext::read).transpose()?,
        })
    }

    pub fn to_element(&self) -> Element {
        let yes = |is: bool| is.then_some("true");
        let mut element = self.head.element("samlp:AuthnRequest");
        element = element
            .maybe_attr("ForceAuthn", yes(self.force_authn))
            .maybe_attr("IsPassive", yes(self.is_passive))
            .maybe_attr("ProtocolBinding", self.protocol_binding.as_deref())
            .maybe_attr(
                "AssertionConsumerServiceIndex",
                self.acs_index.map(|index| index.to_string()),
            )
            .maybe_attr("AssertionConsumerServiceURL", self.acs_url.as_deref())
            .maybe_attr(
                "AttributeConsumingServiceIndex",
                self.attribute_consuming_index.map(|index| index.to_string()),
            )
            .maybe_attr("ProviderName", self.provider_name.as_deref());
        let subject = self.subject.as_ref();
        element
            .children(subject.map(|name| Element::new("saml:Subject").child(name.to_element())))
            .children(self.name_id_policy.as_ref().map(NameIdPolicy::to_element))
            .children(self.requested_context.as_ref().map(RequestedContext::to_element))
    }
}

impl NameIdPolicy {
    fn read(node: Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            format: node.attr("Format").map(str::to_owned),
            sp_name_qualifier: node.attr("SPNameQualifier").map(str::to_owned),
            allow_create: node.bool_attr("AllowCreate")?,
        })
    }

    fn to_element(&self) -> Element {
        Element::new("samlp:NameIDPolicy")
            .maybe_attr("Format", self.format.as_deref())
            .maybe_attr("SPNameQualifier", self.sp_name_qualifier.as_deref())
            .maybe_attr("AllowCreate", self.allow_create.map(|allow| allow.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::context_class::{
        PASSWORD, PASSWORD_PROTECTED_TRANSPORT, UNSPECIFIED, USUAL_ORDER, WINDOWS, X509,
    };

    #[test]
    fn contexts_are_compared_as_the_standard_says() {
        let met = |comparison, wanted: &[&str], given| {
            let wanted = RequestedContext {
                comparison,
                ..RequestedContext::exact(wanted.iter().copied())
            };
            wanted.is_met_by(given, USUAL_ORDER)
        };
        let (weak, middle, strong) = (PASSWORD, PASSWORD_PROTECTED_TRANSPORT, X509);
        for (comparison, wanted, given, is_met) in [
            (Comparison::Exact, &[middle][..], middle, true),
            (Comparison::Exact, &[middle], strong, false),
            (Comparison::Exact, &[weak, strong], strong, true),
            (Comparison::Exact, &[WINDOWS, middle], WINDOWS, true),
            (Comparison::Exact, &[middle], UNSPECIFIED, false),
            (Comparison::Minimum, &[middle], strong, true),
            (Comparison::Minimum, &[middle], middle, true),
            (Comparison::Minimum, &[middle], weak, false),
            (Comparison::Minimum, &[middle], WINDOWS, false),
            (Comparison::Minimum, &[WINDOWS], WINDOWS, true),
            (Comparison::Maximum, &[middle], weak, true),
            (Comparison::Maximum, &[middle], strong, false),
            (Comparison::Maximum, &[weak, strong], strong, true),
            (Comparison::Better, &[middle], strong, true),
            (Comparison::Better, &[middle], middle, false),
            (Comparison::Better, &[weak, strong], middle, false),
            (Comparison::Better, &[WINDOWS], WINDOWS, false),
            (Comparison::Better, &[weak], WINDOWS, false),
            (Comparison::Exact, &[], WINDOWS, true),
        ] {
            assert_eq!(
                met(comparison, wanted, given),
                is_met,
                "{comparison:?} {wanted:?} {given}"
            );
        }
    }
}
