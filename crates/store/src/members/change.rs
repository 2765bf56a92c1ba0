//! Members come and go. Each membership that changes is noted in the feed; a request raises the group's version once.

use std::collections::BTreeSet;

use base::{Cause, GroupId, OrgId, SubjectId, UserId};

use super::{MemberId, MemberRef, SubjectKind, Target, nesting};
use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::tx::{Lock, Query, Tx};
use crate::value::Value;
use crate::{groups, params, sql, users};

/// All of the primary key is named: SQLite deletes by no other index than that one. Without a kind it is both.
pub(super) const REMOVE: &str = "DELETE FROM members WHERE org = ?1 AND group_id = ?2 AND member_id = ?3 \
    AND member_kind IN (COALESCE(?4, 'group'), COALESCE(?4, 'user')) RETURNING member_kind, member_id, group_id";

/// What came of adding members. Those who were members before are in none of the lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    pub added: Vec<MemberId>,
    /// Of which there is none, or none of the kind that was said.
    pub unknown: Vec<MemberRef>,
    /// Groups that contain this one, or are it: they were not added.
    pub circular: Vec<GroupId>,
}

/// What came of setting the members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replaced {
    pub added: Vec<MemberId>,
    pub removed: Vec<MemberId>,
    /// As in [`Added`].
    pub unknown: Vec<MemberRef>,
    pub circular: Vec<GroupId>,
}

/// Adds members to a group; those who are in it already and ids of nobody change nothing.
///
/// Where a group is among them, it takes [`Lock::Groups`]: of two writes that would each close half of a circle one
/// sees the other's. A write that changes rows before calls [`lock_nesting`] first.
pub async fn add<M: Copy + Into<MemberRef>>(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    members: &[M],
    cause: &Cause,
) -> Result<Added, Error> {
    let mut target = Target::default();
    target.add(&refs(members));
    let Replaced {
        added,
        removed: _,
        unknown,
        circular,
    } = carry_out(tx, org, group, &target, cause).await?;
    Ok(Added {
        added,
        unknown,
        circular,
    })
}

/// Removes members from a group; says who was in it.
pub async fn remove<M: Copy + Into<MemberRef>>(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    members: &[M],
    cause: &Cause,
) -> Result<Vec<MemberId>, Error> {
    let mut target = Target::default();
    target.remove(&refs(members));
    Ok(carry_out(tx, org, group, &target, cause).await?.removed)
}

/// Removes all members from a group, or all of one kind; says who was in it.
pub async fn clear(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    kind: Option<SubjectKind>,
    cause: &Cause,
) -> Result<Vec<MemberId>, Error> {
    changes::begin(tx, org).await?;
    require(tx, org, group).await?;
    let removed = wipe(tx, org, group, kind).await?;
    raise(tx, org, group, &[], &removed, cause).await?;
    Ok(removed)
}

/// Makes these, and no others, the members of a group.
pub async fn replace<M: Copy + Into<MemberRef>>(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    members: &[M],
    cause: &Cause,
) -> Result<Replaced, Error> {
    let mut target = Target::default();
    target.replace(&refs(members));
    carry_out(tx, org, group, &target, cause).await
}

/// Brings the members to where they are to be. Raises no version and notes nothing: see [`note`]. Reads the members only
/// where some of a kind stay and all others go.
pub async fn settle(tx: &mut Tx<'_>, org: OrgId, group: GroupId, target: &Target) -> Result<Replaced, Error> {
    changes::begin(tx, org).await?;
    let mut joining = target.joining();
    let mut gone = target.leaving();
    let mut kept = Vec::new();
    for kind in target.compared() {
        let (stay, go): (Vec<_>, Vec<_>) = everybody(tx, org, group, kind)
            .await?
            .into_iter()
            .partition(|member| joining.contains(member));
        kept.extend(stay);
        gone.extend(go.into_iter().map(MemberRef::from));
    }
    let there: BTreeSet<SubjectId> = kept.iter().map(|member| member.subject()).collect();
    joining.retain(|member| !there.contains(&member.subject()));
    let (added, circular) = if joining.is_empty() {
        require(tx, org, group).await?;
        (Vec::new(), Vec::new())
    } else {
        let joining: Vec<MemberRef> = joining.into_iter().map(MemberRef::from).collect();
        add_rows(tx, org, group, &joining).await?
    };
    kept.extend(&added);
    let unknown = unknown(tx, org, &target.named(), &kept, &circular).await?;
    let mut removed = Vec::new();
    if !gone.is_empty() {
        removed = remove_rows(tx, org, group, &ordered(&gone)).await?;
    }
    match target.wiped()[..] {
        [] => {}
        [kind] => removed.extend(wipe(tx, org, group, Some(kind)).await?),
        _ => removed.extend(wipe(tx, org, group, None).await?),
    }
    Ok(Replaced {
        added,
        removed,
        unknown,
        circular,
    })
}

