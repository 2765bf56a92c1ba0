//! The end of an app that is being removed: it goes once nothing is left to be done to its accounts, and nobody fails.

use base::{AppId, Cause, OrgId};
use serde_json::json;
use store::apps::State;
use store::cycles::Kind;
use store::{Query, Tx, Write};

use super::config::Config;
use super::task::AppQueue;
use crate::error::Error;
use crate::events::{Note, note_changes};

impl AppQueue {
    /// Removes the app, if its accounts have gone.
    pub(super) async fn end_removal(&self, config: &Config) -> Result<(), Error> {
        let mut reader = self.provisioning.reader();
        if !is_over(&mut reader, self.org, self.app).await? {
            return Ok(());
        }
        // In the name of whoever asked for it.
        let cycles = store::cycles::latest(&mut reader, self.org, self.app, 1).await?;
        let cause = match cycles.into_iter().find(|cycle| cycle.kind == Kind::Removal) {
            Some(cycle) => self.provisioning.ambient().cause(cycle.actor),
            None => self.cause(&config.name),
        };
        let write = End {
            org: self.org,
            app: self.app,
            cause,
        };
        if self.provisioning.store.write(write).await? {
            tracing::info!(app = %config.name, "the app is removed");
            self.provisioning.waker.wake(self.org);
        }
        Ok(())
    }
}

async fn is_over(q: &mut impl Query, org: OrgId, app: AppId) -> Result<bool, store::Error> {
    Ok(store::lanes::count_due(q, org, app).await? == 0
        && store::lanes::count_failing(q, org, app).await? == 0
        && store::cycles::running(q, org, app).await?.is_empty())
}

struct End {
    org: OrgId,
    app: AppId,
    cause: Cause,
}

impl Write for End {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let Self { org, app, ref cause } = *self;
        let row = store::apps::by_id(tx, org, app).await?;
        let Some(row) = row.filter(|row| row.state == State::Removing) else {
            return Ok(false);
        };
        if !is_over(tx, org, app).await? {
            return Ok(false);
        }
        store::apps::delete(tx, org, app, cause).await?;
        let removal = json!({ "field": "removal", "from": row.removal, "to": null });
        note_changes(tx, (org, app), &row.name, Note::Delete, &[removal], cause).await?;
        Ok(true)
    }
}
