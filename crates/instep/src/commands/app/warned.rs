//! What an answer about an app warns of, and whether its target was verified.

use serde::Deserialize;
use serde_json::Value;

use crate::failure::say;
use crate::output::read;
use crate::said::Said;

#[derive(Deserialize)]
struct Warned {
    #[serde(default)]
    warnings: Vec<Said>,
    #[serde(default)]
    verified: Option<Verified>,
}

/// What was found of the target when the app was activated.
#[derive(Debug, Deserialize)]
pub(super) struct Verified {
    ok: bool,
    text: String,
}

impl Verified {
    /// What confirms it, if there is something to confirm.
    pub(super) fn confirmation(verified: Option<&Self>) -> String {
        match verified {
            Some(Self { ok: true, text }) => format!(": {text}"),
            _ => String::new(),
        }
    }
}

/// Says what does not work as it is set, or what the target answered.
pub(super) fn say_warnings(answer: &Value) -> anyhow::Result<()> {
    let warned: Warned = read(answer)?;
    if let Some(Verified { ok: false, text }) = &warned.verified {
        say(&format!("warning: not verified: {text}"));
    }
    for warning in &warned.warnings {
        say(&format!("warning: {}", warning.text()));
    }
    Ok(())
}
