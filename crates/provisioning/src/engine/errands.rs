//! Durable work for an app beside its lanes, step by step: reconciliations and imports (`store::jobs`).
//!
//! A step is a page of accounts or a few of them. Its requests go through the app's gate like all others, and what came of
//! it is written under the job's fence; a process that dies loses no more than the step that it was at.

use std::sync::Arc;
use std::time::Duration;

use base::{Message, Timestamp};
use jobs::{Backoff, Stop};
use store::apps::State;
use store::jobs::{Job, Kind, Lease, Outcome};
use store::{Tx, Write};
use tokio::sync::watch;

use super::config::Ready;
use super::holds::read_hold;
use super::outcome::Notice;
use super::quarantine::Quarantine;
use super::resolve::Unresolved;
use super::task::{AppQueue, Current};
use super::{Config, Gate};
use crate::error::Error;
use crate::target::Failure;

/// The shortest and the longest time between two looks at whether there is something to do.
const LOOK: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(500));
/// Failures of one step in a row after which a job is given up.
const TRIES: i64 = 8;
/// The first and the longest wait after a failure.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(1),
    longest: Duration::from_mins(2),
};

/// How a step ended.
pub(crate) enum Next {
    /// There is more; the job's progress is this now.
    Goes(String),
    Over,
}

