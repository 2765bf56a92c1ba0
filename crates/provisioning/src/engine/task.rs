//! The work for one app: its feed, its lanes, its cycles.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Actor, ActorKind, AppId, OrgId, PlanId, SubjectId, Timestamp};
use jobs::{Claimed, Queue, Width};
use store::apps::State;
use store::lanes::{Completion, Lease, Verify};

use super::budget::Budget;
use super::carry::Carrier;
use super::claim::{Claim, Piece};
use super::combiner;
use super::complete::{Complete, LeaseLost, Written};
use super::config::{Config, Ready};
use super::doubt::{Note, read_keys};
use super::endings::{Expire, Finish};
use super::feed::{self, Stepped, Touched};
use super::gate::{Gate, Room};
use super::holds::{Sending, read_hold};
use super::judge::Quick;
use super::ledger::Ledger;
use super::mandate::Mandate;
use super::members::Memberships;
use super::outcome::{Circumstances, Notice, Outcome};
use super::quarantine::Quarantine;
use super::references::Ties;
use super::resolve::read_link;
use super::source::Source;
use super::statistics::Statistics;
use crate::error::Error;
use crate::explanation::Found;
use crate::plans::Gatherer;
use crate::provisioning::Provisioning;

/// Tries at writing down what came of the work.
const WRITE_TRIES: u32 = 5;

/// People under way for each slot, at most, where many travel together.
const TOGETHER: usize = 32;

/// The queue of one app.
pub(crate) struct AppQueue {
    pub(super) provisioning: Provisioning,
    pub(super) org: OrgId,
    pub(super) app: AppId,
    current: Mutex<Option<Arc<Current>>>,
    statistics: Statistics,
    notes: Ledger<Note>,
    completed: Ledger<Complete>,
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

