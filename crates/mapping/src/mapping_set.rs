//! A whole mapping table, checked.

use std::collections::HashMap;

use serde::{Serialize, Serializer};

use crate::scim_path::ScimPath;
use crate::{
    Apply, AttributeMapping, Attributes, EvalError, Expression, MappingError, Source, Value, WhenEmpty,
};

/// A mapping table that has been checked: every expression parses, every target is a path and named once, and at
/// least one row is a matching one.
#[derive(Debug, Clone)]
pub struct MappingSet {
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    mapping: AttributeMapping,
    /// The source when it is an expression.
    expression: Option<Expression>,
}

/// What one mapping says about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The attribute path of the target.
    pub target: String,
    pub value: Value,
    /// What a new account gets instead of an empty value.
    pub default_value: Option<String>,
    pub when_empty: WhenEmpty,
    pub apply: Apply,
    /// Precedence, if this is a matching attribute.
    pub matching: Option<u8>,
}

impl Mapped {
    /// The value for a new account: the default, if the source has none.
    pub fn value_on_create(&self) -> Value {
        match &self.default_value {
            Some(default) if self.value.is_empty() => Value::text(default.as_str()),
            _ => self.value.clone(),
        }
    }
}

impl MappingSet {
    /// Checks a table. The first row that is wrong is named.
    pub fn check(rows: Vec<AttributeMapping>) -> Result<Self, MappingError> {
        check_targets(&rows)?;
        check_matching(&rows)?;
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(index, mapping)| compile(index, mapping))
            .collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// The rows, in the order given.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &AttributeMapping> {
        self.rows.iter().map(|row| &row.mapping)
    }

    /// The rows, to be changed and checked again.
    pub fn into_rows(self) -> Vec<AttributeMapping> {
        self.rows.into_iter().map(|row| row.mapping).collect()
    }

    /// The matching rows, the one to be tried first in front.
    pub fn matching(&self) -> Vec<&AttributeMapping> {
        let mut rows: Vec<_> = self.rows().filter(|row| row.matching.is_some()).collect();
        rows.sort_by_key(|row| row.matching);
        rows
    }

    /// The same table with another answer to empty sources in every row.
    #[must_use]
    pub fn with_when_empty(mut self, when_empty: WhenEmpty) -> Self {
        for row in &mut self.rows {
            row.mapping.when_empty = when_empty;
        }
        self
    }

    /// The names of the person's attributes that the table reads, each once.
    pub fn attributes(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for row in &self.rows {
            match (&row.mapping.source, &row.expression) {
                (Source::Attribute(name), _) => names.push(name.as_str()),
                (_, Some(expression)) => names.extend(expression.attributes()),
                _ => {}
            }
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.to_lowercase()));
        names
    }

    /// What each row says about a person, in the rows' order.
    pub fn evaluate(&self, attributes: &dyn Attributes) -> Result<Vec<Mapped>, EvalError> {
        self.rows.iter().map(|row| row.evaluate(attributes)).collect()
    }
}

/// Tables are equal when their rows are.
impl PartialEq for MappingSet {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Serialize for MappingSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
    }
}

impl Row {
    fn evaluate(&self, attributes: &dyn Attributes) -> Result<Mapped, EvalError> {
        let mapping = &self.mapping;
        let value = match (&mapping.source, &self.expression) {
            (Source::Attribute(name), _) => attributes.get(name),
            (Source::Constant(text), _) => Value::text(text.as_str()),
            (Source::Expression(_), Some(expression)) => {
                expression.evaluate(attributes).map_err(|error| EvalError {
                    target: Some(mapping.target.clone()),
                    ..error
                })?
            }
            (Source::Expression(_), None) => Value::Null,
        };
        Ok(Mapped {
            target: mapping.target.clone(),
            value,
            default_value: mapping.default_value.clone(),
            when_empty: mapping.when_empty,
            apply: mapping.apply,
            matching: mapping.matching,
        })
    }
}

fn compile(index: usize, mapping: AttributeMapping) -> Result<Row, MappingError> {
    let expression = match &mapping.source {
        Source::Expression(text) => {
            let parsed = Expression::parse(text).map_err(|error| MappingError {
                position: Some(error.position),
                ..wrong(index, &mapping, error.message)
            })?;
            Some(parsed)
        }
        Source::Attribute(name) if name.trim().is_empty() => {
            return Err(wrong(index, &mapping, "the source attribute has no name"));
        }
        Source::Attribute(_) | Source::Constant(_) => None,
    };
    Ok(Row { mapping, expression })
}

fn check_targets(rows: &[AttributeMapping]) -> Result<(), MappingError> {
    let mut seen = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let path = ScimPath::parse(&row.target).map_err(|message| wrong(index, row, message))?;
        if let Some(first) = seen.insert(path.key(), index) {
            let message = format!(
                "mapping {} has the same target; a target is mapped once",
                first + 1
            );
            return Err(wrong(index, row, message));
        }
    }
    Ok(())
}

fn check_matching(rows: &[AttributeMapping]) -> Result<(), MappingError> {
    let mut seen = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(precedence) = row.matching else { continue };
        if precedence == 0 {
            return Err(wrong(index, row, "the matching precedence counts from 1"));
        }
        if let Some(first) = seen.insert(precedence, index) {
            let message = format!(
                "mapping {} has the matching precedence {precedence} already",
                first + 1
            );
            return Err(wrong(index, row, message));
        }
    }
    if seen.is_empty() {
        return Err(MappingError {
            row: 0,
            target: String::new(),
            position: None,
            message: "at least one mapping must be a matching one, or accounts that exist cannot be found"
                .into(),
        });
    }
    Ok(())
}

fn wrong(index: usize, row: &AttributeMapping, message: impl Into<String>) -> MappingError {
    MappingError {
        row: index + 1,
        target: row.target.clone(),
        position: None,
        message: message.into(),
    }
}
