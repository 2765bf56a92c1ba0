//! Who is among the members of a group at a target: a row for each, so that one change costs the same in a group of ten
//! and of a hundred thousand.
//!
//! A row is stale when it may have to change: the person came or left, or has got another account. Whoever works for the
//! group reads the stale rows, and settles each under the revision that was read: one that was touched meanwhile stays
//! stale.

use base::{AppId, GroupId, OrgId, SubjectId};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::sql;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// A membership that may have to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    pub member: SubjectId,
    pub kind: SubjectKind,
    /// What the member is called, if that is still known.
    pub name: Option<String>,
    /// What stands at the target.
    pub held: Option<String>,
    /// What is to stand there: the account of a member that has one.
    pub wanted: Option<String>,
    pub revision: i64,
}

impl Stale {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            member: row.id(0)?,
            held: row.take_opt_text(1)?,
            revision: row.int(2)?,
            wanted: row.take_opt_text(3)?,
            kind: match row.take_opt_text(4)?.as_deref() {
                Some("group") => SubjectKind::Group,
                _ => SubjectKind::User,
            },
            name: row.take_opt_text(5)?,
        })
    }
}

/// The first of the stale ones, in the order of the members' ids.
pub async fn stale(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    group: GroupId,
    limit: u32,
) -> Result<Vec<Stale>, Error> {
    let sql = "SELECT x.member, x.remote_id, x.revision, CASE WHEN m.member_id IS NULL THEN NULL ELSE l.remote_id END, \
               COALESCE(l.kind, m.member_kind), COALESCE(u.display_name, u.user_name, g.display_name) \
               FROM memberships x \
               LEFT JOIN members m ON m.org = x.org AND m.member_id = x.member AND m.group_id = x.group_id \
               LEFT JOIN links l ON l.org = x.org AND l.app = x.app AND l.subject = x.member \
               LEFT JOIN users u ON u.org = x.org AND u.id = x.member \
               LEFT JOIN groups g ON g.org = x.org AND g.id = x.member \
               WHERE x.org = ?1 AND x.app = ?2 AND x.group_id = ?3 AND x.stale = 1 ORDER BY x.member LIMIT ?4";
    let rows = q.query(sql, params![org, app, group, limit]).await?;
    rows.into_iter().map(Stale::read).collect()
}

/// Members of a group who have no account at the target: the first of them, and how many there are.
pub async fn waiting(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    group: GroupId,
    limit: usize,
) -> Result<(Vec<String>, usize), Error> {
    let sql = "SELECT COALESCE(u.display_name, u.user_name, g.display_name) FROM members m \
               LEFT JOIN users u ON u.org = m.org AND u.id = m.member_id \
               LEFT JOIN groups g ON g.org = m.org AND g.id = m.member_id \
               WHERE m.org = ?1 AND m.group_id = ?3 AND NOT EXISTS (SELECT 1 FROM links l \
               WHERE l.org = m.org AND l.app = ?2 AND l.subject = m.member_id) ORDER BY m.member_kind, m.member_id";
    let rows = q.scan(sql, params![org, app, group]).await?;
    let all = rows.len();
    let names = rows.into_iter().take(limit).map(|mut row| row.take_opt_text(0));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    Ok((names.into_iter().flatten().collect(), all))
}

const TOUCHED: &str =
    "ON CONFLICT (org, app, group_id, member) DO UPDATE SET stale = 1, revision = memberships.revision + 1";

/// Whether the group is worked for at the application.
const HAS_LANE: &str = "EXISTS (SELECT 1 FROM lanes l WHERE l.org = ?1 AND l.app = ?2 AND l.subject = ";

/// Somebody came to a group, or left it.
pub async fn touch(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    pairs: impl IntoIterator<Item = (GroupId, SubjectId)>,
) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO memberships (org, app, group_id, member, remote_id, stale, revision) \
         SELECT ?1, ?2, ?3, ?4, NULL, 1, 1 WHERE {HAS_LANE} ?3 AND l.kind = 'group') {TOUCHED}"
    );
    let sets: Vec<_> = pairs
        .into_iter()
        .map(|(group, member)| params![org, app, group, member].to_vec())
        .collect();
    tx.execute_many(&sql, &sets).await.map(drop)
}

