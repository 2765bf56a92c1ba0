//! Removing people who have been inactive for as long as the organization says.
//!
//! It is the same removal as any: out of every group, the licences go on to others, the apps follow, a tombstone stays.

use base::{Actor, OrgId, Timestamp, UserId};
use store::users::User;

use crate::{Change, Concurrency, Directory, Error, Settings, Source};

/// Looked at in one go.
const BATCH: u32 = 500;

impl Directory {
    /// Removes whoever has been inactive for too long; says how many. Whoever is enabled, or changed, meanwhile stays.
    pub async fn remove_long_inactive(&self, org: OrgId) -> Result<u64, Error> {
        let settings = self.settings(org).await?;
        let Some(before) = settings.remove_inactive_after.before(self.ambient.now()) else {
            return Ok(0);
        };
        let (mut removed, mut after) = (0, None);
        loop {
            let page =
                store::facts::inactive_before(&mut self.store.reader(), org, before, after, BATCH).await?;
            for (_, user) in &page {
                removed += u64::from(self.remove_inactive(org, settings, before, *user).await?);
            }
            if page.len() < BATCH as usize {
                return Ok(removed);
            }
            after = page.last().copied();
        }
    }

    async fn remove_inactive(
        &self,
        org: OrgId,
        settings: Settings,
        before: Timestamp,
        id: UserId,
    ) -> Result<bool, Error> {
        let Some(user) = self.long_inactive(org, before, id).await? else {
            return Ok(false);
        };
        let cause = self.ambient.cause(Actor::system());
        // No token brings the revision along: the types are read.
        let types = self.resource_types(org, i64::MAX).await?;
        let change = Change {
            cause: &cause,
            source: Source::Retention,
            types: &types,
            settings,
        };
        // Enabling somebody makes another version.
        match self.delete_user(&change, org, &user, Concurrency::Strict).await {
            Ok(()) => Ok(true),
            Err(Error::VersionMismatch { .. } | Error::UnknownUser { .. } | Error::LastAdmin { .. }) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The person as of now, if still inactive for so long. The version is read first: facts that are read after it are those
    /// of this version or a later one.
    async fn long_inactive(&self, org: OrgId, before: Timestamp, id: UserId) -> Result<Option<User>, Error> {
        let mut reader = self.store.reader();
        let user = store::users::by_id(&mut reader, org, id).await?;
        let facts = store::facts::of_user(&mut reader, org, id).await?;
        let is_long = facts.inactive.is_some_and(|since| since < before);
        Ok(user.filter(|user| !user.active && is_long))
    }
}
