//! The sub-attributes of one complex value.

use serde_json::Value;

use super::Op;
use crate::resource::coerce::{self, At};
use crate::resource::{immutable, same, tree};
use crate::schema::Attribute;
use crate::{Error, Object};

/// Sets parts of the value, those with `Null` to nothing; the others stay. A part that can have several values gets
/// more of them with `add`. One that is immutable and set can only be given the value that it has.
pub(super) fn merge(members: &mut Object, parts: Object, attribute: &Attribute, op: Op) -> Result<(), Error> {
    for (name, part) in parts {
        let Some(sub) = attribute.sub_attribute(&name) else {
            continue;
        };
        let old = members.get(&name);
        if sub.is_immutable()
            && let Some(old) = old
        {
            if same(old, &part, sub) {
                continue;
            }
            return Err(immutable::refused(&format!("{}.{name}", attribute.name)));
        }
        let part = match (op, old, part) {
            (Op::Add, Some(Value::Array(old)), Value::Array(new)) => more(old, new, sub)?,
            (_, _, part) => part,
        };
        tree::set(members, &name, part);
    }
    Ok(())
}

/// What of a new value is not already in the old one, in whichever case (RFC 7644 §3.5.2.1).
pub(super) fn that_differ(old: &Value, mut new: Value, attribute: &Attribute) -> Value {
    match (old, &mut new) {
        (Value::Object(old), Value::Object(parts)) => parts.retain(|name, part| {
            let known = old.get(name).zip(attribute.sub_attribute(name));
            !known.is_some_and(|(old, sub)| same(old, part, sub))
        }),
        (old, new) if same(old, new, attribute) => return old.clone(),
        _ => {}
    }
    new
}

fn more(old: &[Value], new: Vec<Value>, sub: &Attribute) -> Result<Value, Error> {
    let mut values = old.to_vec();
    for value in new {
        if !values.iter().any(|old| same(old, &value, sub)) {
            values.push(value);
        }
    }
    coerce::refuse_many(values.len(), &At::top(&sub.name))?;
    Ok(values.into())
}

/// Removes a part, or those of its several values that are named.
pub(super) fn remove(
    members: &mut Object,
    sub: &Attribute,
    attribute: &Attribute,
    named: Option<&Value>,
) -> Result<(), Error> {
    if sub.is_immutable() && members.contains_key(&sub.name) {
        return Err(immutable::refused(&format!("{}.{}", attribute.name, sub.name)));
    }
    let named = named.filter(|named| sub.multi_valued && !named.is_null());
    let (Some(named), Some(Value::Array(values))) = (named, members.get_mut(&sub.name)) else {
        members.shift_remove(&sub.name);
        return Ok(());
    };
    let named = coerce::attribute(named.clone(), sub, &At::top(&sub.name))?;
    let named = named.as_array().map(Vec::as_slice).unwrap_or_default();
    values.retain(|value| !named.iter().any(|named| same(value, named, sub)));
    if values.is_empty() {
        members.shift_remove(&sub.name);
    }
    Ok(())
}
