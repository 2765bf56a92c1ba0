//! What a change says of a text that may be missing.

use serde::{Deserialize, Deserializer};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing: it stays as it is.
    #[default]
    Left,
    /// `null`.
    Cleared,
    Written(String),
}

impl<'de> Deserialize<'de> for Wish {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::deserialize(deserializer)?;
        Ok(text.map_or(Self::Cleared, Self::Written))
    }
}
