//! A plan, as the server answers it.

use serde::Deserialize;
use serde_json::Value;

use crate::diff::Change;
use crate::output::{count, counted};
use crate::said::Said;

#[derive(Debug, Deserialize)]
pub(crate) struct Plan {
    pub(super) counts: Counts,
    /// Everything but `unchanged`, unless all were asked for.
    pub(super) items: Vec<Item>,
}

impl Counts {
    /// People whose accounts would change.
    pub(super) fn to_do(&self) -> u64 {
        self.create + self.link + self.update + self.disable + self.enable + self.delete
    }

    /// `2 to create, 1 to disable`; what would not happen is not named.
    pub(super) fn text(&self) -> String {
        let named = [
            (self.create, "create"),
            (self.link, "link"),
            (self.update, "update"),
            (self.enable, "enable"),
            (self.disable, "disable"),
            (self.delete, "delete"),
        ];
        let mut parts: Vec<String> = named
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, verb)| format!("{} to {verb}", count(*number)))
            .collect();
        if parts.is_empty() {
            parts.push("nothing to do".to_owned());
        }
        if self.error > 0 {
            parts.push(counted(self.error, "error", "errors"));
        }
        parts.join(", ")
    }
}

/// None may be missing: a count that is not understood must not look like nought.
#[derive(Debug, Deserialize)]
pub(super) struct Counts {
    #[serde(alias = "created")]
    pub(super) create: u64,
    #[serde(alias = "linked")]
    pub(super) link: u64,
    #[serde(alias = "updated")]
    pub(super) update: u64,
    #[serde(alias = "disabled")]
    pub(super) disable: u64,
    #[serde(alias = "enabled")]
    pub(super) enable: u64,
    #[serde(alias = "deleted")]
    pub(super) delete: u64,
    pub(super) unchanged: u64,
    #[serde(alias = "skipped")]
    pub(super) skip: u64,
    #[serde(alias = "errors")]
    pub(super) error: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) subject: Subject,
    action: Action,
    #[serde(default)]
    reason: Option<Said>,
    /// What keeps the person from being planned.
    #[serde(default)]
    error: Option<Said>,
    #[serde(default)]
    pub(super) changes: Vec<Change>,
    #[serde(default)]
    pub(super) requests: Vec<Request>,
    /// What came of it, if it did not go as planned.
    #[serde(default)]
    pub(super) outcome: Option<Said>,
}

/// A request that would be sent.
#[derive(Debug, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) body: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Subject {
    id: String,
    name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Create,
    Link,
    Update,
    Enable,
    Disable,
    Delete,
    Error,
    Skip,
    Unchanged,
}

impl Item {
    /// `Anna Lindqvist (anna@example.com)`, as far as it is known.
    pub(super) fn who(&self) -> String {
        let subject = self.subject.name.as_deref().unwrap_or(&self.subject.id);
        let name = self.new_value("displayName").unwrap_or(subject);
        match self.new_value("userName").unwrap_or(subject) {
            user_name if user_name != name => format!("{name} ({user_name})"),
            _ => name.to_owned(),
        }
    }

    /// What is new about an attribute whose old value would not name the person any better.
    fn new_value(&self, attribute: &str) -> Option<&str> {
        let of_attribute = |change: &&Change| change.attribute == attribute && change.old.is_null();
        self.changes
            .iter()
            .find(of_attribute)
            .and_then(|change| change.new.as_str())
    }

    /// What is to be done; someone with an error is not planned, whatever the server would have done.
    pub(super) fn action(&self) -> Action {
        if self.error.is_some() {
            Action::Error
        } else {
            self.action
        }
    }

    /// The error or else the reason, if one is given.
    pub(super) fn because(&self) -> Option<&str> {
        let said = self.error.as_ref().or(self.reason.as_ref());
        said.map(|said| said.text().trim_end_matches('.'))
            .filter(|text| !text.is_empty())
    }

    /// Changes that change something.
    pub(super) fn real_changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| {
            change.waits_for.is_some() || !is_nothing(&change.old) || !is_nothing(&change.new)
        })
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}
