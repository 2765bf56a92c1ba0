//! One watcher of the store for all who wait.

use std::sync::Arc;
use std::time::Duration;

use store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long to let the store be after it could not be watched.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells its subscribers that something may have changed: in this process at once, in others within half a second.
#[derive(Debug, Clone)]
pub struct Waker {
    signal: Arc<watch::Sender<u64>>,
}

impl Default for Waker {
    fn default() -> Self {
        Self {
            signal: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Waker {
    /// Wakes everybody.
    pub fn wake(&self) {
        self.signal.send_modify(|count| *count += 1);
    }

    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.signal.subscribe()
    }

    /// Watches the store until the task is aborted.
    pub fn watch(&self, store: Store) -> JoinHandle<()> {
        let waker = self.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = waker.follow(&store).await {
                    tracing::warn!(%error, "the store cannot be watched");
                }
                tokio::time::sleep(PAUSE).await;
            }
        })
    }

    async fn follow(&self, store: &Store) -> Result<(), store::Error> {
        let mut watcher = store.watch().await?;
        loop {
            self.wake();
            watcher.changed().await?;
        }
    }
}
