//! A change as a replacement (RFC 7644 §3.5.1): the whole account as it was read, with ours put over it. What belongs
//! to the target stays as it is; what it keeps to itself (`readOnly`, RFC 7643 §7) is left out.

use scim::Object;
use scim::schema::{Attribute, ResourceType, Schema};
use serde_json::{Map, Value, json};

use super::difference::Difference;
use super::operation::fill;
use crate::account::{TargetPath, member_mut};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// An account as the target shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub resource: Object,
    /// The version that it has there.
    pub version: Option<String>,
}

/// The account with the differences made. `read_only` are paths in small letters that the target announces as such.
pub(super) fn replacement(whole: &Object, differences: &[Difference<'_>], read_only: &[String]) -> Object {
    let mut body = writable(whole, read_only);
    for difference in differences {
        match &difference.new {
            Some(value) => put(&mut body, difference.path, value),
            None => remove(&mut body, difference.path),
        }
    }
    name_schemas(&mut body);
    body
}

/// What of an account may be sent back.
fn writable(whole: &Object, read_only: &[String]) -> Object {
    let users = ResourceType::user();
    let mut body = Object::new();
    for (name, value) in whole {
        if value.is_null() || ["id", "meta"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
            continue;
        }
        if name.eq_ignore_ascii_case("schemas") {
            body.insert(name.clone(), value.clone());
            continue;
        }
        let kept = match users.schema(name) {
            Some(schema) => extension(Some(schema), name, value, read_only),
            None if name.contains(':') => extension(None, name, value, read_only),
            None => attribute(users.core.attribute(name), name, value, read_only),
        };
        body.extend(kept.map(|kept| (name.clone(), kept)));
    }
    body
}

fn extension(schema: Option<&Schema>, urn: &str, value: &Value, read_only: &[String]) -> Option<Value> {
    let Value::Object(members) = value else {
        return Some(value.clone());
    };
    let mut kept = Map::new();
    for (name, value) in members {
        let path = format!("{urn}:{name}");
        let known = schema.and_then(|schema| schema.attribute(name));
        if let Some(value) = attribute(known, &path, value, read_only) {
            kept.insert(name.clone(), value);
        }
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn attribute(known: Option<&Attribute>, path: &str, value: &Value, read_only: &[String]) -> Option<Value> {
    let announced = |path: &str| read_only.iter().any(|other| other.eq_ignore_ascii_case(path));
    if value.is_null() || known.is_some_and(Attribute::is_read_only) || announced(path) {
        return None;
    }
    let complex = |members: &Map<String, Value>| {
        let kept = members.iter().filter(|(name, value)| {
            let sub = known.and_then(|known| known.sub_attribute(name));
            !(value.is_null()
                || sub.is_some_and(Attribute::is_read_only)
                || announced(&format!("{path}.{name}")))
        });
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>()
    };
    match value {
        Value::Object(members) => {
            let kept = complex(members);
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(elements) => {
            let kept = elements.iter().map(|element| match element {
                Value::Object(members) => Value::Object(complex(members)),
                other => other.clone(),
            });
            Some(kept.collect())
        }
        other => Some(other.clone()),
    }
}

/// The object in which the attribute of a path stands.
fn holder<'a>(body: &'a mut Object, path: &TargetPath) -> &'a mut Object {
    match &path.schema {
        Some(schema) if !schema.eq_ignore_ascii_case(CORE) => object(entry(body, schema, json!({}))),
        _ => body,
    }
}

fn put(body: &mut Object, path: &TargetPath, value: &Value) {
    let holder = holder(body, path);
    if path.in_element() {
        let elements = array(entry(holder, &path.attribute, json!([])));
        let at = elements.iter().position(|element| path.is_element(element));
        let at = at.unwrap_or_else(|| {
            elements.push(json!({}));
            elements.len() - 1
        });
        let element = object(&mut elements[at]);
        if let Some(sub) = &path.sub
            && let Some(place) = member_mut(element, sub)
        {
            *place = value.clone();
            return;
        }
        fill(element, path, Some(value));
        return;
    }
    // Whoever else it named before is not to stay beside the new id.
    if path.is_reference() && path.sub.is_some() {
        let mut whole = Map::new();
        fill(&mut whole, path, Some(value));
        *entry(holder, &path.attribute, Value::Null) = Value::Object(whole);
        return;
    }
    let place = match &path.sub {
        None => entry(holder, &path.attribute, Value::Null),
        Some(sub) => entry(
            object(entry(holder, &path.attribute, json!({}))),
            sub,
            Value::Null,
        ),
    };
    *place = value.clone();
}

fn remove(body: &mut Object, path: &TargetPath) {
    let holder = holder(body, path);
    let Some(value) = member_mut(holder, &path.attribute) else {
        return;
    };
    let empty = match (&path.sub, value) {
        (Some(sub), Value::Array(elements)) if path.in_element() => {
            for element in elements.iter_mut().filter(|element| path.is_element(element)) {
                take(object(element), sub);
            }
            elements.retain(|element| !(path.is_element(element) && holds_nothing(element, path)));
            elements.is_empty()
        }
        (Some(sub), Value::Object(members)) if !path.is_reference() => {
            take(members, sub);
            members.is_empty()
        }
        _ => true,
    };
    if empty {
        take(holder, &path.attribute);
    }
}

/// Whether an element has nothing left but what says which one it is.
fn holds_nothing(element: &Value, path: &TargetPath) -> bool {
    element.as_object().is_some_and(|element| {
        element.keys().all(|name| {
            ["type", "primary"]
                .iter()
                .any(|label| name.eq_ignore_ascii_case(label))
                || path
                    .element
                    .iter()
                    .any(|(label, _)| name.eq_ignore_ascii_case(label))
        })
    })
}

/// Names every extension that has values in `schemas`.
fn name_schemas(body: &mut Object) {
    let used: Vec<String> = body
        .iter()
        .filter(|(name, value)| {
            name.contains(':') && value.as_object().is_some_and(|value| !value.is_empty())
        })
        .map(|(name, _)| name.clone())
        .collect();
    let schemas = array(entry(body, "schemas", json!([CORE])));
    for urn in used {
        let named = schemas.iter().any(|schema| {
            schema
                .as_str()
                .is_some_and(|schema| schema.eq_ignore_ascii_case(&urn))
        });
        if !named {
            schemas.push(urn.into());
        }
    }
}

/// A member by its name in any case; made if there is none.
fn entry<'a>(object: &'a mut Object, name: &str, new: Value) -> &'a mut Value {
    let key = object
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))
        .cloned()
        .unwrap_or_else(|| name.to_owned());
    object.entry(key).or_insert(new)
}

