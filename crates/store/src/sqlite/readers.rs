//! Read-only connections beside the writer. A point read takes microseconds and runs where it is asked for.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::{open_reader, query};
use crate::error::Error;
use crate::row::Row;
use crate::value::Value;

/// How many idle connections are kept. More are opened when more are needed at once, and closed afterwards.
const KEPT: usize = 16;
/// What all connections for point reads may keep of the database in memory, in KiB; as many are used as there are
/// processors. In a directory of a million people it holds the upper pages of every index and most of the lower ones.
const POINTS: usize = 128 * 1024;
/// What each of them keeps, at least and at most.
const POINT: (usize, usize) = (8 * 1024, 64 * 1024);
/// What a connection for larger reads keeps: they pass by much and come back to little.
const SCAN: usize = 8 * 1024;

pub(crate) struct Readers {
    points: Idle,
    scans: Idle,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let point = (POINTS / processors).clamp(POINT.0, POINT.1);
        Self {
            points: Idle::new(path.clone(), point),
            scans: Idle::new(path, SCAN),
        }
    }

    /// A point read, or a page.
    pub(crate) fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.points.query(sql, params)
    }

    /// A read of more.
    pub(crate) fn scan(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.scans.query(sql, params)
    }
}

/// Connections that wait to be used; the one that was used last is used first.
struct Idle {
    path: PathBuf,
    /// In KiB.
    cache: usize,
    connections: Mutex<Vec<Connection>>,
}

impl Idle {
    fn new(path: PathBuf, cache: usize) -> Self {
        Self {
            path,
            cache,
            connections: Mutex::new(Vec::with_capacity(KEPT)),
        }
    }

    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let idle = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = idle.map_or_else(|| open_reader(&self.path, self.cache), Ok)?;
        let rows = query(&connection, sql, params);
        let mut idle = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        rows
    }
}
