//! Those who wait to travel to the target in one request. As with a group commit nothing waits for company: who comes
//! first leads, waits for a slot as for a request of its own, and then takes along all that have come meanwhile.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// So many requests are under way without being full: while they are answered the next one fills, and others have the
/// other slots.
const AT_ONCE: usize = 2;

/// What one who waits is told.
#[derive(Debug)]
pub(super) enum Told<R> {
    /// It is theirs to take the others along.
    Lead,
    /// What became of their part.
    Word(R),
}

/// One who waits, with a part of a request.
#[derive(Debug)]
pub(super) struct Waiter<P, R> {
    pub(super) number: u64,
    pub(super) part: P,
    reply: UnboundedSender<Told<R>>,
}

impl<P, R> Waiter<P, R> {
    pub(super) fn tell(self, word: R) {
        // Whoever has gone needs no answer.
        let _gone = self.reply.send(Told::Word(word));
    }

    /// The part, and the same one without it.
    pub(super) fn unload(self) -> (P, Waiter<(), R>) {
        let Self { number, part, reply } = self;
        let part_of_it = Waiter {
            number,
            part: (),
            reply,
        };
        (part, part_of_it)
    }

    pub(super) fn with<Q>(self, part: Q) -> Waiter<Q, R> {
        let Self { number, reply, .. } = self;
        Waiter { number, part, reply }
    }
}

pub(super) fn tell_all<P, R>(waiters: Vec<Waiter<P, R>>, word: impl Fn() -> R) {
    for waiter in waiters {
        waiter.tell(word());
    }
}

/// Whether one more goes into a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Goes,
    /// Not into this one; those behind it may.
    Waits,
    /// There is no room for anybody.
    Full,
}

/// Those who wait for one target.
#[derive(Debug)]
pub(super) struct Company<P, R> {
    state: Mutex<State<P, R>>,
    /// A request was answered, or is full.
    moved: Notify,
}

#[derive(Debug)]
struct State<P, R> {
    waiting: VecDeque<Waiter<P, R>>,
    made: u64,
    /// Somebody waits for a slot.
    led: bool,
    /// Requests under way.
    departed: usize,
}

impl<P, R> Default for Company<P, R> {
    fn default() -> Self {
        let state = State {
            waiting: VecDeque::new(),
            made: 0,
            led: false,
            departed: 0,
        };
        Self {
            state: Mutex::new(state),
            moved: Notify::new(),
        }
    }
}

impl<P, R> State<P, R> {
    /// The next one leads, if there is one.
    fn pass_on(&mut self) {
        self.led = false;
        while let Some(first) = self.waiting.front() {
            if first.reply.send(Told::Lead).is_ok() {
                self.led = true;
                return;
            }
            self.waiting.pop_front();
        }
    }

    /// Takes as many as may go together, in their order.
    fn take(&mut self, fit: impl Fn(&[Waiter<P, R>], &P) -> Fit) -> Vec<Waiter<P, R>> {
        let mut taken: Vec<Waiter<P, R>> = Vec::new();
        let mut left = VecDeque::new();
        while let Some(waiter) = self.waiting.pop_front() {
            let fit = fit(&taken, &waiter.part);
            // One always goes, or it would wait for ever.
            if taken.is_empty() || fit == Fit::Goes {
                taken.push(waiter);
            } else {
                left.push_back(waiter);
                if fit == Fit::Full {
                    break;
                }
            }
        }
        left.append(&mut self.waiting);
        self.waiting = left;
        taken
    }
}

/// A request under way, until it is dropped.
pub(super) struct Departed<'c, P, R>(&'c Company<P, R>);

impl<P, R> Drop for Departed<'_, P, R> {
    fn drop(&mut self) {
        self.0.lock().departed -= 1;
        self.0.moved.notify_waiters();
    }
}

/// The place of one who waits; whoever gives up passes on what others count on.
pub(super) struct Seat<'c, P, R> {
    company: &'c Company<P, R>,
    number: u64,
    pub(super) leads: bool,
    replies: UnboundedReceiver<Told<R>>,
}

