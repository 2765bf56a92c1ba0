//! The work for one app: its feed, its lanes, its cycles.

use std::sync::{Arc, Mutex, PoisonError};

use base::{Actor, ActorKind, AppId, OrgId, PlanId, Timestamp};
use jobs::{Claimed, Queue, Width};
use store::apps::State;

use super::budget::Budget;
use super::claim::{Claim, Piece};
use super::combiner;
use super::complete::Complete;
use super::config::{Config, Ready};
use super::doubt::Note;
use super::endings::{Expire, Finish};
use super::feed::{self, Stepped, Touched};
use super::gate::{Gate, Room};
use super::holds::read_hold;
use super::judge::Quick;
use super::ledger::Ledger;
use super::quarantine::Quarantine;
use super::rows::read_together;
use super::statistics::Statistics;
use crate::error::Error;
use crate::plans::Gatherer;
use crate::provisioning::Provisioning;

/// People under way for each slot, at most, where many travel together.
const TOGETHER: usize = 64;
/// The same where each request is one person's.
const ALONE: usize = 16;

/// The queue of one app.
pub(crate) struct AppQueue {
    pub(super) provisioning: Provisioning,
    pub(super) org: OrgId,
    pub(super) app: AppId,
    current: Mutex<Option<Arc<Current>>>,
    statistics: Statistics,
    pub(super) notes: Ledger<Note>,
    pub(super) completed: Ledger<Complete>,
}

/// How far the feed was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    ToTheHead,
    /// Another one reads it.
    Overtaken,
}

/// An app as it was read last, and its gate.
pub(super) struct Current {
    pub(super) config: Config,
    pub(super) gate: Gate,
}

impl Current {
    /// For so many people requests can be sent within a good part of a lease.
    fn in_good_time(&self) -> usize {
        let time = self.config.settings.lease() / 4;
        let turns = self.config.target.meter().within(time);
        turns.map_or(usize::MAX, |turns| {
            usize::try_from(turns.max(1)).unwrap_or(usize::MAX)
        })
    }
}

impl AppQueue {
    pub(crate) fn new(provisioning: Provisioning, org: OrgId, app: AppId) -> Self {
        Self {
            provisioning,
            org,
            app,
            current: Mutex::new(None),
            statistics: Statistics::default(),
            notes: Ledger::default(),
            completed: Ledger::default(),
        }
    }

    pub(super) fn current(&self) -> Option<Arc<Current>> {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_current(&self, current: Option<Arc<Current>>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = current;
    }

    pub(super) fn now(&self) -> Timestamp {
        self.provisioning.ambient().now()
    }

    pub(super) fn cause(&self, name: &str) -> base::Cause {
        self.provisioning
            .ambient()
            .cause(Actor::new(ActorKind::App, self.app, name))
    }

    /// Reads the app anew if it has changed. `None`: there is nothing to work for at the moment.
    async fn reread(&self) -> Result<Option<(Arc<Current>, store::apps::App)>, Error> {
        let row = store::apps::by_id(&mut self.provisioning.reader(), self.org, self.app).await?;
        let Some(row) = row.filter(|row| match row.state {
            State::Active => row.watermark.is_some(),
            state => state == State::Removing,
        }) else {
            self.set_current(None);
            return Ok(None);
        };
        if let Some(current) = self.current()
            && current.config.version == row.version
        {
            current.gate.set_quarantine(Quarantine::read(&row));
            return Ok(Some((current, row)));
        }
        match self.provisioning.config(self.org, &row).await? {
            Ready::Yes(config) => {
                let (least, most) = config.settings.concurrency();
                let budget = Budget::new(
                    least,
                    most,
                    config.ways.concurrency().map_or(most, |(width, _)| width),
                );
                let gate = Gate::with(budget, read_hold(&row), Quarantine::read(&row));
                let current = Arc::new(Current {
                    config: *config,
                    gate,
                });
                self.set_current(Some(Arc::clone(&current)));
                Ok(Some((current, row)))
            }
            Ready::No(reason) => {
                self.set_current(None);
                self.say_why_not(&row, reason).await?;
                Ok(None)
            }
        }
    }

    pub(super) fn gatherer(&self, config: &Config) -> Gatherer {
        Gatherer {
            org: self.org,
            app: self.app,
            name: config.name.clone(),
            approval: config.settings.approval,
            expires: self.now() + config.settings.plan_life(),
            cause: self.cause(&config.name),
        }
    }

    /// Reads the feed to its head, unless another one is about it.
    async fn read_feed(&self, config: &Config, mut watermark: i64) -> Result<Read, Error> {
        let store = &self.provisioning.store;
        let head = store::changes::head(store, self.org, watermark).await?;
        while watermark < head {
            let page =
                store::changes::page(&mut store.reader(), self.org, watermark, head, feed::PAGE).await?;
            let full = page.len() == usize::try_from(feed::PAGE).unwrap_or(usize::MAX);
            let to = match page.last() {
                Some(last) if full => last.seq,
                _ => head,
            };
            let step = feed::Step {
                org: self.org,
                app: self.app,
                scope: config.settings.scope,
                groups: config.settings.groups,
                from: watermark,
                to,
                touched: Touched::read(self.app, config.needs, &page)?,
                quick: Quick::of(config, self.now()).filter(|_| to == head),
                cause: self.cause(&config.name),
            };
            match store.write(step).await? {
                Stepped::Overtaken => return Ok(Read::Overtaken),
                Stepped::Nobody => {}
                Stepped::Begun(cycle) => {
                    tracing::debug!(app = %config.name, %cycle, "an incremental cycle begins");
                }
            }
            watermark = to;
        }
        Ok(Read::ToTheHead)
    }

    /// What is gathered is planned anew once its time is over.
    async fn watch_plan(&self, config: &Config, plan: PlanId) -> Result<(), Error> {
        let kept = store::plans::by_id(&mut self.provisioning.reader(), self.org, self.app, plan).await?;
        if kept.is_some_and(|kept| kept.expires <= self.now()) {
            let write = Expire {
                gatherer: self.gatherer(config),
                plan,
            };
            self.provisioning.store.write(write).await?;
        }
        Ok(())
    }

    async fn take(&self, current: &Current, room: usize) -> Result<Claimed<Piece>, Error> {
        let now = self.now();
        let due = store::lanes::next_due(&mut self.provisioning.reader(), self.org, self.app).await?;
        let items = match due {
            Some(due) if due <= now => {
                let write = Claim {
                    org: self.org,
                    app: self.app,
                    version: current.config.version,
                    approval: current.config.settings.approval,
                    holder: self.provisioning.process,
                    until: now + current.config.settings.lease(),
                    limit: room,
                };
                self.taken(current, self.provisioning.store.write(write).await?)
                    .await
            }
            _ => Vec::new(),
        };
        Ok(Claimed {
            items,
            next: due.map(|due| due.since(now)).filter(|wait| !wait.is_zero()),
        })
    }

    /// What was taken, with what is stored about each.
    async fn taken(&self, current: &Current, mut pieces: Vec<Piece>) -> Vec<Piece> {
        let mut reader = self.provisioning.reader();
        if let Err(error) = read_together(&mut reader, &current.config, &mut pieces).await {
            tracing::debug!(%error, "each is read by itself");
        }
        pieces
    }
}

impl Queue for AppQueue {
    type Item = Piece;
    type Error = Error;