/// Removes somebody, or a group, from every group. To be called behind the deletion of the row of its own: so nobody
/// can add it any more.
pub async fn leave_all(
    tx: &mut Tx<'_>,
    org: OrgId,
    member: MemberId,
    cause: &Cause,
) -> Result<Vec<GroupId>, Error> {
    changes::begin(tx, org).await?;
    let groups = super::group_ids(tx, org, member.subject()).await?;
    let sets: Vec<Vec<Value>> = groups
        .iter()
        .map(|group| params![org, *group, member.subject(), member.kind().as_str()].to_vec())
        .collect();
    let rows = tx.query_many(REMOVE, &sets).await?;
    let left: Result<BTreeSet<GroupId>, Error> = rows.iter().map(|row| row.id(2)).collect();
    let left: Vec<GroupId> = left?.into_iter().collect();
    for group in &left {
        raise(tx, org, *group, &[], &[member], cause).await?;
    }
    Ok(left)
}

/// Takes the lock that [`add`] will take, if there is a group among these. For writes that change rows before they add
/// members: whoever holds rows must not wait for a lock.
pub async fn lock_nesting(tx: &mut Tx<'_>, org: OrgId, target: &Target) -> Result<(), Error> {
    let joining = target.joining().into_iter();
    let groups = joining.filter(|member| member.kind() == SubjectKind::Group);
    let candidates: Vec<SubjectId> = groups.map(MemberId::subject).collect();
    changes::begin(tx, org).await?;
    if existing_groups(tx, org, &candidates).await?.is_empty() {
        return Ok(());
    }
    tx.lock(Lock::Groups(org)).await
}

async fn carry_out(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    target: &Target,
    cause: &Cause,
) -> Result<Replaced, Error> {
    let done = settle(tx, org, group, target).await?;
    raise(tx, org, group, &done.added, &done.removed, cause).await?;
    Ok(done)
}

async fn wipe(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    kind: Option<SubjectKind>,
) -> Result<Vec<MemberId>, Error> {
    let rows = match kind {
        None => {
            let sql = "DELETE FROM members WHERE org = ?1 AND group_id = ?2 RETURNING member_kind, member_id";
            tx.query(sql, params![org, group]).await?
        }
        Some(kind) => {
            let sql = "DELETE FROM members WHERE org = ?1 AND group_id = ?2 AND member_kind = ?3 \
                       RETURNING member_kind, member_id";
            tx.query(sql, params![org, group, kind.as_str()]).await?
        }
    };
    let removed: Result<BTreeSet<MemberId>, Error> =
        rows.iter().map(|row| MemberId::read(row, 0, 1)).collect();
    Ok(removed?.into_iter().collect())
}

/// All members of a kind.
async fn everybody(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    kind: SubjectKind,
) -> Result<Vec<MemberId>, Error> {
    let sql =
        "SELECT member_kind, member_id FROM members WHERE org = ?1 AND group_id = ?2 AND member_kind = ?3";
    let rows = tx.query(sql, params![org, group, kind.as_str()]).await?;
    rows.iter().map(|row| MemberId::read(row, 0, 1)).collect()
}

async fn require(tx: &mut Tx<'_>, org: OrgId, group: GroupId) -> Result<(), Error> {
    let sql = "SELECT 1 FROM groups WHERE org = ?1 AND id = ?2";
    tx.first(sql, params![org, group])
        .await?
        .map(drop)
        .ok_or(Error::NotFound)
}

/// Which of these are groups.
async fn existing_groups(
    q: &mut impl Query,
    org: OrgId,
    ids: &[SubjectId],
) -> Result<BTreeSet<GroupId>, Error> {
    let rows = sql::by_ids(q, org, ids, |list| {
        format!("SELECT id FROM groups WHERE org = ?1 AND id IN ({list})")
    });
    rows.await?.iter().map(|row| row.id(0)).collect()
}

/// Who is new, and the groups that would close a circle.
async fn add_rows(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    wanted: &[MemberRef],
) -> Result<(Vec<MemberId>, Vec<GroupId>), Error> {
    // One statement says whether the group is there and which of the members are groups.
    let candidates: Vec<SubjectId> = std::iter::once(group.into())
        .chain(of_kind(wanted, SubjectKind::Group))
        .collect();
    let mut nested = existing_groups(tx, org, &candidates).await?;
    if !nested.contains(&group) {
        return Err(Error::NotFound);
    }
    if of_kind(wanted, SubjectKind::Group).all(|id| id != group.into()) {
        nested.remove(&group);
    }
    let mut circular = Vec::new();
    if !nested.is_empty() {
        tx.lock(Lock::Groups(org)).await?;
        let above = nesting::above(tx, org, group).await?;
        circular = nested.intersection(&above).copied().collect();
        nested.retain(|one| !above.contains(one));
    }
    let people: Vec<SubjectId> = of_kind(wanted, SubjectKind::User)
        .filter(|id| !nested.contains(&id.as_group()) && !circular.contains(&id.as_group()))
        .collect();
    let nested: Vec<SubjectId> = nested.into_iter().map(SubjectId::from).collect();
    let mut added = insert(tx, org, group, SubjectKind::Group, &nested).await?;
    added.extend(insert(tx, org, group, SubjectKind::User, &people).await?);
    Ok((added, circular))
}

