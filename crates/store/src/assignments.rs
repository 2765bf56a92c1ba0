//! Who is assigned to which application: people, and groups for their direct members.

use base::{AppId, Cause, GroupId, OrgId, SubjectId, Timestamp, UserId};

use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    User,
    Group,
}

impl SubjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    pub(crate) fn read(word: &str) -> Result<Self, Error> {
        match word {
            "user" => Ok(Self::User),
            "group" => Ok(Self::Group),
            _ => Err(Error::internal(format!("{word:?} is no kind of subject"))),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub subject: SubjectId,
    pub kind: SubjectKind,
    pub role: Option<String>,
    pub created: Timestamp,
}

/// How a person comes to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Assigned in person.
    User,
    /// A direct member of this group, which is assigned.
    Group(GroupId),
    /// A member of a group within this group, which is assigned.
    Nested(GroupId),
}

impl Assignment {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            subject: row.id(0)?,
            kind: SubjectKind::read(row.text(1)?)?,
            role: row.take_opt_text(2)?,
            created: row.time(3)?,
        })
    }
}

/// A page in the order of the subjects' ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    after: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Assignment>, Error> {
    let rows = match after {
        None => {
            let sql = "SELECT subject, kind, role, created FROM assignments WHERE org = ?1 AND app = ?2 \
                       ORDER BY subject LIMIT ?3";
            q.query(sql, params![org, app, limit]).await?
        }
        Some(after) => {
            let sql = "SELECT subject, kind, role, created FROM assignments WHERE org = ?1 AND app = ?2 \
                       AND subject > ?4 ORDER BY subject LIMIT ?3";
            q.query(sql, params![org, app, limit, after]).await?
        }
    };
    rows.into_iter().map(Assignment::read).collect()
}

/// How a person comes to an application, if at all: in person before through a group.
pub async fn via(q: &mut impl Query, org: OrgId, app: AppId, user: UserId) -> Result<Option<Via>, Error> {
    let sql = "SELECT 0, subject FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3 \
               UNION ALL \
               SELECT 1, a.subject FROM members m JOIN assignments a \
               ON a.org = m.org AND a.app = ?2 AND a.subject = m.group_id \
               WHERE m.org = ?1 AND m.member_id = ?3 ORDER BY 1, 2 LIMIT 1";
    let Some(row) = q.first(sql, params![org, app, user]).await? else {
        return Ok(None);
    };
    Ok(Some(match row.int(0)? {
        0 => Via::User,
        _ => Via::Group(row.id(1)?),
    }))
}

/// Whether this subject itself is assigned.
pub async fn is_assigned(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3";
    Ok(q.first(sql, params![org, app, subject]).await?.is_some())
}

/// The groups that are assigned, in the order of their ids.
pub async fn groups(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Vec<GroupId>, Error> {
    let sql =
        "SELECT subject FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'group' ORDER BY subject";
    let rows = q.query(sql, params![org, app]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// All ways by which a person comes to an application: in person before through groups.
pub async fn ways(q: &mut impl Query, org: OrgId, app: AppId, user: UserId) -> Result<Vec<Via>, Error> {
    let sql = "SELECT 0, subject FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3 \
               UNION ALL \
               SELECT 1, a.subject FROM members m JOIN assignments a \
               ON a.org = m.org AND a.app = ?2 AND a.subject = m.group_id \
               WHERE m.org = ?1 AND m.member_id = ?3 ORDER BY 1, 2";
    let rows = q.query(sql, params![org, app, user]).await?;
    rows.into_iter()
        .map(|row| {
            Ok(match row.int(0)? {
                0 => Via::User,
                _ => Via::Group(row.id(1)?),
            })
        })
        .collect()
}

/// The same with the ways through groups within assigned groups: those through a direct membership come before.
pub async fn ways_nested(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    user: UserId,
) -> Result<Vec<Via>, Error> {
    let sql = "WITH RECURSIVE above (id) AS (\
               SELECT m.group_id FROM members m WHERE m.org = ?1 AND m.member_id = ?3 \
               UNION \
               SELECT m.group_id FROM above a CROSS JOIN members m WHERE m.org = ?1 AND m.member_id = a.id) \
               SELECT s.subject FROM above CROSS JOIN assignments s \
               WHERE s.org = ?1 AND s.app = ?2 AND s.subject = above.id ORDER BY 1";
    let mut ways = ways(q, org, app, user).await?;
    for row in q.query(sql, params![org, app, user]).await? {
        let group = row.id(0)?;
        if !ways.contains(&Via::Group(group)) {
            ways.push(Via::Nested(group));
        }
    }
    Ok(ways)
}

/// The roles that a person has at an application: that of his or her own assignment, else those of groups', each once.
pub async fn roles(q: &mut impl Query, org: OrgId, app: AppId, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "SELECT role FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3 AND role IS NOT NULL \
               UNION \
               SELECT a.role FROM members m JOIN assignments a \
               ON a.org = m.org AND a.app = ?2 AND a.subject = m.group_id \
               WHERE m.org = ?1 AND m.member_id = ?3 AND a.role IS NOT NULL \
               AND NOT EXISTS (SELECT 1 FROM assignments o \
               WHERE o.org = ?1 AND o.app = ?2 AND o.subject = ?3 AND o.role IS NOT NULL) ORDER BY 1";
    let rows = q.query(sql, params![org, app, user]).await?;
    rows.into_iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect()
}

/// The role that goes with an assignment itself.
pub async fn role(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Option<String>, Error> {
    let sql = "SELECT role FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3";
    let row = q.first(sql, params![org, app, subject]).await?;
    row.map_or(Ok(None), |mut row| row.take_opt_text(0))
}

/// Gives an assigned subject another role, or none; says whether it is another one.
pub async fn set_role(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (subject, role): (SubjectId, Option<&str>),
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let role = role.unwrap_or_default();
    let sql = "UPDATE assignments SET role = NULLIF(?4, '') WHERE org = ?1 AND app = ?2 AND subject = ?3 \
               AND COALESCE(role, '') <> ?4";
    let changed = tx.execute(sql, params![org, app, subject, role]).await?;
    noted(tx, org, app, (subject, What::Updated), changed, cause).await
}

/// Assigns a subject; says whether it was not assigned before.
pub async fn add(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (kind, subject): (SubjectKind, SubjectId),
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let added = tx
        .execute(
            "INSERT INTO assignments (org, app, subject, kind, created, actor, correlation) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (org, app, subject) DO NOTHING",
            params![
                org,
                app,
                subject,
                kind.as_str(),
                now,
                changes::actor_text(&cause.actor)?,
                cause.correlation
            ],
        )
        .await?;
    noted(tx, org, app, (subject, What::Added), added, cause).await
}

/// Takes an assignment back; says whether there was one.
pub async fn remove(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let sql = "DELETE FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3";
    let removed = tx.execute(sql, params![org, app, subject]).await?;
    noted(tx, org, app, (subject, What::Removed), removed, cause).await
}

async fn noted(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (subject, what): (SubjectId, What),
    rows: u64,
    cause: &Cause,
) -> Result<bool, Error> {
    if rows == 0 {
        return Ok(false);
    }
    let entry = Entry::new(Kind::Assignment, app, what).related_to(subject);
    changes::append(tx, org, entry, cause).await?;
    Ok(true)
}

/// Takes back the assignments of a subject that is no more, without a word in the feed.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, app: AppId, subject: SubjectId) -> Result<(), Error> {
    let sql = "DELETE FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?3";
    tx.execute(sql, params![org, app, subject]).await.map(drop)
}
