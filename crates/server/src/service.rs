//! What happens to every request before and after its route: a SCIM path loses slashes too many, the request gets its
//! ids, its body a limit of patience, and an answer in its door's own form even when a handler panics.
//!
//! One function around the router, instead of a stack of layers around every route: each layer costs every request two
//! allocations and copies of all that it wraps.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::Response;
use base::{Ambient, CorrelationId};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, StatusCode, Uri};
use tower::{BoxError, Service as _};
use tower_http::timeout::TimeoutBody;
use tracing::Instrument as _;

use crate::middleware::context::RequestIds;
use crate::middleware::errors;
use crate::middleware::form::Form;
use crate::middleware::tracking::{self, TrackingId};
use crate::middleware::transport::Transport;
use crate::{State, router, slashes};

/// How long a body may pause between two pieces.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// The longest address with its query, in bytes. The HTTP library refuses by itself what is longer than 65,534 bytes, or
/// what is no address, and leaves no room for a body in that answer; so ours is the smaller limit.
const LONGEST_ADDRESS: usize = 48 * 1024;

/// The whole service.
pub struct Service {
    router: Router,
    ambient: Ambient,
    transport: Transport,
}

impl Service {
    pub fn new(state: &State) -> Self {
        Self {
            router: router::router(state),
            ambient: state.ambient.clone(),
            transport: Transport::of(&state.config),
        }
    }

    /// Answers a request, whatever happens.
    pub async fn answer<B>(&self, mut request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if let Some(uri) = slashes::without_doubled(request.uri()) {
            *request.uri_mut() = uri;
        }
        self.transport.look_at(&request);
        let client_ip = self.transport.client_ip(&request);
        let correlation: CorrelationId = self.ambient.id();
        let tracking = TrackingId::of(request.headers(), correlation);
        let span = tracing::debug_span!("request", tracking = tracking.as_str(), %correlation);
        let family = errors::family(request.uri());
        let form = Form::of(request.uri().path(), request.headers());
        let mut request = request.map(patient);
        request.extensions_mut().insert(RequestIds {
            correlation,
            tracking: tracking.clone(),
            client_ip,
        });
        let mut router = self.router.clone();
        let answered = async move {
            if is_too_long(request.uri()) {
                return Ok(errors::address_too_long(family, LONGEST_ADDRESS));
            }
            router.call(request).await
        };
        let answered = AssertUnwindSafe(answered.instrument(span));
        let mut response = match answered.catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                tracing::error!(%correlation, "a handler panicked");
                errors::panicked(family)
            }
        };
        if response.status().is_server_error() {
            let (tracking, status) = (tracking.as_str(), response.status().as_u16());
            tracing::error!(tracking, %correlation, status, "a request failed");
        }
        if response.status() == StatusCode::BAD_REQUEST {
            let tracking = tracking.as_str();
            tracing::debug!(target: errors::SECURITY, %client_ip, tracking, "a request could not be taken as it was");
        }
        form.shape(&mut response, &tracking);
        self.transport.shape(&mut response);
        response
            .headers_mut()
            .insert(tracking::HEADER, tracking.into_header());
        response
    }
}

fn is_too_long(address: &Uri) -> bool {
    let shown = address.path_and_query();
    shown.is_some_and(|shown| shown.as_str().len() > LONGEST_ADDRESS)
}

fn patient<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    if body.is_end_stream() {
        Body::empty()
    } else {
        Body::new(TimeoutBody::new(BODY_PAUSE, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use http::header::CONTENT_TYPE;

    async fn panics() {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_panic_is_told_in_the_form_of_the_door() {
        let router = Router::new()
            .route("/v1/scim/o/Users", get(panics))
            .route("/api/v1/people", get(panics));
        let service = Service {
            router,
            ambient: Ambient::system(),
            transport: Transport::of(&crate::Config {
                public_url: "https://id.example".to_owned(),
                proxy: crate::Proxy::InFront,
                requests_per_minute: None,
            }),
        };
        for (path, media_type) in [
            ("/v1/scim/o/Users", "application/scim+json"),
            ("/api/v1/people", "application/problem+json"),
        ] {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = service.answer(request).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[CONTENT_TYPE], media_type);
            assert!(response.headers().contains_key(tracking::HEADER));
            assert!(response.headers().contains_key("strict-transport-security"));
        }
    }
}
