//! The provisioning log: one entry per subject and action.

use base::{Actor, AppId, Cause, CorrelationId, CycleId, LogEntryId, Message, OrgId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::changes::actor_text;
use crate::conditions::Conditions;
pub use crate::conditions::Order;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub app: AppId,
    /// The app's name at that time: the log outlives the app.
    pub app_name: String,
    pub cycle: Option<CycleId>,
    pub subject: SubjectId,
    pub kind: SubjectKind,
    /// The subject's name at that time.
    pub subject_name: String,
    pub action: String,
    pub status: Status,
    /// In microseconds.
    pub duration: i64,
    pub remote_id: Option<String>,
    /// JSON.
    pub changes: String,
    /// JSON: the requests and their answers.
    pub exchanges: String,
    /// JSON: what was read, decided and mapped before them.
    pub explanation: String,
    /// 1 for the first one.
    pub attempt: i64,
    pub next_attempt: Option<Timestamp>,
    pub message: Message,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub id: LogEntryId,
    pub at: Timestamp,
    pub entry: Entry,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Success,
    Failure,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// What is asked for; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub app: Option<AppId>,
    pub subject: Option<SubjectId>,
    pub cycle: Option<CycleId>,
    pub action: Option<String>,
    pub status: Option<Status>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Only what comes behind this entry in the order asked for.
    pub after: Option<LogEntryId>,
    pub order: Order,
}

macro_rules! columns {
    () => {
        "id, app, cycle, subject, kind, subject_name, action, status, at, duration, remote_id, changes, exchanges, \
         attempt, next_attempt, code, params, actor, correlation, app_name, explanation"
    };
}

/// Appends entries, each with its own cause; gives their ids. These are made from the time: ids are in the order of time.
pub async fn append(
    tx: &mut Tx<'_>,
    org: OrgId,
    entries: &[(&Entry, &Cause)],
) -> Result<Vec<LogEntryId>, Error> {
    let now = tx.ambient().now();
    let mut ids = Vec::with_capacity(entries.len());
    let mut sets = Vec::with_capacity(entries.len());
    for (entry, cause) in entries {
        let actor = actor_text(&cause.actor)?;
        let id = LogEntryId::new(now, tx.ambient().random());
        let Message { code, params } = &entry.message;
        let params = serde_json::to_string(params).map_err(|error| Error::Internal(error.into()))?;
        ids.push(id);
        sets.push(
            params![
                org,
                id,
                entry.app,
                &entry.app_name,
                entry.cycle,
                entry.subject,
                entry.kind.as_str(),
                &entry.subject_name,
                &entry.action,
                entry.status.as_str(),
                now,
                entry.duration,
                entry.remote_id.as_deref(),
                &entry.changes,
                &entry.exchanges,
                entry.attempt,
                entry.next_attempt,
                code,
                params,
                actor.as_str(),
                cause.correlation,
                &entry.explanation
            ]
            .to_vec(),
        );
    }
    tx.send_many(
        "INSERT INTO provisioning_log (org, id, app, app_name, cycle, subject, kind, subject_name, action, status, at, \
         duration, remote_id, changes, exchanges, attempt, next_attempt, code, params, actor, correlation, explanation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
        sets,
    )
    .await?;
    Ok(ids)
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: LogEntryId) -> Result<Option<Logged>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM provisioning_log WHERE org = ?1 AND id = ?2"
    );
    q.first(SQL, params![org, id])
        .await?
        .map(Logged::read)
        .transpose()
}

/// Forgets entries older than a time, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM provisioning_log WHERE org = ?1 AND id IN \
               (SELECT id FROM provisioning_log WHERE org = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";
    let first = LogEntryId::new(before, [0; 10]);
    tx.execute(sql, params![org, first, limit]).await
}

/// The entries that fit, in the order asked for.
pub async fn page(q: &mut impl Query, org: OrgId, filter: &Filter, limit: u32) -> Result<Vec<Logged>, Error> {
    // The first id of a moment.
    let at = |time: Timestamp| LogEntryId::new(time, [0; 10]);
    let (behind, direction) = match filter.order {
        Order::NewestFirst => ("<", "DESC"),
        Order::OldestFirst => (">", "ASC"),
    };
    let narrowed = Conditions::of(org)
        .and("id", ">=", filter.from.map(at))
        .and("id", "<", filter.until.map(at))
        .and("app", "=", filter.app)
        .and("subject", "=", filter.subject)
        .and("cycle", "=", filter.cycle)
        .and("action", "=", filter.action.as_deref())
        .and("status", "=", filter.status.map(Status::as_str))
        .and("id", behind, filter.after);
    let (conditions, values, limit) = narrowed.limited(limit);
    let sql = format!(
        "SELECT {} FROM provisioning_log WHERE {conditions} ORDER BY id {direction} LIMIT {limit}",
        columns!()
    );
    let rows = q.query(&sql, &values).await?;
    rows.into_iter().map(Logged::read).collect()
}

impl Logged {
    fn read(mut row: Row) -> Result<Self, Error> {
        let params = serde_json::from_str(row.text(16)?).map_err(|error| Error::Internal(error.into()))?;
        Ok(Self {
            id: row.id(0)?,
            at: row.time(8)?,
            actor: row.actor(17)?,
            correlation: row.id(18)?,
            entry: Entry {
                app: row.id(1)?,
                app_name: row.take_text(19)?,
                cycle: row.opt_id(2)?,
                subject: row.id(3)?,
                kind: SubjectKind::read(row.text(4)?)?,
                subject_name: row.take_text(5)?,
                action: row.take_text(6)?,
                status: match row.text(7)? {
                    "success" => Status::Success,
                    _ => Status::Failure,
                },
                duration: row.int(9)?,
                remote_id: row.take_opt_text(10)?,
                changes: row.take_text(11)?,
                exchanges: row.take_text(12)?,
                explanation: row.take_text(20)?,
                attempt: row.int(13)?,
                next_attempt: row.opt_time(14)?,
                message: Message {
                    code: row.take_text(15)?,
                    params,
                },
            },
        })
    }
}
