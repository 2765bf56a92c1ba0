//! Beginning a reconciliation: when its time has come, or at once.

use std::time::Duration;

use base::{Actor, ActorKind, AppId, Cause, JobId, OrgId};
use store::jobs::Kind;
use store::{Tx, Write};

use super::{Options, Progress, ReconciliationView};
use crate::app::App;
use crate::apps::revision::to_json;
use crate::engine::Config;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::settings::Drift;

/// Reconciliations that are kept, for each app.
const KEPT: u32 = 20;

/// What is done about what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reconcile {
    /// What the app's settings say; reported if they say nothing.
    #[default]
    AsSet,
    Report,
    Correct,
}

impl Provisioning {
    /// Reconciles now, or says how far the reconciliation is that runs.
    pub async fn reconcile(
        &self,
        org: OrgId,
        id: AppId,
        how: Reconcile,
        cause: &Cause,
    ) -> Result<ReconciliationView, Error> {
        let app = App::read(&self.app_row(org, id).await?)?;
        app.refuse_unless_active()?;
        if !app.started {
            return Err(Error::NotStarted);
        }
        let mode = match how {
            Reconcile::Correct => Drift::Correct,
            Reconcile::AsSet if app.settings.drift == Drift::Correct => Drift::Correct,
            Reconcile::AsSet | Reconcile::Report => Drift::Report,
        };
        let job = self.begin_reconciliation(org, id, mode, cause).await?;
        self.waker.wake(org);
        self.reconciliation(org, id, job).await
    }

    async fn begin_reconciliation(
        &self,
        org: OrgId,
        app: AppId,
        mode: Drift,
        cause: &Cause,
    ) -> Result<JobId, Error> {
        let write = Begin {
            org,
            app,
            options: to_json(&Options { mode })?,
            progress: to_json(&Progress::default())?,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Begins the reconciliation whose time has come.
    pub(crate) async fn schedule(&self, config: &Config, row: &store::apps::App) -> Result<(), Error> {
        let mode = config.settings.drift;
        if mode == Drift::Off || row.watermark.is_none() {
            return Ok(());
        }
        let key = (config.org, config.app);
        let latest = store::jobs::page(&mut self.reader(), key, Kind::Reconcile, None, 1).await?;
        let every = Duration::from_hours(config.settings.drift_hours.into());
        if let Some(latest) = latest.first()
            && (latest.finished.is_none() || latest.started + every > self.ambient().now())
        {
            return Ok(());
        }
        let cause = self
            .ambient()
            .cause(Actor::new(ActorKind::App, config.app, &config.name));
        self.begin_reconciliation(config.org, config.app, mode, &cause)
            .await
            .map(drop)
    }
}

/// Begins one, unless one runs.
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
        let latest = store::jobs::page(tx, (org, app), Kind::Reconcile, None, 1).await?;
        if let Some(running) = latest.into_iter().find(|job| job.finished.is_none()) {
            return Ok(running.id);
        }
        let id = tx.ambient().id();
        let documents = (self.options.as_str(), self.progress.as_str());
        store::jobs::insert(tx, (org, app, id), Kind::Reconcile, documents, &self.cause).await?;
        store::jobs::prune(tx, org, app, Kind::Reconcile, KEPT).await?;
        Ok(id)
    }
}
