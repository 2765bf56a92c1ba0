//! What a client's value comes to: RFC 7643 §2.3 to §2.5, and the liberties that clients take.

use serde_json::{Value, json};

use crate::resource::each_pair_once;
use crate::schema::{Attribute, Count, Kind, Sub, Type};
use crate::{Object, time};

/// It does not fit the attribute: `invalidValue`.
pub type Wrong = &'static str;

const WRONG: Wrong = "invalidValue";

/// `null`, `""`, `[]`, and lists of nothing else.
pub fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_nothing),
        _ => false,
    }
}

/// The attribute's value, or values in a list; null for none. A single complex value keeps a null for each part that
/// was given as nothing.
pub fn of_attribute(value: &Value, attribute: &'static Attribute) -> Result<Value, Wrong> {
    if is_nothing(value) {
        return Ok(Value::Null);
    }
    if attribute.count == Count::One {
        return of_element(value, attribute);
    }
    let given = match value {
        Value::Array(values) => values.clone(),
        single => vec![single.clone()],
    };
    let mut values = Vec::new();
    for one in given {
        let one = if is_nothing(&one) {
            Value::Null
        } else {
            single(&one, attribute)?
        };
        let one = if empties(&one) && only_describes(&one) {
            Value::Null
        } else {
            without_nulls(one)
        };
        if !one.is_null() {
            values.push(one);
        }
    }
    let values = each_pair_once(values, attribute);
    let primaries = values.iter().filter(|value| value["primary"] == true).count();
    if primaries > 1 {
        return Err(WRONG);
    }
    Ok(if values.is_empty() {
        Value::Null
    } else {
        Value::Array(values)
    })
}

/// Is it said that there is no `value`?
pub fn empties(parts: &Value) -> bool {
    parts
        .as_object()
        .is_some_and(|parts| parts.get("value") == Some(&Value::Null))
}

/// Ours: a value of which only type, primary and display are left, when its `value` is taken away, goes as a whole.
pub fn only_describes(parts: &Value) -> bool {
    let said: Vec<&str> = match parts {
        Value::Object(parts) => parts
            .iter()
            .filter(|(_, part)| !part.is_null())
            .map(|(name, _)| name.as_str())
            .collect(),
        _ => return false,
    };
    said.iter()
        .all(|name| ["type", "primary", "display"].contains(name))
}

/// One value of the attribute, also if it is the only one of a list.
pub fn of_element(value: &Value, attribute: &'static Attribute) -> Result<Value, Wrong> {
    match value {
        value if is_nothing(value) => Ok(Value::Null),
        Value::Array(values) => match values.as_slice() {
            [one] => single(one, attribute),
            _ => Err(WRONG),
        },
        value => single(value, attribute),
    }
}

/// A value of the sub-attribute.
pub fn of_sub(value: &Value, sub: &'static Sub) -> Result<Value, Wrong> {
    match value {
        value if is_nothing(value) => Ok(Value::Null),
        Value::Array(values) => match values.as_slice() {
            [one] => simple(one, sub.kind),
            _ => Err(WRONG),
        },
        value => simple(value, sub.kind),
    }
}

fn single(value: &Value, attribute: &'static Attribute) -> Result<Value, Wrong> {
    let subs = match attribute.kind {
        Kind::Simple(kind) => return simple(value, kind),
        Kind::Complex(subs) => subs,
    };
    let given = match value {
        Value::Object(parts) => parts.clone(),
        Value::String(_) | Value::Number(_) if attribute.sub("value").is_some() => {
            Object::from_iter([("value".to_owned(), value.clone())])
        }
        _ => return Err(WRONG),
    };
    let mut parts = Object::new();
    for (name, value) in given {
        let known = subs.iter().find(|sub| sub.name.eq_ignore_ascii_case(&name));
        if let Some(sub) = known.filter(|sub| sub.written_by.is_client()) {
            parts.insert(sub.name.to_owned(), of_sub(&value, sub)?);
        }
    }
    Ok(Value::Object(parts))
}

fn simple(value: &Value, kind: Type) -> Result<Value, Wrong> {
    let found = match (kind, value) {
        (Type::Boolean, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::Text | Type::ExactText, Value::String(_)) => Some(value.clone()),
        (Type::Boolean, Value::String(text)) => match text.trim().to_lowercase().as_str() {
            "true" => Some(json!(true)),
            "false" => Some(json!(false)),
            _ => None,
        },
        (Type::Number, Value::String(text)) => {
            let number = serde_json::from_str::<serde_json::Number>(text.trim());
            number.ok().map(Value::Number)
        }
        (Type::Time, Value::String(text)) => time::instant(text).map(|_| with_zone(text)),
        (Type::Text | Type::ExactText, Value::Number(number)) => Some(number.to_string().into()),
        (Type::Reference, Value::Number(_) | Value::String(_)) => Some(address(&plain(value))),
        (Type::Binary, Value::Number(_) | Value::String(_)) => base64(&plain(value)),
        _ => None,
    };
    found.ok_or(WRONG)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What lacks a zone is UTC, a date alone its beginning.
fn with_zone(text: &str) -> Value {
    let trimmed = text.trim();
    let Some((_, clock)) = trimmed.split_once(['T', 't']) else {
        return format!("{trimmed}T00:00:00Z").into();
    };
    if clock.ends_with(['Z', 'z']) || clock.contains(['+', '-']) {
        return trimmed.into();
    }
    format!("{trimmed}Z").into()
}

/// Without white space around it; what no address can hold is written with a percent sign (RFC 3986 §2.1).
fn address(text: &str) -> Value {
    let mut address = String::new();
    for letter in text.trim().chars() {
        if letter.is_ascii_control() || " \"<>\\^`{|}".contains(letter) {
            address.extend(format!("%{:02X}", u32::from(letter)).chars());
        } else {
            address.push(letter);
        }
    }
    if address.is_empty() {
        Value::Null
    } else {
        address.into()
    }
}

/// RFC 4648 §4 or §5, without the white space in it; the bits behind the last byte are zeros.
fn base64(text: &str) -> Option<Value> {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    let bare = text.trim_end_matches('=');
    let value = |letter: char| match letter {
        'A'..='Z' => Some(u32::from(letter) - 65),
        'a'..='z' => Some(u32::from(letter) - 71),
        '0'..='9' => Some(u32::from(letter) + 4),
        '+' | '-' => Some(62),
        '/' | '_' => Some(63),
        _ => None,
    };
    let values: Option<Vec<u32>> = bare.chars().map(value).collect();
    let values = values?;
    let one_alphabet = !(bare.contains(['+', '/']) && bare.contains(['-', '_']));
    let last = values.last().copied().unwrap_or_default();
    let ends_well = match values.len() % 4 {
        0 => true,
        2 => last % 16 == 0,
        3 => last % 4 == 0,
        _ => false,
    };
    let padded = text.len() == bare.len() || text.len().is_multiple_of(4);
    if text.is_empty() {
        return Some(Value::Null);
    }
    (one_alphabet && ends_well && padded).then(|| text.into())
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(mut parts) => {
            parts.retain(|_, value| !value.is_null());
            if parts.is_empty() {
                Value::Null
            } else {
                Value::Object(parts)
            }
        }
        other => other,
    }
}
