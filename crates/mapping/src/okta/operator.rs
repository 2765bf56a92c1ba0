//! Operators, as functions without a name that could be called.

use super::value::{decimal, holds, number, text};
use crate::expression::Branches;
use crate::function::{Arguments, Function, Kind, Parameter};
use crate::{EvalError, Value, regular_expression};

const ONE: &[Parameter] = &[Parameter::required("value")];
const TWO: &[Parameter] = &[Parameter::required("left"), Parameter::required("right")];

const fn operator(
    symbol: &'static str,
    result: Kind,
    evaluate: fn(&Arguments<'_>) -> Result<Value, String>,
) -> Function {
    Function::new(symbol, TWO, result, evaluate)
}

pub(super) static PLUS: Function = operator("+", Kind::Anything, plus).repeating(1);
pub(super) static MINUS: Function = operator("-", Kind::Anything, minus);
pub(super) static TIMES: Function = operator("*", Kind::Anything, times);
pub(super) static DIVIDED: Function = operator("/", Kind::Anything, divided);
pub(super) static REMAINDER: Function = operator("%", Kind::Anything, remainder);
pub(super) static EQUAL: Function = operator("==", Kind::Boolean, equal);
pub(super) static NOT_EQUAL: Function = operator("!=", Kind::Boolean, not_equal);
pub(super) static LESS: Function = operator("<", Kind::Boolean, less);
pub(super) static LESS_OR_EQUAL: Function = operator("<=", Kind::Boolean, less_or_equal);
pub(super) static GREATER: Function = operator(">", Kind::Boolean, greater);
pub(super) static GREATER_OR_EQUAL: Function = operator(">=", Kind::Boolean, greater_or_equal);
pub(super) static MATCHES: Function = operator("matches", Kind::Boolean, matches);
pub(super) static AND: Function = Function::lazy("AND", TWO, Kind::Boolean, and).repeating(1);
pub(super) static OR: Function = Function::lazy("OR", TWO, Kind::Boolean, or).repeating(1);
pub(super) static NOT: Function = Function::new("!", ONE, Kind::Boolean, not);
pub(super) static NEGATIVE: Function = Function::new("negative", ONE, Kind::Anything, negative);
pub(super) static CHOOSE: Function = Function::lazy(
    "?",
    &[
        Parameter::required("condition"),
        Parameter::required("valueIfTrue"),
        Parameter::required("valueIfFalse"),
    ],
    Kind::Anything,
    choose,
)
.conditional();
pub(super) static ELVIS: Function = Function::lazy("?:", TWO, Kind::Anything, elvis).repeating(1);
pub(super) static INDEX: Function = Function::new("[]", TWO, Kind::Anything, index);
pub(super) static LIST: Function =
    Function::new("{}", &[Parameter::optional("item")], Kind::List, list).repeating(1);

/// Adds numbers; joins everything else as texts, of which nothing is an empty one.
fn plus(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut sum = arguments.value(0).clone();
    for next in arguments.all().skip(1) {
        sum = match (&sum, next) {
            (Value::Number(one), Value::Number(two)) => {
                Value::Number(one.checked_add(*two).ok_or("the sum is too large")?)
            }
            (Value::Number(_) | Value::Decimal(_), Value::Number(_) | Value::Decimal(_)) => {
                decimal(number(&sum).unwrap_or_default() + number(next).unwrap_or_default())?
            }
            (one, two) => Value::Text(format!(
                "{}{}",
                text(one).unwrap_or_default(),
                text(two).unwrap_or_default()
            )),
        };
    }
    Ok(sum)
}

fn whole(arguments: &Arguments<'_>) -> Option<(i64, i64)> {
    match (arguments.value(0), arguments.value(1)) {
        (Value::Number(one), Value::Number(two)) => Some((*one, *two)),
        _ => None,
    }
}

fn numbers(arguments: &Arguments<'_>) -> Result<(f64, f64), String> {
    let read = |index: usize| {
        let value = arguments.value(index);
        number(value).ok_or_else(|| match text(value) {
            Some(text) => format!("{text:?} is no number"),
            None => "a number has no value".to_owned(),
        })
    };
    Ok((read(0)?, read(1)?))
}

/// Of whole numbers exactly, else with fractions.
fn reckon(
    arguments: &Arguments<'_>,
    exact: fn(i64, i64) -> Option<i64>,
    inexact: fn(f64, f64) -> f64,
) -> Result<Value, String> {
    if let Some((one, two)) = whole(arguments) {
        return exact(one, two)
            .map(Value::Number)
            .ok_or_else(|| "the result is no number".to_owned());
    }
    let (one, two) = numbers(arguments)?;
    decimal(inexact(one, two))
}

fn minus(arguments: &Arguments<'_>) -> Result<Value, String> {
    reckon(arguments, i64::checked_sub, |one, two| one - two)
}

fn times(arguments: &Arguments<'_>) -> Result<Value, String> {
    reckon(arguments, i64::checked_mul, |one, two| one * two)
}

fn divided(arguments: &Arguments<'_>) -> Result<Value, String> {
    reckon(arguments, i64::checked_div, |one, two| one / two)
}

fn remainder(arguments: &Arguments<'_>) -> Result<Value, String> {
    reckon(arguments, i64::checked_rem, |one, two| one % two)
}

fn negative(arguments: &Arguments<'_>) -> Result<Value, String> {
    match arguments.value(0) {
        Value::Number(number) => number
            .checked_neg()
            .map(Value::Number)
            .ok_or_else(|| "too large".to_owned()),
        other => decimal(-number(other).ok_or("a - stands in front of what is no number")?),
    }
}

/// Nothing equals nothing and an empty text: a value that was never there and one that is gone are the same here.
/// Numbers are compared as such if either side is one.
fn are_equal(one: &Value, two: &Value) -> bool {
    if one.is_empty() || two.is_empty() {
        return one.is_empty() && two.is_empty();
    }
    let is_number = |value: &Value| matches!(value, Value::Number(_) | Value::Decimal(_));
    if is_number(one) || is_number(two) {
        return number(one)
            .zip(number(two))
            .is_some_and(|(one, two)| one.total_cmp(&two).is_eq());
    }
    if let (Value::Boolean(_), _) | (_, Value::Boolean(_)) = (one, two) {
        return one.as_boolean() == two.as_boolean();
    }
    one.items() == two.items()
}

fn equal(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(are_equal(arguments.value(0), arguments.value(1))))
}

