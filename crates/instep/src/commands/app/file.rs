//! Files that commands read: `-` is standard input.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// A file's text.
pub(crate) fn contents(path: &Path) -> anyhow::Result<String> {
    if path.as_os_str() == "-" {
        return std::io::read_to_string(std::io::stdin().lock().by_ref())
            .context("cannot read standard input");
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A file that holds JSON.
pub(crate) fn json(path: &Path) -> anyhow::Result<Value> {
    let text = contents(path)?;
    serde_json::from_str(&text)
        .context("it is not JSON")
        .with_context(|| format!("cannot use {}", path.display()))
}
