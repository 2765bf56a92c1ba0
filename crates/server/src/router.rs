//! Putting the doors together.

use axum::Router;
use http::Method;

use crate::doors::Doors;
use crate::middleware::errors;
use crate::{State, api, console, health, insights, oauth, pages, saml, scim, webex};

/// All doors, not yet open.
pub(crate) fn doors() -> Doors {
    let mut doors = Doors::default();
    scim::open(&mut doors);
    api::open(&mut doors);
    insights::open(&mut doors);
    webex::open(&mut doors);
    pages::open(&mut doors);
    console::open(&mut doors);
    oauth::open(&mut doors);
    saml::open(&mut doors);
    doors.open(Method::GET, "/healthz", health::healthz);
    doors.open(Method::GET, "/readyz", health::readyz);
    doors
}

/// Every route. What is done for all of them alike is in [`crate::service`].
pub fn router(state: &State) -> Router {
    let (router, _) = doors().into_parts();
    router
        .fallback(errors::not_found)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .with_state(state.clone())
}
