//! Putting the doors together, and serving them.

use std::future::Future;
use std::io;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt as _;
use http::Method;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::doors::Doors;
use crate::middleware::{context, errors};
use crate::{State, api, health, scim};

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
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            context::identify,
        ))
        .with_state(state.clone())
}

/// Serves until `stop` completes, then finishes the requests under way.
pub async fn serve(
    listener: TcpListener,
    state: &State,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Only slower without: answers of two packets would wait for each other's acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router(state))
        .with_graceful_shutdown(stop)
        .await
}
