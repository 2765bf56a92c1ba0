//! XML as far as SAML needs it: read under limits, without document type definitions, and written with every character
//! escaped that must be.
//!
//! Names are judged by namespace URI, never by prefix.

mod measure;
mod read;
mod time;
mod write;

pub(crate) use read::is_ncname;
pub use read::{Document, Limits, Node};
pub use time::{format_time, parse_time};
pub use write::Element;

/// Why a text is not taken as XML, or not as what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("longer than {0} bytes")]
    TooLong(usize),
    #[error("elements are nested more than {0} deep")]
    TooDeep(u32),
    #[error("more than {0} elements and attributes")]
    TooMany(usize),
    #[error("a document type definition is not allowed")]
    Doctype,
    #[error("not well-formed: {0}")]
    Malformed(String),
    #[error("the ID {0:?} is there twice")]
    DuplicateId(String),
    #[error("expected {expected}, found {found}")]
    Unexpected { expected: String, found: String },
    #[error("{parent} has no {what}")]
    Missing { parent: String, what: &'static str },
    #[error("{parent} has more than one {what}")]
    Repeated { parent: String, what: &'static str },
    #[error("{0} holds something else than text: an element, a comment or a processing instruction")]
    NotText(String),
    #[error("{place} is not {expected}: {value:?}")]
    Value {
        place: String,
        expected: &'static str,
        value: String,
    },
    #[error("version {0:?} of SAML is not understood; 2.0 is")]
    Version(String),
    #[error("the character {0:?} cannot be written in XML")]
    Character(char),
}

impl Error {
    /// For logs and traces; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "xml.too_long",
            Self::TooDeep(_) => "xml.too_deep",
            Self::TooMany(_) => "xml.too_many",
            Self::Doctype => "xml.doctype",
            Self::Malformed(_) => "xml.malformed",
            Self::DuplicateId(_) => "xml.duplicate_id",
            Self::Unexpected { .. } => "xml.unexpected",
            Self::Missing { .. } => "xml.missing",
            Self::Repeated { .. } => "xml.repeated",
            Self::NotText(_) => "xml.not_text",
            Self::Value { .. } => "xml.value",
            Self::Version(_) => "xml.version",
            Self::Character(_) => "xml.character",
        }
    }
}