    async fn refill(&self) -> Result<(), Error> {
        let Some((current, row)) = self.reread().await? else {
            return Ok(());
        };
        if current.config.removal.is_some() {
            // What happens to people is of no interest any more.
            return Ok(());
        }
        if self.give_up(&current).await? {
            self.set_current(None);
            return Ok(());
        }
        let config = &current.config;
        if current.gate.room(self.now()) == Room::Open && config.ways.are_stale(self.now()) {
            self.provisioning.ask_ways(config).await?;
        }
        if let Some(plan) = row.plan {
            self.watch_plan(config, plan).await?;
        }
        let read = self.read_feed(config, row.watermark.unwrap_or_default()).await?;
        if row.plan.is_none() && read == Read::ToTheHead {
            self.provisioning.judge(config, &self.gatherer(config)).await?;
        }
        Ok(())
    }

    async fn claim(&self, room: usize, under_way: usize) -> Result<Claimed<Piece>, Error> {
        let nothing = |next| Claimed {
            items: Vec::new(),
            next,
        };
        let Some(current) = self.current() else {
            return Ok(nothing(None));
        };
        let now = self.now();
        match current.gate.room(now) {
            Room::Shut(until) => Ok(nothing(Some(until.since(now)))),
            Room::One if under_way > 0 => Ok(nothing(None)),
            Room::One => self.take(&current, 1).await,
            Room::Open => self.take(&current, room).await,
        }
    }

    async fn work(&self, piece: Piece) {
        let Some(current) = self.current() else {
            return;
        };
        let subject = piece.lease.subject;
        if let Err(error) = self.one(&current, piece).await {
            // The lease runs out, and the work is taken up again.
            tracing::error!(%error, app = %current.config.name, %subject, "work was not written down");
        }
        if self.statistics.done(self.now())
            && let Err(error) = self.provisioning.store.analyze_work().await
        {
            tracing::warn!(%error, "the database's statistics are old");
        }
    }

    async fn settle(&self) -> Result<(), Error> {
        let mut reader = self.provisioning.reader();
        let Some(current) = self.current() else {
            return Ok(());
        };
        let mut finished = false;
        for cycle in store::cycles::running(&mut reader, self.org, self.app).await? {
            if store::lanes::is_pending(&mut reader, self.org, self.app, cycle.id).await? {
                continue;
            }
            let write = Finish {
                gatherer: self.gatherer(&current.config),
                cycle: cycle.id,
            };
            self.provisioning.store.write(write).await?;
            finished = true;
        }
        if current.config.removal.is_some() {
            self.end_removal(&current.config).await?;
        }
        self.count_failures(&current, finished).await
    }

    fn width(&self) -> Width {
        let Some(current) = self.current() else {
            return Width {
                most: 1,
                refill_below: 1,
            };
        };
        let (concurrency, _) = current.gate.budget().width();
        // Beside those that send there are some that read before and some that write down after, and where many travel
        // together, those that do. But at a slow target they would only wait, and their leases run out.
        let together = combiner::limits(&current.config).map(|limits| limits.operations.min(TOGETHER));
        let each = match (current.gate.slow(), together) {
            (None, together) => together.unwrap_or_default().max(ALONE),
            (Some(_), None) => 1,
            (Some(millis), Some(together)) => {
                let lease = current.config.settings.lease().as_millis() / 4;
                usize::try_from(lease / u128::from(millis)).map_or(together, |turns| turns.clamp(1, together))
            }
        };
        let most = (each * concurrency).min(current.in_good_time());
        Width {
            most,
            refill_below: if each == 1 { most } else { most * 3 / 4 },
        }
    }
}
