//! Filters that ask for members by id: only these members are read, however many a group has.

use std::collections::BTreeMap;

use base::{GroupId, OrgId, SubjectId};
use store::members::Member;

use crate::list::Criteria;
use crate::resource::Resource;
use crate::{Directory, Error};

impl Directory {
    /// The members on whom it depends which groups of a batch match, where these are few; else it is all of them.
    pub(crate) async fn pinned_members(
        &self,
        org: OrgId,
        criteria: &Criteria,
        batch: &[Resource],
    ) -> Result<Option<BTreeMap<GroupId, Vec<Member>>>, Error> {
        if !criteria.mentions("members") {
            return Ok(Some(BTreeMap::new()));
        }
        let Some(pinned) = criteria.pinned_members() else {
            return Ok(None);
        };
        // A batch may be in any order.
        let groups = || batch.iter().filter_map(Resource::group).map(|group| group.id);
        let (Some(first), Some(last), false) = (groups().min(), groups().max(), pinned.is_empty()) else {
            return Ok(Some(BTreeMap::new()));
        };
        let mut reader = self.store.reader();
        let found = store::members::among(&mut reader, org, (first, last), &pinned).await?;
        Ok(Some(found))
    }
}

impl Criteria {
    /// The only members for whom they ask, if they ask for them by id alone.
    fn pinned_members(&self) -> Option<Vec<SubjectId>> {
        if self.sort.as_ref().is_some_and(|sort| sort.is_by("members")) {
            return None;
        }
        let ids = scim::filter::pinned(self.filter.as_ref()?, "members")?;
        // What is no id is nobody's.
        Some(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
    }
}
