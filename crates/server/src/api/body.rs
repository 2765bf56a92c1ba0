//! JSON request bodies of the admin API.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Problem;
use crate::body::Unreadable;
use crate::scim::MAX_BODY;

/// A JSON body of a known shape; an empty one is read as `{}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let read = crate::body::read(request, MAX_BODY).await;
        let bytes = read.map_err(|unreadable| match unreadable {
            Unreadable::TooLarge(most) => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body.unreadable",
                format!("The body is larger than {most} bytes"),
            ),
            Unreadable::Broken(why) => {
                Problem::bad_request("body.unreadable", format!("The body could not be read: {why}"))
            }
        })?;
        let bytes = if bytes.trim_ascii().is_empty() {
            b"{}".as_slice()
        } else {
            &bytes[..]
        };
        if holds_nul(bytes) {
            let detail = base::canonical::NulError.to_string();
            return Err(Problem::bad_request(
                "body.invalid",
                format!("The body is not what is expected here: {detail}"),
            ));
        }
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

/// Is U+0000 in a text of the body? PostgreSQL cannot hold it. In JSON it only comes escaped.
fn holds_nul(body: &[u8]) -> bool {
    let escape = b"\\u0000";
    body.windows(escape.len()).any(|window| window == escape)
        && serde_json::from_slice(body).is_ok_and(|value: Value| in_value(&value))
}

fn in_value(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(in_value),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || in_value(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
