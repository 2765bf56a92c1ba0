//! The one thread that writes: it takes all writes that wait and commits them together.
//!
//! One that fails takes nothing of the others with it. Most fail before they have changed anything; only if one did
//! change something is everything rolled back and run again, then each in a savepoint (which costs as much as the
//! write itself, as SQLite copies every page that it touches). Nobody is answered before the commit is on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use base::{Ambient, OrgId};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::anchor::Anchor;
use super::execute;
use super::queue::{Found, Queue};
use crate::error::Error;
use crate::signal::Signal;
use crate::stats::Counters;
use crate::tx::{Durability, Tx, Write};

/// How many writes share one commit at most.
const BATCH: usize = 512;
/// A commit that takes longer is worth waiting this long for as many writes as came last time. Behind a quicker one it
/// is better to begin at once: what comes meanwhile is the next batch, and is read while this one goes to the disk.
const MOMENT: Duration = Duration::from_millis(1);

/// How long the log is held at one place while nobody here writes.
const HOLD: Duration = Duration::from_secs(1);

/// What the writer shares with the store.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) ambient: Ambient,
    pub(crate) counters: Arc<Counters>,
    pub(crate) signal: Arc<Signal>,
}

/// The way to the writer thread. Dropping it lets the thread finish what it has and waits for that.
pub(crate) struct Writer {
    jobs: Arc<Jobs>,
    thread: Option<JoinHandle<()>>,
}

type Jobs = Queue<Box<dyn Job>>;

impl Writer {
    pub(super) fn start(mut connection: Connection, anchor: Anchor, shared: Shared) -> Result<Self, Error> {
        let jobs = Arc::new(Jobs::new());
        let waiting = Arc::clone(&jobs);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                let _left = Leaving(&waiting);
                serve(&mut connection, &anchor, &waiting, &shared);
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self {
            jobs,
            thread: Some(thread),
        })
    }

    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Out, Error> {
        let (answer, answered) = oneshot::channel();
        let job = Pending {
            write,
            result: None,
            answer,
        };
        let gone = || Error::Unavailable("the database is closed".to_owned());
        self.jobs.push(Box::new(job)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs.close();
        let Some(thread) = self.thread.take() else { return };
        // The last handle may have been dropped by a write, that is, by the writer thread itself.
        if thread.thread().id() != thread::current().id() {
            let _ended = thread.join();
        }
    }
}

/// Whoever waits when the thread ends, in whichever way, is told so.
struct Leaving<'q>(&'q Jobs);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// A write without its type.
trait Job: Send {
    /// Whether nobody waits for it any more.
    fn abandoned(&self) -> bool;
    fn durability(&self) -> Durability;
    /// Runs it and keeps the result. Says whether it succeeded.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers: with its own result if its transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Pending<W: Write> {
    write: W,
    result: Option<Result<W::Out, Error>>,
    answer: oneshot::Sender<Result<W::Out, Error>>,
}

impl<W: Write> Job for Pending<W> {
    fn abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn durability(&self) -> Durability {
        W::DURABILITY
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let ran = catch_unwind(AssertUnwindSafe(|| poll_once(&self.write, tx)));
        let result = ran.unwrap_or_else(|_| Err(Error::internal("a write panicked")));
        self.result.insert(tx.verdict(result)).is_ok()
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(Error::internal("a write was committed without being run")),
        };
        // Whoever has gone meanwhile does not want to know.
        let _gone = self.answer.send(result);
    }
}

fn poll_once<W: Write>(write: &W, tx: &mut Tx<'_>) -> Result<W::Out, Error> {
    let future = pin!(write.run(tx));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::internal(
            "a write waited for something that is not its transaction",
        )),
    }
}

/// Those who were answered together will mostly come back together. Where commits are slow they are given a moment, so
/// that they are not split into a small batch and a large one, time and again.
fn serve(connection: &mut Connection, anchor: &Anchor, jobs: &Jobs, shared: &Shared) {
    let (mut expected, mut moment) = (1, Duration::ZERO);
    anchor.cast();
    loop {
        let mut batch = match jobs.take(BATCH, expected, HOLD, moment) {
            Found::Some(batch) => batch,
            Found::Nothing => {
                anchor.weigh();
                anchor.cast();
                continue;
            }
            Found::Closed => return,
        };
        batch.retain(|job| !job.abandoned());
        expected = batch.len();
        if !batch.is_empty() {
            let took = carry_out(connection, anchor, batch, shared);
            moment = if took > MOMENT { MOMENT } else { Duration::ZERO };
        }
    }
}

