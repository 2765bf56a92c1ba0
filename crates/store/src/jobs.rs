//! Durable work for an application beside its lanes: reconciliations and imports.
//!
//! Whoever works on a job leases it, which raises its fence, and writes each step down under that fence; a lease that runs
//! out is taken over where the last step left off.

use base::{Actor, AppId, Cause, CorrelationId, JobId, OrgId, ProcessId, Timestamp};

use crate::changes::actor_text;
use crate::conditions::Conditions;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

macro_rules! columns {
    () => {
        "id, kind, options, progress, due, attempts, error, started, finished, actor, correlation"
    };
}

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub kind: Kind,
    /// JSON: what was asked for.
    pub options: String,
    /// JSON: how far it is.
    pub progress: String,
    /// When it may be taken; `None`: it is over.
    pub due: Option<Timestamp>,
    /// Failures in a row.
    pub attempts: i64,
    /// A message, as JSON.
    pub error: Option<String>,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Comparing all accounts of the target with what they should be.
    Reconcile,
    /// Making people of accounts.
    Import,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reconcile => "reconcile",
            Self::Import => "import",
        }
    }
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Running,
    Done,
    Failed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl Job {
    pub fn state(&self) -> State {
        match (self.finished, &self.error) {
            (None, _) => State::Running,
            (Some(_), None) => State::Done,
            (Some(_), Some(_)) => State::Failed,
        }
    }

    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(0)?,
            kind: match row.text(1)? {
                "reconcile" => Kind::Reconcile,
                "import" => Kind::Import,
                word => return Err(Error::internal(format!("a job is of the kind {word:?}"))),
            },
            options: row.take_text(2)?,
            progress: row.take_text(3)?,
            due: row.opt_time(4)?,
            attempts: row.int(5)?,
            error: row.take_opt_text(6)?,
            started: row.time(7)?,
            finished: row.opt_time(8)?,
            actor: row.actor(9)?,
            correlation: row.id(10)?,
        })
    }
}

/// A job that is ours for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub job: Job,
    pub fence: i64,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on; the lease lasts until then.
    Goes { progress: String, until: Timestamp },
    /// It goes on then, whoever takes it.
    Waits { due: Timestamp },
    /// The step did not work: a message as JSON.
    Stumbles { due: Timestamp, error: String },
    /// It is over.
    Done { progress: String },
    /// It is over, and not done: a message as JSON.
    Failed { error: String },
}

/// Begins a job.
pub async fn insert(
    tx: &mut Tx<'_>,
    (org, app, id): (OrgId, AppId, JobId),
    kind: Kind,
    (options, progress): (&str, &str),
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO jobs (org, app, id, kind, options, progress, due, fence, attempts, started, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?7, ?8, ?9)",
        params![
            org,
            app,
            id,
            kind.as_str(),
            options,
            progress,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await
    .map(drop)
}

pub async fn by_id(q: &mut impl Query, org: OrgId, app: AppId, id: JobId) -> Result<Option<Job>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM jobs WHERE org = ?1 AND app = ?2 AND id = ?3"
    );
    q.first(SQL, params![org, app, id])
        .await?
        .map(Job::read)
        .transpose()
}

/// The jobs of a kind, the latest first, from behind one on.
pub async fn page(
    q: &mut impl Query,
    (org, app): (OrgId, AppId),
    kind: Kind,
    after: Option<JobId>,
    limit: u32,
) -> Result<Vec<Job>, Error> {
    let (conditions, values, limit) = Conditions::of(org)
        .and("app", "=", Some(app))
        .and("kind", "=", Some(kind.as_str()))
        .and("id", "<", after)
        .limited(limit);
    let sql = format!(
        "SELECT {} FROM jobs WHERE {conditions} ORDER BY id DESC LIMIT {limit}",
        columns!()
    );
    let rows = q.query(&sql, &values).await?;
    rows.into_iter().map(Job::read).collect()
}

/// When the next job is due.
pub async fn next_due(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT due FROM jobs WHERE org = ?1 AND app = ?2 AND due IS NOT NULL ORDER BY due LIMIT 1";
    q.first(sql, params![org, app])
        .await?
        .map(|row| row.time(0))
        .transpose()
}

