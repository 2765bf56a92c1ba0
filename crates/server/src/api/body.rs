//! JSON request bodies of the admin API.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problem;
use super::strict::Strict;
use crate::body::Unreadable;
use crate::scim::MAX_BODY;

/// A JSON body of a known shape; an empty one is read as `{}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = crate::body::read(request, MAX_BODY).await?;
        let bytes = if bytes.trim_ascii().is_empty() {
            b"{}".as_slice()
        } else {
            &bytes[..]
        };
        let body = scim::message::parse(bytes)
            .map_err(|error| Problem::bad_request("body.not_json", error.detail))?;
        read(body).map(Self)
    }
}

/// A body of a known shape, wherever it comes from.
pub fn read<T: DeserializeOwned>(body: Value) -> Result<T, Problem> {
    if holds_nul(&body) {
        let detail = format!("The body: {}", base::canonical::NulError);
        return Err(Problem::bad_request("body.invalid", detail));
    }
    if !body.is_object() {
        let detail = "The body must be a JSON object, such as {\"name\": \"value\"}";
        return Err(Problem::bad_request("body.invalid", detail));
    }
    T::deserialize(Strict(body)).map_err(|misfit| Problem::bad_request("body.invalid", misfit.to_string()))
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::TooLarge(most) => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body.unreadable",
                format!("The body is larger than {most} bytes"),
            ),
            Unreadable::Slow => Self::new(
                StatusCode::REQUEST_TIMEOUT,
                "body.unreadable",
                "The body did not come in time",
            ),
            Unreadable::Broken(why) => {
                Self::bad_request("body.unreadable", format!("The body could not be read: {why}"))
            }
        }
    }
}

/// Is U+0000 in a text of the body? PostgreSQL cannot hold it.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
