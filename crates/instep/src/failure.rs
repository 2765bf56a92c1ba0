//! How a command fails, and what the shell is told.
//!
//! Commands return `anyhow::Result`; the error's text is the one sentence on stderr. Three kinds are
//! told apart: [`Usage`] (status 2), [`Reported`] (status 1, everything has been said already) and
//! [`OutputClosed`] (the reader of our output has seen enough: status 0).

use std::io::Write;
use std::process::ExitCode;

/// The command was called wrongly.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    pub(crate) fn error(sentence: impl Into<String>) -> anyhow::Error {
        Self(sentence.into()).into()
    }
}

/// The command failed, and has said why.
#[derive(Debug, thiserror::Error)]
#[error("failed, as said above")]
pub(crate) struct Reported;

/// Nobody reads our standard output any more, as with `instep user list | head`.
#[derive(Debug, thiserror::Error)]
#[error("standard output was closed")]
pub(crate) struct OutputClosed;

/// Prints the error, if any, and answers with the exit status that `surface.md` promises.
pub(crate) fn exit_status(result: anyhow::Result<()>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    if error.is::<OutputClosed>() {
        return ExitCode::SUCCESS;
    }
    if error.is::<Reported>() {
        return ExitCode::from(1);
    }
    report(&error);
    ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
}

/// One line on stderr.
pub(crate) fn report(error: &anyhow::Error) {
    say(&format!("error: {error:#}"));
}

/// One line on stderr; that nobody may be reading it is no reason to fail.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", crate::plain::plain(text));
}
