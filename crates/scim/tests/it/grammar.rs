//! Our grammar of filters and paths beside that of `scim_v2`, a parser by other people.

use proptest::prelude::*;
use scim::filter::{self, Filter, Literal, Operator};
use scim::path::{self, AttributePath};
use scim_v2::filter as theirs;
use serde_json::Number;

// What theirs means, said in our words.

fn filter_of(filter: &theirs::Filter) -> Filter {
    match filter {
        theirs::Filter::Attr(expression) => expression_of(expression),
        theirs::Filter::ValuePath(path) => {
            let mut found = path_of(&path.attr);
            found.filter = Some(Box::new(value_filter_of(&path.filter)));
            Filter::ValuePath(found)
        }
        theirs::Filter::Not(inner) => Filter::Not(Box::new(filter_of(inner))),
        theirs::Filter::And(parts) => joined(parts.as_slice().iter().map(filter_of), Filter::and),
        theirs::Filter::Or(parts) => joined(parts.as_slice().iter().map(filter_of), Filter::or),
    }
}

fn value_filter_of(filter: &theirs::ValFilter) -> Filter {
    match filter {
        theirs::ValFilter::Attr(expression) => expression_of(expression),
        theirs::ValFilter::Not(inner) => Filter::Not(Box::new(value_filter_of(inner))),
        theirs::ValFilter::And(parts) => joined(parts.as_slice().iter().map(value_filter_of), Filter::and),
        theirs::ValFilter::Or(parts) => joined(parts.as_slice().iter().map(value_filter_of), Filter::or),
    }
}

fn joined(parts: impl Iterator<Item = Filter>, join: fn(Filter, Filter) -> Filter) -> Filter {
    parts.reduce(join).expect("two parts or more")
}

fn expression_of(expression: &theirs::AttrExp) -> Filter {
    match expression {
        theirs::AttrExp::Present(path) => Filter::Present(path_of(path)),
        theirs::AttrExp::Comparison(path, operator, value) => Filter::Compare {
            path: path_of(path),
            operator: match operator {
                theirs::CompareOp::Eq => Operator::Eq,
                theirs::CompareOp::Ne => Operator::Ne,
                theirs::CompareOp::Co => Operator::Co,
                theirs::CompareOp::Sw => Operator::Sw,
                theirs::CompareOp::Ew => Operator::Ew,
                theirs::CompareOp::Gt => Operator::Gt,
                theirs::CompareOp::Lt => Operator::Lt,
                theirs::CompareOp::Ge => Operator::Ge,
                theirs::CompareOp::Le => Operator::Le,
            },
            value: match value {
                theirs::CompValue::False => Literal::Boolean(false),
                theirs::CompValue::True => Literal::Boolean(true),
                theirs::CompValue::Null => Literal::Null,
                theirs::CompValue::Number(number) => Literal::Number(number.to_string()),
                theirs::CompValue::Str(text) => Literal::Text(text.clone()),
            },
        },
    }
}

fn path_of(path: &theirs::AttrPath) -> AttributePath {
    AttributePath {
        schema: path.uri.clone(),
        attribute: path.name.clone(),
        filter: None,
        sub: path.sub_attr.clone(),
    }
}

fn patch_path_of(path: &theirs::PatchPath) -> AttributePath {
    match path {
        theirs::PatchPath::Attr(path) => path_of(path),
        theirs::PatchPath::Value(path) => {
            let mut found = path_of(&path.attr);
            found.filter = Some(Box::new(value_filter_of(&path.filter)));
            found.sub.clone_from(&path.sub_attr);
            found
        }
    }
}

/// Numbers in one spelling, as theirs keeps only their value.
fn normal(filter: Filter) -> Filter {
    match filter {
        Filter::And(parts) => Filter::And(parts.into_iter().map(normal).collect()),
        Filter::Or(parts) => Filter::Or(parts.into_iter().map(normal).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(normal(*inner))),
        Filter::Compare {
            path,
            operator,
            value,
        } => Filter::Compare {
            path: normal_path(path),
            operator,
            value: match value {
                Literal::Number(text) => {
                    let number: Number = serde_json::from_str(&text).expect("a number");
                    Literal::Number(number.to_string())
                }
                other => other,
            },
        },
        Filter::Present(path) => Filter::Present(normal_path(path)),
        Filter::ValuePath(path) => Filter::ValuePath(normal_path(path)),
    }
}

fn normal_path(path: AttributePath) -> AttributePath {
    AttributePath {
        filter: path.filter.map(|filter| Box::new(normal(*filter))),
        ..path
    }
}

/// `a.b[…]`: the grammar has it, but no schema has anything that it could mean, and we say so. (After a URN, we
/// read the dot as a colon.)
fn has_brackets_after_a_sub_attribute(text: &str) -> bool {
    text.match_indices('[').any(|(at, _)| {
        let before = text[..at].trim_end();
        let rest = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "-_$".contains(c));
        rest.ends_with('.')
    })
}

/// `[…] . sub`: they skip white space between any two tokens; the grammar has none there.
fn has_white_space_after_brackets(text: &str) -> bool {
    text.match_indices(']').any(|(at, _)| {
        let rest = &text[at + 1..];
        let spaced = rest.trim_start();
        spaced.starts_with('.') && (spaced.len() < rest.len() || spaced[1..].starts_with(char::is_whitespace))
    })
}

