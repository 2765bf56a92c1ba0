//! A directory person, answering to Entra ID's attribute names and to SCIM's.

mod entra;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};

use crate::scim_path::ScimPath;
use crate::{Attributes, Value};

/// A person as the source of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The SCIM User, without its `id`.
    pub resource: &'a Map<String, Json>,
    pub id: &'a str,
    /// Entra ID's `IsSoftDeleted`: whether the account must be inactive, be it that the person is disabled,
    /// deleted or no longer in scope.
    pub is_soft_deleted: bool,
}

impl Attributes for Person<'_> {
    /// Entra ID's names come first; every other name is a SCIM path. What is no path is null.
    fn get(&self, name: &str) -> Value {
        if let Some(attribute) = entra::find(name) {
            return attribute.read(self);
        }
        self.scim(name)
    }
}

impl Person<'_> {
    fn scim(&self, path: &str) -> Value {
        if path.trim().eq_ignore_ascii_case("id") {
            return Value::text(self.id);
        }
        ScimPath::parse(path)
            .map(|path| path.read(self.resource))
            .unwrap_or_default()
    }
}
