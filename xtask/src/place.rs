//! Where things are: the clone, the target directory, the tools below it.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the clone that cargo runs us in.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask)
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo builds: `CARGO_TARGET_DIR`, or a directory outside the clone.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .filter(|dir| !dir.is_empty())
        .map_or_else(
            || {
                PathBuf::from(env::var_os("HOME").unwrap_or_else(|| "/root".into()))
                    .join(".cache/instep-target")
            },
            PathBuf::from,
        )
}

/// What is installed for the tests and for nothing else.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

pub(crate) fn venv() -> PathBuf {
    tools().join("venv")
}

/// A program of ours, built for development.
pub(crate) fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// The same, built for release.
pub(crate) fn released(name: &str) -> PathBuf {
    target().join("release").join(name)
}
