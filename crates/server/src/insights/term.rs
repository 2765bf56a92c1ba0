//! `search_term`: conditions on an event's fields, joined by `and`, `or` and `not`.
//!
//! Values are compared without regard to case, numbers and truths by how they are written. A condition is
//! `{"field": value}`, `{"field": [values]}`, or `{"field": name, "operator": …, "value": …}`.

use base::Timestamp;
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 16;
const MAX_CONDITIONS: usize = 500;
/// Fields that cannot be searched.
const UNSEARCHABLE: &[&str] = &["changes", "members", "useragent", "system_timestamp"];
const OPERATORS: &str = "eq, ne, contains, startsWith, endsWith, in, not_in, lt, gt, lte, gte, before, after";

#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    All(Vec<Term>),
    Any(Vec<Term>),
    None(Vec<Term>),
    Condition(Condition),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Such as `resource.id`.
    field: String,
    operator: Operator,
    /// In lower case.
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Before,
    After,
}

impl Operator {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "eq" | "in" => Self::In,
            "ne" | "not_in" => Self::NotIn,
            "contains" => Self::Contains,
            "startsWith" => Self::StartsWith,
            "endsWith" => Self::EndsWith,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            "before" => Self::Before,
            "after" => Self::After,
            _ => return None,
        })
    }
}

impl Term {
    /// Reads a `search_term`; the error is a sentence.
    pub fn read(value: &Value) -> Result<Self, String> {
        let Value::Object(members) = value else {
            return Err("search_term must be an object with and, or, or not".to_owned());
        };
        if let Some(other) = members
            .keys()
            .find(|key| !matches!(key.as_str(), "and" | "or" | "not"))
        {
            return Err(format!(
                "search_term holds {other:?}: it can hold and, or, and not"
            ));
        }
        let mut reading = Reading { conditions: 0 };
        Ok(Self::All(reading.members(members, 0)?))
    }

