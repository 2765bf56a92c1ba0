//! The steps of `cargo xtask test` and `cargo xtask soak`: all are run, whatever fails, and counted at the end.

mod cargo;
mod machine;
mod programs;
mod table;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::tally::Tally;

pub(crate) use machine::Machine;
pub(crate) use table::{SOAK, TEST};

pub(crate) struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Machine) -> Result<Tally>,
}

/// Runs the steps in their order (those named, if any are) and sums up.
pub(crate) fn run(steps: &'static [Step], only: &[String], list: bool) -> Result<ExitCode> {
    if list {
        for step in steps {
            println!("{:24} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = only
        .iter()
        .find(|name| steps.iter().all(|step| step.name != name.as_str()))
    {
        bail!("there is no step {unknown}; --list names them");
    }
    let mut machine = Machine::default();
    let mut results = Vec::new();
    for step in steps
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
    {
        println!("\n{} {}: {}", mark("==>"), step.name, step.what);
        let started = Instant::now();
        let tally = (step.run)(&mut machine).unwrap_or_else(|error| {
            println!("{} {}: {error:#}", mark("FAILED"), step.name);
            Tally::one_failed()
        });
        results.push((step, tally, started.elapsed()));
    }
    drop(machine);
    Ok(sum_up(&results))
}

fn mark(text: &str) -> String {
    if stdout().is_terminal() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn sum_up(results: &[(&'static Step, Tally, Duration)]) -> ExitCode {
    let mut all = Tally::default();
    println!(
        "\n{:26} {:>7} {:>7} {:>8} {:>9}",
        "step", "passed", "failed", "skipped", "seconds"
    );
    for (step, tally, time) in results {
        let Tally {
            passed,
            failed,
            skipped,
            again,
        } = *tally;
        let verdict = match (failed, again) {
            (0, 0) => "",
            (0, _) => "  AGAIN",
            _ => "  FAILED",
        };
        println!(
            "{:26} {passed:>7} {failed:>7} {skipped:>8} {:>9.1}{verdict}",
            step.name,
            time.as_secs_f64()
        );
        all.add(*tally);
    }
    if all.skipped > 0 {
        println!("\nskipped: the long forms, which `cargo xtask soak` runs");
    }
    println!("\n{all}");
    if all.failed == 0 && all.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
