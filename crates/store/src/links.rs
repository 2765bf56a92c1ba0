//! Which account of a target is whose, and what is known to stand in it.

use base::{AppId, JobId, OrgId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::sql;
use crate::tx::{Query, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub app: AppId,
    pub subject: SubjectId,
    pub kind: SubjectKind,
    /// The account's id at the target. One account is one subject's.
    pub remote_id: String,
    pub state: State,
    /// JSON.
    pub known: String,
    pub created: Timestamp,
    pub modified: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Active,
    Disabled,
    /// Found by an import: it is kept in step once its person is in scope, and left alone until then.
    Imported,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Imported => "imported",
        }
    }

    fn read(word: &str) -> Self {
        match word {
            "disabled" => Self::Disabled,
            "imported" => Self::Imported,
            _ => Self::Active,
        }
    }
}

impl Link {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            app: row.id(0)?,
            subject: row.id(1)?,
            kind: SubjectKind::read(row.text(2)?)?,
            remote_id: row.take_text(3)?,
            state: State::read(row.text(4)?),
            known: row.take_text(5)?,
            created: row.time(6)?,
            modified: row.time(7)?,
        })
    }
}

pub async fn by_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Option<Link>, Error> {
    let sql = "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
               WHERE org = ?1 AND app = ?2 AND subject = ?3";
    q.first(sql, params![org, app, subject])
        .await?
        .map(Link::read)
        .transpose()
}

/// Those of these subjects that have one, in any order.
pub async fn by_subjects(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
) -> Result<Vec<Link>, Error> {
    let beside = params![app];
    let rows = sql::by_ids_beside(q, org, beside, subjects, |list| {
        format!(
            "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
             WHERE org = ?1 AND app = ?2 AND subject IN ({list})"
        )
    });
    rows.await?.into_iter().map(Link::read).collect()
}

/// Whose account it is.
pub async fn owner(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    (kind, remote_id): (SubjectKind, &str),
) -> Result<Option<SubjectId>, Error> {
    let sql = "SELECT subject FROM links WHERE org = ?1 AND app = ?2 AND kind = ?3 AND remote_id = ?4";
    q.first(sql, params![org, app, kind.as_str(), remote_id])
        .await?
        .map(|row| row.id(0))
        .transpose()
}

/// Those of these accounts, or groups, that are somebody's.
pub async fn of_accounts(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    kind: SubjectKind,
    remote_ids: &[&str],
) -> Result<Vec<Link>, Error> {
    let beside = params![app, kind.as_str()];
    let rows = sql::by_ids_beside(q, org, beside, remote_ids, |list| {
        format!(
            "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
             WHERE org = ?1 AND app = ?2 AND kind = ?3 AND remote_id IN ({list})"
        )
    });
    rows.await?.into_iter().map(Link::read).collect()
}

/// Notes that a reconciliation has come across these.
pub async fn see(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    job: JobId,
    subjects: &[SubjectId],
) -> Result<(), Error> {
    let sql = "UPDATE links SET seen = ?3 WHERE org = ?1 AND app = ?2 AND subject = ?4";
    let sets: Vec<_> = subjects
        .iter()
        .map(|subject| params![org, app, job, *subject].to_vec())
        .collect();
    tx.execute_many(sql, &sets).await.map(drop)
}

/// People's accounts, or groups, made before a time that a reconciliation has not come across, in the order of the subjects' ids.
pub async fn unseen(
    q: &mut impl Query,
    (org, app): (OrgId, AppId),
    (kind, job, before): (SubjectKind, JobId, Timestamp),
    after: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Link>, Error> {
    let after = after.map_or_else(Vec::new, |after| after.as_bytes().to_vec());
    let sql = "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
               WHERE org = ?1 AND app = ?2 AND subject > ?3 AND kind = ?7 AND created < ?4 \
               AND (seen IS NULL OR seen <> ?5) ORDER BY subject LIMIT ?6";
    let kind = kind.as_str();
    let rows = q
        .scan(sql, params![org, app, after, before, job, limit, kind])
        .await?;
    rows.into_iter().map(Link::read).collect()
}

/// The accounts of one subject, at every application.
pub async fn of_subject(q: &mut impl Query, org: OrgId, subject: SubjectId) -> Result<Vec<Link>, Error> {
    let sql = "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
               WHERE org = ?1 AND subject = ?2 ORDER BY app";
    let rows = q.query(sql, params![org, subject]).await?;
    rows.into_iter().map(Link::read).collect()
}

/// A page in the order of the subjects' ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    after: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Link>, Error> {
    let rows = match after {
        None => {
            let sql = "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
                       WHERE org = ?1 AND app = ?2 ORDER BY subject LIMIT ?3";
            q.scan(sql, params![org, app, limit]).await?
        }
        Some(after) => {
            let sql = "SELECT app, subject, kind, remote_id, state, known, created, modified FROM links \
                       WHERE org = ?1 AND app = ?2 AND subject > ?4 ORDER BY subject LIMIT ?3";
            q.scan(sql, params![org, app, limit, after]).await?
        }
    };
    rows.into_iter().map(Link::read).collect()
}

