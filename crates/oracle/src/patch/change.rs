//! One operation on one attribute, single or multi-valued.

use serde_json::{Value, json};

use super::value::{empties, of_attribute, of_element, of_sub, only_describes};
use super::{Missing, Op, Refusal};
use crate::filter::{self, Filter, Literal, Operator};
use crate::resource::each_pair_once;
use crate::schema::{Attribute, Count, Kind, Side, Sub, Type};
use crate::{Object, field, text};

/// One operation on one attribute.
pub(super) fn change(
    resource: &mut Object,
    op: Op,
    attribute: &'static Attribute,
    sub: Option<&'static Sub>,
    chosen_by: Option<&Filter>,
    value: Option<&Value>,
    missing: Missing,
) -> Result<(), Refusal> {
    if op != Op::Remove && value.is_none() {
        return Err("invalidValue");
    }
    let value = value.unwrap_or(&Value::Null);
    let old = match attribute.extension {
        None => resource.get(attribute.name),
        Some(urn) => resource.get(urn).and_then(|within| within.get(attribute.name)),
    };
    let old = old.cloned().unwrap_or_default();
    let new = match attribute.count {
        Count::One => single(old, op, attribute, sub, value)?,
        Count::Many => {
            let old = match old {
                Value::Array(values) => values,
                _ => Vec::new(),
            };
            let before = old.clone();
            let new = match op {
                Op::Remove => removed(old, attribute, sub, chosen_by, value)?,
                Op::Add | Op::Replace => written(old, op, attribute, sub, chosen_by, value, missing)?,
            };
            Value::Array(each_pair_once(settled_once(&before, new, attribute)?, attribute))
        }
    };
    put(resource, attribute, new);
    Ok(())
}

/// What can be set once stays in a value with the `type` and `value` of one before.
fn settled_once(before: &[Value], new: Vec<Value>, attribute: &Attribute) -> Result<Vec<Value>, Refusal> {
    let Kind::Complex(subs) = attribute.kind else {
        return Ok(new);
    };
    if attribute.comes_whole() {
        return Ok(new);
    }
    let once = subs.iter().filter(|sub| sub.written_by == Side::ClientOnce);
    let mut settled = Vec::new();
    for mut one in new {
        let is_it = |old: &&Value| old.get("value").is_some() && is_same(old, &one, attribute);
        if let Some(old) = before.iter().find(is_it) {
            for sub in once.clone() {
                match (&old[sub.name], &one[sub.name]) {
                    (Value::Null, _) => {}
                    (old, Value::Null) => one[sub.name] = old.clone(),
                    (old, new) if is_equal(old, new, sub.kind) => one[sub.name] = old.clone(),
                    _ => return Err("mutability"),
                }
            }
        }
        settled.push(one);
    }
    Ok(settled)
}

/// Sets an attribute, or takes it away if there is nothing in it; an extension without any goes too.
fn put(resource: &mut Object, attribute: &Attribute, value: Value) {
    let is_nothing = match &value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        _ => false,
    };
    let within = match attribute.extension {
        None => Some(&mut *resource),
        Some(urn) => resource.entry(urn).or_insert_with(|| json!({})).as_object_mut(),
    };
    if let Some(within) = within {
        within.remove(attribute.name);
        if !is_nothing {
            within.insert(attribute.name.to_owned(), value);
        }
    }
    if let Some(urn) = attribute.extension
        && resource[urn] == json!({})
    {
        resource.remove(urn);
    }
}

fn single(
    old: Value,
    op: Op,
    attribute: &'static Attribute,
    sub: Option<&'static Sub>,
    value: &Value,
) -> Result<Value, Refusal> {
    if op == Op::Remove {
        return Ok(match (old, sub) {
            (Value::Object(mut parts), Some(sub)) => {
                parts.remove(sub.name);
                Value::Object(parts)
            }
            _ => Value::Null,
        });
    }
    let new = match sub {
        Some(sub) => json!({ sub.name: of_sub(value, sub)? }),
        None => of_attribute(value, attribute)?,
    };
    Ok(match (old, new) {
        (Value::Object(old), Value::Object(new)) => merged(old, &new, attribute)?,
        (_, Value::Object(new)) => merged(Object::new(), &new, attribute)?,
        (_, new) => new,
    })
}

/// The parts of the new value in place of the old ones; null takes a part away. One that is immutable stays as it is.
fn merged(mut old: Object, new: &Object, attribute: &Attribute) -> Result<Value, Refusal> {
    let changes = new
        .get("value")
        .is_some_and(|value| old.get("value") != Some(value));
    if changes && attribute.count == Count::One && attribute.sub("$ref").is_some() {
        old.remove("$ref");
    }
    for (name, value) in new {
        let sub = attribute.sub(name);
        if let Some(sub) = sub.filter(|sub| sub.written_by == Side::ClientOnce)
            && let Some(old) = old.get(name)
        {
            if !is_equal(old, value, sub.kind) {
                return Err("mutability");
            }
            continue;
        }
        old.remove(name);
        if !value.is_null() {
            old.insert(name.clone(), value.clone());
        }
    }
    Ok(Value::Object(old))
}

