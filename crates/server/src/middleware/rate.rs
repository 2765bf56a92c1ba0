//! How many requests a token may send. Each process counts for itself, in memory.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base::TokenId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// After so many requests, tokens that were not used lately are forgotten.
const SWEEP: u32 = 1 << 16;

/// Requests of each token: as many a minute, at once or spread.
pub struct Rate(Option<Limited>);

struct Limited {
    tokens: DefaultKeyedRateLimiter<TokenId>,
    clock: DefaultClock,
    judged: AtomicU32,
}

impl Rate {
    /// `None`: as many as they like.
    pub fn new(a_minute: Option<NonZeroU32>) -> Self {
        Self(a_minute.map(|most| Limited {
            tokens: RateLimiter::keyed(Quota::per_minute(most)),
            clock: DefaultClock::default(),
            judged: AtomicU32::new(0),
        }))
    }

    /// Counts a request, or says how long to wait before the next.
    pub fn judge(&self, token: TokenId) -> Result<(), Duration> {
        let Some(limited) = &self.0 else {
            return Ok(());
        };
        if limited.judged.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limited.tokens.retain_recent();
        }
        let judged = limited.tokens.check_key(&token);
        judged.map_err(|until| until.wait_time_from(limited.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Ambient;

    #[test]
    fn each_token_has_its_own_share() {
        let ambient = Ambient::system();
        let (one, other): (TokenId, TokenId) = (ambient.id(), ambient.id());
        let rate = Rate::new(NonZeroU32::new(1));
        assert!(rate.judge(one).is_ok());
        let wait = rate.judge(one).expect_err("too many");
        assert!(wait <= Duration::from_mins(1), "{wait:?}");
        assert!(rate.judge(other).is_ok());
    }

    #[test]
    fn nobody_is_held_up_without_a_limit() {
        let (token, rate) = (Ambient::system().id(), Rate::new(None));
        assert!((0..100).all(|_| rate.judge(token).is_ok()));
    }
}
