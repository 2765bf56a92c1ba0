//! A filter that has been checked: its values fit its operators, its regular expressions compile.

use std::fmt;

use regex::Regex;

use super::decision::{ClauseDecision, Decision, GroupDecision};
use super::{Clause, Operator, ScopingFilter};
use crate::{Attributes, Value, regular_expression};

/// Groups in a filter, and clauses in a group.
const MAX_GROUPS: usize = 100;
const MAX_CLAUSES: usize = 100;
/// Characters of a title, an attribute or a value.
const MAX_TEXT: usize = 10_000;

/// A filter that can be put to people.
#[derive(Debug, Clone)]
pub struct CheckedFilter {
    filter: ScopingFilter,
    /// Beside the groups and their clauses.
    tests: Vec<Vec<Test>>,
}

/// What a clause does with a value.
#[derive(Debug, Clone)]
enum Test {
    Pattern(Regex),
    Number(i64),
    /// The clause's own text, or nothing.
    Plain,
}

/// A filter that cannot be saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FilterError {
    /// Counted from 1; 0 when it is the filter as a whole.
    pub group: usize,
    /// Counted from 1; 0 when it is the group as a whole.
    pub clause: usize,
    /// One sentence.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.group, self.clause) {
            (0, _) => {}
            (group, 0) => write!(f, "group {group}: ")?,
            (group, clause) => write!(f, "group {group}, clause {clause}: ")?,
        }
        f.write_str(&self.message)
    }
}

impl CheckedFilter {
    /// Checks a filter. The first clause that is wrong is named.
    pub fn check(filter: ScopingFilter) -> Result<Self, FilterError> {
        let wrong = |group, clause, message: String| FilterError {
            group,
            clause,
            message,
        };
        if filter.groups.len() > MAX_GROUPS {
            return Err(wrong(0, 0, format!("a filter has at most {MAX_GROUPS} groups")));
        }
        let mut tests = Vec::with_capacity(filter.groups.len());
        for (index, group) in filter.groups.iter().enumerate() {
            if group.clauses.is_empty() || group.clauses.len() > MAX_CLAUSES {
                let message = format!("a group has 1 to {MAX_CLAUSES} clauses");
                return Err(wrong(index + 1, 0, message));
            }
            if group.title.chars().count() > MAX_TEXT {
                return Err(wrong(index + 1, 0, "the title is too long".to_owned()));
            }
            let of_group = group
                .clauses
                .iter()
                .enumerate()
                .map(|(at, clause)| test(clause).map_err(|message| wrong(index + 1, at + 1, message)))
                .collect::<Result<Vec<_>, _>>()?;
            tests.push(of_group);
        }
        Ok(Self { filter, tests })
    }

    pub fn filter(&self) -> &ScopingFilter {
        &self.filter
    }

    /// Whether a person is let in, and why.
    pub fn decide(&self, person: &dyn Attributes) -> Decision {
        let groups: Vec<_> = self
            .filter
            .groups
            .iter()
            .zip(&self.tests)
            .map(|(group, tests)| {
                let clauses = group.clauses.iter().zip(tests);
                let clauses = clauses.map(|(clause, test)| put(clause, test, person));
                GroupDecision::new(&group.title, clauses.collect())
            })
            .collect();
        Decision::new(groups)
    }
}

/// Filters are equal when what was written is.
impl PartialEq for CheckedFilter {
    fn eq(&self, other: &Self) -> bool {
        self.filter == other.filter
    }
}

fn test(clause: &Clause) -> Result<Test, String> {
    let operator = clause.operator;
    if clause.attribute.trim().is_empty() {
        return Err("the attribute has no name".to_owned());
    }
    let value = match (&clause.value, operator.takes_value()) {
        (None, false) => return Ok(Test::Plain),
        (Some(value), false) if value.is_empty() => return Ok(Test::Plain),
        (Some(_), false) => return Err(format!("{operator} takes no value")),
        (None, true) => return Err(format!("{operator} needs a value")),
        (Some(value), true) => value,
    };
    if value.is_empty() {
        return Err(format!(
            "{operator} needs a value; for an empty attribute there is IS NULL"
        ));
    }
    if value.chars().count() > MAX_TEXT || clause.attribute.chars().count() > MAX_TEXT {
        return Err(format!("a text has at most {MAX_TEXT} characters"));
    }
    match operator {
        Operator::RegexMatch | Operator::NotRegexMatch => {
            regular_expression::compile(value).map(Test::Pattern)
        }
        Operator::GreaterThan | Operator::GreaterThanOrEquals => value
            .trim()
            .parse()
            .map(Test::Number)
            .map_err(|_| format!("{operator} compares whole numbers, and {value:?} is none")),
        _ => Ok(Test::Plain),
    }
}

fn put(clause: &Clause, test: &Test, person: &dyn Attributes) -> ClauseDecision {
    let found = person.get(&clause.attribute);
    ClauseDecision {
        clause: clause.clone(),
        holds: holds(clause, test, &found),
        found: found.as_text().map(Into::into),
    }
}

/// Of several values one that fits is enough; for the operators that deny, none may be denied. Without a value no
/// clause holds but IS NULL.
fn holds(clause: &Clause, test: &Test, found: &Value) -> bool {
    let values = found.items();
    let values: Vec<&str> = values
        .iter()
        .map(AsRef::as_ref)
        .filter(|value| !value.is_empty())
        .collect();
    let operator = clause.operator;
    if values.is_empty() {
        return operator == Operator::IsNull;
    }
    let wanted = clause.value.as_deref().unwrap_or_default();
    let any = |fits: &dyn Fn(&str) -> bool| values.iter().any(|value| fits(value));
    let matches = |value: &str| matches!(test, Test::Pattern(pattern) if pattern.is_match(value));
    let number = |value: &str| value.trim().parse::<i64>().ok();
    let bound = match test {
        Test::Number(bound) => *bound,
        _ => i64::MAX,
    };
    // Booleans are written in more than one way.
    let equals = |value: &str| {
        value == wanted || (matches!(found, Value::Boolean(_)) && value.eq_ignore_ascii_case(wanted))
    };
    match operator {
        Operator::IsNull => false,
        Operator::IsNotNull => true,
        Operator::IsTrue => found.as_boolean() == Some(true),
        Operator::IsFalse => found.as_boolean() == Some(false),
        Operator::Equals => any(&equals),
        Operator::NotEquals => !any(&equals),
        Operator::Includes => any(&|value| value.contains(wanted)),
        Operator::EndsWith => any(&|value| value.ends_with(wanted)),
        Operator::In => any(&|value| wanted.contains(value)),
        Operator::NotIn => !any(&|value| wanted.contains(value)),
        Operator::RegexMatch => any(&matches),
        Operator::NotRegexMatch => !any(&matches),
        Operator::GreaterThan => any(&|value| number(value).is_some_and(|number| number > bound)),
        Operator::GreaterThanOrEquals => any(&|value| number(value).is_some_and(|number| number >= bound)),
    }
}
