//! Sends changes: alone, or, where the target takes bulk requests (RFC 7644 §3.7), together with those that wait at the
//! same time. As with a group commit nothing waits for company: who comes first waits for a slot, as for a request of its
//! own, and then takes along all that have come meanwhile. Each of them is answered as if it had been sent alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{Message, SubjectId, Timestamp};
use store::lanes::Lease;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::admission::Turn;
use super::carry::Why;
use super::config::Config;
use super::gate::Gate;
use super::resolve::Unresolved;
use crate::target::{Answer, BulkLimits, BulkResult, Change, ENVELOPE, Exchange, Failure, Part, Sense};

/// So many bulk requests are under way without being full: while they are answered the next one fills, and questions have
/// the other slots.
const AT_ONCE: usize = 2;
/// Bulk requests in a row that were answered in no way that could be read, after which no more are sent.
const PATIENCE: u32 = 3;

type Sent = Result<Answer, Failure>;

/// What becomes of somebody who waits.
#[derive(Debug)]
enum Reply {
    /// It is theirs to take the others along.
    Lead,
    /// It is not to be sent with others.
    Alone,
    Shut,
    LeaseOver,
    Answered(Vec<Exchange>, Sent),
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    subject: SubjectId,
    /// Until when its lease lasts.
    until: Timestamp,
    part: Part,
    reply: UnboundedSender<Reply>,
}

impl Waiter {
    /// Whether both may stand in one bulk request.
    fn goes_with(&self, other: &Self) -> bool {
        self.subject != other.subject && !self.part.change.touches(&other.part.change)
    }

    fn tell(self, reply: Reply) {
        // Whoever has gone needs no answer.
        let _gone = self.reply.send(reply);
    }
}

fn tell_all(waiters: Vec<Waiter>, reply: impl Fn() -> Reply) {
    for waiter in waiters {
        waiter.tell(reply());
    }
}

/// Those who wait to be sent to one target: all people, or all groups.
#[derive(Debug, Default)]
pub(crate) struct Combiner {
    state: Mutex<State>,
    /// A bulk request was answered, or is full.
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiter>,
    made: u64,
    /// Somebody waits for a slot.
    led: bool,
    /// Bulk requests under way.
    departed: usize,
    /// Bulk requests in a row that were answered in no way that could be read.
    broken: u32,
}

/// A bulk request under way, until it is dropped.
struct Departed<'c>(&'c Combiner);

impl Drop for Departed<'_> {
    fn drop(&mut self) {
        self.0.lock().departed -= 1;
        self.0.moved.notify_waiters();
    }
}

/// One who waits; whoever gives up passes on what others count on.
struct Seat<'c> {
    combiner: &'c Combiner,
    number: u64,
    leads: bool,
    replies: UnboundedReceiver<Reply>,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = self.combiner.lock();
        state.waiting.retain(|waiter| waiter.number != self.number);
        if self.leads {
            state.pass_on();
        }
    }
}

impl State {
    /// The next one leads, if there is one.
    fn pass_on(&mut self) {
        self.led = false;
        while let Some(first) = self.waiting.front() {
            if first.reply.send(Reply::Lead).is_ok() {
                self.led = true;
                return;
            }
            self.waiting.pop_front();
        }
    }

    /// Takes as many as may go together, in their order.
    fn take(&mut self, limits: BulkLimits) -> Vec<Waiter> {
        let mut taken: Vec<Waiter> = Vec::new();
        let mut left = VecDeque::new();
        let mut size = ENVELOPE;
        while let Some(waiter) = self.waiting.pop_front() {
            let fits = taken.len() < limits.operations && size + waiter.part.size() <= limits.payload;
            // One always goes, or it would wait for ever.
            if taken.is_empty() || (fits && taken.iter().all(|other| waiter.goes_with(other))) {
                size += waiter.part.size();
                taken.push(waiter);
            } else {
                left.push_back(waiter);
                if !fits {
                    break;
                }
            }
        }
        left.append(&mut self.waiting);
        self.waiting = left;
        taken
    }
}

