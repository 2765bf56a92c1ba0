//! What stands in the target's answers: resources, lists, and errors in the forms that are met in the wild.

use base::Message;
use scim::Object;
use serde_json::Value;

use super::failure::Failure;
use crate::account::member;

/// Webex's extension of the SCIM error.
const WEBEX_ERROR: &str = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error";
const LONGEST_DETAIL: usize = 500;

/// What an error's body says: its `scimType`, and a sentence for people.
///
/// Read, in this order: `detail` (RFC 7644 §3.12), the Webex extension's `details`, `message` with its `errors`,
/// `error.message[].description`, `error_description`.
pub(super) fn error(body: Option<&Value>, raw: &str) -> (Option<String>, String) {
    let Some(Value::Object(body)) = body else {
        return (None, shorten(plain(raw)));
    };
    let text = |object: &Object, name: &str| {
        member(object, name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let inner = |name: &str| member(body, name).and_then(Value::as_object);
    let detail = text(body, "detail")
        .or_else(|| text(inner(WEBEX_ERROR)?, "details"))
        .or_else(|| text(body, "message").map(|message| with_descriptions(message, member(body, "errors"))))
        .or_else(|| match member(inner("error")?, "message")? {
            Value::String(message) => Some(message.clone()),
            descriptions => Some(with_descriptions(String::new(), Some(descriptions))),
        })
        .or_else(|| text(body, "error_description"))
        .or_else(|| text(body, "error"))
        .unwrap_or_default();
    (text(body, "scimType"), shorten(&detail))
}

fn with_descriptions(message: String, errors: Option<&Value>) -> String {
    let descriptions = errors
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|error| member(error.as_object()?, "description")?.as_str());
    std::iter::once(message.as_str())
        .chain(descriptions)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}

/// Nothing of an HTML page is worth showing.
fn plain(raw: &str) -> &str {
    let raw = raw.trim();
    if raw.starts_with('<') { "" } else { raw }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_DETAIL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A resource with an id.
pub(super) fn resource(status: u16, body: Option<Value>) -> Result<(String, Object), Failure> {
    let Some(Value::Object(resource)) = body else {
        return Err(Failure::garbage(status, Message::new("target.not_scim")));
    };
    match id(&resource) {
        Some(id) => Ok((id, resource)),
        None => Err(Failure::garbage(status, Message::new("target.no_id"))),
    }
}

pub(super) fn id(resource: &Object) -> Option<String> {
    match member(resource, "id")? {
        // An id becomes a part of addresses: these two would name other resources than the account.
        Value::String(id) if !matches!(id.as_str(), "" | "." | "..") => Some(id.clone()),
        // Seen at home-made servers.
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// The resources of a ListResponse (RFC 7644 §3.4.2).
pub(super) fn list(status: u16, body: Option<Value>) -> Result<Vec<(String, Object)>, Failure> {
    let (resources, _) = resources(status, body)?;
    resources
        .into_iter()
        .map(|found| resource(status, Some(found)))
        .collect()
}

/// What is listed, and the rest of the body.
fn resources(status: u16, body: Option<Value>) -> Result<(Vec<Value>, Object), Failure> {
    let no_list = || Failure::garbage(status, Message::new("target.not_scim"));
    let Some(Value::Object(mut body)) = body else {
        return Err(no_list());
    };
    let number = |name: &str| member(&body, name).and_then(Value::as_u64);
    let is_empty = number("totalResults") == Some(0) || number("itemsPerPage") == Some(0);
    let key = body
        .keys()
        .find(|key| key.eq_ignore_ascii_case("Resources"))
        .cloned();
    match key.and_then(|key| body.remove(&key)) {
        Some(Value::Array(resources)) => Ok((resources, body)),
        // RFC 7644 lets it be left out when nothing was found.
        None | Some(Value::Null) if is_empty => Ok((Vec::new(), body)),
        _ => Err(no_list()),
    }
}

/// A page of a list.
pub(super) struct Listed {
    /// Those that have an id.
    pub(super) accounts: Vec<(String, Object)>,
    /// All that came.
    pub(super) count: u64,
    pub(super) total: Option<u64>,
    /// RFC 9865 §2.
    pub(super) next_cursor: Option<String>,
}

/// The same as a page of a long list: what has no id is passed over.
pub(super) fn page(status: u16, body: Option<Value>) -> Result<Listed, Failure> {
    let (resources, body) = resources(status, body)?;
    Ok(Listed {
        count: resources.len() as u64,
        accounts: resources
            .into_iter()
            .filter_map(|found| resource(status, Some(found)).ok())
            .collect(),
        total: member(&body, "totalResults").and_then(Value::as_u64),
        next_cursor: member(&body, "nextCursor")
            .and_then(Value::as_str)
            .filter(|cursor| !cursor.is_empty())
            .map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_of_every_house() {
        for (body, scim_type, detail) in [
            (
                json!({"detail": "taken", "scimType": "uniqueness"}),
                Some("uniqueness"),
                "taken",
            ),
            (
                json!({"status": "409", WEBEX_ERROR: {"details": "exists", "errorCode": "1"}}),
                None,
                "exists",
            ),
            (
                json!({"message": "Bad", "errors": [{"description": "no mail"}], "trackingId": "x"}),
                None,
                "Bad: no mail",
            ),
            (
                json!({"error": {"key": "304", "message": [{"description": "no such", "code": "A"}]}}),
                None,
                "no such",
            ),
            (
                json!({"error": "invalid_token", "error_description": "expired"}),
                None,
                "expired",
            ),
            (json!({"error": "unauthorized"}), None, "unauthorized"),
            (json!({}), None, ""),
        ] {
            let found = error(Some(&body), "");
            assert_eq!(
                (found.0.as_deref(), found.1.as_str()),
                (scim_type, detail),
                "{body}"
            );
        }
        assert_eq!(error(None, "<html>…").1, "");
        assert_eq!(error(None, " gone fishing ").1, "gone fishing");
        assert_eq!(
            error(None, &"é".repeat(900)).1.chars().count(),
            LONGEST_DETAIL + 1
        );
    }

    #[test]
    fn lists_are_recognized_and_nothing_else_is() {
        for (body, found) in [
            (json!({"totalResults": 0, "Resources": []}), Some(0)),
            (json!({"totalResults": 0}), Some(0)),
            (json!({"totalresults": 1, "resources": [{"id": "1"}]}), Some(1)),
            (json!({"totalResults": 1}), None),
            (json!({"totalResults": 1, "Resources": [{"userName": "x"}]}), None),
            (json!({"id": "1", "userName": "x"}), None),
            (json!([]), None),
        ] {
            let answer = list(200, Some(body.clone())).map(|found| found.len()).ok();
            assert_eq!(answer, found, "{body}");
        }
    }
}
