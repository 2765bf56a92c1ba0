//! Errors as Webex's REST APIs give them: `{"message", "errors": [{"errorCode"?, "description"}], "trackingId"}`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use directory::licences::LicenceError;
use http::StatusCode;
use serde_json::{Value, json};

/// One error answer.
#[derive(Debug, Clone)]
pub struct Failure {
    status: StatusCode,
    message: String,
    code: Option<u32>,
}

impl Failure {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// With the number that Webex has for it.
    pub fn numbered(self, code: u32) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// The body; what the request is called is put in at the end, where that is known.
    pub fn body(&self, tracking: Option<&str>) -> Value {
        let mut error = json!({ "description": self.message });
        if let Some(code) = self.code {
            error["errorCode"] = code.into();
        }
        json!({ "message": self.message, "errors": [error], "trackingId": tracking })
    }
}

impl From<directory::Error> for Failure {
    fn from(error: directory::Error) -> Self {
        use directory::Error;
        match &error {
            Error::UnknownUser { .. } | Error::Licence(LicenceError::Unknown { .. }) => {
                Self::not_found(error.to_string())
            }
            Error::HigherRole { .. } => Self::new(StatusCode::FORBIDDEN, error.to_string()),
            Error::Licence(LicenceError::NoneLeft { .. }) => Self::bad_request(error.to_string()),
            Error::Contended | Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => {
                tracing::warn!(%error, "licences could not be read or written");
                let message = "The database is not available just now; try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
            }
            _ => {
                tracing::error!(%error, "a request failed on our side");
                let message = "Something went wrong on our side; it has been logged";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body(None))).into_response();
        response.extensions_mut().insert(self);
        response
    }
}
