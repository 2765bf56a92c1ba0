//! Each target on its corpus, and on mutations of it: the same ones at every run.

mod mutate;

use std::fs;
use std::path::PathBuf;

use fuzz_targets::{TARGETS, Target};
use oracle::random::Effort;
use proptest::test_runner::TestRunner;

fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("a file").path();
            let bytes = fs::read(&path).expect("bytes");
            (path, bytes)
        })
        .collect();
    files.sort();
    files
}

fn named(name: &str) -> &'static Target {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target")
}

/// The corpus as it is, then so many mutations of it.
fn feed(target: &Target, mutations: u32, mut runner: TestRunner) {
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{} has a corpus", target.name);
    for (path, bytes) in &corpus {
        println!("{}", path.display());
        (target.run)(bytes);
    }
    let seeds: Vec<&[u8]> = corpus.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    for _ in 0..mutations {
        let bytes = mutate::mutated(&seeds, runner.rng());
        let outcome = std::panic::catch_unwind(|| (target.run)(&bytes));
        assert!(
            outcome.is_ok(),
            "{} on {:?}",
            target.name,
            String::from_utf8_lossy(&bytes)
        );
    }
}

macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                feed(named(stringify!($name)), 2_000, Effort::Cases(1).runner(3));
            }
        )+

        #[test]
        fn none_is_missing() {
            let names = [$(stringify!($name)),+];
            assert!(TARGETS.iter().map(|target| target.name).eq(names));
        }
    };
}

targets!(
    bulk,
    expression,
    filter,
    patch,
    path,
    query,
    resource,
    saml_message,
    saml_query,
    saml_signed,
    schema,
    staff_file
);

#[test]
#[ignore = "takes long: cargo xtask soak runs it"]
fn soak_mutations() {
    for target in TARGETS {
        feed(target, 300_000, Effort::NewCases(1).runner(0));
    }
}
