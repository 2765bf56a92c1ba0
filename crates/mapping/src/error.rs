//! What can be wrong with a mapping: when it is saved, and when it is evaluated.

use std::fmt;

/// A row that cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MappingError {
    /// Which row, counted from 1; 0 when it is the set as a whole.
    pub row: usize,
    /// The row's target attribute, as written.
    pub target: String,
    /// Where in the row's expression, as a 0-based character position.
    pub position: Option<usize>,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.row > 0 {
            write!(f, "mapping {} ({}): ", self.row, self.target)?;
        }
        if let Some(position) = self.position {
            write!(f, "at character {position}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// An expression that cannot be worked out for this person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct EvalError {
    /// The target attribute of the mapping, if the expression belongs to one.
    pub target: Option<String>,
    /// The function that failed.
    pub function: &'static str,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(target) = &self.target {
            write!(f, "the mapping to {target}: ")?;
        }
        write!(f, "{}: {}", self.function, self.message)
    }
}
