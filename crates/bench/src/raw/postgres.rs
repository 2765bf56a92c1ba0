//! On PostgreSQL: a connection for each worker, a transaction for each change, its statements prepared and pipelined.

use std::sync::Arc;

use anyhow::Result;
use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement, Transaction};

use super::{ACTOR, PROVENANCE, Rows, Values, World};
use crate::database::Fresh;
use crate::load::drive;
use crate::report::Side;

struct Connection {
    client: Client,
    user: Statement,
    renamed: Statement,
    key: Statement,
    no_key: Statement,
    change: Statement,
    event: Statement,
}

pub async fn write(fresh: &Fresh, world: World, rows: Rows, workers: usize) -> Result<Side> {
    let mut connections = Vec::new();
    for _ in 0..workers {
        connections.push(Mutex::new(Connection::open(&fresh.url).await?));
    }
    let (count, connections, world) = (world.users.len(), Arc::new(connections), Arc::new(world));
    let all = |rows| {
        let (connections, world) = (connections.clone(), world.clone());
        drive(workers, count, move |at| {
            let (connections, world) = (connections.clone(), world.clone());
            async move {
                let mut connection = connections[at % connections.len()].lock().await;
                connection.write(rows, at, &world.values(at)).await
            }
        })
    };
    if rows == Rows::OfPatch {
        all(Rows::OfCreate).await?;
    }
    all(rows).await
}

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            user: client
                .prepare(
                    "INSERT INTO users (org, id, version, created, modified, active, user_name, user_name_key, \
                     display_name, doc, rendering, provenance) \
                     VALUES ($1, $2, 1, $3, $3, 1, $4, $4, $5, $6, 1, $7)",
                )
                .await?,
            renamed: client
                .prepare(
                    "UPDATE users SET version = version + 1, modified = $3, display_name = $4, doc = $5, \
                     provenance = $6 WHERE org = $1 AND id = $2",
                )
                .await?,
            key: client
                .prepare("INSERT INTO user_keys (org, attribute, value, user_id) VALUES ($1, $2, $3, $4)")
                .await?,
            no_key: client
                .prepare(
                    "DELETE FROM user_keys WHERE org = $1 AND attribute = $2 AND value = $3 AND user_id = $4",
                )
                .await?,
            change: client
                .prepare(
                    "INSERT INTO changes (org, kind, id, related, what, at, actor, correlation) \
                     VALUES ($1, 'user', $2, NULL, $3, $4, $5, $6)",
                )
                .await?,
            event: client
                .prepare(
                    "INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, \
                     correlation) VALUES ($1, $2, $3, 'user_create', 1, 'user', $4, $5, $6, $7)",
                )
                .await?,
            client,
        })
    }

    async fn write(&mut self, rows: Rows, at: usize, values: &Values) -> Result<()> {
        let Values {
            org,
            user,
            correlation,
            event,
            now,
            name,
            display_name,
            doc,
            keys,
        } = values;
        let transaction = self.client.transaction().await?;
        let (what, renamed) = (
            match rows {
                Rows::OfCreate => "created",
                Rows::OfPatch => "updated",
            },
            format!("Renamed {at}"),
        );
        let new_key = renamed.to_lowercase();
        let change: [Parameter<'_>; 6] = [org, user, &what, now, &ACTOR, correlation];
        let noted: [Parameter<'_>; 7] = [org, event, now, user, doc, &ACTOR, correlation];
        let mut steps: Vec<(&Statement, Vec<Parameter<'_>>)> = vec![];
        match rows {
            Rows::OfCreate => {
                steps.push((
                    &self.user,
                    vec![org, user, now, name, display_name, doc, &PROVENANCE],
                ));
                for (attribute, value) in keys {
                    steps.push((&self.key, vec![org, attribute, value, user]));
                }
            }
            Rows::OfPatch => {
                let [.., (attribute, value)] = keys;
                steps.push((&self.renamed, vec![org, user, now, &renamed, doc, &PROVENANCE]));
                steps.push((&self.no_key, vec![org, attribute, value, user]));
                steps.push((&self.key, vec![org, attribute, &new_key, user]));
            }
        }
        steps.push((&self.change, change.to_vec()));
        steps.push((&self.event, noted.to_vec()));
        run(&transaction, &steps).await?;
        Ok(transaction.commit().await?)
    }
}

type Parameter<'a> = &'a (dyn ToSql + Sync);

async fn run(transaction: &Transaction<'_>, steps: &[(&Statement, Vec<Parameter<'_>>)]) -> Result<()> {
    let sent = steps
        .iter()
        .map(|(statement, values)| transaction.execute(*statement, values));
    try_join_all(sent).await?;
    Ok(())
}
