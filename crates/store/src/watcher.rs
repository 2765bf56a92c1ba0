//! Waiting for changes, whoever made them.

use std::collections::BTreeSet;
use std::time::Duration;

use base::OrgId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use crate::Store;
use crate::error::Error;

/// How often to look whether another process has committed.
const POLL: Duration = Duration::from_millis(500);

/// Wakes for every change of this process at once, and for those of others within half a second.
#[derive(Debug)]
pub struct Watcher {
    store: Store,
    signal: Receiver<OrgId>,
    version: i64,
    poll: Instant,
}

/// Where something may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    In(BTreeSet<OrgId>),
    Anywhere,
}

impl Watcher {
    pub(crate) async fn new(store: Store) -> Result<Self, Error> {
        let signal = store.listen();
        let version = store.data_version().await?;
        Ok(Self {
            store,
            signal,
            version,
            poll: Instant::now() + POLL,
        })
    }

    /// Returns when something may have changed since the last return. There may be nothing: look.
    pub async fn changed(&mut self) -> Result<Changed, Error> {
        loop {
            // What others commit is looked for however much comes from here.
            match tokio::time::timeout_at(self.poll, self.signal.recv()).await {
                Ok(Ok(org)) => return Ok(self.together_with(org)),
                Ok(Err(RecvError::Lagged(_))) => return Ok(Changed::Anywhere),
                Ok(Err(RecvError::Closed)) => {
                    return Err(Error::Unavailable("the store is closed".to_owned()));
                }
                Err(_elapsed) => {}
            }
            self.poll = Instant::now() + POLL;
            let version = self.store.data_version().await?;
            if version != self.version {
                self.version = version;
                return Ok(Changed::Anywhere);
            }
        }
    }

    /// All that has come by now.
    fn together_with(&mut self, org: OrgId) -> Changed {
        let mut organizations = BTreeSet::from([org]);
        loop {
            match self.signal.try_recv() {
                Ok(org) => organizations.insert(org),
                Err(TryRecvError::Lagged(_)) => return Changed::Anywhere,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Changed::In(organizations),
            };
        }
    }
}
