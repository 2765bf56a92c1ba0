//! SAML 2.0, pure: messages, metadata, bindings, signatures, and the judging of what comes in, at both ends.
//!
//! Nothing in here opens a connection, looks at a clock or knows anybody. Time, ids and keys come in as arguments.

mod xml;

pub mod binding;
pub mod message;
pub mod metadata;
pub mod names;
pub mod profile;
pub mod security;
pub mod update_time;
pub mod webex_error;

pub use xml::{Document, Element, Error as XmlError, Limits, Node, format_time, parse_time};
