//! Steps that are Cargo's: form, warnings, dependencies, tests.

use std::num::NonZero;

use anyhow::{Result, bail};

use super::programs::RECORD;
use super::{Machine, mark};
use crate::postgres;
use crate::process::{cargo, run, shown, watched};
use crate::tally::Tally;
use crate::tools;

pub(super) fn fmt(_: &Machine) -> Result<Tally> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Tally::one_passed())
}

pub(super) fn clippy(_: &Machine) -> Result<Tally> {
    run(cargo().args([
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--features",
        FEATURES,
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Tally::one_passed())
}

pub(super) fn deny(_: &Machine) -> Result<Tally> {
    let mut deny = tools::cargo_deny()?;
    run(deny.args([
        "--locked",
        "--all-features",
        "--workspace",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    Ok(Tally::one_passed())
}

/// Tests that plain `cargo test` leaves out, as they need another program: PostgreSQL, or xmlsec1 and xmllint.
pub(super) const FEATURES: &str = "store/postgres-tests,directory/postgres-tests,server/postgres-tests,provisioning/postgres-tests,federation/postgres-tests,\
     saml/outside-tests";

pub(super) fn test(machine: &Machine) -> Result<Tally> {
    tools::xml_security()?;
    let url = machine.postgres()?;
    let tests = || {
        let mut tests = cargo();
        tests.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
        tests.args(["--features", FEATURES]).env(postgres::VARIABLE, &url);
        tests
    };
    let mut failed = Vec::new();
    let all = cargo_test(
        tests().env(RECORD, machine.record()?).env(THREADS, threads()),
        &mut failed,
    )?;
    machine.has_tests();
    if failed.is_empty() || failed.len() as u64 != all.failed {
        return Ok(all);
    }
    again(tests(), all, &failed)
}

/// Runs those that failed once more, one after another. What passes by itself needed more of the machine than there was
/// beside the others; that it did is told.
fn again(mut tests: std::process::Command, all: Tally, failed: &[String]) -> Result<Tally> {
    println!(
        "\n{} {} failed, and run again by themselves:",
        mark("==>"),
        failed.len()
    );
    tests.args(["--", "--exact"]).args(failed).env(THREADS, "1");
    let alone = cargo_test(&mut tests, &mut Vec::new())?;
    if alone.failed > 0 || alone.passed < failed.len() as u64 {
        return Ok(all);
    }
    for name in failed {
        println!("{} {name}: it passed by itself only", mark("AGAIN"));
    }
    Ok(Tally {
        passed: all.passed + all.failed,
        failed: 0,
        again: all.failed,
        ..all
    })
}

const THREADS: &str = "RUST_TEST_THREADS";

/// How many tests run at the same time, unless it is said: most of them wait most of the time.
fn threads() -> String {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::env::var(THREADS).unwrap_or_else(|_| (3 * processors).to_string())
}

pub(super) fn soak(machine: &Machine) -> Result<Tally> {
    let url = machine.postgres()?;
    let mut tests = cargo();
    tests.args([
        "test",
        "--locked",
        "--release",
        "--workspace",
        "--no-fail-fast",
        "--features",
        FEATURES,
        "soak_",
        "--",
        "--ignored",
    ]);
    tests.args(["--test-threads", "1"]);
    cargo_test(tests.env(postgres::VARIABLE, url), &mut Vec::new())
}

/// Counts them; `failed` gets the names of those that failed.
fn cargo_test(tests: &mut std::process::Command, failed: &mut Vec<String>) -> Result<Tally> {
    let mut tally = Tally::default();
    // Binaries that have begun and not ended.
    let mut open = 0_u64;
    let well = watched(tests, |line| {
        failed.extend(Tally::failed_of_cargo(line).map(str::to_owned));
        open += u64::from(Tally::is_begun_by_cargo(line));
        if let Some(more) = Tally::of_cargo(line) {
            tally.add(more);
            open = open.saturating_sub(1);
        }
    })?;
    // A test that kills its process counts nothing by itself, nor does a crate that does not compile.
    tally.failed += open;
    if !well && tally.failed == 0 {
        tally.failed = 1;
    }
    if tally.passed == 0 && tally.failed == 0 {
        bail!("{} ran no test", shown(tests));
    }
    Ok(tally)
}
