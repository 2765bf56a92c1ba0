//! PATCH, RFC 7644 §3.5.2, read to the letter.

mod remove;

use serde_json::Value;

use super::Object;
use super::behaviour::Options;
use super::filter::{self, Clause, Operator};
use super::path::Path;
use super::protocol::Refusal;
use super::users::{ENTERPRISE, is_list, is_read_only, spelling};
use remove::remove;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// The resource with the operations applied, all or none; its types are not checked yet.
pub(super) fn apply(resource: &Object, request: &Value, options: &Options) -> Result<Object, Refusal> {
    let syntax = |detail: &str| Refusal::new(400, "invalidSyntax", detail);
    let request = request
        .as_object()
        .ok_or_else(|| syntax("the body must be an object"))?;
    super::users::require_schema(request, PATCH_OP)?;
    let operations = request
        .get("Operations")
        .and_then(Value::as_array)
        .filter(|operations| !operations.is_empty())
        .ok_or_else(|| syntax("Operations must be a list with one operation at least"))?;

    let mut changed = resource.clone();
    for operation in operations {
        let name = operation.get("op").and_then(Value::as_str).unwrap_or_default();
        let name = if options.lenient {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        };
        let op = match name.as_str() {
            "add" => Op::Add,
            "replace" => Op::Replace,
            "remove" => Op::Remove,
            _ => return Err(syntax("op must be one of add, replace, remove")),
        };
        operate(&mut changed, op, operation, options)?;
    }
    Ok(changed)
}

fn operate(resource: &mut Object, op: Op, operation: &Value, options: &Options) -> Result<(), Refusal> {
    let known = known_extensions(resource);
    let value = operation.get("value");
    let Some(path) = operation.get("path") else {
        return without_path(resource, op, value, &known, options);
    };
    let path = path
        .as_str()
        .ok_or_else(|| Refusal::new(400, "invalidPath", "path must be a string"))?;
    let path = Path::parse(path, &known)?;
    match op {
        Op::Remove => remove(resource, &path, value, options),
        Op::Add | Op::Replace => set(resource, op, &path, required(value, options)?, options),
    }
}

fn known_extensions(resource: &Object) -> Vec<String> {
    let mut known: Vec<String> = resource
        .keys()
        .filter(|key| key.starts_with("urn:"))
        .cloned()
        .collect();
    known.push(ENTERPRISE.to_owned());
    known
}

fn required<'a>(value: Option<&'a Value>, options: &Options) -> Result<&'a Value, Refusal> {
    match value {
        None => Err(Refusal::invalid_value("add and replace need a value")),
        Some(Value::Null) if !options.lenient => Err(Refusal::invalid_value("null is no value: use remove")),
        Some(value) => Ok(value),
    }
}

/// §3.5.2.1: without a path the value holds the attributes.
fn without_path(
    resource: &mut Object,
    op: Op,
    value: Option<&Value>,
    known: &[String],
    options: &Options,
) -> Result<(), Refusal> {
    if op == Op::Remove {
        return Err(Refusal::new(400, "noTarget", "remove needs a path"));
    }
    let attributes = required(value, options)?
        .as_object()
        .ok_or_else(|| Refusal::invalid_value("value must be an object"))?;
    for (key, value) in attributes {
        if key == "schemas" {
            continue;
        }
        let path = Path::parse(key, known)?;
        let plain = path.sub.is_none()
            && path.filter.is_none()
            && (path.schema.is_none() || path.attribute.is_none());
        if !plain && !options.lenient {
            return Err(Refusal::new(
                400,
                "invalidPath",
                format!("{key} is no attribute name"),
            ));
        }
        set(resource, op, &path, value, options)?;
    }
    Ok(())
}

