//! Errors, in the forms that are met in the wild: RFC 7644 §3.12, and what Webex's services answer instead.

use scim::Object;
use serde_json::Value;

use crate::account::member;

/// Webex's extension of the SCIM error.
const WEBEX_ERROR: &str = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error";
const LONGEST_DETAIL: usize = 500;

/// What an error's body says: its `scimType`, and a sentence for people.
///
/// Read, in this order: `detail` (RFC 7644 §3.12), the Webex extension's `details`, `message` with its `errors`,
/// `error.message[].description`, `error_description`.
pub(in crate::target) fn error(body: Option<&Value>, raw: &str) -> (Option<String>, String) {
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
}
