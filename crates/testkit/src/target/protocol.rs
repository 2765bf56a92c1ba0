//! Answers in SCIM's form: RFC 7644 §3.12 for errors, §3.4.2 for lists.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    scim_type: Option<&'static str>,
    detail: String,
}

impl Refusal {
    pub(super) fn new(status: u16, scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: Some(scim_type),
            detail: detail.into(),
        }
    }

    pub(super) fn plain(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
        }
    }

    pub(super) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(400, "invalidValue", detail)
    }

    pub(super) fn not_found(id: &str) -> Self {
        Self::plain(404, format!("resource {id} not found"))
    }
}

/// An answer, before any fault spoils it.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    /// Something was created, changed or deleted.
    pub(super) committed: bool,
}

impl Answer {
    pub(super) fn read(body: Value) -> Self {
        Self {
            status: 200,
            body: Some(body),
            committed: false,
        }
    }

    pub(super) fn written(status: u16, body: Option<Value>) -> Self {
        Self {
            status,
            body,
            committed: true,
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": refusal.status.to_string(),
            "detail": refusal.detail,
        });
        if let Some(scim_type) = refusal.scim_type {
            body["scimType"] = scim_type.into();
        }
        Self {
            status: refusal.status,
            body: Some(body),
            committed: false,
        }
    }
}

/// A page of a list; `start` counts from 1.
pub(super) fn list(total: usize, start: usize, page: Vec<Value>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": page.len(),
        "Resources": page,
    })
}

pub(super) fn response(
    status: u16,
    content_type: &str,
    body: Bytes,
) -> http::Response<http_body_util::Full<Bytes>> {
    let mut response = http::Response::new(http_body_util::Full::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}
