//! The arguments of a call, worked out.

use std::borrow::Cow;

use super::Prepared;
use crate::Value;

/// Values by position. What was left out is told from what is null.
pub(crate) struct Arguments<'a> {
    values: &'a [Option<Value>],
    pub(crate) prepared: &'a Prepared,
}

static NULL: Value = Value::Null;

impl<'a> Arguments<'a> {
    pub(crate) fn new(values: &'a [Option<Value>], prepared: &'a Prepared) -> Self {
        Self { values, prepared }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Value> {
        self.values.iter().map(|value| value.as_ref().unwrap_or(&NULL))
    }

    /// The argument; null if it was left out.
    pub(crate) fn value(&self, index: usize) -> &'a Value {
        self.given(index).unwrap_or(&NULL)
    }

    /// The argument, unless it was left out.
    pub(crate) fn given(&self, index: usize) -> Option<&'a Value> {
        self.values.get(index).and_then(Option::as_ref)
    }

    pub(crate) fn text(&self, index: usize) -> Option<Cow<'a, str>> {
        self.value(index).as_text()
    }

    pub(crate) fn number(&self, index: usize, name: &str) -> Result<i64, String> {
        let value = self.value(index);
        value.as_number().ok_or_else(|| match value.as_text() {
            Some(text) => format!("{name} must be a whole number, not {text:?}"),
            None => format!("{name} has no value"),
        })
    }
}