/// Sends a change and says what it was answered, or why it was not sent.
pub(super) async fn send(
    (config, gate): (&Config, &Gate),
    lease: &Lease,
    change: Change,
    log: &mut Vec<Exchange>,
) -> Result<Sent, Why> {
    let change = match limits(config).filter(|_| may_be_combined(config, &change)) {
        None => change,
        Some(limits) => {
            let part = gate.combiner(config.kind).part(change);
            if part.size() + ENVELOPE > limits.payload {
                part.change
            } else {
                let change = part.change.clone();
                match gate.combiner(config.kind).join(config, gate, lease, part).await {
                    Reply::Alone | Reply::Lead => change,
                    Reply::Shut => return Err(Unresolved::Shut.into()),
                    Reply::LeaseOver => return Err(Why::LeaseOver),
                    Reply::Answered(exchanges, sent) => {
                        log.extend(exchanges);
                        return Ok(sent);
                    }
                }
            }
        }
    };
    config.target.authorize().await?;
    let turn = Turn::under_lease(config, gate, lease.until);
    Ok(config
        .target
        .send_change(Some(Arc::new(turn)), &change, log)
        .await)
}

/// How much a bulk request to this target may hold; `None`: everything is sent alone.
pub(super) fn limits(config: &Config) -> Option<BulkLimits> {
    let mut limits = config.ways.bulk()?;
    limits.operations = limits.operations.min(config.target.dialect().most_in_bulk());
    Some(limits)
}

fn may_be_combined(config: &Config, change: &Change) -> bool {
    !change.is_replacement() || config.target.dialect().replaces_in_bulk()
}

fn lasts(config: &Config, until: Timestamp) -> bool {
    config.target.ambient().now() + config.settings.request_timeout() <= until
}