fn set(resource: &mut Object, op: Op, path: &Path, value: &Value, options: &Options) -> Result<(), Refusal> {
    let Some(attribute) = path.attribute.as_deref() else {
        let urn = path.schema.clone().unwrap_or_default();
        let sub = value
            .as_object()
            .ok_or_else(|| Refusal::invalid_value(format!("{urn} must be an object")))?;
        merge(object_at(resource, &urn), sub);
        return Ok(());
    };
    if path.schema.is_none() && is_read_only(attribute) {
        return Err(Refusal::new(
            400,
            "mutability",
            format!("{attribute} is read-only"),
        ));
    }
    let container = match &path.schema {
        Some(urn) => object_at(resource, urn),
        None => resource,
    };
    let name = key_of(container, attribute);
    let list = is_list(&name) || container.get(&name).is_some_and(Value::is_array);
    match (&path.filter, path.sub.as_deref()) {
        (Some(clauses), sub) => set_matching(container, op, &name, clauses, sub, value, options),
        (None, Some(_)) if list => Err(Refusal::new(
            400,
            "invalidPath",
            format!("{name} has many values: a filter must choose"),
        )),
        (None, Some(sub)) => {
            object_at(container, &name).insert(sub.to_owned(), value.clone());
            Ok(())
        }
        (None, None) if list => {
            set_list(container, op, &name, value);
            Ok(())
        }
        (None, None) => {
            match (container.get_mut(&name), value) {
                (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
                _ => {
                    container.insert(name, value.clone());
                }
            }
            Ok(())
        }
    }
}

fn set_list(container: &mut Object, op: Op, name: &str, value: &Value) {
    let new = match value {
        Value::Array(elements) => elements.clone(),
        element => vec![element.clone()],
    };
    match container.get_mut(name) {
        Some(Value::Array(old)) if op == Op::Add => {
            for element in new {
                if !old.contains(&element) {
                    old.push(element);
                }
            }
        }
        _ => {
            container.insert(name.to_owned(), Value::Array(new));
        }
    }
}

fn set_matching(
    container: &mut Object,
    op: Op,
    name: &str,
    clauses: &[Clause],
    sub: Option<&str>,
    value: &Value,
    options: &Options,
) -> Result<(), Refusal> {
    let elements = container.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(elements) = elements else {
        return Err(Refusal::new(
            400,
            "invalidPath",
            format!("{name} has one value: a filter cannot choose"),
        ));
    };
    let mut found = false;
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        if !filter::matches(clauses, element) {
            continue;
        }
        found = true;
        match (sub, value) {
            (Some(sub), value) => {
                element.insert(sub.to_owned(), value.clone());
            }
            (None, Value::Object(new)) if op == Op::Replace => element.clone_from(new),
            (None, Value::Object(new)) => merge(element, new),
            (None, _) => {
                return Err(Refusal::invalid_value(format!(
                    "a value of {name} must be an object"
                )));
            }
        }
    }
    if found {
        return Ok(());
    }
    let creates = if op == Op::Add {
        options.add_creates
    } else {
        options.replace_creates
    };
    let (true, Some(mut element)) = (creates, element_from(clauses)) else {
        return Err(Refusal::new(
            400,
            "noTarget",
            format!("no value of {name} matches the filter"),
        ));
    };
    match (sub, value) {
        (Some(sub), value) => {
            element.insert(sub.to_owned(), value.clone());
        }
        (None, Value::Object(new)) => merge(&mut element, new),
        (None, _) => {
            return Err(Refusal::invalid_value(format!(
                "a value of {name} must be an object"
            )));
        }
    }
    elements.push(Value::Object(element));
    Ok(())
}

/// What an element must hold for the filter to match it.
fn element_from(clauses: &[Clause]) -> Option<Object> {
    clauses
        .iter()
        .map(|clause| {
            (clause.operator == Operator::Eq && clause.sub.is_none())
                .then(|| (clause.attribute.clone(), clause.value.clone()))
        })
        .collect()
}

/// The key as the object spells it, else as the RFC does, else as given.
fn key_of(object: &Object, name: &str) -> String {
    object
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))
        .cloned()
        .or_else(|| spelling(name).map(str::to_owned))
        .unwrap_or_else(|| name.to_owned())
}

fn object_at<'a>(parent: &'a mut Object, key: &str) -> &'a mut Object {
    let slot = parent.entry(key).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Object::new());
    }
    match slot {
        Value::Object(object) => object,
        _ => unreachable!("just made an object"),
    }
}

