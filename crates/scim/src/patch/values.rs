//! Operations on multi-valued attributes: all values, those that a filter chooses, or one that is not there yet.

use serde_json::Value;

use super::{MissingTarget, Op, PatchOptions, flip, parts, seed, stated};
use crate::filter::{self, Filter};
use crate::resource::coerce::{self, At};
use crate::resource::{immutable, tree};
use crate::schema::{Attribute, AttributeTarget};
use crate::{Error, Object, dialect};

/// Carries out one operation on the attribute's values within the resource or the extension.
pub(super) fn change(
    within: &mut Object,
    target: &AttributeTarget<'_>,
    filter: Option<&Filter>,
    op: Op,
    value: Option<&Value>,
    options: PatchOptions,
) -> Result<(), Error> {
    let name = &target.attribute.name;
    let mut values = match within.get(name) {
        Some(Value::Array(values)) => values.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(single) => vec![single.clone()],
    };
    let before = values.clone();
    match (op, value) {
        (Op::Remove, _) | (_, None) => remove(&mut values, target, filter, value)?,
        (_, Some(value)) => {
            let touched = write(&mut values, target, filter, op, value, options)?;
            let lacking = match (filter, target.sub) {
                (None, None) => stated::lacking(value, &before, target.attribute)?,
                _ => Vec::new(),
            };
            let touched = drop_hollow(&mut values, &touched, &lacking);
            flip::keep_one_primary(&mut values, &touched, target.attribute)?;
        }
    }
    coerce::refuse_many(values.len(), &At::top(name))?;
    immutable::keep_in_each(&before, &mut values, target.attribute)?;
    let values = coerce::each_pair_once(values, target.attribute);
    tree::set(
        within,
        name,
        if values.is_empty() {
            Value::Null
        } else {
            values.into()
        },
    );
    Ok(())
}

/// Adds or replaces; answers which values it wrote, in order.
fn write(
    values: &mut Vec<Value>,
    target: &AttributeTarget<'_>,
    filter: Option<&Filter>,
    op: Op,
    value: &Value,
    options: PatchOptions,
) -> Result<Vec<usize>, Error> {
    let attribute = target.attribute;
    let at = At::top(&attribute.name);
    if filter.is_none() && target.sub.is_none() {
        let new = match coerce::attribute(value.clone(), attribute, &at)? {
            Value::Array(new) => new,
            _ => Vec::new(),
        };
        if op == Op::Add {
            return add(values, new, attribute);
        }
        *values = new;
        return Ok((0..values.len()).collect());
    }
    let given = if let Some(sub) = target
        .sub
        .filter(|sub| !dialect::is_packed(value, attribute, sub))
    {
        let value = coerce::attribute(value.clone(), sub, &At::below(&at, &sub.name))?;
        Value::from(Object::from_iter([(sub.name.clone(), value)]))
    } else {
        let value = dialect::single(value.clone())
            .map_err(|count| Error::invalid_value(format!("{at} must be one value here, not {count}")))?;
        coerce::element(value, attribute, &at)?
    };
    let chosen = chosen(values, attribute, filter);
    if chosen.is_empty() {
        return create(values, &given, attribute, filter, options);
    }
    if given.is_null() {
        retain_others(values, &chosen);
        return Ok(Vec::new());
    }
    let empties = given.get("value") == Some(&Value::Null);
    for &index in &chosen {
        merge(&mut values[index], given.clone(), attribute, op)?;
        if empties {
            drop_husk(&mut values[index]);
        }
    }
    Ok(chosen)
}

/// The element that a filter describes but the resource does not have.
fn create(
    values: &mut Vec<Value>,
    given: &Value,
    attribute: &Attribute,
    filter: Option<&Filter>,
    options: PatchOptions,
) -> Result<Vec<usize>, Error> {
    let (said, given) = (given, coerce::without_nulls(given.clone()));
    if given.is_null() {
        return Ok(Vec::new());
    }
    let Some(filter) = filter else {
        stated::refuse_hollow(&given, said, attribute)?;
        values.push(given);
        return Ok(vec![values.len() - 1]);
    };
    let seed = match options.missing_target {
        MissingTarget::Create => seed::element(filter, attribute),
        MissingTarget::Error => None,
    };
    let Some(mut element) = seed else {
        return Err(Error::no_target(format!(
            "{} has no value with {filter}",
            attribute.name
        )));
    };
    merge(&mut element, given, attribute, Op::Replace)?;
    stated::refuse_hollow(&element, said, attribute)?;
    values.push(element);
    Ok(vec![values.len() - 1])
}

/// Which values the filter chooses; all without one.
fn chosen(values: &[Value], attribute: &Attribute, filter: Option<&Filter>) -> Vec<usize> {
    let matches =
        |value: &Value| filter.is_none_or(|filter| filter::matches_element(filter, value, attribute));
    (0..values.len())
        .filter(|&index| matches(&values[index]))
        .collect()
}

fn retain_others(values: &mut Vec<Value>, chosen: &[usize]) {
    let mut index = 0;
    let mut next = chosen.iter().peekable();
    values.retain(|_| {
        let goes = next.next_if(|&&chosen| chosen == index).is_some();
        index += 1;
        !goes
    });
}

/// Sets the parts of a complex value; a simple value is replaced.
fn merge(value: &mut Value, given: Value, attribute: &Attribute, op: Op) -> Result<(), Error> {
    match (value, given) {
        (Value::Object(members), Value::Object(given)) => parts::merge(members, given, attribute, op),
        (value, given) => {
            *value = coerce::without_nulls(given);
            Ok(())
        }
    }
}