impl Combiner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(&self, change: Change) -> Part {
        let mut state = self.lock();
        state.made += 1;
        let number = state.made;
        drop(state);
        Part::new(number, change)
    }

    /// Waits with the others until somebody has sent it.
    async fn join(&self, config: &Config, gate: &Gate, lease: &Lease, part: Part) -> Reply {
        let mut seat = self.sit_down(lease, part);
        loop {
            if seat.leads {
                self.lead(config, gate, &mut seat).await;
            }
            match seat.replies.recv().await {
                Some(Reply::Lead) => seat.leads = true,
                Some(reply) => return reply,
                // Whoever sent it has gone without a word.
                None => {
                    let failure = Failure::unanswered(Message::new("target.bulk_unanswered"));
                    return Reply::Answered(Vec::new(), Err(failure));
                }
            }
        }
    }

    fn sit_down(&self, lease: &Lease, part: Part) -> Seat<'_> {
        let (reply, replies) = unbounded_channel();
        let mut state = self.lock();
        state.made += 1;
        let number = state.made;
        self.moved.notify_waiters();
        state.waiting.push_back(Waiter {
            number,
            subject: lease.subject,
            until: lease.until,
            part,
            reply,
        });
        let leads = !state.led;
        state.led = true;
        drop(state);
        Seat {
            combiner: self,
            number,
            leads,
            replies,
        }
    }

    /// Waits until a bulk request is worth a slot: few of them are under way, or it is full.
    async fn gather(&self, limits: BulkLimits) -> Departed<'_> {
        loop {
            let moved = self.moved.notified();
            {
                let mut state = self.lock();
                if state.departed < AT_ONCE || state.waiting.len() >= limits.operations {
                    state.departed += 1;
                    return Departed(self);
                }
            }
            moved.await;
        }
    }

    /// Waits for a slot and sends all who have come by then.
    async fn lead(&self, config: &Config, gate: &Gate, seat: &mut Seat<'_>) {
        let _departed = match limits(config) {
            Some(limits) => Some(self.gather(limits).await),
            None => None,
        };
        let slot = super::resolve::enter(config, gate).await;
        let authorized = match &slot {
            Ok(_) => config.target.authorize().await,
            Err(_) => Ok(()),
        };
        let taken = {
            let mut state = self.lock();
            // What was learnt meanwhile counts.
            let taken = match (&slot, limits(config)) {
                (Ok(_), Some(limits)) => state.take(limits),
                _ => state.waiting.drain(..).collect(),
            };
            seat.leads = false;
            state.pass_on();
            taken
        };
        if slot.is_err() {
            tell_all(taken, || Reply::Shut);
            return;
        }
        if let Err(failure) = authorized {
            tell_all(taken, || Reply::Answered(Vec::new(), Err(failure.clone())));
            return;
        }
        if limits(config).is_none() {
            tell_all(taken, || Reply::Alone);
            return;
        }
        let (taken, late): (Vec<_>, Vec<_>) =
            taken.into_iter().partition(|waiter| lasts(config, waiter.until));
        tell_all(late, || Reply::LeaseOver);
        self.depart(config, gate, taken).await;
    }

    async fn depart(&self, config: &Config, gate: &Gate, mut taken: Vec<Waiter>) {
        if taken.len() < 2 {
            if let Some(waiter) = taken.pop() {
                let mut log = Vec::new();
                let sent = config
                    .target
                    .send_change(None, &waiter.part.change, &mut log)
                    .await;
                waiter.tell(Reply::Answered(log, sent));
            }
            return;
        }
        let (parts, waiters): (Vec<_>, Vec<_>) = taken
            .into_iter()
            .map(|waiter| {
                (
                    waiter.part,
                    (waiter.number, waiter.subject, waiter.until, waiter.reply),
                )
            })
            .unzip();
        let bulked = config.target.send_bulk(&parts).await;
        let now = config.target.ambient().now();
        match bulked.result {
            BulkResult::Refused => {
                config.ways.refuses_bulk(now);
                for (.., reply) in waiters {
                    let _gone = reply.send(Reply::Alone);
                }
            }
            BulkResult::TooLarge => {
                config.ways.bulk_was_too_large(parts.len(), now);
                let waiters = parts.into_iter().zip(waiters);
                let again = waiters.map(|(part, (number, subject, until, reply))| Waiter {
                    number,
                    subject,
                    until,
                    part,
                    reply,
                });
                self.again(again.collect());
            }
            BulkResult::Each(each, sense) => {
                self.learn(config, parts.len(), sense);
                if sense == Sense::Fine {
                    gate.note_bulk(bulked.millis, parts.len() as u64, now);
                }
                for ((exchange, sent), (.., reply)) in each.into_iter().zip(waiters) {
                    let _gone = reply.send(Reply::Answered(vec![exchange], sent));
                }
            }
        }
    }

    /// They wait again, before all others.
    fn again(&self, waiters: Vec<Waiter>) {
        let mut state = self.lock();
        for waiter in waiters.into_iter().rev() {
            // Whoever has gone is not waited for.
            if !waiter.reply.is_closed() {
                state.waiting.push_front(waiter);
            }
        }
        if !state.led {
            state.pass_on();
        }
    }

    /// Notes what an answer says of bulk requests.
    fn learn(&self, config: &Config, operations: usize, sense: Sense) {
        let now = config.target.ambient().now();
        let mut state = self.lock();
        match sense {
            Sense::Nothing => {}
            Sense::Fine => state.broken = 0,
            Sense::Useless => config.ways.refuses_bulk(now),
            Sense::Broken | Sense::TooMuch => {
                if sense == Sense::TooMuch {
                    config.ways.bulk_was_too_large(operations, now);
                }
                state.broken += 1;
                if state.broken >= PATIENCE {
                    state.broken = 0;
                    config.ways.refuses_bulk(now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
