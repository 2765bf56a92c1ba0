//! Carrying out the operations, one after the other, on a copy.

use serde_json::Value;

use super::{Op, Operation, Outcome, PatchOptions, PatchRequest, parts, values};
use crate::effort::{self, Effort};
use crate::filter::{self, Filter};
use crate::resource::coerce::{self, At};
use crate::resource::{immutable, key_target, refuse_newly_missing, tree};
use crate::schema::{Attribute, AttributeTarget, ResourceType, Schema, Target};
use crate::{Error, Object, dialect, path};

/// Carries out all operations, or none of them if one cannot be.
///
/// The object's names are spelled as the schemas spell them, as [`read`](crate::resource::read) leaves them; the
/// members of a group have been [split off](super::split_members). A password that was set is in the object
/// afterwards: the caller takes it out.
pub fn apply(
    object: &mut Object,
    request: &PatchRequest,
    resource_type: &ResourceType,
    options: PatchOptions,
) -> Result<Outcome, Error> {
    let mut next = object.clone();
    Effort::PATCH.spend(|| {
        request.operations.iter().try_for_each(|operation| {
            effort::refuse_spent()?;
            carry_out(&mut next, operation, resource_type, options)
        })
    })??;
    tree::settle(&mut next, resource_type);
    refuse_newly_missing(object, &next, resource_type)?;
    immutable::keep(object, &mut next, resource_type)?;
    let changed = next != *object;
    if changed {
        *object = next;
    }
    Ok(Outcome { changed })
}

fn carry_out(
    object: &mut Object,
    operation: &Operation,
    resource_type: &ResourceType,
    options: PatchOptions,
) -> Result<(), Error> {
    let value = operation.value.as_ref();
    let Some(path) = &operation.path else {
        return pathless(object, operation.op, value, None, resource_type, options);
    };
    match resource_type.resolve_path(path) {
        None if dialect::is_of_another_schema(path, resource_type) => Ok(()),
        None => Err(Error::invalid_path(format!(
            "{} has no attribute {path}",
            resource_type.id
        ))),
        Some(Target::Schema(_)) if path.filter.is_some() => Err(Error::invalid_path(format!(
            "{path} is a schema: it has no values to choose from"
        ))),
        Some(Target::Schema(schema)) => {
            let extension = resource_type.extension(&schema.id);
            pathless(object, operation.op, value, extension, resource_type, options)
        }
        Some(Target::Attribute(target)) if target.attribute.name == "schemas" => Ok(()),
        Some(Target::Attribute(target)) => {
            refuse_read_only(&target)?;
            let place = Place {
                target,
                filter: path.filter.as_deref(),
            };
            place.change(object, operation.op, value, options)
        }
    }
}

fn refuse_read_only(target: &AttributeTarget<'_>) -> Result<(), Error> {
    let read_only = [Some(target.attribute), target.sub]
        .into_iter()
        .flatten()
        .find(|attribute| attribute.is_read_only());
    match read_only {
        None => Ok(()),
        Some(attribute) => Err(Error::mutability(format!("{} is read-only", attribute.name))),
    }
}

