//! The statements of one transaction.

use deadpool_postgres::Transaction;
use futures_util::future::try_join_all;
use tokio_postgres::types::ToSql;

use super::errors::translate;
use super::rows;
use crate::error::Error;
use crate::row::Row;
use crate::sql::Texts;
use crate::value::Value;

/// How many statements are on their way at once.
const PIPELINE: usize = 512;

pub(crate) struct Session<'c> {
    transaction: &'c Transaction<'c>,
    texts: &'c Texts,
}

impl<'c> Session<'c> {
    pub(super) fn new(transaction: &'c Transaction<'c>, texts: &'c Texts) -> Self {
        Self { transaction, texts }
    }

    pub(crate) async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let text = self.texts.postgres(sql);
        let asked = async {
            let statement = self.transaction.prepare_cached(&text).await?;
            self.transaction.query(&statement, &borrowed(params)).await
        };
        rows::convert(asked.await.map_err(|error| translate(sql, error))?)
    }

    pub(crate) async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        let text = self.texts.postgres(sql);
        let done = async {
            let statement = self.transaction.prepare_cached(&text).await?;
            self.transaction.execute(&statement, &borrowed(params)).await
        };
        done.await.map_err(|error| translate(sql, error))
    }

    pub(crate) async fn execute_many(&self, sql: &str, sets: &[Vec<Value>]) -> Result<u64, Error> {
        let text = self.texts.postgres(sql);
        let done = async {
            let statement = self.transaction.prepare_cached(&text).await?;
            let mut changed = 0;
            for some in sets.chunks(PIPELINE) {
                let sent = some.iter().map(|params| {
                    let (transaction, statement) = (self.transaction, &statement);
                    async move { transaction.execute(statement, &borrowed(params)).await }
                });
                changed += try_join_all(sent).await?.into_iter().sum::<u64>();
            }
            Ok(changed)
        };
        done.await.map_err(|error| translate(sql, error))
    }

    pub(crate) async fn query_many(&self, sql: &str, sets: &[Vec<Value>]) -> Result<Vec<Row>, Error> {
        let text = self.texts.postgres(sql);
        let asked = async {
            let statement = self.transaction.prepare_cached(&text).await?;
            let mut rows = Vec::new();
            for some in sets.chunks(PIPELINE) {
                let sent = some.iter().map(|params| {
                    let (transaction, statement) = (self.transaction, &statement);
                    async move { transaction.query(statement, &borrowed(params)).await }
                });
                rows.extend(try_join_all(sent).await?.into_iter().flatten());
            }
            Ok(rows)
        };
        rows::convert(asked.await.map_err(|error| translate(sql, error))?)
    }
}

pub(super) fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
