//! Imports, as they are shown.

use base::{AppId, JobId, Message, OrgId, SubjectId, Timestamp};
use serde::Serialize;
use store::import_items::State as ItemState;
use store::jobs::{Job, Kind, State};

use super::Progress;
use crate::engine::errands::read;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::status::read_message;

/// How an import stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportView {
    pub id: JobId,
    pub state: State,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    /// Accounts that were listed or asked for.
    pub listed: u64,
    /// Whether all accounts are known that are to be imported.
    pub complete: bool,
    pub counts: ImportCounts,
    /// Why it failed, or why its last step did not work.
    pub error: Option<Message>,
}

/// What became of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ImportCounts {
    /// In all.
    pub total: u64,
    pub waiting: u64,
    /// People were made of them.
    pub created: u64,
    /// They are people's who were there already.
    pub linked: u64,
    /// They were somebody's before.
    pub known: u64,
    pub failed: u64,
}

/// What became of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportItem {
    pub remote_id: String,
    /// What people know it by.
    pub name: String,
    pub state: ItemState,
    pub subject: Option<SubjectId>,
    /// Why it could not be imported.
    pub error: Option<Message>,
}

impl Provisioning {
    /// The latest imports, the newest first.
    pub async fn imports(
        &self,
        org: OrgId,
        id: AppId,
        after: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<ImportView>, Error> {
        let jobs = store::jobs::page(&mut self.reader(), (org, id), Kind::Import, after, limit).await?;
        let mut views = Vec::with_capacity(jobs.len());
        for job in &jobs {
            views.push(self.import_view(org, id, job).await?);
        }
        Ok(views)
    }

    pub async fn import_job(&self, org: OrgId, id: AppId, job: JobId) -> Result<ImportView, Error> {
        let job = store::jobs::by_id(&mut self.reader(), org, id, job).await?;
        let job = job.filter(|job| job.kind == Kind::Import);
        self.import_view(org, id, &job.ok_or(Error::UnknownJob)?).await
    }

    /// A page of what became of the accounts, in the order of their ids.
    pub async fn import_items(
        &self,
        org: OrgId,
        id: AppId,
        job: JobId,
        state: Option<ItemState>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ImportItem>, Error> {
        let items =
            store::import_items::page(&mut self.reader(), (org, id, job), state, after, limit).await?;
        items.into_iter().map(ImportItem::read).collect()
    }

    async fn import_view(&self, org: OrgId, app: AppId, job: &Job) -> Result<ImportView, Error> {
        let progress: Progress = read(&job.progress)?;
        let counted = store::import_items::counts(&mut self.reader(), (org, app, job.id)).await?;
        Ok(ImportView {
            id: job.id,
            state: job.state(),
            started: job.started,
            finished: job.finished,
            listed: progress.listed,
            complete: matches!(progress.stage, super::Stage::People | super::Stage::Over),
            counts: ImportCounts::of(&counted),
            error: job.error.as_deref().map(read_message).transpose()?,
        })
    }
}

impl ImportCounts {
    fn of(counted: &[(ItemState, u64)]) -> Self {
        let mut counts = Self::default();
        for (state, number) in counted {
            counts.total += number;
            *match state {
                ItemState::Waiting => &mut counts.waiting,
                ItemState::Created => &mut counts.created,
                ItemState::Linked => &mut counts.linked,
                ItemState::Known => &mut counts.known,
                ItemState::Failed => &mut counts.failed,
            } += number;
        }
        counts
    }
}

impl ImportItem {
    fn read(item: store::import_items::Item) -> Result<Self, Error> {
        Ok(Self {
            remote_id: item.remote_id,
            name: item.name,
            state: item.state,
            subject: item.subject,
            error: item.error.as_deref().map(read_message).transpose()?,
        })
    }
}
