//! One watcher of the store for all who wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::OrgId;
use store::{Changed, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long to let the store be after it could not be watched.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells its subscribers that something may have changed: in this process at once, in others within half a second. Who
/// waits for an organization's changes is left alone by those of the others.
#[derive(Debug, Clone)]
pub struct Waker(Arc<Signals>);

#[derive(Debug)]
struct Signals {
    any: watch::Sender<u64>,
    of: Mutex<HashMap<OrgId, watch::Sender<u64>>>,
}

impl Default for Waker {
    fn default() -> Self {
        Self(Arc::new(Signals {
            any: watch::Sender::new(0),
            of: Mutex::default(),
        }))
    }
}

impl Waker {
    /// Wakes who waits for this organization.
    pub fn wake(&self, org: OrgId) {
        if let Some(signal) = self.0.signals().get(&org) {
            count(signal);
        }
        count(&self.0.any);
    }

    /// Wakes everybody.
    pub fn wake_all(&self) {
        self.0.signals().values().for_each(count);
        count(&self.0.any);
    }

    /// For one organization's changes.
    pub fn subscribe_to(&self, org: OrgId) -> watch::Receiver<u64> {
        let mut signals = self.0.signals();
        // Those for whom nobody waits any more are forgotten.
        signals.retain(|_, signal| signal.receiver_count() > 0);
        let signal = signals.entry(org).or_insert_with(|| watch::Sender::new(0));
        signal.subscribe()
    }

    /// For every change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.any.subscribe()
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
        self.wake_all();
        loop {
            match watcher.changed().await? {
                Changed::In(organizations) => organizations.into_iter().for_each(|org| self.wake(org)),
                Changed::Anywhere => self.wake_all(),
            }
        }
    }
}

impl Signals {
    fn signals(&self) -> MutexGuard<'_, HashMap<OrgId, watch::Sender<u64>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(signal: &watch::Sender<u64>) {
    signal.send_modify(|count| *count += 1);
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use super::*;

    fn org(number: u8) -> OrgId {
        OrgId::new(Timestamp::from_micros(0), [number; 10])
    }

    #[test]
    fn changes_of_one_organization_wake_nobody_elses() {
        let waker = Waker::default();
        let (any, one, other) = (
            waker.subscribe(),
            waker.subscribe_to(org(1)),
            waker.subscribe_to(org(2)),
        );
        for _ in 0..1_000 {
            waker.wake(org(1));
        }
        let woken = |receiver: &watch::Receiver<u64>| *receiver.borrow();
        assert_eq!((woken(&any), woken(&one), woken(&other)), (1_000, 1_000, 0));
        waker.wake_all();
        assert_eq!((woken(&any), woken(&one), woken(&other)), (1_001, 1_001, 1));
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let waker = Waker::default();
        drop(waker.subscribe_to(org(1)));
        let _stays = waker.subscribe_to(org(2));
        assert_eq!(waker.0.signals().len(), 1);
    }
}
