//! Values as this language sees them.

use std::borrow::Cow;

use crate::function::Arguments;
use crate::{Decimal, Value};

/// As a text: booleans are `true` and `false`.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Boolean(true) => Some("true".into()),
        Value::Boolean(false) => Some("false".into()),
        other => other.as_text(),
    }
}

/// The argument as a text; an empty one for nothing.
pub(super) fn argument<'a>(arguments: &Arguments<'a>, index: usize) -> Cow<'a, str> {
    text(arguments.value(index)).unwrap_or_default()
}

/// Whether a condition holds.
pub(super) fn holds(value: &Value) -> bool {
    value.as_boolean().unwrap_or_default()
}

/// A number with or without a fraction; texts only if they are written as one.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        // Exact up to 2^53, which no attribute of a person exceeds.
        Value::Number(number) => number.to_string().parse().ok(),
        Value::Decimal(number) => Some(number.get()),
        Value::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// As a number of the language: whole if it was made from whole ones.
pub(super) fn decimal(number: f64) -> Result<Value, String> {
    Decimal::new(number)
        .map(Value::Decimal)
        .ok_or_else(|| "the result is no number".to_owned())
}

/// The values of an array; a text with commas counts as one.
pub(super) fn array(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => text.split(',').map(str::to_owned).collect(),
        other => other.items().into_iter().map(Cow::into_owned).collect(),
    }
}

/// A list; nothing when it is empty.
pub(super) fn list(items: Vec<String>) -> Value {
    if items.is_empty() {
        Value::Null
    } else {
        Value::List(items)
    }
}
