//! Numbers from texts, and countries (ISO 3166-1) from one code to another.

use rust_iso3166::CountryCode;

use super::value::{argument, decimal, number};
use crate::Value;
use crate::function::{Arguments, Function, Kind, Parameter};

const COUNTRY: &[Parameter] = &[Parameter::required("country")];

pub(super) static ALL: &[&Function] = &[
    &Function::new(
        "Convert.toInt",
        &[Parameter::required("value")],
        Kind::Number,
        to_int,
    ),
    &Function::new(
        "Convert.toNum",
        &[Parameter::required("value")],
        Kind::Anything,
        to_num,
    ),
    &Function::new("Iso3166Convert.toAlpha2", COUNTRY, Kind::Text, to_alpha2),
    &Function::new("Iso3166Convert.toAlpha3", COUNTRY, Kind::Text, to_alpha3),
    &Function::new("Iso3166Convert.toName", COUNTRY, Kind::Text, to_name),
    &Function::new("Iso3166Convert.toNumeric", COUNTRY, Kind::Text, to_numeric),
];

/// Rounds to the nearest, halves up.
fn to_int(arguments: &Arguments<'_>) -> Result<Value, String> {
    let value = arguments.value(0);
    if value.is_empty() {
        return Ok(Value::Null);
    }
    if let Some(whole) = value.as_number() {
        return Ok(Value::Number(whole));
    }
    let number = number(value).ok_or_else(|| not_a_number(arguments))?;
    let rounded = (number + 0.5).floor();
    format!("{rounded:.0}")
        .parse()
        .map(Value::Number)
        .map_err(|_| not_a_number(arguments))
}

fn to_num(arguments: &Arguments<'_>) -> Result<Value, String> {
    let value = arguments.value(0);
    if value.is_empty() {
        return Ok(Value::Null);
    }
    decimal(number(value).ok_or_else(|| not_a_number(arguments))?)
}

fn not_a_number(arguments: &Arguments<'_>) -> String {
    format!("{:?} is no number", argument(arguments, 0))
}

fn to_alpha2(arguments: &Arguments<'_>) -> Result<Value, String> {
    converted(arguments, |country| country.alpha2.to_owned())
}

fn to_alpha3(arguments: &Arguments<'_>) -> Result<Value, String> {
    converted(arguments, |country| country.alpha3.to_owned())
}

fn to_name(arguments: &Arguments<'_>) -> Result<Value, String> {
    converted(arguments, |country| country.name.to_owned())
}

fn to_numeric(arguments: &Arguments<'_>) -> Result<Value, String> {
    converted(arguments, |country| format!("{:03}", country.numeric))
}

fn converted(arguments: &Arguments<'_>, made: impl FnOnce(&CountryCode) -> String) -> Result<Value, String> {
    let text = argument(arguments, 0);
    let code = text.trim().to_ascii_uppercase();
    if code.is_empty() {
        return Ok(Value::Null);
    }
    let country = match (code.len(), code.parse::<u16>()) {
        (_, Ok(numeric)) => rust_iso3166::from_numeric(numeric),
        (2, _) => rust_iso3166::from_alpha2(&code),
        _ => rust_iso3166::from_alpha3(&code),
    };
    let country = country.ok_or_else(|| format!("{text:?} is no country's code (ISO 3166-1)"))?;
    Ok(Value::Text(made(&country)))
}
