//! What browsers bring of SAML, and what administrators paste.

mod message;
mod query;
mod signed;

pub use message::saml_message;
pub use query::saml_query;
pub use signed::saml_signed;
