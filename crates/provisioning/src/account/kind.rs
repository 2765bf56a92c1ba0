//! Values in the kind that the schema gives their place: real booleans, real numbers (RFC 7643 §2.3).

use scim::schema::{Attribute, Kind, ResourceType};
use serde_json::Value;

use super::path::{PathError, TargetPath};

/// What the schemas say of a place. An attribute that no schema knows takes texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    pub(crate) multi_valued: bool,
    pub(crate) case_exact: bool,
    /// It names another resource of the target, such as a manager.
    pub(crate) reference: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            kind: Kind::String,
            multi_valued: false,
            case_exact: false,
            reference: false,
        }
    }
}

impl Shape {
    fn of(attribute: &Attribute) -> Self {
        Self {
            kind: attribute.kind,
            multi_valued: attribute.multi_valued,
            case_exact: attribute.is_case_exact(),
            reference: false,
        }
    }
}

/// Completes a path from the schemas: its shape, and `value` where a complex attribute is named as a whole.
pub(crate) fn complete(mut path: TargetPath) -> Result<TargetPath, PathError> {
    let Some(attribute) = find(&path) else {
        return Ok(path);
    };
    let refuse = |message: String| {
        Err(PathError {
            path: path.as_str().to_owned(),
            message,
        })
    };
    if attribute.multi_valued && attribute.is_complex() && !path.in_element() {
        let name = &path.attribute;
        return refuse(format!(
            "say which element, such as {name}[type eq \"work\"].value"
        ));
    }
    if !attribute.is_complex() {
        if path.sub.is_some() || path.in_element() {
            return refuse(format!("{} has no sub-attributes", attribute.name));
        }
        path.shape = Shape::of(attribute);
        return Ok(path);
    }
    if path.sub.is_none() {
        if attribute.sub_attribute("value").is_none() {
            return refuse(format!(
                "{} is complex: name one of its sub-attributes",
                attribute.name
            ));
        }
        path.sub = Some("value".to_owned());
    }
    for (label, literal) in &mut path.element {
        if let Some(sub) = attribute.sub_attribute(label) {
            *literal = in_kind(sub.kind, literal);
        }
    }
    let sub = path.sub.as_deref().and_then(|name| attribute.sub_attribute(name));
    path.shape = Shape {
        reference: path.sub.as_deref() == Some("value") && names_users(attribute),
        ..sub.map(Shape::of).unwrap_or_default()
    };
    Ok(path)
}

/// What an element is compared with, as the element holds it: Entra ID writes `roles[primary eq "True"]`.
fn in_kind(kind: Kind, literal: &Value) -> Value {
    match (kind, literal) {
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        _ => literal.clone(),
    }
}

/// Whether the elements of a complex attribute are other people (RFC 7643 §2.3.7, §2.4).
fn names_users(attribute: &Attribute) -> bool {
    let reference = attribute.sub_attribute("$ref");
    reference.is_some_and(|reference| reference.reference_types.iter().any(|kind| kind == "User"))
}

/// A path that names a multi-valued attribute with all its elements. An attribute that no schema knows may be one.
pub(crate) fn complete_list(mut path: TargetPath) -> Result<TargetPath, PathError> {
    let is_list = find(&path).is_none_or(|attribute| attribute.multi_valued && attribute.is_complex());
    if !is_list || path.sub.is_some() || path.in_element() {
        return Err(PathError {
            path: path.as_str().to_owned(),
            message: "the value is a list of elements: name the whole attribute, such as roles".to_owned(),
        });
    }
    path.shape = Shape {
        kind: Kind::Complex,
        multi_valued: true,
        case_exact: false,
        reference: false,
    };
    Ok(path)
}

/// Whether two values of a place are the same. Lists of elements are when they have the same values in any order:
/// what else the elements hold is the target's to add. Languages are when only their spelling differs: `en_US` is Webex's form
/// of `en-US`.
pub(crate) fn same(path: &TargetPath, known: Option<&Value>, wanted: Option<&Value>) -> bool {
    match (known, wanted) {
        (Some(Value::Array(known)), Some(Value::Array(wanted))) if path.is_list_of_elements() => {
            let values = |elements: &[Value]| {
                let values = elements.iter().map(|element| match element {
                    Value::Object(element) => super::member(element, "value").cloned(),
                    bare => Some(bare.clone()),
                });
                let mut values: Vec<_> = values.flatten().map(|value| value.to_string()).collect();
                values.sort();
                values
            };
            values(known) == values(wanted)
        }
        (Some(Value::String(known)), Some(Value::String(wanted))) if path.is_language() => {
            let spelt = |text: &str| text.replace('_', "-").to_ascii_lowercase();
            spelt(known) == spelt(wanted)
        }
        (known, wanted) => known == wanted,
    }
}

/// Whether two values of a matching attribute are one key.
pub(crate) fn same_key(path: &TargetPath, one: &Value, other: &Value) -> bool {
    key(path, one) == key(path, other)
}

