//! What an organization gives to whom by itself, kept until a write finds that it has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{GroupId, LicenceId, OrgId};
use store::licences::Known;
use store::licences::templates::Scope;

use crate::{Directory, Error};

/// The templates of an organization, as of one revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Licensing {
    pub revision: i64,
    licences: u64,
    organization: Option<Vec<LicenceId>>,
    groups: BTreeMap<GroupId, Vec<LicenceId>>,
}

impl Licensing {
    /// Are there licences at all? If not, nobody has one, and nobody gets one.
    pub fn is_used(&self) -> bool {
        self.licences > 0
    }

    /// Does whoever comes get any?
    pub fn gives_newcomers(&self) -> bool {
        self.organization
            .as_ref()
            .is_some_and(|licences| !licences.is_empty())
    }

    pub fn has_group(&self, group: GroupId) -> bool {
        self.groups.contains_key(&group)
    }

    /// What a template gives; `None`: there is none.
    pub fn of(&self, scope: Scope) -> Option<&[LicenceId]> {
        let licences = match scope {
            Scope::Organization => self.organization.as_ref(),
            Scope::Group(group) => self.groups.get(&group),
        };
        licences.map(Vec::as_slice)
    }
}

impl From<Known> for Licensing {
    fn from(known: Known) -> Self {
        let mut licensing = Self {
            revision: known.revision,
            licences: known.licences,
            ..Self::default()
        };
        for template in known.templates {
            match template.scope {
                Scope::Organization => licensing.organization = Some(template.licences),
                Scope::Group(group) => {
                    licensing.groups.insert(group, template.licences);
                }
            }
        }
        licensing
    }
}

impl Directory {
    /// As it was when it was last read. A write that depends on it makes sure that it still is so.
    pub(crate) async fn licensing(&self, org: OrgId) -> Result<Arc<Licensing>, Error> {
        if let Some(licensing) = self.kept_licensing.get(org, 0) {
            return Ok(licensing);
        }
        self.read_licensing(org).await
    }

    /// What has changed since then; [`Error::SchemasChanged`] if nothing has, so that it must have been the schemas.
    pub(crate) async fn newer_licensing(
        &self,
        org: OrgId,
        known: &Licensing,
    ) -> Result<Arc<Licensing>, Error> {
        let read = self.read_licensing(org).await?;
        if read.revision == known.revision {
            return Err(Error::SchemasChanged);
        }
        Ok(read)
    }

    async fn read_licensing(&self, org: OrgId) -> Result<Arc<Licensing>, Error> {
        let known = store::licences::known(&mut self.store.reader(), org).await;
        let known = match known {
            Err(store::Error::NotFound) => return Err(Error::UnknownOrganization),
            known => known?,
        };
        let licensing: Arc<Licensing> = Arc::new(known.into());
        self.kept_licensing.put(org, licensing.revision, &licensing);
        Ok(licensing)
    }
}
