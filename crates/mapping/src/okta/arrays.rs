//! Functions of arrays. A text with commas counts as one; nothing is an array without items.

use super::value::{argument, array, list};
use crate::Value;
use crate::function::{Arguments, Function, Kind, Parameter};

const ARRAY: Parameter = Parameter::required("array");
const WITH_VALUE: &[Parameter] = &[ARRAY, Parameter::required("value")];

pub(super) static ALL: &[&Function] = &[
    &Function::new("Arrays.add", WITH_VALUE, Kind::List, add),
    &Function::new("Arrays.clear", &[ARRAY], Kind::List, clear),
    &Function::new("Arrays.contains", WITH_VALUE, Kind::Boolean, contains),
    &Function::new(
        "Arrays.flatten",
        &[Parameter::required("value")],
        Kind::List,
        flatten,
    )
    .repeating(1),
    &Function::new(
        "Arrays.get",
        &[ARRAY, Parameter::required("position").of(Kind::Number)],
        Kind::Text,
        get,
    ),
    &Function::new("Arrays.isEmpty", &[ARRAY], Kind::Boolean, is_empty),
    &Function::new("Arrays.remove", WITH_VALUE, Kind::List, remove),
    &Function::new("Arrays.size", &[ARRAY], Kind::Number, size),
    &Function::new("Arrays.toCsvString", &[ARRAY], Kind::Text, to_csv_string),
];

fn items(arguments: &Arguments<'_>) -> Vec<String> {
    array(arguments.value(0))
}

fn add(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut items = items(arguments);
    items.push(argument(arguments, 1).into_owned());
    Ok(list(items))
}

fn clear(_: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Null)
}

fn contains(arguments: &Arguments<'_>) -> Result<Value, String> {
    let wanted = argument(arguments, 1);
    Ok(Value::Boolean(
        items(arguments).iter().any(|item| *item == wanted),
    ))
}

fn flatten(arguments: &Arguments<'_>) -> Result<Value, String> {
    let all = arguments.all().flat_map(|value| match value {
        Value::Boolean(_) => super::value::text(value).into_iter().map(Into::into).collect(),
        other => other.items().into_iter().map(Into::into).collect::<Vec<String>>(),
    });
    Ok(list(all.collect()))
}

/// The first has the position 0; nothing beyond the last.
fn get(arguments: &Arguments<'_>) -> Result<Value, String> {
    let position = arguments.number(1, "position")?;
    let item = usize::try_from(position)
        .ok()
        .and_then(|position| items(arguments).into_iter().nth(position));
    Ok(item.map_or(Value::Null, Value::Text))
}

fn is_empty(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(arguments.value(0).is_empty()))
}

/// Every item that is the value.
fn remove(arguments: &Arguments<'_>) -> Result<Value, String> {
    let unwanted = argument(arguments, 1);
    let mut items = items(arguments);
    items.retain(|item| *item != unwanted);
    Ok(list(items))
}

fn size(arguments: &Arguments<'_>) -> Result<Value, String> {
    if arguments.value(0).is_empty() {
        return Ok(Value::Number(0));
    }
    Ok(Value::Number(
        i64::try_from(items(arguments).len()).unwrap_or(i64::MAX),
    ))
}

fn to_csv_string(arguments: &Arguments<'_>) -> Result<Value, String> {
    let items = items(arguments);
    Ok(if items.is_empty() {
        Value::Null
    } else {
        Value::Text(items.join(","))
    })
}
