//! Beginning an import.

use base::{AppId, Cause, JobId, OrgId};
use serde::{Deserialize, Serialize};
use store::jobs::Kind;
use store::{Tx, Write};

use super::{ImportView, Options, Progress};
use crate::app::App;
use crate::apps::revision::to_json;
use crate::error::Error;
use crate::provisioning::Provisioning;

/// Imports that are kept, for each app.
const KEPT: u32 = 20;
/// Accounts that can be named at a time.
const MOST_NAMED: usize = 1_000;

/// Which accounts are imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// Every account that is nobody's.
    All,
    /// The same, but for those that would be linked to people who are there.
    New,
    /// These, by their ids at the target or their userNames.
    Named(Vec<String>),
}

/// An import that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    pub chosen: Chosen,
    /// Who is told by mail when a large one is over; whom the app names, if left out.
    pub tell: Option<String>,
}

impl Provisioning {
    /// Begins an import; it goes on by itself.
    pub async fn import(
        &self,
        org: OrgId,
        id: AppId,
        request: ImportRequest,
        cause: &Cause,
    ) -> Result<ImportView, Error> {
        let app = App::read(&self.app_row(org, id).await?)?;
        app.refuse_unless_active()?;
        if let Chosen::Named(names) = &request.chosen
            && !(1..=MOST_NAMED).contains(&names.len())
        {
            return Err(Error::ImportNames { most: MOST_NAMED });
        }
        let own = Some(app.settings.notification_email).filter(|address| !address.is_empty());
        let options = Options {
            chosen: request.chosen,
            tell: request.tell.or(own),
        };
        let write = Begin {
            org,
            app: id,
            options: to_json(&options)?,
            progress: to_json(&Progress::default())?,
            cause: cause.clone(),
        };
        let job = match self.store.write(write).await {
            Ok(job) => job,
            Err(error) => {
                let Runs(job) = error.refusal()?;
                return Err(Error::ImportRuns { job });
            }
        };
        self.waker.wake(org);
        self.import_job(org, id, job).await
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an import runs")]
struct Runs(JobId);

struct Begin {
    org: OrgId,
    app: AppId,
    options: String,
    progress: String,
    cause: Cause,
}

impl Write for Begin {
    type Out = JobId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<JobId, store::Error> {
        let Self { org, app, .. } = *self;
        store::apps::hold(tx, org, app).await?;
        let latest = store::jobs::page(tx, (org, app), Kind::Import, None, 1).await?;
        if let Some(running) = latest.into_iter().find(|job| job.finished.is_none()) {
            return Err(store::Error::refuse(Runs(running.id)));
        }
        let id = tx.ambient().id();
        let documents = (self.options.as_str(), self.progress.as_str());
        store::jobs::insert(tx, (org, app, id), Kind::Import, documents, &self.cause).await?;
        store::jobs::prune(tx, org, app, Kind::Import, KEPT).await?;
        Ok(id)
    }
}
