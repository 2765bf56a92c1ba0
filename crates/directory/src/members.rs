//! Memberships: rows, so that one more costs the same in a group of ten and of a hundred thousand.

use base::{Cause, GroupId, OrgId, UserId};
use store::Tx;
use store::members::{Member, Membership};

use crate::{Directory, Error};

/// How many members are read in one go where all are wanted.
const BATCH: u32 = 10_000;

/// One step of a change of members; several are carried out in order, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// Who is a member already stays one.
    Add(Vec<UserId>),
    /// Who is no member is passed over.
    Remove(Vec<UserId>),
    /// These and nobody else.
    Replace(Vec<UserId>),
}

impl Directory {
    /// All direct members of a group, in the order of their ids.
    pub async fn members(&self, org: OrgId, group: GroupId) -> Result<Vec<Member>, Error> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let batch = self.members_after(org, group, after, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(all) };
            after = Some(last.user);
            let full = batch.len() >= BATCH as usize;
            all.extend(batch);
            if !full {
                return Ok(all);
            }
        }
    }

    /// A page of a group's direct members.
    pub async fn members_after(
        &self,
        org: OrgId,
        group: GroupId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Member>, Error> {
        Ok(store::members::page(&mut self.store.reader(), org, group, after, limit).await?)
    }

    pub async fn count_members(&self, org: OrgId, group: GroupId) -> Result<u64, Error> {
        Ok(store::members::count(&mut self.store.reader(), org, group).await?)
    }

    /// The groups that people are direct members of; whoever is in none is absent.
    pub async fn groups_of(
        &self,
        org: OrgId,
        users: &[UserId],
    ) -> Result<std::collections::BTreeMap<UserId, Vec<Membership>>, Error> {
        Ok(store::members::of_users(&mut self.store.reader(), org, users).await?)
    }
}

/// What a change of members did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    pub added: u64,
    pub removed: u64,
}

/// Carries out the steps; unknown members are refused, and with them the whole change.
pub async fn carry_out(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    steps: &[MemberChange],
    cause: &Cause,
) -> Result<Moved, store::Error> {
    let mut moved = Moved::default();
    for step in steps {
        let (added, removed, unknown) = match step {
            MemberChange::Add(ids) if ids.is_empty() => continue,
            MemberChange::Remove(ids) if ids.is_empty() => continue,
            MemberChange::Add(ids) => {
                let done = store::members::add(tx, org, group, ids, cause).await?;
                (done.added.len(), 0, done.unknown)
            }
            MemberChange::Remove(ids) => {
                let removed = store::members::remove(tx, org, group, ids, cause).await?;
                (0, removed.len(), Vec::new())
            }
            MemberChange::Replace(ids) => {
                let done = store::members::replace(tx, org, group, ids, cause).await?;
                (done.added.len(), done.removed.len(), done.unknown)
            }
        };
        if let Some(id) = unknown.first() {
            return Err(store::Error::refuse(Error::UnknownMember { id: *id }));
        }
        moved.added += added as u64;
        moved.removed += removed as u64;
    }
    Ok(moved)
}
