//! What Webex's own service adds to the RFCs' messages, for the clients that look for it there.
//!
//! It speaks so at `/identity/scim/{orgId}/v2`: an error carries an extension beside RFC 7644 §3.12, and people and
//! groups say in their Webex extension to which organization they belong.

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

/// Puts the organization into the Webex extension of a resource's text, which has none in its stored form.
pub fn with_organization(mut text: String, resource_type: &ResourceType, organization: &str) -> String {
    let (urn, member) = place(resource_type);
    let meta = format!("\"meta\":{{\"{member}\":\"{organization}\"}}");
    // Within a value quotes are escaped: this is the extension itself.
    let extension = format!("\"{urn}\":{{");
    if let Some(at) = text.find(&extension) {
        let inside = at + extension.len();
        let comma = if text[inside..].starts_with('}') { "" } else { "," };
        text.insert_str(inside, &format!("{meta}{comma}"));
        return text;
    }
    let Some(end) = text.rfind('}') else { return text };
    text.insert_str(end, &format!(",{extension}{meta}}}"));
    if let Some(schemas) = text.find("\"schemas\":[")
        && let Some(end) = text[schemas..].find(']')
    {
        text.insert_str(schemas + end, &format!(",\"{urn}\""));
    }
    text
}

/// The same in a tree, for filters that speak of it; `schemas` stay as they are.
pub fn put_organization(resource: &mut Object, resource_type: &ResourceType, organization: &str) {
    let (urn, member) = place(resource_type);
    let extension = resource.entry(urn).or_insert_with(|| json!({}));
    if let Some(extension) = extension.as_object_mut() {
        extension.insert("meta".to_owned(), json!({ member: organization }));
    }
}

/// Does a path lead to where [`put_organization`] puts it?
pub fn names_the_organization(path: &AttributePath) -> bool {
    let urn = path.schema.as_deref().unwrap_or_default();
    path.attribute.eq_ignore_ascii_case("meta")
        && [WEBEX_USER, WEBEX_GROUP]
            .iter()
            .any(|webex| webex.eq_ignore_ascii_case(urn))
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
    fn the_organization_is_put_into_the_extension() {
        let user = ResourceType::user();
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
            let text = with_organization(stored.to_string(), user, "o-1");
            let read: Value = serde_json::from_str(&text).expect("JSON");
            let mut tree = stored.as_object().cloned().expect("an object");
            put_organization(&mut tree, user, "o-1");
            assert_eq!(tree[WEBEX_USER]["meta"], read[WEBEX_USER]["meta"]);
            let mut expected = stored.clone();
            expected["schemas"] = json!([schema::USER, WEBEX_USER]);
            expected[WEBEX_USER] = added;
            assert_eq!(read, expected);
        }
        let group = with_organization("{\"schemas\":[\"g\"]}".to_owned(), ResourceType::group(), "o-1");
        let group: Value = serde_json::from_str(&group).expect("JSON");
        assert_eq!(group[WEBEX_GROUP]["meta"]["organizationID"], "o-1");
    }
}
