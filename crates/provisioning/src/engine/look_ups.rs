//! Looks accounts up: alone, or, where the target finds several in one request, together with those that wait at the same
//! time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::admission::Turn;
use super::company::{Company, Fit, Seat, Waiter, tell_all};
use super::config::Config;
use super::gate::Gate;
use crate::account::{TargetPath, same_key};
use crate::target::{Admission as _, Exchange, Failure, Found, Kind, LookedUp, look_up_length};

/// So many at most in one request, and
const MOST: usize = 32;
/// so many bytes of a filter: three times as many as a part of an address are still well below the 8,000 that every
/// server takes (RFC 9110 §4.1).
const LONGEST: usize = 2_000;
/// So many accounts that are there prove an answer, and how many one answer can show at least.
const PROOF: usize = 3;
/// So many answers in a row that do not prove themselves are enough.
const PATIENCE: u32 = 3;

/// What becomes of a look-up that waits.
#[derive(Debug)]
enum Reply {
    /// It is not to be done with others.
    Alone,
    Answered(Box<Exchange>, Result<Vec<Found>, Failure>),
}

#[derive(Debug)]
struct Sought {
    path: TargetPath,
    value: Value,
    /// How much of a filter it takes.
    length: usize,
}

/// Who waits to be looked up at one target: all people, or all groups.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    company: Company<Sought, Reply>,
    /// By which values of which attribute accounts are found, as was seen last.
    proofs: Mutex<BTreeMap<String, Vec<Value>>>,
    /// The most accounts that one answer has shown. What shows fewer was not cut off.
    most_shown: AtomicUsize,
    /// Answers in a row that did not prove themselves.
    unproved: AtomicU32,
}

/// The accounts for which an attribute has this value; see [`crate::target::Target::lookup`].
pub(super) async fn look_up(
    (config, gate): (&Config, &Gate),
    (path, value): (&TargetPath, &Value),
    log: &mut Vec<Exchange>,
) -> Result<Vec<Found>, Failure> {
    let look_ups = gate.look_ups(config.kind);
    if look_ups.can_be_combined(config, path) {
        let sought = Sought {
            path: path.clone(),
            value: value.clone(),
            length: look_up_length(path, value),
        };
        match look_ups.join(config, gate, sought).await {
            Reply::Alone => {}
            Reply::Answered(exchange, found) => {
                log.push(*exchange);
                return found;
            }
        }
    }
    let turn = Arc::new(Turn::new(config, gate));
    let found = config.target.lookup(Some(turn), (path, value), log).await;
    if found.as_ref().is_ok_and(|found| !found.is_empty()) {
        look_ups.is_there(path, value);
    }
    found
}

impl LookUps {
    /// Notes that there is an account of this key. What is known already stays: what has just been made may not show yet.
    pub(super) fn is_there(&self, path: &TargetPath, value: &Value) {
        let mut proofs = self.proofs();
        if proofs
            .get(path.as_str())
            .is_some_and(|known| known.len() >= PROOF)
        {
            return;
        }
        let known = proofs.entry(path.as_str().to_owned()).or_default();
        if !known.iter().any(|known| same_key(path, known, value)) {
            known.push(value.clone());
        }
    }

