//! PATCH (RFC 7644 §3.5.2), one operation after the other, read plainly.
//!
//! Where the RFC leaves a choice:
//!
//! - `replace` of a complex value, also of those that a filter chooses, changes the parts it names and leaves the rest
//!   (§3.5.2.3: "replaces any existing values or adds where an attribute did not previously exist").
//! - A new value that has the `value` and `type` of one that is there is that one (§3.5.2.1: "already contains the value").
//! - `remove` that finds nothing is done. With a `value`, which the RFC does not have there, it takes those values only.
//! - What is written and then has no part but `type` and `primary` says nothing, and goes.
//! - Without a path, what nobody can write and what nobody knows is left aside (§3.5.1 has it so for PUT).
//! - A path into a schema that is not there is passed over, as such an attribute is in a body.
//! - `$ref` does not outlive a change of the `value` that it says again.

mod change;
mod generate;
pub mod members;
mod value;

use std::fmt;

use serde_json::{Value, json};

use crate::Object;
use crate::filter::{self, Filter, Path};
use crate::schema::{Attribute, Count, Kind, Schema, Side, Sub};

use change::change;
pub use generate::{operations, paths_of};
pub use value::Wrong;
use value::is_nothing;

/// One operation, its path as a tree.
#[derive(Clone, PartialEq)]
pub struct Operation {
    pub op: Op,
    pub path: Option<Path>,
    pub value: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Add,
    Replace,
    Remove,
}

/// What becomes of a filter that chooses nothing, in `add` and `replace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The value is made of the filter, if that is made of `eq` and `and`.
    IsMade,
    IsAnError,
}

/// A refusal: its `scimType`.
pub type Refusal = &'static str;

impl Operation {
    pub fn to_json(&self) -> Value {
        let mut operation = json!({ "op": match self.op {
            Op::Add => "add",
            Op::Replace => "replace",
            Op::Remove => "remove",
        } });
        if let Some(path) = &self.path {
            operation["path"] = path.to_string().into();
        }
        if let Some(value) = &self.value {
            operation["value"] = value.clone();
        }
        operation
    }
}

/// As it is sent: so a test that fails shows it.
impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

