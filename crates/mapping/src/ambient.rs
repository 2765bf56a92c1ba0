//! Time, randomness and the directory's domain, which come in as arguments: the language has none of its own.

use base::Timestamp;

/// What the functions that depend on more than the person are given.
pub trait Ambient {
    fn now(&self) -> Timestamp;

    /// Bytes that cannot be foretold, but are the same whenever the same block of the same place is asked for.
    /// Whoever implements it makes them depend on the person and the app, so that an expression gives one person
    /// the same value in the plan, in the request, in a repetition of it, and in every later cycle.
    fn random(&self, place: &str, block: u32) -> [u8; 32];

    /// The directory's own domain, if somebody has said which it is.
    fn default_domain(&self) -> Option<&str>;
}

/// Time that stands still and randomness that can be foretold: for tests and for trying an expression out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Still {
    pub now: Timestamp,
    pub seed: u64,
}

impl Ambient for Still {
    fn now(&self) -> Timestamp {
        self.now
    }

    /// FNV-1a over what it depends on, drawn out by `SplitMix64`.
    fn random(&self, place: &str, block: u32) -> [u8; 32] {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        let parts = [&self.seed.to_le_bytes(), place.as_bytes(), &block.to_le_bytes()];
        for byte in parts.into_iter().flatten() {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(word ^ (word >> 31)).to_le_bytes());
        }
        bytes
    }

    fn default_domain(&self) -> Option<&str> {
        Some("example.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_gives_the_same_bytes() {
        let still = Still::default();
        assert_eq!(still.random("a", 0), still.random("a", 0));
        assert_ne!(still.random("a", 0), still.random("a", 1));
        assert_ne!(still.random("a", 0), still.random("b", 0));
        let other = Still { seed: 1, ..still };
        assert_ne!(still.random("a", 0), other.random("a", 0));
    }
}
