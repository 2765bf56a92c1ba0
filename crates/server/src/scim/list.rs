//! Lists: what is asked for (RFC 7644 §3.4.2, RFC 9865), and the page that answers it.

use std::num::IntErrorKind;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use directory::{Criteria, Kind, PAGE_BYTES, Resource};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use scim::message::{Position, SearchRequest};
use scim::projection::{Projection, Sent};
use scim::sort::Sort;
use scim::{ResourceType, ResourceTypes};
use serde_json::Value;

use super::failure::{Failure, MEDIA_TYPE};
use super::location::Base;
use super::members::Which;
use super::{cursor, groups, users};
use crate::State;
use crate::middleware::context::{Caller, Params};

/// Resources on a page when the client does not say (Webex's own default); announced as `pagination.defaultPageSize`.
pub const DEFAULT_COUNT: u32 = 100;
/// Resources on a page at most; announced as `filter.maxResults`.
pub const MAX_COUNT: u32 = 1_000;

/// Of so many people the groups are asked for at once.
const TOGETHER: usize = 250;

/// What a list request asks for.
#[derive(Debug)]
pub struct Query {
    criteria: Criteria,
    projection: Projection,
    paging: Paging,
    count: u32,
    /// Of groups.
    members: Which,
}

#[derive(Debug)]
enum Paging {
    /// 1-based.
    Index(u64),
    /// Empty for the first page.
    Cursor(String),
}

impl Query {
    /// From a query string.
    pub fn of_params(
        params: &Params,
        types: &Arc<ResourceTypes>,
        base: &Base,
        kinds: &[Kind],
    ) -> Result<Self, Failure> {
        let text = |name| params.get(name).map(ToOwned::to_owned);
        let cursor = params.get_even_empty("cursor").map(ToOwned::to_owned);
        let count = number(params, "count").map_err(|error| match cursor {
            Some(_) => scim::Error::invalid_count(error.detail),
            None => error,
        })?;
        let search = SearchRequest {
            attributes: text("attributes"),
            excluded_attributes: excluded(params)?,
            filter: text("filter"),
            sort_by: text("sortBy"),
            sort_order: text("sortOrder"),
            start_index: number(params, "startIndex")?,
            count,
            cursor,
        };
        let members = Which::of(params)?;
        Ok(Self {
            members,
            ..Self::read(search, types, base, kinds)?
        })
    }

    /// From a SearchRequest (§3.4.3).
    pub fn of_body(
        body: &Value,
        types: &Arc<ResourceTypes>,
        base: &Base,
        kinds: &[Kind],
    ) -> Result<Self, Failure> {
        Self::read(SearchRequest::from_value(body)?, types, base, kinds)
    }

    fn read(
        search: SearchRequest,
        types: &Arc<ResourceTypes>,
        base: &Base,
        kinds: &[Kind],
    ) -> Result<Self, Failure> {
        let filter = search.filter.as_deref().filter(|filter| !filter.is_empty());
        let filter = filter.map(scim::filter::parse).transpose();
        let filter = filter.map_err(|error| scim::Error::filter_syntax(&error))?;
        let sort = Sort::parse(search.sort_by.as_deref(), search.sort_order.as_deref())?;
        for kind in kinds {
            if let Some(filter) = &filter {
                scim::filter::check(filter, kind.resource_type(types))?;
            }
            if let Some(sort) = &sort {
                sort.check(kind.resource_type(types))?;
            }
        }
        let projection = Projection::parse(
            search.attributes.as_deref(),
            search.excluded_attributes.as_deref(),
        )?;
        let (paging, count) = match search.cursor {
            Some(cursor) => (Paging::Cursor(cursor), cursor_count(search.count)?),
            None => (
                Paging::Index(index(search.start_index)),
                index_count(search.count),
            ),
        };
        Ok(Self {
            criteria: Criteria {
                types: types.clone(),
                kinds: kinds.to_vec(),
                filter,
                sort,
                base_url: base.url.clone(),
            },
            projection,
            paging,
            count,
            members: Which::All,
        })
    }
}

/// `excludedAttributes`, and what Webex's own parameters leave out besides: `returnGroups`, `includeMembers`. Without them
/// it is as the RFCs have it. The groups always come with details, so `includeGroupDetails` only asks for them.
fn excluded(params: &Params) -> Result<Option<String>, Failure> {
    let mut names: Vec<&str> = params.get("excludedAttributes").into_iter().collect();
    let details = switch(params, "includeGroupDetails")? == Some(true);
    if switch(params, "returnGroups")? == Some(false) && !details {
        names.push("groups");
    }
    if switch(params, "includeMembers")? == Some(false) {
        names.push("members");
    }
    Ok((!names.is_empty()).then(|| names.join(",")))
}

fn switch(params: &Params, name: &str) -> Result<Option<bool>, Failure> {
    match params.get(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(text) => {
            let detail = format!("{name} is true or false, not {text:?}");
            Err(Failure(scim::Error::invalid_value(detail)))
        }
    }
}

/// `startIndex`, from 1.
pub fn start_index(params: &Params) -> Result<u64, Failure> {
    Ok(index(number(params, "startIndex")?))
}

/// `count`, where it is not a list of resources.
pub fn count(params: &Params, default: u32, max: u32) -> Result<u32, Failure> {
    Ok(bounded(number(params, "count")?, default, max))
}

/// §3.4.2.4: less than 1 is read as 1.
fn index(sent: Option<i64>) -> u64 {
    sent.unwrap_or(1).try_into().unwrap_or(1).max(1)
}

