//! How lanes stand: when there is something to do, for whom, and who fails.

use base::{AppId, CycleId, OrgId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::Query;

/// When the next lane is due.
pub async fn next_due(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT due FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL ORDER BY due LIMIT 1";
    q.first(sql, params![org, app])
        .await?
        .map(|row| row.time(0))
        .transpose()
}

/// How many lanes have something to do.
pub async fn count_due(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Whether a cycle still waits for a lane.
pub async fn is_pending(q: &mut impl Query, org: OrgId, app: AppId, cycle: CycleId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?3 AND pending = 1 LIMIT 1";
    Ok(q.first(sql, params![org, app, cycle]).await?.is_some())
}

/// What the lanes of a cycle came to: (still pending, outcome, how many).
pub async fn outcomes(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    cycle: CycleId,
) -> Result<Vec<(bool, Option<String>, u64)>, Error> {
    let sql = "SELECT pending, outcome, COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?3 \
               GROUP BY pending, outcome";
    let rows = q.scan(sql, params![org, app, cycle]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.bool(0)?, row.take_opt_text(1)?, row.count(2)?)))
        .collect()
}

/// A lane that has failed and was not done since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub app: AppId,
    pub subject: SubjectId,
    pub kind: SubjectKind,
    pub attempts: i64,
    /// JSON.
    pub error: String,
    pub next_attempt: Option<Timestamp>,
}

fn failing_row(mut row: Row) -> Result<Failing, Error> {
    Ok(Failing {
        app: row.id(0)?,
        subject: row.id(1)?,
        attempts: row.int(2)?,
        error: row.take_text(3)?,
        next_attempt: row.opt_time(4)?,
        kind: SubjectKind::read(row.text(5)?)?,
    })
}

/// Lanes that fail, those with the most attempts first.
pub async fn failing(q: &mut impl Query, org: OrgId, app: AppId, limit: u32) -> Result<Vec<Failing>, Error> {
    let sql = "SELECT app, subject, attempts, error, due, kind FROM lanes \
               WHERE org = ?1 AND app = ?2 AND error IS NOT NULL ORDER BY attempts DESC LIMIT ?3";
    let rows = q.query(sql, params![org, app, limit]).await?;
    rows.into_iter().map(failing_row).collect()
}

pub async fn count_failing(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    // Who fails has been tried: said so, SQLite goes by the index of those instead of reading every lane of the app.
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND error IS NOT NULL AND attempts > 0";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Those of them of whom no account is known.
pub async fn count_failing_unlinked(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND error IS NOT NULL AND attempts > 0 AND NOT EXISTS \
               (SELECT 1 FROM links WHERE links.org = lanes.org AND links.app = lanes.app \
               AND links.subject = lanes.subject)";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// What fails for one subject at one application.
pub async fn failing_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Option<Failing>, Error> {
    let sql = "SELECT app, subject, attempts, error, due, kind FROM lanes \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND error IS NOT NULL";
    q.first(sql, params![org, app, subject])
        .await?
        .map(failing_row)
        .transpose()
}