fn is_chosen(value: &Value, attribute: &Attribute, filter: Option<&Filter>) -> bool {
    filter.is_none_or(|filter| filter::holds_for_element(filter, value, attribute))
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Object(parts) => parts.keys().all(|name| name == "type" || name == "primary"),
        other => other.is_null(),
    }
}

fn removed(
    old: Vec<Value>,
    attribute: &'static Attribute,
    sub: Option<&'static Sub>,
    filter: Option<&Filter>,
    value: &Value,
) -> Result<Vec<Value>, Refusal> {
    let named = match (value, sub) {
        (Value::Null, _) => None,
        (value, None) => Some(match of_attribute(value, attribute)? {
            Value::Array(named) => named,
            _ => Vec::new(),
        }),
        (value, Some(sub)) => {
            let several = match value {
                Value::Array(values) => values.clone(),
                single => vec![single.clone()],
            };
            let mut named = Vec::new();
            for one in several {
                named.push(json!({ sub.name: of_sub(&one, sub)? }));
            }
            Some(named)
        }
    };
    let mut left = Vec::new();
    for mut element in old {
        let chosen = is_chosen(&element, attribute, filter);
        let meant = chosen
            && named
                .as_ref()
                .is_none_or(|named| named.iter().any(|named| is_said_of(named, &element, attribute)));
        let goes = match sub {
            Some(sub) if named.is_none() || sub.name != "value" => {
                if meant && let Value::Object(parts) = &mut element {
                    let was_there = parts.remove(sub.name).is_some();
                    if was_there && sub.written_by == Side::ClientOnce {
                        return Err("mutability");
                    }
                }
                meant && (says_nothing(&element) || sub.name == "value" && only_describes(&element))
            }
            _ => meant,
        };
        if !goes {
            left.push(element);
        }
    }
    Ok(left)
}

/// Is everything that is named true of the value? Where its `value` is named, only that and its `type` count.
fn is_said_of(named: &Value, value: &Value, attribute: &Attribute) -> bool {
    match (named, value) {
        (Value::Object(named), Value::Object(value)) => {
            let whole = !named.contains_key("value");
            !named.is_empty()
                && named
                    .iter()
                    .filter(|(name, _)| whole || *name == "value" || *name == "type")
                    .all(|(name, wanted)| {
                        attribute
                            .sub(name)
                            .zip(value.get(name))
                            .is_some_and(|(sub, have)| is_equal(have, wanted, sub.kind))
                    })
        }
        (named, value) => match attribute.kind {
            Kind::Simple(kind) => is_equal(value, named, kind),
            Kind::Complex(_) => false,
        },
    }
}

fn is_equal(a: &Value, b: &Value, kind: Type) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b))
            if !matches!(kind, Type::ExactText | Type::Reference | Type::Binary) =>
        {
            text::fold(a) == text::fold(b)
        }
        _ => a == b,
    }
}

fn written(
    mut values: Vec<Value>,
    op: Op,
    attribute: &'static Attribute,
    sub: Option<&'static Sub>,
    filter: Option<&Filter>,
    value: &Value,
    missing: Missing,
) -> Result<Vec<Value>, Refusal> {
    // Beside each value, whether this operation has written it.
    let mut touched: Vec<bool> = vec![false; values.len()];
    if filter.is_none() && sub.is_none() {
        let new = match of_attribute(value, attribute)? {
            Value::Array(new) => new,
            _ => Vec::new(),
        };
        if op == Op::Replace {
            (values, touched) = (Vec::new(), Vec::new());
        }
        for one in new {
            let same = (op == Op::Add)
                .then(|| values.iter().position(|old| is_same(old, &one, attribute)))
                .flatten();
            let Some(at) = same else {
                values.push(one);
                touched.push(true);
                continue;
            };
            touched[at] = true;
            values[at] = match (values[at].take(), one) {
                (Value::Object(old), Value::Object(mut new)) => {
                    new.retain(|name, part| {
                        let both = attribute.sub(name).zip(old.get(name));
                        !both.is_some_and(|(sub, old)| is_equal(old, part, sub.kind))
                    });
                    merged(old, &new, attribute)?
                }
                (old, _) => old,
            };
        }
        return settled(values, touched, attribute);
    }
    let parts = match sub {
        Some(sub) => json!({ sub.name: of_sub(value, sub)? }),
        None => of_element(value, attribute)?,
    };
    for (at, old) in values.iter().enumerate() {
        touched[at] = is_chosen(old, attribute, filter);
    }
    if !touched.contains(&true) {
        if let Some(made) = made(&parts, attribute, filter, missing)? {
            values.push(made);
            touched.push(true);
        }
        return settled(values, touched, attribute);
    }
    for (old, _) in values.iter_mut().zip(&touched).filter(|(_, touched)| **touched) {
        *old = match (old.take(), &parts) {
            (_, Value::Null) => Value::Null,
            (Value::Object(old), Value::Object(new)) => merged(old, new, attribute)?,
            (_, new) => new.clone(),
        };
        if empties(&parts) && only_describes(old) {
            *old = Value::Null;
        }
    }
    settled(values, touched, attribute)
}

