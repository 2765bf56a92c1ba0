//! What has been kept long enough is forgotten: log entries, events, tombstones, tokens that have ended, by each
//! organization's settings; and of the change feed what every app has read.

use std::time::Duration;

use base::{OrgId, Timestamp};
use store::{Tx, Write};

use crate::{Directory, Error};

/// Rows forgotten in one transaction. Others write in between.
const BATCH: u32 = 500;
/// How long what has been read stays in the change feed all the same.
const FEED: Duration = Duration::from_hours(24);

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forgotten {
    pub log_entries: u64,
    pub events: u64,
    pub tombstones: u64,
    pub mails: u64,
    pub tokens: u64,
    pub grants: u64,
    pub saml_traces: u64,
    pub changes: u64,
}

impl Forgotten {
    pub fn total(self) -> u64 {
        self.log_entries
            + self.events
            + self.tombstones
            + self.mails
            + self.tokens
            + self.grants
            + self.saml_traces
            + self.changes
    }
}

impl Directory {
    /// Forgets what is past keeping in one organization.
    pub async fn forget_old(&self, org: OrgId) -> Result<Forgotten, Error> {
        let settings = self.settings(org).await?;
        let now = self.ambient.now();
        let forget = async |what, before: Option<Timestamp>| match before {
            Some(before) => self.forget(org, what, before).await,
            None => Ok(0),
        };
        Ok(Forgotten {
            log_entries: forget(What::LogEntries, settings.log_retention.before(now)).await?,
            events: forget(What::Events, settings.events_retention.before(now)).await?,
            tombstones: forget(What::Tombstones, settings.tombstones_retention.before(now)).await?,
            mails: forget(What::Mails, settings.events_retention.before(now)).await?,
            tokens: forget(What::Tokens, settings.events_retention.before(now)).await?,
            grants: forget(What::Grants, settings.events_retention.before(now)).await?,
            saml_traces: forget(What::SamlTraces, settings.traces_retention.before(now)).await?,
            changes: forget(What::Changes, Some(now - FEED)).await?,
        })
    }

    async fn forget(&self, org: OrgId, what: What, before: Timestamp) -> Result<u64, Error> {
        let mut total = 0;
        loop {
            let gone = self.store.write(Forget { org, what, before }).await?;
            total += gone;
            if gone < u64::from(BATCH) {
                return Ok(total);
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum What {
    LogEntries,
    Events,
    Tombstones,
    /// Those that are sent or given up.
    Mails,
    /// Those that expired or were revoked.
    Tokens,
    /// Those of which nothing is left.
    Grants,
    SamlTraces,
    Changes,
}

struct Forget {
    org: OrgId,
    what: What,
    before: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        let Self { org, before, .. } = *self;
        match self.what {
            What::LogEntries => store::log::prune(tx, org, before, BATCH).await,
            What::Events => store::events::prune(tx, org, before, BATCH).await,
            What::Tombstones => store::tombstones::prune(tx, org, before, BATCH).await,
            What::Mails => store::outbox::prune(tx, org, before, BATCH).await,
            What::Tokens => store::tokens::prune(tx, org, before, BATCH).await,
            What::Grants => store::grants::prune_empty(tx, org, before, BATCH).await,
            What::SamlTraces => store::saml_traces::prune(tx, org, before, BATCH).await,
            What::Changes => store::changes::prune(tx, org, before, BATCH).await,
        }
    }
}
