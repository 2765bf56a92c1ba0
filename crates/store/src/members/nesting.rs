//! Groups within groups: what somebody is in through others, and which group may come into which.
//!
//! The way is upwards, from a member to its groups: it is as long as there are groups above, however many members they
//! have. `UNION` passes no group twice; `CROSS JOIN` keeps SQLite from beginning with all memberships there are.

use std::collections::{BTreeMap, BTreeSet};

use base::{GroupId, OrgId, UserId};

use super::shown;
use crate::error::Error;
use crate::tx::Query;
use crate::{params, sql};

/// How somebody is in a group (RFC 7643 §4.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nesting {
    Direct,
    /// Through a group within it, and in no other way.
    Indirect,
}

impl Nesting {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Indirect => "indirect",
        }
    }
}

/// A group as a person's document shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub group: GroupId,
    pub display_name: String,
    pub nesting: Nesting,
}

pub(super) const ABOVE: &str = "WITH RECURSIVE above (id) AS (\
    SELECT m.group_id FROM members m WHERE m.org = ?1 AND m.member_id = ?2 \
    UNION \
    SELECT m.group_id FROM above a CROSS JOIN members m WHERE m.org = ?1 AND m.member_id = a.id) \
    SELECT id FROM above";

pub(super) const BELOW: &str = "WITH RECURSIVE below (id) AS (\
    SELECT m.member_id FROM members m WHERE m.org = ?1 AND m.group_id = ?2 AND m.member_kind = 'group' \
    UNION \
    SELECT m.member_id FROM below b CROSS JOIN members m \
    WHERE m.org = ?1 AND m.group_id = b.id AND m.member_kind = 'group') \
    SELECT id FROM below";

pub(super) fn direct_sql(list: &str) -> String {
    format!(
        "SELECT DISTINCT m.member_id, g.id, {}, CASE WHEN EXISTS \
         (SELECT 1 FROM members a WHERE a.org = ?1 AND a.member_id = m.group_id) THEN 1 ELSE 0 END \
         FROM members m JOIN groups g ON g.org = ?1 AND g.id = m.group_id \
         WHERE m.org = ?1 AND m.member_id IN ({list}) ORDER BY m.member_id, g.id",
        shown("g.display_name")
    )
}

pub(super) fn above_several_sql(list: &str) -> String {
    format!(
        "WITH RECURSIVE above (start, id) AS (\
         SELECT m.member_id, m.group_id FROM members m WHERE m.org = ?1 AND m.member_id IN ({list}) \
         UNION \
         SELECT a.start, m.group_id FROM above a CROSS JOIN members m WHERE m.org = ?1 AND m.member_id = a.id) \
         SELECT above.start, g.id, {} FROM above CROSS JOIN groups g WHERE g.org = ?1 AND g.id = above.id",
        shown("g.display_name")
    )
}

/// The groups of several people, direct ones before those through nesting; whoever is in none is absent.
///
/// Two statements for up to 256 people, or one if none of their groups is in another.
pub async fn of_users(
    q: &mut impl Query,
    org: OrgId,
    ids: &[UserId],
) -> Result<BTreeMap<UserId, Vec<Membership>>, Error> {
    let unique: Vec<UserId> = ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let rows = sql::by_ids(q, org, &unique, direct_sql);
    let mut found: BTreeMap<UserId, Vec<Membership>> = BTreeMap::new();
    let mut nested = BTreeSet::new();
    for mut row in rows.await? {
        let membership = Membership {
            group: row.id(1)?,
            display_name: row.take_text(2)?,
            nesting: Nesting::Direct,
        };
        if row.bool(3)? {
            nested.insert(membership.group);
        }
        found.entry(row.id(0)?).or_default().push(membership);
    }
    let above = above_several(q, org, &nested).await?;
    for groups in found.values_mut() {
        add_indirect(groups, &above);
    }
    Ok(found)
}

/// Groups above groups, with their names.
type Above = BTreeMap<GroupId, Vec<(GroupId, String)>>;

fn add_indirect(groups: &mut Vec<Membership>, above: &Above) {
    let mut seen: BTreeSet<GroupId> = groups.iter().map(|one| one.group).collect();
    let mut indirect: Vec<Membership> = groups
        .iter()
        .filter_map(|direct| above.get(&direct.group))
        .flatten()
        .filter(|(group, _)| seen.insert(*group))
        .map(|(group, name)| Membership {
            group: *group,
            display_name: name.clone(),
            nesting: Nesting::Indirect,
        })
        .collect();
    indirect.sort_unstable_by_key(|one| one.group);
    groups.append(&mut indirect);
}

async fn above_several(q: &mut impl Query, org: OrgId, groups: &BTreeSet<GroupId>) -> Result<Above, Error> {
    let groups: Vec<GroupId> = groups.iter().copied().collect();
    let rows = sql::by_ids(q, org, &groups, above_several_sql);
    let mut above = Above::new();
    for mut row in rows.await? {
        let group = (row.id(1)?, row.take_text(2)?);
        above.entry(row.id(0)?).or_default().push(group);
    }
    Ok(above)
}

/// A group and all groups within it: whose members are in it, directly or through nesting. Reads no people.
pub async fn below(q: &mut impl Query, org: OrgId, group: GroupId) -> Result<BTreeSet<GroupId>, Error> {
    let rows = q.query(BELOW, params![org, group]).await?;
    let below: Result<BTreeSet<GroupId>, Error> = rows.iter().map(|row| row.id(0)).collect();
    let mut below = below?;
    below.insert(group);
    Ok(below)
}

/// A group and all groups that contain it: what can never be its member.
pub(super) async fn above(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
) -> Result<BTreeSet<GroupId>, Error> {
    let rows = q.query(ABOVE, params![org, group]).await?;
    let above: Result<BTreeSet<GroupId>, Error> = rows.iter().map(|row| row.id(0)).collect();
    let mut above = above?;
    above.insert(group);
    Ok(above)
}
