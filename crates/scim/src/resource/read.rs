//! From a request body to a resource.

use serde_json::Value;

use super::check::Missing;
use super::coerce::{self, At};
use super::{missing, tree};
use crate::schema::{AttributeTarget, ResourceType, Schema, Target};
use crate::{Error, Object, dialect, path};

/// What the body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// POST: an account of which the client does not say whether it is active is.
    Create,
    /// PUT: what the body leaves out is absent.
    Replace,
    /// It is laid over a resource that is there: what it leaves out stays.
    Part,
}

/// The resource in a body: names spelled as in the schemas, values in their types.
///
/// Read-only attributes, unknown attributes and unknown `schemas` are left out; `null`, `""` and `[]` mean absent
/// (RFC 7643 §2.5). 400 `invalidValue` names the attribute that is wrong or missing. `password` is kept if it is
/// there: the caller takes it out before anything is stored.
pub fn read(body: Value, resource_type: &ResourceType, mode: Mode) -> Result<Object, Error> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax("The body must be a JSON object"));
    };
    let mut resource = Object::new();
    level(&mut resource, body, resource_type, None)?;
    if mode == Mode::Create && resource_type.core.attribute("active").is_some() {
        resource.entry("active").or_insert(Value::Bool(true));
    }
    tree::settle(&mut resource, resource_type);
    let refused = |missing: &Missing<'_, '_>| match mode {
        Mode::Create => true,
        // What a PUT leaves out may stay as it is stored: `replace` has the last word then.
        Mode::Replace => !missing.may_stay(),
        Mode::Part => false,
    };
    if let Some(missing) = missing(&resource, resource_type).find(refused) {
        return Err(missing.refused());
    }
    Ok(resource)
}

/// What a key of a body stands for: a schema's URN, or a path (in path-less PATCH values keys may be dotted).
pub(crate) fn key_target<'s>(key: &str, resource_type: &'s ResourceType) -> Option<Target<'s>> {
    if !key.contains([':', '.']) {
        return resource_type.resolve(None, key, None);
    }
    if let Some(schema) = resource_type.schema(key) {
        return Some(Target::Schema(schema));
    }
    let path = path::parse(key).ok().filter(|path| path.filter.is_none())?;
    resource_type.resolve_path(&path)
}

fn level(
    resource: &mut Object,
    body: Object,
    resource_type: &ResourceType,
    extension: Option<&Schema>,
) -> Result<(), Error> {
    dialect::refuse_twins(&body)?;
    for (key, value) in body {
        let target = match extension {
            None => key_target(&key, resource_type),
            Some(schema) => resource_type.resolve(Some(&schema.id), &key, None),
        };
        match target {
            None => {}
            Some(Target::Schema(schema)) => extension_object(resource, value, schema, resource_type)?,
            Some(Target::Attribute(target)) if target.attribute.name == "schemas" => {
                refuse_no_schemas(&value)?;
            }
            Some(Target::Attribute(target)) if dialect::is_ballast(target.attribute) => {}
            Some(Target::Attribute(target)) => put(resource, value, &target)?,
        }
    }
    Ok(())
}

fn extension_object(
    resource: &mut Object,
    value: Value,
    schema: &Schema,
    resource_type: &ResourceType,
) -> Result<(), Error> {
    match value {
        Value::Object(body) => level(resource, body, resource_type, Some(schema)),
        value if dialect::is_no_value(&value) => Ok(()),
        _ => Err(Error::invalid_value(format!("{} must be an object", schema.id))),
    }
}

/// `schemas` is worked out anew; here it only must be a list of texts.
fn refuse_no_schemas(value: &Value) -> Result<(), Error> {
    let fine = match value {
        Value::Null | Value::String(_) => true,
        Value::Array(urns) => urns.iter().all(Value::is_string),
        _ => false,
    };
    if fine {
        Ok(())
    } else {
        Err(Error::invalid_value("schemas must be a list of strings"))
    }
}

fn put(resource: &mut Object, value: Value, target: &AttributeTarget<'_>) -> Result<(), Error> {
    let at = At::top(&target.attribute.name);
    let Some(sub) = target.sub else {
        let value = coerce::without_nulls(coerce::attribute(value, target.attribute, &at)?);
        if !value.is_null() {
            tree::container_mut(resource, target.extension).insert(target.attribute.name.clone(), value);
        }
        return Ok(());
    };
    if sub.is_read_only() || target.attribute.multi_valued {
        return Ok(());
    }
    let value = coerce::attribute(value, sub, &At::below(&at, &sub.name))?;
    if !value.is_null() {
        let within = tree::container_mut(resource, target.extension);
        tree::object_at(within, &target.attribute.name).insert(sub.name.clone(), value);
    }
    Ok(())
}
