//! How long to wait after a failure: twice as long each time, with jitter, within bounds.

use std::time::Duration;

/// Exponential back-off with equal jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row (1 for the first): between half of the step and all of it.
    pub fn after(self, failures: u32, random: [u8; 4]) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let step = self.first.saturating_mul(1 << doublings).min(self.longest);
        let half = step / 2;
        let jitter = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
        half + step.saturating_sub(half).mul_f64(jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        first: Duration::from_secs(1),
        longest: Duration::from_hours(1),
    };

    #[test]
    fn it_doubles_up_to_the_longest() {
        for (failures, least, most) in [
            (1, 500, 1_000),
            (2, 1_000, 2_000),
            (5, 8_000, 16_000),
            (40, 1_800_000, 3_600_000),
        ] {
            let wait = |random| BACKOFF.after(failures, random).as_millis();
            assert_eq!((wait([0; 4]), wait([255; 4])), (least, most), "{failures}");
        }
    }
}
