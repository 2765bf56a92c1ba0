//! Properties: the same cases at every run, and others in the long form.

use std::future::Future;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

/// How many cases, and which.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effort {
    /// So many, always the same ones.
    Cases(u32),
    /// So many new ones, whose seed is printed when one of them fails.
    NewCases(u32),
}

impl Effort {
    pub(crate) fn runner(self, seed: u64) -> TestRunner {
        let (cases, seed) = match self {
            Self::Cases(cases) => (cases, seed),
            Self::NewCases(cases) => (cases, base::Ambient::system().now().as_micros().cast_unsigned()),
        };
        println!("seed {seed}");
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = ProptestConfig {
            cases,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }
}

/// One value of a strategy.
pub(crate) fn one<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

/// Checks the property on every case; of those that fail, the smallest is shown.
pub(crate) fn check<S: Strategy, F: Future<Output = Result<(), TestCaseError>>>(
    runner: &mut TestRunner,
    strategy: &S,
    property: impl Fn(S::Value) -> F,
) {
    let checked = runner.run(strategy, |case| {
        let case = property(case);
        block_in_place(|| Handle::current().block_on(case))
    });
    if let Err(failure) = checked {
        panic!("{failure}");
    }
}
