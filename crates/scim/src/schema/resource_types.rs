//! The resource types of one organization: the built-in ones with the extensions that it has added.

use std::sync::{Arc, LazyLock};

use super::ResourceType;
use super::resource_type::built_in_types;

/// What is served to one organization. Everything that reads, judges or shows a resource asks these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTypes {
    pub user: ResourceType,
    pub group: ResourceType,
}

static BUILT_IN: LazyLock<Arc<ResourceTypes>> = LazyLock::new(|| {
    let (user, group) = built_in_types();
    Arc::new(ResourceTypes { user, group })
});

impl ResourceTypes {
    /// Those of an organization that has added nothing.
    pub fn built_in() -> &'static Arc<Self> {
        &BUILT_IN
    }

    /// People first.
    pub fn all(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }
}
