//! One condition, as JSON and as a line of text.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Operator;

/// One condition. In JSON an object, or a text such as `department EQUALS Sales`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// An attribute of the person, by the names that mappings use.
    pub attribute: String,
    pub operator: Operator,
    /// Not for the operators that need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Clause {
    pub fn new(attribute: impl Into<String>, operator: Operator, value: Option<&str>) -> Self {
        Self {
            attribute: attribute.into(),
            operator,
            value: value.map(str::to_owned),
        }
    }
}

/// A text that is no clause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ClauseError(String);

impl FromStr for Clause {
    type Err = ClauseError;

    /// An attribute, an operator and, for most of them, a value, which may stand in double quotes.
    fn from_str(text: &str) -> Result<Self, ClauseError> {
        let text = text.trim();
        let (attribute, rest) = text.split_at(attribute_end(text));
        let rest = rest.trim();
        if attribute.is_empty() || rest.is_empty() {
            let example = "write an attribute, an operator and a value, such as department EQUALS Sales";
            return Err(ClauseError(format!("{text:?} is no clause: {example}")));
        }
        let Some((operator, value)) = Operator::at_start(rest) else {
            let word = rest.split_whitespace().next().unwrap_or_default();
            return Err(match word.parse::<Operator>() {
                Err(unknown) => ClauseError(unknown.to_string()),
                Ok(operator) => ClauseError(format!(
                    "write {operator} and what follows it with a space between"
                )),
            });
        };
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        Ok(Self::new(
            attribute,
            operator,
            (!value.is_empty()).then_some(value),
        ))
    }
}

/// Where the attribute ends: at the first white space outside of brackets.
fn attribute_end(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && character.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.attribute, self.operator)?;
        match &self.value {
            None => Ok(()),
            // So that what is printed is read again as it was.
            Some(value) if value.trim() != value || value.starts_with('"') => write!(f, " \"{value}\""),
            Some(value) => write!(f, " {value}"),
        }
    }
}

/// A clause as an object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    attribute: String,
    operator: Operator,
    #[serde(default)]
    value: Option<String>,
}

impl<'de> Deserialize<'de> for Clause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

/// An object, or a text.
struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Clause;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, or a text such as department EQUALS Sales")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Clause, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Clause, A::Error> {
        let members = Members::deserialize(MapAccessDeserializer::new(members))?;
        Ok(Clause {
            attribute: members.attribute,
            operator: members.operator,
            value: members.value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_text() {
        for (text, attribute, operator, value) in [
            (
                "department EQUALS Sales",
                "department",
                Operator::Equals,
                Some("Sales"),
            ),
            (
                "department not equals Law and Order ",
                "department",
                Operator::NotEquals,
                Some("Law and Order"),
            ),
            ("jobTitle IS NOT NULL", "jobTitle", Operator::IsNotNull, None),
            (
                "employeeId greater_than_or_equals 10",
                "employeeId",
                Operator::GreaterThanOrEquals,
                Some("10"),
            ),
            (
                "employeeId Greater Than 10",
                "employeeId",
                Operator::GreaterThan,
                Some("10"),
            ),
            ("country & CH,DE", "country", Operator::In, Some("CH,DE")),
            ("country !& CH,DE", "country", Operator::NotIn, Some("CH,DE")),
            (
                r#"city EQUALS " Bern ""#,
                "city",
                Operator::Equals,
                Some(" Bern "),
            ),
            (
                r#"emails[type eq "work"].value ENDS_WITH @x.example"#,
                r#"emails[type eq "work"].value"#,
                Operator::EndsWith,
                Some("@x.example"),
            ),
            (
                "mail REGEX MATCH .*@x.example",
                "mail",
                Operator::RegexMatch,
                Some(".*@x.example"),
            ),
        ] {
            let clause: Clause = text.parse().expect(text);
            assert_eq!(clause, Clause::new(attribute, operator, value), "{text}");
            assert_eq!(clause.to_string().parse(), Ok(clause), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for (text, part) in [
            ("", "is no clause"),
            ("department", "is no clause"),
            ("department EQUAL Sales", "did you mean EQUALS?"),
            ("department EQUALSSales", "is no operator"),
        ] {
            let error = text.parse::<Clause>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn json_takes_both() {
        let object: Clause =
            serde_json::from_str(r#"{"attribute":"a","operator":"EQUALS","value":"b"}"#).expect("a clause");
        let text: Clause = serde_json::from_str(r#""a EQUALS b""#).expect("a clause");
        assert_eq!(object, text);
        assert!(serde_json::from_str::<Clause>("3").is_err());
    }
}
