//! Filters over attributes of every type.

use std::cell::Cell;

use oracle::filter::{self, Names};
use oracle::random::{Effort, check};
use oracle::resource;
use oracle::schema::{Attribute, Count, Kind, Schema, Side, Sub, Type};
use proptest::prelude::*;
use scim::ResourceType;
use scim::schema::Extension;
use serde_json::{Value, json};

use super::{pool, stored};

/// An attribute of each type, single and several, with parts of each type.
static TYPED: Schema = Schema {
    urn: "urn:x:typed",
    attributes: TYPES,
};

const TYPES: &[Attribute] = &[
    one("name", Type::Text),
    one("exact", Type::ExactText),
    one("number", Type::Number),
    one("truth", Type::Boolean),
    one("time", Type::Time),
    one("reference", Type::Reference),
    one("binary", Type::Binary),
    many(one("texts", Type::Text)),
    many(one("numbers", Type::Number)),
    many(one("times", Type::Time)),
    one_of_parts("thing"),
    many(one_of_parts("things")),
    Attribute {
        extension: Some("urn:x:more"),
        ..many(one_of_parts("more"))
    },
    Attribute {
        written_by: Side::Hidden,
        ..one("secret", Type::Text)
    },
];

const PARTS: &[Sub] = &[
    part("value", Type::Number),
    part("text", Type::ExactText),
    part("time", Type::Time),
    part("type", Type::Text),
    part("primary", Type::Boolean),
];

const fn part(name: &'static str, kind: Type) -> Sub {
    Sub {
        name,
        kind,
        written_by: Side::Client,
    }
}

const fn one(name: &'static str, kind: Type) -> Attribute {
    Attribute {
        name,
        extension: None,
        kind: Kind::Simple(kind),
        count: Count::One,
        written_by: Side::Client,
    }
}

const fn many(attribute: Attribute) -> Attribute {
    Attribute {
        count: Count::Many,
        ..attribute
    }
}

const fn one_of_parts(name: &'static str) -> Attribute {
    Attribute {
        kind: Kind::Complex(PARTS),
        ..one(name, Type::Text)
    }
}

/// The same schema in RFC 7643's form, for ours to read.
fn written_out(schema: &Schema) -> ResourceType {
    let attributes = |extension: Option<&str>| -> Vec<Value> {
        let own = schema.attributes.iter().filter(|one| one.extension == extension);
        own.map(attribute).collect()
    };
    let read = |urn: &str, attributes: Vec<Value>| {
        let text = json!({ "id": urn, "name": urn, "attributes": attributes });
        serde_json::from_value(text).expect("a schema")
    };
    ResourceType {
        core: read(schema.urn, attributes(None)),
        extensions: vec![Extension {
            schema: read("urn:x:more", attributes(Some("urn:x:more"))),
            required: false,
            origin: scim::schema::Origin::Organization,
        }],
        ..ResourceType::user().clone()
    }
}

fn attribute(attribute: &Attribute) -> Value {
    let mut written = match attribute.kind {
        Kind::Simple(kind) => characteristics(attribute.name, kind),
        Kind::Complex(subs) => {
            let subs: Vec<Value> = subs
                .iter()
                .map(|sub| characteristics(sub.name, sub.kind))
                .collect();
            json!({ "name": attribute.name, "type": "complex", "subAttributes": subs })
        }
    };
    written["multiValued"] = (attribute.count == Count::Many).into();
    if attribute.written_by == Side::Hidden {
        written["returned"] = "never".into();
    }
    written
}

fn characteristics(name: &str, kind: Type) -> Value {
    let written = match kind {
        Type::Text | Type::ExactText => "string",
        Type::Boolean => "boolean",
        Type::Number => "decimal",
        Type::Time => "dateTime",
        Type::Reference => "reference",
        Type::Binary => "binary",
    };
    json!({ "name": name, "type": written, "caseExact": kind == Type::ExactText })
}

fn compare_filters(effort: Effort) {
    let resource_type = written_out(&TYPED);
    let names = Names {
        schema: TYPED,
        favourites: &[
            "number",
            "things.value",
            "thing.time",
            "numbers",
            "texts.value",
            "secret",
        ],
    };
    let mut runner = effort.runner(11);
    let cases = (resource::body(TYPED, "name"), filter::random(names, &pool()));
    let held = Cell::new(0);
    check(&mut runner, &cases, |(body, filter)| {
        let resource = stored(body, &resource_type);
        let text = filter.to_string();
        let parsed = match scim::filter::parse(&text) {
            Ok(parsed) => parsed,
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
        };
        let refused = scim::filter::check(&parsed, &resource_type).is_err();
        prop_assert_eq!(
            refused,
            filter::is_refused(&filter, &TYPED),
            "is it refused? {}",
            text
        );
        if refused {
            return Ok(());
        }
        let expected = filter::holds(&filter, &resource, &TYPED);
        held.set(held.get() + u32::from(expected));
        let found = scim::filter::evaluate(&parsed, &resource, &resource_type);
        prop_assert_eq!(found, expected, "{} on {:?}", text, resource);
        Ok(())
    });
    let (held, cases) = (held.get(), runner.config().cases);
    assert!(
        (cases / 5..cases / 5 * 4).contains(&held),
        "{held} of {cases} held"
    );
}

#[test]
fn filters_over_every_type() {
    compare_filters(Effort::Cases(3_000));
}

#[test]
#[ignore = "takes long: cargo xtask soak runs it"]
fn soak_filters_over_every_type() {
    compare_filters(Effort::NewCases(500_000));
}
