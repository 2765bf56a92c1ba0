//! The connections on which everybody asks beside the writers.
//!
//! They are shared. What several ask at one moment leaves in one piece, and so do the answers come: on a connection of
//! its own each question would cost a call of the operating system and a waking both ways, which is most of its price.
//! Whatever reads much takes a connection for itself, so that nobody waits behind it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use deadpool_postgres::{ClientWrapper, Object, Pool};
use tokio::sync::Mutex;

use super::errors::refused;
use crate::error::Error;

/// How many lines there are, at least and at most; in between as many as processors.
const LINES: (usize, usize) = (2, 8);
/// How many ask on a line before the next one is used too.
const CROWD: usize = 8;

pub(super) struct Lines(Vec<Line>);

#[derive(Default)]
struct Line {
    client: RwLock<Option<Arc<ClientWrapper>>>,
    connecting: Mutex<()>,
    asking: AtomicUsize,
}

impl Lines {
    pub(super) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(LINES.0, usize::from);
        let lines = processors.clamp(LINES.0, LINES.1);
        Self((0..lines).map(|_| Line::default()).collect())
    }

    /// A place on the line that has room, or else on the one with the fewest.
    pub(super) async fn join(&self, pool: &Pool) -> Result<Place<'_>, Error> {
        let asking = |line: &&Line| line.asking.load(Ordering::Relaxed);
        let roomy = self.0.iter().find(|line| asking(line) < CROWD);
        let line = roomy.or_else(|| self.0.iter().min_by_key(asking));
        let line = line.ok_or_else(|| Error::internal("there are no lines"))?;
        Ok(Place {
            client: line.client(pool).await?,
            _guest: Guest::of(&line.asking),
        })
    }
}

impl Line {
    /// The connection, made anew if it is lost.
    async fn client(&self, pool: &Pool) -> Result<Arc<ClientWrapper>, Error> {
        if let Some(client) = self.open() {
            return Ok(client);
        }
        let _alone = self.connecting.lock().await;
        if let Some(client) = self.open() {
            return Ok(client);
        }
        let client = Arc::new(Object::take(pool.get().await.map_err(refused)?));
        let mut slot = self.client.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Arc::clone(&client));
        Ok(client)
    }

    fn open(&self) -> Option<Arc<ClientWrapper>> {
        let slot = self.client.read().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().filter(|client| !client.is_closed()).cloned()
    }
}

/// A place on a line, given up when it is dropped.
pub(super) struct Place<'l> {
    pub(super) client: Arc<ClientWrapper>,
    _guest: Guest<'l>,
}

struct Guest<'l>(&'l AtomicUsize);

impl<'l> Guest<'l> {
    fn of(asking: &'l AtomicUsize) -> Self {
        asking.fetch_add(1, Ordering::Relaxed);
        Self(asking)
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
