//! A whole mapping table, checked.

use std::collections::HashMap;

use serde::{Serialize, Serializer};

use crate::scim_path::ScimPath;
use crate::{
    Ambient, Apply, AttributeMapping, Attributes, EvalError, Evaluated, Expression, MappingError, Source,
    Value, WhenEmpty, Written,
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
    /// Of `SelectUniqueValue`: the values to be tried at the target before an account is created. `value` is the
    /// first of them.
    pub candidates: Vec<Value>,
    /// What stands in for an empty value.
    pub default_value: Option<String>,
    pub when_empty: WhenEmpty,
    pub apply: Apply,
    /// Precedence, if this is a matching attribute.
    pub matching: Option<u8>,
    pub flow: Flow,
    /// The value must not be shown.
    pub is_secret: bool,
}

/// How a value goes to an account that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// The account is brought to it.
    Replace,
    /// Only where the account has no value: what depends on time or chance, and what comes from nowhere.
    FillIn,
    /// Not at all, and not to a new one either: `IgnoreFlowIfNullOrEmpty`.
    Ignore,
}

impl Mapped {
    /// The value for a new account: the default, if the source has none.
    pub fn value_on_create(&self) -> Value {
        self.value_or(self.default_value.as_ref())
    }

    /// The value for an account that exists: the default, if the source has none and the mapping wants it there.
    pub fn value_on_update(&self) -> Value {
        let is_wanted = self.flow == Flow::FillIn || self.when_empty == WhenEmpty::Default;
        self.value_or(self.default_value.as_ref().filter(|_| is_wanted))
    }

    fn value_or(&self, default: Option<&String>) -> Value {
        match default {
            _ if self.flow == Flow::Ignore => Value::Null,
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
    pub fn evaluate(
        &self,
        attributes: &dyn Attributes,
        ambient: &dyn Ambient,
    ) -> Result<Vec<Mapped>, EvalError> {
        let evaluated = self.rows.iter().map(|row| row.evaluate(attributes, ambient));
        evaluated.collect()
    }

    /// The expressions of the rows that have one, beside [`MappingSet::rows`].
    pub fn expressions(&self) -> impl ExactSizeIterator<Item = Option<&Expression>> {
        self.rows.iter().map(|row| row.expression.as_ref())
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
    fn evaluate(&self, attributes: &dyn Attributes, ambient: &dyn Ambient) -> Result<Mapped, EvalError> {
        let mapping = &self.mapping;
        let evaluated = match (&mapping.source, &self.expression) {
            (Source::Attribute(name), _) => plain(attributes.get(name)),
            (Source::Constant(text), _) => plain(Value::text(text.as_str())),
            (Source::Expression(_), Some(expression)) => expression
                .evaluate(attributes, ambient, &mapping.target)
                .map_err(|error| EvalError {
                    target: Some(mapping.target.clone()),
                    // The sentence may quote the value.
                    message: if expression.is_secret() {
                        "it fails on a value that is not shown".to_owned()
                    } else {
                        error.message
                    },
                    ..error
                })?,
            (Source::Expression(_), None) | (Source::None, _) => plain(Value::Null),
        };
        let is = |what: fn(&Expression) -> bool| self.expression.as_ref().is_some_and(what);
        let flow = if evaluated.ignored {
            Flow::Ignore
        } else if mapping.source == Source::None || is(Expression::is_fleeting) {
            Flow::FillIn
        } else {
            Flow::Replace
        };
        Ok(Mapped {
            target: mapping.target.clone(),
            value: evaluated.value,
            candidates: evaluated.candidates,
            default_value: mapping.default_value.clone(),
            when_empty: mapping.when_empty,
            apply: mapping.apply,
            matching: mapping.matching,
            flow,
            is_secret: is(Expression::is_secret),
        })
    }
}

fn plain(value: Value) -> Evaluated {
    Evaluated {
        value,
        candidates: Vec::new(),
        ignored: false,
    }
}

fn compile(index: usize, mapping: AttributeMapping) -> Result<Row, MappingError> {
    let expression = match &mapping.source {
        Source::Expression(Written { text, language }) => {
            let parsed = Expression::parse_as(*language, text).map_err(|error| MappingError {
                position: Some(error.position),
                ..wrong(index, &mapping, error.message)
            })?;
            Some(parsed)
        }
        Source::Attribute(name) if name.trim().is_empty() => {
            return Err(wrong(index, &mapping, "the source attribute has no name"));
        }
        Source::Attribute(_) | Source::Constant(_) | Source::None => None,
    };
    let row = Row { mapping, expression };
    match contradiction(&row) {
        Some(message) => Err(wrong(index, &row.mapping, message)),
        None => Ok(row),
    }
}

/// What cannot be together in one row.
fn contradiction(row: &Row) -> Option<&'static str> {
    let Row { mapping, expression } = row;
    let is = |what: fn(&Expression) -> bool| expression.as_ref().is_some_and(what);
    if mapping.when_empty == WhenEmpty::Default && mapping.default_value.is_none() {
        return Some("when_empty is default, so default_value must be there");
    }
    if is(Expression::gives_candidates) {
        if mapping.matching.is_some() {
            return Some(
                "SelectUniqueValue cannot stand in a matching mapping: by its value no account that exists is found",
            );
        }
        if mapping.apply == Apply::Always {
            return Some("SelectUniqueValue is for new accounts: set apply to only_on_create");
        }
    }
    if mapping.matching.is_some() {
        if is(Expression::is_fleeting) {
            return Some("the value depends on time or chance, so no account can be found by it");
        }
        if mapping.source == Source::None {
            return Some("a matching mapping needs a source");
        }
    }
    None
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
