//! The expression language of Entra ID's attribute mappings: functions in the manner of VBA over attributes in
//! square brackets, texts in double quotes and other functions.
//!
//! ```text
//! expr   := call | attribute | text | number | word
//! call   := name "(" [ argument { "," argument } ] ")"
//! argument := [ expr [ operator expr ] ]           (left out: omitted)
//! operator := "=" | "<>" | "<" | "<=" | ">" | ">="
//! ```
//!
//! Names of functions and attributes may be written in any case; texts are compared with regard to case.

mod compare;
mod evaluate;
mod parse;
mod print;
mod tree;

use std::fmt;

pub(crate) use evaluate::MAX_RESULT;
pub use parse::{MAX_DEPTH, MAX_LENGTH};
pub(crate) use tree::{Argument, Node};

use crate::{Attributes, EvalError, Value};

/// An expression that has been parsed and checked: its functions exist and have the arguments they need.
#[derive(Debug, Clone)]
pub struct Expression {
    root: Node,
}

/// A text that is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {message}")]
pub struct ParseError {
    /// Where, counted in characters from 0.
    pub position: usize,
    /// One sentence that says what to do.
    pub message: String,
}

impl Expression {
    /// Parses and checks. At most [`MAX_LENGTH`] characters and [`MAX_DEPTH`] functions within each other.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::parse(text).map(|root| Self { root })
    }

    /// Works it out for one person.
    pub fn evaluate(&self, attributes: &dyn Attributes) -> Result<Value, EvalError> {
        evaluate::evaluate(&self.root, attributes)
    }

    /// The names of the attributes that it reads, as written, each once.
    pub fn attributes(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.attributes(&mut names);
        names
    }
}

/// Expressions are equal when they are written alike but for spaces and the case of functions' names.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.root.alike(&other.root)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.root, f)
    }
}

impl std::str::FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}
