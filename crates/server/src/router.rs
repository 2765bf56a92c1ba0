//! Putting the doors together.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use http::Method;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::doors::Doors;
use crate::middleware::{context, errors};
use crate::{State, api, health, scim};

/// How long a body may pause between two pieces.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// All doors, not yet open.
pub(crate) fn doors(state: &State) -> Doors {
    let mut doors = Doors::new(state.clone());
    scim::open(&mut doors);
    api::open(&mut doors);
    doors.open(Method::GET, "/healthz", health::healthz);
    doors.open(Method::GET, "/readyz", health::readyz);
    doors
}

/// The whole service as a router.
pub fn router(state: &State) -> Router {
    let (router, _) = doors(state).into_parts();
    router
        .fallback(errors::not_found)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(DefaultBodyLimit::max(scim::MAX_BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(axum::middleware::from_fn(errors::in_own_form))
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            context::identify,
        ))
        .with_state(state.clone())
}
