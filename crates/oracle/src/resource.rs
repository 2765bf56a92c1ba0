//! Random resources, as a client would send them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::schema::{Attribute, Count, Kind, Schema, Sub, Type};
use crate::{Object, text};

/// A body with some of the attributes that clients write; what is required is there.
pub fn body(schema: Schema, required: &'static str) -> BoxedStrategy<Object> {
    let parts: Vec<BoxedStrategy<Option<(&'static Attribute, Value)>>> = schema
        .attributes
        .iter()
        .filter(|attribute| attribute.written_by.is_client() && attribute.name != required)
        .map(|attribute| {
            let often = matches!(attribute.name, "displayName" | "externalId" | "emails");
            prop::option::weighted(if often { 0.7 } else { 0.2 }, value(attribute))
                .prop_map(move |value| value.map(|value| (attribute, value)))
                .boxed()
        })
        .collect();
    (name(), parts)
        .prop_map(move |(name, parts)| {
            let mut body = Object::from_iter([(required.to_owned(), Value::from(name))]);
            for (attribute, value) in parts.into_iter().flatten() {
                let within = match attribute.extension {
                    None => &mut body,
                    Some(urn) => match body.entry(urn).or_insert_with(|| json!({})) {
                        Value::Object(within) => within,
                        _ => continue,
                    },
                };
                within.insert(attribute.name.to_owned(), value);
            }
            body
        })
        .boxed()
}

/// Up to 200 bytes with something to see in it.
fn name() -> impl Strategy<Value = String> {
    let short = |text: &String| !text.trim().is_empty() && text.len() < 200;
    text::random().prop_filter("a short name", short)
}

/// A value of the attribute, as it is sent.
pub fn value(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    match attribute.count {
        Count::One => element(attribute),
        Count::Many => prop::collection::vec(element(attribute), 0..4)
            .prop_map(|mut values| {
                only_first_is_primary(&mut values);
                Value::from(each_pair_surely_once(values, attribute))
            })
            .boxed(),
    }
}

/// One value of the attribute.
pub fn element(attribute: &'static Attribute) -> BoxedStrategy<Value> {
    match attribute.kind {
        Kind::Simple(kind) => simple(kind),
        Kind::Complex(subs) => {
            let parts: Vec<BoxedStrategy<Option<(&'static str, Value)>>> = subs
                .iter()
                .filter(|sub| sub.written_by.is_client())
                .map(|sub| {
                    prop::option::weighted(0.6, part(sub))
                        .prop_map(move |value| value.map(|value| (sub.name, value)))
                        .boxed()
                })
                .collect();
            parts
                .prop_map(|parts| {
                    let parts = parts.into_iter().flatten();
                    Value::Object(parts.map(|(name, value)| (name.to_owned(), value)).collect())
                })
                .boxed()
        }
    }
}

/// A value of the sub-attribute.
pub fn part(sub: &'static Sub) -> BoxedStrategy<Value> {
    match sub.name {
        "type" => select(vec!["work", "Work", "home", "other", ""])
            .prop_map(Value::from)
            .boxed(),
        _ => simple(sub.kind),
    }
}

/// A value of the type.
pub fn simple(kind: Type) -> BoxedStrategy<Value> {
    match kind {
        Type::Text | Type::ExactText => text::random().prop_map(Value::from).boxed(),
        Type::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number => prop_oneof![
            (-20_i64..20).prop_map(Value::from),
            select(vec![0.5, -2.25, 7.0, 1e3]).prop_map(Value::from),
        ]
        .boxed(),
        Type::Time => select(vec![
            "2026-03-01T12:00:00Z",
            "2026-03-01T13:00:00+01:00",
            "2026-03-01T11:59:59.999999Z",
            "2026-03-01T12:00:00.000001Z",
            "1969-12-31T23:00:00-01:00",
        ])
        .prop_map(Value::from)
        .boxed(),
        Type::Reference => prop_oneof![
            3 => select(vec!["https://x.example/a", "https://x.example/A b", " ../Users/7 ", "urn:x:y", " "]).prop_map(Value::from),
            1 => text::random().prop_map(Value::from),
        ]
        .boxed(),
        Type::Binary => select(vec!["eA==", "eQ", "MIIB", "-_-_", "TUlJ\r\nQg=="]).prop_map(Value::from).boxed(),
    }
}

/// RFC 7643 §2.4: of values with one `type` and `value` only the first, which is primary if one of them was. They have
/// been brought into form.
pub fn each_pair_once(values: Vec<Value>, attribute: &Attribute) -> Vec<Value> {
    each_once(values, attribute, Some)
}

/// The same before they are: what may become one, addresses and binaries, is there once of a type.
fn each_pair_surely_once(values: Vec<Value>, attribute: &Attribute) -> Vec<Value> {
    each_once(values, attribute, |value| {
        matches!(value.kind, Type::Text | Type::ExactText).then_some(value)
    })
}

fn each_once(
    values: Vec<Value>,
    attribute: &Attribute,
    compared: impl Fn(&'static Sub) -> Option<&'static Sub>,
) -> Vec<Value> {
    let (Some(kind), Some(value)) = (attribute.sub("type"), attribute.sub("value")) else {
        return values;
    };
    let part = |one: &Value, sub: &Sub| match &one[sub.name] {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if sub.kind == Type::Text => Some(text::fold(text)),
        other => Some(other.to_string()),
    };
    let set_once: Vec<&'static Sub> = match attribute.kind {
        Kind::Complex(subs) if attribute.comes_whole() => subs.iter().collect(),
        _ => Vec::new(),
    };
    let telling = |one: &Value| {
        let parts = [value].into_iter().chain(set_once.clone());
        let parts = parts.map(|sub| compared(sub).and_then(|sub| part(one, sub)));
        (part(one, kind), parts.collect::<Vec<_>>())
    };
    let mut kept: Vec<Value> = Vec::new();
    for one in values {
        let same = kept.iter_mut().find(|other| {
            part(&one, value).is_some() && part(other, value).is_some() && telling(other) == telling(&one)
        });
        match same {
            Some(first) if one["primary"] == true => first["primary"] = true.into(),
            Some(_) => {}
            None => kept.push(one),
        }
    }
    kept
}

/// RFC 7643 §2.4: the primary value appears no more than once.
pub fn only_first_is_primary(values: &mut [Value]) {
    let mut seen = false;
    for value in values {
        if value["primary"] == true {
            if seen {
                value["primary"] = false.into();
            }
            seen = true;
        }
    }
}
