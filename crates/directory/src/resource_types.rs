//! What resources are in an organization.

use std::sync::Arc;

use base::OrgId;
use scim::ResourceTypes;

use crate::{Directory, Error};

impl Directory {
    /// The organization's resource types.
    #[expect(clippy::unused_async, reason = "an organization's own schemas are read here")]
    pub async fn resource_types(&self, _org: OrgId) -> Result<Arc<ResourceTypes>, Error> {
        Ok(ResourceTypes::built_in().clone())
    }
}
