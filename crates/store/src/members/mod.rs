//! Who is in which group: one row per membership, indexed both ways. Members are people and groups.
//!
//! No change reads the other members, but for [`settle`] where a list is replaced. A member exists in the same organization: whoever adds one
//! holds its row, and whoever deletes one takes its memberships away behind that row (see [`leave_all`]). No group
//! contains itself, be it through others (see `nesting`).

mod change;
mod nesting;
#[cfg(test)]
mod plans;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use base::{GroupId, OrgId, SubjectId, UserId};

use crate::Start;
pub use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::row::Row;
use crate::tx::Query;
use crate::value::Value;
use crate::{params, sql};
pub use change::{Added, Replaced, add, clear, leave_all, lock_nesting, note, remove, replace, settle};
pub use nesting::{Membership, Nesting, below, of_users};
pub use target::Target;

/// A member of a group. Groups come before people, as in a list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberId {
    Group(GroupId),
    User(UserId),
}

impl MemberId {
    pub fn new(kind: SubjectKind, id: SubjectId) -> Self {
        match kind {
            SubjectKind::Group => Self::Group(id.as_group()),
            SubjectKind::User => Self::User(id.as_user()),
        }
    }

    pub fn kind(self) -> SubjectKind {
        match self {
            Self::Group(_) => SubjectKind::Group,
            Self::User(_) => SubjectKind::User,
        }
    }

    pub fn subject(self) -> SubjectId {
        match self {
            Self::Group(id) => id.into(),
            Self::User(id) => id.into(),
        }
    }

    fn read(row: &Row, kind: usize, id: usize) -> Result<Self, Error> {
        Ok(Self::new(SubjectKind::read(row.text(kind)?)?, row.id(id)?))
    }
}

/// A member as a change names it: by id, and perhaps by what it is said to be. One that is something else is not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberRef {
    pub id: SubjectId,
    pub kind: Option<SubjectKind>,
}

impl MemberRef {
    fn may_be(&self, kind: SubjectKind) -> bool {
        self.kind.is_none_or(|said| said == kind)
    }
}

impl From<MemberId> for MemberRef {
    fn from(member: MemberId) -> Self {
        Self {
            id: member.subject(),
            kind: Some(member.kind()),
        }
    }
}

impl From<UserId> for MemberRef {
    fn from(id: UserId) -> Self {
        MemberId::User(id).into()
    }
}

impl From<GroupId> for MemberRef {
    fn from(id: GroupId) -> Self {
        MemberId::Group(id).into()
    }
}

/// A member as a group's document shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    /// Of a person.
    pub user_name: Option<String>,
    /// Every group has one.
    pub display_name: Option<String>,
}

impl Member {
    /// What to call it: the display name, or else the userName.
    pub fn name(&self) -> &str {
        let name = self.display_name.as_ref().or(self.user_name.as_ref());
        name.map_or("", String::as_str)
    }

    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: MemberId::read(&row, 0, 1)?,
            user_name: row.take_opt_text(2)?,
            display_name: row.take_opt_text(3)?,
        })
    }
}

const USER_IDS: &str = "SELECT member_id FROM members WHERE org = ?1 AND group_id = ?2 AND member_kind = 'user' \
    AND member_id > ?3 ORDER BY member_id LIMIT ?4";

const CONTAINS: &str = "SELECT 1 FROM members WHERE org = ?1 AND group_id = ?2 AND member_id = ?3";

const GROUP_IDS: &str = "SELECT group_id FROM members WHERE org = ?1 AND member_id = ?2 ORDER BY group_id";

/// The name of a member: of the longest ones the beginning, so that a page of members has a size.
fn shown(name: &str) -> String {
    format!("SUBSTR({name}, 1, 512)")
}

/// The same of a member of either kind.
fn shown_name() -> String {
    shown("COALESCE(u.display_name, g.display_name)")
}

fn among_sql(list: &str) -> String {
    let name = shown_name();
    format!(
        "SELECT m.member_kind, m.member_id, u.user_name, {name}, m.group_id \
         FROM members m \
         LEFT JOIN users u ON u.org = ?1 AND u.id = m.member_id AND m.member_kind = 'user' \
         LEFT JOIN groups g ON g.org = ?1 AND g.id = m.member_id AND m.member_kind = 'group' \
         WHERE m.org = ?1 AND m.member_id IN ({list}) AND m.group_id >= ?2 AND m.group_id <= ?3"
    )
}

/// A page of a group's members, or of those of one kind: groups before people, each in the order of ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    kind: Option<SubjectKind>,
    start: Start<MemberId>,
    limit: u32,
) -> Result<Vec<Member>, Error> {
    let (sql, params) = page_sql(org, group, kind, start, limit);
    let rows = q.scan(&sql, &params).await?;
    rows.into_iter().map(Member::read).collect()
}

