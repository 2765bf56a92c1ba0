//! What arguments a function takes, checked when the expression is parsed.

use super::Function;
use crate::expression::Argument;

/// A parameter, by the name that the documentation gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    need: Need,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Must be there.
    Required,
    /// Its place must be there, but may be empty.
    Blank,
    /// May be empty or missing with everything after it.
    Optional,
}

/// Why arguments are refused, and which one is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) argument: Option<usize>,
    pub(crate) message: String,
}

impl Parameter {
    pub(crate) const fn required(name: &'static str) -> Self {
        Self {
            name,
            need: Need::Required,
        }
    }

    pub(crate) const fn blank(name: &'static str) -> Self {
        Self {
            name,
            need: Need::Blank,
        }
    }

    pub(crate) const fn optional(name: &'static str) -> Self {
        Self {
            name,
            need: Need::Optional,
        }
    }
}

impl Refusal {
    pub(crate) fn at(argument: usize, message: impl Into<String>) -> Self {
        Self {
            argument: Some(argument),
            message: message.into(),
        }
    }
}

impl Function {
    /// `Switch(source, defaultValue, key, value, …)`
    pub(crate) fn usage(&self) -> String {
        let mut names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name).collect();
        if self.repeats > 0 {
            names.push("…");
        }
        format!("{}({})", self.name, names.join(", "))
    }

    /// Why these arguments do not fit the signature, if they do not.
    pub(crate) fn refusal(&self, arguments: &[Argument]) -> Option<Refusal> {
        let count = arguments.len();
        let least = self
            .parameters
            .iter()
            .rposition(|parameter| parameter.need != Need::Optional)
            .map_or(0, |last| last + 1);
        if count < least || (self.repeats == 0 && count > self.parameters.len()) {
            let arguments = if count == 1 { "argument" } else { "arguments" };
            return Some(Refusal {
                argument: None,
                message: format!("{count} {arguments} do not fit {}", self.usage()),
            });
        }
        let fixed = self.parameters.len() - self.repeats;
        if self.repeats > 1 && !(count - fixed).is_multiple_of(self.repeats) {
            let group: Vec<&str> = self.parameters[fixed..]
                .iter()
                .map(|parameter| parameter.name)
                .collect();
            return Some(Refusal {
                argument: None,
                message: format!(
                    "the last arguments of {} come together as {}",
                    self.usage(),
                    group.join(" and ")
                ),
            });
        }
        arguments.iter().enumerate().find_map(|(index, argument)| {
            let parameter = self.parameter(index)?;
            (argument.is_none() && parameter.need == Need::Required).then(|| {
                Refusal::at(
                    index,
                    format!(
                        "argument {} of {}, {}, must not be left out",
                        index + 1,
                        self.name,
                        parameter.name
                    ),
                )
            })
        })
    }

    fn parameter(&self, index: usize) -> Option<&Parameter> {
        let fixed = self.parameters.len() - self.repeats;
        if index < fixed || self.repeats == 0 {
            return self.parameters.get(index);
        }
        self.parameters.get(fixed + (index - fixed) % self.repeats)
    }
}
