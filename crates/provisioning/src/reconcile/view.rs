//! What reconciliations have found, as it is shown.

use base::{AppId, JobId, Message, OrgId, SubjectId, Timestamp};
use serde::Serialize;
use store::jobs::{Job, Kind, State};

use super::compare::DriftKind;
use super::{Options, Progress};
use crate::assignments::SubjectKind;
use crate::engine::errands::read;
use crate::error::Error;
use crate::plan::AttributeChange;
use crate::provisioning::Provisioning;
use crate::settings::Drift;
use crate::status::{SubjectRef, read_message};

/// How a reconciliation stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ReconciliationView {
    pub id: JobId,
    pub state: State,
    /// `report` or `correct`.
    pub mode: Drift,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    /// Accounts that were listed.
    pub listed: u64,
    /// How many there are, as far as the target says.
    pub total: Option<u64>,
    /// Accounts that were read one by one.
    pub read: u64,
    /// What was found that was not known before, unlinked accounts not counted.
    pub news: u64,
    /// People whose accounts are brought back.
    pub corrected: u64,
    /// Why it failed, or why its last step did not work.
    pub error: Option<Message>,
}

/// How many accounts drift, by what has happened to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DriftCounts {
    pub changed: u64,
    pub enabled: u64,
    pub disabled: u64,
    pub vanished: u64,
    pub unlinked: u64,
}

/// What is known of an app's drift.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftView {
    pub counts: DriftCounts,
    /// The one that runs, else the last one.
    pub reconciliation: Option<ReconciliationView>,
}

/// What the target has changed in one account.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftItem {
    pub remote_id: String,
    /// Whose account it is; `None`: nobody's.
    pub subject: Option<SubjectRef>,
    pub kind: DriftKind,
    /// What people know the account by.
    pub name: String,
    /// `old` is what should be there, `new` what is.
    pub changes: Vec<AttributeChange>,
    /// When it was found first.
    pub found: Timestamp,
}

impl DriftCounts {
    fn of(counted: &[(DriftKind, u64)]) -> Self {
        let mut counts = Self::default();
        for (kind, number) in counted {
            *match kind {
                DriftKind::Changed => &mut counts.changed,
                DriftKind::Enabled => &mut counts.enabled,
                DriftKind::Disabled => &mut counts.disabled,
                DriftKind::Vanished => &mut counts.vanished,
                DriftKind::Unlinked => &mut counts.unlinked,
            } += number;
        }
        counts
    }

    /// Accounts that are not as they should be.
    pub fn drifted(&self) -> u64 {
        self.changed + self.enabled + self.disabled + self.vanished
    }
}

impl Provisioning {
    pub async fn drift(&self, org: OrgId, id: AppId) -> Result<DriftView, Error> {
        let mut reader = self.reader();
        let latest = store::jobs::page(&mut reader, (org, id), Kind::Reconcile, None, 1).await?;
        Ok(DriftView {
            counts: DriftCounts::of(&store::drift::counts(&mut reader, org, id).await?),
            reconciliation: latest.first().map(ReconciliationView::read).transpose()?,
        })
    }

    pub async fn reconciliation(
        &self,
        org: OrgId,
        id: AppId,
        job: JobId,
    ) -> Result<ReconciliationView, Error> {
        let job = store::jobs::by_id(&mut self.reader(), org, id, job).await?;
        let job = job.filter(|job| job.kind == Kind::Reconcile);
        ReconciliationView::read(&job.ok_or(Error::UnknownJob)?)
    }

    /// A page of what the target has changed, in the order of the accounts' ids.
    pub async fn drift_items(
        &self,
        org: OrgId,
        id: AppId,
        kind: Option<DriftKind>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DriftItem>, Error> {
        let found = store::drift::page(&mut self.reader(), (org, id), kind, after, limit).await?;
        found.into_iter().map(DriftItem::read).collect()
    }

    /// What the target has changed in the account of one person.
    pub async fn drift_of(&self, org: OrgId, id: AppId, subject: SubjectId) -> Result<Vec<DriftItem>, Error> {
        let found = store::drift::of_subject(&mut self.reader(), org, id, subject).await?;
        found.into_iter().map(DriftItem::read).collect()
    }
}

impl DriftItem {
    fn read(drift: store::drift::Drift) -> Result<Self, Error> {
        Ok(Self {
            subject: drift.subject.map(|id| SubjectRef {
                kind: SubjectKind::User,
                id,
                name: drift.name.clone(),
            }),
            remote_id: drift.remote_id,
            kind: drift.kind,
            name: drift.name,
            changes: serde_json::from_str(&drift.changes)
                .map_err(|error| Error::damaged("list of changes", &error))?,
            found: drift.found,
        })
    }
}

impl ReconciliationView {
    fn read(job: &Job) -> Result<Self, Error> {
        let progress: Progress = read(&job.progress)?;
        Ok(Self {
            id: job.id,
            state: job.state(),
            mode: read::<Options>(&job.options)?.mode,
            started: job.started,
            finished: job.finished,
            listed: progress.listed,
            total: progress.total,
            read: progress.read,
            news: progress.news,
            corrected: progress.corrected,
            error: job.error.as_deref().map(read_message).transpose()?,
        })
    }
}