pub async fn count(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM links WHERE org = ?1 AND app = ?2";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// How many people's accounts there are of each state.
pub async fn counts(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Vec<(State, u64)>, Error> {
    let sql =
        "SELECT state, COUNT(*) FROM links WHERE org = ?1 AND app = ?2 AND kind = 'user' GROUP BY state";
    let rows = q.scan(sql, params![org, app]).await?;
    rows.iter()
        .map(|row| Ok((State::read(row.text(0)?), row.count(1)?)))
        .collect()
}

/// How many groups are held.
pub async fn count_groups(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM links WHERE org = ?1 AND app = ?2 AND kind = 'group'";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// What a link is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: SubjectKind,
    pub remote_id: String,
    pub state: State,
    pub known: String,
}

/// Makes or changes links. `Conflict { what: "remote_id" }` when an account is somebody else's; it may come with a later
/// statement, or with the commit.
pub async fn put(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    drafts: &[(SubjectId, Draft)],
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sets = drafts.iter().map(|(subject, draft)| {
        params![
            org,
            app,
            *subject,
            draft.kind.as_str(),
            &draft.remote_id,
            draft.state.as_str(),
            &draft.known,
            now
        ]
        .to_vec()
    });
    tx.send_many(
        "INSERT INTO links (org, app, subject, kind, remote_id, state, known, created, modified) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) \
         ON CONFLICT (org, app, subject) DO UPDATE SET remote_id = excluded.remote_id, state = excluded.state, \
         known = excluded.known, modified = excluded.modified, \
         created = CASE WHEN links.remote_id = excluded.remote_id THEN links.created ELSE excluded.created END",
        sets.collect(),
    )
    .await
}

/// Notes whose account it is, if neither it nor the subject has another one already; says whether it does.
pub async fn adopt(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    draft: &Draft,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let adopted = tx
        .execute(
            "INSERT INTO links (org, app, subject, kind, remote_id, state, known, created, modified) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT DO NOTHING",
            params![
                org,
                app,
                subject,
                draft.kind.as_str(),
                &draft.remote_id,
                draft.state.as_str(),
                &draft.known,
                now
            ],
        )
        .await?;
    Ok(adopted == 1)
}

/// Takes accounts, or groups, away from whoever has them and is removed from the directory, so that others may have them.
pub async fn release(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    drafts: &[(SubjectId, Draft)],
) -> Result<(), Error> {
    let sql = "SELECT subject FROM links WHERE org = ?1 AND app = ?2 AND kind = ?3 AND remote_id = ?4 AND subject <> ?5";
    let sets: Vec<_> = drafts
        .iter()
        .map(|(subject, draft)| params![org, app, draft.kind.as_str(), &draft.remote_id, *subject].to_vec())
        .collect();
    let holders = tx.query_many(sql, &sets).await?;
    let sql = "DELETE FROM links WHERE org = ?1 AND app = ?2 AND subject = ?3 \
               AND NOT EXISTS (SELECT 1 FROM users u WHERE u.org = ?1 AND u.id = ?3) \
               AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.org = ?1 AND g.id = ?3)";
    for row in holders {
        let holder: SubjectId = row.id(0)?;
        tx.execute(sql, params![org, app, holder]).await?;
    }
    Ok(())
}

/// Forgets every account of an application.
pub async fn clear(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM links WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}

pub async fn remove(tx: &mut Tx<'_>, org: OrgId, app: AppId, subject: SubjectId) -> Result<(), Error> {
    let sql = "DELETE FROM links WHERE org = ?1 AND app = ?2 AND subject = ?3";
    tx.execute(sql, params![org, app, subject]).await.map(drop)
}
