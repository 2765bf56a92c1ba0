//! `cargo xtask fuzz TARGET`: one of the targets of `crates/fuzz-targets` under libFuzzer.
//!
//! The coverage that libFuzzer follows is put in by a pass of LLVM that stable Rust can be asked for too; sanitizers,
//! which it cannot, have little to look for in code without `unsafe`.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::place;
use crate::process::{cargo, command, output, run as run_command};

const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// The longest input that is tried, in bytes.
const LONGEST: usize = 4_096;

pub(crate) fn run(target: Option<&str>, seconds: u32) -> Result<ExitCode> {
    let targets = targets()?;
    let chosen: Vec<&String> = match target {
        None => targets.iter().collect(),
        Some(name) => targets.iter().filter(|known| *known == name).collect(),
    };
    if chosen.is_empty() {
        bail!("the targets are {}", targets.join(", "));
    }
    let host = host()?;
    run_command(
        cargo()
            .args([
                "build",
                "--locked",
                "--release",
                "--manifest-path",
                "fuzz/Cargo.toml",
                "--bins",
            ])
            .args(["--target", &host])
            .env("RUSTFLAGS", COVERAGE),
    )?;
    for name in chosen {
        fuzz(name, &host, seconds)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn fuzz(name: &str, host: &str, seconds: u32) -> Result<()> {
    let seeds = place::root().join("fuzz/corpus").join(name);
    // What it finds on its way stays, and is where it goes on the next time.
    let found = place::target().join("fuzz").join(name);
    fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
    let failures = format!(
        "-artifact_prefix={}/failure-",
        place::target().join("fuzz").display()
    );
    let mut fuzzer = command(place::target().join(host).join("release").join(name));
    fuzzer.args([&found, &seeds]).args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={LONGEST}"),
        "-timeout=10".to_owned(),
        "-rss_limit_mb=2048".to_owned(),
        "-print_final_stats=1".to_owned(),
        "-verbosity=0".to_owned(),
        failures,
    ]);
    run_command(&mut fuzzer)
}

fn targets() -> Result<Vec<String>> {
    let folder = place::root().join("fuzz/fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        if let Some(name) = entry?.path().file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// What we are built for, such as `x86_64-unknown-linux-gnu`.
fn host() -> Result<String> {
    let version = output(command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc does not say what it is built for")
}
