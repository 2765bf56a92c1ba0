//! The lock file that tells `serve` that it is alone, and the making of the database file.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Held by the one process that serves this database; given back when dropped or when the process ends.
#[derive(Debug)]
pub struct ServeLock(Option<File>);

impl ServeLock {
    /// For databases that any number of processes may serve.
    pub(crate) fn shared() -> Self {
        Self(None)
    }

    /// Is this process the only one that serves the database, as long as the lock lives?
    pub fn is_exclusive(&self) -> bool {
        self.0.is_some()
    }
}

/// Takes `FILE.lock`, or says that somebody else serves.
pub(crate) fn serve_lock(path: &Path) -> Result<ServeLock, Error> {
    let file = private_file(&beside(path, ".lock")).map_err(|error| unavailable(path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(ServeLock(Some(file))),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(unavailable(path, &error)),
    }
}

/// Waits until no other process migrates the same file.
pub(super) fn migration_lock(path: &Path) -> Result<File, Error> {
    let file = private_file(&beside(path, ".migrate")).map_err(|error| unavailable(path, &error))?;
    file.lock().map_err(|error| unavailable(path, &error))?;
    Ok(file)
}

/// Makes the file, for its owner only; SQLite gives its log files the same rights.
pub(super) fn create_private(path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    private_file(path)
        .map(drop)
        .map_err(|error| unavailable(path, &error))
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The name beside the file itself, by whichever link it was called: all its users must meet at one lock.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let file = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

fn unavailable(path: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("{}: {error}", path.display()))
}
