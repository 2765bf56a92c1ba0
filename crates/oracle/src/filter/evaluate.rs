//! Whether a filter holds for a resource, from the text of RFC 7644 §3.4.2.2 and RFC 7643 §2.
//!
//! What the RFC leaves open: an attribute that there is not, that a resource type does not have (§3.4.2.1) or that is
//! never returned has no value; what has no value equals null, and is not equal (`ne`) to anything else. Of several
//! values one that fits is enough. A complex value is compared by its `value`.

use serde_json::Value;

use super::{Filter, Literal, Operator, Path};
use crate::schema::{Attribute, Count, Kind, Schema, Side, Type};
use crate::text::fold;
use crate::{Object, field, time};

/// Whether the filter holds. The resource is one that a client would read, with `id` and `meta`.
pub fn holds(filter: &Filter, resource: &Object, schema: &Schema) -> bool {
    decide(filter, &|path| found(path, resource, schema))
}

/// Whether the filter, whose names are sub-attributes, holds for one value of the attribute.
pub(crate) fn holds_for_element(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    decide(filter, &|path| found_in_element(path, element, attribute))
}

/// Whether it must be answered with 400 `invalidFilter`: an order of booleans or binaries, or before and after what is
/// no point in time.
pub fn is_refused(filter: &Filter, schema: &Schema) -> bool {
    let inner = |path: &Path| {
        path.brackets.as_deref().is_some_and(|filter| {
            schema
                .attribute(path.urn.as_deref(), &path.attribute)
                .is_some_and(|attribute| is_refused_within(filter, attribute))
        })
    };
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => is_refused(a, schema) || is_refused(b, schema),
        Filter::Not(inner) => is_refused(inner, schema),
        Filter::Present(path) | Filter::Some(path) => inner(path),
        Filter::Compare(path, operator, literal) => {
            let attribute = schema.attribute(path.urn.as_deref(), &path.attribute);
            let kind = attribute.and_then(|attribute| compared_as(attribute, path.sub.as_deref()));
            inner(path) || kind.is_some_and(|kind| has_no_order(kind, *operator, literal))
        }
    }
}

fn is_refused_within(filter: &Filter, attribute: &Attribute) -> bool {
    match filter {
        Filter::And(a, b) | Filter::Or(a, b) => {
            is_refused_within(a, attribute) || is_refused_within(b, attribute)
        }
        Filter::Not(inner) => is_refused_within(inner, attribute),
        Filter::Present(_) | Filter::Some(_) => false,
        Filter::Compare(path, operator, literal) => compared_as(attribute, Some(&path.attribute))
            .is_some_and(|kind| has_no_order(kind, *operator, literal)),
    }
}

fn has_no_order(kind: Type, operator: Operator, literal: &Literal) -> bool {
    operator.is_ordering()
        && match kind {
            Type::Boolean | Type::Binary => true,
            Type::Time => literal.text().and_then(|text| time::instant(&text)).is_none(),
            Type::Text | Type::ExactText | Type::Reference | Type::Number => false,
        }
}

/// The type of the attribute itself, of its sub-attribute, or of its `value`.
fn compared_as(attribute: &Attribute, sub: Option<&str>) -> Option<Type> {
    match (attribute.kind, sub) {
        (Kind::Simple(kind), None) => Some(kind),
        (Kind::Simple(kind), Some(sub)) => may_be_called(sub, attribute).then_some(kind),
        (Kind::Complex(_), sub) => attribute.sub(sub.unwrap_or("value")).map(|sub| sub.kind),
    }
}

/// The values of a simple multi-valued attribute may be called `value` (RFC 7643 §2.4).
fn may_be_called(sub: &str, attribute: &Attribute) -> bool {
    attribute.count == Count::Many && sub.eq_ignore_ascii_case("value")
}

/// The values that a path leads to.
struct Found<'v> {
    values: Vec<&'v Value>,
    /// What each is compared by, and as what; nothing where there is nothing to compare.
    compared: Vec<&'v Value>,
    kind: Option<Type>,
}

const NOTHING: Found<'_> = Found {
    values: Vec::new(),
    compared: Vec::new(),
    kind: None,
};

fn decide<'v>(filter: &Filter, find: &dyn Fn(&Path) -> Found<'v>) -> bool {
    match filter {
        Filter::And(a, b) => decide(a, find) && decide(b, find),
        Filter::Or(a, b) => decide(a, find) || decide(b, find),
        Filter::Not(inner) => !decide(inner, find),
        Filter::Present(path) => is_present(&find(path)),
        Filter::Some(path) => !find(path).values.is_empty(),
        Filter::Compare(path, operator, literal) => compare(&find(path), *operator, literal),
    }
}