/// What is the same text for values of a matching attribute that are one key.
pub(crate) fn key(path: &TargetPath, value: &Value) -> String {
    match value {
        Value::String(text) if !path.shape.case_exact => {
            Value::String(base::canonical::user_name(text)).to_string()
        }
        value => value.to_string(),
    }
}

fn find(path: &TargetPath) -> Option<&'static Attribute> {
    let users = ResourceType::user();
    match path.schema.as_deref() {
        None => users.core.attribute(&path.attribute),
        Some(urn) => users.schema(urn)?.attribute(&path.attribute),
    }
}

/// A mapping's value as the place takes it; `None` for no value.
pub(crate) fn typed(shape: Shape, value: &mapping::Value) -> Result<Option<Value>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    if shape.kind == Kind::Complex {
        return match value {
            mapping::Value::Complex(_) => Ok(Some(value.to_json())),
            _ => Err("a list of elements is wanted, such as AppRoleAssignmentsComplex gives".to_owned()),
        };
    }
    if shape.multi_valued {
        return value
            .items()
            .into_iter()
            .map(|item| one(shape.kind, &mapping::Value::Text(item.into_owned())))
            .collect::<Result<Vec<_>, _>>()
            .map(|items| Some(Value::Array(items)));
    }
    one(shape.kind, value).map(Some)
}

fn one(kind: Kind, value: &mapping::Value) -> Result<Value, String> {
    let text = value.as_text().unwrap_or_default();
    match kind {
        Kind::Boolean => value
            .as_boolean()
            .map(Value::Bool)
            .ok_or_else(|| format!("{text:?} is neither True nor False")),
        Kind::Integer => value
            .as_number()
            .map(Value::from)
            .ok_or_else(|| format!("{text:?} is not a whole number")),
        Kind::Decimal => serde_json::from_str::<serde_json::Number>(text.trim())
            .map(Value::Number)
            .map_err(|_| format!("{text:?} is not a number")),
        _ => Ok(Value::String(text.into_owned())),
    }
}

/// What a target shows at a place, in the place's kind; `None` for null, empty texts and empty lists, which all
/// mean no value (RFC 7643 §2.5).
pub(crate) fn read(shape: Shape, value: Option<&Value>) -> Option<Value> {
    match (shape.kind, value?) {
        (_, Value::Null) => None,
        (_, Value::String(text)) if text.is_empty() => None,
        (_, Value::Array(items)) if items.is_empty() => None,
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        (Kind::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
            Some(Value::Bool(false))
        }
        (Kind::Integer, Value::String(text)) => Some(
            text.parse::<i64>()
                .map_or(Value::from(text.as_str()), Value::from),
        ),
        (_, value) => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_take_the_kind_of_their_place() {
        for (path, value, expected) in [
            ("active", mapping::Value::from("False"), Ok(Some(json!(false)))),
            ("active", true.into(), Ok(Some(json!(true)))),
            ("active", "perhaps".into(), Err(())),
            ("title", true.into(), Ok(Some(json!("True")))),
            ("title", "".into(), Ok(None)),
            (
                r#"emails[type eq "work"].primary"#,
                "true".into(),
                Ok(Some(json!(true))),
            ),
            (
                "urn:example:custom:2.0:User:size",
                mapping::Value::Number(4),
                Ok(Some(json!("4"))),
            ),
        ] {
            let path = TargetPath::parse(path).expect("a path");
            assert_eq!(typed(path.shape, &value).map_err(|_| ()), expected, "{path}");
        }
    }

    #[test]
    fn a_target_may_spell_booleans_as_texts() {
        let path = TargetPath::parse("active").expect("a path");
        for (shown, value) in [
            (json!("True"), Some(json!(true))),
            (json!(false), Some(json!(false))),
            (json!(""), None),
            (Value::Null, None),
        ] {
            assert_eq!(read(path.shape, Some(&shown)), value);
        }
    }

    #[test]
    fn lists_of_elements() {
        let roles = TargetPath::parse_list("roles").expect("a list");
        let value = |names: &[&str]| {
            names
                .iter()
                .map(|name| json!({"value": name, "primary": false}))
                .collect::<Value>()
        };
        let shown = json!([{"value": "B", "type": "x"}, {"value": "A"}]);
        assert!(same(&roles, Some(&shown), Some(&value(&["A", "B"]))));
        assert!(!same(&roles, Some(&shown), Some(&value(&["A"]))));
        assert!(!same(&roles, None, Some(&value(&["A"]))));
        for path in ["title", "name", "roles.value", r#"roles[type eq "x"]"#] {
            assert!(TargetPath::parse_list(path).is_err(), "{path}");
        }
        assert!(TargetPath::parse_list("urn:example:2.0:User:badges").is_ok());
        assert!(typed(roles.shape, &"Admin".into()).is_err());
    }

    #[test]
    fn the_element_must_be_named() {
        assert!(TargetPath::parse("phoneNumbers.value").is_err());
        assert!(TargetPath::parse("name").is_err());
        assert!(TargetPath::parse("userName.value").is_err());
        let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
        assert_eq!(
            TargetPath::parse(manager).expect("a path").sub.as_deref(),
            Some("value")
        );
    }
}
