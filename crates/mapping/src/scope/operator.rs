//! The operators of clauses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How an attribute is compared. Letter case always counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The attribute stands in the value: the other way round than [`Operator::Includes`].
    In,
    NotIn,
    EndsWith,
    Equals,
    GreaterThan,
    GreaterThanOrEquals,
    /// The value stands in the attribute.
    Includes,
    IsFalse,
    IsNotNull,
    IsNull,
    IsTrue,
    NotEquals,
    NotRegexMatch,
    RegexMatch,
}

use Operator::{
    EndsWith, Equals, GreaterThan, GreaterThanOrEquals, In, Includes, IsFalse, IsNotNull, IsNull, IsTrue,
    NotEquals, NotIn, NotRegexMatch, RegexMatch,
};

impl Operator {
    /// Every operator, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        In,
        NotIn,
        EndsWith,
        Equals,
        GreaterThan,
        GreaterThanOrEquals,
        Includes,
        IsFalse,
        IsNotNull,
        IsNull,
        IsTrue,
        NotEquals,
        NotRegexMatch,
        RegexMatch,
    ];

    /// As Entra ID writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            In => "&",
            NotIn => "!&",
            EndsWith => "ENDS_WITH",
            Equals => "EQUALS",
            GreaterThan => "Greater_Than",
            GreaterThanOrEquals => "Greater_Than_OR_EQUALS",
            Includes => "Includes",
            IsFalse => "IS FALSE",
            IsNotNull => "IS NOT NULL",
            IsNull => "IS NULL",
            IsTrue => "IS TRUE",
            NotEquals => "NOT EQUALS",
            NotRegexMatch => "NOT REGEX MATCH",
            RegexMatch => "REGEX MATCH",
        }
    }

    /// Whether a clause needs something to compare with.
    pub fn takes_value(self) -> bool {
        !matches!(self, IsFalse | IsNotNull | IsNull | IsTrue)
    }
}

impl Operator {
    /// The operator with which a text begins, as it may be spelt, and what follows it.
    pub(super) fn at_start(text: &str) -> Option<(Self, &str)> {
        let ends: Vec<usize> = text
            .char_indices()
            .filter(|(_, character)| character.is_whitespace())
            .map(|(at, _)| at)
            .take(6)
            .chain([text.len()])
            .collect();
        // The longest first: Greater_Than_OR_EQUALS begins with Greater_Than.
        ends.into_iter()
            .rev()
            .find_map(|end| Some((text[..end].parse().ok()?, &text[end..])))
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no operator of scoping filters; {hint}")]
pub struct UnknownOperator {
    word: String,
    hint: String,
}

impl FromStr for Operator {
    type Err = UnknownOperator;

    /// In any case, with spaces, underscores or neither between the words.
    fn from_str(text: &str) -> Result<Self, UnknownOperator> {
        let plain = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace() && *c != '_')
                .flat_map(char::to_lowercase)
                .collect::<String>()
        };
        let wanted = plain(text);
        if let Some(operator) = Self::ALL
            .into_iter()
            .find(|operator| plain(operator.as_str()) == wanted)
        {
            return Ok(operator);
        }
        let names = Self::ALL.map(Self::as_str);
        let hint = if wanted.starts_with("ismemberof") {
            "assign the group to the app instead".to_owned()
        } else if let Some(nearest) = crate::likeness::nearest(text, names) {
            format!("did you mean {nearest}?")
        } else {
            format!("there are {}", names.join(", "))
        };
        Err(UnknownOperator {
            word: text.to_owned(),
            hint,
        })
    }
}

impl Serialize for Operator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Operator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read() {
        for operator in Operator::ALL {
            assert_eq!(operator.as_str().parse(), Ok(operator));
        }
        for (text, operator) in [
            ("is_not_null", IsNotNull),
            ("NotEquals", NotEquals),
            ("ends with", EndsWith),
            ("GREATER THAN OR EQUALS", GreaterThanOrEquals),
            ("includes", Includes),
        ] {
            assert_eq!(text.parse(), Ok(operator), "{text}");
        }
    }

    #[test]
    fn what_is_none_gets_a_hint() {
        for (text, part) in [
            ("EQUAL", "did you mean EQUALS?"),
            ("IsMemberOf", "assign the group"),
            ("LIKE MAGIC ONLY BETTER", "there are &, !&"),
        ] {
            let error = text.parse::<Operator>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
