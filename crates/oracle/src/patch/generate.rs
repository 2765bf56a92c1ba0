//! Random operations: most of them sensible, some of them not.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Op, Operation};
use crate::filter::{Path, Pool, plain, spelled, within};
use crate::schema::{Attribute, Count, Kind, Schema, Type};
use crate::{Object, resource};

/// Up to six operations on the resource.
pub fn operations(schema: Schema, pool: &Pool) -> BoxedStrategy<Vec<Operation>> {
    prop::collection::vec(operation(schema, pool), 1..6).boxed()
}

fn op() -> impl Strategy<Value = Op> {
    select(vec![Op::Add, Op::Replace, Op::Remove])
}

fn operation(schema: Schema, pool: &Pool) -> BoxedStrategy<Operation> {
    let with_path = (op(), paths_of(schema, pool)).prop_flat_map(move |(op, path)| {
        let given = if op == Op::Remove { 0.3 } else { 0.95 };
        (
            Just(op),
            Just(path.clone()),
            prop::option::weighted(given, value_at(schema, &path)),
        )
            .prop_map(|(op, path, value)| Operation {
                op,
                path: Some(path),
                value,
            })
    });
    let without = (op(), prop::option::weighted(0.95, pathless(schema))).prop_map(|(op, value)| Operation {
        op,
        path: None,
        value,
    });
    prop_oneof![8 => with_path, 1 => without].boxed()
}

/// Attributes that come often, so that operations meet.
const OFTEN: &[&str] = &[
    "emails",
    "emails",
    "emails",
    "name",
    "manager",
    "accountStatus",
    "roles",
    "userName",
    "title",
];

fn attribute(schema: Schema) -> BoxedStrategy<&'static Attribute> {
    let often: Vec<&'static Attribute> = OFTEN
        .iter()
        .filter_map(|name| schema.attribute(None, name))
        .collect();
    let any = (0..schema.attributes.len()).prop_map(move |at| &schema.attributes[at]);
    if often.is_empty() {
        any.boxed()
    } else {
        prop_oneof![3 => select(often), 2 => any].boxed()
    }
}

/// Paths of attributes and their parts, with and without filters and URNs, and some that lead nowhere.
pub fn paths_of(schema: Schema, pool: &Pool) -> BoxedStrategy<Path> {
    let pool = pool.clone();
    let known = attribute(schema).prop_flat_map(move |attribute| {
        let sub = match attribute.kind {
            Kind::Simple(_) => Just(None).boxed(),
            Kind::Complex(subs) => prop::option::weighted(0.6, select(subs)).boxed(),
        };
        let brackets = if attribute.count == Count::Many {
            prop::option::weighted(0.6, within(attribute, &pool)).boxed()
        } else {
            prop::option::weighted(0.02, within(attribute, &pool)).boxed()
        };
        (sub, brackets)
            .prop_map(move |(sub, brackets)| Path {
                brackets: brackets.map(Box::new),
                sub: sub.map(|sub| sub.name.to_owned()),
                ..plain(attribute.name)
            })
            .prop_flat_map(move |path| spelled(path, schema))
    });
    let mut urns: Vec<&'static str> = schema.attributes.iter().filter_map(|one| one.extension).collect();
    urns.push(schema.urn);
    let whole = select(urns).prop_map(|urn| Path {
        attribute: urn.to_owned(),
        ..plain("")
    });
    let nowhere = select(vec![
        "shoeSize",
        "name.shoe",
        "userName.value",
        "id",
        "meta.created",
        "schemas",
    ])
    .prop_map(plain);
    let elsewhere = select(vec!["tag", "tag.part", "userName"]).prop_map(|name| Path {
        urn: Some("urn:example:unknown:2.0:User".to_owned()),
        ..plain(name)
    });
    prop_oneof![40 => known, 2 => whole, 2 => nowhere, 1 => elsewhere].boxed()
}

/// Mostly what fits there.
fn value_at(schema: Schema, path: &Path) -> BoxedStrategy<Value> {
    let Some(attribute) = schema.attribute(path.urn.as_deref(), &path.attribute) else {
        return prop_oneof![parts_of_extension(schema, &path.attribute), odd()].boxed();
    };
    let fitting = match path.sub.as_deref().and_then(|sub| attribute.sub(sub)) {
        Some(sub) => resource::part(sub),
        None if path.brackets.is_some() => resource::element(attribute),
        None => resource::value(attribute),
    };
    prop_oneof![9 => liberty(fitting.boxed()), 2 => odd()].boxed()
}

