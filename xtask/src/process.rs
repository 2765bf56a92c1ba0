//! Running other programs: every command is shown, every failure is an error that names it.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, pipe};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::place;

thread_local! {
    static LABEL: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Puts a name before every line that this thread and its commands print from now on: others print at the same time.
pub(crate) fn label(name: &'static str) {
    LABEL.set(Some(name));
}

/// Prints what is about the step that this thread runs.
pub(crate) fn say(text: &str) {
    match LABEL.get() {
        None => println!("{text}"),
        Some(label) => text.lines().for_each(|line| println!("{label:>22} | {line}")),
    }
}

/// A command in the clone, with the target directory set and nothing on its standard input.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(place::root())
        .env("CARGO_TARGET_DIR", place::target())
        .stdin(Stdio::null());
    command
}

pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs it to its end, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let well = if LABEL.get().is_some() {
        watched(command, |_| {})?
    } else {
        say(&format!("$ {}", shown(command)));
        spawned(command)?.wait()?.success()
    };
    if !well {
        bail!("{} failed", shown(command));
    }
    Ok(())
}

fn spawned(command: &mut Command) -> Result<Child> {
    command
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))
}

/// Runs it to its end and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}: {}",
            shown(command),
            output.status,
            words.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it can be started and ends well; says nothing.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs it to its end, passing each line of its standard output on and to `see`; whether it ended well.
pub(crate) fn watched(command: &mut Command, see: impl FnMut(&str)) -> Result<bool> {
    say(&format!("$ {}", shown(command)));
    let mut child;
    if LABEL.get().is_some() {
        // What it complains of has to say whose it is, too.
        let (reader, writer) = pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        child = spawned(command)?;
        // Else it would hold the pipe open.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        pass_on(reader, see)?;
    } else {
        child = spawned(command.stdout(Stdio::piped()))?;
        if let Some(stdout) = child.stdout.take() {
            pass_on(stdout, see)?;
        }
    }
    Ok(child.wait()?.success())
}

fn pass_on(from: impl Read, mut see: impl FnMut(&str)) -> Result<()> {
    for line in BufReader::new(from).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        say(&line);
        see(&line);
    }
    Ok(())
}
