//! The organization's service provider: identity providers outside vouch for its people.
//!
//! An organization has some identity providers and routes that say whom each of them vouches for. A sign-in is a request of
//! ours (`request`), kept until it is answered, and the answer (`response`): believed by the rules of `saml`, about
//! somebody whom the directory knows (`person`) or gets to know (`accounts`). Whose session it becomes is the server's
//! and `access`'s.

mod accounts;
mod addresses;
mod admission;
mod attributes;
mod error;
mod logout;
pub mod metadata;
mod organization;
mod outcome;
pub mod pages;
mod person;
mod provider_rows;
mod providers;
mod recovery;
mod request;
mod response;
mod routes;
mod setting_changes;
pub mod settings;
mod subjects;
mod telling;
mod warnings;
mod way;

pub use addresses::Addresses;
pub use error::Error;
pub use logout::{Came, SignedOut, Unconfirmed};
pub use organization::Sso;
pub use outcome::{Fault, Passed, Proof, Received, Refused, Vouched, Welcome};
pub use providers::{NewProvider, Provider, ProviderChange};
pub use recovery::{Asking, Remedy};
pub use request::{Purpose, Wanted};
pub use routes::{Route, RouteTo};
pub use saml::webex_error::WebexError;
pub use subjects::Linked;
