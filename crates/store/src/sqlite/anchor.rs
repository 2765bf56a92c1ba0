//! A read transaction that stays open while nobody commits, so that reading costs no system call.
//!
//! A reader of a write-ahead log locks its place in the log for as long as its statement runs: two calls of `fcntl` per
//! statement, which cost more than the statement itself. SQLite counts the locks of one process and asks the system
//! only for the first and the last one. The anchor holds the first.
//!
//! It reads nothing and is never asked anything: what readers see is decided by their own transactions. But a log
//! cannot begin anew while somebody reads in it; so the anchor is weighed for every commit of ours, and once in a
//! while, so that it does not hold up others who write.

use rusqlite::Connection;

use crate::error::Error;

pub(super) struct Anchor {
    connection: Connection,
}

impl Anchor {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Holds the log where it is now.
    pub(super) fn cast(&self) {
        if let Err(error) = self.hold() {
            // Only slower without.
            tracing::debug!(%error, "the log is not held");
            self.weigh();
        }
    }

    /// Lets go.
    pub(super) fn weigh(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = super::execute(&self.connection, "COMMIT", &[])
        {
            tracing::warn!(%error, "the log is still held");
        }
    }

    fn hold(&self) -> Result<(), Error> {
        super::execute(&self.connection, "BEGIN", &[])?;
        // The lock is taken by the first statement that reads.
        super::query(&self.connection, "SELECT 1 FROM organizations LIMIT 1", &[])?;
        Ok(())
    }
}
