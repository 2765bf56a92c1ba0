//! PostgreSQL: a pool of connections, statements prepared once on each, a transaction for every write; shared connections
//! for short questions.

mod errors;
mod growth;
mod lines;
mod rows;
mod session;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use base::{Ambient, OrgId};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use futures_util::FutureExt as _;
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

pub(crate) use session::Session;

use crate::error::Error;
use crate::row::Row;
use crate::sql::Texts;
use crate::stats::{Asked, Counters};
use crate::tx::{Lock, Query as _, Tx, Write, fnv};
use crate::value::Value;
use errors::{refused, translate};
use growth::Growth;
use lines::Lines;

/// How many connections one process opens at most, besides the shared ones.
const CONNECTIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a write is run again after others were in its way, or after its connection was lost.
const RETRIES: u32 = 10;
/// The session lock under which one node at a time migrates: "instep" in ASCII.
const MIGRATING: i64 = 0x696e_7374_6570;

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    pool: Pool,
    lines: Lines,
    texts: Texts,
    growth: Growth,
}

impl Postgres {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        let mut config: tokio_postgres::Config = url.parse().map_err(|error| {
            Error::Unavailable(format!("the address of the database is not valid: {error}"))
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Error::Unavailable(
                "TLS to the database is not supported yet".to_owned(),
            ));
        }
        if config.get_application_name().is_none() {
            config.application_name("instep");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        migrate(&config).await?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    // Our statements are short: compiling them costs more than running them.
                    let done = client.batch_execute("SET jit = off").await;
                    done.map_err(HookError::Backend)
                })
            }))
            .build()
            .map_err(|error| Error::Internal(error.into()))?;
        Ok(Self {
            pool,
            lines: Lines::new(),
            texts: Texts::default(),
            growth: Growth::default(),
        })
    }

    async fn client(&self) -> Result<Object, Error> {
        self.pool.get().await.map_err(refused)
    }

    /// A short question, on a connection that others ask on too. One that turns out to be dead is replaced once.
    pub(crate) async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        match self.query_in_line(sql, params).await {
            Err(Error::Unavailable(_)) => self.query_in_line(sql, params).await,
            answered => answered,
        }
    }

    async fn query_in_line(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let place = self.lines.join(&self.pool).await?;
        self.ask(&place.client, sql, params).await
    }

    /// A question that takes its time, on a connection of its own.
    pub(crate) async fn query_alone(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        match self.ask(&*self.client().await?, sql, params).await {
            Err(Error::Unavailable(_)) => self.ask(&*self.client().await?, sql, params).await,
            answered => answered,
        }
    }

    async fn ask(&self, client: &ClientWrapper, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let text = self.texts.postgres(sql);
        let asked = async {
            let statement = client.prepare_cached(&text).await?;
            client.query(&statement, &session::borrowed(params)).await
        };
        rows::convert(asked.await.map_err(|error| translate(sql, error))?)
    }

    /// See [`crate::Store::explain`].
    pub(crate) async fn explain(&self, asked: &Asked) -> Result<Vec<String>, Error> {
        let mut client = self.client().await?;
        let told = async {
            // Rolled back when it is dropped, and the setting with it.
            let transaction = client.transaction().await?;
            transaction
                .batch_execute("SET LOCAL enable_seqscan = off")
                .await?;
            let text = format!("EXPLAIN {}", self.texts.postgres(&asked.sql));
            transaction.query(&text, &session::borrowed(&asked.params)).await
        };
        let lines = rows::convert(told.await.map_err(|error| translate(&asked.sql, error))?)?;
        lines.into_iter().map(|mut line| line.take_text(0)).collect()
    }

    /// Runs a write in a transaction of its own, again when it met others or lost its connection before its commit.
    pub(crate) async fn write<W: Write>(
        &self,
        write: &W,
        ambient: &Ambient,
        counters: &Counters,
    ) -> Result<(W::Out, Vec<OrgId>), Error> {
        let mut attempt = 0;
        loop {
            match self.write_once(write, ambient, counters).await {
                Err(Ended::Again(_)) if attempt < RETRIES => attempt += 1,
                Err(Ended::Again(error) | Ended::ForGood(error)) => return Err(error),
                Ok(done) => return Ok(done),
            }
            tokio::time::sleep(pause(attempt, ambient)).await;
        }
    }

    async fn write_once<W: Write>(
        &self,
        write: &W,
        ambient: &Ambient,
        counters: &Counters,
    ) -> Result<(W::Out, Vec<OrgId>), Ended> {
        let client = self.client().await.map_err(Ended::ForGood)?;
        let mut tx = Tx::postgres(
            Session::new(&client, &self.texts, W::DURABILITY),
            ambient,
            counters,
        );
        let ran = AssertUnwindSafe(write.run(&mut tx)).catch_unwind().await;
        let result = ran.unwrap_or_else(|_| Err(Error::internal("a write panicked")));
        let (fed, verdict) = (tx.fed().to_vec(), tx.verdict(result));
        let Some(mut session) = tx.into_session() else {
            return Err(Ended::ForGood(Error::internal("another database's transaction")));
        };
        let out = match verdict {
            Ok(out) => out,
            Err(error) => {
                // Waiting for the rollback: the caller may look at once, and its locks must be gone.
                session.roll_back().await;
                return Err(Ended::early(error));
            }
        };
        session.commit().await.map_err(Ended::at_commit)?;
        counters.commit();
        self.growth.committed(session.inserted(), &self.pool);
        Ok((out, fed))
    }

    /// The last number of the organization's feed, once nobody can still commit a smaller one.
    ///
    /// Writers hold the lock shared from before they take a number until they have committed.
    pub(crate) async fn feed_head(
        &self,
        org: OrgId,
        ambient: &Ambient,
        counters: &Counters,
    ) -> Result<i64, Error> {
        Ok(self.write(&FeedHead(org), ambient, counters).await?.0)
    }

    /// Changes whenever anybody has committed: PostgreSQL's snapshot is another one then.
    pub(crate) async fn data_version(&self) -> Result<i64, Error> {
        let rows = self
            .query("SELECT CAST(pg_current_snapshot() AS TEXT)", &[])
            .await?;
        let row = rows.first().ok_or_else(|| Error::internal("no snapshot"))?;
        Ok(fnv(row.text(0)?.bytes()))
    }
}

