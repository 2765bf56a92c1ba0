//! `cargo xtask bench`: builds for release, starts PostgreSQL, runs the benchmark program of `crates/bench`.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::place;
use crate::postgres::{self, Durability, Postgres};
use crate::process::{cargo, run as run_command};

pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    if !place::root().join("crates/bench/Cargo.toml").exists() {
        bail!("there is no benchmark program: crates/bench is missing");
    }
    let postgres = Postgres::start(Durability::Full)?;
    run_command(cargo().args([
        "build",
        "--locked",
        "--release",
        "--package",
        "instep",
        "--package",
        "bench",
    ]))?;
    let mut bench = cargo();
    bench
        .args([
            "run",
            "--locked",
            "--release",
            "--quiet",
            "--package",
            "bench",
            "--",
        ])
        .args(arguments);
    bench.env(postgres::VARIABLE, postgres.url());
    bench.env("INSTEP_BENCH_PROGRAM", place::released("instep"));
    run_command(&mut bench)?;
    Ok(ExitCode::SUCCESS)
}
