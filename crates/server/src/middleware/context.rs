//! The ids under which a request is found again, and from where it came.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use access::{Principal, Visitor};
use axum::extract::FromRequestParts;
use base::{Cause, CorrelationId, Origin};
use directory::Settings;
use http::Uri;
use http::request::Parts;
use scim::ResourceTypes;

use super::tracking::TrackingId;

/// The ids of the request at hand, and its client's address.
#[derive(Debug, Clone)]
pub struct RequestIds {
    pub correlation: CorrelationId,
    pub tracking: TrackingId,
    pub client_ip: IpAddr,
}

impl RequestIds {
    /// What the changes of this request belong to.
    pub fn origin(&self) -> Origin {
        Origin {
            correlation: self.correlation,
            client_ip: Some(self.client_ip),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestIds {
    type Rejection = http::StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The holder of the request's token; there on every guarded endpoint. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    pub principal: Arc<Principal>,
    origin: Origin,
    cause: OnceLock<Cause>,
    /// What resources are in the principal's organization.
    pub types: Arc<ResourceTypes>,
    /// The organization's settings.
    pub settings: Settings,
}

impl Caller {
    pub fn new(
        principal: Arc<Principal>,
        origin: Origin,
        types: Arc<ResourceTypes>,
        settings: Settings,
    ) -> Self {
        Self(Arc::new(Inner {
            principal,
            origin,
            cause: OnceLock::new(),
            types,
            settings,
        }))
    }
}

impl std::ops::Deref for Caller {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Inner {
    /// Whom the changes of this request are put down to.
    pub fn cause(&self) -> &Cause {
        self.cause
            .get_or_init(|| Cause::of(self.principal.actor(), self.origin))
    }
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

/// Who is signed in; there on every page for those.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Visitor);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
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
    /// Those of an address.
    pub fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The first value of a parameter whose name is compared without regard to case; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Those that say something: a form sends its empty fields, too.
    pub fn without_empty(mut self) -> Self {
        self.0.retain(|(_, value)| !value.is_empty());
        self
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
        Ok(Self::of(&parts.uri))
    }
}
