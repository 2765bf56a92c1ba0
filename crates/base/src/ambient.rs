//! Time and randomness, passed in: the only way by which the rest of the house gets at either.

#[cfg(feature = "cryptography")]
use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Cause, CorrelationId, Timestamp, cause::Actor};

/// Says what time it is.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

/// Gives random bytes.
pub trait Entropy: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

/// Clock and entropy together, cheap to clone.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Ambient {
    pub fn new(clock: impl Clock, entropy: impl Entropy) -> Self {
        Self {
            clock: Arc::new(clock),
            entropy: Arc::new(entropy),
        }
    }

    /// The machine's clock and the operating system's entropy.
    #[cfg(feature = "cryptography")]
    pub fn system() -> Self {
        Self::new(SystemClock, SystemEntropy)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A new id of whichever kind is asked for.
    pub fn id<I: From<(Timestamp, [u8; 10])>>(&self) -> I {
        I::from((self.now(), self.random()))
    }

    /// A cause with a correlation id of its own.
    pub fn cause(&self, actor: Actor) -> Cause {
        Cause {
            actor,
            correlation: self.id::<CorrelationId>(),
            client_ip: None,
        }
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::default() + since
    }
}

/// The operating system's entropy.
#[cfg(feature = "cryptography")]
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

#[cfg(feature = "cryptography")]
impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > FEW {
            return random(bytes);
        }
        STOCK.with_borrow_mut(|stock| stock.give(bytes));
    }
}

#[cfg(feature = "cryptography")]
fn random(bytes: &mut [u8]) {
    // The library documents failure only where the operating system has no random source at all;
    // going on with predictable tokens would be worse than ending.
    aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
}

/// What an id takes at most. Whatever is longer, such as keys and tokens, is never in the stock.
#[cfg(feature = "cryptography")]
const FEW: usize = 16;

#[cfg(feature = "cryptography")]
thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; 512], used: 512 }) };
}

/// Random bytes for ids, fetched many at a time: every request takes some.
#[cfg(feature = "cryptography")]
struct Stock {
    bytes: [u8; 512],
    used: usize,
}

#[cfg(feature = "cryptography")]
impl Stock {
    fn give(&mut self, wanted: &mut [u8]) {
        if self.bytes.len() - self.used < wanted.len() {
            random(&mut self.bytes);
            self.used = 0;
        }
        let end = self.used + wanted.len();
        let given = &mut self.bytes[self.used..end];
        wanted.copy_from_slice(given);
        // Nothing is given twice.
        given.fill(0);
        self.used = end;
    }
}

/// A clock that stands still until told otherwise. For tests and simulations.
#[derive(Debug, Clone, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.as_micros())))
    }

    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A repeatable stream of bytes (SplitMix64). For tests and simulations only: it is predictable.
#[derive(Debug, Default)]
pub struct SeededEntropy {
    state: AtomicU64,
    order: Mutex<()>,
}

impl SeededEntropy {
    pub fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
            order: Mutex::new(()),
        }
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let _one_at_a_time = self
            .order
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let make = || Ambient::new(ManualClock::default(), SeededEntropy::new(4));
        let (one, two) = (make(), make());
        assert_eq!(one.id::<UserId>(), two.id::<UserId>());
        assert_ne!(one.id::<UserId>(), one.id::<UserId>());
    }

    #[test]
    fn system_entropy_is_not_all_alike() {
        let ambient = Ambient::system();
        assert_ne!(ambient.random::<16>(), ambient.random::<16>());
    }

    #[test]
    fn no_random_bytes_are_given_twice() {
        let ambient = Ambient::system();
        let many: std::collections::BTreeSet<[u8; 10]> = (0..1_000).map(|_| ambient.random()).collect();
        assert_eq!(many.len(), 1_000);
        let zeroes = many.iter().flatten().filter(|byte| **byte == 0).count();
        assert!(zeroes < 200, "{zeroes} of 10,000 bytes are zero");
    }
}
