//! Sends changes: alone, or, where the target takes bulk requests (RFC 7644 §3.7), together with those that wait at the
//! same time. Each of them is answered as if it had been sent alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use base::{Message, SubjectId, Timestamp};
use store::lanes::Lease;

use super::admission::Turn;
use super::carry::Why;
use super::company::{Company, Fit, Seat, Waiter, tell_all};
use super::config::Config;
use super::gate::Gate;
use super::resolve::Unresolved;
use crate::target::{Answer, BulkLimits, BulkResult, Change, ENVELOPE, Exchange, Failure, Part, Sense};

/// Bulk requests in a row that were answered in no way that could be read, after which no more are sent.
const PATIENCE: u32 = 3;

type Sent = Result<Answer, Failure>;

/// What becomes of a change that waits.
#[derive(Debug)]
enum Reply {
    /// It is not to be sent with others.
    Alone,
    Shut,
    LeaseOver,
    Answered(Vec<Exchange>, Sent),
}

/// A change that waits.
#[derive(Debug)]
struct Load {
    subject: SubjectId,
    /// Until when its lease lasts.
    until: Timestamp,
    part: Part,
}

impl Load {
    /// Whether both may stand in one bulk request.
    fn goes_with(&self, other: &Self) -> bool {
        self.subject != other.subject && !self.part.change.touches(&other.part.change)
    }
}

/// Whether one more goes into a bulk request with those.
fn fit(limits: BulkLimits, taken: &[Waiter<Load, Reply>], next: &Load) -> Fit {
    let size = |load: &Load| load.part.size();
    let payload = ENVELOPE + taken.iter().map(|waiter| size(&waiter.part)).sum::<usize>() + size(next);
    if taken.len() >= limits.operations || payload > limits.payload {
        Fit::Full
    } else if taken.iter().all(|waiter| next.goes_with(&waiter.part)) {
        Fit::Goes
    } else {
        Fit::Waits
    }
}

/// Those who wait to be sent to one target: all people, or all groups.
#[derive(Debug, Default)]
pub(crate) struct Combiner {
    company: Company<Load, Reply>,
    /// How many parts were made.
    made: AtomicU64,
    /// Bulk requests in a row that were answered in no way that could be read.
    broken: AtomicU32,
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
                    Reply::Alone => change,
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
    fn part(&self, change: Change) -> Part {
        Part::new(self.made.fetch_add(1, Ordering::Relaxed) + 1, change)
    }

    /// Waits with the others until somebody has sent it.
    async fn join(&self, config: &Config, gate: &Gate, lease: &Lease, part: Part) -> Reply {
        let mut seat = self.company.sit_down(Load {
            subject: lease.subject,
            until: lease.until,
            part,
        });
        loop {
            if seat.leads {
                self.lead(config, gate, &mut seat).await;
            }
            match seat.told().await {
                Some(reply) => return reply,
                None if seat.leads => {}
                // Whoever sent it has gone without a word.
                None => {
                    let failure = Failure::unanswered(Message::new("target.bulk_unanswered"));
                    return Reply::Answered(Vec::new(), Err(failure));
                }
            }
        }
    }

