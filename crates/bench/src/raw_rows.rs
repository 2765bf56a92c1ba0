//! Creates over HTTP against the same rows written raw: the bare statements, through one writer thread that commits
//! together whatever waits, on the same tables with the same durability.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context as _, Result};
use base::{Ambient, CorrelationId, EventId, OrgId, UserId};
use rusqlite::{Connection, params};
use store::{Database, Store};
use tokio::sync::oneshot;

use crate::drive::drive;
use crate::house::{House, person};
use crate::report::{Side, compare};

const WORKERS: usize = 16;
const PEOPLE: usize = 10_000;
const ROUNDS: usize = 3;

struct Row {
    at: usize,
    done: oneshot::Sender<()>,
}

pub async fn run() -> Result<()> {
    let (mut baseline, mut ours) = (Side::default(), Side::default());
    for _ in 0..ROUNDS {
        baseline.add(raw().await?);
        ours.add(creates().await?);
    }
    compare(
        &format!("POST /Users, durable, {WORKERS} at a time"),
        ("the same rows, raw, one writer thread", baseline),
        ("instep, SQLite, over HTTP", ours),
    );
    Ok(())
}

async fn creates() -> Result<Side> {
    let house = House::start("plain").await?;
    let (client, token, url) = (
        house.client.clone(),
        house.token.clone(),
        format!("{}/Users", house.scim()),
    );
    let before = house.server.cpu()?;
    let side = drive(WORKERS, PEOPLE, move |at| {
        let request = client.post(&url).bearer_auth(&token).json(&person(at));
        async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await?;
    Ok(Side {
        cpu: house.server.cpu()?.saturating_sub(before),
        ..side
    })
}

async fn raw() -> Result<Side> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("instep.db");
    // The store makes the tables; what is measured does not go through it.
    drop(Store::open(&Database::Sqlite(path.clone()), Ambient::system()).await?);
    let (sender, receiver) = channel();
    let writer = std::thread::spawn(move || write(&path, &receiver));
    let side = drive(WORKERS, PEOPLE, move |at| {
        let sender: Sender<Row> = sender.clone();
        async move {
            let (done, answer) = oneshot::channel();
            sender.send(Row { at, done }).ok().context("the writer is gone")?;
            Ok(answer.await?)
        }
    })
    .await?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(side)
}

fn write(path: &Path, rows: &Receiver<Row>) -> Result<()> {
    let ambient = Ambient::system();
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let org: OrgId = ambient.id();
    while let Ok(first) = rows.recv() {
        let mut waiting = vec![first];
        waiting.extend(rows.try_iter());
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for row in &waiting {
            insert(&transaction, &ambient, org, row.at)?;
        }
        transaction.commit()?;
        for row in waiting {
            // Whoever asked has gone only if the run failed elsewhere.
            let _ = row.done.send(());
        }
    }
    Ok(())
}

fn insert(connection: &Connection, ambient: &Ambient, org: OrgId, at: usize) -> Result<()> {
    let (id, correlation, event): (UserId, CorrelationId, EventId) =
        (ambient.id(), ambient.id(), ambient.id());
    let (org, id, correlation) = (
        org.as_bytes().as_slice(),
        id.as_bytes().as_slice(),
        correlation.as_bytes().as_slice(),
    );
    let now = ambient.now().as_micros();
    let (name, doc) = (format!("person{at}@people.example"), person(at).to_string());
    let actor = r#"{"kind":"token","id":"0198c5d4-7b1e-7c3a-9f27-5d1a64c0e9b2","name":"bench"}"#;
    connection
        .prepare_cached(
            "INSERT INTO users (org, id, version, created, modified, active, user_name, user_name_key, display_name, \
             doc, rendering, provenance) VALUES (?1, ?2, 1, ?3, ?3, 1, ?4, ?4, ?5, ?6, 1, ?7)",
        )?
        .execute(params![org, id, now, name, format!("Given{at} Family{at}"), doc, r#"{"userName":"scim"}"#])?;
    for (attribute, value) in [
        ("externalId", format!("external-{at}")),
        ("email", name),
        ("displayName", format!("given{at} family{at}")),
    ] {
        connection
            .prepare_cached("INSERT INTO user_keys (org, attribute, value, user_id) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![org, attribute, value, id])?;
    }
    connection
        .prepare_cached(
            "INSERT INTO changes (org, kind, id, related, what, at, actor, correlation) \
             VALUES (?1, 'user', ?2, NULL, 'created', ?3, ?4, ?5)",
        )?
        .execute(params![org, id, now, actor, correlation])?;
    connection
        .prepare_cached(
            "INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, correlation) \
             VALUES (?1, ?2, ?3, 'user_create', 1, 'user', ?4, ?5, ?6, ?7)",
        )?
        .execute(params![org, event.as_bytes().as_slice(), now, id, doc, actor, correlation])?;
    Ok(())
}
