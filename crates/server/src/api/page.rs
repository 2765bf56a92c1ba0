//! Pages of lists: `?limit=&after=` in, `{"items":[…],"next":…}` out.

use base::Timestamp;
use serde_json::{Value, json};
pub use store::Order;

use super::Problem;
use crate::middleware::context::Params;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// The `limit` parameter: 1 to 1,000, 100 if left out.
pub fn limit(params: &Params) -> Result<u32, Problem> {
    let Some(text) = params.get_even_empty("limit") else {
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
    match params.get_even_empty("order") {
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

/// A time, in RFC 3339's form.
pub fn time(params: &Params, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = params.get_even_empty(name) else {
        return Ok(None);
    };
    // In a query a plus sign is a space.
    text.replace(' ', "+")
        .parse()
        .map(Some)
        .map_err(|error| Problem::bad_request(name, format!("{name} is {error}")))
}

/// A text to be looked for.
pub fn text(params: &Params, name: &str) -> Result<Option<String>, Problem> {
    let Some(text) = params.get(name) else {
        return Ok(None);
    };
    let text = base::canonical::refuse_nul(text);
    text.map(|text| Some(text.to_owned()))
        .map_err(|error| Problem::bad_request(name, error.to_string()))
}

/// A word that must be one of those known.
pub fn one_of(params: &Params, name: &str, known: &[&str]) -> Result<Option<String>, Problem> {
    match params.get_even_empty(name) {
        None => Ok(None),
        Some(text) if known.contains(&text) => Ok(Some(text.to_owned())),
        Some(text) => Err(Problem::bad_request(
            name,
            format!("{name} is one of {}, not {text:?}", known.join(", ")),
        )),
    }
}

/// A page and the cursor of the next one, if this one is full.
pub fn page(items: Vec<Value>, limit: u32, cursor: Option<String>) -> Value {
    let full = items.len() >= limit as usize;
    json!({ "items": items, "next": cursor.filter(|_| full) })
}
