//! `GET /v1/authorizations/tokenExpiry`, as Webex has it.

use axum::Json;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::middleware::context::Caller;

type NotKept = [(HeaderName, HeaderValue); 1];

/// When the token expires that asks: milliseconds since 1970.
pub async fn token_expiry(caller: Caller) -> (NotKept, Json<Value>) {
    let expires = caller.principal.expires.map(|at| at.as_micros() / 1_000);
    let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (headers, Json(json!({ "exp": expires })))
}
