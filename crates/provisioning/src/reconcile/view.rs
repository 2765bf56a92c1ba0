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
    /// Groups that were listed.
    pub groups: u64,
    /// Accounts and groups that were read one by one.
    pub read: u64,
    /// Accounts and groups that were not compared, as they had been written less than `in_doubt_seconds` before.
    pub recent: u64,
    /// What was found that was not known before, unlinked accounts not counted.
    pub news: u64,
    /// People whose accounts are brought back, and groups that are.
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
    pub groups: GroupDrift,
}

/// The same of groups. What has happened to their members is a change of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct GroupDrift {
    pub changed: u64,
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

/// What the target has changed in one account, or one group.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftItem {
    pub of: SubjectKind,
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
    pub(crate) fn of(counted: &[(SubjectKind, DriftKind, u64)]) -> Self {
        let mut counts = Self::default();
        for (of, kind, number) in counted {
            *match (of, kind) {
                (SubjectKind::User, DriftKind::Changed) => &mut counts.changed,
                (SubjectKind::User, DriftKind::Enabled) => &mut counts.enabled,
                (SubjectKind::User, DriftKind::Disabled) => &mut counts.disabled,
                (SubjectKind::User, DriftKind::Vanished) => &mut counts.vanished,
                (SubjectKind::User, DriftKind::Unlinked) => &mut counts.unlinked,
                (SubjectKind::Group, DriftKind::Vanished) => &mut counts.groups.vanished,
                (SubjectKind::Group, DriftKind::Unlinked) => &mut counts.groups.unlinked,
                (SubjectKind::Group, _) => &mut counts.groups.changed,
            } += number;
        }
        counts
    }

    /// Accounts and groups that are not as they should be.
    pub fn drifted(&self) -> u64 {
        let accounts = self.changed + self.enabled + self.disabled + self.vanished;
        accounts + self.groups.changed + self.groups.vanished
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

    /// A page of what the target has changed: groups first, each in the order of the ids there.
    pub async fn drift_items(
        &self,
        org: OrgId,
        id: AppId,
        kind: Option<DriftKind>,
        after: Option<(SubjectKind, &str)>,
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
                kind: drift.subject_kind,
                id,
                name: drift.name.clone(),
            }),
            of: drift.subject_kind,
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
            groups: progress.groups,
            read: progress.read,
            recent: progress.recent,
            news: progress.news,
            corrected: progress.corrected,
            error: job.error.as_deref().map(read_message).transpose()?,
        })
    }
}
