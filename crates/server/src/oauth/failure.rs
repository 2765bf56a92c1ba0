//! Errors as clients get them (RFC 6749 §5.2), made only here.

use access::GrantError;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// One error answer.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    error: &'static str,
    description: String,
}

impl Failure {
    /// 400: `invalid_request` and its kin.
    pub fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
        }
    }

    pub fn request(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }

    /// 401.
    pub fn client(description: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new("invalid_client", description)
        }
    }

    fn ours(error: &access::Error) -> Self {
        let (status, description) = match error {
            access::Error::Busy | access::Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => {
                tracing::warn!(%error, "the database did not serve a request");
                let text = "the database is not available just now; try again";
                (StatusCode::SERVICE_UNAVAILABLE, text)
            }
            _ => {
                tracing::error!(%error, "a request failed on our side");
                let text = "something went wrong on our side; it has been logged";
                (StatusCode::INTERNAL_SERVER_ERROR, text)
            }
        };
        Self {
            status,
            // Of RFC 6749 §4.1.2.1; §5.2 has none for this.
            error: "server_error",
            description: description.to_owned(),
        }
    }
}

impl From<access::Error> for Failure {
    fn from(error: access::Error) -> Self {
        Self::ours(&error)
    }
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        let description = error.to_string();
        match error {
            GrantError::Client => Self::client(description),
            GrantError::Grant(_) => Self::new("invalid_grant", description),
            GrantError::Scope(_) => Self::new("invalid_scope", description),
            GrantError::Unauthorized(_) => Self::new("unauthorized_client", description),
            GrantError::Inner(error) => Self::ours(&error),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"instep\"");
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
