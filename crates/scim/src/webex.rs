//! What Webex's own service adds to the RFCs' messages, for the clients that look for it there.
//!
//! It speaks so at `/identity/scim/{orgId}/v2`: an error carries an extension beside RFC 7644 §3.12, and people and
//! groups say in their Webex extension to which organization they belong and where they came from.

use serde_json::{Value, json};

use crate::path::AttributePath;
use crate::schema::{WEBEX_GROUP, WEBEX_USER};
use crate::{Error, Object, ResourceType, ScimType, message, schema};

/// The extension of an error.
pub const ERROR: &str = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error";

/// The error as Webex's clients read it. They take the sentence from `details` and the number from `errorCode`.
pub fn error(error: &Error, tracking_id: &str) -> Value {
    let mut body = error.to_json();
    body["schemas"] = json!([message::ERROR, ERROR]);
    body[ERROR] = json!({
        "trackingId": tracking_id,
        "errorCode": error_code(error),
        "details": error.detail,
    });
    body
}

/// The status and three digits for what the RFC's `scimType` says: `400006` for `noTarget`, `409001` for `uniqueness`.
fn error_code(error: &Error) -> String {
    let number = match error.scim_type {
        None => 0,
        Some(ScimType::Uniqueness) => 1,
        Some(ScimType::InvalidSyntax) => 2,
        Some(ScimType::InvalidFilter) => 3,
        Some(ScimType::InvalidPath) => 4,
        Some(ScimType::InvalidValue) => 5,
        Some(ScimType::NoTarget) => 6,
        Some(ScimType::Mutability) => 7,
        Some(ScimType::TooMany) => 8,
        Some(ScimType::InvalidVers) => 9,
        Some(ScimType::Sensitive) => 10,
        Some(ScimType::InvalidCursor) => 11,
        Some(ScimType::ExpiredCursor) => 12,
        Some(ScimType::InvalidCount) => 13,
    };
    format!("{}{number:03}", error.status)
}

/// What stands in the Webex extension of a resource without being stored there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub organization: String,
    pub source: Option<ProvisionSource>,
}

/// Webex's `provisionSource`, as far as we know one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProvisionSource {
    Scim,
}

impl ProvisionSource {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "SCIM",
        }
    }
}

/// Puts the origin into the Webex extension of a resource's text, which has none in its stored form.
pub fn with_origin(mut text: String, resource_type: &ResourceType, origin: &Origin) -> String {
    let (urn, member) = place(resource_type);
    let source = origin.source.map_or_else(String::new, |source| {
        format!(",\"provisionSource\":\"{}\"", source.as_str())
    });
    let own = format!("\"meta\":{{\"{member}\":\"{}\"}}{source}", origin.organization);
    // Within a value quotes are escaped: this is the extension itself.
    let extension = format!("\"{urn}\":{{");
    if let Some(at) = text.find(&extension) {
        let inside = at + extension.len();
        let comma = if text[inside..].starts_with('}') { "" } else { "," };
        text.insert_str(inside, &format!("{own}{comma}"));
        return text;
    }
    let Some(end) = text.rfind('}') else { return text };
    text.insert_str(end, &format!(",{extension}{own}}}"));
    if let Some(schemas) = text.find("\"schemas\":[")
        && let Some(end) = text[schemas..].find(']')
    {
        text.insert_str(schemas + end, &format!(",\"{urn}\""));
    }
    text
}

/// The same in a tree, for filters that speak of it; `schemas` stay as they are.
pub fn put_origin(resource: &mut Object, resource_type: &ResourceType, origin: &Origin) {
    let (urn, member) = place(resource_type);
    let extension = resource.entry(urn).or_insert_with(|| json!({}));
    if let Some(extension) = extension.as_object_mut() {
        extension.insert("meta".to_owned(), json!({ member: origin.organization }));
        if let Some(source) = origin.source {
            extension.insert("provisionSource".to_owned(), source.as_str().into());
        }
    }
}

/// Does a path lead to where [`put_origin`] puts it?
pub fn names_the_origin(path: &AttributePath) -> bool {
    let urn = path.schema.as_deref().unwrap_or_default();
    let is_webex = [WEBEX_USER, WEBEX_GROUP]
        .iter()
        .any(|webex| webex.eq_ignore_ascii_case(urn));
    // No other schema has a `provisionSource`: it needs no URN.
    path.attribute.eq_ignore_ascii_case("provisionSource")
        || is_webex && path.attribute.eq_ignore_ascii_case("meta")
}

/// The extension, and what it calls the organization: Webex writes people and groups differently.
fn place(resource_type: &ResourceType) -> (&'static str, &'static str) {
    if resource_type.core.id == schema::GROUP {
        (WEBEX_GROUP, "organizationID")
    } else {
        (WEBEX_USER, "organizationId")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_it_in_both_forms() {
        assert_eq!(
            error(&Error::no_target("nothing matches"), "CLIENT_1"),
            json!({
                "schemas": [
                    "urn:ietf:params:scim:api:messages:2.0:Error",
                    "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error",
                ],
                "status": "400",
                "scimType": "noTarget",
                "detail": "nothing matches",
                "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error": {
                    "trackingId": "CLIENT_1", "errorCode": "400006", "details": "nothing matches",
                },
            })
        );
        assert_eq!(error_code(&Error::not_found("no such user")), "404000");
    }

    #[test]
    fn the_origin_is_put_into_the_extension() {
        let user = ResourceType::user();
        let origin = |source| Origin {
            organization: "o-1".to_owned(),
            source,
        };
        for (stored, added) in [
            (
                json!({"schemas": [schema::USER], "userName": "a\",\"urn:scim:schemas:extension:cisco:webexidentity:2.0:User\":{"}),
                json!({"meta": {"organizationId": "o-1"}}),
            ),
            (
                json!({"schemas": [schema::USER, WEBEX_USER], WEBEX_USER: {"licenseID": ["L]"]}, "title": "]"}),
                json!({"meta": {"organizationId": "o-1"}, "licenseID": ["L]"]}),
            ),
            (
                json!({"schemas": [schema::USER, WEBEX_USER], WEBEX_USER: {}}),
                json!({"meta": {"organizationId": "o-1"}}),
            ),
        ] {
            let text = with_origin(stored.to_string(), user, &origin(None));
            let read: Value = serde_json::from_str(&text).expect("JSON");
            let mut tree = stored.as_object().cloned().expect("an object");
            put_origin(&mut tree, user, &origin(None));
            assert_eq!(tree[WEBEX_USER]["meta"], read[WEBEX_USER]["meta"]);
            let mut expected = stored.clone();
            expected["schemas"] = json!([schema::USER, WEBEX_USER]);
            expected[WEBEX_USER] = added;
            assert_eq!(read, expected);
        }
        let (text, origin) = (
            "{\"schemas\":[\"g\"]}".to_owned(),
            origin(Some(ProvisionSource::Scim)),
        );
        let group = with_origin(text, ResourceType::group(), &origin);
        let group: Value = serde_json::from_str(&group).expect("JSON");
        let expected = json!({ "meta": { "organizationID": "o-1" }, "provisionSource": "SCIM" });
        assert_eq!(group[WEBEX_GROUP], expected);
        let mut tree = Object::new();
        put_origin(&mut tree, ResourceType::group(), &origin);
        assert_eq!(tree[WEBEX_GROUP], expected);
    }
}
