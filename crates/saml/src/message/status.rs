//! How a request went (SAML core §3.2.2.1).

use crate::names::{ns, status_code};
use crate::xml::{Element, Error, Node};

/// Codes from the outermost to the innermost, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub codes: Vec<String>,
    pub message: Option<String>,
}

/// More codes within each other than this are nobody's.
const DEEPEST: u8 = 8;

impl Status {
    pub fn success() -> Self {
        Self {
            codes: vec![status_code::SUCCESS.to_owned()],
            message: None,
        }
    }

    /// Whose fault it is, and why.
    pub fn failure(whose: &str, why: &str, message: impl Into<String>) -> Self {
        Self {
            codes: vec![whose.to_owned(), why.to_owned()],
            message: Some(message.into()),
        }
    }

    pub fn is_success(&self) -> bool {
        self.codes
            .first()
            .is_some_and(|code| code == status_code::SUCCESS)
    }

    pub fn has(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own == code)
    }

    pub(crate) fn read(node: Node<'_>) -> Result<Self, Error> {
        let mut codes = Vec::new();
        let mut next = Some(node.only_child(ns::PROTOCOL, "StatusCode")?);
        while let Some(code) = next {
            if codes.len() == usize::from(DEEPEST) {
                return Err(Error::TooDeep(u32::from(DEEPEST)));
            }
            codes.push(code.required("Value")?.to_owned());
            next = code.child(ns::PROTOCOL, "StatusCode")?;
        }
        let message = node.child(ns::PROTOCOL, "StatusMessage")?;
        Ok(Self {
            codes,
            message: message.map(Node::text).transpose()?,
        })
    }

    pub(crate) fn to_element(&self) -> Element {
        let code = |value: &String| Element::new("samlp:StatusCode").attr("Value", value);
        let codes = self
            .codes
            .iter()
            .rev()
            .fold(None, |inner, value| Some(code(value).children(inner)));
        let message = self.message.as_deref();
        Element::new("samlp:Status")
            .children(codes)
            .children(message.map(|text| Element::new("samlp:StatusMessage").text(text)))
    }
}
