//! What a target says of itself (RFC 7644 §4, RFC 7643 §5 to §7; cursors: RFC 9865 §4). Anything may be missing, and
//! nothing is believed that its answers contradict.

use base::Timestamp;
use scim::Object;
use serde_json::Value;

use super::ways::{
    BULK, BULK_OPERATIONS, BULK_PAYLOAD, CURSOR, ETAG, FILTER, GROUPS, NO, PAGE_SIZE, PATCH, READ_ONLY, Ways,
    YES,
};
use crate::account::member;

/// The longest list of attributes that is kept.
const LONGEST: usize = 8 << 10;

/// `/ServiceProviderConfig`; says whether it is one.
pub(super) fn service_provider_config(document: &Value, ways: &Ways, now: Timestamp) -> bool {
    let Some(document) = document.as_object() else {
        return false;
    };
    let mut any = false;
    let mut note = |feature: &str, name: &str| {
        let value = part(document, feature).and_then(|feature| member(feature, "supported")?.as_bool());
        if let Some(value) = value {
            any = true;
            ways.announce(name, if value { YES } else { NO }, now);
        }
    };
    for (feature, name) in [
        ("patch", PATCH),
        ("bulk", BULK),
        ("filter", FILTER),
        ("sort", "sort"),
        ("etag", ETAG),
    ] {
        note(feature, name);
    }
    for (feature, limit, name) in [
        ("bulk", "maxOperations", BULK_OPERATIONS),
        ("bulk", "maxPayloadSize", BULK_PAYLOAD),
        ("filter", "maxResults", PAGE_SIZE),
        ("pagination", "maxPageSize", PAGE_SIZE),
    ] {
        let value = part(document, feature).and_then(|feature| member(feature, limit)?.as_u64());
        if let Some(value) = value.filter(|value| *value > 0) {
            ways.announce(name, &value.to_string(), now);
        }
    }
    let cursor = part(document, "pagination").and_then(|feature| member(feature, "cursor")?.as_bool());
    if let Some(cursor) = cursor {
        ways.announce(CURSOR, if cursor { YES } else { NO }, now);
    }
    any
}

fn part<'a>(document: &'a Object, name: &str) -> Option<&'a Object> {
    member(document, name)?.as_object()
}

/// `/Schemas`; says whether there are any. An object with one schema for each URN, as Webex gives it, is read too.
pub(super) fn schemas(document: &Value, ways: &Ways, now: Timestamp) -> bool {
    let schemas = resources(document);
    let mut any = false;
    let mut read_only = Vec::new();
    for schema in schemas {
        let (Some(id), Some(attributes)) = (
            member(schema, "id").and_then(Value::as_str),
            member(schema, "attributes").and_then(Value::as_array),
        ) else {
            continue;
        };
        any = true;
        let id = id.to_ascii_lowercase();
        let prefix = match id.as_str() {
            "urn:ietf:params:scim:schemas:core:2.0:user" => String::new(),
            // Neither those of groups nor those of the documents themselves.
            id if id.ends_with(":user") => format!("{id}:"),
            _ => continue,
        };
        for attribute in attributes.iter().filter_map(Value::as_object) {
            collect(attribute, &prefix, &mut read_only);
        }
    }
    if !read_only.is_empty() {
        let mut text = read_only.join(" ");
        if text.len() > LONGEST {
            text.truncate(text[..=LONGEST.min(text.len() - 1)].rfind(' ').unwrap_or(0));
        }
        ways.announce(READ_ONLY, &text, now);
    }
    any
}

fn collect(attribute: &Object, prefix: &str, read_only: &mut Vec<String>) {
    let Some(name) = member(attribute, "name").and_then(Value::as_str) else {
        return;
    };
    if name.is_empty() || name.contains(char::is_whitespace) {
        return;
    }
    let path = format!("{prefix}{name}");
    let is_read_only = member(attribute, "mutability")
        .and_then(Value::as_str)
        .is_some_and(|mutability| mutability.eq_ignore_ascii_case("readOnly"));
    if is_read_only {
        read_only.push(path);
        return;
    }
    let subs = member(attribute, "subAttributes").and_then(Value::as_array);
    for sub in subs.into_iter().flatten().filter_map(Value::as_object) {
        collect(sub, &format!("{path}."), read_only);
    }
}