struct FeedHead(OrgId);

impl Write for FeedHead {
    type Out = i64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64, Error> {
        let lock = "SELECT pg_advisory_xact_lock(?1)";
        tx.query(lock, &[Lock::Feed(self.0).key().into()]).await?;
        let head = tx.first(crate::changes::HEAD, &[self.0.into()]).await?;
        head.map_or(Ok(0), |row| row.int(0))
    }
}

/// How an attempt ended without success.
enum Ended {
    Again(Error),
    ForGood(Error),
}

impl Ended {
    /// Before COMMIT was sent nothing can have been kept, so that a lost connection is no reason to give up.
    fn early(error: Error) -> Self {
        match error {
            Error::Busy | Error::Unavailable(_) => Self::Again(error),
            _ => Self::ForGood(error),
        }
    }

    /// After that only the server's own word says that nothing was kept.
    fn at_commit(error: Error) -> Self {
        match error {
            Error::Busy => Self::Again(error),
            Error::Unavailable(why) => Self::ForGood(Error::Unavailable(format!(
                "the connection was lost while the change was being committed, so it may or may not have been made: {why}"
            ))),
            _ => Self::ForGood(error),
        }
    }
}

/// 2 ms doubling to half a second, each with jitter.
fn pause(attempt: u32, ambient: &Ambient) -> Duration {
    let longest = 2_000_u64 << attempt.min(8);
    let [random] = ambient.random::<1>();
    Duration::from_micros(longest / 2 + longest / 2 * u64::from(random) / 255)
}

async fn migrate(config: &tokio_postgres::Config) -> Result<(), Error> {
    let unavailable = |error| translate("migrate", error);
    let (mut client, connection) = config.connect(NoTls).await.map_err(errors::connecting)?;
    let driver = tokio::spawn(connection);
    let lock = format!("SELECT pg_advisory_lock({MIGRATING})");
    client.batch_execute(&lock).await.map_err(unavailable)?;
    let migrated = crate::migrations::postgres(&mut client).await;
    // The lock goes with the connection.
    drop(client);
    let _ended = driver.await;
    migrated
}