/// The value as clients write it: as it is, in a list, out of its list, a boolean or number as a text.
fn liberty(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (value, 0_u8..10)
        .prop_map(|(value, how)| match (how, value) {
            (0, value) => json!([value]),
            (1, Value::Array(mut values)) if !values.is_empty() => values.remove(0),
            (2, Value::Bool(boolean)) => json!(if boolean { "True" } else { "false" }),
            (3, Value::Object(parts)) => parts.get("value").cloned().unwrap_or(Value::Object(parts)),
            (4, Value::Object(mut parts)) => {
                if let Some(first) = parts.values_mut().next() {
                    *first = Value::Null;
                }
                Value::Object(parts)
            }
            (5, Value::Object(parts)) => {
                let loud = parts
                    .into_iter()
                    .map(|(name, value)| (name.to_uppercase(), value));
                Value::Object(loud.collect())
            }
            (_, value) => value,
        })
        .boxed()
}

fn odd() -> BoxedStrategy<Value> {
    prop_oneof![
        select(vec![
            json!(null),
            json!(""),
            json!([]),
            json!([null]),
            json!([[]]),
            json!({}),
            json!(7),
            json!(true),
            json!("x"),
            json!(["a", "b"]),
            json!([{ "value": "a", "primary": true }, { "value": "b", "primary": "TRUE" }]),
            json!([{ "value": "a" }, null, { "value": "A" }, ""]),
            json!({ "value": { "value": "a" } }),
            json!({ "type": "work" }),
            json!({ "value": null, "type": "home" }),
            json!({ "primary": true, "value": "p" }),
            json!({ "shoe": 1 }),
        ]),
        resource::simple(Type::Text),
    ]
    .boxed()
}

fn parts_of_extension(schema: Schema, urn: &str) -> BoxedStrategy<Value> {
    let of: Vec<&'static Attribute> = schema
        .attributes
        .iter()
        .filter(|attribute| {
            attribute
                .extension
                .is_some_and(|own| own.eq_ignore_ascii_case(urn))
        })
        .collect();
    if of.is_empty() {
        return pathless(schema);
    }
    prop::collection::vec(
        select(of).prop_flat_map(|attribute| (Just(attribute.name), liberty(resource::value(attribute)))),
        0..3,
    )
    .prop_map(|parts| {
        Value::Object(
            parts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    })
    .boxed()
}

/// An object whose keys are paths.
fn pathless(schema: Schema) -> BoxedStrategy<Value> {
    let named = attribute(schema).prop_flat_map(move |attribute| {
        let sub = match attribute.kind {
            Kind::Complex(subs) if attribute.count == Count::One => {
                prop::option::weighted(0.4, (0..subs.len()).prop_map(move |at| &subs[at])).boxed()
            }
            _ => Just(None).boxed(),
        };
        sub.prop_flat_map(move |sub| {
            let value = match sub {
                Some(sub) => resource::part(sub),
                None => resource::value(attribute),
            };
            let path = Path {
                sub: sub.map(|sub| sub.name.to_owned()),
                ..plain(attribute.name)
            };
            let key = spelled(path, schema).prop_map(|path| path.to_string());
            (key, prop_oneof![6 => liberty(value), 1 => odd()])
        })
    });
    let extension = {
        let mut urns: Vec<&'static str> = schema.attributes.iter().filter_map(|one| one.extension).collect();
        urns.dedup();
        select(urns).prop_flat_map(move |urn| {
            let value = prop_oneof![4 => parts_of_extension(schema, urn), 1 => odd()];
            (Just(urn.to_owned()), value)
        })
    };
    let ballast = select(vec!["id", "schemas", "meta", "shoeSize", "name.shoe"])
        .prop_flat_map(|name| (Just(name.to_owned()), odd()));
    let members = prop_oneof![8 => named, 1 => extension, 1 => ballast];
    prop_oneof![
        12 => prop::collection::vec(members, 0..4).prop_map(|members| {
            // Keys that are the same but for their case are refused as a whole, which is tested elsewhere.
            let mut value = Object::new();
            for (name, part) in members {
                if crate::field(&value, &name).is_none() {
                    value.insert(name, part);
                }
            }
            Value::Object(value)
        }),
        1 => odd(),
    ]
    .boxed()
}
