//! `immutable` (RFC 7643 §7): once set, an attribute keeps its value.

use std::collections::HashMap;

use serde_json::Value;

use super::coerce::identity;
use super::{same, tree};
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::{Error, Object};

/// Refuses that an immutable attribute, once set, has another value or none. One that differs in its spelling alone
/// keeps the one that it had.
///
/// Of the values of a multi-valued attribute each comes and goes as a whole; [`keep_in_each`] is for what may not be
/// changed within one.
pub(crate) fn keep(before: &Object, after: &mut Object, resource_type: &ResourceType) -> Result<(), Error> {
    let schemas = std::iter::once(None).chain(resource_type.extension_schemas().map(Some));
    for extension in schemas {
        let Some(old) = tree::container(before, extension) else {
            continue;
        };
        match extension {
            None => {
                for attribute in resource_type.top_level() {
                    keep_one(old, after, None, attribute)?;
                }
            }
            Some(schema) => {
                for attribute in &schema.attributes {
                    keep_one(old, after, extension, attribute)?;
                }
            }
        }
    }
    Ok(())
}

fn keep_one(
    old: &Object,
    after: &mut Object,
    extension: Option<&Schema>,
    attribute: &Attribute,
) -> Result<(), Error> {
    let has_immutable_parts =
        !attribute.multi_valued && attribute.sub_attributes.iter().any(Attribute::is_immutable);
    if !attribute.is_immutable() && !has_immutable_parts {
        return Ok(());
    }
    let Some(old) = old.get(&attribute.name) else {
        return Ok(());
    };
    let new = match extension {
        None => after.get_mut(&attribute.name),
        Some(schema) => after
            .get_mut(&schema.id)
            .and_then(|own| own.get_mut(&attribute.name)),
    };
    if attribute.is_immutable() {
        return settle(old, new, attribute, &attribute.name);
    }
    let mut new = new;
    for sub in attribute.sub_attributes.iter().filter(|sub| sub.is_immutable()) {
        let Some(old) = old.get(&sub.name) else { continue };
        let new = new.as_deref_mut().and_then(|new| new.get_mut(&sub.name));
        settle(old, new, sub, &format!("{}.{}", attribute.name, sub.name))?;
    }
    Ok(())
}

fn settle(old: &Value, new: Option<&mut Value>, attribute: &Attribute, name: &str) -> Result<(), Error> {
    match new {
        Some(new) if new == old => Ok(()),
        Some(new) if same(old, new, attribute) => {
            new.clone_from(old);
            Ok(())
        }
        _ => Err(refused(name)),
    }
}

/// The same for the sub-attributes of several values, where one has the `type` and `value` that one had before. What
/// it does not speak of stays. Values that come and go as a whole are other ones if they differ.
pub(crate) fn keep_in_each(
    before: &[Value],
    after: &mut [Value],
    attribute: &Attribute,
) -> Result<(), Error> {
    let subs: Vec<&Attribute> = attribute
        .sub_attributes
        .iter()
        .filter(|sub| sub.is_immutable())
        .collect();
    if subs.is_empty() || before.is_empty() || attribute.comes_whole() {
        return Ok(());
    }
    let mut known: HashMap<_, Vec<&Value>> = HashMap::new();
    for old in before {
        if let Some(identity) = identity(old, attribute) {
            known.entry(identity).or_default().push(old);
        }
    }
    for new in after {
        let Some(same) = identity(new, attribute).and_then(|identity| known.get(&identity)) else {
            continue;
        };
        let other = |old: &Value| subs.iter().copied().find(|sub| is_another(old, new, sub));
        let Some(old) = same.iter().find(|old| other(old).is_none()) else {
            let sub = same.iter().find_map(|old| other(old));
            let sub = sub.map_or("", |sub| sub.name.as_str());
            return Err(refused(&format!("{}.{sub}", attribute.name)));
        };
        for sub in &subs {
            if let Some(part) = old.get(&sub.name) {
                new[&sub.name] = part.clone();
            }
        }
    }
    Ok(())
}

/// Whether both values have the part, and not the same.
pub(crate) fn is_another(old: &Value, new: &Value, sub: &Attribute) -> bool {
    match (old.get(&sub.name), new.get(&sub.name)) {
        (Some(old), Some(new)) => !same(old, new, sub),
        _ => false,
    }
}

/// 400 `mutability`.
pub(crate) fn refused(name: &str) -> Error {
    Error::mutability(format!("{name} cannot be changed once it is set"))
}

impl Attribute {
    pub(crate) fn is_immutable(&self) -> bool {
        self.mutability == Mutability::Immutable
    }

    /// Whether its values cannot be made into others, but only come and go: what tells them apart is immutable.
    pub(crate) fn comes_whole(&self) -> bool {
        self.sub_attribute("value").is_some_and(Self::is_immutable)
    }
}
