//! What must hold for a resource as a whole.

use serde_json::Value;

use super::tree;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::{Error, Object};

fn attributes(resource_type: &ResourceType) -> impl Iterator<Item = (Option<&Schema>, &Attribute)> {
    let core = resource_type.top_level().map(|attribute| (None, attribute));
    let extensions = resource_type.extension_schemas().flat_map(|schema| {
        schema
            .attributes
            .iter()
            .map(move |attribute| (Some(schema), attribute))
    });
    core.chain(extensions)
}

fn value<'o>(object: &'o Object, extension: Option<&Schema>, attribute: &Attribute) -> Option<&'o Value> {
    tree::container(object, extension)?.get(&attribute.name)
}

/// Required attributes without a value, those of extensions only where the extension is there at all.
pub(crate) fn missing_required<'s>(
    object: &Object,
    resource_type: &'s ResourceType,
) -> impl Iterator<Item = &'s Attribute> {
    attributes(resource_type)
        .filter(|(_, attribute)| attribute.required && !attribute.is_read_only())
        .filter(|(extension, _)| tree::container(object, *extension).is_some())
        .filter(|(extension, attribute)| is_blank(value(object, *extension, attribute)))
        .map(|(_, attribute)| attribute)
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// Refuses that an immutable attribute, once set, has another value or none (RFC 7643 §7).
pub(crate) fn refuse_changed_immutable(
    before: &Object,
    after: &Object,
    resource_type: &ResourceType,
) -> Result<(), Error> {
    for (extension, attribute) in attributes(resource_type).filter(|(_, attribute)| has_immutable(attribute))
    {
        let old = value(before, extension, attribute);
        let new = value(after, extension, attribute);
        let changed = if is_immutable(attribute) {
            old.is_some() && old != new
        } else {
            !attribute.multi_valued && immutable_part_changed(old, new, attribute)
        };
        if changed {
            return Err(Error::mutability(format!(
                "{} cannot be changed once it is set",
                attribute.name
            )));
        }
    }
    Ok(())
}

fn is_immutable(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::Immutable
}

fn has_immutable(attribute: &Attribute) -> bool {
    is_immutable(attribute) || attribute.sub_attributes.iter().any(is_immutable)
}

fn immutable_part_changed(old: Option<&Value>, new: Option<&Value>, attribute: &Attribute) -> bool {
    attribute
        .sub_attributes
        .iter()
        .filter(|sub| is_immutable(sub))
        .any(|sub| {
            let part = |value: Option<&Value>| value.and_then(|value| value.get(&sub.name)).cloned();
            part(old).is_some() && part(old) != part(new)
        })
}
