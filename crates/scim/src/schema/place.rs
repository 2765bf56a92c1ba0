//! Reading the parts of a definition, each error with the place that it is about.

use serde_json::{Map, Value};

/// What is wrong with a definition, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct DefinitionError {
    /// A JSON pointer (RFC 6901) into the definition: `/attributes/2/type`; empty for the whole.
    pub pointer: String,
    pub detail: String,
}

impl DefinitionError {
    pub(super) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let (pointer, detail) = (pointer.into(), detail.into());
        Self { pointer, detail }
    }
}

pub(super) type Result<T> = std::result::Result<T, DefinitionError>;

/// An object of the definition, and where it is.
pub(super) struct Place<'v> {
    pub(super) object: &'v Map<String, Value>,
    pub(super) pointer: String,
}

impl<'v> Place<'v> {
    pub(super) fn top(value: &'v Value) -> Result<Self> {
        Self::within(value, String::new())
    }

    pub(super) fn within(value: &'v Value, pointer: String) -> Result<Self> {
        match value {
            Value::Object(object) => Ok(Self { object, pointer }),
            _ => Err(DefinitionError::new(pointer, "It must be a JSON object")),
        }
    }

    pub(super) fn wrong(&self, key: &str, detail: impl Into<String>) -> DefinitionError {
        DefinitionError::new(format!("{}/{key}", self.pointer), detail)
    }

    pub(super) fn refuse_unknown(&self, known: &[&str]) -> Result<()> {
        let Some(key) = self.object.keys().find(|key| !known.contains(&key.as_str())) else {
            return Ok(());
        };
        let meant = known.iter().find(|known| known.eq_ignore_ascii_case(key));
        let detail = match meant {
            Some(meant) => format!("{key:?} is written {meant}"),
            None => format!("{key:?} is none of: {}", known.join(", ")),
        };
        // RFC 6901 §3.
        let escaped = key.replace('~', "~0").replace('/', "~1");
        Err(self.wrong(&escaped, detail))
    }

    pub(super) fn text(&self, key: &str, longest: usize) -> Result<Option<String>> {
        match self.object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                self.refuse_text(key, text, longest)?;
                Ok(Some(text.clone()))
            }
            Some(_) => Err(self.wrong(key, format!("{key} must be a text"))),
        }
    }

    fn refuse_text(&self, key: &str, text: &str, longest: usize) -> Result<()> {
        if text.chars().count() > longest {
            return Err(self.wrong(key, format!("It can have up to {longest} characters")));
        }
        if text.contains('\0') {
            return Err(self.wrong(key, "The character U+0000 is not allowed"));
        }
        Ok(())
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>> {
        match self.object.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(boolean)) => Ok(Some(*boolean)),
            Some(_) => Err(self.wrong(key, format!("{key} is true or false"))),
        }
    }

    /// One of the values, as JSON spells them.
    pub(super) fn choice<T: Copy + serde::Serialize>(&self, key: &str, all: &[T]) -> Result<Option<T>> {
        let given = match self.object.get(key) {
            None | Some(Value::Null) => return Ok(None),
            Some(given) => given,
        };
        let spelled: Vec<Value> = all.iter().map(|one| serde_json::json!(one)).collect();
        if let Some(at) = spelled.iter().position(|one| one == given) {
            return Ok(all.get(at).copied());
        }
        let names: Vec<_> = spelled.iter().filter_map(Value::as_str).collect();
        Err(self.wrong(key, format!("{key} is one of: {}", names.join(", "))))
    }

    /// A list of texts; none if it is left out.
    pub(super) fn texts(&self, key: &str, most: usize, longest: usize) -> Result<Vec<String>> {
        let values = match self.object.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(values)) if values.len() <= most => values,
            Some(_) => return Err(self.wrong(key, format!("{key} must be a list of up to {most} texts"))),
        };
        values
            .iter()
            .enumerate()
            .map(|(index, value)| match value {
                Value::String(text) => {
                    let key = format!("{key}/{index}");
                    self.refuse_text(&key, text, longest)?;
                    Ok(text.clone())
                }
                _ => Err(self.wrong(&format!("{key}/{index}"), "It must be a text")),
            })
            .collect()
    }
}