/// A value that was written or cleared and of which only `type` and `primary` are left says nothing: it goes.
/// One that was like that before and is stated again stays. Answers where the other touched values are now.
fn drop_hollow(values: &mut Vec<Value>, touched: &[usize], stated_again: &[Value]) -> Vec<usize> {
    let goes = |value: &Value| is_hollow(value) && !stated_again.contains(value);
    let (hollow, telling): (Vec<usize>, Vec<usize>) =
        touched.iter().partition(|&&index| goes(&values[index]));
    retain_others(values, &hollow);
    let moved = |index: usize| index - hollow.partition_point(|&gone| gone < index);
    telling.into_iter().map(moved).collect()
}

/// What is left of a value whose `value` was taken away: nothing, if the rest only describes that.
fn drop_husk(value: &mut Value) {
    if value.is_object() && value.get("value").is_none() && coerce::is_husk(value) {
        *value = Value::Null;
    }
}

pub(super) fn is_hollow(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.keys().all(|name| name == "type" || name == "primary"),
        Value::Null => true,
        _ => false,
    }
}

/// A value that is there already is not added again, in whichever case; one with the same `value` and `type` takes
/// the parts that differ.
fn add(values: &mut Vec<Value>, new: Vec<Value>, attribute: &Attribute) -> Result<Vec<usize>, Error> {
    let mut touched = Vec::new();
    for value in new {
        if let Some(index) = position(values, &value, attribute) {
            let more = parts::that_differ(&values[index], value, attribute);
            merge(&mut values[index], more, attribute, Op::Add)?;
            touched.push(index);
        } else {
            values.push(value);
            touched.push(values.len() - 1);
        }
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(touched)
}

/// Where a value is: rather one whose immutable parts it has, too, and only such a one if values come whole.
fn position(values: &[Value], new: &Value, attribute: &Attribute) -> Option<usize> {
    let same: Vec<usize> = (0..values.len())
        .filter(|&index| is_same(&values[index], new, attribute))
        .collect();
    let best = same.iter().find(|&&index| agrees(&values[index], new, attribute));
    let other = same.first().filter(|_| !attribute.comes_whole());
    best.or(other).copied()
}

fn is_same(old: &Value, new: &Value, attribute: &Attribute) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return same_simple(old, new, attribute);
    };
    if old == new {
        return true;
    }
    let same_part = |name: &str| {
        let Some(sub) = attribute.sub_attribute(name) else {
            return true;
        };
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => same_simple(old, new, sub),
            (None, None) => true,
            _ => false,
        }
    };
    new.contains_key("value") && same_part("value") && same_part("type")
}

/// Whether nothing that is immutable has another value in each.
fn agrees(old: &Value, new: &Value, attribute: &Attribute) -> bool {
    let mut immutable = attribute.sub_attributes.iter().filter(|sub| sub.is_immutable());
    !immutable.any(|sub| immutable::is_another(old, new, sub))
}

fn same_simple(a: &Value, b: &Value, attribute: &Attribute) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => filter::same_text(a, b, attribute),
        _ => a == b,
    }
}

/// Removes values, or a sub-attribute of them. `value`, which the RFC does not have here, names the values that go.
fn remove(
    values: &mut Vec<Value>,
    target: &AttributeTarget<'_>,
    filter: Option<&Filter>,
    value: Option<&Value>,
) -> Result<(), Error> {
    let attribute = target.attribute;
    let mut going = chosen(values, attribute, filter);
    let of_a_list = target.sub.is_some_and(|sub| sub.multi_valued);
    if let Some(value) = value.filter(|value| !value.is_null() && !of_a_list) {
        let named = named(value, target)?;
        going.retain(|&index| {
            named
                .iter()
                .any(|named| is_named(&values[index], named, attribute))
        });
        if target.sub.is_none_or(|sub| sub.name == "value") {
            retain_others(values, &going);
            return Ok(());
        }
    }
    let Some(sub) = target.sub else {
        retain_others(values, &going);
        return Ok(());
    };
    for &index in &going {
        if let Value::Object(members) = &mut values[index] {
            parts::remove(members, sub, attribute, value)?;
        }
        if sub.name == "value" {
            drop_husk(&mut values[index]);
        }
    }
    drop_hollow(values, &going, &[]);
    Ok(())
}

fn named(value: &Value, target: &AttributeTarget<'_>) -> Result<Vec<Value>, Error> {
    let attribute = target.attribute;
    let at = At::top(&attribute.name);
    let Some(sub) = target.sub else {
        return Ok(match coerce::attribute(value.clone(), attribute, &at)? {
            Value::Array(named) => named,
            _ => Vec::new(),
        });
    };
    dialect::several(value.clone())
        .into_iter()
        .map(|value| {
            if dialect::is_packed(&value, attribute, sub) {
                return coerce::element(value, attribute, &at);
            }
            let value = coerce::attribute(value, sub, &At::below(&at, &sub.name))?;
            Ok(Value::from(Object::from_iter([(sub.name.clone(), value)])))
        })
        .collect()
}

/// Whether all that is said of the named value is true of this one.
fn is_named(value: &Value, named: &Value, attribute: &Attribute) -> bool {
    let (Value::Object(value), Value::Object(named)) = (value, named) else {
        return same_simple(value, named, attribute);
    };
    // Where the value itself is named, and the like, what else is said of it need not be as it is here.
    let counts = |name: &str| !named.contains_key("value") || name == "value" || name == "type";
    !named.is_empty()
        && named
            .iter()
            .filter(|(name, _)| counts(name))
            .all(|(name, wanted)| {
                let sub = attribute.sub_attribute(name);
                match (value.get(name), sub) {
                    (Some(value), Some(sub)) => same_simple(value, wanted, sub),
                    _ => false,
                }
            })
}
