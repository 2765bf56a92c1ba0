//! Filters (RFC 7644 §3.4.2.2): reading them, deciding them, and finding what of them an index can serve.

mod compare;
mod evaluate;
mod lookup;
mod pinned;

use std::fmt;
use std::str::FromStr;

pub use evaluate::{check, evaluate};
pub(crate) use evaluate::{check_element, matches_element, same_number, same_text};
pub use lookup::{Lookup, LookupAttribute, LookupOp, lookup, lookups};
pub use pinned::pinned;
use serde_json::Value;

use crate::path::AttributePath;
pub use crate::syntax::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS, SyntaxError};

/// A filter. Nested conjunctions are one `And`, nested disjunctions one `Or`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// `path pr`
    Present(AttributePath),
    Compare {
        path: AttributePath,
        operator: Operator,
        value: Literal,
    },
    /// `emails[type eq "work"]`: some value matches. The path has a filter and no sub-attribute.
    ValuePath(AttributePath),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    Text(String),
    /// As it was written, in JSON's form.
    Number(String),
    Boolean(bool),
    Null,
}

/// Reads a filter; the error says where it is wrong.
pub fn parse(text: &str) -> Result<Filter, SyntaxError> {
    crate::syntax::filter(text)
}

impl FromStr for Filter {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        parse(text)
    }
}

impl Filter {
    /// How many comparisons it has.
    pub fn terms(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::terms).sum(),
            Self::Not(inner) => inner.terms(),
            Self::Present(path) | Self::Compare { path, .. } | Self::ValuePath(path) => {
                1 + path.filter.as_ref().map_or(0, |inner| inner.terms())
            }
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut all = match self {
            Self::And(all) => all,
            single => vec![single],
        };
        match other {
            Self::And(more) => all.extend(more),
            single => all.push(single),
        }
        Self::And(all)
    }

    /// One or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut any = match self {
            Self::Or(any) => any,
            single => vec![single],
        };
        match other {
            Self::Or(more) => any.extend(more),
            single => any.push(single),
        }
        Self::Or(any)
    }

    /// `path eq "text"`
    pub fn eq(path: AttributePath, text: impl Into<String>) -> Self {
        Self::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::Text(text.into()),
        }
    }
}

impl Operator {
    const ALL: [Self; 9] = [
        Self::Eq,
        Self::Ne,
        Self::Co,
        Self::Sw,
        Self::Ew,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
    ];

    /// By its name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operator| operator.as_str().eq_ignore_ascii_case(name))
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

impl Literal {
    /// A value that stands without quotes: JSON's words and numbers, and any other word as the text it is.
    pub(crate) fn bare(word: &str) -> Self {
        if word.eq_ignore_ascii_case("true") {
            return Self::Boolean(true);
        }
        if word.eq_ignore_ascii_case("false") {
            return Self::Boolean(false);
        }
        if word.eq_ignore_ascii_case("null") {
            return Self::Null;
        }
        match serde_json::from_str::<Value>(word) {
            Ok(Value::Number(_)) => Self::Number(word.to_owned()),
            _ => Self::Text(word.to_owned()),
        }
    }

    /// The literal as a text to compare texts with; `None` for null.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Boolean(true) => Some("true"),
            Self::Boolean(false) => Some("false"),
            Self::Null => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => fmt::Display::fmt(&Value::from(text.as_str()), f),
            Self::Number(number) => f.write_str(number),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(all) => joined(f, all, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(any) => joined(f, any, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare {
                path,
                operator,
                value,
            } => write!(f, "{path} {} {value}", operator.as_str()),
            Self::ValuePath(path) => fmt::Display::fmt(path, f),
        }
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    connective: &str,
    needs_parentheses: fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(connective)?;
        }
        if needs_parentheses(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_read() {
        for (text, printed) in [
            ("userName eq \"anna\"", "userName eq \"anna\""),
            ("userName EQ anna@example.com", "userName eq \"anna@example.com\""),
            (
                "a eq 1 AND b pr Or not(c lt -2.5e3)",
                "a eq 1 and b pr or not (c lt -2.5e3)",
            ),
            (
                "(a pr or b pr) and (c pr and d pr)",
                "(a pr or b pr) and c pr and d pr",
            ),
            ("((((a pr))))", "a pr"),
            ("a eq TRUE or b eq null", "a eq true or b eq null"),
            (
                "emails[type eq \"work\" and value co \"@x\"]",
                "emails[type eq \"work\" and value co \"@x\"]",
            ),
            (
                "emails[type eq \"work\"] or a pr",
                "emails[type eq \"work\"] or a pr",
            ),
            (
                "emails[type eq \"work\"].value eq \"x\"",
                "emails[type eq \"work\"].value eq \"x\"",
            ),
            ("emails[not (type eq \"work\")]", "emails[not (type eq \"work\")]"),
            ("a eq \"\\u00e9\\n\"", "a eq \"é\\n\""),
            ("externalId eq 007", "externalId eq \"007\""),
            ("not pr", "not pr"),
        ] {
            assert_eq!(parse(text).expect(text).to_string(), printed);
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let filter = parse("a pr or b pr and c pr or d pr").expect("a filter");
        let Filter::Or(parts) = filter else {
            panic!("a disjunction");
        };
        assert_eq!(parts.len(), 3);
        assert!(matches!(&parts[1], Filter::And(parts) if parts.len() == 2));
    }

    #[test]
    fn errors_say_where() {
        for (text, position) in [
            ("", 0),
            ("   ", 3),
            ("userName", 8),
            ("userName eq", 11),
            ("userName is \"x\"", 9),
            ("userName eq \"x\" userName", 16),
            ("userName eq and", 12),
            ("userName eq \"x\" and", 19),
            ("(userName pr", 12),
            ("userName pr)", 11),
            ("not userName pr", 4),
            ("userName eq \"x", 12),
            ("displayName eq Babs Jensen", 20),
            ("emails[type eq \"work\"", 21),
            ("emails[type eq \"work\"].value", 28),
            ("and pr and", 10),
            ("é pr", 0),
            ("a eq (b)", 5),
        ] {
            assert_eq!(parse(text).expect_err(text).position, position, "{text:?}");
        }
    }

    #[test]
    fn nesting_and_terms_are_limited() {
        let nested = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        let terms = |count: usize| vec!["a pr"; count].join(" or ");
        assert!(parse(&terms(MAX_TERMS)).is_ok());
        assert!(parse(&terms(MAX_TERMS + 1)).is_err());
        assert!(parse(&"(".repeat(MAX_LENGTH)).is_err());
    }
}
