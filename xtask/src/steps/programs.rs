//! Steps in which our own programs run: what the server's tests have recorded, and the demo.

use std::fs;

use anyhow::{Context, Result, bail};

use super::Machine;
use crate::outside::{Database, script};
use crate::place;
use crate::postgres;
use crate::process::{cargo, command, output, run, say};
use crate::tally::Tally;

/// What makes the server's tests write their SCIM exchanges down.
pub(super) const RECORD: &str = "INSTEP_RECORD_SCIM";

pub(super) fn answers(machine: &Machine) -> Result<Tally> {
    let exchanges = if let Some(exchanges) = machine.recorded() {
        exchanges
    } else {
        let url = machine.postgres()?;
        let exchanges = machine.record()?;
        let mut tests = cargo();
        tests.args([
            "test",
            "--locked",
            "--package",
            "server",
            "--features",
            "server/postgres-tests",
        ]);
        run(tests.env(postgres::VARIABLE, url).env(RECORD, &exchanges))?;
        exchanges
    };
    let path = exchanges
        .to_str()
        .context("the target directory has an odd name")?;
    let tally = script("answers.py", Database::Sqlite, &["--exchanges", path])?;
    fs::remove_file(&exchanges).with_context(|| format!("cannot remove {path}"))?;
    Ok(tally)
}

pub(super) fn demo(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    let mut demo = command(place::program("instep"));
    demo.args([
        "demo",
        "--users",
        "2000",
        "--exit",
        "--listen",
        "127.0.0.1:0",
        "--output",
        "json",
    ]);
    let printed = output(&mut demo)?;
    say(printed.trim());
    if printed.trim().lines().count() != 1 {
        bail!("the demo must print one line on its standard output");
    }
    for wanted in ["\"errors\":0,", "\"hub_matches_directory\":true"] {
        if !printed.replace(' ', "").contains(wanted) {
            bail!("the demo's closing line lacks {wanted}");
        }
    }
    Ok(Tally::one_passed())
}