/// "has a non-empty or non-null value, or … contains a non-empty node for complex attributes"
fn is_present(found: &Found<'_>) -> bool {
    found.values.iter().any(|value| is_something(value))
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_something),
        Value::Object(parts) => parts.values().any(is_something),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(found: &Found<'_>, operator: Operator, literal: &Literal) -> bool {
    match (literal, operator) {
        (Literal::Null, Operator::Eq) => return !is_present(found),
        (Literal::Null, Operator::Ne) => return is_present(found),
        (Literal::Null, _) => return false,
        _ => {}
    }
    let (Some(kind), false) = (found.kind, found.compared.is_empty()) else {
        return operator == Operator::Ne;
    };
    let literal = literal.text().unwrap_or_default();
    found
        .compared
        .iter()
        .any(|value| fits(value, kind, operator, &literal))
}

fn fits(value: &Value, kind: Type, operator: Operator, literal: &str) -> bool {
    let value = match value {
        Value::String(text) => text.clone(),
        Value::Bool(boolean) => boolean.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return false,
    };
    match kind {
        Type::ExactText | Type::Reference | Type::Binary => texts(&value, operator, literal),
        Type::Text => texts(&fold(&value), operator, &fold(literal)),
        Type::Boolean => match (boolean(&value), boolean(literal)) {
            (Some(value), Some(literal)) => match operator {
                Operator::Eq => value == literal,
                Operator::Ne => value != literal,
                _ => false,
            },
            _ => operator == Operator::Ne,
        },
        Type::Time if matches!(operator, Operator::Co | Operator::Sw | Operator::Ew) => {
            texts(&value, operator, literal)
        }
        Type::Time => match (time::instant(&value), time::instant(literal)) {
            (Some(value), Some(literal)) => ordered(value.partial_cmp(&literal), operator),
            _ => operator == Operator::Ne,
        },
        Type::Number => match (number(&value), number(literal)) {
            (Some(value), Some(literal)) => ordered(value.partial_cmp(&literal), operator),
            _ => operator == Operator::Ne,
        },
    }
}

fn texts(value: &str, operator: Operator, literal: &str) -> bool {
    match operator {
        Operator::Co => value.contains(literal),
        Operator::Sw => value.starts_with(literal),
        Operator::Ew => value.ends_with(literal),
        _ => ordered(Some(value.cmp(literal)), operator),
    }
}

fn ordered(order: Option<std::cmp::Ordering>, operator: Operator) -> bool {
    let Some(order) = order else {
        return operator == Operator::Ne;
    };
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// As JSON writes it; ours are whole or exact in binary, so that this is exact too.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    number.as_f64()
}

/// `[1, 2]` is two values, `3` is one, null is none.
fn one_by_one(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().filter(|value| !value.is_null()).collect(),
        Some(value) => vec![value],
    }
}

fn found<'v>(path: &Path, resource: &'v Object, schema: &Schema) -> Found<'v> {
    let Some(attribute) = schema.attribute(path.urn.as_deref(), &path.attribute) else {
        return whole_extension(path, resource, schema);
    };
    if attribute.written_by == Side::Hidden {
        return NOTHING;
    }
    let within = match attribute.extension {
        None => Some(resource),
        Some(urn) => field(resource, urn).and_then(Value::as_object),
    };
    let mut elements = one_by_one(within.and_then(|within| field(within, attribute.name)));
    if let Some(filter) = &path.brackets {
        elements.retain(|element| holds_for_element(filter, element, attribute));
    }
    of_elements(&elements, attribute, path.sub.as_deref())
}

fn whole_extension<'v>(path: &Path, resource: &'v Object, schema: &Schema) -> Found<'v> {
    let named = path.urn.is_none()
        && schema.attributes.iter().any(|attribute| {
            attribute
                .extension
                .is_some_and(|urn| urn.eq_ignore_ascii_case(&path.attribute))
        });
    if !named {
        return NOTHING;
    }
    Found {
        values: one_by_one(field(resource, &path.attribute)),
        ..NOTHING
    }
}

fn found_in_element<'v>(path: &Path, element: &'v Value, attribute: &Attribute) -> Found<'v> {
    if path.urn.is_some() || path.sub.is_some() {
        return NOTHING;
    }
    of_elements(&[element], attribute, Some(&path.attribute))
}

fn of_elements<'v>(elements: &[&'v Value], attribute: &Attribute, sub: Option<&str>) -> Found<'v> {
    let part = |name: &str| -> Vec<&'v Value> {
        let values = elements.iter().filter_map(|element| element.as_object());
        values.flat_map(|parts| one_by_one(field(parts, name))).collect()
    };
    match (attribute.kind, sub) {
        (Kind::Simple(_), Some(sub)) if !may_be_called(sub, attribute) => NOTHING,
        (Kind::Simple(kind), _) => Found {
            values: elements.to_vec(),
            compared: elements.to_vec(),
            kind: Some(kind),
        },
        (Kind::Complex(_), Some(name)) => match attribute.sub(name) {
            None => NOTHING,
            Some(sub) => Found {
                values: part(sub.name),
                compared: part(sub.name),
                kind: Some(sub.kind),
            },
        },
        (Kind::Complex(_), None) => Found {
            values: elements.to_vec(),
            compared: part("value"),
            kind: attribute.sub("value").map(|sub| sub.kind),
        },
    }
}