fn merge(into: &mut Object, from: &Object) {
    for (key, value) in from {
        let key = into
            .keys()
            .find(|known| known.eq_ignore_ascii_case(key))
            .unwrap_or(key)
            .clone();
        into.insert(key, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(operations: Value, options: &Options) -> Result<Value, Refusal> {
        let person = json!({
            "userName": "ada", "title": "Engineer",
            "name": {"givenName": "Ada", "familyName": "King"},
            "phoneNumbers": [{"type": "work", "value": "1"}],
            ENTERPRISE: {"department": "R&D"},
        });
        let request = json!({"schemas": [PATCH_OP], "Operations": operations});
        apply(person.as_object().unwrap(), &request, options).map(Value::Object)
    }

    fn one(operation: Value) -> Result<Value, Refusal> {
        patched(json!([operation]), &Options::default())
    }

    #[test]
    fn values_are_replaced_added_and_removed() {
        let person = one(json!({"op": "replace", "path": "name.familyName", "value": "Lovelace"})).unwrap();
        assert_eq!(
            person["name"],
            json!({"givenName": "Ada", "familyName": "Lovelace"})
        );

        let person =
            one(json!({"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "2"}))
                .unwrap();
        assert_eq!(person["phoneNumbers"], json!([{"type": "work", "value": "2"}]));

        let person =
            one(json!({"op": "add", "path": "phoneNumbers[type eq \"fax\"].value", "value": "3"})).unwrap();
        assert_eq!(person["phoneNumbers"][1], json!({"type": "fax", "value": "3"}));

        let person =
            one(json!({"op": "add", "value": {"displayName": "Ada", "name": {"middleName": "B"}}})).unwrap();
        assert_eq!(person["displayName"], "Ada");
        assert_eq!(person["name"]["givenName"], "Ada");

        let person =
            one(json!({"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Ops"}))
                .unwrap();
        assert_eq!(person[ENTERPRISE]["department"], "Ops");

        let person = one(json!({"op": "remove", "path": format!("{ENTERPRISE}:department")})).unwrap();
        assert!(person.get(ENTERPRISE).is_none());

        let person = one(json!({"op": "remove", "path": "phoneNumbers[type eq \"work\"]"})).unwrap();
        assert!(person.get("phoneNumbers").is_none());
    }

    #[test]
    fn what_the_rfc_does_not_allow_is_refused() {
        for operation in [
            json!({"op": "Replace", "path": "title", "value": "x"}),
            json!({"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "3"}),
            json!({"op": "replace", "path": "title", "value": null}),
            json!({"op": "replace", "path": "title"}),
            json!({"op": "replace", "value": {"name.givenName": "x"}}),
            json!({"op": "replace", "path": "id", "value": "x"}),
            json!({"op": "remove"}),
            json!({"op": "remove", "path": "userName"}),
            json!({"op": "replace", "path": "phoneNumbers.value", "value": "2"}),
        ] {
            assert!(one(operation.clone()).is_err(), "{operation}");
        }
    }

    #[test]
    fn a_lenient_target_understands_vendors() {
        let options = Options::default().lenient();
        let person = patched(
            json!([
                {"op": "Replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "3"},
                {"op": "Replace", "value": {"name.givenName": "A", format!("{ENTERPRISE}:department"): "Ops"}},
            ]),
            &options,
        )
        .unwrap();
        assert_eq!(person["phoneNumbers"][1]["value"], "3");
        assert_eq!(person["name"]["givenName"], "A");
        assert_eq!(person[ENTERPRISE]["department"], "Ops");
    }

    #[test]
    fn options_decide_about_missing_targets() {
        let add = json!([{"op": "add", "path": "phoneNumbers[type eq \"fax\"].value", "value": "3"}]);
        let remove = json!([{"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"}]);
        let strictest = Options {
            add_creates: false,
            remove_ignores: false,
            ..Options::default()
        };
        assert!(patched(add, &strictest).is_err());
        assert!(patched(remove.clone(), &strictest).is_err());
        assert!(patched(remove, &Options::default()).is_ok());
    }
}
