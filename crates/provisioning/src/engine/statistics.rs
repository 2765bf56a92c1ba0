//! When PostgreSQL should look anew at how much there is to do. It does so by itself once a minute; in that time a first
//! cycle makes thousands of rows where there were none, and as long as it takes them for few, it reads them all.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::Timestamp;

/// Pieces of work after which it looks first, and then after twice as many each time.
const FIRST: u64 = 100;
/// After so long without work it has looked by itself.
const QUIET: Duration = Duration::from_mins(2);

#[derive(Debug, Default)]
pub(super) struct Statistics(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    done: u64,
    next: u64,
    last: Timestamp,
}

impl Statistics {
    /// A piece of work was done; says whether it is time to look.
    pub(super) fn done(&self, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since(counted.last) > QUIET {
            (counted.done, counted.next) = (0, FIRST);
        }
        counted.last = now;
        counted.done += 1;
        let due = counted.done >= counted.next;
        if due {
            counted.next *= 2;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_as_much_each_time_until_it_is_quiet() {
        let statistics = Statistics::default();
        let mut now = Timestamp::default() + Duration::from_hours(1);
        let looks = |now: Timestamp| (1..=1_000_u64).filter(|_| statistics.done(now)).count();
        assert_eq!(looks(now), 4, "at 100, 200, 400, 800");
        assert_eq!(looks(now), 1, "at 1,600");
        now = now + QUIET + Duration::from_secs(1);
        assert_eq!(looks(now), 4);
    }
}