/// The groups in which a member was touched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Touched {
    /// Those that are held at the target.
    pub groups: Vec<SubjectId>,
    /// Whether the account that is `lost` is only supposed to be in some of them.
    pub supposed: bool,
}

/// A member has got another account, or has none any more. Touches it in every group that it is in, here or at the
/// target. Where the account that it had until now (`lost`) was to be added and nobody has said that it was, it is supposed
/// to be: a request may have left.
pub async fn touch_member(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    member: SubjectId,
    lost: Option<&str>,
) -> Result<Touched, Error> {
    // Work for one of the groups that is about to end is waited for.
    let groups = "SELECT group_id FROM members WHERE org = ?1 AND member_id = ?3 \
                  UNION SELECT group_id FROM memberships WHERE org = ?1 AND app = ?2 AND member = ?3";
    let sql = format!(
        "SELECT subject FROM lanes WHERE org = ?1 AND app = ?2 AND kind = 'group' AND subject IN ({groups}) \
         ORDER BY subject{}",
        tx.hold_to_change()
    );
    let concerned = tx.query(&sql, params![org, app, member]).await?;
    if concerned.is_empty() {
        return Ok(Touched::default());
    }
    let mut supposed = 0;
    if let Some(lost) = lost {
        let sql = "UPDATE memberships SET remote_id = ?4, revision = revision + 1 \
                   WHERE org = ?1 AND app = ?2 AND member = ?3 AND stale = 1 AND remote_id IS NULL";
        supposed = tx.execute(sql, params![org, app, member, lost]).await?;
    }
    let sql = format!(
        "INSERT INTO memberships (org, app, group_id, member, remote_id, stale, revision) \
         SELECT ?1, ?2, m.group_id, ?3, NULL, 1, 1 FROM members m WHERE m.org = ?1 AND m.member_id = ?3 \
         AND {HAS_LANE} m.group_id AND l.kind = 'group') {TOUCHED}"
    );
    tx.execute(&sql, params![org, app, member]).await?;
    let sql = "UPDATE memberships SET stale = 1, revision = revision + 1 \
               WHERE org = ?1 AND app = ?2 AND member = ?3 AND (stale IS NULL OR stale <> 1)";
    tx.execute(sql, params![org, app, member]).await?;
    let sql = "SELECT DISTINCT x.group_id FROM memberships x JOIN links l \
               ON l.org = x.org AND l.app = x.app AND l.subject = x.group_id \
               WHERE x.org = ?1 AND x.app = ?2 AND x.member = ?3 ORDER BY x.group_id";
    let rows = tx.query(sql, params![org, app, member]).await?;
    Ok(Touched {
        groups: rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?,
        supposed: supposed > 0,
    })
}

/// Touches whatever differs between a group's members here and what is known of those at the target.
pub async fn compare(tx: &mut Tx<'_>, org: OrgId, app: AppId, group: GroupId) -> Result<(), Error> {
    let sql = "INSERT INTO memberships (org, app, group_id, member, remote_id, stale, revision) \
               SELECT ?1, ?2, ?3, m.member_id, NULL, 1, 1 FROM members m WHERE m.org = ?1 AND m.group_id = ?3 \
               ON CONFLICT (org, app, group_id, member) DO NOTHING";
    tx.execute(sql, params![org, app, group]).await?;
    let sql = "UPDATE memberships SET stale = 1, revision = revision + 1 \
               WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND (stale = 2 OR (stale IS NULL AND NOT EXISTS \
               (SELECT 1 FROM members m WHERE m.org = ?1 AND m.group_id = ?3 AND m.member_id = memberships.member)))";
    tx.execute(sql, params![org, app, group]).await.map(drop)
}

/// A member that is known to stand at the target as is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub member: SubjectId,
    pub remote_id: String,
    /// What the member is called, if that is still known.
    pub name: Option<String>,
    /// Whether there is work to be done for it anyway.
    pub stale: bool,
}