    fn proofs(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Value>>> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn proof(&self, path: &TargetPath) -> Option<Vec<Value>> {
        let mut known = self.proofs().get(path.as_str())?.clone();
        if known.len() < PROOF {
            return None;
        }
        if self.most_shown.load(Ordering::Relaxed) >= PROOF {
            // One at the beginning and one at the end will do.
            known.truncate(2);
        }
        Some(known)
    }

    fn can_be_combined(&self, config: &Config, path: &TargetPath) -> bool {
        let secret = config.mappings.secrets().contains(path);
        !secret && config.ways.combines_look_ups(config.target.ambient().now()) && self.proof(path).is_some()
    }

    /// Waits with the others until somebody has asked.
    async fn join(&self, config: &Config, gate: &Gate, sought: Sought) -> Reply {
        let mut seat = self.company.sit_down(sought);
        loop {
            if seat.leads {
                self.lead(config, gate, &mut seat).await;
            }
            match seat.told().await {
                Some(reply) => return reply,
                None if seat.leads => {}
                // Whoever asked has gone without a word.
                None => return Reply::Alone,
            }
        }
    }

    /// Waits for a slot and asks for all who have come by then.
    async fn lead(&self, config: &Config, gate: &Gate, seat: &mut Seat<'_, Sought, Reply>) {
        let _departed = self.company.gather(MOST).await;
        // Whoever is not let out alone either is told why.
        let Ok(_slot) = super::resolve::enter(config, gate).await else {
            tell_all(seat.take_all(), || Reply::Alone);
            return;
        };
        let mut taken = seat.take(fit);
        let path = taken.first().map(|waiter| waiter.part.path.clone());
        let proof = path.as_ref().and_then(|path| self.proof(path));
        match (path, proof) {
            (Some(path), Some(proof)) if taken.len() > 1 => {
                self.ask((config, gate), (&path, &proof), taken).await;
            }
            (Some(path), _) if taken.len() == 1 => {
                let Some(waiter) = taken.pop() else { return };
                let mut log = Vec::new();
                let found = config
                    .target
                    .lookup(None, (&path, &waiter.part.value), &mut log)
                    .await;
                match log.pop() {
                    Some(exchange) => waiter.tell(Reply::Answered(Box::new(exchange), found)),
                    None => waiter.tell(Reply::Alone),
                }
            }
            _ => tell_all(taken, || Reply::Alone),
        }
    }

    async fn ask(
        &self,
        (config, gate): (&Config, &Gate),
        (path, proof): (&TargetPath, &[Value]),
        taken: Vec<Waiter<Sought, Reply>>,
    ) {
        let (sought, waiters): (Vec<_>, Vec<_>) = taken.into_iter().map(Waiter::unload).unzip();
        let values: Vec<_> = sought.iter().map(|sought| sought.value.clone()).collect();
        let (exchange, answer) = config.target.lookup_together(path, &values, proof).await;
        let now = config.target.ambient().now();
        let mut waiters = waiters.into_iter();
        match answer {
            Ok(LookedUp::Each(each, shown)) => {
                self.unproved.store(0, Ordering::Relaxed);
                config.ways.found_together(true, now);
                let whole = shown < self.most_shown.fetch_max(shown, Ordering::Relaxed);
                let mut again = Vec::new();
                for (((exchange, found), waiter), sought) in each.into_iter().zip(waiters).zip(sought) {
                    match (whole, found.is_empty()) {
                        (true, _) => waiter.tell(Reply::Answered(Box::new(exchange), Ok(found))),
                        // There may be more of them that did not fit.
                        (false, false) => waiter.tell(Reply::Alone),
                        (false, true) => again.push(waiter.with(sought)),
                    }
                }
                self.company.again(again);
                return;
            }
            // An account that was there may have gone, or not show yet.
            Ok(LookedUp::Unproved) => {
                self.proofs().remove(path.as_str());
                self.doubt(config, PATIENCE);
            }
            Err(failure) if is_about_the_filter(&failure) => config.ways.found_together(false, now),
            // Everybody's trouble is one's to report; the others wait until it is dealt with.
            Err(failure) => {
                Turn::new(config, gate).failed(&failure);
                self.doubt(config, 2 * PATIENCE);
                if let Some(first) = waiters.next() {
                    first.tell(Reply::Answered(Box::new(exchange), Err(failure)));
                }
            }
        }
        tell_all(waiters.collect(), || Reply::Alone);
    }

    /// Asks no more in this way if it has failed so often in a row.
    fn doubt(&self, config: &Config, patience: u32) {
        if self.unproved.fetch_add(1, Ordering::Relaxed) + 1 >= patience {
            self.unproved.store(0, Ordering::Relaxed);
            config.ways.found_together(false, config.target.ambient().now());
        }
    }
}

/// Whether one more goes into a request with those.
fn fit(taken: &[Waiter<Sought, Reply>], next: &Sought) -> Fit {
    let all = next.length + taken.iter().map(|waiter| waiter.part.length).sum::<usize>();
    if taken.len() >= MOST || all > LONGEST {
        Fit::Full
    } else if taken.iter().all(|waiter| waiter.part.path == next.path) {
        Fit::Goes
    } else {
        Fit::Waits
    }
}

/// Whether it says that such a filter is not taken, and not that nothing is taken just now.
fn is_about_the_filter(failure: &Failure) -> bool {
    match failure.kind {
        Kind::Filter | Kind::Garbage | Kind::NotFound | Kind::Unsupported | Kind::Rejected => true,
        _ => matches!(failure.status, Some(403 | 413 | 414 | 431 | 501)),
    }
}
