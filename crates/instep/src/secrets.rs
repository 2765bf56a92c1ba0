//! Secrets that come from a file or from a flag.

use std::path::Path;

use anyhow::{Context, bail};
use base::Secret;
use clap::builder::{StringValueParser, TypedValueParser};
use serde::{Serialize, Serializer};

/// Reads the file's text without the white space around it.
pub(crate) fn read(path: &Path) -> anyhow::Result<Secret> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.trim();
    if text.is_empty() {
        bail!("{} is empty: put the secret into it", path.display());
    }
    Ok(Secret::new(text))
}

/// The secret itself, or the one in the file; an empty one is none.
pub(crate) fn resolve(secret: Option<&Secret>, file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    if let Some(secret) = secret.filter(|secret| !secret.expose().trim().is_empty()) {
        return Ok(Some(Secret::new(secret.expose().trim())));
    }
    file.map(read).transpose()
}

/// For clap: any text, hidden from then on.
pub(crate) fn parser() -> impl TypedValueParser<Value = Secret> {
    StringValueParser::new().map(Secret::new)
}

/// A secret that is printed on purpose, this once.
#[derive(Debug)]
pub(crate) struct Disclosed(pub(crate) Secret);

impl Serialize for Disclosed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_without_its_line_break() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("token");
        std::fs::write(&path, "abc\n").expect("written");
        assert_eq!(read(&path).expect("read").expose(), "abc");

        std::fs::write(&path, "\n").expect("written");
        let error = read(&path).expect_err("empty").to_string();
        assert!(error.ends_with("is empty: put the secret into it"), "{error}");
    }

    #[test]
    fn an_empty_secret_is_none() {
        assert!(
            resolve(Some(&Secret::new("  ")), None)
                .expect("no file")
                .is_none()
        );
    }
}