    pub fn fits(&self, row: &Value) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.fits(row)),
            // Nothing is asked for where nothing is said.
            Self::Any(terms) => terms.is_empty() || terms.iter().any(|term| term.fits(row)),
            Self::None(terms) => !terms.iter().any(|term| term.fits(row)),
            Self::Condition(condition) => condition.fits(row),
        }
    }

    /// The one value that a field must have, if there is but one.
    pub fn only(&self, field: &str) -> Option<&str> {
        match self {
            Self::All(terms) => terms.iter().find_map(|term| term.only(field)),
            Self::Condition(condition) if condition.field == field && condition.operator == Operator::In => {
                match condition.values.as_slice() {
                    [one] => Some(one),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

impl Condition {
    fn fits(&self, row: &Value) -> bool {
        let mut found = Vec::new();
        let mut value = Some(row);
        for name in self.field.split('.') {
            value = value.and_then(|value| value.get(name));
        }
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Array(values)) => found.extend(values.iter().filter_map(plain)),
            Some(value) => found.extend(plain(value)),
        }
        if self.operator == Operator::NotIn {
            return !found.iter().any(|text| self.values.contains(text));
        }
        found
            .iter()
            .any(|text| self.values.iter().any(|wanted| self.operator.holds(text, wanted)))
    }
}

impl Operator {
    fn holds(self, text: &str, wanted: &str) -> bool {
        match self {
            Self::In => text == wanted,
            Self::NotIn => text != wanted,
            Self::Contains => text.contains(wanted),
            Self::StartsWith => text.starts_with(wanted),
            Self::EndsWith => text.ends_with(wanted),
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => {
                let (Ok(text), Ok(wanted)) = (text.parse::<f64>(), wanted.parse::<f64>()) else {
                    return false;
                };
                match self {
                    Self::Less => text < wanted,
                    Self::LessOrEqual => text <= wanted,
                    Self::Greater => text > wanted,
                    _ => text >= wanted,
                }
            }
            Self::Before | Self::After => {
                let (Ok(text), Ok(wanted)) = (text.parse::<Timestamp>(), wanted.parse::<Timestamp>()) else {
                    return false;
                };
                if self == Self::Before {
                    text < wanted
                } else {
                    text > wanted
                }
            }
        }
    }
}

struct Reading {
    conditions: usize,
}

impl Reading {
    /// `{"and": […]}`, `{"field": value}`, or several of these beside each other.
    fn members(&mut self, members: &Map<String, Value>, depth: usize) -> Result<Vec<Term>, String> {
        if depth > MAX_DEPTH {
            return Err(format!("search_term is nested more than {MAX_DEPTH} deep"));
        }
        if let Some(Value::String(field)) = members.get("field")
            && (members.contains_key("operator") || members.contains_key("value"))
        {
            return Ok(vec![self.explicit(field, members)?]);
        }
        let mut terms = Vec::new();
        for (name, value) in members {
            terms.push(match name.as_str() {
                "and" => Term::All(self.list(value, depth + 1)?),
                "or" => Term::Any(self.list(value, depth + 1)?),
                "not" => Term::None(self.list(value, depth + 1)?),
                field => self.condition(field, Operator::In, value)?,
            });
        }
        Ok(terms)
    }

    /// A list of objects, or one object.
    fn list(&mut self, value: &Value, depth: usize) -> Result<Vec<Term>, String> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Null => &[],
            other => std::slice::from_ref(other),
        };
        let mut terms = Vec::new();
        for item in items {
            let Value::Object(members) = item else {
                return Err(
                    "and, or and not hold objects such as {\"event_type\": \"user_create\"}".to_owned(),
                );
            };
            terms.extend(self.members(members, depth)?);
        }
        Ok(terms)
    }

    fn explicit(&mut self, field: &str, members: &Map<String, Value>) -> Result<Term, String> {
        let value = members.get("value").unwrap_or(&Value::Null);
        let operator = match members.get("operator") {
            None => Operator::In,
            Some(word) => word
                .as_str()
                .and_then(Operator::read)
                .ok_or_else(|| format!("there is no operator {word}: there are {OPERATORS}"))?,
        };
        self.condition(field, operator, value)
    }

    fn condition(&mut self, field: &str, operator: Operator, value: &Value) -> Result<Term, String> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(format!("search_term has more than {MAX_CONDITIONS} conditions"));
        }
        if UNSEARCHABLE.contains(&field.split('.').next().unwrap_or_default()) {
            return Err(format!("{field} cannot be searched"));
        }
        let wrong =
            || format!("{field} is compared with a text, a number, true or false, or a list of these");
        let values = match value {
            Value::Array(values) => values
                .iter()
                .map(|value| plain(value).ok_or_else(wrong))
                .collect::<Result<_, _>>()?,
            value => vec![plain(value).ok_or_else(wrong)?],
        };
        Ok(Term::Condition(Condition {
            field: field.to_owned(),
            operator,
            values,
        }))
    }
}

