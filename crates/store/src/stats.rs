//! Counters of the work done, so that tests can show that the same work is done for few people and for many.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::value::Value;

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

/// A statement that was run, with values that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub sql: String,
    pub params: Vec<Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    statements: AtomicU64,
    rows: AtomicU64,
    commits: AtomicU64,
    /// Every text, with the values that it was first given; nothing as long as nobody wants to know.
    asked: OnceLock<Mutex<BTreeMap<String, Vec<Value>>>>,
}

impl Counters {
    /// A statement was run once.
    pub(crate) fn ran(&self, sql: &str, params: &[Value], rows: usize) {
        self.ran_often(sql, std::slice::from_ref(&params), rows);
    }

    /// A statement was run once for each set of values.
    pub(crate) fn ran_often<P: AsRef<[Value]>>(&self, sql: &str, sets: &[P], rows: usize) {
        self.statements.fetch_add(sets.len() as u64, Ordering::Relaxed);
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
        if let (Some(asked), Some(params)) = (self.asked.get(), sets.first()) {
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked
                .entry(sql.to_owned())
                .or_insert_with(|| params.as_ref().to_vec());
        }
    }

    /// What was asked since this was last called; nothing the first time.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let asked = self.asked.get_or_init(Mutex::default);
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *asked)
            .into_iter()
            .map(|(sql, params)| Asked { sql, params })
            .collect()
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
