//! The messages of SAML 2.0 as types (SAML core §2, §3), read from elements and written as elements.
//!
//! Reading says what a message says, not whether to believe it: that is for [`crate::profile`].

mod assertion;
mod attribute;
mod authn_request;
mod head;
mod logout;
mod name_id;
mod response;
mod status;

pub use assertion::{Assertion, AuthnStatement, Conditions, Confirmation, Subject};
pub use attribute::{Attribute, AttributeValue, ValueType};
pub use authn_request::{AuthnRequest, Comparison, NameIdPolicy, RequestedContext};
pub use head::Head;
pub use logout::{LogoutRequest, LogoutResponse};
pub use name_id::NameId;
pub use response::Response;
pub use status::Status;
