//! What a page says of what has just been tried.

use http::StatusCode;

use super::form::Section;
use crate::api::Problem;
use crate::pages::{Fields, Filled};

const STALE: &str = "You have signed in anew since this page was opened. What was filled in stands here still: look at it, and save \
                     once more.";

/// What came of it.
#[derive(Debug, Default)]
pub enum Said {
    #[default]
    Nothing,
    Done(String),
    Problem {
        problem: Problem,
        /// What the field is called that is wrong.
        label: Option<&'static str>,
    },
    /// It weighs so much that somebody has to show first that it is still the same one.
    Unproved,
    /// The form is from before somebody has signed in anew.
    Stale,
}

impl Said {
    /// The same of a page with these settings.
    pub fn of(self, sections: &[Section]) -> Self {
        let Self::Problem { problem, .. } = self else {
            return self;
        };
        let mut fields = sections.iter().flat_map(|section| section.fields);
        let label = setting(&problem)
            .and_then(|name| fields.find(|field| field.name == name))
            .map(|field| field.label);
        Self::Problem { problem, label }
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Nothing | Self::Done(_) => StatusCode::OK,
            Self::Problem { problem, .. } => problem.status(),
            Self::Unproved | Self::Stale => StatusCode::FORBIDDEN,
        }
    }

    /// The setting that was refused.
    pub fn wrong(&self) -> Option<&str> {
        match self {
            Self::Problem { problem, .. } => setting(problem),
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
            Self::Problem { problem, label } => Some(sentence(problem, *label)),
            Self::Stale => Some(STALE.to_owned()),
            Self::Nothing | Self::Done(_) | Self::Unproved => None,
        }
    }

    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Problem { .. } | Self::Unproved | Self::Stale)
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

/// The setting that a problem is about: as the problem says, or as the place does at which the form does not fit.
fn setting(problem: &Problem) -> Option<&str> {
    let place = || problem.detail().strip_prefix("settings.");
    let name = problem.setting().or_else(place)?;
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    Some(&name[..end.unwrap_or(name.len())])
}

/// What a problem is about, with a setting called as its field is.
fn sentence(problem: &Problem, label: Option<&str>) -> String {
    let (Some(label), Some(setting)) = (label, setting(problem)) else {
        return problem.sentence();
    };
    let detail = problem.detail();
    let bare = detail.strip_prefix("settings.").unwrap_or(detail);
    match bare
        .strip_prefix(setting)
        .map(|rest| (rest, rest.strip_prefix(": ")))
    {
        Some((_, Some(reason))) => format!("{label}: {}.", reason.trim_end_matches('.')),
        Some((rest, None)) => format!("{label}{}.", rest.trim_end_matches('.')),
        None => format!("{label}: {}", problem.sentence()),
    }
}

impl From<Problem> for Said {
    fn from(problem: Problem) -> Self {
        Self::Problem { problem, label: None }
    }
}

impl From<Result<String, Refused>> for Said {
    fn from(done: Result<String, Refused>) -> Self {
        match done {
            Ok(text) => Self::Done(text),
            Err(Refused::Problem(problem)) => (*problem).into(),
            Err(Refused::Unproved) => Self::Unproved,
            Err(Refused::Stale) => Self::Stale,
        }
    }
}

/// Why nothing was done.
#[derive(Debug)]
pub enum Refused {
    Problem(Box<Problem>),
    Unproved,
    Stale,
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Problem(Box::new(error.into()))
    }
}