/// §3.4.2.4: a negative count is read as 0.
fn index_count(sent: Option<i64>) -> u32 {
    bounded(sent, DEFAULT_COUNT, MAX_COUNT)
}

fn bounded(sent: Option<i64>, default: u32, max: u32) -> u32 {
    let count = |count: i64| u32::try_from(count.max(0)).unwrap_or(u32::MAX);
    sent.map_or(default, count).min(max)
}

/// RFC 9865 §2: a positive number.
fn cursor_count(sent: Option<i64>) -> Result<u32, scim::Error> {
    if sent.is_some_and(|count| count < 1) {
        let detail = format!("count must be between 1 and {MAX_COUNT} with a cursor");
        return Err(scim::Error::invalid_count(detail));
    }
    Ok(index_count(sent))
}

fn number(params: &Params, name: &str) -> Result<Option<i64>, scim::Error> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    match text.trim().parse::<i64>() {
        Ok(number) => Ok(Some(number)),
        // What is beyond every limit is taken for the limit.
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(Some(i64::MAX)),
        Err(error) if *error.kind() == IntErrorKind::NegOverflow => Ok(Some(i64::MIN)),
        Err(_) => {
            let detail = format!("{name} is not a number: {text:?}");
            Err(scim::Error::invalid_value(detail))
        }
    }
}

/// The page that a query asks for. It holds fewer resources than that where they would take too many bytes
/// (§3.4.2.4, RFC 9865 §2), but one at least.
pub async fn answer(state: &State, caller: &Caller, base: &Base, query: &Query) -> Result<Response, Failure> {
    let (resources, total, position) = match &query.paging {
        Paging::Index(start) => by_index(state, caller, base, query, *start).await?,
        Paging::Cursor(cursor) => by_cursor(state, caller, base, query, cursor).await?,
    };
    let body = scim::message::list_response_text(total, &position, &resources);
    Ok((StatusCode::OK, [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response())
}

async fn by_index(
    state: &State,
    caller: &Caller,
    base: &Base,
    query: &Query,
    start: u64,
) -> Result<(Vec<String>, u64, Position), Failure> {
    let org = caller.principal.org;
    let range = start - 1..(start - 1).saturating_add(query.count.into());
    let found = state.directory.list(org, &query.criteria, range).await?;
    let items: Vec<&Resource> = found.items.iter().collect();
    let resources = render(state, caller, base, query, &items).await?;
    Ok((resources, found.total, Position::StartIndex(start)))
}

async fn by_cursor(
    state: &State,
    caller: &Caller,
    base: &Base,
    query: &Query,
    sent: &str,
) -> Result<(Vec<String>, u64, Position), Failure> {
    let (org, criteria) = (caller.principal.org, &query.criteria);
    // The total is counted once: counting looks at everything, a page only at itself.
    let (total, place) = if sent.is_empty() {
        (state.directory.count_matching(org, criteria).await?, None)
    } else {
        let cursor = cursor::read(state, org, criteria, sent)?;
        (cursor.total, Some(cursor.place))
    };
    let page = state
        .directory
        .following(org, criteria, place.as_ref(), query.count)
        .await?;
    let items: Vec<&Resource> = page.items.iter().map(|(_, resource)| resource).collect();
    let resources = render(state, caller, base, query, &items).await?;
    let next = if resources.len() < page.items.len() {
        resources
            .len()
            .checked_sub(1)
            .map(|last| page.items[last].0.clone())
    } else {
        page.next
    };
    // Whoever came since is on the page all the same.
    let total = total.max(resources.len() as u64);
    let next = next.map(|place| cursor::issue(state, org, criteria, place, total));
    Ok((resources, total, Position::NextCursor(next)))
}

/// The first ones, as many as there is room for on a page.
async fn render(
    state: &State,
    caller: &Caller,
    base: &Base,
    query: &Query,
    items: &[&Resource],
) -> Result<Vec<String>, Failure> {
    let (org, projection) = (caller.principal.org, &query.projection);
    let (mut resources, mut bytes) = (Vec::with_capacity(items.len()), 0);
    for some in items.chunks(TOGETHER) {
        let people = some.iter().filter_map(|item| item.user());
        let mut memberships = users::groups_of(state, org, people, projection).await?;
        for item in some {
            if bytes >= PAGE_BYTES {
                return Ok(resources);
            }
            let resource = match item {
                Resource::User(user) => {
                    let groups = memberships.remove(&user.id).unwrap_or_default();
                    users::render(&caller.types, user, &groups, base, projection)?
                }
                Resource::Group(group) => {
                    groups::render(state, caller, group, base, projection, query.members).await?
                }
            };
            bytes += resource.len() as u64;
            resources.push(resource);
        }
    }
    Ok(resources)
}

/// The same projection for the answer to a request with this body: see [`Sent`].
pub fn answering(projection: Projection, body: &Value, kind: &ResourceType) -> Projection {
    if kind.withholds {
        projection.after(Sent::of_body(body, kind))
    } else {
        projection
    }
}

/// Leaves of a rendered resource what the client asked for, and may see.
pub fn project(whole: String, projection: &Projection, kind: &ResourceType) -> Result<String, Failure> {
    if projection.is_all() && !kind.withholds {
        return Ok(whole);
    }
    let object = serde_json::from_str(&whole).map_err(|error| {
        tracing::error!(%error, "a stored document is not JSON");
        scim::Error::new(500, "Something went wrong on our side; it has been logged")
    })?;
    Ok(Value::Object(projection.apply(&object, kind)).to_string())
}
