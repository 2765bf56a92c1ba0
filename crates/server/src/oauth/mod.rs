//! The OAuth 2.0 authorization server (RFC 6749), at the addresses of Webex's own broker.
//!
//! What there is: for clients that organizations register, authorization codes with PKCE (§4.1, RFC 7636), refresh tokens
//! that are good once (§6), tokens for themselves (§4.4), revocation (RFC 7009) and introspection (RFC 7662); for the public
//! client of the Webex guides the implicit grant (§4.2); the metadata (RFC 8414), and Webex's question when a token expires.

mod answer;
mod authorize;
mod client;
mod expiry;
mod failure;
mod form;
mod inspect;
mod metadata;
mod request;
mod token;
mod wrapped;

use access::Permission::OwnToken;
use http::Method;

use crate::doors::{ACCESS_TOKEN, AUTHORIZE, AUTHORIZE_WRAPPED, Doors, INTROSPECT, REVOKE};

/// Adds every endpoint of the authorization server.
pub fn open(doors: &mut Doors) {
    for path in AUTHORIZE {
        doors.page(Method::GET, path, authorize::ask);
    }
    doors.page(Method::GET, AUTHORIZE_WRAPPED, wrapped::unwrap);
    doors.page_of_signed_in(Method::POST, AUTHORIZE[0], authorize::decide);
    for path in ACCESS_TOKEN {
        doors.client(Method::POST, path, token::issue);
    }
    doors.client(Method::POST, REVOKE, inspect::revoke);
    doors.client(Method::POST, INTROSPECT, inspect::introspect);
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
