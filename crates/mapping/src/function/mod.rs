//! The functions of the expression language: one small file each, and the table that lists them.
//!
//! To add one, write its file with a `FUNCTION` and name it in [`ALL`].
#![allow(
    clippy::unnecessary_wraps,
    reason = "all have the shape of `Body`, also those that cannot fail"
)]

mod app_role_assignments;
mod app_role_assignments_complex;
mod append;
mod arguments;
mod assertive_app_role_assignments_complex;
mod bit_and;
mod c_bool;
mod c_date;
mod c_str;
mod coalesce;
mod convert_to_base64;
mod convert_to_utf8_hex;
mod count;
mod date_add;
mod date_diff;
mod date_from_num;
mod default_domain;
mod format_date_time;
mod guid;
mod ignore_flow_if_null_or_empty;
mod iif;
mod in_str;
mod is_null;
mod is_null_or_empty;
mod is_present;
mod is_string;
mod item;
mod join;
mod left;
mod mid;
mod normalize_diacritics;
mod not;
mod now;
mod num_from_date;
mod p_case;
mod random;
mod random_string;
mod redact;
mod remove_duplicates;
mod replace;
mod select_unique_value;
mod signature;
mod single_app_role_assignment;
mod split;
mod strip_spaces;
mod switch;
mod to_lower;
mod to_upper;
mod word;

use std::fmt;

pub(crate) use arguments::Arguments;
pub(crate) use random::Random;
pub(crate) use replace::replaced;
pub(crate) use signature::{Kind, Parameter, Refusal};

use crate::expression::Argument;
pub(crate) use crate::expression::Branches;
use crate::{EvalError, Value};

/// Every function, by name.
static ALL: [&Function; 46] = [
    &append::FUNCTION,
    &app_role_assignments::FUNCTION,
    &app_role_assignments_complex::FUNCTION,
    &assertive_app_role_assignments_complex::FUNCTION,
    &bit_and::FUNCTION,
    &c_bool::FUNCTION,
    &c_date::FUNCTION,
    &coalesce::FUNCTION,
    &convert_to_base64::FUNCTION,
    &convert_to_utf8_hex::FUNCTION,
    &count::FUNCTION,
    &c_str::FUNCTION,
    &date_add::FUNCTION,
    &date_diff::FUNCTION,
    &date_from_num::FUNCTION,
    &default_domain::FUNCTION,
    &format_date_time::FUNCTION,
    &guid::FUNCTION,
    &ignore_flow_if_null_or_empty::FUNCTION,
    &iif::FUNCTION,
    &in_str::FUNCTION,
    &is_null::FUNCTION,
    &is_null_or_empty::FUNCTION,
    &is_present::FUNCTION,
    &is_string::FUNCTION,
    &item::FUNCTION,
    &join::FUNCTION,
    &left::FUNCTION,
    &mid::FUNCTION,
    &normalize_diacritics::FUNCTION,
    &not::FUNCTION,
    &now::FUNCTION,
    &num_from_date::FUNCTION,
    &p_case::FUNCTION,
    &random_string::FUNCTION,
    &redact::FUNCTION,
    &remove_duplicates::FUNCTION,
    &replace::FUNCTION,
    &select_unique_value::FUNCTION,
    &single_app_role_assignment::FUNCTION,
    &split::FUNCTION,
    &strip_spaces::FUNCTION,
    &switch::FUNCTION,
    &to_lower::FUNCTION,
    &to_upper::FUNCTION,
    &word::FUNCTION,
];

/// A function: its signature, and what it does.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// How many of the last parameters repeat, together, without end.
    pub(crate) repeats: usize,
    /// What kind of value it gives.
    pub(crate) result: Kind,
    /// Checks constant arguments when the expression is saved, and prepares what is costly.
    pub(crate) prepare: fn(&[Argument]) -> Result<Prepared, Refusal>,
    pub(crate) body: Body,
    /// Attributes that it reads besides its arguments.
    pub(crate) reads: &'static [&'static str],
    /// Whether the first argument only says which of the others counts.
    pub(crate) is_conditional: bool,
    nature: Nature,
}

