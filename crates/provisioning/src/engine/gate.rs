//! The budget of one target, shared by everybody who sends to it: how many at a time, and when not at all.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::{Budget, Slot};
use super::combiner::Combiner;
use super::look_ups::LookUps;
use super::quarantine::Quarantine;
use base::{Message, Timestamp};
use jobs::Backoff;
use store::assignments::SubjectKind;

/// Nothing is sent for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) until: Timestamp,
    /// How often in a row; nought when the target itself named the time.
    pub(crate) count: u32,
    pub(crate) reason: Message,
}

/// What the gate lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Open,
    /// One try, to see whether the trouble is over.
    One,
    Shut(Timestamp),
}

/// The gate. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: Arc<Budget>,
    people: Together,
    groups: Together,
    /// How long an answer takes, in milliseconds, the latest ones counting most.
    pace: AtomicU64,
    hold: Mutex<Option<Hold>>,
    /// How often in a row the target asked to be sent less.
    throttles: AtomicU32,
    quarantine: Mutex<Option<Quarantine>>,
    /// Until when nobody is let in for an answer that is still to be judged.
    breath: Mutex<Option<Timestamp>>,
    /// Whether anybody judges what answers mean for all.
    judged: bool,
}

/// Who waits to be sent, or looked up, together.
#[derive(Debug, Default)]
struct Together {
    combiner: Combiner,
    look_ups: LookUps,
}

/// The longest wait between two tries at a target that cannot be used; in quarantine it grows.
const LONGEST: Duration = Duration::from_mins(10);
/// A target that asks for a longer rest than a day has made a mistake.
const LONGEST_ASKED: Duration = Duration::from_hours(24);
/// Whoever has to judge an answer does so at once; but if they never do, the others wait no longer.
const BREATH: Duration = Duration::from_secs(1);
/// Answers that take longer make a target a slow one.
const SLOW_MILLIS: u64 = 500;
/// Without `Retry-After`, a target that asks to send less is left alone for this long.
const THROTTLED: Duration = Duration::from_secs(5);
/// Whatever it says, for this long;
const SHORTEST: Duration = Duration::from_secs(1);
/// and if it says so again and again, for longer each time.
const AGAIN: Backoff = Backoff {
    first: SHORTEST,
    longest: LONGEST,
};

impl Inner {
    fn new(budget: Budget, hold: Option<Hold>, quarantine: Option<Quarantine>) -> Self {
        Self {
            budget: Arc::new(budget),
            people: Together::default(),
            groups: Together::default(),
            pace: AtomicU64::new(0),
            hold: Mutex::new(hold),
            throttles: AtomicU32::new(0),
            quarantine: Mutex::new(quarantine),
            breath: Mutex::new(None),
            judged: true,
        }
    }
}

impl Gate {
    /// With so many slots, come what may. Nobody judges what an answer to one means for the others.
    pub(crate) fn new(slots: usize, hold: Option<Hold>, quarantine: Option<Quarantine>) -> Self {
        Self(Arc::new(Inner {
            judged: false,
            ..Inner::new(Budget::new(slots, slots, slots), hold, quarantine)
        }))
    }

