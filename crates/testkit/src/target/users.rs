//! What a user document must look like: RFC 7643 §4.1 and §4.3, types and required attributes only.

use serde_json::Value;

use super::Object;
use super::behaviour::Options;
use super::path::is_name;
use super::protocol::Refusal;

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const TEXTS: [&str; 11] = [
    "userName",
    "externalId",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "password",
];
const LISTS: [&str; 8] = [
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "entitlements",
    "roles",
    "x509Certificates",
];
const READ_ONLY: [&str; 3] = ["id", "meta", "groups"];

/// The attribute's own spelling, if it is one of a user's.
pub(super) fn spelling(name: &str) -> Option<&'static str> {
    TEXTS
        .into_iter()
        .chain(LISTS)
        .chain(READ_ONLY)
        .chain(["name", "active", "schemas", "members"])
        .find(|known| known.eq_ignore_ascii_case(name))
}

pub(super) fn is_list(name: &str) -> bool {
    LISTS.contains(&name) || name == "members"
}

pub(super) fn is_read_only(name: &str) -> bool {
    READ_ONLY.contains(&name)
}

/// The document as it is kept: types checked, nulls and empty lists away, read-only attributes away.
pub(super) fn check(document: &Object, options: &Options) -> Result<Object, Refusal> {
    require_schema(document, USER)?;
    let mut kept = Object::new();
    for (key, value) in document {
        if key.to_ascii_lowercase().starts_with("urn:") {
            if let Some(extension) = extension(key, value)? {
                kept.insert(key.clone(), extension);
            }
            continue;
        }
        if !is_name(key) {
            return Err(Refusal::new(
                400,
                "invalidSyntax",
                format!("{key} is no attribute name"),
            ));
        }
        let Some(name) = spelling(key) else { continue };
        if is_read_only(name) || value.is_null() || value.as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        kept.insert(name.to_owned(), typed(name, value, options)?);
    }
    if options.gives_titles {
        kept.entry("title").or_insert_with(|| "Member".into());
    }
    if options.calling
        && let Some(Value::Array(phones)) = kept.get_mut("phoneNumbers")
        && phones.iter().any(|phone| phone["type"] == "work_extension")
    {
        phones.retain(|phone| phone["type"] != "work");
    }
    match kept.get("userName").and_then(Value::as_str) {
        Some(name) if !name.trim().is_empty() => Ok(kept),
        _ => Err(Refusal::invalid_value("userName is required")),
    }
}

pub(super) fn require_schema(document: &Object, urn: &str) -> Result<(), Refusal> {
    let named = document
        .get("schemas")
        .and_then(Value::as_array)
        .is_some_and(|schemas| {
            schemas.iter().any(|schema| {
                schema
                    .as_str()
                    .is_some_and(|schema| schema.eq_ignore_ascii_case(urn))
            })
        });
    if named {
        Ok(())
    } else {
        Err(Refusal::invalid_value(format!("schemas must name {urn}")))
    }
}

fn typed(name: &str, value: &Value, options: &Options) -> Result<Value, Refusal> {
    let wrong = |expected: &str| Refusal::invalid_value(format!("{name} must be {expected}"));
    match name {
        "active" => boolean(value, options).ok_or_else(|| wrong("a boolean")),
        "name" => complex(value).ok_or_else(|| wrong("an object of strings")),
        "schemas" => Ok(value.clone()),
        list if is_list(list) => {
            let elements = value.as_array().ok_or_else(|| wrong("a list"))?;
            let elements: Vec<Value> = elements
                .iter()
                .map(|element| element_of(element, options))
                .collect::<Option<_>>()
                .ok_or_else(|| wrong("a list of objects of strings"))?;
            if elements
                .iter()
                .filter(|element| element["primary"] == true)
                .count()
                > 1
            {
                return Err(wrong("a list with one primary value at most"));
            }
            Ok(Value::Array(elements))
        }
        _ => value.as_str().map(Value::from).ok_or_else(|| wrong("a string")),
    }
}

fn boolean(value: &Value, options: &Options) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) if options.lenient && text.eq_ignore_ascii_case("true") => Some(true.into()),
        Value::String(text) if options.lenient && text.eq_ignore_ascii_case("false") => Some(false.into()),
        _ => None,
    }
}

fn complex(value: &Value) -> Option<Value> {
    let mut kept = Object::new();
    for (key, value) in value.as_object()? {
        match value {
            Value::Null => {}
            Value::String(_) => {
                kept.insert(key.clone(), value.clone());
            }
            _ => return None,
        }
    }
    Some(Value::Object(kept))
}

fn element_of(value: &Value, options: &Options) -> Option<Value> {
    let mut kept = Object::new();
    for (key, value) in value.as_object()? {
        match value {
            Value::Null => {}
            _ if key == "primary" => {
                kept.insert(key.clone(), boolean(value, options)?);
            }
            Value::String(_) => {
                kept.insert(key.clone(), value.clone());
            }
            _ => return None,
        }
    }
    Some(Value::Object(kept))
}

fn extension(urn: &str, value: &Value) -> Result<Option<Value>, Refusal> {
    let object = match value {
        Value::Null => return Ok(None),
        Value::Object(object) => object,
        _ => return Err(Refusal::invalid_value(format!("{urn} must be an object"))),
    };
    let kept: Object = object
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if urn.eq_ignore_ascii_case(ENTERPRISE) {
        for (key, value) in &kept {
            let right = if key == "manager" {
                complex(value).is_some()
            } else {
                value.is_string()
            };
            if !right {
                return Err(Refusal::invalid_value(format!(
                    "{urn}:{key} is of the wrong type"
                )));
            }
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(document: Value, options: &Options) -> Result<Value, Refusal> {
        let mut document = document.as_object().unwrap().clone();
        document.insert("schemas".to_owned(), json!([USER]));
        check(&document, options).map(Value::Object)
    }

    #[test]
    fn nulls_and_what_is_read_only_are_not_kept() {
        let kept = checked(
            json!({"userName": "a", "id": "x", "meta": {}, "title": null, "emails": [], "name": {"givenName": null}}),
            &Options::default(),
        );
        assert_eq!(
            kept.unwrap(),
            json!({"userName": "a", "name": {}, "schemas": [USER]})
        );
    }

    #[test]
    fn wrong_types_are_refused() {
        for document in [
            json!({"userName": ""}),
            json!({"userName": "a", "active": "True"}),
            json!({"userName": "a", "name": "A"}),
            json!({"userName": "a", "name.givenName": "A"}),
            json!({"userName": "a", "emails": "a@example.com"}),
            json!({"userName": "a", "emails": [{"value": "1", "primary": true}, {"value": "2", "primary": true}]}),
            json!({"userName": "a", ENTERPRISE: {"manager": "x"}}),
        ] {
            assert!(
                checked(document.clone(), &Options::default()).is_err(),
                "{document}"
            );
        }
    }

    #[test]
    fn a_lenient_target_takes_booleans_as_text() {
        let kept = checked(
            json!({"userName": "a", "active": "False"}),
            &Options::default().lenient(),
        )
        .unwrap();
        assert_eq!(kept["active"], false);
    }
}
