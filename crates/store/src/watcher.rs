//! Waiting for changes, whoever made them.

use std::time::Duration;

use tokio::sync::watch;

use crate::Store;
use crate::error::Error;

/// How often to look whether another process has committed.
const POLL: Duration = Duration::from_millis(500);

/// Wakes for every change of this process at once, and for those of others within half a second.
#[derive(Debug)]
pub struct Watcher {
    store: Store,
    signal: watch::Receiver<u64>,
    version: i64,
}

impl Watcher {
    pub(crate) async fn new(store: Store) -> Result<Self, Error> {
        let signal = store.changes();
        let version = store.data_version().await?;
        Ok(Self {
            store,
            signal,
            version,
        })
    }

    /// Returns when something may have changed since the last return. There may be nothing: look.
    pub async fn changed(&mut self) -> Result<(), Error> {
        loop {
            let signalled = tokio::time::timeout(POLL, self.signal.changed()).await.is_ok();
            let version = self.store.data_version().await?;
            if signalled || version != self.version {
                self.version = version;
                return Ok(());
            }
        }
    }
}
