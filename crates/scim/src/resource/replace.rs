//! What PUT leaves of the stored resource (RFC 7644 §3.5.1).

use serde_json::Value;

use super::{immutable, missing, tree};
use crate::schema::{Attribute, Mutability, ResourceType};
use crate::{Error, Object};

/// The stored resource replaced by one that [`read`](super::read) made of a PUT's body: readWrite attributes that
/// the body leaves out are cleared; readOnly and immutable ones stay, and so do those that the client cannot have
/// read, and `active`.
pub fn replace(stored: &Object, body: Object, resource_type: &ResourceType) -> Result<Object, Error> {
    let mut next = body;
    for attribute in resource_type.top_level() {
        let stored = stored.get(&attribute.name);
        let kept = if attribute.name == "active" {
            stored.cloned()
        } else {
            kept(stored, attribute)
        };
        if let Some(value) = kept {
            put_back(&mut next, value, attribute);
        }
        keep_in_each(stored, &mut next, attribute)?;
    }
    for extension in resource_type.extension_schemas() {
        let Some(stored) = tree::container(stored, Some(extension)) else {
            continue;
        };
        for attribute in &extension.attributes {
            let stored = stored.get(&attribute.name);
            let next = tree::container_mut(&mut next, Some(extension));
            if let Some(value) = kept(stored, attribute) {
                put_back(next, value, attribute);
            }
            keep_in_each(stored, next, attribute)?;
        }
    }
    tree::settle(&mut next, resource_type);
    immutable::keep(stored, &mut next, resource_type)?;
    if let Some(missing) = missing(&next, resource_type).next() {
        return Err(missing.refused());
    }
    Ok(next)
}

/// What is immutable within several values.
fn keep_in_each(stored: Option<&Value>, next: &mut Object, attribute: &Attribute) -> Result<(), Error> {
    match (stored, next.get_mut(&attribute.name)) {
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            immutable::keep_in_each(before, after, attribute)
        }
        _ => Ok(()),
    }
}

/// Whether a value survives a body that does not speak of it.
pub(super) fn stays(attribute: &Attribute) -> bool {
    matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable) || attribute.is_hidden()
}

/// What of a stored value survives a body without it: all, or those parts of a single complex value.
fn kept(stored: Option<&Value>, attribute: &Attribute) -> Option<Value> {
    let stored = stored?;
    if stays(attribute) {
        return Some(stored.clone());
    }
    if attribute.multi_valued || !attribute.sub_attributes.iter().any(stays) {
        return None;
    }
    let parts = stored.as_object()?;
    let parts: Object = parts
        .iter()
        .filter(|(name, _)| attribute.sub_attribute(name).is_some_and(stays))
        .map(|(name, part)| (name.clone(), part.clone()))
        .collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

/// Puts in what the body does not have, also within a complex value that it has.
fn put_back(next: &mut Object, kept: Value, attribute: &Attribute) {
    match (next.get_mut(&attribute.name), kept) {
        (None, kept) => {
            next.insert(attribute.name.clone(), kept);
        }
        (Some(Value::Object(given)), Value::Object(parts)) if !attribute.is_immutable() => {
            for (name, part) in parts {
                if attribute.sub_attribute(&name).is_some_and(stays) {
                    given.entry(name).or_insert(part);
                }
            }
        }
        _ => {}
    }
}
