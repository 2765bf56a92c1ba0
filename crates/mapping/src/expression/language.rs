//! The languages that expressions are written in.

use serde::{Deserialize, Serialize};

use super::Shape;

/// Whose language it is. The values are the same in both, and so is the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Entra,
    Okta,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Entra, Self::Okta];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Okta => "okta",
        }
    }

    /// Every function of the language.
    pub fn functions(self) -> Vec<Shape> {
        match self {
            Self::Entra => crate::function::all().iter().copied().map(Shape::of).collect(),
            Self::Okta => crate::okta::all().map(Shape::of).collect(),
        }
    }
}
