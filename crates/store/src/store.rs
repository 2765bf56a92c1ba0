//! The store: one database, opened.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use base::{Ambient, OrgId};
use tokio::sync::{broadcast, watch};

use crate::error::Error;
use crate::postgres::Postgres;
use crate::row::Row;
use crate::signal::Signal;
use crate::sqlite::{self, ServeLock, Shared, Sqlite};
use crate::stats::{Asked, Counters, Stats};
use crate::tx::{Query, Write};
use crate::value::Value;
use crate::watcher::Watcher;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    /// Reads `sqlite://PATH` or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() && path != ":memory:" => Ok(Self::Sqlite(path.into())),
            _ => Err(Error::Unavailable(
                "the database is given as sqlite://PATH or postgres://USER@HOST/NAME".to_owned(),
            )),
        }
    }
}

/// Shows no more of a PostgreSQL address than its kind: it may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// One open database; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Open>);

struct Open {
    backend: Backend,
    shared: Shared,
}

enum Backend {
    Sqlite(Box<Sqlite>),
    Postgres(Postgres),
}

impl Store {
    /// Opens the database, makes it if it is an SQLite file that does not exist, and brings its tables up to date.
    pub async fn open(database: &Database, ambient: Ambient) -> Result<Self, Error> {
        let shared = Shared {
            ambient,
            counters: Arc::new(Counters::default()),
            signal: Arc::new(Signal::new()),
        };
        let backend = match database {
            Database::Sqlite(path) => Backend::Sqlite(Box::new(Sqlite::open(path, shared.clone())?)),
            Database::Postgres(url) => Backend::Postgres(Postgres::open(url).await?),
        };
        Ok(Self(Arc::new(Open { backend, shared })))
    }

    /// Runs a write and returns when it is committed; see [`Write`].
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Out, Error> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.write(write).await,
            Backend::Postgres(postgres) => {
                let Shared {
                    ambient,
                    counters,
                    signal,
                } = &self.0.shared;
                let (out, fed) = postgres.write(&write, ambient, counters).await?;
                signal.committed(&fed);
                Ok(out)
            }
        }
    }

    /// Asks beside the writer: each statement sees what was committed when it began.
    pub fn reader(&self) -> Reader {
        Reader(self.clone())
    }

    /// One question beside the writer.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let rows = match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.readers.query(sql, params)?,
            Backend::Postgres(postgres) => postgres.query(sql, params).await?,
        };
        self.0.shared.counters.ran(sql, params, rows.len());
        Ok(rows)
    }

    async fn scan(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        if let Backend::Postgres(postgres) = &self.0.backend {
            let rows = postgres.query_alone(sql, params).await?;
            self.0.shared.counters.ran(sql, params, rows.len());
            return Ok(rows);
        }
        let (store, text, values) = (self.clone(), sql.to_owned(), params.to_vec());
        let scanning = tokio::task::spawn_blocking(move || match &store.0.backend {
            Backend::Sqlite(sqlite) => sqlite.readers.scan(&text, &values),
            Backend::Postgres(_) => Ok(Vec::new()),
        });
        let rows = scanning.await.map_err(|error| Error::Internal(error.into()))??;
        self.0.shared.counters.ran(sql, params, rows.len());
        Ok(rows)
    }

    /// Time and randomness, as given when the store was opened.
    pub fn ambient(&self) -> &Ambient {
        &self.0.shared.ambient
    }

    /// Counts the commits of this process that wrote into a change feed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.shared.signal.count()
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<OrgId> {
        self.0.shared.signal.listen()
    }

    /// Waits for changes of this process and of others.
    pub async fn watch(&self) -> Result<Watcher, Error> {
        Watcher::new(self.clone()).await
    }

    /// A number that changes when anybody has committed, in this process or another. It may also change without.
    pub async fn data_version(&self) -> Result<i64, Error> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.data_version(),
            Backend::Postgres(postgres) => postgres.data_version().await,
        }
    }

    /// Claims to be the one process that serves this database. Any number may serve one on PostgreSQL.
    pub fn serve_lock(&self) -> Result<ServeLock, Error> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite::serve_lock(&sqlite.path),
            Backend::Postgres(_) => Ok(ServeLock::shared()),
        }
    }

    /// The work done since the store was opened.
    pub fn stats(&self) -> Stats {
        self.0.shared.counters.read()
    }

    /// Has PostgreSQL look at how much provisioning there is to do and how much is done, as it does by itself once a minute:
    /// its plans depend on that.
    pub async fn analyze_work(&self) -> Result<(), Error> {
        match &self.0.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(postgres) => {
                let sql = "ANALYZE lanes, links, memberships, account_references";
                postgres.query_alone(sql, &[]).await.map(drop)
            }
        }
    }

    /// The same of everything there is.
    pub async fn analyze(&self) -> Result<(), Error> {
        match &self.0.backend {
            Backend::Sqlite(_) => Ok(()),
            Backend::Postgres(postgres) => postgres.query_alone("ANALYZE", &[]).await.map(drop),
        }
    }

    /// Every statement that was run since this was last called, once each; the first call begins. For tests that look at
    /// their plans.
    pub fn asked(&self) -> Vec<Asked> {
        self.0.shared.counters.asked()
    }

    /// How the database goes about a statement, as it puts it; on PostgreSQL as if there were too much to read whole
    /// tables.
    pub async fn explain(&self, asked: &Asked) -> Result<Vec<String>, Error> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => {
                let rows = sqlite
                    .readers
                    .query(&format!("EXPLAIN QUERY PLAN {}", asked.sql), &asked.params)?;
                rows.into_iter().map(|mut row| row.take_text(3)).collect()
            }
            Backend::Postgres(postgres) => postgres.explain(asked).await,
        }
    }

    /// The last number of an organization's feed behind which no smaller one can still appear; see `changes`.
    pub(crate) async fn feed_head(&self, org: OrgId) -> Result<i64, Error> {
        match &self.0.backend {
            Backend::Sqlite(_) => {
                let head = self.reader().first(crate::changes::HEAD, &[org.into()]).await?;
                head.map_or(Ok(0), |row| row.int(0))
            }
            Backend::Postgres(postgres) => {
                let Shared {
                    ambient, counters, ..
                } = &self.0.shared;
                postgres.feed_head(org, ambient, counters).await
            }
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.backend {
            Backend::Sqlite(_) => "Store(SQLite)",
            Backend::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

/// Asks beside the writer.
#[derive(Debug, Clone)]
pub struct Reader(Store);

impl Query for Reader {
    async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.0.query(sql, params).await
    }

    async fn scan(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.0.scan(sql, params).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_hidden() {
        let sqlite = Database::parse("sqlite:///var/lib/instep.db").expect("a path");
        assert_eq!(sqlite, Database::Sqlite("/var/lib/instep.db".into()));
        let postgres = Database::parse("postgres://anna:secret@db/instep").expect("a URL");
        assert!(!format!("{postgres:?}").contains("secret"));
        for wrong in ["", "sqlite://", "sqlite://:memory:", "mysql://x", "instep.db"] {
            assert!(Database::parse(wrong).is_err(), "{wrong}");
        }
    }
}
