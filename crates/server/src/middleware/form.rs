//! The last touch on an answer: the form that the client's door and headers ask for.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::tracking::{self, TrackingId};
use crate::scim::MEDIA_TYPE;
use crate::webex;

const SCIM: &str = "application/scim+json";
const JSON: &str = "application/json";
/// When to come again if we cannot serve just now, in seconds.
const SOON: HeaderValue = HeaderValue::from_static("1");

/// What of a request decides on the form of its answer.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    errors: Errors,
    wants_json: bool,
}

impl Form {
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        Self {
            errors: Errors::of(path, headers),
            wants_json: wants_json(headers, Manner::of(path, headers)),
        }
    }

    /// Gives an answer the client's media type, an error what Webex's clients look for, and says when to come again.
    pub fn shape(self, response: &mut Response, tracking: &TrackingId) {
        if self.errors == Errors::Webex
            && let Some(error) = response.extensions_mut().remove::<scim::Error>()
        {
            let body = self.errors.body(&error, tracking);
            response.headers_mut().remove(CONTENT_LENGTH);
            *response.body_mut() = Body::from(body.to_string());
        }
        if let Some(failure) = response.extensions_mut().remove::<webex::Failure>() {
            let body = failure.body(Some(tracking.as_str()));
            response.headers_mut().remove(CONTENT_LENGTH);
            *response.body_mut() = Body::from(body.to_string());
        }
        let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        let headers = response.headers_mut();
        if self.wants_json && headers.get(CONTENT_TYPE) == Some(&MEDIA_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        }
        if unavailable {
            headers.insert(RETRY_AFTER, SOON);
        }
    }
}

/// As whom an answer speaks that is no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As RFC 7644 has it.
    Rfc,
    /// As Webex's own service does, where the two differ.
    Webex,
}

impl Manner {
    /// Webex's at its own base, for whom one can tell to be such a client: by a `TrackingID`, or by plain JSON as its
    /// media type, without having asked for the RFC's.
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        let is_such_a_client = || {
            !mentions(headers, ACCEPT, SCIM)
                && (headers.contains_key(tracking::HEADER) || mentions(headers, CONTENT_TYPE, JSON))
        };
        if is_webex(path) && is_such_a_client() {
            Self::Webex
        } else {
            Self::Rfc
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Manner {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), &parts.headers))
    }
}

/// What errors hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// What RFC 7644 §3.12 has.
    Rfc,
    /// Webex's extension beside it.
    Webex,
}

impl Errors {
    /// Webex's at its own base, unless the client asks for the RFC's media type by name: some who do refuse what no RFC
    /// has.
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        if is_webex(path) && !mentions(headers, ACCEPT, SCIM) {
            Self::Webex
        } else {
            Self::Rfc
        }
    }

    pub fn body(self, error: &scim::Error, tracking: &TrackingId) -> Value {
        match self {
            Self::Rfc => error.to_json(),
            Self::Webex => scim::webex::error(error, tracking.as_str()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Errors {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.path(), &parts.headers))
    }
}

/// Is it Webex's own base, `/identity/scim/…`?
fn is_webex(path: &str) -> bool {
    path.strip_prefix("/identity/scim")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// RFC 7644 §3.1 leaves `application/json` to those who ask for it. Webex's clients do not ask, but read nothing else:
/// at their base whoever sends it gets it.
fn wants_json(headers: &HeaderMap, manner: Manner) -> bool {
    match manner {
        Manner::Rfc => mentions(headers, ACCEPT, JSON) && !mentions(headers, ACCEPT, SCIM),
        Manner::Webex => mentions(headers, ACCEPT, JSON) || mentions(headers, CONTENT_TYPE, JSON),
    }
}

fn mentions(headers: &HeaderMap, name: HeaderName, media_type: &str) -> bool {
    let ranges = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    ranges
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use base::Ambient;
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::scim::Failure;

    #[test]
    fn the_media_type_is_the_one_that_the_client_reads() {
        for (at_webex, accept, sent, json) in [
            (false, "", "", false),
            (false, "*/*", "application/json", false),
            (false, "application/json", "", true),
            (false, "text/html, Application/JSON;q=0.9", "", true),
            (false, "application/json, application/scim+json", "", false),
            (true, "*/*", "application/json;charset=utf-8", true),
            (true, "", "application/json", true),
            (true, "*/*", "application/scim+json", false),
            (true, "application/scim+json", "application/json", false),
            (true, "*/*", "", false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(ACCEPT, accept), (CONTENT_TYPE, sent)] {
                if !value.is_empty() {
                    headers.insert(name, HeaderValue::from_static(value));
                }
            }
            let path = if at_webex {
                "/identity/scim/o/v2/Users"
            } else {
                "/v1/scim/o/Users"
            };
            let manner = Manner::of(path, &headers);
            assert_eq!(wants_json(&headers, manner), json, "{path} {accept:?} {sent:?}");
        }
    }

    #[test]
    fn who_cannot_be_served_hears_when_to_come_again() {
        for (path, accept, schemas) in [
            ("/identity/scim/o/v2/Users", "*/*", 2),
            ("/identity/scim/o/v2/Users", "*/*, application/scim+json;q=0.5", 1),
            ("/v1/scim/o/Users", "*/*", 1),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            let tracking = TrackingId::of(&headers, Ambient::system().id());
            let mut response = Failure(scim::Error::new(503, "not now")).into_response();
            Form::of(path, &headers).shape(&mut response, &tracking);
            assert_eq!(response.headers()[RETRY_AFTER], "1", "{path}");
            assert_eq!(response.headers()[CONTENT_TYPE], MEDIA_TYPE);
            let body = response.into_body().collect().now_or_never();
            let body = body.expect("there at once").expect("a body").to_bytes();
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(body["schemas"].as_array().map(Vec::len), Some(schemas), "{path}");
        }
    }
}
