//! Who is in which group: one row per membership, indexed both ways. No change reads the other members.

use std::collections::{BTreeMap, BTreeSet};

use base::{Cause, GroupId, OrgId, UserId};

use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{groups, params, sql, users};

/// A member as a group's document shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub user: UserId,
    pub user_name: String,
    pub display_name: Option<String>,
}

/// A group as a person's document shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub group: GroupId,
    pub display_name: String,
}

/// What came of adding members. Those who were members before are in neither list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    pub added: Vec<UserId>,
    /// Ids of which there is no person.
    pub unknown: Vec<UserId>,
}

/// What came of setting the members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replaced {
    pub added: Vec<UserId>,
    pub removed: Vec<UserId>,
    /// Ids of which there is no person.
    pub unknown: Vec<UserId>,
}

/// A page of a group's members, in the order of ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<Member>, Error> {
    let rows = q
        .scan(
            "SELECT u.id, u.user_name, u.display_name FROM \
             (SELECT user_id FROM members WHERE org = ?1 AND group_id = ?2 AND user_id > ?3 ORDER BY user_id LIMIT ?4) m \
             JOIN users u ON u.org = ?1 AND u.id = m.user_id ORDER BY u.id",
            &[org.into(), group.into(), behind(after), limit.into()],
        )
        .await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Member {
                user: row.id(0)?,
                user_name: row.take_text(1)?,
                display_name: row.take_opt_text(2)?,
            })
        })
        .collect()
}

