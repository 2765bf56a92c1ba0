//! Memberships: rows, so that one more costs the same in a group of ten and of a hundred thousand.

use std::collections::BTreeSet;

use base::{GroupId, OrgId, UserId};
use scim::resource::MemberKind;
use store::members::{Member, MemberId, MemberRef, Membership, Replaced, SubjectKind, Target};
use store::{Start, Tx};

use crate::{Directory, Error};

/// How many members are read in one go where all are wanted.
const BATCH: u32 = 10_000;

/// Up to so many groups within a group are read one by one.
const FEW: usize = 16;

/// One step of a change of members; of several in a request, only what they come to in the end is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// Who is a member already stays one.
    Add(Vec<MemberRef>),
    /// Who is no member, or of another kind than was said, is passed over.
    Remove(Vec<MemberRef>),
    /// All go, or all of one kind.
    Clear(Option<SubjectKind>),
    /// These and no others.
    Replace(Vec<MemberRef>),
}

/// A member's `type` (RFC 7643 §4.2).
pub fn member_type(member: MemberId) -> &'static str {
    let kind = match member {
        MemberId::User(_) => MemberKind::User,
        MemberId::Group(_) => MemberKind::Group,
    };
    kind.as_str()
}

/// What a `type` says.
pub fn subject_kind(kind: MemberKind) -> SubjectKind {
    match kind {
        MemberKind::User => SubjectKind::User,
        MemberKind::Group => SubjectKind::Group,
    }
}

impl Directory {
    /// All direct members of a group, or all of one kind: groups before people, each in the order of ids.
    pub async fn members(
        &self,
        org: OrgId,
        group: GroupId,
        kind: Option<SubjectKind>,
    ) -> Result<Vec<Member>, Error> {
        let (mut all, mut start) = (Vec::new(), Start::FIRST);
        loop {
            let batch = self.members_page(org, group, kind, start, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(all) };
            start = Start::After(last.id);
            let full = batch.len() >= BATCH as usize;
            all.extend(batch);
            if !full {
                return Ok(all);
            }
        }
    }

    /// A page of the same.
    pub async fn members_page(
        &self,
        org: OrgId,
        group: GroupId,
        kind: Option<SubjectKind>,
        start: Start<MemberId>,
        limit: u32,
    ) -> Result<Vec<Member>, Error> {
        Ok(store::members::page(&mut self.store.reader(), org, group, kind, start, limit).await?)
    }

    /// A page of the ids of those who are in a group, directly or through nesting, in their order. `None` if so many
    /// groups are nested in it that they are better read once than for each page.
    pub(crate) async fn people_within(
        &self,
        org: OrgId,
        group: GroupId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<Vec<UserId>>, Error> {
        let mut reader = self.store.reader();
        let groups = store::members::below(&mut reader, org, group).await?;
        if groups.len() > FEW {
            return Ok(None);
        }
        let mut ids = BTreeSet::new();
        for group in groups {
            ids.extend(store::members::user_ids(&mut reader, org, group, after, limit).await?);
        }
        Ok(Some(ids.into_iter().take(limit as usize).collect()))
    }

    /// The ids of all of them. `None` if there are more rows of memberships than `most`.
    pub(crate) async fn everybody_within(
        &self,
        org: OrgId,
        group: GroupId,
        most: u32,
    ) -> Result<Option<BTreeSet<UserId>>, Error> {
        let mut reader = self.store.reader();
        let (mut ids, mut room) = (BTreeSet::new(), most);
        for group in store::members::below(&mut reader, org, group).await? {
            let limit = room.saturating_add(1);
            let found = store::members::user_ids(&mut reader, org, group, None, limit).await?;
            let Some(left) = u32::try_from(found.len())
                .ok()
                .and_then(|rows| room.checked_sub(rows))
            else {
                return Ok(None);
            };
            room = left;
            ids.extend(found);
        }
        Ok(Some(ids))
    }

    /// How many direct members a group has, or how many of one kind.
    pub async fn count_members(
        &self,
        org: OrgId,
        group: GroupId,
        kind: Option<SubjectKind>,
    ) -> Result<u64, Error> {
        Ok(store::members::count(&mut self.store.reader(), org, group, kind).await?)
    }

    /// The groups that people are in, directly or through nesting; whoever is in none is absent.
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

impl Moved {
    pub fn of(done: &Replaced) -> Self {
        Self {
            added: done.added.len() as u64,
            removed: done.removed.len() as u64,
        }
    }
}

/// What the steps come to, one behind the other.
pub fn net(steps: &[MemberChange]) -> Target {
    let mut target = Target::default();
    for step in steps {
        match step {
            MemberChange::Add(members) => target.add(members),
            MemberChange::Remove(members) => target.remove(members),
            MemberChange::Clear(kind) => target.clear(*kind),
            MemberChange::Replace(members) => target.replace(members),
        }
    }
    target
}

/// Brings the members to where they are to be; unknown members and circles are refused, and with them the whole change.
pub async fn settle(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    target: &Target,
) -> Result<Replaced, store::Error> {
    let done = store::members::settle(tx, org, group, target).await?;
    if let Some(member) = done.unknown.first() {
        return Err(store::Error::refuse(Error::UnknownMember { member: *member }));
    }
    if let Some(member) = done.circular.first() {
        let member = *member;
        return Err(store::Error::refuse(Error::CircularGroup { group, member }));
    }
    Ok(done)
}
