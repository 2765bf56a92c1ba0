//! Attributes of people (SAML core §2.7.3.1), in either profile: names as URIs or basic ones (SAML profiles §8.1, §8.2).

use crate::names::{attribute_name_format, ns};
use crate::xml::{Element, Error, Node};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub name_format: Option<String>,
    pub friendly_name: Option<String>,
    pub values: Vec<AttributeValue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeValue {
    pub text: String,
    pub value_type: Option<ValueType>,
}

/// What `xsi:type` says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    String,
    Boolean,
    Integer,
    DateTime,
    AnyUri,
    Base64,
}

impl ValueType {
    const ALL: [(Self, &'static str); 6] = [
        (Self::String, "xs:string"),
        (Self::Boolean, "xs:boolean"),
        (Self::Integer, "xs:integer"),
        (Self::DateTime, "xs:dateTime"),
        (Self::AnyUri, "xs:anyURI"),
        (Self::Base64, "xs:base64Binary"),
    ];

    pub fn as_str(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(own, _)| *own == self)
            .map_or("xs:string", |(_, name)| name)
    }

    /// Judged by the local part: what the prefix stands for is of no consequence for us.
    fn parse(name: &str) -> Option<Self> {
        let local = name.rsplit(':').next()?;
        let found = Self::ALL.into_iter().find(|(_, own)| &own[3..] == local);
        found.map(|(value_type, _)| value_type)
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            value_type: Some(ValueType::String),
        }
    }
}

impl Attribute {
    /// One of the basic profile, with texts for values.
    pub fn basic(name: impl Into<String>, values: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        Self {
            name: name.into(),
            name_format: Some(attribute_name_format::BASIC.to_owned()),
            friendly_name: None,
            values: values.into_iter().map(|value| value.as_ref().into()).collect(),
        }
    }

    /// One of the URI profile: `urn:oid:0.9.2342.19200300.100.1.3`, called `mail`.
    pub fn uri(
        name: impl Into<String>,
        friendly_name: impl Into<String>,
        values: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        Self {
            name_format: Some(attribute_name_format::URI.to_owned()),
            friendly_name: Some(friendly_name.into()),
            ..Self::basic(name, values)
        }
    }

    /// The first value.
    pub fn value(&self) -> Option<&str> {
        self.values.first().map(|value| value.text.as_str())
    }

    pub(crate) fn read(node: Node<'_>) -> Result<Self, Error> {
        let mut values = Vec::new();
        for value in node.children(ns::ASSERTION, "AttributeValue") {
            if value.bool_attr_of(ns::INSTANCE, "nil")? == Some(true) {
                continue;
            }
            if let Some(text) = text_of(value)? {
                values.push(AttributeValue {
                    text,
                    value_type: value.find_attr(ns::INSTANCE, "type").and_then(ValueType::parse),
                });
            }
        }
        Ok(Self {
            name: node.required("Name")?.to_owned(),
            name_format: node.attr("NameFormat").map(str::to_owned),
            friendly_name: node.attr("FriendlyName").map(str::to_owned),
            values,
        })
    }

    pub(crate) fn to_element(&self) -> Element {
        let value = |value: &AttributeValue| {
            let mut element = Element::new("saml:AttributeValue");
            if let Some(value_type) = value.value_type {
                element = element.declare("xs").attr("xsi:type", value_type.as_str());
            }
            if value.text.is_empty() {
                return element;
            }
            element.text(&value.text)
        };
        Element::new("saml:Attribute")
            .attr("Name", &self.name)
            .maybe_attr("NameFormat", self.name_format.as_deref())
            .maybe_attr("FriendlyName", self.friendly_name.as_deref())
            .children(self.values.iter().map(value))
    }
}

/// The text of a value; that of a name that is a value (as in eduPersonTargetedID); none of other XML.
fn text_of(value: Node<'_>) -> Result<Option<String>, Error> {
    let mut elements = value.elements();
    match (elements.next(), elements.next()) {
        (None, _) => value.raw_text().map(Some),
        (Some(name), None) if name.is(ns::ASSERTION, "NameID") => name.text().map(Some),
        _ => Ok(None),
    }
}
