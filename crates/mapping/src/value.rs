//! What an attribute or an expression is worth.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Map;

/// A value of the expression language. Nothing is ever both absent and empty: an attribute without a value is
/// [`Value::Null`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    #[default]
    Null,
    Boolean(bool),
    Number(i64),
    Decimal(Decimal),
    Text(String),
    /// The values of a multi-valued attribute.
    List(Vec<String>),
    /// The values of a multi-valued attribute that has sub-attributes, such as `roles`.
    Complex(Vec<Map<String, serde_json::Value>>),
}

/// A number with a fraction; always finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(f64);

impl Eq for Decimal {}

impl Decimal {
    /// Nothing for what is no number or infinite.
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    pub fn get(self) -> f64 {
        self.0
    }
}

/// Whatever answers with attributes. Names are compared without regard to case; an unknown one is
/// [`Value::Null`].
pub trait Attributes {
    fn get(&self, name: &str) -> Value;
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As a text: booleans are `True` and `False`, a list is joined with commas, nothing is nothing.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Boolean(true) => Some("True".into()),
            Self::Boolean(false) => Some("False".into()),
            Self::Number(number) => Some(number.to_string().into()),
            Self::Decimal(number) => Some(number.0.to_string().into()),
            Self::Text(text) => Some(text.into()),
            Self::List(items) => match items.as_slice() {
                [] => None,
                [one] => Some(one.into()),
                several => Some(several.join(",").into()),
            },
            Self::Complex(elements) => {
                let values: Vec<_> = elements.iter().filter_map(value_of).collect();
                (!values.is_empty()).then(|| values.join(",").into())
            }
        }
    }

    /// The values of a multi-valued attribute; of another one its only value, or none.
    pub fn items(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::List(items) => items.iter().map(Into::into).collect(),
            Self::Complex(elements) => elements.iter().filter_map(value_of).map(Into::into).collect(),
            single => single.as_text().into_iter().collect(),
        }
    }

    /// As a boolean: `True` and `False` in any case count.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// As a whole number, also when it is written as a text.
    pub fn as_number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Null, an empty text or an empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Complex(elements) => elements.is_empty(),
            Self::Boolean(_) | Self::Number(_) | Self::Decimal(_) => false,
        }
    }

    /// The JSON value of the same kind.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(boolean) => (*boolean).into(),
            Self::Number(number) => (*number).into(),
            Self::Decimal(number) => number.0.into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.clone().into(),
            Self::Complex(elements) => elements.iter().cloned().map(serde_json::Value::Object).collect(),
        }
    }
}

fn value_of(element: &Map<String, serde_json::Value>) -> Option<&str> {
    element.get("value").and_then(serde_json::Value::as_str)
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// The simplest source of attributes: a table. For tests and for what is worked out elsewhere.
impl Attributes for std::collections::BTreeMap<String, Value> {
    fn get(&self, name: &str) -> Value {
        self.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_kind() {
        for (value, text) in [
            (Value::Null, None),
            (true.into(), Some("True")),
            (false.into(), Some("False")),
            (Value::Number(-3), Some("-3")),
            ("a".into(), Some("a")),
            (Value::List(vec![]), None),
            (Value::List(vec!["a".into()]), Some("a")),
            (Value::List(vec!["a".into(), "b".into()]), Some("a,b")),
            (Value::Decimal(Decimal::new(-0.5).expect("finite")), Some("-0.5")),
            (Value::Complex(vec![Map::new()]), None),
        ] {
            assert_eq!(value.as_text().as_deref(), text, "{value:?}");
        }
    }

    #[test]
    fn booleans_come_in_several_spellings() {
        assert_eq!(Value::from("TRUE").as_boolean(), Some(true));
        assert_eq!(Value::from("False").as_boolean(), Some(false));
        assert_eq!(Value::from("yes").as_boolean(), None);
        assert_eq!(Value::Null.as_boolean(), None);
    }

    #[test]
    fn json_keeps_the_kind() {
        for value in [
            Value::Null,
            true.into(),
            Value::Number(4),
            "x".into(),
            Value::List(vec!["x".into()]),
            Value::Decimal(Decimal::new(1.5).expect("finite")),
            Value::Complex(vec![Map::from_iter([("value".to_owned(), "x".into())])]),
        ] {
            let json = value.to_json();
            assert_eq!(serde_json::from_value::<Value>(json).expect("a value"), value);
        }
    }
}
