//! JSON request bodies of the admin API.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::Problem;

/// A JSON body of a known shape; an empty one is read as `{}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            Problem::new(
                rejection.status(),
                "body.unreadable",
                format!("The body could not be read: {}", rejection.body_text()),
            )
        })?;
        let bytes = if bytes.trim_ascii().is_empty() {
            b"{}".as_slice()
        } else {
            &bytes
        };
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            let (code, status) = if error.is_data() {
                ("body.invalid", StatusCode::BAD_REQUEST)
            } else {
                ("body.not_json", StatusCode::BAD_REQUEST)
            };
            Problem::new(
                status,
                code,
                format!("The body is not what is expected here: {error}"),
            )
        })
    }
}
