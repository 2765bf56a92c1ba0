//! The statements of one transaction.
//!
//! A statement of which nothing is asked is sent and not waited for: the server runs what it gets in order, and its
//! answer is looked at together with that of the next statement that is waited for, or of the commit.

use deadpool_postgres::ClientWrapper;
use futures_util::future::{BoxFuture, FutureExt as _, join, try_join_all};
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::errors::translate;
use super::{growth, rows};
use crate::error::Error;
use crate::row::Row;
use crate::sql::Texts;
use crate::tx::Durability;
use crate::value::Value;

/// How many statements are on their way at once.
const PIPELINE: usize = 512;

/// A transaction; it is rolled back when it is dropped before its end.
pub(crate) struct Session<'c> {
    client: &'c ClientWrapper,
    texts: &'c Texts,
    /// What was sent and not waited for.
    sent: Vec<BoxFuture<'c, Result<(), Error>>>,
    stage: Stage,
    durability: Durability,
    /// How many rows each table gets.
    inserted: Vec<(String, u64)>,
}

/// How far a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent.
    New,
    Begun,
    Ended,
}

impl<'c> Session<'c> {
    pub(super) fn new(client: &'c ClientWrapper, texts: &'c Texts, durability: Durability) -> Self {
        Self {
            client,
            texts,
            sent: Vec::new(),
            stage: Stage::New,
            durability,
            inserted: Vec::new(),
        }
    }

    /// How many rows each table has got.
    pub(super) fn inserted(&self) -> &[(String, u64)] {
        &self.inserted
    }

    /// Counts what a statement that was sent so often puts into a table.
    fn count(&mut self, sql: &str, rows: usize) {
        let Some(table) = growth::grows(sql).filter(|_| rows > 0) else {
            return;
        };
        let rows = rows as u64;
        match self.inserted.iter_mut().find(|(known, _)| known == table) {
            Some((_, counted)) => *counted += rows,
            None => self.inserted.push((table.to_owned(), rows)),
        }
    }

    /// Begins with the first statement; the server's word on that comes with that on the statement.
    fn begin(&mut self) {
        if self.stage == Stage::New {
            self.begin_with("");
        }
    }

    /// Begins and runs something more.
    fn begin_with(&mut self, more: &str) {
        self.stage = Stage::Begun;
        let client = self.client;
        let begin = match self.durability {
            Durability::OnDisk => "BEGIN;",
            Durability::Soon => "BEGIN; SET LOCAL synchronous_commit = off;",
        };
        let sql = format!("{begin} {more}");
        self.note(async move {
            let begun = client.batch_execute(&sql).await;
            begun.map_err(|error| translate(&sql, error))
        });
    }

    /// Takes an advisory lock by this function; whatever is sent behind it is run once it is held.
    pub(crate) async fn lock(&mut self, function: &str, key: i64) -> Result<(), Error> {
        if self.stage == Stage::New {
            self.begin_with(&format!("SELECT {function}({key})"));
            return Ok(());
        }
        let sql = format!("SELECT {function}(?1)");
        self.send_many(&sql, vec![vec![key.into()]]).await
    }

