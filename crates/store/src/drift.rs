//! What a target has changed by itself: where accounts differ from what they should be, as found last.

use base::{AppId, JobId, OrgId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// What was found about one account, or one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// A person's account, or a group.
    pub subject_kind: SubjectKind,
    pub remote_id: String,
    /// Whose account it is; `None`: nobody's.
    pub subject: Option<SubjectId>,
    pub kind: Kind,
    pub name: String,
    /// JSON: what we want, and what is there.
    pub changes: String,
    /// When it was found first.
    pub found: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An attribute has another value.
    Changed,
    /// It may sign in, and should not.
    Enabled,
    /// It may not sign in, and should.
    Disabled,
    /// It is not there any more.
    Vanished,
    /// It is nobody's here.
    Unlinked,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Changed,
        Self::Enabled,
        Self::Disabled,
        Self::Vanished,
        Self::Unlinked,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Vanished => "vanished",
            Self::Unlinked => "unlinked",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

fn kind(word: &str) -> Result<Kind, Error> {
    Kind::read(word).ok_or_else(|| Error::internal(format!("drift is of the kind {word:?}")))
}

impl Drift {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            kind: kind(row.text(2)?)?,
            remote_id: row.take_text(0)?,
            subject: row.opt_id(1)?,
            name: row.take_text(3)?,
            changes: row.take_text(4)?,
            found: row.time(5)?,
            subject_kind: SubjectKind::read(row.text(6)?)?,
        })
    }
}

/// Accounts that have become somebody's since are left out.
const STANDS: &str = "NOT (d.subject IS NULL AND EXISTS \
                      (SELECT 1 FROM links l WHERE l.org = ?1 AND l.app = ?2 AND l.kind = d.subject_kind AND l.remote_id = d.remote_id))";

/// A page: groups first, each in the order of the ids at the target.
pub async fn page(
    q: &mut impl Query,
    (org, app): (OrgId, AppId),
    of: Option<Kind>,
    after: Option<(SubjectKind, &str)>,
    limit: u32,
) -> Result<Vec<Drift>, Error> {
    let sql = format!(
        "SELECT d.remote_id, d.subject, d.kind, d.name, d.changes, d.found, d.subject_kind FROM drift d \
         WHERE d.org = ?1 AND d.app = ?2 AND (d.subject_kind > ?6 OR (d.subject_kind = ?6 AND d.remote_id > ?3)) \
         AND (?4 = '' OR d.kind = ?4) AND {STANDS} ORDER BY d.subject_kind, d.remote_id LIMIT ?5"
    );
    let of = of.map_or("", Kind::as_str);
    let (kind, after) = after.map_or(("", ""), |(kind, after)| (kind.as_str(), after));
    let rows = q.query(&sql, params![org, app, after, of, limit, kind]).await?;
    rows.into_iter().map(Drift::read).collect()
}

/// What is found about the accounts of one subject.
pub async fn of_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Vec<Drift>, Error> {
    let sql = "SELECT remote_id, subject, kind, name, changes, found, subject_kind FROM drift \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 ORDER BY remote_id";
    let rows = q.query(sql, params![org, app, subject]).await?;
    rows.into_iter().map(Drift::read).collect()
}

/// Whether the target lets an account of a subject sign in that should not.
pub async fn is_enabled(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM drift WHERE org = ?1 AND app = ?2 AND subject = ?3 AND kind = 'enabled' LIMIT 1";
    Ok(q.first(sql, params![org, app, subject]).await?.is_some())
}

/// How many there are of each kind.
pub async fn counts(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
) -> Result<Vec<(SubjectKind, Kind, u64)>, Error> {
    let sql = format!(
        "SELECT d.subject_kind, d.kind, COUNT(*) FROM drift d WHERE d.org = ?1 AND d.app = ?2 AND {STANDS} \
         GROUP BY d.subject_kind, d.kind"
    );
    let rows = q.scan(&sql, params![org, app]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                SubjectKind::read(row.text(0)?)?,
                kind(row.text(1)?)?,
                row.count(2)?,
            ))
        })
        .collect()
}

/// What a reconciliation has found about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub subject_kind: SubjectKind,
    pub remote_id: String,
    pub subject: Option<SubjectId>,
    pub kind: Kind,
    pub name: String,
    pub changes: String,
}

/// Notes it; says whether it is news.
pub async fn put(
    tx: &mut Tx<'_>,
    (org, app): (OrgId, AppId),
    job: JobId,
    draft: &Draft,
) -> Result<bool, Error> {
    let of = draft.subject_kind.as_str();
    let sql = "SELECT remote_id, subject, kind, name, changes, found, subject_kind FROM drift \
               WHERE org = ?1 AND app = ?2 AND subject_kind = ?3 AND remote_id = ?4";
    let known = tx.first(sql, params![org, app, of, &draft.remote_id]).await?;
    let known = known.map(Drift::read).transpose()?.filter(|known| {
        (known.subject, known.kind, &known.changes) == (draft.subject, draft.kind, &draft.changes)
    });
    let found = known.as_ref().map_or(tx.ambient().now(), |known| known.found);
    let sql = "INSERT INTO drift (org, app, remote_id, subject, kind, name, changes, found, job, subject_kind) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT (org, app, subject_kind, remote_id) DO UPDATE SET subject = excluded.subject, kind = excluded.kind, \
               name = excluded.name, changes = excluded.changes, found = excluded.found, job = excluded.job";
    tx.execute(
        sql,
        params![
            org,
            app,
            &draft.remote_id,
            draft.subject,
            draft.kind.as_str(),
            &draft.name,
            &draft.changes,
            found,
            job,
            of
        ],
    )
    .await?;
    Ok(known.is_none())
}

/// Forgets what this reconciliation has not found again.
pub async fn sweep(tx: &mut Tx<'_>, org: OrgId, app: AppId, job: JobId) -> Result<(), Error> {
    let sql = "DELETE FROM drift WHERE org = ?1 AND app = ?2 AND job <> ?3";
    tx.execute(sql, params![org, app, job]).await.map(drop)
}

/// Forgets what was found about a subject's accounts, as they are in step again; says whether there was anything.
pub async fn clear(tx: &mut Tx<'_>, org: OrgId, app: AppId, subject: SubjectId) -> Result<bool, Error> {
    let sql = "DELETE FROM drift WHERE org = ?1 AND app = ?2 AND subject = ?3";
    Ok(tx.execute(sql, params![org, app, subject]).await? > 0)
}

/// Forgets everything: the target is another one now.
pub async fn clear_all(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM drift WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
