//! The ids under which a request is found again.

use std::convert::Infallible;
use std::sync::Arc;

use access::Principal;
use axum::extract::{FromRequestParts, Request, State as Extract};
use axum::middleware::Next;
use axum::response::Response;
use base::{Cause, CorrelationId};
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use scim::ResourceTypes;

use crate::State;

/// Webex's clients send it and quote it to support; every answer carries one.
pub const TRACKING_ID: HeaderName = HeaderName::from_static("trackingid");

/// The ids of the request at hand.
#[derive(Debug, Clone, Copy)]
pub struct RequestIds {
    pub correlation: CorrelationId,
}

impl RequestIds {
    /// Whom the changes of this request are put down to.
    pub fn cause(&self, principal: &Principal) -> Cause {
        Cause {
            actor: principal.actor(),
            correlation: self.correlation,
        }
    }
}

/// Gives every request its ids, and every answer its `TrackingID`.
pub async fn identify(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let correlation: CorrelationId = state.ambient.id();
    let sent = request
        .headers()
        .get(&TRACKING_ID)
        .filter(|value| value.len() <= 200)
        .cloned();
    let made = || HeaderValue::from_str(&format!("INSTEP_{correlation}"));
    let tracking = match sent {
        Some(sent) => sent,
        None => made().unwrap_or(HeaderValue::from_static("INSTEP")),
    };
    request.extensions_mut().insert(RequestIds { correlation });
    let mut response = next.run(request).await;
    response.headers_mut().insert(TRACKING_ID, tracking);
    response
}

impl<S: Send + Sync> FromRequestParts<S> for RequestIds {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts
            .extensions
            .get::<Self>()
            .copied()
            .ok_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The holder of the request's token; there on every guarded endpoint.
#[derive(Debug, Clone)]
pub struct Caller {
    pub principal: Principal,
    pub cause: Cause,
    /// What resources are in the principal's organization.
    pub types: Arc<ResourceTypes>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The query string's parameters, in which `+` is a space (Entra ID and Webex's clients send it so).
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// The first value of a parameter whose name is compared without regard to case; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// The same where an empty value, or none at all, means something.
    pub fn get_even_empty(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}
