//! SQLite: one writer thread with group commit, read-only connections beside it.

mod anchor;
mod errors;
mod queue;
mod readers;
mod serving;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

pub(crate) use readers::Readers;
pub use serving::ServeLock;
pub(crate) use serving::serve_lock;
pub(crate) use writer::{Shared, Writer};

use crate::error::Error;
use crate::row::Row;
use crate::value::Value;
use anchor::Anchor;
use errors::translate;

/// How long to wait for another process that writes.
const BUSY_MILLIS: u32 = 5_000;
const STATEMENTS: usize = 256;
/// What a connection keeps in memory that only looks whether something has happened, in KiB.
const WATCHING: usize = 256;

/// An open SQLite database.
pub(crate) struct Sqlite {
    pub(crate) path: PathBuf,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    /// `PRAGMA data_version` compares only with itself, on one connection.
    watcher: Mutex<Connection>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, shared: Shared) -> Result<Self, Error> {
        serving::create_private(path)?;
        let connection = {
            let _alone = serving::migration_lock(path)?;
            let mut connection = open_writer(path)?;
            crate::migrations::sqlite(&mut connection)?;
            connection
        };
        let readers = Readers::new(path.to_owned());
        let watcher = Mutex::new(open_reader(path, WATCHING)?);
        Ok(Self {
            path: path.to_owned(),
            writer: Writer::start(connection, Anchor::new(open_reader(path, WATCHING)?), shared)?,
            readers,
            watcher,
        })
    }

    /// A number that changes whenever anybody, in whichever process, has committed.
    pub(crate) fn data_version(&self) -> Result<i64, Error> {
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        watcher
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .map_err(|error| translate("PRAGMA data_version", error))
    }
}

fn open_writer(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| translate("open", error))?;
    // The write-ahead log is written back every 16 MB: less often than SQLite would, so that hot pages are written
    // once for many commits. What is kept in memory is not much: SQLite goes through its table of all of it at most commits
    // that divide a page, and the system has the rest.
    let set_up = format!(
        "PRAGMA busy_timeout = {BUSY_MILLIS};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4096;
         PRAGMA journal_size_limit = 67108864;"
    );
    prepare(connection, &set_up)
}

/// A connection that reads, and keeps so many KiB of the database in memory.
fn open_reader(path: &Path, cache: usize) -> Result<Connection, Error> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| translate("open", error))?;
    let set_up = format!(
        "PRAGMA busy_timeout = {BUSY_MILLIS};
         PRAGMA query_only = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{cache};"
    );
    prepare(connection, &set_up)
}

fn prepare(connection: Connection, set_up: &str) -> Result<Connection, Error> {
    connection
        .execute_batch(set_up)
        .map_err(|error| translate(set_up, error))?;
    // A plan must not depend on the values of parameters: SQLite would prepare anew whenever they change.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(|error| translate("ENABLE_QPSG", error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

pub(crate) fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
    read_all(connection, sql, params).map_err(|error| translate(sql, error))
}

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<u64, Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(params)))
        .map(|changed| changed as u64)
        .map_err(|error| translate(sql, error))
}

fn read_all(connection: &Connection, sql: &str, params: &[Value]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = (0..width).map(|column| own(row.get_ref(column)?, column));
        out.push(Row::new(columns.collect::<Result<_, _>>()?));
    }
    Ok(out)
}

fn own(value: ValueRef<'_>, column: usize) -> rusqlite::Result<Value> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => std::str::from_utf8(text)
            .map(Value::from)
            .map_err(|error| rusqlite::Error::Utf8Error(column, error)),
        ValueRef::Blob(bytes) => Ok(Value::from(bytes)),
        ValueRef::Real(_) => Err(rusqlite::Error::InvalidColumnType(
            column,
            String::new(),
            rusqlite::types::Type::Real,
        )),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
