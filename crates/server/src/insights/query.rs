//! The question: which events, from when to when, how many, in which order.

use base::{EventId, Timestamp};
use serde_json::{Map, Value};
use store::Order;

use super::failure::Failure;
use super::shape;
use super::term::Term;

/// Rows if the question does not say, and at most.
const DEFAULT_LIMIT: usize = 1_000;
const MAX_LIMIT: u64 = 10_000;

/// The services that Directory Insights knows. Our events are of two of them ([`shape::service`]); of the others there are
/// none.
const SERVICES: &[&str] = &[
    "access_management",
    "ai_admin",
    "aigw",
    "alert",
    "alerts",
    "all",
    "asset_management",
    "directory",
    "genai",
    "generic_di",
    "ldap",
    "mdm",
    "notifications",
    "object_storage",
    "password_manager",
    "password_vault",
    "radius",
    "reports",
    "saas_app_management",
    "software",
    "sso",
    "systems",
    "workflows",
];

/// A question that makes sense.
#[derive(Debug)]
pub struct Query {
    /// Of which services events are wanted, of those of which there are any.
    services: Vec<&'static str>,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    pub limit: usize,
    pub skip: u64,
    pub order: Order,
    pub after: Option<EventId>,
    fields: Option<Vec<String>>,
    term: Option<Term>,
    /// What any of an event's values must contain, or be.
    text: Option<String>,
    exact: Option<String>,
}

impl Query {
    pub fn read(body: &[u8], now: Timestamp) -> Result<Self, Failure> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Failure::bad_request(format!("The body is no JSON: {error}")))?;
        let Value::Object(body) = body else {
            return Err(Failure::bad_request("The body must be a JSON object"));
        };
        let from = time(&body, "start_time")?.ok_or_else(|| {
            Failure::bad_request("start_time is missing: an RFC 3339 time such as 2026-01-01T14:00:00Z")
        })?;
        let until = time(&body, "end_time")?;
        if from > now {
            return Err(Failure::bad_request("start_time lies in the future"));
        }
        if until.is_some_and(|until| until <= from) {
            return Err(Failure::bad_request("end_time must come after start_time"));
        }
        Ok(Self {
            services: services(&body)?,
            from,
            until,
            // Nonsense is passed over in silence, as it is there.
            limit: match body.get("limit").and_then(Value::as_u64) {
                Some(limit @ 1..=MAX_LIMIT) => usize::try_from(limit).unwrap_or(DEFAULT_LIMIT),
                _ => DEFAULT_LIMIT,
            },
            skip: body.get("skip").and_then(Value::as_u64).unwrap_or_default(),
            order: match body.get("sort").and_then(Value::as_str) {
                Some(sort) if sort.eq_ignore_ascii_case("desc") => Order::NewestFirst,
                _ => Order::OldestFirst,
            },
            after: after(&body)?,
            fields: fields(&body)?,
            term: match body.get("search_term") {
                None | Some(Value::Null) => None,
                Some(term) => Some(Term::read(term).map_err(Failure::bad_request)?),
            },
            text: text(&body, "q"),
            exact: text(&body, "exact_match"),
        })
    }

    /// Whether a service is named of which there are events.
    pub fn can_find(&self) -> bool {
        !self.services.is_empty()
    }

    /// The one type of event that can fit, if there is but one: an index finds those.
    pub fn only_type(&self) -> Option<&str> {
        if self.services == [shape::SSO] {
            return Some(shape::SSO_AUTH);
        }
        let one = self.term.as_ref()?.only("event_type")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        one.bytes().all(plain).then_some(one)
    }

    pub fn fits(&self, row: &Value) -> bool {
        let of_service = |row: &Value| {
            row["service"]
                .as_str()
                .is_some_and(|one| self.services.contains(&one))
        };
        of_service(row)
            && self.term.as_ref().is_none_or(|term| term.fits(row))
            && self
                .text
                .as_ref()
                .is_none_or(|wanted| any(row, &|text| text.contains(wanted)))
            && self
                .exact
                .as_ref()
                .is_none_or(|wanted| any(row, &|text| text == wanted))
    }

    /// The row with the fields that were asked for.
    pub fn project(&self, row: Value) -> Value {
        let Some(fields) = &self.fields else { return row };
        let mut kept = Map::new();
        for field in fields {
            keep(&row, field, &mut kept);
        }
        Value::Object(kept)
    }
}

