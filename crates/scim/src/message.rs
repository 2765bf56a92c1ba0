//! Messages of the protocol (RFC 7644 §3): lists, searches, and reading bodies.

use serde_json::{Value, json};

use crate::{Error, Object, dialect};

pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// Reads a request body as JSON; 400 `invalidSyntax` says where it is wrong.
pub fn parse(body: &[u8]) -> Result<Value, Error> {
    crate::json::parse(body).map_err(|error| Error::invalid_syntax(format!("The body is no JSON: {error}")))
}

/// A page of a query's results (§3.4.2). `start_index` counts from 1, `total` over all pages.
pub fn list_response(total: u64, start_index: u64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

/// Where a page stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// From 1.
    StartIndex(u64),
    /// RFC 9865: the cursor of the next page, unless this is the last one. It has none but base64url's letters.
    NextCursor(Option<String>),
}

/// The same from resources that are JSON texts already.
pub fn list_response_text(total: u64, position: &Position, resources: &[String]) -> String {
    let length: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    let mut text = String::with_capacity(length + 192);
    text.push_str("{\"schemas\":[\"");
    text.push_str(LIST_RESPONSE);
    text.push_str("\"],\"totalResults\":");
    text.push_str(&total.to_string());
    match position {
        Position::StartIndex(index) => {
            text.push_str(",\"startIndex\":");
            text.push_str(&index.to_string());
        }
        Position::NextCursor(Some(cursor)) => {
            text.push_str(",\"nextCursor\":\"");
            text.push_str(cursor);
            text.push('"');
        }
        Position::NextCursor(None) => {}
    }
    text.push_str(",\"itemsPerPage\":");
    text.push_str(&resources.len().to_string());
    text.push_str(",\"Resources\":[");
    for (at, resource) in resources.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(resource);
    }
    text.push_str("]}");
    text
}

/// A query in a body (§3.4.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// Names separated by commas, as in a query string.
    pub attributes: Option<String>,
    pub excluded_attributes: Option<String>,
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub start_index: Option<i64>,
    pub count: Option<i64>,
    /// RFC 9865: empty for the first page.
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// From a body; wrong types are 400 `invalidValue`.
    pub fn from_value(body: &Value) -> Result<Self, Error> {
        let Some(body) = body.as_object() else {
            return Err(Error::invalid_syntax("The body must be a JSON object"));
        };
        dialect::refuse_twins(body)?;
        let cursor = text(body, "cursor")?;
        let count = number(body, "count").map_err(|error| match cursor {
            Some(_) => Error::invalid_count(error.detail),
            None => error,
        })?;
        Ok(Self {
            attributes: names(body, "attributes")?,
            excluded_attributes: names(body, "excludedAttributes")?,
            filter: text(body, "filter")?,
            sort_by: text(body, "sortBy")?,
            sort_order: text(body, "sortOrder")?,
            start_index: number(body, "startIndex")?,
            count,
            cursor,
        })
    }
}

fn text(body: &Object, name: &str) -> Result<Option<String>, Error> {
    match dialect::key(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid_value(format!("{name} must be a string"))),
    }
}

fn number(body: &Object, name: &str) -> Result<Option<i64>, Error> {
    let number = match dialect::key(body, name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(Error::invalid_value(format!("{name} must be a whole number"))),
    }
}

fn names(body: &Object, name: &str) -> Result<Option<String>, Error> {
    match dialect::key(body, name) {
        Some(Value::Array(names)) => {
            let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
            match names {
                Some(names) => Ok(Some(names.join(","))),
                None => Err(Error::invalid_value(format!("{name} must be a list of strings"))),
            }
        }
        _ => text(body, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_the_same_as_value_and_as_text() {
        for resources in [vec![], vec![json!({"id": "1"}), json!({"id": "2"})]] {
            let texts: Vec<String> = resources.iter().map(ToString::to_string).collect();
            let text = list_response_text(7, &Position::StartIndex(3), &texts);
            let read: Value = serde_json::from_str(&text).expect("JSON");
            let mut expected = list_response(7, 3, resources);
            assert_eq!(read, expected);
            for cursor in [None, Some("a-_9".to_owned())] {
                let text = list_response_text(7, &Position::NextCursor(cursor.clone()), &texts);
                let read: Value = serde_json::from_str(&text).expect("JSON");
                let members = expected.as_object_mut().expect("an object");
                members.remove("startIndex");
                if let Some(cursor) = cursor {
                    members.insert("nextCursor".to_owned(), cursor.into());
                }
                assert_eq!(read, expected);
            }
        }
    }

    #[test]
    fn a_search_reads_names_in_any_case_and_both_kinds_of_lists() {
        let body = json!({"ATTRIBUTES": ["userName", "name.familyName"], "excludedattributes": "groups", "filter": "a pr", "startIndex": "2", "count": 10});
        let search = SearchRequest::from_value(&body).expect("a search");
        assert_eq!(search.attributes.as_deref(), Some("userName,name.familyName"));
        assert_eq!(search.excluded_attributes.as_deref(), Some("groups"));
        assert_eq!((search.start_index, search.count), (Some(2), Some(10)));
        for wrong in [
            json!([]),
            json!({"filter": 1}),
            json!({"count": "many"}),
            json!({"attributes": [1]}),
            json!({"filter": "a pr", "Filter": "b pr"}),
        ] {
            assert!(SearchRequest::from_value(&wrong).is_err(), "{wrong}");
        }
        let wrong = SearchRequest::from_value(&json!({"count": "many", "cursor": ""}));
        let error = wrong.expect_err("no number");
        assert_eq!(error.scim_type, Some(crate::ScimType::InvalidCount));
    }

    #[test]
    fn a_body_that_is_no_json_is_refused() {
        let error = parse(b"{\"a\":").expect_err("cut off");
        assert_eq!(
            (error.status, error.scim_type),
            (400, Some(crate::ScimType::InvalidSyntax))
        );
        assert!(error.detail.contains("line 1"), "{error}");
    }
}
