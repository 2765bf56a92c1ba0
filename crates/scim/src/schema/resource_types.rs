//! The resource types of one organization: the built-in ones with the extensions that it has added.

use std::sync::{Arc, LazyLock};

use super::resource_type::built_in_types;
use super::{Extension, ResourceType};

/// What is served to one organization. Everything that reads, judges or shows a resource asks these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTypes {
    /// How often the organization has changed its schemas: which state of them this is. 0 where it has none.
    pub revision: i64,
    pub user: ResourceType,
    pub group: ResourceType,
}

static BUILT_IN: LazyLock<Arc<ResourceTypes>> = LazyLock::new(|| {
    let (user, group) = built_in_types();
    Arc::new(ResourceTypes {
        revision: 0,
        user,
        group,
    })
});

impl ResourceTypes {
    /// Those of an organization that has added nothing.
    pub fn built_in() -> &'static Arc<Self> {
        &BUILT_IN
    }

    /// Those of an organization that has added extensions.
    pub fn extended(
        revision: i64,
        of_users: impl IntoIterator<Item = Extension>,
        of_groups: impl IntoIterator<Item = Extension>,
    ) -> Self {
        Self {
            revision,
            user: BUILT_IN.user.extended(of_users),
            group: BUILT_IN.group.extended(of_groups),
        }
    }

    /// People first.
    pub fn all(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }
}