/// `/ResourceTypes`; says whether there are any.
pub(super) fn resource_types(document: &Value, ways: &Ways, now: Timestamp) -> bool {
    let endpoints: Vec<_> = resources(document)
        .into_iter()
        .filter_map(|kind| member(kind, "endpoint")?.as_str())
        .map(|endpoint| endpoint.trim_matches('/').to_ascii_lowercase())
        .collect();
    if endpoints.is_empty() {
        return false;
    }
    let groups = endpoints.iter().any(|endpoint| endpoint.ends_with("groups"));
    ways.announce(GROUPS, if groups { YES } else { NO }, now);
    true
}

fn resources(document: &Value) -> Vec<&Object> {
    let list = match document {
        Value::Array(list) => Some(list),
        Value::Object(object) => member(object, "Resources").and_then(Value::as_array),
        _ => None,
    };
    match (list, document) {
        (Some(list), _) => list.iter().filter_map(Value::as_object).collect(),
        (None, Value::Object(object)) => object.values().filter_map(Value::as_object).collect(),
        (None, _) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::TargetPath;
    use crate::target::{Update, WaySettings};
    use serde_json::json;

    fn now() -> Timestamp {
        Timestamp::default()
    }

    #[test]
    fn a_config_is_read_as_far_as_it_goes() {
        let ways = Ways::new(WaySettings::default(), Vec::new());
        let document = json!({
            "patch": {"supported": false}, "etag": {"supported": true},
            "bulk": {"supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576},
            "filter": {"supported": true, "maxResults": 200}, "pagination": {"cursor": true, "index": true}
        });
        assert!(service_provider_config(&document, &ways, now()));
        assert_eq!((ways.update(), ways.etag()), (Update::Put, true));
        let seen: Vec<_> = ways
            .view()
            .into_iter()
            .map(|way| format!("{}={}", way.name, way.value))
            .collect();
        for wanted in ["cursor=yes", "page_size=200", "bulk_operations=1000", "bulk=yes"] {
            assert!(seen.iter().any(|way| way == wanted), "{wanted} in {seen:?}");
        }
        for nothing in [json!([]), json!({}), json!({"error": "none"}), json!("x")] {
            assert!(!service_provider_config(&nothing, &ways, now()), "{nothing}");
        }
    }

    #[test]
    fn read_only_attributes_of_either_form_of_schemas() {
        let core = json!({"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
            {"name": "userName", "mutability": "readWrite"}, {"name": "groups", "mutability": "readOnly"},
            {"name": "name", "subAttributes": [{"name": "formatted", "mutability": "readOnly"}]}]});
        let more = json!({"id": "urn:scim:schemas:extension:cisco:webexidentity:2.0:User", "attributes": [
            {"name": "provisionSource", "mutability": "readOnly"}]});
        let group = json!({"id": "urn:ietf:params:scim:schemas:core:2.0:Group", "attributes": [
            {"name": "displayName", "mutability": "readOnly"}]});
        let wanted = [
            "groups",
            "name.formatted",
            "urn:scim:schemas:extension:cisco:webexidentity:2.0:user:provisionSource",
        ];
        for document in [
            json!({"Resources": [core, more, group]}),
            json!([core, more, group]),
            json!({"a": core, "b": more, "c": group}),
        ] {
            let ways = Ways::new(WaySettings::default(), Vec::new());
            assert!(schemas(&document, &ways, now()));
            assert_eq!(ways.read_only_but(&[]), wanted);
            let mapped =
                ["name.formatted", "displayName"].map(|path| TargetPath::parse(path).expect("a path"));
            assert_eq!(
                ways.read_only_but(&mapped),
                [wanted[0], wanted[2]],
                "what is mapped is sent"
            );
        }
    }

    #[test]
    fn groups_or_none() {
        for (document, value) in [
            (
                json!({"Resources": [{"endpoint": "/Users"}, {"endpoint": "/Groups"}]}),
                Some("yes"),
            ),
            (json!({"Resources": [{"endpoint": "/Users"}]}), Some("no")),
            (json!({"Resources": []}), None),
            (json!({"detail": "no"}), None),
        ] {
            let ways = Ways::new(WaySettings::default(), Vec::new());
            assert_eq!(resource_types(&document, &ways, now()), value.is_some());
            let seen = ways.view().into_iter().find(|way| way.name == "groups");
            assert_eq!(seen.map(|way| way.value).as_deref(), value);
        }
    }
}
