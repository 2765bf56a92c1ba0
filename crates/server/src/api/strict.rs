//! JSON values on their way into the shapes that the admin API wants, and plain words where they do not fit.
//!
//! An object is wanted where a shape has names: a list of values in their order, which serde would take as well, is none.
//! Errors say where in the body something is, what it must be, and what it is.

use std::fmt;

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Number, Value};

/// What does not fit, and where in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Names, and numbers in brackets; from the inside out.
    place: Vec<String>,
    said: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// What it must be, or must not lack: the sentence goes on behind the place.
    OfPlace(String),
    Other(String),
}

impl Misfit {
    fn of_place(text: String) -> Self {
        Self {
            place: Vec::new(),
            said: Said::OfPlace(text),
        }
    }

    fn within(mut self, step: String) -> Self {
        self.place.push(step);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = String::new();
        for step in self.place.iter().rev() {
            if !place.is_empty() && !step.starts_with('[') {
                place.push('.');
            }
            place.push_str(step);
        }
        match (&self.said, place.is_empty()) {
            (Said::OfPlace(text), true) => write!(f, "The body {text}"),
            (Said::OfPlace(text), false) => write!(f, "{place} {text}"),
            (Said::Other(text), true) => f.write_str(text),
            (Said::Other(text), false) => write!(f, "{place}: {text}"),
        }
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self {
            place: Vec::new(),
            said: Said::Other(text.to_string()),
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of_place(format!("must be {}, not {}", wanted(expected), kind(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::of_place(format!("must be {}, not {}", wanted(expected), shown(&found)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::of_place(format!("must have {}, not {length}", wanted(expected)))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::of_place(format!("must be one of {}, not {found:?}", known.join(", ")))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        if known.is_empty() {
            return Self::of_place(format!("can have no {found:?}: it has no members"));
        }
        Self::of_place(format!("can have no {found:?}: it can have {}", known.join(", ")))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::of_place(format!("lacks {name:?}"))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::of_place(format!("has {name:?} twice"))
    }
}

/// serde's words for what it wants, as others would say it.
fn wanted(expected: &dyn Expected) -> String {
    let text = expected.to_string();
    let known = match text.as_str() {
        "a boolean" => "true or false",
        "a string" | "string" | "str" | "a borrowed string" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" => "null",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "f32" | "f64" => "a number",
        _ if text.starts_with("struct ") => "an object",
        _ if text.starts_with("enum ") || text.starts_with("variant ") => "one of the words known here",
        _ if text.starts_with("tuple ") => "a list",
        _ => return text,
    };
    known.to_owned()
}

fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(true) => "true",
        Unexpected::Bool(false) => "false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "this",
    }
}

fn shown(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Str(text) => format!("{text:?}"),
        other => kind(other).to_owned(),
    }
}

/// A value to be read.
pub struct Strict(pub Value);

impl Strict {
    fn number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Misfit> {
        if let Some(natural) = number.as_u64() {
            visitor.visit_u64(natural)
        } else if let Some(whole) = number.as_i64() {
            visitor.visit_i64(whole)
        } else {
            visitor.visit_f64(number.as_f64().unwrap_or_default())
        }
    }

    /// Where a whole number is wanted, 86.0 is one too (RFC 8259 §6 knows one kind of numbers).
    fn whole<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let whole = match &self.0 {
            Value::Number(number) if number.is_f64() => number.as_f64(),
            _ => None,
        };
        match whole.and_then(|whole| whole.to_string().parse::<i64>().ok()) {
            Some(whole) => Self::number(&whole.into(), visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match &self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(boolean) => Unexpected::Bool(*boolean),
            Value::Number(number) => Unexpected::Float(number.as_f64().unwrap_or_default()),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.whole(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Strict {
    type Error = Misfit;

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(boolean) => visitor.visit_bool(boolean),
            Value::Number(number) => Self::number(&number, visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(values) => visitor.visit_seq(List {
                values: values.into_iter().enumerate(),
            }),
            Value::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Object(members) => visitor.visit_map(Members::of(members)),
            _ => Err(Misfit::invalid_type(self.unexpected(), &"an object")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.into_deserializer()),
            Value::Object(members) if members.len() == 1 => visitor.visit_enum(Variant(members)),
            _ => {
                let expected = format!("one of {}", known.join(", "));
                Err(Misfit::invalid_type(self.unexpected(), &expected.as_str()))
            }
        }
    }

    serde::forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct List<I> {
    values: I,
}

impl<'de, I: ExactSizeIterator<Item = (usize, Value)>> SeqAccess<'de> for List<I> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((at, value)) = self.values.next() else {
            return Ok(None);
        };
        let read = seed.deserialize(Strict(value));
        read.map(Some).map_err(|error| error.within(format!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

struct Members {
    members: serde_json::map::IntoIter,
    next: Option<(String, Value)>,
}

impl Members {
    fn of(members: Map<String, Value>) -> Self {
        Self {
            members: members.into_iter(),
            next: None,
        }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.members.next() else {
            return Ok(None);
        };
        self.next = Some((name.clone(), value));
        let name: StringDeserializer<Misfit> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.next.take().unwrap_or_default();
        seed.deserialize(Strict(value))
            .map_err(|error| error.within(name))
    }
}

/// `{"name": value}`
struct Variant(Map<String, Value>);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Misfit;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content), Misfit> {
        let (name, value) = self.0.into_iter().next().unwrap_or_default();
        let named: StringDeserializer<Misfit> = name.clone().into_deserializer();
        Ok((seed.deserialize(named)?, Content { name, value }))
    }
}

struct Content {
    name: String,
    value: Value,
}

impl<'de> VariantAccess<'de> for Content {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.value {
            Value::Null => Ok(()),
            value => Err(Misfit::invalid_type(Strict(value).unexpected(), &"null").within(self.name)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let read = seed.deserialize(Strict(self.value));
        read.map_err(|error| error.within(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        let read = Strict(self.value).deserialize_any(visitor);
        read.map_err(|error| error.within(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let read = Strict(self.value).deserialize_struct("", fields, visitor);
        read.map_err(|error| error.within(self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        DarkBlue,
        Mixed { of: Vec<String> },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        name: String,
        #[serde(default)]
        size: Option<u32>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default)]
        active: bool,
        inner: Option<Inner>,
        #[serde(default)]
        all: Vec<Inner>,
        colour: Option<Colour>,
        #[serde(default)]
        shares: BTreeMap<String, f64>,
        any: Option<Value>,
    }

    fn read(value: Value) -> Result<Outer, String> {
        Outer::deserialize(Strict(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_fits_is_read_as_elsewhere() {
        for value in [
            json!({}),
            json!({ "active": true, "inner": { "name": "x", "size": 7 }, "all": [{ "name": "y", "size": null }] }),
            json!({ "colour": "dark_blue", "shares": { "a": 1, "b": -2, "c": 0.5 }, "any": [null, { "x": [1] }] }),
            json!({ "colour": { "mixed": { "of": ["red"] } }, "inner": null }),
        ] {
            let theirs: Outer = serde_json::from_value(value.clone()).expect("it fits");
            assert_eq!(read(value), Ok(theirs));
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction() {
        for (written, size) in [
            ("86.0", 86),
            ("8.6e1", 86),
            ("0.0", 0),
            ("-0.0", 0),
            ("4294967295.0", u32::MAX),
        ] {
            let body = format!(r#"{{ "name": "x", "size": {written} }}"#);
            let body = serde_json::from_str(&body).expect("JSON");
            let read = Inner::deserialize(Strict(body)).map(|inner| inner.size);
            assert_eq!(read, Ok(Some(size)), "{written}");
        }
        for written in ["86.5", "-1.0", "4294967296.0", "1e300"] {
            let body = format!(r#"{{ "name": "x", "size": {written} }}"#);
            let body = serde_json::from_str(&body).expect("JSON");
            assert!(Inner::deserialize(Strict(body)).is_err(), "{written}");
        }
        assert_eq!(
            read(json!({ "any": 86.0 })).map(|outer| outer.any),
            Ok(Some(json!(86.0))),
            "any number is as it is written"
        );
    }

    #[test]
    fn what_does_not_fit_is_said_in_plain_words() {
        for (value, said) in [
            (json!([]), "The body must be an object, not a list"),
            (json!([true, null]), "The body must be an object, not a list"),
            (json!("x"), "The body must be an object, not a text"),
            (json!(null), "The body must be an object, not null"),
            (
                json!({ "active": "yes" }),
                "active must be true or false, not a text",
            ),
            (
                json!({ "inner": ["x", 7] }),
                "inner must be an object, not a list",
            ),
            (
                json!({ "inner": { "name": 7 } }),
                "inner.name must be a text, not a number",
            ),
            (json!({ "inner": {} }), "inner lacks \"name\""),
            (
                json!({ "all": [{ "name": "x" }, { "name": "y", "size": -1 }] }),
                "all[1].size must be a whole number, 0 or more, not -1",
            ),
            (
                json!({ "all": [{ "name": "x", "size": 1.5 }] }),
                "all[0].size must be a whole number, 0 or more, not a number",
            ),
            (json!({ "all": {} }), "all must be a list, not an object"),
            (
                json!({ "inner": { "name": "x", "hue": 1 } }),
                "inner can have no \"hue\": it can have name, size",
            ),
            (
                json!({ "hue": 1 }),
                "The body can have no \"hue\": it can have active, inner, all, colour, shares, any",
            ),
            (
                json!({ "colour": "green" }),
                "colour must be one of red, dark_blue, mixed, not \"green\"",
            ),
            (
                json!({ "colour": 7 }),
                "colour must be one of red, dark_blue, mixed, not a number",
            ),
            (
                json!({ "colour": { "red": 1 } }),
                "colour.red must be null, not a number",
            ),
            (
                json!({ "colour": { "mixed": { "of": [1] } } }),
                "colour.mixed.of[0] must be a text, not a number",
            ),
            (
                json!({ "shares": { "a": "x" } }),
                "shares.a must be a number, not a text",
            ),
        ] {
            assert_eq!(read(value.clone()), Err(said.to_owned()), "{value}");
        }
    }
}