/// Leases the job that has been due for longest to a process.
pub async fn claim(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (holder, now, until): (ProcessId, Timestamp, Timestamp),
) -> Result<Option<Lease>, Error> {
    // Chosen first and once: PostgreSQL may run a sub-query with a limit anew for every row, and so take more.
    let sql = format!(
        "WITH chosen AS MATERIALIZED \
         (SELECT id FROM jobs WHERE org = ?1 AND app = ?2 AND due <= ?3 ORDER BY due, id LIMIT 1{}) \
         UPDATE jobs SET due = ?4, fence = fence + 1, holder = ?5 \
         WHERE org = ?1 AND app = ?2 AND id IN (SELECT id FROM chosen) RETURNING {}, fence",
        tx.skip_locked(),
        columns!()
    );
    let row = tx.first(&sql, params![org, app, now, until, holder]).await?;
    row.map(|row| {
        let fence = row.int(11)?;
        Ok(Lease {
            job: Job::read(row)?,
            fence,
        })
    })
    .transpose()
}

/// Writes down what came of a step. Says whether the lease still held; if it did not, nothing was written and nothing
/// else may be.
pub async fn complete(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    lease: &Lease,
    outcome: &Outcome,
) -> Result<bool, Error> {
    let key = params![org, app, lease.job.id, lease.fence].to_vec();
    let now = tx.ambient().now();
    let (sql, more) = match outcome {
        Outcome::Goes { progress, until } => (
            "UPDATE jobs SET progress = ?5, due = ?6, attempts = 0, error = NULL \
             WHERE org = ?1 AND app = ?2 AND id = ?3 AND fence = ?4 AND due IS NOT NULL",
            params![progress, *until].to_vec(),
        ),
        Outcome::Waits { due } => (
            "UPDATE jobs SET due = ?5, holder = NULL WHERE org = ?1 AND app = ?2 AND id = ?3 AND fence = ?4 AND due IS NOT NULL",
            params![*due].to_vec(),
        ),
        Outcome::Stumbles { due, error } => (
            "UPDATE jobs SET due = ?5, attempts = attempts + 1, error = ?6, holder = NULL \
             WHERE org = ?1 AND app = ?2 AND id = ?3 AND fence = ?4 AND due IS NOT NULL",
            params![*due, error].to_vec(),
        ),
        Outcome::Done { progress } => (
            "UPDATE jobs SET progress = ?5, due = NULL, error = NULL, finished = ?6 \
             WHERE org = ?1 AND app = ?2 AND id = ?3 AND fence = ?4 AND due IS NOT NULL",
            params![progress, now].to_vec(),
        ),
        Outcome::Failed { error } => (
            "UPDATE jobs SET due = NULL, error = ?5, finished = ?6 \
             WHERE org = ?1 AND app = ?2 AND id = ?3 AND fence = ?4 AND due IS NOT NULL",
            params![error, now].to_vec(),
        ),
    };
    Ok(tx.execute(sql, &[key, more].concat()).await? == 1)
}

/// Takes back what others had leased, for a process that knows itself to be the only one: they are gone. What it has leased
/// itself stays.
pub async fn recover(tx: &mut Tx<'_>, org: OrgId, app: AppId, process: ProcessId) -> Result<u64, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE jobs SET due = ?3, fence = fence + 1, holder = NULL \
               WHERE org = ?1 AND app = ?2 AND due > ?3 AND holder <> ?4";
    tx.execute(sql, params![org, app, now, process]).await
}

/// Ends every job that runs, for a reason (a message as JSON).
pub async fn end_all(tx: &mut Tx<'_>, org: OrgId, app: AppId, reason: &str) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE jobs SET due = NULL, error = ?3, finished = ?4 \
               WHERE org = ?1 AND app = ?2 AND due IS NOT NULL";
    tx.execute(sql, params![org, app, reason, now]).await.map(drop)
}

/// Forgets jobs of a kind that are over, but for the latest ones.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, app: AppId, kind: Kind, keep: u32) -> Result<(), Error> {
    let of_old = "IN (SELECT id FROM jobs WHERE org = ?1 AND app = ?2 AND kind = ?3 AND finished IS NOT NULL \
                  AND id NOT IN (SELECT id FROM jobs WHERE org = ?1 AND app = ?2 AND kind = ?3 ORDER BY id DESC LIMIT ?4))";
    for sql in [
        format!("DELETE FROM import_items WHERE org = ?1 AND app = ?2 AND job {of_old}"),
        format!("DELETE FROM jobs WHERE org = ?1 AND app = ?2 AND id {of_old}"),
    ] {
        tx.execute(&sql, params![org, app, kind.as_str(), keep]).await?;
    }
    Ok(())
}
