//! Pages of lists: `?limit=&after=` in, `{"items":[…],"next":…}` out.

use serde_json::{Value, json};

pub use provisioning::LogOrder as Order;

use super::Problem;
use crate::middleware::context::Params;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// The `limit` parameter: 1 to 1,000, 100 if left out.
pub fn limit(params: &Params) -> Result<u32, Problem> {
    let Some(text) = params.get("limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    match text.parse() {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(Problem::bad_request(
            "limit",
            format!("limit is a number from 1 to {MAX_LIMIT}, not {text:?}"),
        )),
    }
}

/// The `order` parameter: `desc` if left out.
pub fn order(params: &Params) -> Result<Order, Problem> {
    match params.get("order") {
        None | Some("desc") => Ok(Order::NewestFirst),
        Some("asc") => Ok(Order::OldestFirst),
        Some(other) => Err(Problem::bad_request(
            "order",
            format!("order is asc or desc, not {other:?}"),
        )),
    }
}

/// The `after` parameter: the `next` of the page before.
pub fn after<T: std::str::FromStr>(params: &Params) -> Result<Option<T>, Problem> {
    let Some(text) = params.get("after") else {
        return Ok(None);
    };
    let wrong = |_| Problem::bad_request("after", format!("after is not a cursor of this list: {text:?}"));
    text.parse().map(Some).map_err(wrong)
}

/// A page and the cursor of the next one, if this one is full.
pub fn page(items: Vec<Value>, limit: u32, cursor: Option<String>) -> Value {
    let full = items.len() >= limit as usize;
    json!({ "items": items, "next": cursor.filter(|_| full) })
}