/// Commits a batch; if the whole transaction is lost, tries each write by itself. Says how long the commit took.
fn carry_out(
    connection: &mut Connection,
    anchor: &Anchor,
    mut batch: Vec<Box<dyn Job>>,
    shared: &Shared,
) -> Duration {
    let (lost, took) = match commit(connection, anchor, &mut batch, shared) {
        Ok(took) => (None, took),
        Err(Lost::NeverBegun(error)) => (Some(error), Duration::ZERO),
        Err(Lost::Underway(error)) if batch.len() == 1 => (Some(error), Duration::ZERO),
        Err(Lost::Underway(error)) => {
            tracing::warn!(%error, writes = batch.len(), "a transaction was lost: trying each write by itself");
            for job in batch {
                carry_out(connection, anchor, vec![job], shared);
            }
            return Duration::ZERO;
        }
    };
    for job in batch {
        job.answer(lost.as_ref().map_or(Ok(()), |error| Err(error.shared())));
    }
    took
}

/// Why nothing of a batch was committed.
enum Lost {
    NeverBegun(Error),
    Underway(Error),
}

/// How a write went.
enum Ran {
    Succeeded,
    /// It failed before it changed anything, or what it had changed is undone.
    Undone,
    /// It failed, and what it had changed is still there.
    Dirty,
}

type Step = fn(&mut Connection, &mut dyn Job, &Shared, &mut Vec<OrgId>) -> Result<Ran, Error>;

fn commit(
    connection: &mut Connection,
    anchor: &Anchor,
    batch: &mut [Box<dyn Job>],
    shared: &Shared,
) -> Result<Duration, Lost> {
    sync(connection, batch).map_err(Lost::NeverBegun)?;
    let mut attempt = |step: Step| {
        execute(connection, "BEGIN IMMEDIATE", &[]).map_err(Lost::NeverBegun)?;
        run_all(connection, anchor, batch, shared, step).map_err(|error| {
            roll_back(connection);
            Lost::Underway(error)
        })
    };
    let committed = match attempt(plainly)? {
        Some(committed) => committed,
        None => attempt(in_savepoint)?.unwrap_or_default(),
    };
    shared.counters.commit();
    shared.signal.committed(&committed.fed);
    Ok(committed.took)
}

/// Has the commit wait for the disk if it must for one of them.
fn sync(connection: &Connection, batch: &[Box<dyn Job>]) -> Result<(), Error> {
    let soon = batch.iter().all(|job| job.durability() == Durability::Soon);
    // It says nothing, so that it can be executed.
    let sql = if soon {
        "PRAGMA synchronous = NORMAL"
    } else {
        "PRAGMA synchronous = FULL"
    };
    execute(connection, sql, &[]).map(drop)
}

#[derive(Default)]
struct Committed {
    /// The organizations whose feeds have grown.
    fed: Vec<OrgId>,
    took: Duration,
}

/// Runs all and commits. Nothing when a write left something behind: then all is rolled back.
fn run_all(
    connection: &mut Connection,
    anchor: &Anchor,
    batch: &mut [Box<dyn Job>],
    shared: &Shared,
    step: Step,
) -> Result<Option<Committed>, Error> {
    let mut fed = Vec::new();
    for job in batch {
        if let Ran::Dirty = step(connection, job.as_mut(), shared, &mut fed)? {
            execute(connection, "ROLLBACK", &[])?;
            return Ok(None);
        }
    }
    let began = Instant::now();
    anchor.weigh();
    let committed = execute(connection, "COMMIT", &[]);
    anchor.cast();
    committed?;
    Ok(Some(Committed {
        fed,
        took: began.elapsed(),
    }))
}

fn plainly(
    connection: &mut Connection,
    job: &mut dyn Job,
    shared: &Shared,
    fed: &mut Vec<OrgId>,
) -> Result<Ran, Error> {
    let before = connection.total_changes();
    let mut tx = Tx::sqlite(connection, &shared.ambient, &shared.counters);
    let succeeded = job.run(&mut tx);
    if succeeded {
        let new = tx.fed().iter().filter(|org| !fed.contains(org)).copied();
        fed.extend(new.collect::<Vec<_>>());
    }
    drop(tx);
    if connection.is_autocommit() {
        return Err(Error::Unavailable(
            "the database gave up the transaction".to_owned(),
        ));
    }
    Ok(match succeeded {
        true => Ran::Succeeded,
        false if connection.total_changes() == before => Ran::Undone,
        false => Ran::Dirty,
    })
}

fn in_savepoint(
    connection: &mut Connection,
    job: &mut dyn Job,
    shared: &Shared,
    fed: &mut Vec<OrgId>,
) -> Result<Ran, Error> {
    execute(connection, "SAVEPOINT one", &[])?;
    let mut ran = plainly(connection, job, shared, fed)?;
    if matches!(ran, Ran::Dirty) {
        execute(connection, "ROLLBACK TO one", &[])?;
        ran = Ran::Undone;
    }
    execute(connection, "RELEASE one", &[])?;
    Ok(ran)
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK", &[])
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}