/// The members that are known to stand at the target, in the order of their ids.
pub async fn held(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    group: GroupId,
    after: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Held>, Error> {
    let after = after.map_or_else(Vec::new, |after| after.as_bytes().to_vec());
    let sql = "SELECT x.member, x.remote_id, COALESCE(u.display_name, u.user_name, g.display_name), x.stale \
               FROM memberships x \
               LEFT JOIN users u ON u.org = x.org AND u.id = x.member \
               LEFT JOIN groups g ON g.org = x.org AND g.id = x.member \
               WHERE x.org = ?1 AND x.app = ?2 AND x.group_id = ?3 AND x.member > ?4 AND x.remote_id IS NOT NULL \
               ORDER BY x.member LIMIT ?5";
    let rows = q.scan(sql, params![org, app, group, after, limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Held {
                member: row.id(0)?,
                remote_id: row.take_text(1)?,
                name: row.take_opt_text(2)?,
                stale: row.opt_int(3)?.is_some(),
            })
        })
        .collect()
}

/// Somebody whom the target shows in a group, and who was not known to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheld {
    pub member: SubjectId,
    pub remote_id: String,
    pub name: Option<String>,
    /// Whether it is a member here, or there is work to be done for it anyway.
    pub expected: bool,
}

/// Those of the members that the target shows who are known here, and were not known to stand there.
pub async fn unheld(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    group: GroupId,
    shown: &[&str],
) -> Result<Vec<Unheld>, Error> {
    let beside = params![app, group];
    let rows = sql::by_ids_beside(q, org, beside, shown, |list| {
        format!(
            "SELECT l.subject, l.remote_id, COALESCE(u.display_name, u.user_name, g.display_name), \
             CASE WHEN x.stale IS NOT NULL OR m.member_id IS NOT NULL THEN 1 ELSE 0 END FROM links l \
             LEFT JOIN memberships x ON x.org = l.org AND x.app = l.app AND x.group_id = ?3 AND x.member = l.subject \
             LEFT JOIN members m ON m.org = l.org AND m.member_id = l.subject AND m.group_id = ?3 \
             LEFT JOIN users u ON u.org = l.org AND u.id = l.subject \
             LEFT JOIN groups g ON g.org = l.org AND g.id = l.subject \
             WHERE l.org = ?1 AND l.app = ?2 AND l.kind IN ('user', 'group') AND l.remote_id IN ({list}) \
             AND l.subject <> ?3 AND (x.remote_id IS NULL OR x.remote_id <> l.remote_id)"
        )
    });
    let read = |mut row: Row| {
        Ok(Unheld {
            member: row.id(0)?,
            remote_id: row.take_text(1)?,
            name: row.take_opt_text(2)?,
            expected: row.int(3)? > 0,
        })
    };
    rows.await?.into_iter().map(read).collect()
}

/// Notes what the target shows: who stands there and was not known to, and who does not any more.
pub async fn found(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    group: GroupId,
    (unheld, gone): (&[Unheld], &[Held]),
) -> Result<(), Error> {
    let sql = "INSERT INTO memberships (org, app, group_id, member, remote_id, stale, revision) \
               VALUES (?1, ?2, ?3, ?4, ?5, 1, 1) \
               ON CONFLICT (org, app, group_id, member) DO UPDATE SET remote_id = excluded.remote_id, stale = 1, \
               revision = memberships.revision + 1";
    let sets: Vec<_> = unheld
        .iter()
        .map(|one| params![org, app, group, one.member, one.remote_id.as_str()].to_vec())
        .collect();
    tx.execute_many(sql, &sets).await?;
    let sql = "UPDATE memberships SET remote_id = NULL, stale = 1, revision = revision + 1 \
               WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND member = ?4 AND remote_id = ?5";
    let sets: Vec<_> = gone
        .iter()
        .map(|one| params![org, app, group, one.member, one.remote_id.as_str()].to_vec())
        .collect();
    tx.execute_many(sql, &sets).await.map(drop)
}

