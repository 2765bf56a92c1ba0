//! What is set up once for all steps.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

use super::cargo::FEATURES;
use crate::place;
use crate::postgres::{Durability, Postgres};
use crate::process::{cargo, run};

/// What several steps share, made when it is first asked for; whoever asks in the meantime waits.
#[derive(Default)]
pub(crate) struct Machine {
    postgres: Mutex<Option<Postgres>>,
    built: Mutex<Built>,
    /// Where the server's tests have written their SCIM exchanges down.
    exchanges: Mutex<Option<PathBuf>>,
}

#[derive(Default)]
struct Built {
    /// All tests, and with them our programs.
    tests: bool,
    programs: bool,
    release: bool,
}

/// Whoever panicked with it has ended the run.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Machine {
    pub(crate) fn postgres(&self) -> Result<String> {
        let mut postgres = locked(&self.postgres);
        let server = match postgres.take() {
            Some(server) => server,
            None => Postgres::start(Durability::Lax)?,
        };
        Ok(postgres.insert(server).url().to_owned())
    }

    /// A fresh file for the server's tests to write their SCIM exchanges to.
    pub(super) fn record(&self) -> Result<PathBuf> {
        let file = place::target().join("scim-exchanges.jsonl");
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(locked(&self.exchanges).insert(file).clone())
    }

    /// What they have written, once.
    pub(super) fn recorded(&self) -> Option<PathBuf> {
        locked(&self.exchanges).take()
    }

    /// The tests of all crates are built from now on.
    pub(super) fn has_tests(&self) {
        locked(&self.built).tests = true;
    }

    /// Our programs, built for development.
    pub(crate) fn programs(&self) -> Result<()> {
        let mut built = locked(&self.built);
        if !built.programs {
            let mut build = cargo();
            build.args(["build", "--locked", "--bins"]);
            if built.tests {
                // With what the tests are built with, so that nothing is built twice: none of it is for our own code.
                build.args(["--workspace", "--tests", "--features", FEATURES]);
            } else {
                build.args(["--package", "instep", "--package", "testkit"]);
            }
            run(&mut build)?;
            built.programs = true;
        }
        Ok(())
    }

    /// The program as people run it: what `--instep` is to name.
    pub(crate) fn release(&self) -> Result<String> {
        let mut built = locked(&self.built);
        if !built.release {
            run(cargo().args(["build", "--locked", "--release", "--package", "instep"]))?;
            built.release = true;
        }
        let path = place::released("instep").into_os_string().into_string();
        path.ok().context("the target directory has an odd name")
    }
}
