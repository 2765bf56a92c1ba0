//! Errors as Directory Insights gives them: `{"message": …}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// One error answer.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }
}

impl From<directory::Error> for Failure {
    fn from(error: directory::Error) -> Self {
        if let directory::Error::Store(store::Error::Busy | store::Error::Unavailable(_)) = &error {
            tracing::warn!(%error, "the events could not be read");
            return Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The database is not available just now; try again",
            );
        }
        tracing::error!(%error, "a request failed on our side");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on our side; it has been logged",
        )
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "message": self.message }))).into_response()
    }
}
