//! What arguments a function takes, checked when the expression is parsed.

use super::Function;
use crate::Value;
use crate::date::{self, Interval};
use crate::expression::{Argument, Node};

/// A parameter, by the name that the documentation gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    need: Need,
    kind: Kind,
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

/// What a parameter takes and what a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Anything,
    Text,
    /// A whole number, also one that is written as a text.
    Number,
    Boolean,
    List,
    /// The elements of a multi-valued attribute with their sub-attributes.
    Complex,
    /// A text that says when.
    Date,
    /// One of the letters that name an interval.
    Interval,
    /// One of these words, in any case; several with commas between.
    Words(&'static [&'static str]),
    /// An attribute in square brackets and nothing else.
    Attribute,
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
            kind: Kind::Anything,
        }
    }

    pub(crate) const fn blank(name: &'static str) -> Self {
        Self {
            need: Need::Blank,
            ..Self::required(name)
        }
    }

    pub(crate) const fn optional(name: &'static str) -> Self {
        Self {
            need: Need::Optional,
            ..Self::required(name)
        }
    }

    /// The same, taking this kind only.
    pub(crate) const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

impl Refusal {
    pub(crate) fn at(argument: usize, message: impl Into<String>) -> Self {
        Self {
            argument: Some(argument),
            message: message.into(),
        }
    }

    pub(crate) fn of_all(message: impl Into<String>) -> Self {
        Self {
            argument: None,
            message: message.into(),
        }
    }
}

impl Kind {
    /// Why this argument can never be of this kind, if that is so.
    fn refusal(self, argument: &Node) -> Option<String> {
        if self == Self::Anything || self == Self::Text {
            return None;
        }
        if self == Self::Attribute {
            let fits = matches!(argument, Node::Attribute(_));
            return (!fits).then(|| "an attribute in square brackets".to_owned());
        }
        match argument {
            Node::Attribute(_) | Node::Constant(Value::Null) => None,
            Node::Text(text) => self.refuses_text(text),
            Node::Word(word) => self.refuses_text(word),
            Node::Number(_) | Node::Constant(_) => match self {
                Self::Number | Self::List => None,
                kind => Some(kind.describe()),
            },
            Node::Compare { .. } => (self != Self::Boolean).then(|| self.describe()),
            Node::Call { function, .. } => {
                let never = match self {
                    Self::Number => matches!(
                        function.result,
                        Kind::Boolean | Kind::List | Kind::Complex | Kind::Date
                    ),
                    Self::Date => matches!(
                        function.result,
                        Kind::Boolean | Kind::List | Kind::Complex | Kind::Number
                    ),
                    Self::Interval | Self::Words(_) => {
                        !matches!(function.result, Kind::Anything | Kind::Text)
                    }
                    _ => false,
                };
                never.then(|| self.describe())
            }
        }
    }

    fn refuses_text(self, text: &str) -> Option<String> {
        let fits = match self {
            Self::Number => text.trim().parse::<i64>().is_ok(),
            Self::Date => text.trim().is_empty() || date::parse(text).is_ok(),
            Self::Interval => Interval::find(text).is_some(),
            Self::Words(words) => text
                .split(',')
                .map(str::trim)
                .all(|part| part.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(part))),
            Self::Anything | Self::Text | Self::Boolean | Self::List | Self::Complex | Self::Attribute => {
                true
            }
        };
        (!fits).then(|| format!("{}, not {text:?}", self.describe()))
    }

    fn describe(self) -> String {
        match self {
            Self::Anything | Self::Text => "a text".to_owned(),
            Self::Number => "a whole number".to_owned(),
            Self::Boolean => "True or False".to_owned(),
            Self::List | Self::Complex => "a list".to_owned(),
            Self::Date => "a date, such as \"2026-11-21\" or \"2026-11-21T09:30:00Z\"".to_owned(),
            Self::Interval => format!("one of {}", Interval::symbols().join(", ")),
            Self::Words(words) => format!("one of {}", words.join(", ")),
            Self::Attribute => "an attribute in square brackets".to_owned(),
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
        self.refusal_of_count(arguments.len()).or_else(|| {
            arguments
                .iter()
                .enumerate()
                .find_map(|(index, argument)| self.refusal_of(index, argument.as_ref()))
        })
    }

    fn refusal_of_count(&self, count: usize) -> Option<Refusal> {
        let least = self
            .parameters
            .iter()
            .rposition(|parameter| parameter.need != Need::Optional)
            .map_or(0, |last| last + 1);
        if count < least || (self.repeats == 0 && count > self.parameters.len()) {
            let arguments = if count == 1 { "argument" } else { "arguments" };
            return Some(Refusal::of_all(format!(
                "{count} {arguments} do not fit {}",
                self.usage()
            )));
        }
        let fixed = self.parameters.len() - self.repeats;
        if self.repeats > 1 && !(count - fixed).is_multiple_of(self.repeats) {
            let group: Vec<&str> = self.parameters[fixed..]
                .iter()
                .map(|parameter| parameter.name)
                .collect();
            return Some(Refusal::of_all(format!(
                "the last arguments of {} come together as {}",
                self.usage(),
                group.join(" and ")
            )));
        }
        None
    }

    fn refusal_of(&self, index: usize, argument: Option<&Node>) -> Option<Refusal> {
        let parameter = self.parameter(index)?;
        let which = format!("argument {} of {}, {},", index + 1, self.name, parameter.name);
        let Some(argument) = argument else {
            return (parameter.need == Need::Required)
                .then(|| Refusal::at(index, format!("{which} must not be left out")));
        };
        let wanted = parameter.kind.refusal(argument)?;
        Some(Refusal::at(index, format!("{which} must be {wanted}")))
    }

    fn parameter(&self, index: usize) -> Option<&Parameter> {
        let fixed = self.parameters.len() - self.repeats;
        if index < fixed || self.repeats == 0 {
            return self.parameters.get(index);
        }
        self.parameters.get(fixed + (index - fixed) % self.repeats)
    }
}