/// Adds those of one kind that exist; says who was not in the group before.
async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    kind: SubjectKind,
    ids: &[SubjectId],
) -> Result<Vec<MemberId>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let now = tx.ambient().now();
    let table = match kind {
        SubjectKind::User => "users",
        SubjectKind::Group => "groups",
    };
    let hold = tx.hold_keys();
    let sql = format!(
        "INSERT INTO members (org, group_id, member_kind, member_id, added) \
         SELECT r.org, ?2, ?4, r.id, ?5 FROM {table} r WHERE r.org = ?1 AND r.id = ?3{hold} \
         ON CONFLICT DO NOTHING RETURNING member_kind, member_id"
    );
    let sets: Vec<Vec<Value>> = ids
        .iter()
        .map(|id| params![org, group, *id, kind.as_str(), now].to_vec())
        .collect();
    let rows = tx.query_many(&sql, &sets).await.map_err(Error::raced)?;
    rows.iter().map(|row| MemberId::read(row, 0, 1)).collect()
}

/// Those who are neither new members nor were members before.
async fn unknown(
    tx: &mut Tx<'_>,
    org: OrgId,
    wanted: &[MemberRef],
    added: &[MemberId],
    circular: &[GroupId],
) -> Result<Vec<MemberRef>, Error> {
    let settled: BTreeSet<MemberId> = added
        .iter()
        .copied()
        .chain(circular.iter().map(|group| MemberId::Group(*group)))
        .collect();
    let known = |one: &MemberRef, members: &BTreeSet<MemberId>| {
        [SubjectKind::Group, SubjectKind::User]
            .into_iter()
            .any(|kind| one.may_be(kind) && members.contains(&MemberId::new(kind, one.id)))
    };
    let rest: Vec<MemberRef> = wanted
        .iter()
        .copied()
        .filter(|one| !known(one, &settled))
        .collect();
    if rest.is_empty() {
        return Ok(rest);
    }
    let people: Vec<UserId> = of_kind(&rest, SubjectKind::User)
        .map(SubjectId::as_user)
        .collect();
    let groups: Vec<SubjectId> = of_kind(&rest, SubjectKind::Group).collect();
    let people = users::existing(tx, org, &people).await?;
    let groups = existing_groups(tx, org, &groups).await?;
    let people = people.into_iter().map(MemberId::User);
    let existing: BTreeSet<MemberId> = people.chain(groups.into_iter().map(MemberId::Group)).collect();
    Ok(rest.into_iter().filter(|one| !known(one, &existing)).collect())
}

async fn remove_rows(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    members: &[MemberRef],
) -> Result<Vec<MemberId>, Error> {
    let sets: Vec<Vec<Value>> = members
        .iter()
        .map(|one| params![org, group, one.id, one.kind.map(SubjectKind::as_str)].to_vec())
        .collect();
    let rows = tx.query_many(REMOVE, &sets).await?;
    rows.iter().map(|row| MemberId::read(row, 0, 1)).collect()
}

/// Raises the group's version once and notes each membership in the feed, if there is any.
async fn raise(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    added: &[MemberId],
    removed: &[MemberId],
    cause: &Cause,
) -> Result<(), Error> {
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    groups::touch(tx, org, group, None).await?;
    note(tx, org, group, added, removed, cause).await
}

/// Notes each membership in the feed; the group's version is raised by whoever calls.
pub async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    added: &[MemberId],
    removed: &[MemberId],
    cause: &Cause,
) -> Result<(), Error> {
    let entry = |what| {
        move |member: &MemberId| {
            let kind = match member {
                MemberId::User(_) => Kind::Member,
                MemberId::Group(_) => Kind::MemberGroup,
            };
            Entry::new(kind, group, what).related_to(member.subject())
        }
    };
    let entries: Vec<Entry> = removed
        .iter()
        .map(entry(What::Removed))
        .chain(added.iter().map(entry(What::Added)))
        .collect();
    changes::append_all(tx, org, &entries, cause).await
}

/// The ids that may be of a kind.
fn of_kind(members: &[MemberRef], kind: SubjectKind) -> impl Iterator<Item = SubjectId> {
    members
        .iter()
        .filter(move |one| one.may_be(kind))
        .map(|one| one.id)
}

fn refs<M: Copy + Into<MemberRef>>(members: &[M]) -> Vec<MemberRef> {
    members.iter().map(|one| (*one).into()).collect()
}

/// Each once, in order: two writes that touch the same members meet them in the same order.
fn ordered(members: &[MemberRef]) -> Vec<MemberRef> {
    let unique: BTreeSet<MemberRef> = members.iter().copied().collect();
    unique.into_iter().collect()
}
