//! Lists: what is asked for (RFC 7644 §3.4.2), and the envelope of the answer.

use std::fmt::Write as _;
use std::ops::Range;

use axum::response::{IntoResponse, Response};
use directory::{Criteria, Kind, Resource};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use scim::ResourceType;
use scim::message::SearchRequest;
use scim::projection::Projection;
use scim::sort::Sort;
use serde_json::Value;

use super::failure::{Failure, MEDIA_TYPE};
use super::location::Base;
use super::{groups, users};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// Resources on a page when the client does not say (Webex's own default).
const DEFAULT_COUNT: u64 = 100;
/// Resources on a page at most; announced as `filter.maxResults`.
pub const MAX_COUNT: u64 = 1_000;

/// What a list request asks for.
#[derive(Debug)]
pub struct Query {
    criteria: Criteria,
    projection: Projection,
    /// 1-based.
    start_index: u64,
    count: u64,
}

impl Query {
    /// From a query string.
    pub fn of_params(params: &Params, kinds: &[Kind]) -> Result<Self, Failure> {
        let text = |name| params.get(name).map(ToOwned::to_owned);
        let search = SearchRequest {
            attributes: text("attributes"),
            excluded_attributes: text("excludedAttributes"),
            filter: text("filter"),
            sort_by: text("sortBy"),
            sort_order: text("sortOrder"),
            start_index: number(params, "startIndex")?,
            count: number(params, "count")?,
            cursor: None,
        };
        Self::read(search, kinds)
    }

    /// From a SearchRequest (§3.4.3).
    pub fn of_body(body: &Value, kinds: &[Kind]) -> Result<Self, Failure> {
        Self::read(SearchRequest::from_value(body)?, kinds)
    }

    fn read(search: SearchRequest, kinds: &[Kind]) -> Result<Self, Failure> {
        let filter = search.filter.as_deref().filter(|filter| !filter.is_empty());
        let filter = filter.map(scim::filter::parse).transpose();
        let filter = filter.map_err(|error| scim::Error::filter_syntax(&error))?;
        let sort = Sort::parse(search.sort_by.as_deref(), search.sort_order.as_deref())?;
        for kind in kinds {
            if let Some(filter) = &filter {
                scim::filter::check(filter, kind.resource_type())?;
            }
            if let Some(sort) = &sort {
                sort.check(kind.resource_type())?;
            }
        }
        let projection = Projection::parse(
            search.attributes.as_deref(),
            search.excluded_attributes.as_deref(),
        )?;
        Ok(Self {
            criteria: Criteria {
                kinds: kinds.to_vec(),
                filter,
                sort,
            },
            projection,
            // §3.4.2.4: less than 1 is read as 1, a negative count as 0.
            start_index: search.start_index.unwrap_or(1).try_into().unwrap_or(1).max(1),
            count: search
                .count
                .map_or(DEFAULT_COUNT, |count| count.try_into().unwrap_or(0))
                .min(MAX_COUNT),
        })
    }

    /// Which of the matching resources are wanted, counted from 0.
    fn range(&self) -> Range<u64> {
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

/// The page that a query asks for.
pub async fn answer(state: &State, caller: &Caller, base: &Base, query: &Query) -> Result<Response, Failure> {
    let org = caller.principal.org;
    let found = state.directory.list(org, &query.criteria, query.range()).await?;
    let resources = render(state, caller, base, &query.projection, &found.items).await?;
    Ok(response(query, found.total, &resources))
}

async fn render(
    state: &State,
    caller: &Caller,
    base: &Base,
    projection: &Projection,
    items: &[Resource],
) -> Result<Vec<String>, Failure> {
    let org = caller.principal.org;
    let people: Vec<_> = items
        .iter()
        .filter_map(Resource::user)
        .map(|user| user.id)
        .collect();
    let mut memberships = users::groups_of(state, org, &people, projection).await?;
    let mut resources = Vec::with_capacity(items.len());
    for item in items {
        resources.push(match item {
            Resource::User(user) => {
                let groups = memberships.remove(&user.id).unwrap_or_default();
                users::render(user, groups, base, projection)?
            }
            Resource::Group(group) => groups::render(state, org, group, base, projection).await?,
        });
    }
    Ok(resources)
}

/// The ListResponse around rendered resources.
fn response(query: &Query, total: u64, resources: &[String]) -> Response {
    let mut body = String::with_capacity(160 + resources.iter().map(|one| one.len() + 1).sum::<usize>());
    // Writing to a String cannot fail.
    let _ = write!(
        body,
        "{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":{total},\"startIndex\":{},\"itemsPerPage\":{},\"Resources\":[{}]}}",
        query.start_index,
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
    Ok(Value::Object(projection.apply(&object, kind)).to_string())
}
