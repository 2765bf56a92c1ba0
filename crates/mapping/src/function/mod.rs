//! The functions of the expression language: one small file each, and the table that lists them.
//!
//! To add one, write its file with a `FUNCTION` and name it in [`ALL`].

mod append;
mod arguments;
mod coalesce;
mod iif;
mod is_null_or_empty;
mod join;
mod left;
mod mid;
mod normalize_diacritics;
mod not;
mod replace;
mod signature;
mod switch;
mod to_lower;

use std::fmt;

pub(crate) use arguments::Arguments;
pub(crate) use signature::{Parameter, Refusal};

use crate::Value;
use crate::expression::Argument;

/// Every function, by name.
static ALL: [&Function; 12] = [
    &append::FUNCTION,
    &coalesce::FUNCTION,
    &iif::FUNCTION,
    &is_null_or_empty::FUNCTION,
    &join::FUNCTION,
    &left::FUNCTION,
    &mid::FUNCTION,
    &normalize_diacritics::FUNCTION,
    &not::FUNCTION,
    &replace::FUNCTION,
    &switch::FUNCTION,
    &to_lower::FUNCTION,
];

/// A function: its signature, and what it does.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// How many of the last parameters repeat, together, without end.
    pub(crate) repeats: usize,
    /// Checks constant arguments when the expression is saved, and prepares what is costly.
    pub(crate) prepare: fn(&[Argument]) -> Result<Prepared, Refusal>,
    /// Errors are one sentence.
    pub(crate) evaluate: fn(&Arguments<'_>) -> Result<Value, String>,
}

/// What a function has made of its constant arguments.
#[derive(Debug, Clone)]
pub(crate) enum Prepared {
    Nothing,
    Pattern(regex::Regex),
}

/// For functions that have nothing to prepare.
#[allow(clippy::unnecessary_wraps, reason = "the shape of `Function::prepare`")]
fn nothing(_: &[Argument]) -> Result<Prepared, Refusal> {
    Ok(Prepared::Nothing)
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The function of that name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    ALL.into_iter()
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

/// Every name, in order.
pub(crate) fn names() -> Vec<&'static str> {
    ALL.into_iter().map(|function| function.name).collect()
}

/// The function whose name is most like a mistyped one.
pub(crate) fn nearest(name: &str) -> Option<&'static Function> {
    let name = name.to_lowercase();
    let (distance, function) = ALL
        .into_iter()
        .map(|function| (distance(&name, &function.name.to_lowercase()), function))
        .min_by_key(|(distance, _)| *distance)?;
    (distance * 2 <= function.name.len().max(4)).then_some(function)
}

/// Levenshtein's distance; the first text is cut where no name is that long.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in two.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[two.len()]
}

#[cfg(test)]
pub(crate) mod testing {
    //! For the golden tests of each function.

    use std::collections::BTreeMap;

    use crate::{EvalError, Expression, Value};

    /// Works an expression out over attributes given as text; an attribute that is not given is null.
    pub(crate) fn try_evaluate(text: &str, attributes: &[(&str, &str)]) -> Result<Value, EvalError> {
        let attributes: BTreeMap<String, Value> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect();
        Expression::parse(text).expect(text).evaluate(&attributes)
    }

    pub(crate) fn evaluate(text: &str, attributes: &[(&str, &str)]) -> Value {
        try_evaluate(text, attributes).expect(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_found_in_any_case() {
        assert!(names().is_sorted());
        for name in names() {
            assert_eq!(find(&name.to_uppercase()).expect(name).name, name);
        }
    }

    #[test]
    fn mistyped_names_find_their_neighbour() {
        for (typed, meant) in [
            ("ToLowr", Some("ToLower")),
            ("Swich", Some("Switch")),
            ("IF", Some("IIF")),
            ("IsNullorEmty", Some("IsNullOrEmpty")),
            ("normalisediacritics", Some("NormalizeDiacritics")),
            ("Concatenate", None),
        ] {
            assert_eq!(nearest(typed).map(|function| function.name), meant, "{typed}");
        }
    }
}
