//! The OAuth 2.0 authorization server (RFC 6749), at the addresses of Webex's own broker.
//!
//! What there is: the implicit grant (§4.2) for the public client of the Webex guides, the metadata (RFC 8414), and Webex's
//! question when a token expires.

mod authorize;
mod expiry;
mod fragment;
mod metadata;
mod request;
mod wrapped;

use access::Permission::OwnToken;
use http::Method;

use crate::doors::{AUTHORIZE, AUTHORIZE_WRAPPED, Doors};

/// Adds every endpoint of the authorization server.
pub fn open(doors: &mut Doors) {
    for path in AUTHORIZE {
        doors.page(Method::GET, path, authorize::ask);
    }
    doors.page(Method::GET, AUTHORIZE_WRAPPED, wrapped::unwrap);
    doors.page_of_signed_in(Method::POST, AUTHORIZE[0], authorize::decide);
    doors.api_at(
        Method::GET,
        "/v1/authorizations/tokenExpiry",
        OwnToken,
        expiry::token_expiry,
    );
    doors.open(
        Method::GET,
        "/.well-known/oauth-authorization-server",
        metadata::metadata,
    );
}