fn not_equal(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(!are_equal(arguments.value(0), arguments.value(1))))
}

/// As numbers if both are, else as texts. With nothing there is no order.
fn order(arguments: &Arguments<'_>, holds: fn(std::cmp::Ordering) -> bool) -> Result<Value, String> {
    let (one, two) = (arguments.value(0), arguments.value(1));
    let ordering = match number(one).zip(number(two)) {
        Some((one, two)) => Some(one.total_cmp(&two)),
        None => text(one).zip(text(two)).map(|(one, two)| one.cmp(&two)),
    };
    Ok(Value::Boolean(ordering.is_some_and(holds)))
}

fn less(arguments: &Arguments<'_>) -> Result<Value, String> {
    order(arguments, std::cmp::Ordering::is_lt)
}

fn less_or_equal(arguments: &Arguments<'_>) -> Result<Value, String> {
    order(arguments, std::cmp::Ordering::is_le)
}

fn greater(arguments: &Arguments<'_>) -> Result<Value, String> {
    order(arguments, std::cmp::Ordering::is_gt)
}

fn greater_or_equal(arguments: &Arguments<'_>) -> Result<Value, String> {
    order(arguments, std::cmp::Ordering::is_ge)
}

/// The whole text, as Java has it.
fn matches(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (one, pattern) = (
        text(arguments.value(0)),
        text(arguments.value(1)).unwrap_or_default(),
    );
    let pattern = regular_expression::compile(&format!("^(?:{pattern})$"))?;
    Ok(Value::Boolean(one.is_some_and(|text| pattern.is_match(&text))))
}

fn not(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(!holds(arguments.value(0))))
}

fn and(branches: &Branches<'_>) -> Result<Value, EvalError> {
    for index in 0..branches.len() {
        if !holds(&branches.value(index)?) {
            return Ok(Value::Boolean(false));
        }
    }
    Ok(Value::Boolean(true))
}

fn or(branches: &Branches<'_>) -> Result<Value, EvalError> {
    for index in 0..branches.len() {
        if holds(&branches.value(index)?) {
            return Ok(Value::Boolean(true));
        }
    }
    Ok(Value::Boolean(false))
}

fn choose(branches: &Branches<'_>) -> Result<Value, EvalError> {
    let branch = if holds(&branches.value(0)?) { 1 } else { 2 };
    branches.value(branch)
}

/// The first that has a value.
fn elvis(branches: &Branches<'_>) -> Result<Value, EvalError> {
    for index in 0..branches.len() {
        let value = branches.value(index)?;
        if !value.is_empty() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

/// The first item has the index 0; nothing beyond the last.
fn index(arguments: &Arguments<'_>) -> Result<Value, String> {
    let index = arguments.number(1, "the index")?;
    let items = arguments.value(0).items();
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| items.into_iter().nth(index));
    Ok(item.map_or(Value::Null, |item| Value::Text(item.into_owned())))
}

fn list(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(super::value::list(
        arguments.all().filter_map(text).map(Into::into).collect(),
    ))
}
