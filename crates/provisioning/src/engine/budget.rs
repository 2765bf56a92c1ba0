//! How many requests at a time a target bears: fewer at once when it asks to be sent less or answers ever more slowly,
//! one more after each round of good answers (additive increase, multiplicative decrease: Chiu and Jain, 1989).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Slower than twice the usual, and by more than this, is slow. Milliseconds.
const TOLERANCE: u64 = 100;

/// Why it is fewer than the most that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It asked for it.
    Throttled,
    /// Its answers take longer than they did.
    Slow,
}

impl Why {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Slow => "slow",
        }
    }
}

/// The budget.
#[derive(Debug)]
pub(crate) struct Budget {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    least: usize,
    most: usize,
    width: usize,
    under_way: usize,
    why: Option<Why>,
    /// Good answers since the last step.
    answered: usize,
    alone: Pace,
    /// The same for each operation of a bulk request.
    bulk: Pace,
}

/// How long answers take lately, and how long they usually do; milliseconds.
#[derive(Debug)]
struct Pace {
    lately: u64,
    usually: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lately: 0,
            usually: u64::MAX,
        }
    }
}

impl Pace {
    fn note(&mut self, millis: u64) {
        if self.usually == u64::MAX {
            (self.lately, self.usually) = (millis, millis);
        }
        self.lately = (7 * self.lately + millis) / 8;
        self.usually = self.usually.min(millis);
    }

    fn is_slow(&self) -> bool {
        self.lately > self.usually.saturating_mul(2).saturating_add(TOLERANCE)
    }

    /// What lasts becomes usual.
    fn settle(&mut self) {
        self.usually = self
            .usually
            .saturating_add(self.lately.saturating_sub(self.usually) / 16);
    }
}

/// One request's part of the budget, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Budget>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.lock().under_way -= 1;
        self.0.freed.notify_one();
    }
}

impl Budget {
    /// Between these bounds, with `width` to begin with.
    pub(crate) fn new(least: usize, most: usize, width: usize) -> Self {
        let most = most.max(1);
        let least = least.clamp(1, most);
        Self {
            state: Mutex::new(State {
                least,
                most,
                width: width.clamp(least, most),
                under_way: 0,
                why: None,
                answered: 0,
                alone: Pace::default(),
                bulk: Pace::default(),
            }),
            freed: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot, as soon as one is free.
    pub(crate) async fn enter(self: &Arc<Self>) -> Slot {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.lock();
                if state.under_way < state.width {
                    state.under_way += 1;
                    return Slot(Arc::clone(self));
                }
            }
            freed.await;
        }
    }

    /// How many at a time, and why not more.
    pub(crate) fn width(&self) -> (usize, Option<Why>) {
        let state = self.lock();
        (state.width, state.why)
    }

    /// The target asks to be sent less: half as many.
    pub(crate) fn throttled(&self) {
        let mut state = self.lock();
        state.width = (state.width / 2).max(state.least);
        state.answered = 0;
        state.why = Some(Why::Throttled);
    }

    /// An answer came after so many milliseconds.
    pub(crate) fn answered(&self, millis: u64) {
        let mut state = self.lock();
        state.alone.note(millis.min(1 << 32));
        let wider = state.answer();
        drop(state);
        if wider {
            self.freed.notify_one();
        }
    }

    /// A bulk request was answered, after so many milliseconds for each of its operations: one answer.
    pub(crate) fn answered_bulk(&self, millis: u64) {
        let mut state = self.lock();
        state.bulk.note(millis.min(1 << 32));
        let wider = state.answer();
        drop(state);
        if wider {
            self.freed.notify_one();
        }
    }
}

impl State {
    /// Says whether there is room for one more.
    fn answer(&mut self) -> bool {
        self.answered += 1;
        if self.answered < self.width {
            return false;
        }
        self.answered = 0;
        let slow = self.alone.is_slow() || self.bulk.is_slow();
        self.alone.settle();
        self.bulk.settle();
        if slow {
            let narrower = self.width - (self.width / 4).max(1);
            if narrower >= self.least {
                self.width = narrower;
                self.why = Some(Why::Slow);
            }
            return false;
        }
        if self.width == self.most {
            self.why = None;
            return false;
        }
        self.width += 1;
        if self.width == self.most {
            self.why = None;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answers(budget: &Budget, count: usize, millis: u64) {
        for _ in 0..count {
            budget.answered(millis);
        }
    }

    #[test]
    fn half_as_many_when_asked_and_back_one_by_one() {
        let budget = Budget::new(1, 8, 8);
        budget.throttled();
        assert_eq!(budget.width(), (4, Some(Why::Throttled)));
        budget.throttled();
        budget.throttled();
        budget.throttled();
        assert_eq!(budget.width().0, 1);
        answers(&budget, 1, 10);
        assert_eq!(budget.width().0, 2, "a round of one");
        answers(&budget, 2, 10);
        assert_eq!(budget.width(), (3, Some(Why::Throttled)));
        answers(&budget, 3 + 4 + 5 + 6 + 7, 10);
        assert_eq!(budget.width(), (8, None));
        answers(&budget, 100, 10);
        assert_eq!(budget.width(), (8, None), "not above the most");
    }

    #[test]
    fn the_bounds_are_kept() {
        let budget = Budget::new(6, 8, 8);
        budget.throttled();
        assert_eq!(budget.width().0, 6);
        assert_eq!(Budget::new(9, 4, 100).width(), (4, None));
        assert_eq!(Budget::new(1, 8, 3).width().0, 3, "where it stood before");
    }

    #[test]
    fn fewer_as_answers_slow_down_and_more_when_they_are_quick_again() {
        let budget = Budget::new(2, 16, 16);
        answers(&budget, 64, 20);
        assert_eq!(budget.width(), (16, None));
        answers(&budget, 64, 900);
        let (width, why) = budget.width();
        assert!(width < 12 && why == Some(Why::Slow), "{width} {why:?}");
        answers(&budget, 400, 900);
        assert!(budget.width().0 >= 2);
        answers(&budget, 400, 20);
        assert_eq!(budget.width(), (16, None));
    }

    #[test]
    fn a_target_that_was_always_slow_is_left_as_it_is() {
        let budget = Budget::new(1, 8, 8);
        answers(&budget, 500, 2_000);
        assert_eq!(budget.width(), (8, None));
    }

    #[tokio::test]
    async fn no_more_than_that_are_under_way() {
        let budget = Arc::new(Budget::new(1, 2, 2));
        let first = budget.enter().await;
        let second = budget.enter().await;
        let waits = tokio::time::timeout(Duration::from_millis(20), budget.enter());
        assert!(waits.await.is_err());
        budget.throttled();
        drop(first);
        let waits = tokio::time::timeout(Duration::from_millis(20), budget.enter());
        assert!(waits.await.is_err(), "it is one at a time now");
        drop(second);
        let _third = budget.enter().await;
    }
}
