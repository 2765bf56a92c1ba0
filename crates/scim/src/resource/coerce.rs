//! Bringing a value into its attribute's type, or saying which attribute it does not fit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use base::canonical;
use serde_json::Value;

use crate::schema::{Attribute, Kind};
use crate::{Error, Object, dialect, effort};

/// Where in a resource a value is, for the sentence about it.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    name: &'a str,
}

impl<'a> At<'a> {
    pub(crate) fn top(name: &'a str) -> Self {
        Self { parent: None, name }
    }

    pub(crate) fn below(parent: &'a At<'a>, name: &'a str) -> Self {
        Self {
            parent: Some(parent),
            name,
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        f.write_str(self.name)
    }
}

/// Values of one attribute that a resource can have.
pub(crate) const MAX_VALUES: usize = 1_000;

fn wrong(at: &At<'_>, expected: &str) -> Error {
    Error::invalid_value(format!("{at} must be {expected}"))
}

/// The value in the attribute's own form. `Null`: no value.
///
/// A singular complex value keeps a `Null` for each sub-attribute that was given without a value, so that a
/// PATCH can clear it; [`without_nulls`] drops them.
pub(crate) fn attribute(value: Value, attribute: &Attribute, at: &At<'_>) -> Result<Value, Error> {
    if dialect::is_no_value(&value) {
        return Ok(Value::Null);
    }
    if !attribute.multi_valued {
        let value = dialect::single(value).map_err(|count| wrong(at, &format!("one value, not {count}")))?;
        return element(value, attribute, at);
    }
    let given = dialect::several(value);
    refuse_many(given.len(), at)?;
    let mut values = Vec::new();
    for value in given {
        let value = element(value, attribute, at)?;
        let value = if is_emptied(&value, attribute) {
            Value::Null
        } else {
            without_nulls(value)
        };
        if !value.is_null() {
            values.push(value);
        }
    }
    let values = each_pair_once(values, attribute);
    refuse_two_primaries(&values, at)?;
    Ok(if values.is_empty() {
        Value::Null
    } else {
        Value::Array(values)
    })
}

/// RFC 7643 §2.4: a pair of `type` and `value` is there once. The first stays, primary if another of them was. Of values
/// that come and go as a whole there may be several that differ in what is immutable.
pub(crate) fn each_pair_once(values: Vec<Value>, attribute: &Attribute) -> Vec<Value> {
    if values.len() < 2 || attribute.sub_attribute("type").is_none() {
        return values;
    }
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    let mut seen = HashMap::new();
    for one in values {
        let Some(identity) = identity(&one, attribute) else {
            kept.push(one);
            continue;
        };
        match seen.entry(identity) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(one);
            }
            Entry::Occupied(first) if is_primary(&one) => kept[*first.get()]["primary"] = true.into(),
            Entry::Occupied(_) => {}
        }
    }
    kept
}

/// Which of an attribute's values one is: its `type`, if there is one, and its `value`, each in the form in which
/// equal ones are equal; and all that is immutable, if the `value` is. None without a `value`.
pub(crate) fn identity(value: &Value, attribute: &Attribute) -> Option<Vec<Option<String>>> {
    let part = |sub: &Attribute| value.get(&sub.name).map(|part| compared(part, sub));
    let named = |name: &str| attribute.sub_attribute(name).and_then(part);
    let mut parts = vec![named("type"), Some(named("value")?)];
    if attribute.comes_whole() {
        let immutable = attribute.sub_attributes.iter().filter(|sub| sub.is_immutable());
        parts.extend(immutable.map(part));
    }
    Some(parts)
}

fn compared(value: &Value, attribute: &Attribute) -> String {
    match value {
        Value::String(text) if !attribute.is_case_exact() => effort::fold(text).into_owned(),
        other => other.to_string(),
    }
}

pub(crate) fn refuse_many(values: usize, at: &At<'_>) -> Result<(), Error> {
    if values > MAX_VALUES {
        return Err(Error::invalid_value(format!(
            "{at} cannot have more than {MAX_VALUES} values"
        )));
    }
    Ok(())
}

