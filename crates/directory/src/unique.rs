//! Values that only one resource may have, in the transaction that gives them to it.

use base::{OrgId, SubjectId};
use scim::{Object, ResourceType, ResourceTypes};
use store::Tx;
use store::unique_values::UniqueValue;

use crate::licences::Licensing;
use crate::{Error, resource_types};

/// What must hold for a resource beside its own rules: that it was read by the schemas of now, and that its unique
/// values are nobody else's.
pub struct Claim {
    revision: i64,
    values: Vec<UniqueValue>,
}

impl Claim {
    pub fn of(types: &ResourceTypes, kind: &ResourceType, resource: &Object) -> Result<Self, Error> {
        let values = if types.revision == 0 {
            Vec::new()
        } else {
            let values = scim::resource::unique_values(resource, kind)?.into_iter();
            let value = |one: scim::resource::UniqueValue| UniqueValue {
                attribute: one.attribute,
                value: one.value,
            };
            values.map(value).collect()
        };
        Ok(Self {
            revision: types.revision,
            values,
        })
    }

    /// To be called before anything is written.
    pub async fn begin(&self, tx: &mut Tx<'_>, org: OrgId) -> Result<(), store::Error> {
        resource_types::refuse_outdated(tx, org, self.revision).await
    }

    /// The same, and that the licence templates are still those by which it is decided what the resource means for licences.
    pub async fn begin_with(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        licensing: &Licensing,
    ) -> Result<(), store::Error> {
        let revisions = (licensing.revision, self.revision);
        let outdated = || store::Error::refuse(Error::SchemasChanged);
        store::licences::require_revisions(tx, org, revisions, outdated).await
    }

    /// To be called once the resource is written.
    pub async fn settle(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        subject: impl Into<SubjectId>,
    ) -> Result<(), store::Error> {
        if self.revision == 0 {
            return Ok(());
        }
        match store::unique_values::claim(tx, org, subject.into(), &self.values).await? {
            None => Ok(()),
            Some(taken) => Err(store::Error::refuse(Error::ValueTaken {
                attribute: taken.attribute,
            })),
        }
    }
}
