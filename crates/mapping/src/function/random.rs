//! Randomness for the functions that need it.

use std::cell::Cell;

use crate::ambient::Ambient;

/// A stream of random bytes, taken block by block from where the last one of this expression ended.
pub(crate) struct Random<'a> {
    ambient: &'a dyn Ambient,
    place: &'a str,
    blocks: &'a Cell<u32>,
    bytes: [u8; 32],
    taken: usize,
}

impl<'a> Random<'a> {
    pub(crate) fn new(ambient: &'a dyn Ambient, place: &'a str, blocks: &'a Cell<u32>) -> Self {
        Self {
            ambient,
            place,
            blocks,
            bytes: [0; 32],
            taken: 32,
        }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        if self.taken == self.bytes.len() {
            let block = self.blocks.get();
            self.blocks.set(block.wrapping_add(1));
            self.bytes = self.ambient.random(self.place, block);
            self.taken = 0;
        }
        let byte = self.bytes[self.taken];
        self.taken += 1;
        byte
    }

    /// A number below `bound`, each as likely as the others. `bound` is 1 to 256.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let fair = 256 - 256 % bound;
        loop {
            let byte = usize::from(self.byte());
            if byte < fair {
                return byte % bound;
            }
        }
    }

    /// One of these.
    pub(crate) fn choose<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        match all.len() {
            0 => None,
            length => Some(all[self.below(length)]),
        }
    }

    /// In another order (Fisher and Yates). At most 256 items.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::Still;

    #[test]
    fn every_number_below_the_bound_comes() {
        let (still, blocks) = (Still::default(), Cell::new(0));
        let mut random = Random::new(&still, "x", &blocks);
        for bound in [1, 3, 10, 256] {
            let mut seen = vec![false; bound];
            for _ in 0..bound * 40 {
                seen[random.below(bound)] = true;
            }
            assert!(seen.into_iter().all(|seen| seen), "{bound}");
        }
        assert_eq!(random.choose::<u8>(&[]), None);
    }
}
