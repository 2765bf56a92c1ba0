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
mod cursor;
mod evaluate;
mod language;
mod parse;
mod print;
mod tree;

use std::fmt;

pub(crate) use cursor::{Cursor, characters};
pub use evaluate::Evaluated;
pub(crate) use evaluate::{Branches, MAX_RESULT, Scene};
pub use parse::{MAX_DEPTH, MAX_LENGTH};
pub(crate) use tree::{Argument, Node};

pub use crate::function::Shape;
pub use language::Language;

use crate::{Ambient, Attributes, EvalError};

/// An expression that has been parsed and checked: its functions exist and have the arguments they need.
#[derive(Debug, Clone)]
pub struct Expression {
    language: Language,
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

impl ParseError {
    pub(crate) fn at(position: usize, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { position, message }
    }
}

impl Expression {
    /// Parses and checks an expression of Entra ID's language. At most [`MAX_LENGTH`] characters and [`MAX_DEPTH`]
    /// functions within each other.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_as(Language::Entra, text)
    }

    /// The same for either language.
    pub fn parse_as(language: Language, text: &str) -> Result<Self, ParseError> {
        let root = match language {
            Language::Entra => parse::parse(text),
            Language::Okta => crate::okta::parse(text),
        };
        root.map(|root| Self { language, root })
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Works it out for one person. `place` tells its random values from those of other expressions: the target
    /// attribute.
    pub fn evaluate(
        &self,
        attributes: &dyn Attributes,
        ambient: &dyn Ambient,
        place: &str,
    ) -> Result<Evaluated, EvalError> {
        evaluate::evaluate(&self.root, attributes, ambient, place)
    }

    /// Whether it may give another value the next time, by time or chance, other than by a condition that comes to
    /// hold or not.
    pub fn is_fleeting(&self) -> bool {
        self.root.is_fleeting()
    }

    /// Whether its value is not to be shown: `Redact` stands in it.
    pub fn is_secret(&self) -> bool {
        self.root.is_secret()
    }

    /// Whether it gives the elements of a multi-valued attribute with all their sub-attributes, such as `roles`.
    pub fn is_complex(&self) -> bool {
        self.root.is_complex()
    }

    /// Whether the target's state chooses among several values: it is a `SelectUniqueValue`.
    pub fn gives_candidates(&self) -> bool {
        matches!(&self.root, Node::Call { function, .. } if function.gives_candidates())
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
        self.language == other.language && self.root.alike(&other.root)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.language {
            Language::Entra => fmt::Display::fmt(&self.root, f),
            Language::Okta => crate::okta::print(&self.root, f),
        }
    }
}

impl std::str::FromStr for Expression {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}
