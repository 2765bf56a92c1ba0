//! What narrows a list whose filters are optional.

use base::OrgId;

use crate::value::Value;

/// In which order entries are listed that are written one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// Conditions that must all hold, and the values in them. The first is always the organization.
pub(crate) struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    pub(crate) fn of(org: OrgId) -> Self {
        Self {
            sql: "org = ?1".to_owned(),
            values: vec![org.into()],
        }
    }

    /// Adds `column operator value`, unless there is no value.
    #[must_use]
    pub(crate) fn and(mut self, column: &str, operator: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.values.push(value.into());
            let number = self.values.len().to_string();
            for part in [" AND ", column, " ", operator, " ?", &number] {
                self.sql.push_str(part);
            }
        }
        self
    }

    /// The conditions, all values with the limit as the last, and the limit's place.
    pub(crate) fn limited(mut self, limit: u32) -> (String, Vec<Value>, String) {
        self.values.push(limit.into());
        let place = format!("?{}", self.values.len());
        (self.sql, self.values, place)
    }
}