/// An operation on the resource itself, or on an extension as a whole: each key of the value is a path of its own,
/// plain, dotted, with a URN or with a filter. What a GET also shows and nobody can write is left aside, and so is what no schema has.
fn pathless(
    object: &mut Object,
    op: Op,
    value: Option<&Value>,
    extension: Option<&Schema>,
    resource_type: &ResourceType,
    options: PatchOptions,
) -> Result<(), Error> {
    let members = match (op, extension, value) {
        (Op::Remove, None, _) => return Err(Error::no_target("remove needs a path")),
        (Op::Remove, Some(schema), _) => {
            object.shift_remove(&schema.id);
            return Ok(());
        }
        (_, _, Some(Value::Object(members))) => members,
        (_, Some(schema), Some(value)) if dialect::is_no_value(value) => {
            if op == Op::Replace {
                object.shift_remove(&schema.id);
            }
            return Ok(());
        }
        _ => {
            return Err(Error::invalid_value(format!(
                "{} without a path to an attribute needs an object as its value",
                op.as_str()
            )));
        }
    };
    dialect::refuse_twins(members)?;
    for (key, value) in members {
        if extension.is_none()
            && key.contains('[')
            && let Ok(path) = path::parse(key)
        {
            if let Some(Target::Attribute(target)) = resource_type.resolve_path(&path)
                && !is_ballast(&target)
            {
                let filter = path.filter.as_deref();
                Place { target, filter }.change(object, op, Some(value), options)?;
            }
            continue;
        }
        let target = match extension {
            None => key_target(key, resource_type),
            Some(schema) => resource_type.resolve(Some(&schema.id), key, None),
        };
        match target {
            Some(Target::Attribute(target)) if !is_ballast(&target) => {
                Place { target, filter: None }.change(object, op, Some(value), options)?;
            }
            Some(Target::Schema(schema)) if extension.is_none() => {
                // The core schema's own URN names the resource itself.
                let extension = resource_type.extension(&schema.id);
                pathless(object, op, Some(value), extension, resource_type, options)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_ballast(target: &AttributeTarget<'_>) -> bool {
    dialect::is_ballast(target.attribute) || target.sub.is_some_and(dialect::is_ballast)
}

/// Where an operation works.
struct Place<'a> {
    target: AttributeTarget<'a>,
    filter: Option<&'a Filter>,
}

impl Place<'_> {
    fn change(
        &self,
        object: &mut Object,
        op: Op,
        value: Option<&Value>,
        options: PatchOptions,
    ) -> Result<(), Error> {
        let attribute = self.target.attribute;
        if let Some(filter) = self.filter {
            if !attribute.multi_valued {
                return Err(Error::invalid_path(format!(
                    "{} has one value: there is nothing to choose from",
                    attribute.name
                )));
            }
            filter::check_element(filter, attribute)?;
        }
        if op != Op::Remove && value.is_none() {
            return Err(Error::invalid_value(format!(
                "{} of {} needs a value",
                op.as_str(),
                attribute.name
            )));
        }
        let within = tree::container_mut(object, self.target.extension);
        if attribute.multi_valued {
            return values::change(within, &self.target, self.filter, op, value, options);
        }
        match (op, value) {
            (Op::Remove, _) | (_, None) => self.remove_single(within, value),
            (_, Some(value)) => self.set_single(within, op, value.clone()),
        }
    }

    fn remove_single(&self, within: &mut Object, value: Option<&Value>) -> Result<(), Error> {
        let attribute = self.target.attribute;
        let name = &attribute.name;
        let Some(sub) = self.target.sub else {
            within.shift_remove(name);
            return Ok(());
        };
        if let Some(Value::Object(members)) = within.get_mut(name) {
            parts::remove(members, sub, attribute, value)?;
            if members.is_empty() {
                within.shift_remove(name);
            }
        }
        Ok(())
    }

    /// Sub-attributes that a complex value does not speak of stay as they were.
    fn set_single(&self, within: &mut Object, op: Op, value: Value) -> Result<(), Error> {
        let attribute = self.target.attribute;
        let at = At::top(&attribute.name);
        let given = match self.target.sub {
            Some(sub) => {
                let value = coerce::attribute(value, sub, &At::below(&at, &sub.name))?;
                Object::from_iter([(sub.name.clone(), value)])
            }
            None => match coerce::attribute(value, attribute, &at)? {
                Value::Object(given) if attribute.is_complex() => given,
                value => {
                    tree::set(within, &attribute.name, value);
                    return Ok(());
                }
            },
        };
        let members = tree::object_at(within, &attribute.name);
        drop_stale_reference(members, &given, attribute);
        parts::merge(members, given, attribute, op)?;
        if members.is_empty() {
            within.shift_remove(&attribute.name);
        }
        Ok(())
    }
}

/// `$ref` says the same as `value`: it does not outlive a change of it.
fn drop_stale_reference(members: &mut Object, parts: &Object, attribute: &Attribute) {
    let changes = parts
        .get("value")
        .is_some_and(|value| members.get("value") != Some(value));
    if changes && attribute.sub_attribute("$ref").is_some() {
        members.shift_remove("$ref");
    }
}
