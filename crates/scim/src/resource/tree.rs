//! Reading and changing places in a resource whose names are spelled as the schemas spell them.

use serde_json::Value;

use crate::Object;
use crate::schema::{ResourceType, Schema};

/// Where the attributes of a schema are: the resource itself, or the extension's object.
pub(crate) fn container<'o>(object: &'o Object, extension: Option<&Schema>) -> Option<&'o Object> {
    match extension {
        None => Some(object),
        Some(schema) => object.get(&schema.id)?.as_object(),
    }
}

/// The same to be changed; made if it is not there.
pub(crate) fn container_mut<'o>(object: &'o mut Object, extension: Option<&Schema>) -> &'o mut Object {
    match extension {
        None => object,
        Some(schema) => object_at(object, &schema.id),
    }
}

/// The object under a name; made if there is none.
pub(crate) fn object_at<'o>(object: &'o mut Object, name: &str) -> &'o mut Object {
    let place = object.entry(name).or_insert_with(|| Value::Object(Object::new()));
    if !place.is_object() {
        *place = Value::Object(Object::new());
    }
    match place {
        Value::Object(members) => members,
        _ => unreachable!("it was just made one"),
    }
}

/// Sets a value; `Null` removes it.
pub(crate) fn set(object: &mut Object, name: &str, value: Value) {
    if value.is_null() {
        object.shift_remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
}

/// Drops empty extensions, and says in `schemas` which ones the resource has.
pub(crate) fn settle(object: &mut Object, resource_type: &ResourceType) {
    let mut schemas = vec![Value::from(resource_type.core.id.as_str())];
    for extension in resource_type.extension_schemas() {
        match object.get(&extension.id) {
            Some(Value::Object(members)) if !members.is_empty() => schemas.push(extension.id.as_str().into()),
            Some(_) => {
                object.shift_remove(&extension.id);
            }
            None => {}
        }
    }
    if object.contains_key("schemas") {
        object.insert("schemas".into(), schemas.into());
    } else {
        object.shift_insert(0, "schemas".into(), schemas.into());
    }
}
