//! POST of users, against the same rows written raw through one writer thread that commits what is waiting together.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::installation::Installation;
use crate::load::{self, Plain};
use crate::{Bench, people, report};

pub(crate) async fn run(bench: &Bench) -> Result<()> {
    let installation = Installation::new(&bench.program, None).await?;
    let copy = tempfile::tempdir()?;
    let raw = copy.path().join("raw.db");
    Connection::open(installation.file())?.execute("VACUUM INTO ?1", [raw.to_string_lossy()])?;

    let server = installation.serve().await?;
    let creates =
        (0..bench.requests).map(|number| Plain::post(installation.users(), people::user(number).to_string()));
    report::heading(&format!("Creates, SQLite, {} connections", bench.concurrency));
    let ours = load::all(&server, &installation.token, bench.concurrency, creates.collect()).await?;
    report::line("instep", &ours);
    server.stop().await?;

    let rows = new_rows(&installation.file(), &raw, bench.requests)?;
    let concurrency = bench.concurrency;
    let per_second = tokio::task::spawn_blocking(move || write_raw(&raw, rows, concurrency)).await??;
    report::rate("the same rows, raw", bench.requests, per_second);
    report::ratio("time per create", per_second, ours.per_second());
    Ok(())
}

/// Statement and values, for each row of one create.
type Rows = Vec<(String, Vec<Value>)>;

/// What is in the first database and not in the second, dealt out to so many creates.
fn new_rows(after: &Path, before: &Path, creates: usize) -> Result<Vec<Rows>> {
    let db = Connection::open(after)?;
    db.execute("ATTACH ?1 AS before", [before.to_string_lossy()])?;
    let tables: Vec<String> = db
        .prepare("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut dealt: Vec<Rows> = vec![Vec::new(); creates];
    for table in tables {
        let mut select = db.prepare(&format!(
            "SELECT * FROM main.{table} EXCEPT SELECT * FROM before.{table}"
        ))?;
        let columns = select.column_count();
        let insert = format!(
            "INSERT OR REPLACE INTO {table} VALUES ({})",
            vec!["?"; columns].join(", ")
        );
        let rows: Vec<Vec<Value>> = select
            .query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?
            .collect::<Result<_, _>>()?;
        let count = rows.len();
        for (at, row) in rows.into_iter().enumerate() {
            dealt[at * creates / count].push((insert.clone(), row));
        }
    }
    Ok(dealt)
}

/// One create's rows, and whom to tell when they are safe.
type Job = (Rows, Sender<()>);

fn write_raw(file: &Path, creates: Vec<Rows>, concurrency: usize) -> Result<f64> {
    let db = Connection::open(file)?;
    // Rows of one create may come before those that they refer to.
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;")?;
    let number = creates.len();
    let (jobs, waiting) = mpsc::channel::<Job>();
    let writer = thread::spawn(move || writer(&db, &waiting));
    let started = Instant::now();
    let mut shares: Vec<Vec<Rows>> = vec![Vec::new(); concurrency];
    for (at, rows) in creates.into_iter().enumerate() {
        shares[at % concurrency].push(rows);
    }
    let clients: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let jobs = jobs.clone();
            thread::spawn(move || {
                let (done, answer) = mpsc::channel();
                for rows in share {
                    if jobs.send((rows, done.clone())).is_err() || answer.recv().is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    drop(jobs);
    for client in clients {
        client.join().ok().context("a client panicked")?;
    }
    let elapsed = started.elapsed();
    writer.join().ok().context("the writer panicked")??;
    Ok(load::ratio(number, elapsed))
}

fn writer(db: &Connection, waiting: &Receiver<Job>) -> Result<()> {
    db.set_prepared_statement_cache_capacity(64);
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter());
        db.execute_batch("BEGIN IMMEDIATE")?;
        for (statement, values) in batch.iter().flat_map(|(rows, _)| rows) {
            db.prepare_cached(statement)?.execute(params_from_iter(values))?;
        }
        db.execute_batch("COMMIT")?;
        for (_, done) in batch {
            let _ = done.send(());
        }
    }
    Ok(())
}