// Filters of the RFC's grammar.

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "userName", "emails", "type", "value", "primary", "Order", "notes", "andrew",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[a-zA-Z][a-zA-Z0-9_-]{0,6}"]
        .prop_filter("a keyword", |name| {
            !["and", "or", "not", "true", "false", "null"].contains(&name.to_ascii_lowercase().as_str())
        })
}

fn plain_path() -> impl Strategy<Value = AttributePath> {
    let urn = prop::sample::select(vec![
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:x:y.z:1.0",
    ]);
    (prop::option::weighted(0.2, urn), name(), prop::option::of(name())).prop_map(
        |(schema, attribute, sub)| AttributePath {
            schema: schema.map(str::to_owned),
            attribute,
            filter: None,
            sub,
        },
    )
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Boolean),
        Just(Literal::Null),
        any::<i64>().prop_map(|number| Literal::Number(number.to_string())),
        "-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,3}([eE][+-]?[0-9])?".prop_map(Literal::Number),
        "[^\u{0}]{0,8}".prop_map(Literal::Text),
        prop::sample::select(vec!["work", " and ", "\"", "\\", "]", ")", "é😀", "\n"])
            .prop_map(|text| Literal::Text(text.into())),
    ]
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
        .prop_map(|name| Operator::find(name).expect("an operator"))
}

fn term(path: impl Strategy<Value = AttributePath> + Clone + 'static) -> BoxedStrategy<Filter> {
    prop_oneof![
        path.clone().prop_map(Filter::Present),
        (path, operator(), literal()).prop_map(|(path, operator, value)| Filter::Compare {
            path,
            operator,
            value
        }),
    ]
    .boxed()
}

fn tree(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

fn value_filter() -> BoxedStrategy<Filter> {
    let sub = name().prop_map(AttributePath::attribute).boxed();
    tree(term(sub))
}

fn value_path() -> impl Strategy<Value = AttributePath> {
    (name(), value_filter()).prop_map(|(attribute, filter)| AttributePath {
        filter: Some(Box::new(filter)),
        ..AttributePath::attribute(attribute)
    })
}

fn any_filter() -> BoxedStrategy<Filter> {
    let path = plain_path().boxed();
    tree(prop_oneof![4 => term(path), 1 => value_path().prop_map(Filter::ValuePath)].boxed())
}

fn any_path() -> BoxedStrategy<AttributePath> {
    let with_sub =
        (value_path(), prop::option::of(name())).prop_map(|(path, sub)| AttributePath { sub, ..path });
    prop_oneof![plain_path(), with_sub].boxed()
}

/// A text with some characters taken out, doubled or put in.
fn damaged(text: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let stray = prop::sample::select(vec![
        "", " ", "(", ")", "[", "]", "\"", ".", ":", "\\", "and", " or ", "not ", "1", "-", "é", "$", "x",
    ]);
    (
        text,
        prop::collection::vec((any::<prop::sample::Index>(), 0..2_usize, stray), 1..4),
    )
        .prop_map(|(text, edits)| {
            let mut chars: Vec<char> = text.chars().collect();
            for (index, gone, stray) in edits {
                let at = index.index(chars.len() + 1);
                let end = (at + gone).min(chars.len());
                chars.splice(at..end, stray.chars());
            }
            chars.into_iter().collect()
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn filters_survive_being_printed(filter in any_filter()) {
        let text = filter.to_string();
        prop_assert_eq!(filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn paths_survive_being_printed(path in any_path()) {
        let text = path.to_string();
        prop_assert_eq!(path::parse(&text), Ok(path), "{}", text);
    }

    #[test]
    fn filters_mean_the_same_to_both(filter in any_filter()) {
        let text = filter.to_string();
        let theirs: theirs::Filter = match text.parse() {
            Ok(theirs) => theirs,
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
        };
        prop_assert_eq!(normal(filter), filter_of(&theirs), "{}", text);
    }

    #[test]
    fn paths_mean_the_same_to_both(path in any_path()) {
        let text = path.to_string();
        let theirs: theirs::PatchPath = match text.parse() {
            Ok(theirs) => theirs,
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error}"))),
        };
        prop_assert_eq!(normal_path(path), patch_path_of(&theirs), "{}", text);
    }

    /// We take more than the grammar, never less, and never mean something else by it.
    #[test]
    fn whatever_they_take_we_take(text in damaged(any_filter().prop_map(|filter| filter.to_string()).boxed())) {
        prop_assume!(!has_brackets_after_a_sub_attribute(&text));
        if let Ok(theirs) = text.parse::<theirs::Filter>() {
            let ours = filter::parse(&text).map(normal);
            prop_assert_eq!(ours, Ok(filter_of(&theirs)), "{:?}", text);
        }
    }

    #[test]
    fn whatever_path_they_take_we_take(text in damaged(any_path().prop_map(|path| path.to_string()).boxed())) {
        prop_assume!(!has_brackets_after_a_sub_attribute(&text) && !has_white_space_after_brackets(&text));
        if let Ok(theirs) = text.parse::<theirs::PatchPath>() {
            let ours = path::parse(&text).map(normal_path);
            prop_assert_eq!(ours, Ok(patch_path_of(&theirs)), "{:?}", text);
        }
    }
}
