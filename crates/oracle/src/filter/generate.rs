//! Random filters, biased to what an index could serve and to values that are there.

use proptest::prelude::*;
use proptest::sample::select;

use super::{Filter, Literal, Operator, Path};
use crate::schema::{Attribute, Kind, Schema, Type};
use crate::text;

/// What a filter may look for.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Values of the resources, ids among them.
    pub texts: Vec<String>,
    /// Points in time, near those of the resources.
    pub times: Vec<String>,
}

/// Which names a filter speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    pub schema: Schema,
    /// Paths that are to come often.
    pub favourites: &'static [&'static str],
}

/// A filter of up to two dozen terms.
pub fn random(names: Names, pool: &Pool) -> BoxedStrategy<Filter> {
    let leaf = term(names, pool);
    leaf.prop_recursive(4, 24, 2, |inner| {
        let two = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            3 => two().prop_map(|(a, b)| Filter::And(a, b)),
            3 => two().prop_map(|(a, b)| Filter::Or(a, b)),
            2 => inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

fn term(names: Names, pool: &Pool) -> BoxedStrategy<Filter> {
    let compared = {
        let pool = pool.clone();
        path(names, pool.clone())
            .prop_flat_map(move |path| {
                let kind = kind_of(names.schema, &path);
                (Just(path), operator(), literal(kind, &pool))
            })
            .prop_map(|(path, operator, literal)| Filter::Compare(path, operator, literal))
    };
    prop_oneof![
        8 => compared,
        1 => path(names, pool.clone()).prop_map(Filter::Present),
        1 => whole_schema(names).prop_map(Filter::Present),
        3 => value_path(names, pool).prop_map(Filter::Some),
    ]
    .boxed()
}

fn operator() -> impl Strategy<Value = Operator> {
    prop_oneof![
        3 => Just(Operator::Eq),
        2 => Just(Operator::Sw),
        4 => select(Operator::ALL.to_vec()),
    ]
}

/// One of the favourites, or any attribute, sometimes with a URN, sometimes with brackets.
fn path(names: Names, pool: Pool) -> BoxedStrategy<Path> {
    prop_oneof![
        6 => select(names.favourites).prop_map(plain),
        4 => attribute(names.schema).prop_flat_map(move |attribute| {
            let subs = subs(attribute);
            prop::option::weighted(0.7, select(subs)).prop_map(move |sub| Path {
                sub: sub.flatten().map(str::to_owned),
                ..plain(attribute.name)
            })
        }),
        2 => (value_path(names, &pool), any::<prop::sample::Index>()).prop_map(move |(path, index)| {
            let attribute = names.schema.attribute(path.urn.as_deref(), &path.attribute);
            let sub = attribute.and_then(|attribute| *index.get(&subs(attribute)));
            Path { sub: sub.map(str::to_owned), ..path }
        }),
        1 => select(vec!["password", "shoeSize", "name.shoe", "userName.value", "emails.shoe", "members", "groups"])
            .prop_map(plain),
    ]
    .prop_flat_map(move |path| spelled(path, names.schema))
    .boxed()
}

fn subs(attribute: &Attribute) -> Vec<Option<&'static str>> {
    match attribute.kind {
        Kind::Simple(_) => vec![None],
        Kind::Complex(subs) => subs.iter().map(|sub| Some(sub.name)).collect(),
    }
}

fn attribute(schema: Schema) -> impl Strategy<Value = &'static Attribute> {
    (0..schema.attributes.len()).prop_map(move |at| &schema.attributes[at])
}

/// `name` or `name.sub`.
pub(crate) fn plain(text: &str) -> Path {
    let (attribute, sub) = match text.split_once('.') {
        Some((attribute, sub)) => (attribute, Some(sub.to_owned())),
        None => (text, None),
    };
    Path {
        urn: None,
        attribute: attribute.to_owned(),
        brackets: None,
        sub,
        joint: ':',
    }
}

fn whole_schema(names: Names) -> impl Strategy<Value = Path> {
    let mut urns: Vec<&str> = names
        .schema
        .attributes
        .iter()
        .filter_map(|one| one.extension)
        .collect();
    urns.dedup();
    select(urns).prop_map(|urn| Path {
        attribute: urn.to_owned(),
        ..plain("")
    })
}

/// The same path with a URN, in capitals, or as it is.
pub(crate) fn spelled(path: Path, schema: Schema) -> impl Strategy<Value = Path> {
    let urn = schema
        .attribute(None, &path.attribute)
        .map(|attribute| attribute.extension.unwrap_or(schema.urn));
    (0_u8..12).prop_map(move |how| {
        let mut path = path.clone();
        match (how, urn) {
            (0 | 1, Some(urn)) => path.urn = Some(urn.to_owned()),
            (2, Some(urn)) => {
                path.urn = Some(urn.to_uppercase());
            }
            (3, Some(urn)) => {
                path.urn = Some(urn.to_owned());
                path.joint = '.';
            }
            (4, _) => path.attribute = path.attribute.to_uppercase(),
            (5, _) => path.sub = path.sub.map(|sub| sub.to_lowercase()),
            _ => {}
        }
        path
    })
}

/// `emails[…]`
fn value_path(names: Names, pool: &Pool) -> BoxedStrategy<Path> {
    let complex: Vec<&'static Attribute> = names
        .schema
        .attributes
        .iter()
        .filter(|attribute| matches!(attribute.kind, Kind::Complex(_)))
        .collect();
    let often =
        |attribute: &&'static Attribute| ["emails", "members", "groups", "things"].contains(&attribute.name);
    let favourites: Vec<&'static Attribute> = complex.iter().copied().filter(often).collect();
    let pool = pool.clone();
    prop_oneof![3 => select(favourites), 2 => select(complex)]
        .prop_flat_map(move |attribute| (Just(attribute), within(attribute, &pool)))
        .prop_map(|(attribute, filter)| Path {
            brackets: Some(Box::new(filter)),
            ..plain(attribute.name)
        })
        .boxed()
}

/// A filter over the sub-attributes.
pub(crate) fn within(attribute: &'static Attribute, pool: &Pool) -> BoxedStrategy<Filter> {
    let Kind::Complex(subs) = attribute.kind else {
        return Just(Filter::Present(plain("value"))).boxed();
    };
    let favourites: Vec<_> = subs
        .iter()
        .filter(|sub| ["value", "type"].contains(&sub.name))
        .chain(subs.iter().take(1))
        .copied()
        .collect();
    let pool = pool.clone();
    let compared = prop_oneof![3 => select(favourites), 2 => select(subs)]
        .prop_flat_map(move |sub| (Just(sub), operator(), literal(Some(sub.kind), &pool)))
        .prop_map(|(sub, operator, literal)| Filter::Compare(plain(sub.name), operator, literal));
    let present = select(subs).prop_map(|sub| Filter::Present(plain(sub.name)));
    prop_oneof![8 => compared, 1 => present, 1 => Just(Filter::Present(plain("shoe")))]
        .prop_recursive(2, 6, 2, |inner| {
            let two = || (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
            prop_oneof![
                2 => two().prop_map(|(a, b)| Filter::And(a, b)),
                1 => two().prop_map(|(a, b)| Filter::Or(a, b)),
                1 => inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            ]
        })
        .boxed()
}

fn kind_of(schema: Schema, path: &Path) -> Option<Type> {
    let attribute = schema.attribute(path.urn.as_deref(), &path.attribute)?;
    match (attribute.kind, path.sub.as_deref()) {
        (Kind::Simple(kind), _) => Some(kind),
        (Kind::Complex(_), sub) => attribute.sub(sub.unwrap_or("value")).map(|sub| sub.kind),
    }
}

/// Mostly of the attribute's type.
fn literal(kind: Option<Type>, pool: &Pool) -> BoxedStrategy<Literal> {
    let fitting = match kind {
        Some(Type::Boolean) => boolean(),
        Some(Type::Time) => select(pool.times.clone()).prop_map(Literal::Text).boxed(),
        Some(Type::Number) => number(),
        Some(Type::Text | Type::ExactText | Type::Reference | Type::Binary) | None => words(pool),
    };
    prop_oneof![12 => fitting, 1 => words(pool), 1 => boolean(), 1 => number(), 1 => Just(Literal::Null)]
        .boxed()
}

fn words(pool: &Pool) -> BoxedStrategy<Literal> {
    let known = select(pool.texts.clone()).prop_flat_map(text::about);
    let bare = select(vec![
        "anna",
        "work",
        "701984",
        "00701984",
        "x@y.example",
        "1.50",
        "Anna%",
    ]);
    prop_oneof![
        8 => known.prop_map(Literal::Text),
        2 => text::random().prop_map(Literal::Text),
        1 => Just(Literal::Text(String::new())),
        1 => bare.prop_map(|word| Literal::Bare(word.to_owned())),
    ]
    .boxed()
}

fn boolean() -> BoxedStrategy<Literal> {
    prop_oneof![
        3 => any::<bool>().prop_map(Literal::Boolean),
        1 => select(vec!["True", "FALSE", " true ", "yes"]).prop_map(|text| Literal::Text(text.to_owned())),
    ]
    .boxed()
}

fn number() -> BoxedStrategy<Literal> {
    let numbers = vec![
        "0",
        "-0",
        "7",
        "7.0",
        "70e-1",
        "-7",
        "7.5",
        "1e3",
        "1000",
        "9007199254740992",
    ];
    select(numbers)
        .prop_map(|text| Literal::Number(text.to_owned()))
        .boxed()
}