/// Why a step did not come to its end.
pub(crate) enum Halt {
    Target(Failure),
    /// Nothing is to be sent at the moment.
    Shut,
    /// Somebody else has the job by now.
    Lost,
    /// The job can never be done.
    Failed(Message),
    Store(Error),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Target(failure)
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<store::Error> for Halt {
    fn from(error: store::Error) -> Self {
        match error.refusal::<JobLost>() {
            Ok(JobLost) => Self::Lost,
            Err(error) => Self::Store(error.into()),
        }
    }
}

impl From<Unresolved> for Halt {
    fn from(unresolved: Unresolved) -> Self {
        match unresolved {
            Unresolved::Target(failure) => Self::Target(failure),
            Unresolved::Gone => Self::Failed(Message::new("target.gone")),
            Unresolved::Shut => Self::Shut,
            Unresolved::Match(message) | Unresolved::Mapping(message) => Self::Failed(message),
            Unresolved::Store(error) => Self::Store(error),
        }
    }
}

/// Somebody else has the job by now: nothing of the step may be written.
#[derive(Debug, thiserror::Error)]
#[error("the job is somebody else's")]
pub(crate) struct JobLost;

/// Writes down what came of a step, as the last thing in its write.
pub(crate) async fn complete(
    tx: &mut Tx<'_>,
    config: (base::OrgId, base::AppId),
    lease: &Lease,
    outcome: &Outcome,
) -> Result<(), store::Error> {
    if store::jobs::complete(tx, config.0, config.1, lease, outcome).await? {
        Ok(())
    } else {
        Err(store::Error::refuse(JobLost))
    }
}

/// Until when a step may take.
pub(crate) fn until(config: &Config, now: Timestamp) -> Timestamp {
    now + config.settings.request_timeout() * 4 + Duration::from_mins(1)
}

/// Does what there is to do until it is stopped.
pub(super) async fn run(queue: Arc<AppQueue>, mut wake: watch::Receiver<u64>, mut stop: Stop) {
    while !stop.is_stopped() {
        if let Err(error) = queue.do_jobs(|| stop.is_stopped()).await {
            tracing::warn!(%error, "jobs cannot be done");
        }
        tokio::select! {
            () = stop.stopped() => return,
            () = tokio::time::sleep(LOOK.0) => {}
        }
        tokio::select! {
            () = stop.stopped() => return,
            _ = wake.changed() => {}
            () = tokio::time::sleep(LOOK.1) => {}
        }
    }
}

impl AppQueue {
    /// Begins what is to be begun, and works on what is due.
    pub(super) async fn do_jobs(&self, stopped: impl Fn() -> bool) -> Result<(), Error> {
        let Some((current, row)) = self.for_jobs().await? else {
            return Ok(());
        };
        self.provisioning.schedule(&current.config, &row).await?;
        while !stopped() {
            let now = self.now();
            let due = store::jobs::next_due(&mut self.provisioning.reader(), self.org, self.app).await?;
            if due.is_none_or(|due| due > now) {
                return Ok(());
            }
            let write = Claim {
                key: (self.org, self.app),
                times: (self.provisioning.process, now, until(&current.config, now)),
            };
            match self.provisioning.store.write(write).await? {
                Some(lease) => self.do_job(lease, &stopped).await?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// The app as jobs need it, which can be done before its first cycle too.
    async fn for_jobs(&self) -> Result<Option<(Arc<Current>, store::apps::App)>, Error> {
        let row = store::apps::by_id(&mut self.provisioning.reader(), self.org, self.app).await?;
        let Some(row) = row.filter(|row| row.state == State::Active) else {
            return Ok(None);
        };
        if let Some(current) = self
            .current()
            .filter(|current| current.config.version == row.version)
        {
            return Ok(Some((current, row)));
        }
        Ok(match self.provisioning.config(self.org, &row).await? {
            Ready::Yes(config) => {
                let gate = Gate::new(1, read_hold(&row), Quarantine::read(&row));
                let config = *config;
                Some((Arc::new(Current { config, gate }), row))
            }
            Ready::No(_) => None,
        })
    }

    /// Works on a job until it is over, or must wait.
    async fn do_job(&self, mut lease: Lease, stopped: &impl Fn() -> bool) -> Result<(), Error> {
        loop {
            let Some((current, _)) = self.for_jobs().await? else {
                return self.put_back(&lease, self.now()).await;
            };
            if stopped() {
                return self.put_back(&lease, self.now()).await;
            }
            let step = self.job_step(&current, &lease).await;
            if step.is_ok() {
                self.take_notice(&current, Notice::Fine).await?;
            }
            match step {
                Ok(Next::Goes(progress)) => {
                    lease.job.progress = progress;
                    lease.job.attempts = 0;
                }
                Ok(Next::Over) | Err(Halt::Lost) => {
                    self.provisioning.waker.wake(self.org);
                    return Ok(());
                }
                Err(halt) => return self.halted(&current, &lease, halt).await,
            }
        }
    }

    async fn job_step(&self, current: &Current, lease: &Lease) -> Result<Next, Halt> {
        let Current { config, gate } = current;
        match lease.job.kind {
            Kind::Reconcile => self.provisioning.reconcile_step(config, gate, lease).await,
            Kind::Import => self.provisioning.import_step(config, gate, lease).await,
        }
    }

    async fn halted(&self, current: &Current, lease: &Lease, halt: Halt) -> Result<(), Error> {
        let outcome = match halt {
            Halt::Lost => return Ok(()),
            Halt::Shut => return self.put_back(lease, self.open_again(current)).await,
            Halt::Target(failure) if failure.is_everybodys() => {
                let notice = match failure.kind {
                    crate::target::Kind::Throttled => Notice::Throttled(failure),
                    _ => Notice::Unusable(failure),
                };
                self.take_notice(current, notice).await?;
                return self.put_back(lease, self.open_again(current)).await;
            }
            Halt::Target(failure) => self.stumble(lease, &failure.message),
            Halt::Failed(message) => Outcome::Failed {
                error: json(&message),
            },
            Halt::Store(error) => {
                tracing::warn!(%error, app = %current.config.name, job = %lease.job.id, "a job stumbles");
                self.stumble(lease, &Message::new("job.store"))
            }
        };
        self.write_outcome(lease, outcome).await
    }

    fn stumble(&self, lease: &Lease, message: &Message) -> Outcome {
        let error = json(message);
        if lease.job.attempts + 1 >= TRIES {
            return Outcome::Failed { error };
        }
        let failures = u32::try_from(lease.job.attempts + 1).unwrap_or(u32::MAX);
        let wait = BACKOFF.after(failures, self.provisioning.ambient().random());
        Outcome::Stumbles {
            due: self.now() + wait,
            error,
        }
    }

    /// When something may be sent again.
    fn open_again(&self, current: &Current) -> Timestamp {
        let soonest = self.now() + LOOK.1;
        current
            .gate
            .current()
            .map_or(soonest, |hold| hold.until.max(soonest))
    }

    async fn put_back(&self, lease: &Lease, due: Timestamp) -> Result<(), Error> {
        self.write_outcome(lease, Outcome::Waits { due }).await
    }

    async fn write_outcome(&self, lease: &Lease, outcome: Outcome) -> Result<(), Error> {
        let write = Complete {
            key: (self.org, self.app),
            lease: lease.clone(),
            outcome,
        };
        match self.provisioning.store.write(write).await {
            Err(error) => error.refusal::<JobLost>().map(drop).map_err(Error::Store),
            Ok(()) => Ok(()),
        }
    }
}

fn json(message: &Message) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// The progress or options of a job.
pub(crate) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::damaged("job", &error))
}

/// Whoever does a job acts in the name of who asked for it.
pub(crate) fn cause(job: &Job) -> base::Cause {
    base::Cause {
        actor: job.actor.clone(),
        correlation: job.correlation,
        client_ip: None,
    }
}

struct Claim {
    key: (base::OrgId, base::AppId),
    times: (base::ProcessId, Timestamp, Timestamp),
}

impl Write for Claim {
    type Out = Option<Lease>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Lease>, store::Error> {
        store::jobs::claim(tx, self.key.0, self.key.1, self.times).await
    }
}

struct Complete {
    key: (base::OrgId, base::AppId),
    lease: Lease,
    outcome: Outcome,
}

impl Write for Complete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        complete(tx, self.key, &self.lease, &self.outcome).await
    }
}
