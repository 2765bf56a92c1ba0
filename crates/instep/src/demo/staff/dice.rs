//! Numbers that look random and are always the same (`SplitMix64`).

/// A stream of numbers.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn thrown_for(index: usize) -> Self {
        Self(u64::try_from(index).unwrap_or_default())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `sides`.
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides.max(1)
    }

    pub(super) fn choose<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.place(among.len())]
    }

    /// A place in a list of so many.
    pub(super) fn place(&mut self, count: usize) -> usize {
        let number = usize::try_from(self.next() >> 33).unwrap_or_default();
        number % count.max(1)
    }

    /// A UUID of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
