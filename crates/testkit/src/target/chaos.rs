//! Random faults from a seed: the same seed draws the same faults for the same sequence of requests.

use http::Method;
use serde::{Deserialize, Serialize};

use super::fault::{Fault, LateClose, RetryAfter};

/// Probabilities, each from 0 to 1, tried in this order; the faults that concern a commit only strike writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Chaos {
    pub seed: u64,
    pub unavailable: f64,
    /// 429, with `Retry-After` of one second every other time.
    pub throttled: f64,
    pub drop_before_commit: f64,
    pub drop_after_commit: f64,
    pub late_commit: f64,
    /// The longest a late commit takes.
    pub late_commit_millis: u64,
    pub garbage: f64,
    pub html: f64,
    pub empty: f64,
    pub delay: f64,
    /// The longest a delay takes.
    pub delay_millis: u64,
}

impl Chaos {
    /// A bad day: about one request in five goes wrong.
    pub fn bad_day(seed: u64) -> Self {
        Self {
            seed,
            unavailable: 0.03,
            throttled: 0.02,
            drop_before_commit: 0.03,
            drop_after_commit: 0.03,
            late_commit: 0.02,
            late_commit_millis: 200,
            garbage: 0.02,
            html: 0.02,
            empty: 0.02,
            delay: 0.05,
            delay_millis: 30,
        }
    }
}

/// SplitMix64.
#[derive(Debug)]
pub(super) struct Dice {
    chaos: Chaos,
    state: u64,
}

impl Dice {
    pub(super) fn new(chaos: Chaos) -> Self {
        let state = chaos.seed;
        Self { chaos, state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, without 1.
    fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or_default()) / 4_294_967_296.0
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    pub(super) fn throw(&mut self, method: &Method) -> Option<Fault> {
        let at = self.fraction();
        let writes = method != Method::GET;
        let chaos = &self.chaos;
        let faces = [
            (chaos.unavailable, Face::Unavailable, true),
            (chaos.throttled, Face::Throttled, true),
            (chaos.drop_before_commit, Face::DropBeforeCommit, true),
            (chaos.drop_after_commit, Face::DropAfterCommit, writes),
            (chaos.late_commit, Face::LateCommit, writes),
            (chaos.garbage, Face::Garbage, true),
            (chaos.html, Face::Html, true),
            (chaos.empty, Face::Empty, writes),
            (chaos.delay, Face::Delay, true),
        ];
        let mut upper = 0.0;
        let face = faces.into_iter().find_map(|(probability, face, fits)| {
            upper += probability;
            (at < upper).then_some((face, fits))
        });
        let (face, true) = face? else { return None };
        Some(self.fault(face))
    }

    fn fault(&mut self, face: Face) -> Fault {
        match face {
            Face::Unavailable => Fault::status(503),
            Face::Throttled if self.next() & 1 == 0 => Fault::Status {
                status: 429,
                retry_after: Some(RetryAfter::Seconds(1)),
            },
            Face::Throttled => Fault::status(429),
            Face::DropBeforeCommit => Fault::DropBeforeCommit,
            Face::DropAfterCommit => Fault::DropAfterCommit,
            Face::LateCommit => Fault::LateCommit {
                millis: self.up_to(self.chaos.late_commit_millis),
                close: LateClose::AtOnce,
            },
            Face::Garbage => Fault::Garbage,
            Face::Html => Fault::Html { status: 502 },
            Face::Empty => Fault::Empty,
            Face::Delay => Fault::Delay {
                millis: self.up_to(self.chaos.delay_millis),
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Face {
    Unavailable,
    Throttled,
    DropBeforeCommit,
    DropAfterCommit,
    LateCommit,
    Garbage,
    Html,
    Empty,
    Delay,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(seed: u64) -> Vec<Option<&'static str>> {
        let mut dice = Dice::new(Chaos::bad_day(seed));
        (0..1_000)
            .map(|_| dice.throw(&Method::POST).map(|fault| fault.name()))
            .collect()
    }

    #[test]
    fn a_seed_draws_the_same_faults_again() {
        assert_eq!(names(7), names(7));
        assert_ne!(names(7), names(8));
    }

    #[test]
    fn about_one_in_four_goes_wrong_and_every_kind_comes_up() {
        let drawn = names(3);
        let wrong = drawn.iter().filter(|name| name.is_some()).count();
        assert!((150..350).contains(&wrong), "{wrong}");
        for kind in [
            "status",
            "drop_before_commit",
            "drop_after_commit",
            "late_commit",
            "garbage",
            "html",
            "empty",
            "delay",
        ] {
            assert!(drawn.contains(&Some(kind)), "{kind}");
        }
    }

    #[test]
    fn reads_commit_nothing_late() {
        let mut dice = Dice::new(Chaos {
            late_commit: 1.0,
            ..Chaos::default()
        });
        assert!(dice.throw(&Method::GET).is_none());
    }
}
