//! The engine: for each active app a task that reads the feed, takes lanes and works for people.
//!
//! A slow target holds up nobody else's: every app has its own task, its own budget and its own lanes. What is to be
//! done stands in the database; the engine can be killed at any moment.

mod admission;
mod budget;
mod carry;
mod claim;
mod combiner;
mod company;
mod complete;
mod config;
mod doubt;
mod endings;
pub(crate) mod errands;
mod feed;
mod gate;
mod holds;
mod judge;
mod ledger;
mod look_ups;
mod mandate;
mod members;
mod neighbours;
mod on_demand;
mod outcome;
mod quarantine;
mod references;
mod removing;
mod resolve;
mod rows;
mod source;
mod statistics;
mod task;
mod unique;
mod work;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use base::{AppId, OrgId, ProcessId};
use jobs::{Queue as _, Stop, Stopper, pool};
use store::apps::State;
use store::{Tx, Write};
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::provisioning::Provisioning;
use task::AppQueue;

pub(crate) use budget::Why;
pub(crate) use claim::Mode;
pub(crate) use config::{Config, Ready, Tables};
pub(crate) use gate::Gate;
pub(crate) use members::{Reading, Standing};
pub(crate) use neighbours::Neighbours;
pub(crate) use on_demand::{Worked, gate_of};
pub(crate) use quarantine::Quarantine;
pub(crate) use resolve::{Match, Unresolved, enter, look_up, own_link, read_account, read_link, resolve};
pub(crate) use source::Source;

/// The shortest time between two looks at which apps there are.
const LOOK: Duration = Duration::from_millis(250);

/// Whether other processes may be working on the same database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// This is the only one (it holds the serve lock): what a dead predecessor had leased is taken back at once.
    None,
    /// Leases are waited out.
    Possible,
}

/// The engine of one process.
#[derive(Debug)]
pub struct Engine {
    stopper: Stopper,
    supervisor: JoinHandle<()>,
    watcher: JoinHandle<()>,
}

impl Engine {
    /// Starts it on the current runtime.
    pub fn start(provisioning: Provisioning, peers: Peers) -> Self {
        let (stopper, stop) = jobs::stop();
        let watcher = provisioning.waker.watch(provisioning.store.clone());
        let supervisor = Supervisor {
            provisioning,
            peers,
            tasks: HashMap::new(),
            broken: HashSet::new(),
        };
        Self {
            stopper,
            supervisor: tokio::spawn(supervisor.run(stop)),
            watcher,
        }
    }

    /// Takes on nothing more, finishes what is under way, and ends.
    pub async fn stop(self) {
        self.stopper.stop();
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the engine ended badly");
        }
        self.watcher.abort();
    }
}

struct Supervisor {
    provisioning: Provisioning,
    peers: Peers,
    tasks: HashMap<(OrgId, AppId), (Stopper, JoinHandle<()>)>,
    /// Those that cannot be begun, so that it is said once.
    broken: HashSet<(OrgId, AppId)>,
}

impl Supervisor {
    async fn run(mut self, mut stop: Stop) {
        let mut wake = self.provisioning.waker.subscribe();
        while !stop.is_stopped() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the apps cannot be read");
            }
            tokio::select! {
                () = stop.stopped() => break,
                // Changes come in bursts.
                () = tokio::time::sleep(LOOK) => {}
            }
            tokio::select! {
                () = stop.stopped() => break,
                _ = wake.changed() => {}
                () = tokio::time::sleep(2 * LOOK) => {}
            }
        }
        for (stopper, _) in self.tasks.values() {
            stopper.stop();
        }
        for (_, (_, task)) in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "an app's task ended badly");
            }
        }
    }

    /// Starts tasks for apps that have become active, and ends those of the others.
    async fn look(&mut self) -> Result<(), Error> {
        let mut reader = self.provisioning.reader();
        let mut active = Vec::new();
        for organization in store::organizations::list(&mut reader).await? {
            let apps = store::apps::all(&mut reader, organization.id).await?;
            active.extend(
                apps.into_iter()
                    .filter(|app| matches!(app.state, State::Active | State::Removing))
                    .map(|app| (organization.id, app)),
            );
        }
        let wanted: Vec<_> = active.iter().map(|(org, app)| (*org, app.id)).collect();
        for (key, (stopper, _)) in &self.tasks {
            if !wanted.contains(key) {
                stopper.stop();
            }
        }
        self.tasks.retain(|_, (_, task)| !task.is_finished());
        for (org, app) in active {
            let key = (org, app.id);
            if self.tasks.contains_key(&key) {
                continue;
            }
            match self.begin(org, &app).await {
                Ok(task) => {
                    self.broken.remove(&key);
                    self.tasks.insert(key, task);
                }
                // The others go on.
                Err(error) if self.broken.insert(key) => {
                    tracing::error!(%error, app = %app.name, "the app cannot be worked for");
                }
                Err(_said) => {}
            }
        }
        Ok(())
    }

    async fn begin(&self, org: OrgId, app: &store::apps::App) -> Result<(Stopper, JoinHandle<()>), Error> {
        if self.peers == Peers::None {
            let settings = crate::App::read(app)?.settings;
            let write = Recover {
                org,
                app: app.id,
                process: self.provisioning.process,
                // What was sent last may still be on its way.
                in_doubt: settings.request_timeout() + settings.in_doubt(),
            };
            let taken_back = self.provisioning.store.write(write).await?;
            if taken_back > 0 {
                tracing::info!(app = %app.name, taken_back, "leases of a process that is gone were taken back");
            }
        }
        let (stopper, stop) = jobs::stop();
        let queue = Arc::new(AppQueue::new(self.provisioning.clone(), org, app.id));
        let wake = || self.provisioning.waker.subscribe_to(org);
        let errands = errands::run(Arc::clone(&queue), wake(), stop.clone());
        let lanes = pool(queue, wake(), stop);
        let task = async move {
            tokio::join!(lanes, errands);
        };
        Ok((stopper, tokio::spawn(task)))
    }
}

struct Recover {
    org: OrgId,
    app: AppId,
    process: ProcessId,
    in_doubt: Duration,
}

impl Write for Recover {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        let now = tx.ambient().now();
        let jobs = store::jobs::recover(tx, self.org, self.app, self.process).await?;
        let times = (now, now + self.in_doubt);
        let lanes = store::lanes::recover(tx, self.org, self.app, self.process, times).await?;
        Ok(jobs + lanes)
    }
}

impl Provisioning {
    /// Does by itself, once, what the engine does all the time for one app: reads the feed, works for everybody who is
    /// due, ends what cycles are over, does what jobs are due. Says for how many people it worked. For tests and
    /// measurements.
    pub async fn work_once(&self, org: OrgId, app: AppId) -> Result<u64, Error> {
        let queue = AppQueue::new(self.clone(), org, app);
        queue.refill().await?;
        let mut worked = 0;
        loop {
            let leases = queue.claim(queue.width().most, 0).await?.items;
            if leases.is_empty() {
                break;
            }
            for lease in leases {
                Box::pin(queue.work(lease)).await;
                worked += 1;
            }
        }
        queue.settle().await?;
        queue.do_jobs(|| false).await?;
        Ok(worked)
    }
}
