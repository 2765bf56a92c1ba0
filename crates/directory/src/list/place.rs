//! Where a resource stands in a list.

use base::SubjectId;
use scim::sort::{Key, Sort};

use crate::resource::{Kind, Resource};

/// Where a resource stands in a list: the next page begins behind it, whatever comes and goes meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    pub(super) kind: Kind,
    pub(super) id: SubjectId,
    pub(super) key: Option<Key>,
}

impl Place {
    pub(super) fn of(resource: &Resource, key: Option<Key>) -> Self {
        Self {
            kind: resource.kind(),
            id: resource.id(),
            key,
        }
    }

    /// Equal keys are in the order of kinds and ids.
    pub(super) fn compare(&self, other: &Self, sort: &Sort) -> std::cmp::Ordering {
        sort.compare(
            (self.key.as_ref(), (self.kind, self.id)),
            (other.key.as_ref(), (other.kind, other.id)),
        )
    }
}
