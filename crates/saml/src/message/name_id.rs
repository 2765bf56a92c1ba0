//! Names of people (SAML core §2.2.3).

use crate::names::name_id_format;
use crate::xml::{Element, Error, Node};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameId {
    pub value: String,
    pub format: Option<String>,
    /// In whose realm the name is one: the identity provider's.
    pub name_qualifier: Option<String>,
    /// For whom the name was made: a service provider.
    pub sp_name_qualifier: Option<String>,
    pub sp_provided_id: Option<String>,
}

impl NameId {
    pub fn new(value: impl Into<String>, format: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            format: Some(format.into()),
            name_qualifier: None,
            sp_name_qualifier: None,
            sp_provided_id: None,
        }
    }

    /// The format; none is `unspecified`.
    pub fn format(&self) -> &str {
        let format = self.format.as_deref().unwrap_or(name_id_format::UNSPECIFIED);
        name_id_format::canonical(format)
    }

    pub(crate) fn read(node: Node<'_>) -> Result<Self, Error> {
        let value = node.text()?;
        if value.is_empty() {
            return Err(node.missing("text"));
        }
        let attr = |name| node.attr(name).map(str::to_owned);
        Ok(Self {
            value,
            format: attr("Format"),
            name_qualifier: attr("NameQualifier"),
            sp_name_qualifier: attr("SPNameQualifier"),
            sp_provided_id: attr("SPProvidedID"),
        })
    }

    pub(crate) fn to_element(&self) -> Element {
        Element::new("saml:NameID")
            .maybe_attr("NameQualifier", self.name_qualifier.as_deref())
            .maybe_attr("SPNameQualifier", self.sp_name_qualifier.as_deref())
            .maybe_attr("Format", self.format.as_deref())
            .maybe_attr("SPProvidedID", self.sp_provided_id.as_deref())
            .text(&self.value)
    }
}
