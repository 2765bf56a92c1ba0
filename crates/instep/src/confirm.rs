//! Asking before something is lost.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail};

use crate::failure::Usage;

/// Whether the person has agreed beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Given,
    Ask,
}

impl From<bool> for Consent {
    /// From a `--yes` switch.
    fn from(yes: bool) -> Self {
        if yes { Self::Given } else { Self::Ask }
    }
}

/// Comes back only if the person agrees. Without a terminal nobody can be asked, so it refuses.
pub(crate) fn confirm(consent: Consent, question: &str) -> anyhow::Result<()> {
    if consent == Consent::Given {
        return Ok(());
    }
    refuse_if_nobody_is_there()?;
    write!(std::io::stderr(), "{} [y/N] ", crate::plain::plain(question)).context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    if !is_yes(&answer) {
        bail!("nothing was done, as you did not answer yes");
    }
    Ok(())
}

/// Without a terminal nobody can be asked.
pub(crate) fn refuse_if_nobody_is_there() -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Usage::error("nobody can be asked here: add --yes if you mean it"));
    }
    Ok(())
}

/// Comes back only if the person types that number. Without a terminal nobody can be asked, so it refuses.
pub(crate) fn confirm_count(count: u64, question: &str) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Usage::error(
            "nobody can be asked here: add --yes and --count if you mean it",
        ));
    }
    write!(
        std::io::stderr(),
        "{} Type their number to go on: ",
        crate::plain::plain(question)
    )
    .context("cannot ask")?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    if answer.trim().parse() != Ok(count) {
        bail!("nothing was done, as you did not type {count}");
    }
    Ok(())
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        assert!(is_yes("y\n") && is_yes(" Yes\r\n"));
        assert!(!is_yes("") && !is_yes("no\n") && !is_yes("yes please"));
    }

    #[test]
    fn consent_given_beforehand_asks_nothing() {
        assert!(confirm(Consent::Given, "Really?").is_ok());
    }
}
