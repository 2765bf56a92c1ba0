//! Counters of the work done, so that tests can show that the same work is done for few people and for many.

use std::sync::atomic::{AtomicU64, Ordering};

/// What this process has asked of the database since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Statements run, reads and writes.
    pub statements: u64,
    /// Rows read or changed.
    pub rows: u64,
    /// Transactions committed. On SQLite one commit may hold many writes.
    pub commits: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    statements: AtomicU64,
    rows: AtomicU64,
    commits: AtomicU64,
}

impl Counters {
    pub(crate) fn ran(&self, statements: usize, rows: usize) {
        self.statements.fetch_add(statements as u64, Ordering::Relaxed);
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }

    pub(crate) fn commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Stats {
        Stats {
            statements: self.statements.load(Ordering::Relaxed),
            rows: self.rows.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
        }
    }
}
