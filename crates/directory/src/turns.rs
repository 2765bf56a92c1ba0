//! Taking turns: whoever lost a race for a resource queues up behind those who lost before.
//!
//! Versions decide who wins, also between processes; turns only see to it that within this one nobody loses for ever.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use base::SubjectId;
use tokio::sync::{Mutex, MutexGuard};

const QUEUES: usize = 64;

/// The queues; resources share them by their ids.
#[derive(Clone)]
pub struct Turns(Arc<[Mutex<()>; QUEUES]>);

impl Turns {
    pub fn new() -> Self {
        Self(Arc::new(std::array::from_fn(|_| Mutex::new(()))))
    }

    /// Waits for one's turn, which lasts as long as the guard.
    pub async fn take(&self, id: impl Into<SubjectId>) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        id.into().hash(&mut hasher);
        let queue = usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or_default();
        self.0[queue].lock().await
    }
}
