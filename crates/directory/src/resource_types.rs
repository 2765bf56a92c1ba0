//! What resources are in an organization: the built-in types with the extensions that it has added, kept until it
//! changes them.

use std::sync::Arc;

use base::OrgId;
use scim::ResourceTypes;
use scim::schema::{Extension, Origin, Schema};
use store::Tx;
use store::changes::Kind as What;

use crate::{Directory, Error};

impl Directory {
    /// The organization's resource types, of this revision of its schemas or a later one. A token that is looked up
    /// brings the revision along, so nothing is asked here unless there is a new one.
    pub async fn resource_types(&self, org: OrgId, revision: i64) -> Result<Arc<ResourceTypes>, Error> {
        if revision == 0 {
            return Ok(ResourceTypes::built_in().clone());
        }
        if let Some(types) = self.types.get(org, revision) {
            return Ok(types);
        }
        let types = Arc::new(self.read_resource_types(org).await?);
        self.types.put(org, types.revision, &types);
        Ok(types)
    }

    async fn read_resource_types(&self, org: OrgId) -> Result<ResourceTypes, Error> {
        let (revision, schemas) = store::schemas::all(&mut self.store.reader(), org).await?;
        let extensions = |kind: What| -> Result<Vec<Extension>, Error> {
            let of_this_kind = schemas.iter().filter(|schema| schema.kind == kind);
            of_this_kind
                .map(|stored| {
                    Ok(Extension {
                        schema: definition(stored)?,
                        required: stored.required,
                        origin: Origin::Organization,
                    })
                })
                .collect()
        };
        Ok(ResourceTypes::extended(
            revision,
            extensions(What::User)?,
            extensions(What::Group)?,
        ))
    }
}

/// A stored schema's definition.
pub fn definition(stored: &store::schemas::Schema) -> Result<Schema, Error> {
    serde_json::from_str(&stored.doc).map_err(|_| Error::DamagedSchema { id: stored.id })
}

/// Refuses a write that was prepared by other schemas than those of now.
pub async fn refuse_outdated(tx: &mut Tx<'_>, org: OrgId, revision: i64) -> Result<(), store::Error> {
    let outdated = || store::Error::refuse(Error::SchemasChanged);
    store::schemas::require_revision(tx, org, revision, outdated).await
}