/// One value of the attribute. `Null`: no value.
pub(crate) fn element(value: Value, attribute: &Attribute, at: &At<'_>) -> Result<Value, Error> {
    if dialect::is_no_value(&value) {
        return Ok(Value::Null);
    }
    match attribute.kind {
        Kind::Complex => complex(value, attribute, at),
        Kind::Boolean => match dialect::boolean(&value) {
            Some(boolean) => Ok(Value::Bool(boolean)),
            None => Err(wrong(at, "true or false")),
        },
        Kind::Integer => match whole_number(&value) {
            Some(number) => Ok(Value::from(number)),
            None => Err(wrong(at, "a whole number")),
        },
        Kind::Decimal => match value {
            Value::Number(_) => Ok(value),
            Value::String(text) => dialect::number(&text)
                .map(Value::Number)
                .ok_or_else(|| wrong(at, "a number")),
            _ => Err(wrong(at, "a number")),
        },
        Kind::DateTime => match value {
            Value::String(text) => dialect::date_time(text)
                .map(Value::String)
                .ok_or_else(|| wrong(at, "a date and time, such as 2026-11-21T09:30:00Z")),
            _ => Err(wrong(at, "a date and time, such as 2026-11-21T09:30:00Z")),
        },
        Kind::String => text(value, at).map(Value::String),
        Kind::Reference | Kind::Binary => {
            let text = text(value, at)?;
            match attribute.kind {
                // White space goes, and where there is nothing else there is no value.
                _ if text.trim().is_empty() => Ok(Value::Null),
                Kind::Reference => reference(text, attribute, at),
                _ => dialect::base64(text)
                    .map(Value::String)
                    .ok_or_else(|| wrong(at, "base64 (RFC 4648)")),
            }
        }
    }
}

/// An address. One that can only be of a User or Group must be that; a bare id of the one type that it can be of
/// stands for its address. (`$ref` says the same as `value`, which counts.)
fn reference(text: String, attribute: &Attribute, at: &At<'_>) -> Result<Value, Error> {
    let types = &attribute.reference_types;
    let elsewhere = |kind: &String| matches!(kind.to_ascii_lowercase().as_str(), "external" | "uri");
    if types.is_empty() || types.iter().any(elsewhere) || attribute.name == "$ref" {
        return Ok(Value::String(dialect::uri(text)));
    }
    let text = match types.as_slice() {
        [kind] if !text.contains(['/', ':']) => format!("../{kind}s/{text}"),
        _ => text,
    };
    let mut ends = text.rsplit('/');
    let (id, collection) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
    let known = |kind: &String| {
        collection
            .strip_suffix('s')
            .is_some_and(|name| name.eq_ignore_ascii_case(kind))
    };
    if id.is_empty() || !types.iter().any(known) {
        let expected = format!(
            "the address of a {}, such as ../{}s/ID",
            types.join(" or "),
            types[0]
        );
        return Err(wrong(at, &expected));
    }
    Ok(Value::String(dialect::uri(text)))
}

fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn text(value: Value, at: &At<'_>) -> Result<String, Error> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return Err(wrong(at, "a string")),
    };
    match canonical::refuse_nul(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Error::invalid_value(format!("{at}: {error}"))),
    }
}

fn complex(value: Value, attribute: &Attribute, at: &At<'_>) -> Result<Value, Error> {
    let Some(members) = dialect::complex(value, attribute) else {
        return Err(wrong(at, "an object"));
    };
    dialect::refuse_twins(&members)?;
    let mut complex = Object::new();
    for (name, value) in members {
        let Some(sub) = attribute.sub_attribute(&name) else {
            continue;
        };
        if !sub.is_read_only() {
            let value = self::attribute(value, sub, &At::below(at, &sub.name))?;
            complex.insert(sub.name.clone(), value);
        }
    }
    Ok(Value::Object(complex))
}

/// Whether it is said of one of several values that its `value` is empty, and nothing else but what describes that: an
/// e-mail without an address is none. Where a `value` is required it is an error instead.
fn is_emptied(value: &Value, attribute: &Attribute) -> bool {
    let may_lack_it = || attribute.sub_attribute("value").is_some_and(|sub| !sub.required);
    value.get("value") == Some(&Value::Null) && may_lack_it() && is_husk(value)
}

/// Whether there is nothing in a complex value but what describes its `value`.
pub(crate) fn is_husk(value: &Value) -> bool {
    let describes = |name: &str| matches!(name, "type" | "primary" | "display");
    let mut members = value.as_object().into_iter().flatten();
    members.all(|(name, part)| part.is_null() || describes(name))
}

/// Leaves out sub-attributes without a value; an object without any is no value itself.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            members.retain(|_, value| !value.is_null());
            if members.is_empty() {
                Value::Null
            } else {
                Value::Object(members)
            }
        }
        other => other,
    }
}

pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// RFC 7643 §2.4: the primary value appears no more than once.
pub(crate) fn refuse_two_primaries(values: &[Value], at: &At<'_>) -> Result<(), Error> {
    if values.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(Error::invalid_value(format!(
            "{at} has more than one primary value"
        )));
    }
    Ok(())
}
