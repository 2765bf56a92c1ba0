//! Scoping filters: who of those who could have an account is to have one, by what their attributes hold.
//!
//! Clauses of a group must all hold, and one group that holds is enough, as in Entra ID ("Scoping users or groups to be
//! provisioned with scoping filters", Microsoft Learn). A filter without groups lets everybody in.

mod check;
mod clause;
mod decision;
mod operator;

pub use check::{CheckedFilter, FilterError};
pub use clause::{Clause, ClauseError};
pub use decision::{ClauseDecision, Decision, GroupDecision};
pub use operator::Operator;

use serde::{Deserialize, Serialize};

/// Groups of clauses, as they are stored and shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopingFilter {
    #[serde(default)]
    pub groups: Vec<ClauseGroup>,
}

/// Clauses that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseGroup {
    /// What an admin calls it.
    #[serde(default)]
    pub title: String,
    pub clauses: Vec<Clause>,
}

impl ScopingFilter {
    /// Whether it lets everybody in.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The attributes that it reads, as written, each once.
    pub fn attributes(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for clause in self.groups.iter().flat_map(|group| &group.clauses) {
            if !names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&clause.attribute))
            {
                names.push(&clause.attribute);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_form() {
        let text = r#"{"groups":[{"title":"Sales","clauses":[{"attribute":"department","operator":"EQUALS","value":"sales"},{"attribute":"jobTitle","operator":"IS NOT NULL"}]}]}"#;
        let filter: ScopingFilter = serde_json::from_str(text).expect("a filter");
        assert_eq!(serde_json::to_string(&filter).expect("JSON"), text);
        assert_eq!(filter.attributes(), ["department", "jobTitle"]);
        let empty: ScopingFilter = serde_json::from_str("{}").expect("a filter");
        assert!(empty.is_empty());
    }

    #[test]
    fn misspelt_keys_are_refused() {
        for text in [
            r#"{"group":[]}"#,
            r#"{"groups":[{"title":"x"}]}"#,
            r#"{"groups":[{"clauses":[{"attribute":"a","operator":"IS NULL","values":"x"}]}]}"#,
        ] {
            assert!(serde_json::from_str::<ScopingFilter>(text).is_err(), "{text}");
        }
    }
}
