//! On SQLite: one writer thread that commits together whatever waits.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::{ACTOR, PROVENANCE, Rows, Values, World};
use crate::database::Fresh;
use crate::load::drive;
use crate::report::Side;

struct Job {
    at: usize,
    done: oneshot::Sender<()>,
}

pub async fn write(fresh: &Fresh, world: World, rows: Rows, workers: usize) -> Result<Side> {
    let mut connection = open(&fresh.folder.path().join("instep.db"))?;
    let count = world.users.len();
    if rows == Rows::OfPatch {
        let transaction = connection.transaction()?;
        for at in 0..count {
            create(&transaction, &world.values(at))?;
        }
        transaction.commit()?;
    }
    let world = Arc::new(world);
    let (sender, receiver) = channel();
    let writer = std::thread::spawn(move || serve(&mut connection, &world, rows, &receiver));
    let side = drive(workers, count, move |at| {
        let sender: Sender<Job> = sender.clone();
        async move {
            let (done, answer) = oneshot::channel();
            sender.send(Job { at, done }).ok().context("the writer is gone")?;
            Ok(answer.await?)
        }
    })
    .await?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(side)
}

fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn serve(connection: &mut Connection, world: &World, rows: Rows, jobs: &Receiver<Job>) -> Result<()> {
    while let Ok(first) = jobs.recv() {
        let mut waiting = vec![first];
        waiting.extend(jobs.try_iter());
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in &waiting {
            let values = world.values(job.at);
            match rows {
                Rows::OfCreate => create(&transaction, &values)?,
                Rows::OfPatch => patch(&transaction, job.at, &values)?,
            }
        }
        transaction.commit()?;
        for job in waiting {
            // Whoever asked has gone only if the run failed elsewhere.
            let _ = job.done.send(());
        }
    }
    Ok(())
}

fn create(connection: &Connection, values: &Values) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO users (org, id, version, created, modified, active, user_name, user_name_key, display_name, \
             doc, rendering, provenance) VALUES (?1, ?2, 1, ?3, ?3, 1, ?4, ?4, ?5, ?6, 1, ?7)",
        )?
        .execute(params![
            values.org,
            values.user,
            values.now,
            values.name,
            values.display_name,
            values.doc,
            PROVENANCE
        ])?;
    for (attribute, value) in &values.keys {
        insert_key(connection, values, attribute, value)?;
    }
    note(connection, values, "created")
}

fn patch(connection: &Connection, at: usize, values: &Values) -> Result<()> {
    let renamed = format!("Renamed {at}");
    connection
        .prepare_cached(
            "UPDATE users SET version = version + 1, modified = ?3, display_name = ?4, doc = ?5, provenance = ?6 \
             WHERE org = ?1 AND id = ?2",
        )?
        .execute(params![
            values.org,
            values.user,
            values.now,
            renamed,
            values.doc,
            PROVENANCE
        ])?;
    let [.., (attribute, value)] = &values.keys;
    connection
        .prepare_cached(
            "DELETE FROM user_keys WHERE org = ?1 AND attribute = ?2 AND value = ?3 AND user_id = ?4",
        )?
        .execute(params![values.org, attribute, value, values.user])?;
    insert_key(connection, values, attribute, &renamed.to_lowercase())?;
    note(connection, values, "updated")
}

fn insert_key(connection: &Connection, values: &Values, attribute: &str, value: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO user_keys (org, attribute, value, user_id) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![values.org, attribute, value, values.user])?;
    Ok(())
}

fn note(connection: &Connection, values: &Values, what: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO changes (org, kind, id, related, what, at, actor, correlation) \
             VALUES (?1, 'user', ?2, NULL, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            values.org,
            values.user,
            what,
            values.now,
            ACTOR,
            values.correlation
        ])?;
    connection
        .prepare_cached(
            "INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, correlation) \
             VALUES (?1, ?2, ?3, 'user_create', 1, 'user', ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            values.org,
            values.event,
            values.now,
            values.user,
            values.doc,
            ACTOR,
            values.correlation
        ])?;
    Ok(())
}
