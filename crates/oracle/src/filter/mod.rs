//! Filters (RFC 7644 §3.4.2.2) as trees: written out, made up at random, and decided.

mod evaluate;
mod generate;

use std::fmt;

pub(crate) use evaluate::holds_for_element;
pub use evaluate::{holds, is_refused};
pub use generate::{Names, Pool, random};
pub(crate) use generate::{plain, spelled, within};

/// A filter, with whatever liberties of spelling there are.
#[derive(Clone, PartialEq, Eq)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Present(Path),
    Compare(Path, Operator, Literal),
    /// A value path that stands alone.
    Some(Path),
}

/// Where the values are. Names are spelled in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub urn: Option<String>,
    pub attribute: String,
    /// What stands in brackets: its names are sub-attributes.
    pub brackets: Option<Box<Filter>>,
    pub sub: Option<String>,
    /// What stands between the URN and the name: a colon, or the dot that some clients put there.
    pub joint: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    Text(String),
    /// A text without quotation marks, as some clients write it.
    Bare(String),
    Number(String),
    Boolean(bool),
    Null,
}

impl Operator {
    pub const ALL: [Self; 9] = [
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

    fn name(self) -> &'static str {
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
    /// As a text; there is none for null.
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Bare(text) | Self::Number(text) => Some(text.clone()),
            Self::Boolean(boolean) => Some(boolean.to_string()),
            Self::Null => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Bare(text) | Self::Number(text) => f.write_str(text),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}{}", self.joint)?;
        }
        f.write_str(&self.attribute)?;
        if let Some(filter) = &self.brackets {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// As it is written: so a test that fails shows it.
impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Filter {
    /// With parentheses around whatever might be read in another order, and no others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let within_and = |f: &mut fmt::Formatter<'_>, part: &Self| match part {
            Self::Or(..) => write!(f, "({part})"),
            _ => write!(f, "{part}"),
        };
        match self {
            Self::And(a, b) => {
                within_and(f, a)?;
                f.write_str(" and ")?;
                within_and(f, b)
            }
            Self::Or(a, b) => write!(f, "{a} or {b}"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare(path, operator, literal) => write!(f, "{path} {} {literal}", operator.name()),
            Self::Some(path) => write!(f, "{path}"),
        }
    }
}