impl<P, R> Seat<'_, P, R> {
    /// What became of the part; `None`: it is theirs to lead now, or whoever took it along has gone without a word.
    pub(super) async fn told(&mut self) -> Option<R> {
        match self.replies.recv().await {
            Some(Told::Word(word)) => Some(word),
            Some(Told::Lead) => {
                self.leads = true;
                None
            }
            None => None,
        }
    }

    /// Takes as many as may go together; the next one of those who are left leads.
    pub(super) fn take(&mut self, fit: impl Fn(&[Waiter<P, R>], &P) -> Fit) -> Vec<Waiter<P, R>> {
        let mut state = self.company.lock();
        let taken = state.take(fit);
        self.leads = false;
        state.pass_on();
        taken
    }

    /// The same with all.
    pub(super) fn take_all(&mut self) -> Vec<Waiter<P, R>> {
        self.take(|_, _| Fit::Goes)
    }
}

impl<P, R> Drop for Seat<'_, P, R> {
    fn drop(&mut self) {
        let mut state = self.company.lock();
        state.waiting.retain(|waiter| waiter.number != self.number);
        if self.leads {
            state.pass_on();
        }
    }
}

impl<P, R> Company<P, R> {
    fn lock(&self) -> MutexGuard<'_, State<P, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits with the others from now on.
    pub(super) fn sit_down(&self, part: P) -> Seat<'_, P, R> {
        let (reply, replies) = unbounded_channel();
        let mut state = self.lock();
        state.made += 1;
        let number = state.made;
        self.moved.notify_waiters();
        state.waiting.push_back(Waiter { number, part, reply });
        let leads = !state.led;
        state.led = true;
        drop(state);
        Seat {
            company: self,
            number,
            leads,
            replies,
        }
    }

    /// Waits until a request is worth a slot: few of them are under way, or it is full with so many.
    pub(super) async fn gather(&self, full: usize) -> Departed<'_, P, R> {
        loop {
            let moved = self.moved.notified();
            {
                let mut state = self.lock();
                if state.departed < AT_ONCE || state.waiting.len() >= full {
                    state.departed += 1;
                    return Departed(self);
                }
            }
            moved.await;
        }
    }

    /// They wait again, before all others.
    pub(super) fn again(&self, waiters: Vec<Waiter<P, R>>) {
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
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    type Numbers = Company<u64, ()>;

    fn numbers(waiters: &[Waiter<u64, ()>]) -> Vec<u64> {
        waiters.iter().map(|waiter| waiter.part).collect()
    }

    #[test]
    fn as_many_as_fit_in_their_order() {
        let company = Numbers::default();
        let mut seats: Vec<_> = (1..=5).map(|number| company.sit_down(number)).collect();
        let leading = seats.iter().filter(|seat| seat.leads).count();
        assert_eq!(leading, 1, "the first one leads");
        let even_later = |taken: &[Waiter<u64, ()>], next: &u64| match (taken.len(), next % 2) {
            (3.., _) => Fit::Full,
            (_, 0) => Fit::Waits,
            _ => Fit::Goes,
        };
        assert_eq!(numbers(&seats[0].take(even_later)), [1, 3, 5]);
        assert_eq!(numbers(&seats[1].take(|_, _| Fit::Full)), [2], "one always goes");
        assert_eq!(numbers(&seats[3].take_all()), [4]);
    }

    #[tokio::test]
    async fn whoever_gives_up_passes_it_on() {
        let company = Numbers::default();
        let first = company.sit_down(1);
        let mut second = company.sit_down(2);
        assert!(first.leads && !second.leads);
        drop(first);
        assert_eq!((second.told().await, second.leads), (None, true));
        assert_eq!(numbers(&second.take_all()), [2]);
    }

    #[tokio::test]
    async fn the_next_one_fills_while_two_are_under_way() {
        let company = Numbers::default();
        let first = company.gather(3).await;
        let _second = company.gather(3).await;
        let mut third = Box::pin(company.gather(3));
        assert!((&mut third).now_or_never().is_none());
        let mut seats = vec![company.sit_down(1), company.sit_down(2)];
        assert!((&mut third).now_or_never().is_none());
        seats.push(company.sit_down(3));
        let third = third.now_or_never().expect("it is full");
        drop(seats[0].take_all());
        let mut fourth = Box::pin(company.gather(3));
        assert!((&mut fourth).now_or_never().is_none());
        drop((first, third));
        assert!(fourth.now_or_never().is_some(), "two were answered");
    }
}