    /// Waits for a slot and sends all who have come by then.
    async fn lead(&self, config: &Config, gate: &Gate, seat: &mut Seat<'_, Load, Reply>) {
        let _departed = match limits(config) {
            Some(limits) => Some(self.company.gather(limits.operations).await),
            None => None,
        };
        let slot = super::resolve::enter(config, gate).await;
        let authorized = match &slot {
            Ok(_) => config.target.authorize().await,
            Err(_) => Ok(()),
        };
        // What was learnt meanwhile counts.
        let taken = match (&slot, limits(config)) {
            (Ok(_), Some(limits)) => seat.take(|taken, next| fit(limits, taken, next)),
            _ => seat.take_all(),
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
        let (taken, late): (Vec<_>, Vec<_>) = taken
            .into_iter()
            .partition(|waiter| lasts(config, waiter.part.until));
        tell_all(late, || Reply::LeaseOver);
        self.depart(config, gate, taken).await;
    }

    async fn depart(&self, config: &Config, gate: &Gate, mut taken: Vec<Waiter<Load, Reply>>) {
        if taken.len() < 2 {
            if let Some(waiter) = taken.pop() {
                let mut log = Vec::new();
                let change = &waiter.part.part.change;
                let sent = config.target.send_change(None, change, &mut log).await;
                waiter.tell(Reply::Answered(log, sent));
            }
            return;
        }
        let (parts, waiters): (Vec<_>, Vec<_>) = taken
            .into_iter()
            .map(|waiter| {
                let (Load { subject, until, part }, waiter) = waiter.unload();
                (part, waiter.with((subject, until)))
            })
            .unzip();
        let bulked = config.target.send_bulk(&parts).await;
        let now = config.target.ambient().now();
        match bulked.result {
            BulkResult::Refused => {
                config.ways.refuses_bulk(now);
                tell_all(waiters, || Reply::Alone);
            }
            BulkResult::TooLarge => {
                config.ways.bulk_was_too_large(parts.len(), now);
                let again = parts.into_iter().zip(waiters).map(|(part, waiter)| {
                    let (subject, until) = waiter.part;
                    waiter.with(Load { subject, until, part })
                });
                self.company.again(again.collect());
            }
            BulkResult::Each(each, sense) => {
                self.learn(config, parts.len(), sense);
                if sense == Sense::Fine {
                    gate.note_bulk(bulked.millis, parts.len() as u64, now);
                }
                for ((exchange, sent), waiter) in each.into_iter().zip(waiters) {
                    waiter.tell(Reply::Answered(vec![exchange], sent));
                }
            }
        }
    }

    /// Notes what an answer says of bulk requests.
    fn learn(&self, config: &Config, operations: usize, sense: Sense) {
        let now = config.target.ambient().now();
        match sense {
            Sense::Nothing => {}
            Sense::Fine => self.broken.store(0, Ordering::Relaxed),
            Sense::Useless => config.ways.refuses_bulk(now),
            Sense::Broken | Sense::TooMuch => {
                if sense == Sense::TooMuch {
                    config.ways.bulk_was_too_large(operations, now);
                }
                if self.broken.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                    self.broken.store(0, Ordering::Relaxed);
                    config.ways.refuses_bulk(now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{Ambient, UserId};

    use super::*;

    fn somebody() -> SubjectId {
        Ambient::system().id::<UserId>().into()
    }

    fn load(subject: SubjectId, part: Part) -> Load {
        Load {
            subject,
            until: Timestamp::default(),
            part,
        }
    }

    const LIMITS: BulkLimits = BulkLimits {
        operations: 3,
        payload: 10_000,
    };

    fn numbers(waiters: &[Waiter<Load, Reply>]) -> Vec<u64> {
        waiters.iter().map(|waiter| waiter.number).collect()
    }

    #[test]
    fn as_much_as_the_target_takes() {
        let company = Company::default();
        let mut seats: Vec<_> = (0..5)
            .map(|at| company.sit_down(load(somebody(), Part::example(at, None))))
            .collect();
        let first = seats[0].take(|taken, next| fit(LIMITS, taken, next));
        assert_eq!(numbers(&first), [1, 2, 3]);
        let narrow = BulkLimits { payload: 1, ..LIMITS };
        let second = seats[3].take(|taken, next| fit(narrow, taken, next));
        assert_eq!(numbers(&second), [4], "one always goes");
    }

    #[test]
    fn nobody_is_in_it_twice() {
        let company = Company::default();
        let anna = somebody();
        let mut seats = [
            company.sit_down(load(anna, Part::example(1, Some("a")))),
            company.sit_down(load(anna, Part::example(2, Some("x")))),
            company.sit_down(load(somebody(), Part::example(3, Some("a")))),
            company.sit_down(load(somebody(), Part::example(4, Some("b")))),
        ];
        let first = seats[0].take(|taken, next| fit(LIMITS, taken, next));
        assert_eq!(numbers(&first), [1, 4]);
        let second = seats[1].take(|taken, next| fit(LIMITS, taken, next));
        assert_eq!(numbers(&second), [2, 3]);
    }
}