/// How a function is worked out. Errors are one sentence.
pub(crate) enum Body {
    /// From the values of all its arguments.
    Eager(fn(&Arguments<'_>) -> Result<Value, String>),
    /// From those arguments that it asks for.
    Lazy(fn(&Branches<'_>) -> Result<Value, EvalError>),
}

/// What sets a function apart from those that only make a value from values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    Plain,
    /// May give another value the next time: as time goes by, or with other keys.
    Fleeting,
    /// Its result is not to be shown.
    Secret,
    /// Gives candidates from which the target's state chooses. Only as the outermost function.
    Candidates,
}

/// What a function has made of its constant arguments.
#[derive(Debug, Clone)]
pub(crate) enum Prepared {
    Nothing,
    Pattern(regex::Regex),
}

impl Function {
    pub(crate) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        result: Kind,
        evaluate: fn(&Arguments<'_>) -> Result<Value, String>,
    ) -> Self {
        Self::with_body(name, parameters, result, Body::Eager(evaluate))
    }

    pub(crate) const fn lazy(
        name: &'static str,
        parameters: &'static [Parameter],
        result: Kind,
        choose: fn(&Branches<'_>) -> Result<Value, EvalError>,
    ) -> Self {
        Self::with_body(name, parameters, result, Body::Lazy(choose))
    }

    const fn with_body(
        name: &'static str,
        parameters: &'static [Parameter],
        result: Kind,
        body: Body,
    ) -> Self {
        Self {
            name,
            parameters,
            repeats: 0,
            result,
            prepare: nothing,
            body,
            reads: &[],
            is_conditional: false,
            nature: Nature::Plain,
        }
    }

    pub(crate) const fn repeating(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    pub(crate) const fn preparing(mut self, prepare: fn(&[Argument]) -> Result<Prepared, Refusal>) -> Self {
        self.prepare = prepare;
        self
    }

    pub(crate) const fn being(mut self, nature: Nature) -> Self {
        self.nature = nature;
        self
    }

    pub(crate) const fn reading(mut self, attributes: &'static [&'static str]) -> Self {
        self.reads = attributes;
        self
    }

    pub(crate) const fn conditional(mut self) -> Self {
        self.is_conditional = true;
        self
    }

    pub(crate) fn is_fleeting(&self) -> bool {
        self.nature == Nature::Fleeting
    }

    pub(crate) fn is_secret(&self) -> bool {
        self.nature == Nature::Secret
    }

    pub(crate) fn gives_candidates(&self) -> bool {
        self.nature == Nature::Candidates
    }
}

/// For functions that have nothing to prepare.
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

/// A function as the documentation shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shape {
    pub name: &'static str,
    /// `Switch(source, defaultValue, key, value, …)`.
    pub usage: String,
}

impl Shape {
    pub(crate) fn of(function: &Function) -> Self {
        Self {
            name: function.name,
            usage: function.usage(),
        }
    }
}

/// Every function, by name.
pub(crate) fn all() -> &'static [&'static Function] {
    &ALL
}

/// The function whose name is most like a mistyped one.
pub(crate) fn nearest(name: &str) -> Option<&'static Function> {
    let nearest = crate::likeness::nearest(name, ALL.iter().map(|function| function.name))?;
    find(nearest)
}

#[cfg(test)]
pub(crate) mod testing {
    //! For the golden tests of each function.

    use std::collections::BTreeMap;

    use crate::{EvalError, Evaluated, Expression, Still, Value};

    /// Works an expression out over attributes given as text; an attribute that is not given is null.
    pub(crate) fn try_evaluate(text: &str, attributes: &[(&str, &str)]) -> Result<Value, EvalError> {
        let attributes: Vec<(&str, Value)> = attributes
            .iter()
            .map(|(name, value)| (*name, Value::from(*value)))
            .collect();
        evaluated(text, &attributes, Still::default()).map(|evaluated| evaluated.value)
    }

    pub(crate) fn evaluate(text: &str, attributes: &[(&str, &str)]) -> Value {
        try_evaluate(text, attributes).expect(text)
    }

    /// Over one list, which the attribute `list` holds.
    pub(crate) fn evaluate_list(text: &str, items: &[&str]) -> Value {
        let list = Value::List(items.iter().map(|item| (*item).to_owned()).collect());
        evaluated(text, &[("list", list)], Still::default())
            .expect(text)
            .value
    }

    pub(crate) fn evaluated(
        text: &str,
        attributes: &[(&str, Value)],
        still: Still,
    ) -> Result<Evaluated, EvalError> {
        let attributes: BTreeMap<String, Value> = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        Expression::parse(text)
            .expect(text)
            .evaluate(&attributes, &still, "test")
    }

    /// Why a text is refused when it is saved, and at which character.
    pub(crate) fn refusal(text: &str) -> (usize, String) {
        let error = Expression::parse(text).expect_err(text);
        (error.position, error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_found_in_any_case() {
        let names: Vec<_> = all().iter().map(|function| function.name).collect();
        assert!(names.is_sorted_by_key(|name| name.to_lowercase()));
        for name in names {
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
