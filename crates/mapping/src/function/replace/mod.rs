//! `Replace(source, oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName, template)`
//!
//! What it does depends on which arguments are given; see [`Mode`].

mod substitution;

pub(crate) use substitution::text as replaced;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use regex::Regex;

use super::{Arguments, Function, Kind, Parameter, Prepared, Refusal};
use crate::expression::{Argument, Node};
use crate::{Value, regular_expression};

pub(super) static FUNCTION: Function = Function::new(
    "Replace",
    &[
        Parameter::required("source"),
        Parameter::optional("oldValue"),
        Parameter::optional("regexPattern"),
        Parameter::optional("regexGroupName"),
        Parameter::optional("replacementValue"),
        Parameter::optional("replacementAttributeName"),
        Parameter::optional("template"),
    ],
    Kind::Text,
    evaluate,
)
.preparing(prepare);

const OLD_VALUE: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

/// The five things that `Replace` can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Every oldValue in the source becomes replacementValue.
    Text,
    /// Every oldValue in template becomes the source.
    Template,
    /// Every match in the source becomes replacementValue, in which `${name}` is a group of the match.
    Match,
    /// In every match in the source, the group becomes replacementValue.
    Group,
    /// The source; if it has no value, the group of the first match in replacementAttributeName.
    Fallback,
}

/// The mode for the arguments of which `given` says that they are there.
fn mode(given: impl Fn(usize) -> bool) -> Option<Mode> {
    if given(PATTERN) {
        return match (given(GROUP), given(ATTRIBUTE), given(REPLACEMENT)) {
            (true, true, _) => Some(Mode::Fallback),
            (true, false, true) => Some(Mode::Group),
            (false, _, true) => Some(Mode::Match),
            _ => None,
        };
    }
    if !given(OLD_VALUE) {
        return None;
    }
    if given(TEMPLATE) {
        return Some(Mode::Template);
    }
    given(REPLACEMENT).then_some(Mode::Text)
}

/// An empty text in place of a pattern, group, oldValue or template is as good as none.
fn counts_as_given(index: usize, is_empty: bool) -> bool {
    !is_empty || matches!(index, REPLACEMENT | ATTRIBUTE)
}

fn prepare(arguments: &[Argument]) -> Result<Prepared, Refusal> {
    let argument = |index: usize| arguments.get(index).and_then(Option::as_ref);
    let given =
        |index| argument(index).is_some_and(|node| counts_as_given(index, node.constant_text() == Some("")));
    if mode(given).is_none() {
        return Err(Refusal {
            argument: None,
            message:
                "give oldValue with replacementValue or template, or regexPattern with replacementValue \
                      or with regexGroupName and replacementAttributeName"
                    .to_owned(),
        });
    }
    let Some(text) = argument(PATTERN)
        .and_then(Node::constant_text)
        .filter(|text| !text.is_empty())
    else {
        return Ok(Prepared::Nothing);
    };
    let pattern = regular_expression::compile(text).map_err(|message| Refusal::at(PATTERN, message))?;
    if let Some(group) = argument(GROUP)
        .and_then(Node::constant_text)
        .filter(|group| !group.is_empty())
    {
        regular_expression::group_index(&pattern, group).map_err(|message| Refusal::at(GROUP, message))?;
    }
    Ok(Prepared::Pattern(pattern))
}

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let given = |index| {
        arguments
            .given(index)
            .is_some_and(|value| counts_as_given(index, value.is_empty()))
    };
    let Some(mode) = mode(given) else {
        return Ok(arguments.value(0).clone());
    };
    let source = arguments.text(0).filter(|source| !source.is_empty());
    let text = |index| arguments.text(index).unwrap_or_default();
    let Some(source) = source else {
        return match mode {
            Mode::Fallback => {
                let pattern = pattern_of(arguments)?;
                let group = regular_expression::group_index(&pattern, &text(GROUP))?;
                let found = pattern
                    .captures(&text(ATTRIBUTE))
                    .and_then(|found| found.get(group).map(|matched| Value::text(matched.as_str())));
                Ok(found.unwrap_or_default())
            }
            _ => Ok(arguments.value(0).clone()),
        };
    };
    let replaced = match mode {
        Mode::Fallback => source.into_owned(),
        Mode::Text => substitution::text(&source, &text(OLD_VALUE), &text(REPLACEMENT))?,
        Mode::Template => substitution::text(&text(TEMPLATE), &text(OLD_VALUE), &source)?,
        Mode::Match => substitution::matches(&source, &*pattern_of(arguments)?, &text(REPLACEMENT))?,
        Mode::Group => {
            let pattern = pattern_of(arguments)?;
            let group = regular_expression::group_index(&pattern, &text(GROUP))?;
            substitution::group(&source, &pattern, group, &text(REPLACEMENT))?
        }
    };
    Ok(Value::Text(replaced))
}

/// The pattern: prepared, or from a text that depends on the person.
fn pattern_of<'a>(arguments: &Arguments<'a>) -> Result<Cow<'a, Regex>, String> {
    match arguments.prepared {
        Prepared::Pattern(pattern) => Ok(Cow::Borrowed(pattern)),
        Prepared::Nothing => {
            regular_expression::compile(&arguments.text(PATTERN).unwrap_or_default()).map(Cow::Owned)
        }
    }
}
