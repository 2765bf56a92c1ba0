//! Properties: the same cases at every run, and new ones in the long form.

use std::time::{SystemTime, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// How many cases, and which.
#[derive(Debug, Clone, Copy)]
pub enum Effort {
    /// So many, always the same ones.
    Cases(u32),
    /// So many new ones. A test that fails shows the seed, which [`Effort::runner`] prints.
    NewCases(u32),
}

impl Effort {
    pub fn runner(self, seed: u64) -> TestRunner {
        let (cases, seed) = match self {
            Self::Cases(cases) => (cases, seed),
            Self::NewCases(cases) => (cases, now()),
        };
        println!("seed {seed}");
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = ProptestConfig {
            cases,
            failure_persistence: None,
            max_shrink_iters: 3_000,
            ..ProptestConfig::default()
        };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// One value of a strategy.
///
/// # Panics
/// If there is none.
pub fn one<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

/// Checks the property on every case; of those that fail, the smallest is shown.
///
/// # Panics
/// If one fails.
pub fn check<S: Strategy>(
    runner: &mut TestRunner,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    if let Err(failure) = runner.run(strategy, property) {
        panic!("{failure}");
    }
}