    /// Commits; an error may also be that of a statement which was not waited for.
    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        let client = self.client;
        let commit = async move {
            let committed = client.batch_execute("COMMIT").await;
            committed.map_err(|error| translate("COMMIT", error))
        };
        // After an error of one before it, the server takes COMMIT for ROLLBACK.
        let done = match self.stage {
            Stage::New => Ok(()),
            _ => self.with(commit).await,
        };
        self.stage = Stage::Ended;
        done
    }

    pub(super) async fn roll_back(&mut self) {
        if self.stage != Stage::New {
            let rollback = self.client.batch_execute("ROLLBACK");
            let (_, _lost_anyway) = join(settle(std::mem::take(&mut self.sent)), rollback).await;
        }
        self.stage = Stage::Ended;
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        self.begin();
        let (client, text) = (self.client, self.texts.postgres(sql));
        let asked = async {
            let asked = async {
                let statement = client.prepare_cached(&text).await?;
                client.query(&statement, &borrowed(params)).await
            };
            rows::convert(asked.await.map_err(|error| translate(sql, error))?)
        };
        let rows = self.with(asked).await?;
        self.count(sql, rows.len());
        Ok(rows)
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        self.begin();
        let (client, text) = (self.client, self.texts.postgres(sql));
        let done = async {
            let done = async {
                let statement = client.prepare_cached(&text).await?;
                client.execute(&statement, &borrowed(params)).await
            };
            done.await.map_err(|error| translate(sql, error))
        };
        let changed = self.with(done).await?;
        self.count(sql, usize::try_from(changed).unwrap_or_default());
        Ok(changed)
    }

    /// Sends a statement for each set of parameters, without waiting for any.
    pub(crate) async fn send_many(&mut self, sql: &str, sets: Vec<Vec<Value>>) -> Result<(), Error> {
        self.count(sql, sets.len());
        let (client, statement) = (self.client, self.prepared(sql).await?);
        let text = self.texts.postgres(sql);
        for params in sets {
            if self.sent.len() >= PIPELINE {
                self.with(async { Ok(()) }).await?;
            }
            let (statement, text) = (statement.clone(), text.clone());
            self.note(async move {
                let done = client.execute(&statement, &borrowed(&params)).await;
                done.map(drop).map_err(|error| translate(&text, error))
            });
        }
        Ok(())
    }

    /// Sends a statement that fails by a division by zero when the write must not be, and need not be waited for.
    pub(crate) async fn require(
        &mut self,
        sql: &str,
        params: Vec<Value>,
        refusal: fn() -> Error,
    ) -> Result<(), Error> {
        let (client, statement) = (self.client, self.prepared(sql).await?);
        let text = self.texts.postgres(sql);
        self.note(async move {
            let done = client.execute(&statement, &borrowed(&params)).await;
            done.map(drop).map_err(|error| match error.code() {
                Some(&SqlState::DIVISION_BY_ZERO) => refusal(),
                _ => translate(&text, error),
            })
        });
        Ok(())
    }

    /// A statement of this transaction; mostly it was prepared before.
    async fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        self.begin();
        let (client, text) = (self.client, self.texts.postgres(sql));
        let mut preparing = async {
            let prepared = client.prepare_cached(&text).await;
            prepared.map_err(|error| translate(sql, error))
        }
        .boxed();
        match (&mut preparing).now_or_never() {
            Some(Ok(prepared)) => Ok(prepared),
            // What went wrong before it counts, and not that nothing can be done after that.
            Some(Err(error)) => self.with(std::future::ready(Err(error))).await,
            None => self.with(preparing).await,
        }
    }

    pub(crate) async fn execute_many(&mut self, sql: &str, sets: &[Vec<Value>]) -> Result<u64, Error> {
        self.begin();
        let (client, text) = (self.client, self.texts.postgres(sql));
        let done = async {
            let done = async {
                let statement = client.prepare_cached(&text).await?;
                let mut changed = 0;
                for some in sets.chunks(PIPELINE) {
                    let sent = some.iter().map(|params| {
                        let statement = &statement;
                        async move { client.execute(statement, &borrowed(params)).await }
                    });
                    changed += try_join_all(sent).await?.into_iter().sum::<u64>();
                }
                Ok(changed)
            };
            done.await.map_err(|error| translate(sql, error))
        };
        let changed = self.with(done).await?;
        self.count(sql, usize::try_from(changed).unwrap_or_default());
        Ok(changed)
    }

    pub(crate) async fn query_many(&mut self, sql: &str, sets: &[Vec<Value>]) -> Result<Vec<Row>, Error> {
        self.begin();
        let (client, text) = (self.client, self.texts.postgres(sql));
        let asked = async {
            let asked = async {
                let statement = client.prepare_cached(&text).await?;
                let mut rows = Vec::new();
                for some in sets.chunks(PIPELINE) {
                    let sent = some.iter().map(|params| {
                        let statement = &statement;
                        async move { client.query(statement, &borrowed(params)).await }
                    });
                    rows.extend(try_join_all(sent).await?.into_iter().flatten());
                }
                Ok(rows)
            };
            rows::convert(asked.await.map_err(|error| translate(sql, error))?)
        };
        let rows = self.with(asked).await?;
        self.count(sql, rows.len());
        Ok(rows)
    }

    /// Sends something at once, and keeps its answer for later.
    fn note(&mut self, sent: impl Future<Output = Result<(), Error>> + Send + 'c) {
        let mut sent = sent.boxed();
        // Polling it sends it.
        match (&mut sent).now_or_never() {
            None => self.sent.push(sent),
            Some(Ok(())) => {}
            Some(Err(error)) => self.sent.push(std::future::ready(Err(error)).boxed()),
        }
    }

    /// Waits for something, and for all that was sent before it; the first error is the one that counts.
    async fn with<T>(&mut self, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        // Together: an answer that nobody takes would hold up those behind it.
        let (settled, answered) = join(settle(std::mem::take(&mut self.sent)), asked).await;
        settled?;
        answered
    }
}

async fn settle(sent: Vec<BoxFuture<'_, Result<(), Error>>>) -> Result<(), Error> {
    let mut settled = Ok(());
    for one in sent {
        settled = settled.and(one.await);
    }
    settled
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        if self.stage == Stage::Begun {
            // Sent, and not waited for: whoever gets the connection next comes behind it.
            let _on_its_way = self.client.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

pub(super) fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
