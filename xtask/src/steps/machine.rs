//! What is set up once for all steps.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place;
use crate::postgres::{Durability, Postgres};
use crate::process::{cargo, run};

/// What several steps share, made when it is first asked for.
#[derive(Default)]
pub(crate) struct Machine {
    postgres: Option<Postgres>,
    built: bool,
    released: bool,
    /// Where the server's tests have written their SCIM exchanges down.
    pub(super) exchanges: Option<PathBuf>,
}

impl Machine {
    pub(crate) fn postgres(&mut self) -> Result<String> {
        let server = match self.postgres.take() {
            Some(server) => server,
            None => Postgres::start(Durability::Lax)?,
        };
        Ok(self.postgres.insert(server).url().to_owned())
    }

    /// A fresh file for the server's tests to write their SCIM exchanges to.
    pub(super) fn record(&mut self) -> Result<&Path> {
        let file = place::target().join("scim-exchanges.jsonl");
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        Ok(self.exchanges.insert(file))
    }

    /// Our programs, built for development.
    pub(crate) fn programs(&mut self) -> Result<()> {
        if !self.built {
            run(cargo().args([
                "build",
                "--locked",
                "--package",
                "instep",
                "--package",
                "testkit",
                "--bins",
            ]))?;
            self.built = true;
        }
        Ok(())
    }

    /// The program as people run it: what `--instep` is to name.
    pub(crate) fn release(&mut self) -> Result<String> {
        if !self.released {
            run(cargo().args(["build", "--locked", "--release", "--package", "instep"]))?;
            self.released = true;
        }
        let path = place::released("instep").into_os_string().into_string();
        path.ok().context("the target directory has an odd name")
    }
}
