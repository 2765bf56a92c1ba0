//! The grammar of filters and paths (RFC 7644 §3.4.2.2 and §3.5.2): tokens, names, and a Pratt parser.
//!
//! Written by hand so that an error says where it is, and so that what clients send beside the grammar
//! (values without quotes, any white space, a dot after a URN) is understood in the same place.

mod lexer;
mod name;
mod parser;

pub(crate) use name::is_attribute_name;
pub(crate) use parser::{filter, path};

/// Characters of a filter or path.
pub const MAX_LENGTH: usize = 8_000;
/// Parentheses and brackets within each other.
pub const MAX_DEPTH: usize = 32;
/// Comparisons in one filter.
pub const MAX_TERMS: usize = 500;

/// A text that is outside the grammar, or over its limits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at position {position}: {message}")]
pub struct SyntaxError {
    /// In characters, from 0.
    pub position: usize,
    pub message: String,
}

impl SyntaxError {
    pub(crate) fn new(position: usize, message: impl Into<String>) -> Self {
        Self {
            position,
            message: message.into(),
        }
    }
}
