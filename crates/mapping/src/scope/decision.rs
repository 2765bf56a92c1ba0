//! Why somebody is in scope, or is not.

use base::Message;
use serde::Serialize;

use super::Clause;

/// Whether a filter lets a person in, with every clause and what it was put to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub in_scope: bool,
    pub groups: Vec<GroupDecision>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupDecision {
    pub title: String,
    pub holds: bool,
    pub clauses: Vec<ClauseDecision>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseDecision {
    #[serde(flatten)]
    pub clause: Clause,
    /// What the person has there, as a text.
    pub found: Option<String>,
    pub holds: bool,
}

impl GroupDecision {
    pub(super) fn new(title: &str, clauses: Vec<ClauseDecision>) -> Self {
        Self {
            title: title.to_owned(),
            holds: clauses.iter().all(|clause| clause.holds),
            clauses,
        }
    }

    fn failing(&self) -> impl Iterator<Item = &ClauseDecision> {
        self.clauses.iter().filter(|clause| !clause.holds)
    }
}

impl Decision {
    pub(super) fn new(groups: Vec<GroupDecision>) -> Self {
        Self {
            in_scope: groups.is_empty() || groups.iter().any(|group| group.holds),
            groups,
        }
    }

    /// In one message: the group that lets in, or what keeps out of the group that comes nearest.
    ///
    /// * `scope.filter_empty`
    /// * `scope.filter_in`: `filter`
    /// * `scope.filter_out`: `filter`, `attribute`, `found`, `wants` (the operator and its value)
    /// * `scope.filter_out_empty`: the same without `found`
    pub fn message(&self) -> Message {
        let named = |index: usize, group: &GroupDecision| match group.title.trim() {
            "" => (index + 1).to_string(),
            title => title.to_owned(),
        };
        if self.groups.is_empty() {
            return Message::new("scope.filter_empty");
        }
        let groups = self.groups.iter().enumerate();
        if let Some((index, group)) = groups.clone().find(|(_, group)| group.holds) {
            return Message::new("scope.filter_in").with("filter", named(index, group));
        }
        let nearest = groups.min_by_key(|(_, group)| group.failing().count());
        let out = |(index, group): (usize, &GroupDecision)| {
            let failed = group.failing().next()?;
            let Clause {
                attribute,
                operator,
                value,
            } = &failed.clause;
            let wants = [Some(operator.as_str()), value.as_deref()];
            let message = match &failed.found {
                None => Message::new("scope.filter_out_empty"),
                Some(found) => Message::new("scope.filter_out").with("found", found),
            };
            let wants = wants.into_iter().flatten().collect::<Vec<_>>().join(" ");
            Some(
                message
                    .with("filter", named(index, group))
                    .with("attribute", attribute)
                    .with("wants", wants),
            )
        };
        nearest
            .and_then(out)
            .unwrap_or_else(|| Message::new("scope.filter_empty"))
    }
}
