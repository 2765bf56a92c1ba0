//! `uniqueness` (RFC 7643 §2.2): the values that no two resources of a type may share.
//!
//! `server` and `global` ask for the same here: an organization is a world of its own, and does not learn what others
//! hold.

use base::canonical;
use serde_json::Value;

use super::tree;
use crate::schema::{self, Attribute, Kind, ResourceType, Schema, Uniqueness};
use crate::{Error, Object, dialect, path};

/// How much of a value an index can hold, in bytes.
const LONGEST: usize = 512;

/// A value that no other resource of the type may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueValue {
    /// With its schema's URN, such as `urn:example:hr:1.0:User:badge.number`.
    pub attribute: String,
    /// Equal for equal values, by type and `caseExact`.
    pub value: String,
}

/// The values of a resource that must be unique, in order; a userName, which has its own rule, is not among them.
pub fn unique_values(object: &Object, resource_type: &ResourceType) -> Result<Vec<UniqueValue>, Error> {
    let mut found = Vec::new();
    for (schema, attribute) in unique_attributes(resource_type) {
        let extension = (schema.id != resource_type.core.id).then_some(schema);
        let Some(value) = tree::container(object, extension).and_then(|within| within.get(&attribute.name))
        else {
            continue;
        };
        let name = format!("{}:{}", schema.id, attribute.name);
        for element in path::each(value) {
            if is_unique(attribute) {
                found.extend(unique_value(element, attribute, name.clone())?);
            }
            for sub in attribute.sub_attributes.iter().filter(|sub| is_unique(sub)) {
                for part in element.get(&sub.name).map(path::each).unwrap_or_default() {
                    found.extend(unique_value(part, sub, format!("{name}.{}", sub.name))?);
                }
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The attributes and sub-attributes of a schema that are unique, as [`UniqueValue::attribute`] names them.
pub fn unique_names(schema: &Schema) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in &schema.attributes {
        let name = format!("{}:{}", schema.id, attribute.name);
        let subs = attribute.sub_attributes.iter().filter(|sub| is_unique(sub));
        names.extend(subs.map(|sub| format!("{name}.{}", sub.name)));
        if is_unique(attribute) {
            names.push(name);
        }
    }
    names
}

/// The attributes that are unique or have parts that are, with the schemas that define them.
fn unique_attributes(resource_type: &ResourceType) -> impl Iterator<Item = (&Schema, &Attribute)> {
    resource_type
        .schemas()
        .flat_map(|schema| schema.attributes.iter().map(move |attribute| (schema, attribute)))
        .filter(|(schema, attribute)| attribute.name != "userName" || schema.id != schema::USER)
        .filter(|(_, attribute)| is_unique(attribute) || attribute.sub_attributes.iter().any(is_unique))
}

fn is_unique(attribute: &Attribute) -> bool {
    attribute.uniqueness != Uniqueness::None
}

fn unique_value(value: &Value, attribute: &Attribute, name: String) -> Result<Option<UniqueValue>, Error> {
    let Some(value) = canonical(value, attribute) else {
        return Ok(None);
    };
    if value.len() > LONGEST {
        let detail = format!("{name} can have up to {LONGEST} bytes, for it must be unique");
        return Err(Error::invalid_value(detail));
    }
    Ok(Some(UniqueValue {
        attribute: name,
        value,
    }))
}

/// The form in which equal values are equal; of a complex value that of its `value`.
fn canonical(value: &Value, attribute: &Attribute) -> Option<String> {
    match (value, attribute.kind) {
        (Value::Object(members), _) => {
            let sub = attribute.sub_attribute("value")?;
            canonical(members.get(&sub.name)?, sub)
        }
        (Value::String(text), Kind::DateTime) => Some(dialect::moment(text)?.as_micros().to_string()),
        (Value::String(text), _) if attribute.case_exact => Some(text.clone()),
        (Value::String(text), _) => Some(canonical::text(text)),
        (Value::Number(number), _) => Some(match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => number.as_f64()?.to_string(),
        }),
        (Value::Bool(boolean), _) => Some(boolean.to_string()),
        (Value::Null | Value::Array(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_values_are_equal() {
        let mut attribute = ResourceType::user()
            .core
            .attribute("title")
            .cloned()
            .expect("title");
        for (kind, a, b) in [
            (Kind::Decimal, json!(1.0), json!(1)),
            (Kind::Decimal, json!(2.50), json!(2.5)),
            (Kind::String, json!("Straße"), json!("STRASSE")),
            (
                Kind::DateTime,
                json!("2026-01-01T13:00:00+01:00"),
                json!("2026-01-01T12:00:00Z"),
            ),
        ] {
            attribute.kind = kind;
            assert_eq!(canonical(&a, &attribute), canonical(&b, &attribute), "{a} {b}");
        }
        (attribute.kind, attribute.case_exact) = (Kind::String, true);
        assert_ne!(
            canonical(&json!("A"), &attribute),
            canonical(&json!("a"), &attribute)
        );
    }

    #[test]
    fn what_no_index_can_hold_is_refused() {
        let mut users = ResourceType::user().clone();
        for attribute in &mut users.core.attributes {
            if attribute.name == "title" {
                attribute.uniqueness = Uniqueness::Server;
            }
        }
        for (length, fine) in [(LONGEST, true), (LONGEST + 1, false)] {
            let user = json!({ "userName": "a", "title": "x".repeat(length) });
            let user = user.as_object().expect("an object");
            assert_eq!(unique_values(user, &users).is_ok(), fine, "{length}");
        }
        assert_eq!(
            unique_values(&Object::new(), ResourceType::user()),
            Ok(Vec::new())
        );
    }
}
