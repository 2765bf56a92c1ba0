//! What is to be done about one person at one target. Pure: everything it depends on comes in, and what comes
//! out is carried out elsewhere, exactly as it stands.

mod decide;
mod difference;
mod document;
mod input;
mod members;
mod operation;
mod references;
mod replacement;

use base::Message;
use scim::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::assignments::SubjectKind;

use crate::account::{Known, Secrets, TargetPath};

pub use decide::plan;
pub use difference::{AttributeChange, Difference, difference};
pub(crate) use document::put;
pub use input::{Account, Candidates, Choices, Input, Leaving, Members, Person, Refusal, Scope, Writing};
pub use operation::{Op, Operation, operations};
pub(crate) use references::named;
pub use references::{Referenced, References};
pub use replacement::Whole;

/// What is done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A new account.
    Create,
    /// An account that exists becomes this person's; what differs is updated.
    Link,
    Update,
    /// May no longer sign in.
    Disable,
    /// May sign in again; what differs is updated.
    Enable,
    /// The account goes for good.
    Delete,
    /// In step already.
    Unchanged,
    /// Nothing to do with this app, or switched off; the reason says.
    Skip,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Link => "link",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
            Self::Unchanged => "unchanged",
            Self::Skip => "skip",
        }
    }
}

/// The request that brings the account into step.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Create {
        body: Object,
    },
    Patch {
        target: String,
        operations: Vec<Operation>,
    },
    /// The whole account.
    Put {
        target: String,
        body: Object,
        /// Only in place of this version, if the target tells them apart.
        version: Option<String>,
    },
    Delete {
        target: String,
    },
}

impl Request {
    pub fn method(&self) -> &'static str {
        match self {
            Self::Create { .. } => "POST",
            Self::Patch { .. } => "PATCH",
            Self::Put { .. } => "PUT",
            Self::Delete { .. } => "DELETE",
        }
    }

    /// Below the target's base URL.
    pub fn path(&self, kind: SubjectKind) -> String {
        let endpoint = match kind {
            SubjectKind::User => "/Users",
            SubjectKind::Group => "/Groups",
        };
        match self {
            Self::Create { .. } => endpoint.to_owned(),
            Self::Patch { target, .. } | Self::Put { target, .. } | Self::Delete { target } => {
                format!("{endpoint}/{target}")
            }
        }
    }

    pub fn body(&self) -> Option<Value> {
        match self {
            Self::Create { body } | Self::Put { body, .. } => Some(Value::Object(body.clone())),
            Self::Patch { operations, .. } => Some(operation::body(operations)),
            Self::Delete { .. } => None,
        }
    }
}

/// What is to be done, why, and what will be known of the account afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub kind: SubjectKind,
    pub action: Action,
    pub reason: Message,
    pub changes: Vec<AttributeChange>,
    /// `None`: nothing is sent.
    pub request: Option<Request>,
    /// The account's id at the target; `None` when there is none (yet).
    pub target: Option<String>,
    /// What is known of the account once the request has succeeded.
    pub known: Known,
    /// Whether the request changes members.
    pub(crate) changes_members: bool,
    /// What of the request must not be shown.
    pub(crate) secrets: Secrets,
}

impl Plan {
    /// The request's body as it is shown to people.
    pub fn shown_body(&self) -> Option<Value> {
        let mut body = self.request.as_ref()?.body()?;
        self.secrets.mask(&mut body);
        Some(body)
    }

    /// Whether it takes the account away, or its right to sign in.
    pub(crate) fn is_destructive(&self, active: Option<&TargetPath>) -> bool {
        let denies = |change: &AttributeChange| {
            active.is_some_and(|path| path.as_str() == change.attribute)
                // Without it, nobody knows what the target makes of the account.
                && matches!(change.new, None | Some(Value::Null | Value::Bool(false)))
                && change.old != Some(Value::Bool(false))
        };
        match self.action {
            Action::Delete => true,
            Action::Create => false,
            _ => self.changes.iter().any(denies),
        }
    }
}

#[cfg(test)]
mod convergence;
#[cfg(test)]
mod tests;

#[cfg(test)]
mod destructive {
    use serde_json::json;

    use super::*;

    #[test]
    fn whoever_loses_the_right_to_sign_in_counts() {
        let active = TargetPath::parse("active").expect("a path");
        for (old, new, counts) in [
            (Some(json!(true)), Some(json!(false)), true),
            (Some(json!(true)), None, true),
            (None, Some(json!(false)), true),
            (Some(json!(false)), None, false),
            (Some(json!(false)), Some(json!(true)), false),
        ] {
            let plan = Plan {
                kind: SubjectKind::User,
                action: Action::Update,
                reason: Message::new("plan.differs"),
                changes: vec![AttributeChange {
                    attribute: "active".to_owned(),
                    old: old.clone(),
                    new: new.clone(),
                    waits_for: None,
                }],
                request: None,
                target: None,
                known: Known::default(),
                changes_members: false,
                secrets: Secrets::default(),
            };
            assert_eq!(plan.is_destructive(Some(&active)), counts, "{old:?} {new:?}");
        }
    }
}