/// A page of the ids of a group's members, in their order.
pub async fn user_ids(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserId>, Error> {
    let rows = q
        .scan(
            "SELECT user_id FROM members WHERE org = ?1 AND group_id = ?2 AND user_id > ?3 ORDER BY user_id LIMIT ?4",
            &[org.into(), group.into(), behind(after), limit.into()],
        )
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How many members a group has.
pub async fn count(q: &mut impl Query, org: OrgId, group: GroupId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM members WHERE org = ?1 AND group_id = ?2";
    q.scan(sql, params![org, group])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Whether a person is in a group.
pub async fn contains(q: &mut impl Query, org: OrgId, group: GroupId, user: UserId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM members WHERE org = ?1 AND group_id = ?2 AND user_id = ?3";
    Ok(q.first(sql, params![org, group, user]).await?.is_some())
}

/// The ids of the groups that a person is in, in their order.
pub async fn group_ids(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<GroupId>, Error> {
    let sql = "SELECT group_id FROM members WHERE org = ?1 AND user_id = ?2 ORDER BY group_id";
    q.query(sql, params![org, user])
        .await?
        .iter()
        .map(|row| row.id(0))
        .collect()
}

/// The groups of several people; whoever is in none is absent.
pub async fn of_users(
    q: &mut impl Query,
    org: OrgId,
    ids: &[UserId],
) -> Result<BTreeMap<UserId, Vec<Membership>>, Error> {
    let unique: Vec<UserId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rows = sql::by_ids(q, org, &unique, |list| {
        format!(
            "SELECT DISTINCT m.user_id, g.id, g.display_name FROM members m JOIN groups g ON g.org = ?1 AND g.id = m.group_id \
             WHERE m.org = ?1 AND m.user_id IN ({list}) ORDER BY m.user_id, g.id"
        )
    });
    let mut found: BTreeMap<UserId, Vec<Membership>> = BTreeMap::new();
    for mut row in rows.await? {
        let membership = Membership {
            group: row.id(1)?,
            display_name: row.take_text(2)?,
        };
        found.entry(row.id(0)?).or_default().push(membership);
    }
    Ok(found)
}

/// Adds people to a group; those who are in it already and ids of nobody change nothing.
pub async fn add(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    ids: &[UserId],
    cause: &Cause,
) -> Result<Added, Error> {
    changes::begin(tx, org).await?;
    require(tx, org, group).await?;
    let changed = add_rows(tx, org, group, ids).await?;
    note(tx, org, group, &changed.added, &[], cause).await?;
    Ok(changed)
}

/// Removes people from a group; says who was in it.
pub async fn remove(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    ids: &[UserId],
    cause: &Cause,
) -> Result<Vec<UserId>, Error> {
    changes::begin(tx, org).await?;
    require(tx, org, group).await?;
    let removed = remove_rows(tx, org, group, ids).await?;
    note(tx, org, group, &[], &removed, cause).await?;
    Ok(removed)
}

/// Removes everybody from a group; says who was in it.
pub async fn clear(tx: &mut Tx<'_>, org: OrgId, group: GroupId, cause: &Cause) -> Result<Vec<UserId>, Error> {
    changes::begin(tx, org).await?;
    require(tx, org, group).await?;
    let sql = "DELETE FROM members WHERE org = ?1 AND group_id = ?2 RETURNING user_id";
    let rows = tx.query(sql, params![org, group]).await?;
    let mut removed: Vec<UserId> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    removed.sort_unstable();
    note(tx, org, group, &[], &removed, cause).await?;
    Ok(removed)
}

/// Makes these people, and nobody else, the members of a group. Reads the members: of all changes the only one to do so.
pub async fn replace(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    ids: &[UserId],
    cause: &Cause,
) -> Result<Replaced, Error> {
    changes::begin(tx, org).await?;
    require(tx, org, group).await?;
    let sql = "SELECT user_id FROM members WHERE org = ?1 AND group_id = ?2";
    let rows = tx.query(sql, params![org, group]).await?;
    let before: BTreeSet<UserId> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    let wanted: BTreeSet<UserId> = ids.iter().copied().collect();
    let gone: Vec<UserId> = before.difference(&wanted).copied().collect();
    let new: Vec<UserId> = wanted.difference(&before).copied().collect();
    let removed = remove_rows(tx, org, group, &gone).await?;
    let Added { added, unknown } = add_rows(tx, org, group, &new).await?;
    note(tx, org, group, &added, &removed, cause).await?;
    Ok(Replaced {
        added,
        removed,
        unknown,
    })
}

/// Removes a person from every group.
pub async fn remove_user(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    cause: &Cause,
) -> Result<Vec<GroupId>, Error> {
    changes::begin(tx, org).await?;
    let left = group_ids(tx, org, user).await?;
    for group in &left {
        let removed = remove_rows(tx, org, *group, &[user]).await?;
        note(tx, org, *group, &[], &removed, cause).await?;
    }
    Ok(left)
}

async fn require(tx: &mut Tx<'_>, org: OrgId, group: GroupId) -> Result<(), Error> {
    let sql = "SELECT 1 FROM groups WHERE org = ?1 AND id = ?2";
    tx.first(sql, params![org, group])
        .await?
        .map(drop)
        .ok_or(Error::NotFound)
}

async fn add_rows(tx: &mut Tx<'_>, org: OrgId, group: GroupId, ids: &[UserId]) -> Result<Added, Error> {
    let now = tx.ambient().now();
    let sets = ordered(ids).map(|id| vec![org.into(), group.into(), id.into(), now.into()]);
    let sets: Vec<Vec<Value>> = sets.collect();
    let rows = tx
        .query_many(
            "INSERT INTO members (org, group_id, user_id, added) \
             SELECT u.org, ?2, u.id, ?4 FROM users u WHERE u.org = ?1 AND u.id = ?3 \
             ON CONFLICT DO NOTHING RETURNING user_id",
            &sets,
        )
        .await
        .map_err(Error::raced)?;
    let added: Vec<UserId> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    let known: BTreeSet<UserId> = added.iter().copied().collect();
    let rest: Vec<UserId> = ordered(ids).filter(|id| !known.contains(id)).collect();
    let existing: BTreeSet<UserId> = users::existing(tx, org, &rest).await?.into_iter().collect();
    let unknown = rest.into_iter().filter(|id| !existing.contains(id)).collect();
    Ok(Added { added, unknown })
}

async fn remove_rows(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    ids: &[UserId],
) -> Result<Vec<UserId>, Error> {
    let sets = ordered(ids).map(|id| vec![org.into(), group.into(), id.into()]);
    let sets: Vec<Vec<Value>> = sets.collect();
    let rows = tx
        .query_many(
            "DELETE FROM members WHERE org = ?1 AND group_id = ?2 AND user_id = ?3 RETURNING user_id",
            &sets,
        )
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Raises the group's version once and notes each membership in the feed, if there is any.
async fn note(
    tx: &mut Tx<'_>,
    org: OrgId,
    group: GroupId,
    added: &[UserId],
    removed: &[UserId],
    cause: &Cause,
) -> Result<(), Error> {
    if added.is_empty() && removed.is_empty() {
        return Ok(());
    }
    groups::touch(tx, org, group, None).await?;
    let entry = |what| move |user: &UserId| Entry::new(Kind::Member, group, what).related_to(*user);
    let entries: Vec<Entry> = removed
        .iter()
        .map(entry(What::Removed))
        .chain(added.iter().map(entry(What::Added)))
        .collect();
    changes::append_all(tx, org, &entries, cause).await
}

/// Each id once, in order: two writes that touch the same members meet them in the same order.
fn ordered(ids: &[UserId]) -> impl Iterator<Item = UserId> {
    ids.iter().copied().collect::<BTreeSet<_>>().into_iter()
}

/// An id before all others if there is none.
fn behind(after: Option<UserId>) -> Value {
    after.map_or_else(|| Value::Bytes(Vec::new()), Value::from)
}
