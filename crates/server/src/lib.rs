//! The doors: the SCIM service, the admin API and pages for browsers, over HTTP.
//!
//! A door only translates: it reads a request, asks the rooms below, and writes their answer in the protocol's own
//! form. Every endpoint is registered through [`doors::Doors`], which wants to know who may use it; there is no other
//! way to add one, so [`endpoints`] is complete.

mod api;
mod body;
mod console;
mod doors;
mod health;
mod insights;
mod middleware;
mod newcomers;
mod oauth;
mod pages;
mod request_line;
mod router;
mod saml;
mod scim;
mod serve;
mod service;
mod slashes;
mod state;
mod webex;

pub use api::openapi;
pub use doors::{Endpoint, Family, Guard};
pub use newcomers::Newcomers;
pub use pages::Proxy;
pub use saml::service_provider::test_address as sso_test_address;
pub use serve::serve;
pub use state::{Config, Sealers, State};

/// Every endpoint there is, with who may use it.
pub fn endpoints() -> Vec<Endpoint> {
    router::doors().into_parts().1
}
