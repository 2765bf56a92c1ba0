//! What a page says of what has just been tried.

use http::StatusCode;

use super::{apps, sso};
use crate::api::Problem;
use crate::pages::{Fields, Filled};

/// What came of it.
#[derive(Debug, Default)]
pub enum Said {
    #[default]
    Nothing,
    Done(String),
    Problem(Problem),
    /// It weighs so much that somebody has to show first that it is still the same one.
    Unproved,
}

impl Said {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Nothing | Self::Done(_) => StatusCode::OK,
            Self::Problem(problem) => problem.status(),
            Self::Unproved => StatusCode::FORBIDDEN,
        }
    }

    /// The setting that was refused.
    pub fn wrong(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => problem.setting(),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Done(text) => Some(text),
            _ => None,
        }
    }

    pub fn error(&self) -> Option<String> {
        match self {
            Self::Problem(problem) => Some(sentence(problem)),
            Self::Nothing | Self::Done(_) | Self::Unproved => None,
        }
    }

    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Problem(_) | Self::Unproved)
    }

    /// What was filled in, if it was refused: it stays there.
    pub fn kept<'f>(&self, filled: Option<&'f Filled>, nothing: &'f Fields) -> &'f Fields {
        filled
            .filter(|_| self.is_refused())
            .map_or(nothing, |filled| filled)
    }

    pub fn is_unproved(&self) -> bool {
        matches!(self, Self::Unproved)
    }
}

/// With a setting called as its field is.
fn sentence(problem: &Problem) -> String {
    let sentence = problem.sentence();
    let Some((setting, label)) = problem.setting().and_then(|name| Some((name, label(name)?))) else {
        return sentence;
    };
    match sentence.get(setting.len()..) {
        Some(reason) if reason.starts_with(": ") => format!("{label}{reason}"),
        _ => format!("{label}: {sentence}"),
    }
}

/// What the field of a setting is called.
fn label(setting: &str) -> Option<&'static str> {
    let all = [
        sso::fields::ORGANIZATION,
        sso::fields::PROVIDER,
        apps::fields::SAML,
        apps::fields::BOOKMARK,
    ];
    let mut fields = all.into_iter().flatten().flat_map(|section| section.fields);
    fields
        .find(|field| field.name == setting)
        .map(|field| field.label)
}

impl From<Result<String, Refused>> for Said {
    fn from(done: Result<String, Refused>) -> Self {
        match done {
            Ok(text) => Self::Done(text),
            Err(Refused::Problem(problem)) => Self::Problem(*problem),
            Err(Refused::Unproved) => Self::Unproved,
        }
    }
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Refused {
    Problem(Box<Problem>),
    Unproved,
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Problem(Box::new(error.into()))
    }
}
