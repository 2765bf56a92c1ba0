//! Functions of texts. Positions count characters from 0. Of nothing they make nothing, save where a number or a
//! truth is asked for.

use super::value::argument;
use crate::Value;
use crate::function::{Arguments, Function, Kind, Parameter};

const INPUT: Parameter = Parameter::required("input");

/// Those without a family's name in front are the deprecated forms of the same.
pub(super) static ALL: &[&Function] = &[
    &Function::new(
        "String.append",
        &[Parameter::required("str"), Parameter::required("suffix")],
        Kind::Text,
        append,
    ),
    &Function::new(
        "String.join",
        &[Parameter::required("separator"), Parameter::required("string")],
        Kind::Text,
        join,
    )
    .repeating(1),
    &Function::new("String.len", &[INPUT], Kind::Number, len),
    &Function::new("String.removeSpaces", &[INPUT], Kind::Text, remove_spaces),
    &Function::new(
        "String.replace",
        &[
            INPUT,
            Parameter::required("match"),
            Parameter::required("replacement"),
        ],
        Kind::Text,
        replace,
    ),
    &Function::new(
        "String.replaceFirst",
        &[
            INPUT,
            Parameter::required("match"),
            Parameter::required("replacement"),
        ],
        Kind::Text,
        replace_first,
    ),
    &Function::new(
        "String.startsWith",
        &[INPUT, Parameter::required("starts")],
        Kind::Boolean,
        starts_with,
    ),
    &Function::new(
        "String.stringContains",
        &[INPUT, Parameter::required("searchString")],
        Kind::Boolean,
        contains,
    ),
    &Function::new(
        "String.stringSwitch",
        &[
            INPUT,
            Parameter::required("defaultString"),
            Parameter::required("key"),
            Parameter::required("value"),
        ],
        Kind::Text,
        switch,
    )
    .repeating(2),
    &Function::new("String.substring", SUBSTRING, Kind::Text, sub),
    &Function::new("String.substringAfter", SEARCH, Kind::Text, after),
    &Function::new("String.substringBefore", SEARCH, Kind::Text, before),
    &Function::new("String.toLowerCase", &[INPUT], Kind::Text, lower),
    &Function::new("String.toUpperCase", &[INPUT], Kind::Text, upper),
    &Function::new("substring", SUBSTRING, Kind::Text, sub),
    &Function::new("substringAfter", SEARCH, Kind::Text, after),
    &Function::new("substringBefore", SEARCH, Kind::Text, before),
    &Function::new("toLowerCase", &[INPUT], Kind::Text, lower),
    &Function::new("toUpperCase", &[INPUT], Kind::Text, upper),
];

const SEARCH: &[Parameter] = &[INPUT, Parameter::required("searchString")];

const SUBSTRING: &[Parameter] = &[
    INPUT,
    Parameter::required("startIndex").of(Kind::Number),
    Parameter::required("endIndex").of(Kind::Number),
];

/// What becomes of the first argument, if it has a value.
fn of_text(arguments: &Arguments<'_>, made: impl FnOnce(&str) -> String) -> Result<Value, String> {
    match super::value::text(arguments.value(0)) {
        None => Ok(Value::Null),
        Some(text) => Ok(Value::Text(made(&text))),
    }
}

fn append(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Text(format!(
        "{}{}",
        argument(arguments, 0),
        argument(arguments, 1)
    )))
}

fn join(arguments: &Arguments<'_>) -> Result<Value, String> {
    let separator = argument(arguments, 0);
    let parts: Vec<_> = arguments.all().skip(1).filter_map(super::value::text).collect();
    Ok(Value::Text(parts.join(&separator)))
}

fn len(arguments: &Arguments<'_>) -> Result<Value, String> {
    let count = argument(arguments, 0).chars().count();
    Ok(Value::Number(i64::try_from(count).unwrap_or(i64::MAX)))
}

fn remove_spaces(arguments: &Arguments<'_>) -> Result<Value, String> {
    of_text(arguments, |text| text.replace(' ', ""))
}

/// Texts and not patterns are replaced; an empty one is found nowhere.
fn replace(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (old, new) = (argument(arguments, 1), argument(arguments, 2));
    let Some(text) = super::value::text(arguments.value(0)) else {
        return Ok(Value::Null);
    };
    crate::function::replaced(&text, &old, &new).map(Value::Text)
}

fn replace_first(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (old, new) = (argument(arguments, 1), argument(arguments, 2));
    of_text(arguments, |text| {
        if old.is_empty() {
            text.to_owned()
        } else {
            text.replacen(&*old, &new, 1)
        }
    })
}

fn starts_with(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(
        argument(arguments, 0).starts_with(&*argument(arguments, 1)),
    ))
}

fn contains(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(
        argument(arguments, 0).contains(&*argument(arguments, 1)),
    ))
}

/// The value of the first key that occurs in the input.
fn switch(arguments: &Arguments<'_>) -> Result<Value, String> {
    let input = argument(arguments, 0);
    let pairs: Vec<&Value> = arguments.all().skip(2).collect();
    let found = pairs.chunks_exact(2).find(|pair| {
        let key = super::value::text(pair[0]).unwrap_or_default();
        if key.is_empty() {
            input.is_empty()
        } else {
            input.contains(&*key)
        }
    });
    Ok(found.map_or_else(|| arguments.value(1).clone(), |pair| pair[1].clone()))
}

/// The end is not part of it. What lies outside is left out.
fn sub(arguments: &Arguments<'_>) -> Result<Value, String> {
    let at = |index, name| -> Result<usize, String> {
        let number = arguments.number(index, name)?;
        Ok(usize::try_from(number.max(0)).unwrap_or(usize::MAX))
    };
    let (start, end) = (at(1, "startIndex")?, at(2, "endIndex")?);
    of_text(arguments, |text| text.chars().take(end).skip(start).collect())
}

/// Nothing is behind what is not found.
fn after(arguments: &Arguments<'_>) -> Result<Value, String> {
    let search = argument(arguments, 1);
    of_text(arguments, |text| {
        text.split_once(&*search)
            .map_or("", |(_, after)| after)
            .to_owned()
    })
}

/// Everything is in front of what is not found.
fn before(arguments: &Arguments<'_>) -> Result<Value, String> {
    let search = argument(arguments, 1);
    of_text(arguments, |text| {
        text.split_once(&*search)
            .map_or(text, |(before, _)| before)
            .to_owned()
    })
}

fn lower(arguments: &Arguments<'_>) -> Result<Value, String> {
    of_text(arguments, str::to_lowercase)
}

fn upper(arguments: &Arguments<'_>) -> Result<Value, String> {
    of_text(arguments, str::to_uppercase)
}