/// How a plain value is compared.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row() -> Value {
        json!({
            "event_type": "user_create_provision", "success": false, "timestamp": "2026-05-07T12:00:00Z",
            "resource": { "type": "user", "username": "Paul@example.com" },
            "initiated_by": { "type": "application", "name": "Webex" },
            "provisioning": { "attempt": 3 }, "error_message": null, "tags": ["One", "two"],
        })
    }

    #[test]
    fn every_operator_and_conjunction() {
        let by = |field: &str, operator: &str, value: Value| json!({ "and": [{ "field": field, "operator": operator, "value": value }] });
        for (term, fits) in [
            (json!({}), true),
            (json!({ "and": [] }), true),
            (json!({ "or": [] }), true),
            (json!({ "not": [] }), true),
            (json!({ "and": [{ "success": "false" }] }), true),
            (json!({ "and": [{ "success": false }] }), true),
            (json!({ "and": [{ "success": true }] }), false),
            (
                json!({ "and": { "success": false, "resource.type": "USER" } }),
                true,
            ),
            (
                json!({ "and": { "success": false, "resource.type": "group" } }),
                false,
            ),
            (
                json!({ "or": [{ "success": true }, { "resource.username": "paul@example.com" }] }),
                true,
            ),
            (
                json!({ "or": [{ "success": true }, { "resource.username": "paul" }] }),
                false,
            ),
            (
                json!({ "or": [{ "event_type": ["x", "user_create_provision"] }] }),
                true,
            ),
            (json!({ "not": [{ "event_type": "user_create" }] }), true),
            (
                json!({ "not": [{ "event_type": "user_create" }, { "success": false }] }),
                false,
            ),
            (
                json!({ "and": [{ "success": "false" }, { "or": [{ "username": "p" }, { "initiated_by.name": "webex" }] }] }),
                true,
            ),
            (
                json!({ "and": [{ "success": false }], "not": [{ "tags": "one" }] }),
                false,
            ),
            (json!({ "and": [{ "tags": "TWO" }] }), true),
            (json!({ "and": [{ "colour": "red" }] }), false),
            (json!({ "and": [{ "error_message": "x" }] }), false),
            (by("resource.type", "eq", json!("user")), true),
            (by("resource.type", "ne", json!("user")), false),
            (by("colour", "ne", json!("red")), true),
            (by("event_type", "contains", json!("create")), true),
            (by("event_type", "contains", json!("*")), false),
            (by("event_type", "startsWith", json!("user_")), true),
            (by("event_type", "startsWith", json!("create")), false),
            (by("event_type", "endsWith", json!("_provision")), true),
            (by("event_type", "endsWith", json!("user")), false),
            (
                by("event_type", "in", json!(["a", "user_create_provision"])),
                true,
            ),
            (
                by("event_type", "not_in", json!(["a", "user_create_provision"])),
                false,
            ),
            (by("event_type", "not_in", json!(["a"])), true),
            (by("provisioning.attempt", "lt", json!(3)), false),
            (by("provisioning.attempt", "lte", json!(3)), true),
            (by("provisioning.attempt", "gt", json!(2)), true),
            (by("provisioning.attempt", "gte", json!(4)), false),
            (by("event_type", "gt", json!(2)), false),
            (by("timestamp", "before", json!("2026-05-08T00:00:00Z")), true),
            (by("timestamp", "after", json!("2026-05-08T00:00:00Z")), false),
            (by("timestamp", "after", json!("2026-05-07T12:00:00+02:00")), true),
        ] {
            let read = Term::read(&term).unwrap_or_else(|error| panic!("{error}: {term}"));
            assert_eq!(read.fits(&row()), fits, "{term}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_reason() {
        for (term, why) in [
            (json!([]), "must be an object"),
            (json!({ "success": true }), "and, or, and not"),
            (json!({ "and": ["x"] }), "hold objects"),
            (json!({ "and": [{ "changes": "x" }] }), "cannot be searched"),
            (json!({ "and": [{ "changes.field": "x" }] }), "cannot be searched"),
            (json!({ "and": [{ "success": { "x": 1 } }] }), "compared with"),
            (
                json!({ "and": [{ "field": "a", "operator": "like", "value": 1 }] }),
                "no operator",
            ),
            (
                json!({ "and": [{ "field": "a", "operator": "eq" }] }),
                "compared with",
            ),
        ] {
            let error = Term::read(&term).expect_err("refused");
            assert!(error.contains(why), "{error}: {term}");
        }
        let mut deep = json!({ "success": true });
        for _ in 0..20 {
            deep = json!({ "and": [deep] });
        }
        assert!(Term::read(&deep).expect_err("refused").contains("nested"));
        let wide = json!({ "or": vec![json!({ "success": true }); 501] });
        assert!(Term::read(&wide).expect_err("refused").contains("more than 500"));
    }
}
