//! Writes down together what the work for many people comes to at the same time: one transaction, and on PostgreSQL one
//! journey for each kind of statement, costs little more for thirty of them than for one.
//!
//! Who comes first waits a moment for others and then writes for all. As with a group commit each of them learns what
//! became of their own line; where a transaction is lost, each line is tried by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Durability, Store, Tx, Write};
use tokio::sync::{Notify, oneshot};

/// How long who comes first waits for others.
const MOMENT: Duration = Duration::from_millis(2);
/// So many are not kept waiting any longer.
const FULL: usize = 64;
/// So many are written together at most, so that other writes get their turn.
const MOST: usize = 128;

/// What is written down for one person.
pub(super) trait Line: Send + Sync + Sized + 'static {
    /// What became of it.
    type Out: Send + 'static;

    const DURABILITY: Durability;

    /// Writes them all; gives what became of each, in their order.
    fn write_all(
        tx: &mut Tx<'_>,
        lines: &[Arc<Self>],
    ) -> impl Future<Output = Result<Vec<Self::Out>, store::Error>> + Send;
}

/// The lines of one app that are written next.
pub(super) struct Ledger<L: Line> {
    page: Mutex<Vec<Waiting<L>>>,
    full: Notify,
}

struct Waiting<L: Line> {
    line: Arc<L>,
    answer: oneshot::Sender<Result<L::Out, store::Error>>,
}

impl<L: Line> Default for Ledger<L> {
    fn default() -> Self {
        Self {
            page: Mutex::default(),
            full: Notify::new(),
        }
    }
}

impl<L: Line> Ledger<L> {
    /// Writes a line; it is committed when this returns.
    pub(super) async fn write(&self, store: &Store, line: Arc<L>) -> Result<L::Out, store::Error> {
        let (answer, answered) = oneshot::channel();
        let before = {
            let mut page = self.page();
            page.push(Waiting { line, answer });
            page.len() - 1
        };
        if before == 0 {
            let turn = Turn(Some(self));
            tokio::select! {
                () = tokio::time::sleep(MOMENT) => {}
                () = self.full.notified() => {}
            }
            turn.write(store).await;
        } else if before + 1 == FULL {
            self.full.notify_one();
        }
        let lost = |_| {
            Err(store::Error::Unavailable(
                "whoever was to write is gone".to_owned(),
            ))
        };
        answered.await.unwrap_or_else(lost)
    }

    fn page(&self) -> MutexGuard<'_, Vec<Waiting<L>>> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty of whoever came first. Given up before its time, it leaves nobody waiting.
struct Turn<'l, L: Line>(Option<&'l Ledger<L>>);

impl<L: Line> Turn<'_, L> {
    async fn write(mut self, store: &Store) {
        let mut lines = self.take();
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(MOST));
            together(store, lines).await;
            lines = rest;
        }
    }

    /// Those who wait; whoever comes now has a turn of their own.
    fn take(&mut self) -> Vec<Waiting<L>> {
        let page = self.0.take().map(Ledger::page);
        page.map(|mut page| std::mem::take(&mut *page))
            .unwrap_or_default()
    }
}

impl<L: Line> Drop for Turn<'_, L> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

async fn together<L: Line>(store: &Store, lines: Vec<Waiting<L>>) {
    let page = Page(lines.iter().map(|waiting| Arc::clone(&waiting.line)).collect());
    let error = match store.write(page).await {
        Ok(written) => {
            for (waiting, out) in lines.into_iter().zip(written) {
                tell(waiting, Ok(out));
            }
            return;
        }
        Err(error) => error,
    };
    let lines = match <[_; 1]>::try_from(lines) {
        Ok([only]) => return tell(only, Err(error)),
        Err(lines) => lines,
    };
    tracing::debug!(%error, lines = lines.len(), "each line is written by itself");
    for waiting in lines {
        let alone = Page(vec![Arc::clone(&waiting.line)]);
        let written = store.write(alone).await;
        let written = written.and_then(|mut only| only.pop().ok_or_else(nothing));
        tell(waiting, written);
    }
}

fn nothing() -> store::Error {
    store::Error::Unavailable("nothing was written".to_owned())
}

fn tell<L: Line>(waiting: Waiting<L>, written: Result<L::Out, store::Error>) {
    // Whoever has gone meanwhile does not want to know.
    let _gone = waiting.answer.send(written);
}

struct Page<L>(Vec<Arc<L>>);

impl<L: Line> Write for Page<L> {
    type Out = Vec<L::Out>;

    const DURABILITY: Durability = L::DURABILITY;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, store::Error> {
        L::write_all(tx, &self.0).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    use base::Ambient;
    use store::Database;

    use super::*;

    /// A number, and how many writes there were; what is odd cannot be written.
    struct Number(usize, Arc<AtomicUsize>);

    fn number(number: usize) -> Arc<Number> {
        Arc::new(Number(number, Arc::default()))
    }

    impl Line for Number {
        type Out = usize;

        const DURABILITY: Durability = Durability::OnDisk;

        async fn write_all(_: &mut Tx<'_>, lines: &[Arc<Self>]) -> Result<Vec<usize>, store::Error> {
            lines[0].1.fetch_add(1, Ordering::SeqCst);
            if lines.iter().any(|line| line.0 % 2 == 1) {
                return Err(store::Error::NotFound);
            }
            Ok(lines.iter().map(|line| line.0 * 10).collect())
        }
    }

    #[tokio::test]
    async fn everybody_learns_what_became_of_their_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::Sqlite(folder.path().join("ledger.db"));
        let store = Store::open(&database, Ambient::system()).await.expect("a store");
        let ledger = Ledger::default();
        let write = async |numbers: &[usize]| {
            let writes = Arc::new(AtomicUsize::new(0));
            let lines = numbers.iter().map(|number| {
                let line = Number(*number, Arc::clone(&writes));
                ledger.write(&store, Arc::new(line))
            });
            let written = futures_util::future::join_all(lines).await;
            let written: Vec<_> = written.into_iter().map(Result::ok).collect();
            (written, writes.load(Ordering::SeqCst))
        };
        assert_eq!(write(&[2, 4, 6]).await, (vec![Some(20), Some(40), Some(60)], 1));
        let (written, _) = write(&[2, 3, 4]).await;
        assert_eq!(
            written,
            [Some(20), None, Some(40)],
            "one takes nothing of the others along"
        );
        let many: Vec<_> = (0..FULL * 3).map(|number| number * 2).collect();
        let (written, writes) = write(&many).await;
        assert_eq!(written.into_iter().flatten().count(), many.len());
        assert!(writes < many.len() / 4, "{writes} writes for {}", many.len());
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_nobody_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::Sqlite(folder.path().join("ledger.db"));
        let store = Store::open(&database, Ambient::system()).await.expect("a store");
        let ledger = Ledger::default();
        let mut first = Box::pin(ledger.write(&store, number(2)));
        let mut second = Box::pin(ledger.write(&store, number(4)));
        let mut unwoken = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut unwoken).is_pending());
        assert!(second.as_mut().poll(&mut unwoken).is_pending());
        drop(first);
        assert!(second.await.is_err(), "it is told");
        assert_eq!(ledger.write(&store, number(6)).await.ok(), Some(60));
    }
}
