//! Errors of the admin API: problem details (RFC 9457), made only here.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use base::Message;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// The code of a problem, beside the answer that tells it.
#[derive(Debug, Clone)]
pub struct ProblemCode(pub String);

/// One error answer.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: String,
    detail: String,
    params: BTreeMap<String, String>,
    /// In seconds.
    retry_after: Option<u64>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            params: BTreeMap::new(),
            retry_after: None,
        }
    }

    /// 400: the request cannot mean anything.
    pub fn bad_request(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A form that names nothing which could be done.
    pub fn no_action() -> Self {
        Self::bad_request("do", "The form does not say what is to be done")
    }

    /// 404.
    pub fn not_found(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 409: it contradicts what is there.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 429: again after so many seconds.
    pub fn too_soon(code: &str, detail: impl Into<String>, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail)
        }
    }

    /// 503: the same request may well succeed a little later. The cause goes to the log, not to the caller.
    pub fn unavailable(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(error, "the database did not serve a request");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The database is not available just now; try again",
        )
    }

    /// 500: the cause goes to the log, not to the caller.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "a request failed on our side");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side; it has been logged",
        )
    }

    /// Adds one value.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The setting that cannot be what it was to be.
    pub fn setting(&self) -> Option<&str> {
        self.params.get("setting").map(String::as_str)
    }

    /// What it is about, for people: a sentence with its full stop.
    pub fn sentence(&self) -> String {
        let mut letters = self.detail.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let mut sentence: String = first.chain(letters).collect();
        if !sentence.ends_with(['.', '!', '?']) {
            sentence.push('.');
        }
        sentence
    }

    /// The code with the sentence, if the caller is at fault.
    pub fn refusal(&self) -> Option<Message> {
        let refused = self.status.is_client_error();
        refused.then(|| Message::new(&*self.code).with("detail", &self.detail))
    }

    /// The body.
    pub fn to_json(&self) -> serde_json::Value {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if !self.params.is_empty() {
            body["params"] = json!(self.params);
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json().to_string()).into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}
