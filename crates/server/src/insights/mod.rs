//! `POST /insights/directory/v1/events`: the event trail, asked for as JumpCloud's Directory Insights is.
//!
//! The shape of question and answer is that of <https://docs.jumpcloud.com/api/insights/directory/1.0/index.html>.

mod failure;
mod query;
mod shape;
mod term;

use access::Permission;
use axum::Json;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Response};
use base::{EventId, OrgId};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use store::Order;
use store::events::{Event, Filter};

use crate::State;
use crate::doors::Doors;
use crate::middleware::context::{Caller, RequestIds};
pub use failure::Failure;
use query::Query;

const EVENTS: &str = "/insights/directory/v1/events";
/// Rows read from the store at a time.
const PAGE: u32 = 1_000;

pub fn open(doors: &mut Doors) {
    doors.insights(Method::POST, EVENTS, Permission::QueryEvents, events);
}

async fn events(
    Extract(state): Extract<State>,
    caller: Caller,
    ids: RequestIds,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let org = caller.principal.org;
    own_organization(&headers, org)?;
    let query = Query::read(&body, state.ambient.now())?;
    let found = find(&state, org, &query).await?;
    let last = found
        .last()
        .map(|(event, _)| (event.at.as_micros() / 1_000, event.id));
    let after = match (last, query.after) {
        (Some((millis, id)), _) => json!([millis, id]),
        (None, Some(id)) => json!([0, id]),
        (None, None) => json!([]),
    };
    let rows: Vec<_> = found.into_iter().map(|(_, row)| query.project(row)).collect();
    let sort = match query.order {
        Order::OldestFirst => "ASC",
        Order::NewestFirst => "DESC",
    };
    let headers = [
        ("x-result-count", rows.len().to_string()),
        ("x-limit", query.limit.to_string()),
        ("x-sort", sort.to_owned()),
        ("x-search_after", after.to_string()),
        ("x-request-id", ids.correlation.to_string()),
    ];
    let mut response = Json(rows).into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}

/// An `x-org-id`, where a provider names its customers, can only name the token's own organization.
fn own_organization(headers: &HeaderMap, org: OrgId) -> Result<(), Failure> {
    let mut named = headers.get_all("x-org-id").iter().peekable();
    if named.peek().is_none() {
        return Ok(());
    }
    let own = org.to_string();
    if named.any(|value| value.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Ok(());
    }
    Err(Failure::not_found(
        "This key knows no such organization: leave x-org-id out, or send the organization for which the key was made",
    ))
}

/// The events that the question finds, each with the form in which it was judged.
async fn find(state: &State, org: OrgId, query: &Query) -> Result<Vec<(Event, Value)>, Failure> {
    let mut found = Vec::new();
    if !query.can_find() {
        return Ok(found);
    }
    let mut after: Option<EventId> = query.after;
    let mut skip = query.skip;
    loop {
        let filter = Filter {
            from: Some(query.from),
            until: query.until,
            event_type: query.only_type().map(str::to_owned),
            after,
            order: query.order,
        };
        let page = state.directory.events(org, &filter, PAGE).await?;
        let full = page.len() == PAGE as usize;
        after = page.last().map(|event| event.id);
        for event in page {
            let row = shape::render(org, &event);
            if !query.fits(&row) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            found.push((event, row));
            if found.len() == query.limit {
                return Ok(found);
            }
        }
        if !full {
            return Ok(found);
        }
    }
}