fn page_sql(
    org: OrgId,
    group: GroupId,
    kind: Option<SubjectKind>,
    start: Start<MemberId>,
    limit: u32,
) -> (String, Vec<Value>) {
    let mut params = params![org, group, limit].to_vec();
    // Each way of asking is one range of the primary key.
    let (condition, offset) = match (kind, start) {
        (None, Start::After(member)) => {
            params.extend([member.kind().as_str().into(), member.subject().into()]);
            ("AND (member_kind, member_id) > (?4, ?5)", "")
        }
        (Some(kind), Start::After(member)) => {
            params.extend([kind.as_str().into(), member.subject().into()]);
            ("AND member_kind = ?4 AND member_id > ?5", "")
        }
        (None, Start::Offset(rows)) => {
            params.push(rows.into());
            ("", "OFFSET ?4")
        }
        (Some(kind), Start::Offset(rows)) => {
            params.extend([kind.as_str().into(), rows.into()]);
            ("AND member_kind = ?4", "OFFSET ?5")
        }
    };
    let name = shown_name();
    let sql = format!(
        "SELECT m.member_kind, m.member_id, u.user_name, {name} FROM \
         (SELECT member_kind, member_id FROM members WHERE org = ?1 AND group_id = ?2 {condition} \
         ORDER BY member_kind, member_id LIMIT ?3 {offset}) m \
         LEFT JOIN users u ON u.org = ?1 AND u.id = m.member_id AND m.member_kind = 'user' \
         LEFT JOIN groups g ON g.org = ?1 AND g.id = m.member_id AND m.member_kind = 'group' \
         ORDER BY m.member_kind, m.member_id"
    );
    (sql, params)
}

/// The groups between two (both included) that have some of these as direct members, with those only.
pub async fn among(
    q: &mut impl Query,
    org: OrgId,
    (first, last): (GroupId, GroupId),
    members: &[SubjectId],
) -> Result<BTreeMap<GroupId, Vec<Member>>, Error> {
    let members: Vec<SubjectId> = members
        .iter()
        .copied()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let groups = params![first, last];
    let rows = sql::by_ids_beside(q, org, groups, &members, among_sql);
    let mut found: BTreeMap<GroupId, Vec<Member>> = BTreeMap::new();
    for row in rows.await? {
        found.entry(row.id(4)?).or_default().push(Member::read(row)?);
    }
    Ok(found)
}

fn named_sql(list: &str) -> String {
    format!(
        "SELECT 'user', u.id, u.user_name, {} FROM users u WHERE u.org = ?1 AND u.id IN ({list}) \
         UNION ALL \
         SELECT 'group', g.id, NULL, {} FROM groups g WHERE g.org = ?1 AND g.id IN ({list})",
        shown("u.display_name"),
        shown("g.display_name")
    )
}

/// Those of the ids that exist, as they would be shown as members; one that is given twice may be found twice.
pub async fn named(q: &mut impl Query, org: OrgId, ids: &[SubjectId]) -> Result<Vec<Member>, Error> {
    let rows = sql::by_ids(q, org, ids, named_sql).await?;
    rows.into_iter().map(Member::read).collect()
}

/// A page of the ids of the people in a group, in their order.
pub async fn user_ids(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserId>, Error> {
    let rows = q
        .scan(
            USER_IDS,
            &[
                org.into(),
                group.into(),
                after.map_or_else(before_all, Value::from),
                limit.into(),
            ],
        )
        .await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How many members a group has, or how many of one kind.
pub async fn count(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    kind: Option<SubjectKind>,
) -> Result<u64, Error> {
    let rows = match kind {
        None => {
            let sql = "SELECT COUNT(*) FROM members WHERE org = ?1 AND group_id = ?2";
            q.scan(sql, params![org, group]).await?
        }
        Some(kind) => {
            let sql = "SELECT COUNT(*) FROM members WHERE org = ?1 AND group_id = ?2 AND member_kind = ?3";
            q.scan(sql, params![org, group, kind.as_str()]).await?
        }
    };
    rows.first().map_or(Ok(0), |row| row.count(0))
}

/// Whether somebody, or a group, is a direct member of a group.
pub async fn contains(
    q: &mut impl Query,
    org: OrgId,
    group: GroupId,
    member: impl Into<SubjectId>,
) -> Result<bool, Error> {
    let member: SubjectId = member.into();
    Ok(q.first(CONTAINS, params![org, group, member]).await?.is_some())
}

/// The ids of the groups that somebody, or a group, is a direct member of, in their order.
pub async fn group_ids(
    q: &mut impl Query,
    org: OrgId,
    member: impl Into<SubjectId>,
) -> Result<Vec<GroupId>, Error> {
    let member: SubjectId = member.into();
    q.query(GROUP_IDS, params![org, member])
        .await?
        .iter()
        .map(|row| row.id(0))
        .collect()
}

/// What is less than every id.
fn before_all() -> Value {
    Value::Bytes(Vec::new())
}