fn take(object: &mut Object, name: &str) {
    if let Some(key) = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned() {
        object.remove(&key);
    }
}

fn object(value: &mut Value) -> &mut Object {
    if !value.is_object() {
        // RFC 7643's complex attributes are met as their bare value (`manager: "id"`).
        *value = match value.take() {
            Value::Null => json!({}),
            bare => json!({ "value": bare }),
        };
    }
    value.as_object_mut().expect("made an object above")
}

fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = match value.take() {
            Value::Null => json!([]),
            single => json!([single]),
        };
    }
    value.as_array_mut().expect("made an array above")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn body(whole: Value, changes: &[(&str, Value)], read_only: &[&str]) -> Value {
        let Value::Object(whole) = whole else {
            unreachable!()
        };
        let paths: Vec<_> = changes
            .iter()
            .map(|(path, _)| TargetPath::parse(path).expect("a path"))
            .collect();
        let differences: Vec<_> = paths
            .iter()
            .zip(changes)
            .map(|(path, (_, new))| Difference {
                path,
                old: None,
                new: Some(new.clone()).filter(|new| !new.is_null()),
            })
            .collect();
        let read_only: Vec<_> = read_only.iter().map(|path| (*path).to_owned()).collect();
        Value::Object(replacement(&whole, &differences, &read_only))
    }

    #[test]
    fn what_is_not_ours_is_sent_back_and_what_is_the_targets_is_left_out() {
        let whole = json!({
            "schemas": [CORE, ENTERPRISE, "urn:example:2.0:User"], "id": "1", "meta": {"version": "W/\"1\""},
            "userName": "anna", "nickName": null, "groups": [{"value": "g"}], "locale": "de",
            "emails": [{"type": "home", "value": "a@home"}],
            "phoneNumbers": [{"type": "work", "value": "1", "display": "one"}, {"type": "fax", "value": "2"}],
            ENTERPRISE: {"manager": {"value": "m", "displayName": "Max"}, "division": "North"},
            "urn:example:2.0:User": {"badge": "7", "printed": "yes"}
        });
        let read_only = ["urn:example:2.0:user:printed"];
        let made = body(
            whole,
            &[
                ("displayName", json!("Anna")),
                (r#"phoneNumbers[type eq "work"].value"#, json!("3")),
                (r#"phoneNumbers[type eq "fax"].value"#, Value::Null),
                (r#"addresses[type eq "work"].locality"#, json!("Bern")),
                ("name.givenName", json!("Anna")),
            ],
            &read_only,
        );
        let expected = json!({
            "schemas": [CORE, ENTERPRISE, "urn:example:2.0:User"],
            "userName": "anna", "locale": "de", "displayName": "Anna", "name": {"givenName": "Anna"},
            "emails": [{"type": "home", "value": "a@home"}],
            "phoneNumbers": [{"type": "work", "value": "3", "display": "one"}],
            "addresses": [{"type": "work", "locality": "Bern"}],
            ENTERPRISE: {"manager": {"value": "m"}, "division": "North"},
            "urn:example:2.0:User": {"badge": "7"}
        });
        assert_eq!(made, expected);
    }

    #[test]
    fn names_are_met_in_any_case_and_lists_as_single_values() {
        let whole = json!({"UserName": "a", "Name": {"FamilyName": "X"}, "phoneNumbers": {"Type": "Work", "Value": "1"}});
        let made = body(
            whole,
            &[
                ("userName", json!("b")),
                ("name.familyName", Value::Null),
                (r#"phoneNumbers[type eq "work"].value"#, json!("2")),
            ],
            &[],
        );
        let expected =
            json!({"schemas": [CORE], "UserName": "b", "phoneNumbers": [{"Type": "Work", "Value": "2"}]});
        assert_eq!(made, expected);
    }

    #[test]
    fn another_manager_keeps_nothing_of_the_one_before() {
        let manager = format!("{ENTERPRISE}:manager");
        let whole =
            json!({"schemas": [CORE, ENTERPRISE], ENTERPRISE: {"manager": {"value": "m", "$ref": "/m"}}});
        let made = |new: Value| body(whole.clone(), &[(&manager, new)], &[]);
        assert_eq!(made(json!("n"))[ENTERPRISE], json!({"manager": {"value": "n"}}));
        assert_eq!(made(Value::Null)[ENTERPRISE], json!({}));
    }

    #[test]
    fn an_extension_that_comes_is_named() {
        let department = format!("{ENTERPRISE}:department");
        let made = body(json!({"userName": "a"}), &[(&department, json!("North"))], &[]);
        let expected =
            json!({"schemas": [CORE, ENTERPRISE], "userName": "a", ENTERPRISE: {"department": "North"}});
        assert_eq!(made, expected);
    }

    #[test]
    fn an_element_that_holds_something_else_stays() {
        let whole = json!({"phoneNumbers": [{"type": "work", "value": "1", "display": "one"}]});
        let made = body(
            whole,
            &[(r#"phoneNumbers[type eq "work"].value"#, Value::Null)],
            &[],
        );
        let expected = json!({"schemas": [CORE], "phoneNumbers": [{"type": "work", "display": "one"}]});
        assert_eq!(made, expected);
    }
}