fn services(body: &Map<String, Value>) -> Result<Vec<&'static str>, Failure> {
    let unknown = || Failure::bad_request(format!("service must be a list of: {}", SERVICES.join(", ")));
    let list = body
        .get("service")
        .and_then(Value::as_array)
        .ok_or_else(unknown)?;
    let mut named = Vec::new();
    for service in list {
        let service = service.as_str().filter(|service| SERVICES.contains(service));
        named.push(service.ok_or_else(unknown)?);
    }
    if named.is_empty() {
        return Err(unknown());
    }
    let is_wanted = |service: &&str| named.contains(service) || named.contains(&"all");
    Ok([shape::DIRECTORY, shape::SSO]
        .into_iter()
        .filter(is_wanted)
        .collect())
}

/// A time; without a zone it is UTC.
fn time(body: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Failure> {
    let wrong = || {
        Failure::bad_request(format!(
            "{name} must be an RFC 3339 time such as 2026-01-01T14:00:00Z"
        ))
    };
    let text = match body.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_str().ok_or_else(wrong)?.trim(),
    };
    let read = text.parse().or_else(|_| format!("{text}Z").parse());
    read.map(Some).map_err(|_| wrong())
}

/// `[milliseconds, id]`, as the header gave it: the id alone says where to go on.
fn after(body: &Map<String, Value>) -> Result<Option<EventId>, Failure> {
    let wrong = || {
        Failure::bad_request("search_after must be what the header X-Search_after of the page before holds")
    };
    match body.get("search_after") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(parts)) if parts.is_empty() => Ok(None),
        Some(Value::Array(parts)) => {
            let id = parts.last().and_then(Value::as_str).ok_or_else(wrong)?;
            id.parse().map(Some).map_err(|_| wrong())
        }
        Some(_) => Err(wrong()),
    }
}

fn fields(body: &Map<String, Value>) -> Result<Option<Vec<String>>, Failure> {
    let wrong = || {
        let known = shape::FIELDS.join(", ");
        Failure::bad_request(format!("fields must be a list with some of: {known}"))
    };
    let list = match body.get("fields") {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_array().ok_or_else(wrong)?,
    };
    let known: Vec<String> = list
        .iter()
        .filter_map(Value::as_str)
        .filter(|field| shape::FIELDS.contains(&field.split('.').next().unwrap_or_default()))
        .map(str::to_owned)
        .collect();
    if known.is_empty() {
        return Err(wrong());
    }
    Ok(Some(known))
}

fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    let text = body.get(name)?.as_str()?.trim().to_lowercase();
    (!text.is_empty()).then_some(text)
}

/// Whether any value in there is as wanted, in lower case.
fn any(value: &Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(members) => members.values().any(|value| any(value, wanted)),
        Value::Array(values) => values.iter().any(|value| any(value, wanted)),
        Value::Null => false,
        Value::String(text) => wanted(&text.to_lowercase()),
        Value::Bool(_) | Value::Number(_) => wanted(&value.to_string()),
    }
}