    fn set_current(&self, current: Option<Arc<Current>>) {
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

    fn gatherer(&self, config: &Config) -> Gatherer {
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
                self.provisioning.store.write(write).await?
            }
            _ => Vec::new(),
        };
        Ok(Claimed {
            items,
            next: due.map(|due| due.since(now)).filter(|wait| !wait.is_zero()),
        })
    }

    /// Works for one person on an app as it was just read, and ends the cycle if it was the last.
    pub(super) async fn work_at(&self, current: Arc<Current>, piece: Piece) -> Result<(), Error> {
        self.set_current(Some(Arc::clone(&current)));
        self.one(&current, piece).await?;
        self.settle().await
    }

    /// Works for one person and writes down what came of it.
    async fn one(&self, current: &Current, piece: Piece) -> Result<(), Error> {
        let Piece { mut lease, mode } = piece;
        let gate = &current.gate;
        let config = current.config.of(lease.kind);
        let mut reader = self.provisioning.reader();
        let started = self.now();
        let row = store::links::by_subject(&mut reader, self.org, self.app, lease.subject).await?;
        let link = row.as_ref().map(read_link).transpose()?;
        let mut log = Vec::new();
        let mut source = Source::read(&mut reader, config, lease.subject).await?;
        let mut members_read = Ok(());
        if let (true, Verify::Yes, Some(link)) = (config.members, lease.verify, &link)
            && !source.is_to_go()
        {
            let provisioning = &self.provisioning;
            members_read = provisioning
                .read_members_anew(config, gate, link, &mut lease, &mut log)
                .await;
        }
        source.read_members(&mut reader, config, lease.attempts).await?;
        let link = link.filter(|_| row.as_ref().is_none_or(|row| !source.leaves_alone(row)));
        let linked = match link {
            Some(_) => Found::Linked,
            None => Found::Unknown,
        };
        let noted = if config.mappings.has_references() {
            store::references::of_subject(&mut reader, self.org, self.app, lease.subject).await?
        } else {
            Vec::new()
        };
        let mandate = Mandate::read(&mut reader, config, &lease, mode).await?;
        if let Mandate::Exactly { basis, .. } = &mandate {
            // What was approved is planned as of the time when it was planned first.
            source.as_of(basis.at);
        }
        let doubt = lease.doubt.as_deref().map(read_keys).transpose()?;
        let mut carrier = Carrier {
            provisioning: &self.provisioning,
            notes: &self.notes,
            config,
            gate,
            lease: &lease,
            source: &source,
            started,
            log,
            doubt: doubt.unwrap_or_default(),
            linked_at: row.as_ref().map(|row| row.created),
            mandate,
            adopted: false,
            no_target: 0,
        };
        let result = match members_read {
            Ok(()) => carrier.run(link).await,
            Err(why) => Err(carrier.undone(None, why)),
        };
        let (exchanges, adopted) = (std::mem::take(&mut carrier.log), carrier.adopted);
        for exchange in &exchanges {
            if exchange.error.is_none() && exchange.is_alone() {
                gate.note_pace(exchange.duration_ms, self.now());
            }
        }
        let answered = exchanges.iter().any(|exchange| exchange.status.is_some());
        let circumstances = Circumstances {
            config,
            lease: &lease,
            source: &source,
            linked,
            exchanges,
            started,
            now: self.now(),
            random: self.provisioning.ambient().random(),
            adopted,
            mode,
            provisioning: &self.provisioning,
        };
        let memberships = Memberships::of(&source, &result);
        let (mut outcome, mut notice) = match result {
            Ok(done) => (circumstances.done(done), Notice::Nothing),
            Err(undone) => circumstances.undone(undone),
        };
        if notice == Notice::Nothing && answered {
            notice = Notice::Fine;
        }
        if self.take_notice(current, notice).await? == Sending::Held {
            // The gate holds everybody up; whoever opens it need not know whom it held.
            outcome.put_back(self.now());
        }
        let before = row.as_ref().map(|row| row.remote_id.as_str());
        let ties = outcome.ties(config, &source, (before, &noted), memberships);
        let (width, why) = gate.budget().width();
        config.ways.note_concurrency(width, why, self.now());
        config.ways.note_rate(config.target.meter().limited(), self.now());
        self.provisioning.remember_ways(config).await;
        self.write_down(config, lease, outcome, ties).await
    }

    async fn write_down(
        &self,
        config: &Config,
        lease: Lease,
        outcome: Outcome,
        ties: Ties,
    ) -> Result<(), Error> {
        let subject = lease.subject;
        let suspect = matches!(outcome.completion, Completion::Suspect { .. });
        let mut line = Arc::new(Complete {
            gatherer: self.gatherer(config),
            subject,
            lease,
            outcome,
            active: config.mappings.active().map(|path| path.as_str().to_owned()),
            ties,
        });
        let mut tries = 1;
        loop {
            match self
                .completed
                .write(&self.provisioning.store, Arc::clone(&line))
                .await
            {
                Ok(Written::LeaseLost) => {
                    say_lost(config, subject);
                    return Ok(());
                }
                Ok(written) => {
                    if suspect || written == Written::Again {
                        // It is judged at the next look.
                        self.provisioning.waker.wake(config.org);
                    }
                    return Ok(());
                }
                Err(error @ store::Error::Refused(_)) => {
                    let LeaseLost = error.refusal()?;
                    say_lost(config, subject);
                    return Ok(());
                }
                // Somebody else's account meanwhile: the next try says so.
                Err(store::Error::Conflict { .. }) => {
                    let random = self.provisioning.ambient().random();
                    let taken = line.outcome.taken(config, &line.lease, self.now(), random);
                    let before = Arc::unwrap_or_clone(line);
                    line = Arc::new(Complete {
                        outcome: taken,
                        ..before
                    });
                }
                Err(store::Error::Busy | store::Error::Unavailable(_)) if tries < WRITE_TRIES => {
                    tokio::time::sleep(Duration::from_millis(100) * tries).await;
                }
                Err(error) => return Err(error.into()),
            }
            tries += 1;
        }
    }
}

fn say_lost(config: &Config, subject: SubjectId) {
    tracing::warn!(app = %config.name, %subject, "the lease was lost; nothing is written");
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
            (None, together) => together.unwrap_or_default().max(8),
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