/// The value that the operation speaks of and that there is not.
fn made(
    parts: &Value,
    attribute: &'static Attribute,
    filter: Option<&Filter>,
    missing: Missing,
) -> Result<Option<Value>, Refusal> {
    let given = match parts {
        Value::Object(parts) => {
            let mut parts = parts.clone();
            parts.retain(|_, value| !value.is_null());
            if parts.is_empty() {
                Value::Null
            } else {
                Value::Object(parts)
            }
        }
        other => other.clone(),
    };
    if given.is_null() {
        return Ok(None);
    }
    let Some(filter) = filter else {
        return Ok(Some(given));
    };
    let mut described = Object::new();
    if missing == Missing::IsAnError || !describe(filter, attribute, &mut described) {
        return Err("noTarget");
    }
    Ok(Some(match given {
        Value::Object(given) => merged(described, &given, attribute)?,
        other => other,
    }))
}

/// What must be in a value for which the filter holds; not always to be told.
fn describe(filter: &Filter, attribute: &'static Attribute, value: &mut Object) -> bool {
    match filter {
        Filter::And(a, b) => describe(a, attribute, value) && describe(b, attribute, value),
        Filter::Compare(path, Operator::Eq, literal) if path.urn.is_none() && path.sub.is_none() => {
            let Some(sub) = attribute.sub(&path.attribute) else {
                return false;
            };
            let literal = match literal {
                Literal::Boolean(boolean) => Value::from(*boolean),
                Literal::Null => return false,
                Literal::Text(text) | Literal::Bare(text) | Literal::Number(text) => {
                    Value::from(text.as_str())
                }
            };
            match of_sub(&literal, sub) {
                Ok(part) if sub.written_by.is_client() && !part.is_null() => {
                    let before = value.insert(sub.name.to_owned(), part.clone());
                    before.is_none_or(|before| before == part)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// A value that is there already: the same, or one with the same `value` and `type`.
fn is_same(old: &Value, new: &Value, attribute: &Attribute) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return match attribute.kind {
            Kind::Simple(kind) => is_equal(old, new, kind),
            Kind::Complex(_) => false,
        };
    };
    let alike = |name: &str| match (attribute.sub(name), field(old, name), field(new, name)) {
        (None, ..) | (_, None, None) => true,
        (Some(sub), Some(old), Some(new)) => is_equal(old, new, sub.kind),
        _ => false,
    };
    // One that comes and goes as a whole is another one if anything that is set once differs.
    let differs = |sub: &Sub| match (field(old, sub.name), field(new, sub.name)) {
        (Some(old), Some(new)) => sub.written_by == Side::ClientOnce && !is_equal(old, new, sub.kind),
        _ => false,
    };
    let other = match attribute.kind {
        Kind::Complex(subs) => attribute.comes_whole() && subs.iter().any(differs),
        Kind::Simple(_) => false,
    };
    old == new || (!other && new.contains_key("value") && alike("value") && alike("type"))
}

/// Without those that were written and say nothing; the one that was made primary is the only one.
fn settled(
    values: Vec<Value>,
    touched: Vec<bool>,
    attribute: &'static Attribute,
) -> Result<Vec<Value>, Refusal> {
    let kept: Vec<(Value, bool)> = values
        .into_iter()
        .zip(touched)
        .filter(|(value, touched)| !(*touched && says_nothing(value)))
        .collect();
    let is_primary = |value: &Value| value["primary"] == true;
    let made_primary = kept
        .iter()
        .filter(|(value, touched)| *touched && is_primary(value))
        .count();
    if attribute.sub("primary").is_some() && made_primary > 1 {
        return Err("invalidValue");
    }
    let unmake = attribute.sub("primary").is_some() && made_primary == 1;
    Ok(kept
        .into_iter()
        .map(|(mut value, touched)| {
            if unmake && !touched && is_primary(&value) {
                value["primary"] = false.into();
            }
            value
        })
        .collect())
}
