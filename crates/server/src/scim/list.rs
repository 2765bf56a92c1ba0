//! Lists: paging by index (RFC 7644 §3.4.2.4) and their envelope (§3.4.2).

use std::fmt::Write as _;
use std::ops::Range;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use scim::ResourceType;
use scim::filter::Filter;
use scim::projection::Projection;

use super::failure::{Failure, MEDIA_TYPE};
use crate::middleware::context::Params;

/// Resources on a page when the client does not say (Webex's own default).
const DEFAULT_COUNT: u64 = 100;
/// Resources on a page at most; announced as `filter.maxResults`.
pub const MAX_COUNT: u64 = 1_000;

/// What a list request asks for.
#[derive(Debug)]
pub struct Page {
    pub filter: Option<Filter>,
    /// 1-based.
    start_index: u64,
    count: u64,
}

impl Page {
    pub fn read(params: &Params, kind: &ResourceType) -> Result<Self, Failure> {
        let filter = params.get("filter").map(scim::filter::parse).transpose();
        let filter = filter.map_err(|error| scim::Error::filter_syntax(&error))?;
        if let Some(filter) = &filter {
            scim::filter::check(filter, kind)?;
        }
        Ok(Self {
            filter,
            // §3.4.2.4: less than 1 is read as 1, a negative count as 0.
            start_index: number(params, "startIndex")?
                .unwrap_or(1)
                .try_into()
                .unwrap_or(1)
                .max(1),
            count: number(params, "count")?
                .map_or(DEFAULT_COUNT, |count| count.try_into().unwrap_or(0))
                .min(MAX_COUNT),
        })
    }

    /// Which of the matching resources are wanted, counted from 0.
    pub fn range(&self) -> Range<u64> {
        let start = self.start_index - 1;
        start..start.saturating_add(self.count)
    }
}

fn number(params: &Params, name: &str) -> Result<Option<i64>, Failure> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    text.trim().parse().map(Some).map_err(|_| {
        Failure(scim::Error::invalid_value(format!(
            "{name} is not a number: {text:?}"
        )))
    })
}

/// The ListResponse around rendered resources.
pub fn response(page: &Page, total: u64, resources: &[String]) -> Response {
    let mut body = String::with_capacity(160 + resources.iter().map(|one| one.len() + 1).sum::<usize>());
    // Writing to a String cannot fail.
    let _ = write!(
        body,
        "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":{total},\"startIndex\":{},\"itemsPerPage\":{},\"Resources\":[{}]}}",
        page.start_index,
        resources.len(),
        resources.join(",")
    );
    (StatusCode::OK, [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
}

/// Leaves of a rendered resource what the client asked for.
pub fn project(whole: String, projection: &Projection, kind: &ResourceType) -> Result<String, Failure> {
    if projection.is_all() {
        return Ok(whole);
    }
    let object = serde_json::from_str(&whole).map_err(|error| {
        tracing::error!(%error, "a stored document is not JSON");
        scim::Error::new(500, "Something went wrong on our side; it has been logged")
    })?;
    Ok(serde_json::Value::Object(projection.apply(&object, kind)).to_string())
}
