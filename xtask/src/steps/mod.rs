//! The steps of `cargo xtask test` and `cargo xtask soak`: all are run, whatever fails, and counted at the end.

mod cargo;
mod machine;
mod programs;
mod table;

use std::io::{IsTerminal, stdout};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::{label, say};
use crate::tally::Tally;
use crate::tools;

pub(crate) use machine::Machine;
pub(crate) use table::{SOAK, TEST};

pub(crate) struct Step {
    name: &'static str,
    what: &'static str,
    run: Run,
    /// Whether it runs beside others that may, too.
    is_beside: bool,
}

type Run = fn(&Machine) -> Result<Tally>;

/// A step that has the machine for itself.
const fn alone(name: &'static str, what: &'static str, run: Run) -> Step {
    Step {
        name,
        what,
        run,
        is_beside: false,
    }
}

/// A step that waits most of the time: several run at the same time.
const fn beside(name: &'static str, what: &'static str, run: Run) -> Step {
    Step {
        is_beside: true,
        ..alone(name, what, run)
    }
}

/// What came of a step, and how long it took.
struct Done {
    step: &'static Step,
    tally: Tally,
    time: Duration,
}

impl Step {
    fn done(&'static self, machine: &Machine) -> Done {
        say(&format!("\n{} {}: {}", mark("==>"), self.name, self.what));
        let started = Instant::now();
        let tally = (self.run)(machine).unwrap_or_else(|error| {
            say(&format!("{} {}: {error:#}", mark("FAILED"), self.name));
            Tally::one_failed()
        });
        Done {
            step: self,
            tally,
            time: started.elapsed(),
        }
    }
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
    let is_wanted = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    let wanted: Vec<&Step> = steps.iter().filter(is_wanted).collect();
    let machine = Machine::default();
    let mut done = Vec::new();
    thread::scope(|scope| {
        if only.is_empty() && wanted.iter().any(|step| step.is_beside) {
            // What comes over the network is waited for beside the compiler.
            scope.spawn(|| {
                label("install");
                tools::all();
            });
        }
        for steps in wanted.chunk_by(|one, next| one.is_beside && next.is_beside) {
            match steps {
                [step] => done.push(step.done(&machine)),
                _ => done.extend(side_by_side(steps, &machine)),
            }
        }
    });
    drop(machine);
    Ok(sum_up(&done))
}

/// As many at a time as there are processors and one more, each begun in its turn.
fn side_by_side(steps: &[&'static Step], machine: &Machine) -> Vec<Done> {
    let lanes = thread::available_parallelism().map_or(1, NonZero::get) + 1;
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut all = Vec::new();
        while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
            label(step.name);
            all.push(step.done(machine));
        }
        all
    };
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        let all = lanes
            .into_iter()
            .map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        all.flatten().collect()
    })
}

fn mark(text: &str) -> String {
    if stdout().is_terminal() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

fn sum_up(all_done: &[Done]) -> ExitCode {
    let mut all = Tally::default();
    println!(
        "\n{:26} {:>7} {:>7} {:>8} {:>9}",
        "step", "passed", "failed", "skipped", "seconds"
    );
    for Done { step, tally, time } in all_done {
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
