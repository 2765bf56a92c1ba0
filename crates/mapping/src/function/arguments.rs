//! The arguments of a call, worked out.

use std::borrow::Cow;

use super::{Prepared, Random};
use crate::Value;
use crate::date::{self, DateTime};
use crate::expression::Scene;

/// Values by position. What was left out is told from what is null.
pub(crate) struct Arguments<'a> {
    values: &'a [Option<Value>],
    pub(crate) prepared: &'a Prepared,
    scene: &'a Scene<'a>,
}

static NULL: Value = Value::Null;

impl<'a> Arguments<'a> {
    pub(crate) fn new(values: &'a [Option<Value>], prepared: &'a Prepared, scene: &'a Scene<'a>) -> Self {
        Self {
            values,
            prepared,
            scene,
        }
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

    /// The number, unless the argument was left out or has no value.
    pub(crate) fn optional_number(&self, index: usize, name: &str) -> Result<Option<i64>, String> {
        if self.value(index).is_empty() {
            return Ok(None);
        }
        self.number(index, name).map(Some)
    }

    /// The date and time; nothing for no value.
    pub(crate) fn date(&self, index: usize) -> Result<Option<DateTime>, String> {
        match self.text(index) {
            Some(text) if !text.trim().is_empty() => date::parse(&text).map(Some),
            _ => Ok(None),
        }
    }

    /// An attribute that the function reads by itself.
    pub(crate) fn attribute(&self, name: &str) -> Value {
        self.scene.attribute(name)
    }

    pub(crate) fn now(&self) -> base::Timestamp {
        self.scene.now()
    }

    pub(crate) fn default_domain(&self) -> Option<&str> {
        self.scene.default_domain()
    }

    pub(crate) fn random(&self) -> Random<'a> {
        self.scene.random()
    }
}
