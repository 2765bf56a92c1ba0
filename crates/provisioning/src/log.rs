//! The provisioning log, read.

use base::{Actor, AppId, CorrelationId, CycleId, LogEntryId, Message, OrgId, Timestamp};

pub use store::log::{Filter as LogFilter, Order as LogOrder, Status as LogStatus};

use crate::error::Error;
use crate::explanation::Explanation;
use crate::plan::AttributeChange;
use crate::provisioning::Provisioning;
use crate::status::SubjectRef;
use crate::target::Exchange;

/// What was done about one person, or was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEntry {
    pub id: LogEntryId,
    pub at: Timestamp,
    pub app: AppId,
    /// What the app was called then.
    pub app_name: String,
    pub cycle: Option<CycleId>,
    pub subject: SubjectRef,
    /// `create`, `link`, `update`, `disable`, `enable`, `delete`; `match` when it did not come so far.
    pub action: String,
    pub status: LogStatus,
    /// The account's id at the target.
    pub remote_id: Option<String>,
    pub changes: Vec<AttributeChange>,
    /// The requests and their answers, in order.
    pub exchanges: Vec<Exchange>,
    pub explanation: Explanation,
    pub duration_ms: u64,
    /// 1 for the first one.
    pub attempt: i64,
    pub next_attempt: Option<Timestamp>,
    pub message: Message,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

impl Provisioning {
    /// A page of the log.
    pub async fn log(&self, org: OrgId, filter: &LogFilter, limit: u32) -> Result<Vec<LogEntry>, Error> {
        let rows = store::log::page(&mut self.reader(), org, filter, limit).await?;
        rows.into_iter().map(LogEntry::read).collect()
    }

    pub async fn log_entry(&self, org: OrgId, id: LogEntryId) -> Result<LogEntry, Error> {
        let row = store::log::by_id(&mut self.reader(), org, id).await?;
        LogEntry::read(row.ok_or(Error::UnknownLogEntry)?)
    }
}

impl LogEntry {
    fn read(row: store::log::Logged) -> Result<Self, Error> {
        let damaged = |error: serde_json::Error| Error::damaged("log entry", &error);
        let entry = row.entry;
        Ok(Self {
            id: row.id,
            at: row.at,
            app: entry.app,
            app_name: entry.app_name,
            cycle: entry.cycle,
            subject: SubjectRef {
                kind: entry.kind,
                id: entry.subject,
                name: entry.subject_name,
            },
            action: entry.action,
            status: entry.status,
            remote_id: entry.remote_id,
            changes: serde_json::from_str(&entry.changes).map_err(damaged)?,
            exchanges: serde_json::from_str(&entry.exchanges).map_err(damaged)?,
            explanation: serde_json::from_str(&entry.explanation).map_err(damaged)?,
            duration_ms: u64::try_from(entry.duration / 1_000).unwrap_or_default(),
            attempt: entry.attempt,
            next_attempt: entry.next_attempt,
            message: entry.message,
            actor: row.actor,
            correlation: row.correlation,
        })
    }
}