/// Copies a field, which may be one inside another: `resource.id`.
fn keep(row: &Value, field: &str, kept: &mut Map<String, Value>) {
    match field.split_once('.') {
        None => {
            if let Some(value) = row.get(field) {
                kept.insert(field.to_owned(), value.clone());
            }
        }
        Some((outer, inner)) => {
            let Some(inside) = row.get(outer) else { return };
            let place = kept.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(place) = place {
                keep(inside, inner, place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<Query, Failure> {
        Query::read(
            body.to_string().as_bytes(),
            Timestamp::from_micros(1_800_000_000_000_000),
        )
    }

    fn asked(more: &Value) -> Query {
        let mut body = json!({ "service": ["all"], "start_time": "2020-01-01T14:00:00Z" });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        read(&body).expect("a question")
    }

    #[test]
    fn nonsense_falls_back_to_the_defaults() {
        for (limit, taken) in [
            (json!(null), 1_000),
            (json!(1), 1),
            (json!(10_000), 10_000),
            (json!(10_001), 1_000),
            (json!(0), 1_000),
            (json!(-5), 1_000),
            (json!("many"), 1_000),
        ] {
            assert_eq!(asked(&json!({ "limit": limit })).limit, taken, "{limit}");
        }
        for (sort, order) in [
            ("DESC", Order::NewestFirst),
            ("desc", Order::NewestFirst),
            ("ASC", Order::OldestFirst),
            ("sideways", Order::OldestFirst),
        ] {
            assert_eq!(asked(&json!({ "sort": sort })).order, order, "{sort}");
        }
        assert_eq!(
            asked(&json!({ "start_time": "2020-01-01T14:00:00" })).from,
            asked(&json!({})).from
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let start = "2020-01-01T14:00:00Z";
        for body in [
            json!([]),
            json!({ "service": ["all"] }),
            json!({ "start_time": start }),
            json!({ "service": [], "start_time": start }),
            json!({ "service": "all", "start_time": start }),
            json!({ "service": ["all", "weather"], "start_time": start }),
            json!({ "service": ["all"], "start_time": "yesterday" }),
            json!({ "service": ["all"], "start_time": "2099-01-01T00:00:00Z" }),
            json!({ "service": ["all"], "start_time": start, "end_time": start }),
            json!({ "service": ["all"], "start_time": start, "fields": [] }),
            json!({ "service": ["all"], "start_time": start, "fields": ["colour"] }),
            json!({ "service": ["all"], "start_time": start, "search_after": [1, "x"] }),
            json!({ "service": ["all"], "start_time": start, "search_term": { "nor": [] } }),
        ] {
            assert!(read(&body).is_err(), "{body}");
        }
    }

    #[test]
    fn fields_are_kept_with_what_is_around_them() {
        let row = json!({ "id": "1", "success": true, "resource": { "id": "7", "type": "user", "username": "anna" } });
        let query = asked(&json!({ "fields": ["success", "resource.id", "resource.type", "colour"] }));
        assert_eq!(
            query.project(row),
            json!({ "success": true, "resource": { "id": "7", "type": "user" } })
        );
    }

    #[test]
    fn one_type_is_found_by_its_index() {
        let of = |term: Value| {
            asked(&json!({ "search_term": term }))
                .only_type()
                .map(str::to_owned)
        };
        let one = Some("user_create".to_owned());
        assert_eq!(of(json!({ "and": [{ "event_type": "user_create" }] })), one);
        assert_eq!(
            of(json!({ "and": [{ "event_type": ["user_create"] }, { "success": true }] })),
            one
        );
        assert_eq!(
            of(json!({ "or": [{ "event_type": "user_create" }, { "success": true }] })),
            None
        );
        assert_eq!(of(json!({ "not": [{ "event_type": "user_create" }] })), None);
        assert_eq!(of(json!({ "and": [{ "event_type": "\u{0}" }] })), None);
    }

    #[test]
    fn any_value_can_be_asked_for() {
        let row = json!({ "service": "directory", "resource": { "username": "Anna@example.com" }, "success": true });
        for (body, fits) in [
            (json!({ "q": "ANNA@" }), true),
            (json!({ "q": "berta" }), false),
            (json!({ "exact_match": "anna@example.com" }), true),
            (json!({ "exact_match": "anna" }), false),
            (json!({ "q": "true" }), true),
        ] {
            assert_eq!(asked(&body).fits(&row), fits, "{body}");
        }
    }
}
