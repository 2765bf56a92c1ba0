//! What can go wrong in storage, in the words of whoever asked for it.

use std::error::Error as Cause;
use std::fmt;

/// A cause that is kept for the log.
pub type BoxError = Box<dyn Cause + Send + Sync>;

/// Why a read or a write failed. Whatever the variant, a failed write left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key that must be unique is taken; `what` is its column without the suffix `_key`, such as `user_name`.
    #[error("{what} is already in use")]
    Conflict { what: String },
    /// The row has another version than the writer expected.
    #[error("the version has changed to {current}")]
    VersionMismatch { current: i64 },
    #[error("there is no such row")]
    NotFound,
    /// The row is not as the writer knew it, or gone.
    #[error("somebody else was quicker")]
    Overtaken,
    /// A row that others point to cannot go, or a row points to one that is gone.
    #[error("a row refers to one that does not exist")]
    Reference,
    /// Others were in the way for too long; the same write may well succeed a little later.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached or cannot write; `0` says why.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The file is locked by a running server.
    #[error("another instep is serving {0}")]
    InUse(String),
    /// The caller gave up the write for a reason of its own; see [`Error::refuse`].
    #[error(transparent)]
    Refused(BoxError),
    /// A bug or a damaged database. The cause is for the log, not for the client.
    #[error("internal storage error: {0}")]
    Internal(#[source] BoxError),
}

impl Error {
    /// Ends a write with an error of the caller's own, which [`Error::refusal`] gives back after the rollback.
    pub fn refuse(reason: impl Cause + Send + Sync + 'static) -> Self {
        Self::Refused(Box::new(reason))
    }

    /// The caller's own error, if it is of this type; otherwise the storage error.
    pub fn refusal<E: Cause + Send + Sync + 'static>(self) -> Result<E, Self> {
        match self {
            Self::Refused(reason) => reason.downcast().map(|reason| *reason).map_err(Self::Refused),
            other => Err(other),
        }
    }

    /// A bug, told in one sentence.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal(what.into().into())
    }

    pub(crate) fn conflict(column: &str) -> Self {
        let what = column.strip_suffix("_key").unwrap_or(column).to_owned();
        Self::Conflict { what }
    }

    /// A reference that broke although it was looked after means that somebody else was quicker: try again.
    pub(crate) fn raced(self) -> Self {
        match self {
            Self::Reference => Self::Busy,
            other => other,
        }
    }

    /// The same news for another write that shared the failed transaction.
    pub(crate) fn shared(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            other => Self::internal(other.to_string()),
        }
    }
}

/// A driver's error together with the statement that met it.
#[derive(Debug)]
pub(crate) struct StatementError<E> {
    pub(crate) sql: String,
    pub(crate) source: E,
}

impl<E: fmt::Display> fmt::Display for StatementError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in: {})", self.source, self.sql)
    }
}

impl<E: Cause + 'static> Cause for StatementError<E> {
    fn source(&self) -> Option<&(dyn Cause + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_comes_back_as_what_it_was() {
        let error = Error::refuse(fmt::Error);
        assert_eq!(error.refusal::<fmt::Error>().expect("own error"), fmt::Error);
        assert!(matches!(Error::Busy.refusal::<fmt::Error>(), Err(Error::Busy)));
    }
}
