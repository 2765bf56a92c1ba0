//! Functions of times. Their own form is ISO 8601 in UTC with milliseconds; patterns are Joda's.

use jiff::tz::TimeZone;

use super::value::argument;
use crate::Value;
use crate::date::{DateTime, Pattern, joda_pattern};
use crate::expression::{Argument, Node};
use crate::function::{Arguments, Function, Kind, Nature, Parameter, Prepared, Refusal};

const TIME: Parameter = Parameter::required("time");
const WITH_FORMAT: &[Parameter] = &[TIME, Parameter::required("format")];

pub(super) static ALL: &[&Function] = &[
    &Function::new(
        "Time.fromIso8601ToString",
        WITH_FORMAT,
        Kind::Text,
        from_iso_to_string,
    )
    .preparing(prepare),
    &Function::new("Time.fromIso8601ToUnix", &[TIME], Kind::Text, from_iso_to_unix),
    &Function::new(
        "Time.fromIso8601ToWindows",
        &[TIME],
        Kind::Text,
        from_iso_to_windows,
    ),
    &Function::new(
        "Time.fromStringToIso8601",
        WITH_FORMAT,
        Kind::Date,
        from_string_to_iso,
    )
    .preparing(prepare),
    &Function::new("Time.fromUnixToIso8601", &[TIME], Kind::Date, from_unix_to_iso),
    &Function::new(
        "Time.fromWindowsToIso8601",
        &[TIME],
        Kind::Date,
        from_windows_to_iso,
    ),
    &Function::new(
        "Time.now",
        &[Parameter::optional("timeZoneId"), Parameter::optional("format")],
        Kind::Date,
        now,
    )
    .preparing(prepare)
    .being(Nature::Fleeting),
];

/// The format is always the second argument.
const FORMAT: usize = 1;

fn prepare(arguments: &[Argument]) -> Result<Prepared, Refusal> {
    let format = arguments.get(FORMAT).and_then(Option::as_ref);
    if let Some(text) = format.and_then(Node::constant_text) {
        joda_pattern(text).map_err(|message| Refusal::at(FORMAT, message))?;
    }
    Ok(Prepared::Nothing)
}

fn iso() -> Result<Pattern, String> {
    joda_pattern("yyyy-MM-dd'T'HH:mm:ss.SSSZZ")
}

/// As the language writes times: with `Z` for UTC.
fn written(time: DateTime, zone: &TimeZone) -> Result<Value, String> {
    let text = iso()?.print_in(time, zone)?;
    Ok(Value::Text(match text.strip_suffix("+00:00") {
        Some(utc) => format!("{utc}Z"),
        None => text,
    }))
}

fn now(arguments: &Arguments<'_>) -> Result<Value, String> {
    let time = DateTime::of_timestamp(arguments.now())?;
    let zone = match argument(arguments, 0).trim() {
        "" => TimeZone::UTC,
        name => TimeZone::get(name).map_err(|_| format!("there is no time zone {name:?}"))?,
    };
    match argument(arguments, FORMAT).as_ref() {
        "" => written(time, &zone),
        format => joda_pattern(format)?.print_in(time, &zone).map(Value::Text),
    }
}

fn number(arguments: &Arguments<'_>) -> Result<Option<i64>, String> {
    arguments.optional_number(0, "time")
}

fn from_windows_to_iso(arguments: &Arguments<'_>) -> Result<Value, String> {
    match number(arguments)? {
        None => Ok(Value::Null),
        Some(count) => written(DateTime::of_filetime(count)?, &TimeZone::UTC),
    }
}

fn from_unix_to_iso(arguments: &Arguments<'_>) -> Result<Value, String> {
    match number(arguments)? {
        None => Ok(Value::Null),
        Some(seconds) => written(DateTime::of_unix_seconds(seconds)?, &TimeZone::UTC),
    }
}

fn from_string_to_iso(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = argument(arguments, 0);
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let format = argument(arguments, FORMAT);
    let read = joda_pattern(&format)?
        .parse(text.trim())
        .unwrap_or_else(|| Err(format!("{text:?} is not of the form {format:?}")))?;
    written(read, &TimeZone::UTC)
}

fn from_iso_to_string(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(time) = arguments.date(0)? else {
        return Ok(Value::Null);
    };
    let pattern = joda_pattern(&argument(arguments, FORMAT))?;
    Ok(Value::Text(pattern.print(time)))
}

fn from_iso_to_unix(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(time) = arguments.date(0)? else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(time.unix_seconds()?.to_string()))
}

fn from_iso_to_windows(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(time) = arguments.date(0)? else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(time.filetime()?.to_string()))
}
