//! The checks from outside: Python, nothing of ours imported, the programs as anyone would run them.

use anyhow::{Context, Result};

use crate::place;
use crate::process::{command, watched};
use crate::tally::Tally;
use crate::tools;

/// Which database the programs under test use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database<'a> {
    Sqlite,
    Postgres(&'a str),
}

/// Runs one script of `tests/outside`, which counts for itself.
pub(crate) fn script(name: &str, database: Database<'_>, more: &[&str]) -> Result<Tally> {
    tools::python_environment()?;
    let mut python = command("python3");
    python
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg("-u")
        .arg(place::root().join("tests/outside").join(name));
    python
        .arg("--instep")
        .arg(place::program("instep"))
        .arg("--tools")
        .arg(place::venv().join("bin"));
    python.arg("--fake-target").arg(place::program("fake-target"));
    if let Database::Postgres(url) = database {
        python.args(["--postgres", url]);
    }
    python.args(more);
    let mut last = None;
    let well = watched(&mut python, |line| last = Tally::of_script(line).or(last))?;
    let mut tally = last.with_context(|| format!("{name} closed without a line that counts its checks"))?;
    if !well && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}