    pub(crate) fn with(budget: Budget, hold: Option<Hold>, quarantine: Option<Quarantine>) -> Self {
        Self(Arc::new(Inner::new(budget, hold, quarantine)))
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// A slot, as soon as one is free; `None`: nothing is to be sent by then.
    pub(crate) async fn enter(&self, now: impl Fn() -> Timestamp) -> Option<Slot> {
        let slot = self.0.budget.enter().await;
        match self.current() {
            _ if self.held_breath(now()).is_some() => None,
            Some(hold) if hold.until > now() => None,
            _ => Some(slot),
        }
    }

    /// An answer has come that is everybody's trouble: until it is judged, nobody is let in, if somebody judges it.
    pub(super) fn hold_breath(&self, now: Timestamp) {
        if self.0.judged {
            *self.breath() = Some(now + BREATH);
        }
    }

    fn held_breath(&self, now: Timestamp) -> Option<Timestamp> {
        self.breath().filter(|until| *until > now)
    }

    fn breath(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.0.breath.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how long an answer took. While nothing is to be sent, answers say nothing of how much could be.
    pub(crate) fn note_pace(&self, millis: u64, now: Timestamp) {
        if self.current().is_none_or(|hold| hold.until <= now) {
            self.0.budget.answered(millis);
        }
        let next = |pace: u64| Some((3 * pace + millis.min(1 << 32)) / 4);
        // The closure always gives a value.
        let _previous = self
            .0
            .pace
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    /// The same of a bulk request of so many operations.
    pub(crate) fn note_bulk(&self, millis: u64, operations: u64, now: Timestamp) {
        if self.current().is_none_or(|hold| hold.until <= now) {
            self.0.budget.answered_bulk(millis / operations.max(1));
        }
    }

    /// Who waits to be sent together.
    pub(super) fn combiner(&self, kind: SubjectKind) -> &Combiner {
        &self.together(kind).combiner
    }

    /// Who waits to be looked up together.
    pub(super) fn look_ups(&self, kind: SubjectKind) -> &LookUps {
        &self.together(kind).look_ups
    }

    fn together(&self, kind: SubjectKind) -> &Together {
        match kind {
            SubjectKind::User => &self.0.people,
            SubjectKind::Group => &self.0.groups,
        }
    }

    /// Milliseconds that an answer takes, if it is so long that people would wait for a slot for a good part of their
    /// lease.
    pub(crate) fn slow(&self) -> Option<u64> {
        Some(self.0.pace.load(Ordering::Relaxed)).filter(|pace| *pace > SLOW_MILLIS)
    }

    pub(crate) fn room(&self, now: Timestamp) -> Room {
        if let Some(until) = self.held_breath(now) {
            return Room::Shut(until);
        }
        match self.current() {
            None => Room::Open,
            Some(hold) if hold.until > now => Room::Shut(hold.until),
            Some(hold) if hold.count == 0 => Room::Open,
            Some(_) => Room::One,
        }
    }

    pub(crate) fn current(&self) -> Option<Hold> {
        self.0.hold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn quarantine(&self) -> Option<Quarantine> {
        self.0
            .quarantine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_quarantine(&self, quarantine: Option<Quarantine>) {
        *self.0.quarantine.lock().unwrap_or_else(PoisonError::into_inner) = quarantine;
    }

    /// The target asked for it.
    pub(crate) fn throttle(
        &self,
        (now, random): (Timestamp, [u8; 4]),
        wait: Option<Duration>,
        reason: Message,
    ) -> Hold {
        // Others who were under way were told the same.
        if self.current().is_none_or(|hold| hold.until <= now) {
            self.0.budget.throttled();
            self.0.throttles.fetch_add(1, Ordering::Relaxed);
        }
        let least = match self.0.throttles.load(Ordering::Relaxed) {
            0 | 1 => SHORTEST,
            times => AGAIN.after(times, random).max(SHORTEST),
        };
        self.put(|before| Hold {
            until: (now + wait.unwrap_or(THROTTLED).min(LONGEST_ASKED).max(least))
                .max(before.map_or(now, |hold| hold.until)),
            count: 0,
            reason,
        })
    }

    /// It has said that it takes nothing until then.
    pub(crate) fn wait_until(&self, until: Timestamp, reason: Message) {
        self.put(|before| match before {
            Some(hold) if hold.until >= until => hold.clone(),
            before => Hold {
                until,
                count: before.map_or(0, |hold| hold.count),
                reason,
            },
        });
    }

    /// Nothing works there at the moment: each time twice as long.
    pub(crate) fn shut(&self, now: Timestamp, first: Duration, reason: Message) -> Hold {
        let longest = self
            .quarantine()
            .map_or(LONGEST, |quarantine| quarantine.longest_wait(now));
        self.put(|before| match before {
            // Others who were under way met the same trouble.
            Some(hold) if hold.until > now && hold.count > 0 => hold.clone(),
            before => {
                let count = before.map_or(0, |hold| hold.count) + 1;
                let wait = first.saturating_mul(1 << (count - 1).min(20)).min(longest);
                Hold {
                    until: now + wait,
                    count,
                    reason,
                }
            }
        })
    }

    /// Nothing is sent until then, and then one try comes first.
    pub(crate) fn rest(&self, until: Timestamp, reason: Message) -> Hold {
        self.put(|_| Hold {
            until,
            count: 1,
            reason,
        })
    }

    fn put(&self, next: impl FnOnce(Option<&Hold>) -> Hold) -> Hold {
        let mut hold = self.0.hold.lock().unwrap_or_else(PoisonError::into_inner);
        let next = next(hold.as_ref());
        *hold = Some(next.clone());
        *self.breath() = None;
        next
    }

    /// The target answers; says whether it was held until now. An answer that comes while nothing is to be sent was
    /// asked for before, and lifts nothing.
    pub(crate) fn open(&self, now: Timestamp) -> bool {
        let mut hold = self.0.hold.lock().unwrap_or_else(PoisonError::into_inner);
        match &*hold {
            Some(held) if held.until <= now => {
                self.0.throttles.store(0, Ordering::Relaxed);
                hold.take().is_some()
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default() + Duration::from_secs(seconds)
    }

    fn reason() -> Message {
        Message::new("target.refused")
    }

    #[tokio::test]
    async fn retry_after_shuts_it_to_the_second_and_never_shortens() {
        let gate = Gate::new(1, None, None);
        gate.throttle((at(0), [0; 4]), Some(Duration::from_mins(1)), reason());
        gate.throttle((at(1), [0; 4]), Some(Duration::from_secs(5)), reason());
        assert_eq!(gate.room(at(59)), Room::Shut(at(60)));
        assert!(gate.enter(|| at(59)).await.is_none());
        assert_eq!(gate.room(at(60)), Room::Open);
        assert!(gate.enter(|| at(60)).await.is_some());
    }

    #[tokio::test]
    async fn nobody_is_let_in_before_an_answer_is_judged_that_concerns_all() {
        let gate = Gate::with(Budget::new(2, 2, 2), None, None);
        gate.hold_breath(at(10));
        assert!(gate.enter(|| at(10)).await.is_none());
        assert_eq!(gate.room(at(10)), Room::Shut(at(11)));
        gate.throttle((at(10), [0; 4]), Some(Duration::from_secs(5)), reason());
        assert_eq!(gate.room(at(10)), Room::Shut(at(15)), "judged");
        let never = Gate::with(Budget::new(2, 2, 2), None, None);
        never.hold_breath(at(10));
        assert!(never.enter(|| at(11)).await.is_some(), "not for ever");
        let unjudged = Gate::new(2, None, None);
        unjudged.hold_breath(at(10));
        assert!(unjudged.enter(|| at(10)).await.is_some());
    }

    #[test]
    fn who_names_no_time_is_left_alone_for_longer_each_time() {
        let gate = Gate::new(1, None, None);
        let throttle = |second| {
            gate.throttle((at(second), [0xff; 4]), Some(Duration::ZERO), reason())
                .until
        };
        assert_eq!(throttle(0), at(1));
        assert_eq!(throttle(0), at(1), "told to several, counted once");
        assert_eq!(throttle(1), at(3));
        assert_eq!(throttle(3), at(7));
        assert!(gate.open(at(7)));
        assert_eq!(throttle(8), at(9), "it had answered");
        let longer = gate.throttle((at(9), [0xff; 4]), Some(Duration::from_mins(1)), reason());
        assert_eq!(longer.until, at(69));
        for second in (0..40).map(|time| 100 + time * 700) {
            throttle(second);
        }
        assert_eq!(throttle(90_000), at(90_600));
    }

    #[test]
    fn refusals_widen_and_one_try_comes_first() {
        let gate = Gate::new(4, None, None);
        let first = Duration::from_secs(5);
        gate.shut(at(0), first, reason());
        gate.shut(at(1), first, reason());
        assert_eq!(
            gate.room(at(4)),
            Room::Shut(at(5)),
            "met by several, counted once"
        );
        assert_eq!(gate.room(at(5)), Room::One);
        gate.shut(at(5), first, reason());
        assert_eq!(gate.room(at(6)), Room::Shut(at(15)));
        assert!(
            !gate.open(at(6)),
            "an answer to an earlier question lifts nothing"
        );
        assert_eq!(gate.room(at(6)), Room::Shut(at(15)));
        assert!(gate.open(at(15)));
        assert_eq!(gate.room(at(15)), Room::Open);
    }
}
