//! What must hold for a resource as a whole: `required` (RFC 7643 §2.2, and §6 for extensions).

use std::fmt;

use serde_json::Value;

use super::{same, tree};
use crate::schema::{Attribute, ResourceType, Schema};
use crate::{Error, Object};

/// Something that a resource must have and does not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Missing<'o, 's> {
    /// All of an extension.
    Extension(&'s Schema),
    Attribute(Option<&'s Schema>, &'s Attribute),
    /// A sub-attribute, of this value.
    Part(Option<&'s Schema>, &'s Attribute, &'s Attribute, &'o Value),
}

impl fmt::Display for Missing<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(schema) => f.write_str(&schema.id),
            Self::Attribute(_, attribute) => f.write_str(&attribute.name),
            Self::Part(_, attribute, sub, _) => write!(f, "{}.{}", attribute.name, sub.name),
        }
    }
}

impl Missing<'_, '_> {
    pub(crate) fn refused(&self) -> Error {
        Error::invalid_value(format!("{self} is required"))
    }

    /// Whether the attribute can be filled by what is stored when a body leaves it out.
    pub(crate) fn may_stay(&self) -> bool {
        match self {
            Self::Extension(_) => false,
            Self::Attribute(_, attribute) => super::replace::stays(attribute),
            Self::Part(_, attribute, sub, _) => !attribute.multi_valued && super::replace::stays(sub),
        }
    }

    /// Whether a resource had it.
    fn is_in(&self, object: &Object) -> bool {
        match self {
            Self::Extension(schema) => tree::container(object, Some(schema)).is_some(),
            Self::Attribute(extension, attribute) => !is_blank(value(object, *extension, attribute)),
            Self::Part(extension, attribute, sub, lacking) => {
                let was_this = |element: &&Value| {
                    let mut rest = (*element).clone();
                    let part = rest
                        .as_object_mut()
                        .and_then(|members| members.shift_remove(&sub.name));
                    part.is_some() && (!attribute.multi_valued || same(&rest, lacking, attribute))
                };
                elements(value(object, *extension, attribute))
                    .iter()
                    .any(|element| was_this(&element))
            }
        }
    }
}

/// Everything that is required and not there; of an extension that is not required, only where it is there at all.
pub(crate) fn missing<'o, 's>(
    object: &'o Object,
    resource_type: &'s ResourceType,
) -> impl Iterator<Item = Missing<'o, 's>> {
    let extensions = resource_type
        .extensions
        .iter()
        .filter(|extension| extension.required)
        .map(|extension| &extension.schema)
        .filter(|schema| tree::container(object, Some(schema)).is_none())
        .map(Missing::Extension);
    let schemas = std::iter::once(None).chain(resource_type.extension_schemas().map(Some));
    let attributes = schemas.flat_map(move |extension| {
        let within = tree::container(object, extension);
        let attributes = within.map(|within| {
            attributes_of(resource_type, extension)
                .filter(|attribute| !attribute.is_read_only())
                .flat_map(move |attribute| lacking(within, extension, attribute))
        });
        attributes.into_iter().flatten()
    });
    extensions.chain(attributes)
}

fn attributes_of<'s>(
    resource_type: &'s ResourceType,
    extension: Option<&'s Schema>,
) -> impl Iterator<Item = &'s Attribute> {
    let core = extension.is_none().then(|| resource_type.top_level());
    let own = extension.map(|schema| schema.attributes.iter());
    core.into_iter().flatten().chain(own.into_iter().flatten())
}

/// The attribute itself, or parts of its values.
fn lacking<'o, 's>(
    within: &'o Object,
    extension: Option<&'s Schema>,
    attribute: &'s Attribute,
) -> impl Iterator<Item = Missing<'o, 's>> {
    let value = within.get(&attribute.name);
    let whole = (attribute.required && is_blank(value)).then_some(Missing::Attribute(extension, attribute));
    let subs = attribute
        .sub_attributes
        .iter()
        .filter(|sub| sub.required && !sub.is_read_only());
    let parts = subs.flat_map(move |sub| {
        elements(value)
            .iter()
            .filter(|element| element.is_object() && is_blank(element.get(&sub.name)))
            .map(move |element| Missing::Part(extension, attribute, sub, element))
    });
    whole.into_iter().chain(parts)
}

fn value<'o>(object: &'o Object, extension: Option<&Schema>, attribute: &Attribute) -> Option<&'o Value> {
    tree::container(object, extension)?.get(&attribute.name)
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(elements)) => elements,
        Some(single) => std::slice::from_ref(single),
    }
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// Refuses a change after which something required is missing that was not missing before: 400 `mutability` where it
/// was taken away (RFC 7644 §3.5.2.2), 400 `invalidValue` where it never came.
pub(crate) fn refuse_newly_missing(
    before: &Object,
    after: &Object,
    resource_type: &ResourceType,
) -> Result<(), Error> {
    let was_missing = |new: &Missing<'_, '_>| missing(before, resource_type).any(|old| old == *new);
    match missing(after, resource_type).find(|new| !was_missing(new)) {
        None => Ok(()),
        Some(gone) if gone.is_in(before) => Err(Error::mutability(format!(
            "{gone} is required and cannot be removed"
        ))),
        Some(new) => Err(new.refused()),
    }
}
