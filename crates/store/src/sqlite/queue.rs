//! What waits for the writer.
//!
//! A channel would wake the writer for each write that comes; here it says for how many it waits, and is woken once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) struct Queue<J> {
    state: Mutex<State<J>>,
    arrived: Condvar,
}

struct State<J> {
    waiting: Vec<J>,
    /// How many make it worth waking the writer; nothing while it does not sleep.
    wanted: Option<usize>,
    closed: bool,
}

/// What the writer finds.
pub(super) enum Found<J> {
    /// One at least.
    Some(Vec<J>),
    /// Nothing, for as long as it was to wait.
    Nothing,
    /// Nothing, and nothing more will come.
    Closed,
}

impl<J> Queue<J> {
    pub(super) fn new() -> Self {
        let state = State {
            waiting: Vec::new(),
            wanted: None,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            arrived: Condvar::new(),
        }
    }

    /// Gives it back if nobody takes it any more.
    pub(super) fn push(&self, job: J) -> Result<(), J> {
        let mut state = self.lock();
        if state.closed {
            return Err(job);
        }
        state.waiting.push(job);
        if state.wanted.is_some_and(|wanted| state.waiting.len() >= wanted) {
            state.wanted = None;
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// No more may come; what is there can still be taken.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// No more may come, and what is there is dropped.
    pub(super) fn abandon(&self) {
        self.close();
        let left = std::mem::take(&mut self.lock().waiting);
        drop(left);
    }

    /// All that wait, but no more than `most`. Waits up to `patience` for the first one, and then up to `moment` until
    /// there are as many as expected.
    pub(super) fn take(
        &self,
        most: usize,
        expected: usize,
        patience: Duration,
        moment: Duration,
    ) -> Found<J> {
        let mut state = self.wait(self.lock(), 1, patience);
        if state.waiting.is_empty() {
            return if state.closed {
                Found::Closed
            } else {
                Found::Nothing
            };
        }
        state = self.wait(state, expected, moment);
        let taken = state.waiting.len().min(most);
        Found::Some(state.waiting.drain(..taken).collect())
    }

    fn wait<'q>(
        &'q self,
        mut state: MutexGuard<'q, State<J>>,
        wanted: usize,
        longest: Duration,
    ) -> MutexGuard<'q, State<J>> {
        if state.waiting.len() >= wanted || state.closed {
            return state;
        }
        state.wanted = Some(wanted);
        let too_few = |state: &mut State<J>| state.waiting.len() < wanted && !state.closed;
        let waited = self.arrived.wait_timeout_while(state, longest, too_few);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.wanted = None;
        state
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const LONG: Duration = Duration::from_mins(1);

    fn taken(queue: &Queue<u32>, most: usize, expected: usize) -> Vec<u32> {
        match queue.take(most, expected, LONG, Duration::ZERO) {
            Found::Some(jobs) => jobs,
            Found::Nothing | Found::Closed => Vec::new(),
        }
    }

    #[test]
    fn what_waits_is_taken_in_its_order() {
        let queue = Queue::new();
        for job in 1..=5 {
            assert_eq!(queue.push(job), Ok(()));
        }
        assert_eq!(taken(&queue, 3, 1), [1, 2, 3]);
        assert_eq!(taken(&queue, 3, 100), [4, 5], "those expected do not come");
        assert!(matches!(queue.take(3, 1, Duration::ZERO, LONG), Found::Nothing));
    }

    #[test]
    fn as_many_as_expected_are_awaited() {
        let queue = Arc::new(Queue::new());
        let writer = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || match queue.take(10, 3, LONG, LONG) {
                Found::Some(jobs) => jobs,
                Found::Nothing | Found::Closed => Vec::new(),
            }
        });
        for job in 1..=3 {
            assert_eq!(queue.push(job), Ok(()));
        }
        assert_eq!(writer.join().expect("it ends"), [1, 2, 3]);
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_takes_nothing() {
        let queue = Queue::new();
        assert_eq!(queue.push(1), Ok(()));
        queue.close();
        assert_eq!(queue.push(2), Err(2));
        assert_eq!(taken(&queue, 10, 10), [1]);
        assert!(matches!(queue.take(10, 1, LONG, LONG), Found::Closed));
        queue.abandon();
        assert!(matches!(queue.take(10, 1, LONG, LONG), Found::Closed));
    }
}
