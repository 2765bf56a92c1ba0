//! Okta's expression language (classic), a subset of Spring's: attributes such as `user.firstName`, texts in either
//! quotes, `+`, comparisons, `AND`, `OR`, `!`, `condition ? a : b`, `a ?: b`, `{1, 2}`, `list[0]`, and functions.
//!
//! ```text
//! expr     := or [ "?" expr ":" expr | "?:" expr ]
//! or       := and { ( "OR" | "||" ) and }
//! and      := compare { ( "AND" | "&&" ) compare }
//! compare  := sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "matches" ) sum ]
//! sum      := product { ( "+" | "-" ) product }
//! product  := unary { ( "*" | "/" | "%" ) unary }
//! unary    := [ "!" | "-" ] unary | postfix
//! postfix  := primary { "[" expr "]" }
//! primary  := text | number | word | list | "(" expr ")" | name { "." name } [ "(" arguments ")" ]
//! ```
//!
//! It gives the same trees as Entra ID's language, over functions of its own; operators are functions, too.
#![allow(
    clippy::unnecessary_wraps,
    reason = "all have the shape of `Body`, also those that cannot fail"
)]

mod arrays;
mod convert;
mod groups;
mod operator;
mod parse;
mod people;
mod print;
mod strings;
mod time;
mod value;

pub(crate) use parse::parse;
pub(crate) use print::print;

use crate::function::Function;

/// Every function, by family.
static FAMILIES: [&[&Function]; 6] = [
    strings::ALL,
    arrays::ALL,
    convert::ALL,
    groups::ALL,
    time::ALL,
    people::ALL,
];

pub(crate) fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.into_iter().flatten().copied()
}

/// The function of that name. Okta's names are written in one way only, but a slip of case does no harm.
fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

fn nearest(name: &str) -> Option<&'static Function> {
    find(crate::likeness::nearest(
        name,
        all().map(|function| function.name),
    )?)
}