/// Settles memberships that stand at the target as is wanted now. Says whether some were touched meanwhile.
pub async fn settle(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    group: GroupId,
    settled: &[Stale],
) -> Result<bool, Error> {
    let sets = |there: bool| -> Vec<Vec<Value>> {
        settled
            .iter()
            .filter(|one| one.wanted.is_some() == there)
            .map(|one| {
                let mut set = params![org, app, group, one.member, one.revision].to_vec();
                set.extend(one.wanted.as_deref().map(Value::from));
                set
            })
            .collect()
    };
    let sql = "UPDATE memberships SET remote_id = ?6, stale = CASE WHEN revision = ?5 THEN NULL ELSE stale END \
               WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND member = ?4";
    tx.execute_many(sql, &sets(true)).await?;
    let gone = sets(false);
    let sql = "DELETE FROM memberships WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND member = ?4 AND revision = ?5";
    tx.execute_many(sql, &gone).await?;
    let sql = "UPDATE memberships SET remote_id = NULL \
               WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND member = ?4 AND revision <> ?5";
    tx.execute_many(sql, &gone).await?;
    any(tx, org, app, group).await
}

/// Whether any of a group are stale.
async fn any(q: &mut impl Query, org: OrgId, app: AppId, group: GroupId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM memberships WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND stale = 1 LIMIT 1";
    Ok(q.first(sql, params![org, app, group]).await?.is_some())
}

/// Sets memberships aside that the target will not have, until they are touched or everything is compared.
pub async fn set_aside(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    group: GroupId,
    refused: &[Stale],
) -> Result<(), Error> {
    let sets: Vec<_> = refused
        .iter()
        .map(|one| params![org, app, group, one.member, one.revision].to_vec())
        .collect();
    let sql = "UPDATE memberships SET stale = 2 \
               WHERE org = ?1 AND app = ?2 AND group_id = ?3 AND member = ?4 AND revision = ?5";
    tx.execute_many(sql, &sets).await.map(drop)
}

/// A membership that the target would not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub group: GroupId,
    pub group_name: String,
    pub member: SubjectId,
    pub kind: SubjectKind,
    pub name: String,
}

/// The first of those that are set aside: of one group or one member if that is said, else of all.
pub async fn refused(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    about: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Refused>, Error> {
    let narrowed = match about {
        Some(_) => "AND (x.group_id = ?4 OR x.member = ?4)",
        None => "",
    };
    let sql = format!(
        "SELECT x.group_id, c.display_name, x.member, COALESCE(l.kind, m.member_kind), \
         COALESCE(u.display_name, u.user_name, g.display_name) FROM memberships x \
         LEFT JOIN members m ON m.org = x.org AND m.member_id = x.member AND m.group_id = x.group_id \
         LEFT JOIN links l ON l.org = x.org AND l.app = x.app AND l.subject = x.member \
         LEFT JOIN users u ON u.org = x.org AND u.id = x.member \
         LEFT JOIN groups g ON g.org = x.org AND g.id = x.member \
         LEFT JOIN groups c ON c.org = x.org AND c.id = x.group_id \
         WHERE x.org = ?1 AND x.app = ?2 AND x.stale = 2 {narrowed} ORDER BY x.group_id, x.member LIMIT ?3"
    );
    let mut params = params![org, app, limit].to_vec();
    params.extend(about.map(Value::from));
    let read = |mut row: Row| {
        let (group, member): (GroupId, SubjectId) = (row.id(0)?, row.id(2)?);
        Ok(Refused {
            group,
            group_name: row.take_opt_text(1)?.unwrap_or_else(|| group.to_string()),
            member,
            kind: match row.take_opt_text(3)?.as_deref() {
                Some("group") => SubjectKind::Group,
                _ => SubjectKind::User,
            },
            name: row.take_opt_text(4)?.unwrap_or_else(|| member.to_string()),
        })
    };
    let rows = q.scan(&sql, &params).await?;
    rows.into_iter().map(read).collect()
}

/// How many are set aside.
pub async fn count_refused(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM memberships WHERE org = ?1 AND app = ?2 AND stale = 2";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Forgets the members of a group that is not held at the target any more.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, app: AppId, group: GroupId) -> Result<(), Error> {
    let sql = "DELETE FROM memberships WHERE org = ?1 AND app = ?2 AND group_id = ?3";
    tx.execute(sql, params![org, app, group]).await.map(drop)
}

/// Forgets the members of every group.
pub async fn clear(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM memberships WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
