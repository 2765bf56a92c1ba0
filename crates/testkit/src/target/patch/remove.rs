//! `remove` (RFC 7644 §3.5.2.2).

use serde_json::{Map, Value};

use super::{key_of, object_at};
use crate::target::Object;
use crate::target::behaviour::Options;
use crate::target::filter;
use crate::target::path::Path;
use crate::target::protocol::Refusal;
use crate::target::users::is_read_only;

/// A `value` has no meaning here: a lenient target takes it as the list of values to remove.
pub(super) fn remove(
    resource: &mut Object,
    path: &Path,
    value: Option<&Value>,
    options: &Options,
) -> Result<(), Refusal> {
    let Some(attribute) = path.attribute.as_deref() else {
        resource.remove(path.schema.as_deref().unwrap_or_default());
        return Ok(());
    };
    if path.schema.is_none() && (is_read_only(attribute) || attribute.eq_ignore_ascii_case("userName")) {
        return Err(Refusal::new(
            400,
            "mutability",
            format!("{attribute} cannot be removed"),
        ));
    }
    let container = match &path.schema {
        Some(urn) => object_at(resource, urn),
        None => &mut *resource,
    };
    let name = key_of(container, attribute);
    remove_from(container, &name, path, value, options)?;
    if let Some(urn) = &path.schema
        && resource
            .get(urn)
            .and_then(Value::as_object)
            .is_some_and(Map::is_empty)
    {
        resource.remove(urn);
    }
    Ok(())
}

fn remove_from(
    container: &mut Object,
    name: &str,
    path: &Path,
    value: Option<&Value>,
    options: &Options,
) -> Result<(), Refusal> {
    let no_target = || Refusal::new(400, "noTarget", format!("no value of {name} matches the filter"));
    let Some(existing) = container.get_mut(name) else {
        return if path.filter.is_some() && !options.remove_ignores {
            Err(no_target())
        } else {
            Ok(())
        };
    };
    let sub = path.sub.as_deref();
    match (&path.filter, existing) {
        (None, Value::Object(object)) if sub.is_some() => {
            object.remove(sub.unwrap_or_default());
            if object.is_empty() {
                container.remove(name);
            }
        }
        (None, _) if sub.is_some() => {
            return Err(Refusal::new(
                400,
                "invalidPath",
                format!("{name} has no sub-attributes to remove"),
            ));
        }
        (None, Value::Array(elements)) if options.lenient && value.is_some_and(Value::is_array) => {
            let unwanted: Vec<&Value> = value
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .map(|element| &element["value"])
                .collect();
            elements.retain(|element| !unwanted.contains(&&element["value"]));
        }
        (None, _) => {
            container.remove(name);
        }
        (Some(clauses), Value::Array(elements)) => {
            let hits = |element: &Value| {
                element
                    .as_object()
                    .is_some_and(|object| filter::matches(clauses, object))
            };
            if !options.remove_ignores && !elements.iter().any(hits) {
                return Err(no_target());
            }
            match sub {
                None => elements.retain(|element| !hits(element)),
                Some(sub) => {
                    for element in elements.iter_mut().filter(|element| hits(element)) {
                        if let Some(object) = element.as_object_mut() {
                            object.remove(sub);
                        }
                    }
                }
            }
            if elements.is_empty() {
                container.remove(name);
            }
        }
        (Some(_), _) => return Err(no_target()),
    }
    Ok(())
}