/// All operations, or the first refusal.
pub fn apply(
    resource: &Object,
    operations: &[Operation],
    schema: &Schema,
    required: &str,
    missing: Missing,
) -> Result<Object, Refusal> {
    let mut patched = resource.clone();
    for operation in operations {
        one(&mut patched, operation, schema, missing)?;
    }
    if is_nothing(patched.get(required).unwrap_or(&Value::Null)) || is_blank(&patched[required]) {
        return Err("mutability");
    }
    patched.insert("schemas".to_owned(), schemas(&patched, schema));
    Ok(patched)
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The core schema, and the extensions of which there is something.
pub fn schemas(resource: &Object, schema: &Schema) -> Value {
    let mut urns = vec![schema.urn];
    for attribute in schema.attributes {
        if let Some(urn) = attribute.extension
            && resource.contains_key(urn)
            && !urns.contains(&urn)
        {
            urns.push(urn);
        }
    }
    json!(urns)
}

/// What a path leads to.
enum Target {
    Attribute(&'static Attribute, Option<&'static Sub>),
    Extension(&'static str),
    Core,
}

fn resolve(path: &Path, schema: &Schema) -> Option<Target> {
    if let Some(attribute) = schema.attribute(path.urn.as_deref(), &path.attribute) {
        return match (&path.sub, attribute.kind) {
            (None, _) => Some(Target::Attribute(attribute, None)),
            (Some(sub), Kind::Complex(_)) => Some(Target::Attribute(attribute, Some(attribute.sub(sub)?))),
            (Some(sub), Kind::Simple(_)) => (attribute.count == Count::Many
                && sub.eq_ignore_ascii_case("value"))
            .then_some(Target::Attribute(attribute, None)),
        };
    }
    let whole = path.attribute.as_str();
    if path.urn.is_some() || path.sub.is_some() {
        return None;
    }
    if whole.eq_ignore_ascii_case(schema.urn) {
        return Some(Target::Core);
    }
    let mut urns = schema
        .attributes
        .iter()
        .filter_map(|attribute| attribute.extension);
    urns.find(|urn| urn.eq_ignore_ascii_case(whole))
        .map(Target::Extension)
}

fn one(
    resource: &mut Object,
    operation: &Operation,
    schema: &Schema,
    missing: Missing,
) -> Result<(), Refusal> {
    let Operation { op, path, value } = operation;
    let Some(path) = path else {
        return without_path(resource, *op, value.as_ref(), schema, missing);
    };
    let Some(target) = resolve(path, schema) else {
        return if is_elsewhere(path, schema) {
            Ok(())
        } else {
            Err("invalidPath")
        };
    };
    match target {
        Target::Core | Target::Extension(_) if path.brackets.is_some() => Err("invalidPath"),
        Target::Core => without_path(resource, *op, value.as_ref(), schema, missing),
        Target::Extension(urn) => whole_extension(resource, *op, value.as_ref(), urn, schema, missing),
        Target::Attribute(attribute, _) if attribute.name == "schemas" => Ok(()),
        Target::Attribute(attribute, sub) => {
            let by_server = |side: Side| side == Side::Server;
            if by_server(attribute.written_by) || sub.is_some_and(|sub| by_server(sub.written_by)) {
                return Err("mutability");
            }
            if let Some(filter) = &path.brackets {
                if attribute.count == Count::One {
                    return Err("invalidPath");
                }
                let alone = Filter::Some(Path {
                    sub: None,
                    ..path.clone()
                });
                if filter::is_refused(&alone, schema) {
                    return Err("invalidFilter");
                }
                return change(
                    resource,
                    *op,
                    attribute,
                    sub,
                    Some(filter.as_ref()),
                    value.as_ref(),
                    missing,
                );
            }
            change(resource, *op, attribute, sub, None, value.as_ref(), missing)
        }
    }
}

/// Does it lead into a schema that the resources do not have?
fn is_elsewhere(path: &Path, schema: &Schema) -> bool {
    let own = |urn: &str| {
        let mut urns = schema.attributes.iter().filter_map(|one| one.extension);
        schema.urn.eq_ignore_ascii_case(urn) || urns.any(|own| own.eq_ignore_ascii_case(urn))
    };
    path.urn.as_deref().is_some_and(|urn| !own(urn))
}

fn without_path(
    resource: &mut Object,
    op: Op,
    value: Option<&Value>,
    schema: &Schema,
    missing: Missing,
) -> Result<(), Refusal> {
    if op == Op::Remove {
        return Err("noTarget");
    }
    let Some(Value::Object(parts)) = value else {
        return Err("invalidValue");
    };
    for (key, value) in parts {
        let path = read_key(key, schema);
        match resolve(&path, schema) {
            Some(Target::Attribute(attribute, sub)) => {
                let server = [Some(attribute.written_by), sub.map(|sub| sub.written_by)];
                if !server.contains(&Some(Side::Server)) {
                    change(resource, op, attribute, sub, None, Some(value), missing)?;
                }
            }
            Some(Target::Extension(urn)) => {
                whole_extension(resource, op, Some(value), urn, schema, missing)?;
            }
            Some(Target::Core) | None => {}
        }
    }
    Ok(())
}

/// `name`, `name.sub`, `urn:…:name`, `urn:…:name.sub` or a schema's URN.
fn read_key(key: &str, schema: &Schema) -> Path {
    let plain = |urn: Option<&str>, rest: &str| {
        let (attribute, sub) = match rest.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub.to_owned())),
            None => (rest, None),
        };
        Path {
            urn: urn.map(str::to_owned),
            attribute: attribute.to_owned(),
            brackets: None,
            sub,
            joint: ':',
        }
    };
    let mut urns: Vec<&str> = schema.attributes.iter().filter_map(|one| one.extension).collect();
    urns.push(schema.urn);
    if urns.iter().any(|urn| urn.eq_ignore_ascii_case(key)) {
        return Path {
            attribute: key.to_owned(),
            ..plain(None, "")
        };
    }
    for urn in urns {
        if let Some((head, rest)) = key.split_at_checked(urn.len())
            && head.eq_ignore_ascii_case(urn)
            && let Some(rest) = rest.strip_prefix([':', '.'])
        {
            return plain(Some(urn), rest);
        }
    }
    plain(None, key)
}

fn whole_extension(
    resource: &mut Object,
    op: Op,
    value: Option<&Value>,
    urn: &'static str,
    schema: &Schema,
    missing: Missing,
) -> Result<(), Refusal> {
    match (op, value) {
        (Op::Remove, _) => {
            resource.remove(urn);
            Ok(())
        }
        (_, Some(Value::Object(parts))) => {
            for (name, value) in parts {
                if let Some(attribute) = schema.attribute(Some(urn), name)
                    && attribute.written_by != Side::Server
                {
                    change(resource, op, attribute, None, None, Some(value), missing)?;
                }
            }
            Ok(())
        }
        (_, Some(value)) if is_nothing(value) => {
            if op == Op::Replace {
                resource.remove(urn);
            }
            Ok(())
        }
        _ => Err("invalidValue"),
    }
}
