//! GET of a user by id, against a bare axum handler that returns the same bytes.

use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::installation::{Installation, text};
use crate::load::{self, Connection, Plain};
use crate::process::Server;
use crate::{Bench, report};

const PEOPLE: usize = 1_000;

pub(crate) async fn run(bench: &Bench, postgres: Option<&str>) -> Result<()> {
    let installation = Installation::new(&bench.program, postgres).await?;
    let server = installation.serve().await?;
    let mut connection = Connection::open(&server.address, &installation.token).await?;
    let (mut ids, mut body) = (Vec::new(), bytes::Bytes::new());
    for number in 0..PEOPLE {
        let create = Plain::post(installation.users(), crate::people::user(number).to_string());
        let (_, made) = connection.send(&create).await?;
        ids.push(text(&serde_json::from_slice::<Value>(&made)?, "id")?);
        body = made;
    }

    let gets = |count: usize| -> Vec<Plain> {
        // Every id in turn, neighbours far apart.
        (0..count)
            .map(|at| Plain::get(format!("{}/{}", installation.users(), ids[at * 619 % PEOPLE])))
            .collect()
    };
    let name = if postgres.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    report::heading(&format!("GET by id, {name}, {} connections", bench.concurrency));
    load::all(
        &server,
        &installation.token,
        bench.concurrency,
        gets(bench.requests / 10),
    )
    .await?;
    let ours = load::all(
        &server,
        &installation.token,
        bench.concurrency,
        gets(bench.requests),
    )
    .await?;
    report::line("instep", &ours);
    server.stop().await?;

    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &body)?;
    let words = [
        "bare".to_owned(),
        "127.0.0.1:0".to_owned(),
        file.path().display().to_string(),
    ];
    let bare = Server::start(&std::env::current_exe()?, &words).await?;
    load::all(&bare, "none", bench.concurrency, gets(bench.requests / 10)).await?;
    let plain = load::all(&bare, "none", bench.concurrency, gets(bench.requests)).await?;
    report::line("bare axum handler", &plain);
    if let Some(url) = &installation.database {
        let per_second = bare_query(url, &installation.org, &ids, bench).await?;
        report::rate("bare query on PostgreSQL", bench.requests, per_second);
    }
    report::ratio("CPU of the server per request", ours.cpu_each(), plain.cpu_each());
    report::ratio("time per request", plain.per_second(), ours.per_second());
    bare.stop().await
}

/// The same rows by primary key, prepared, as many at a time, on connections of their own.
async fn bare_query(url: &str, org: &str, ids: &[String], bench: &Bench) -> Result<f64> {
    let org = bytes_of(org)?;
    let ids: Vec<Vec<u8>> = ids.iter().map(|id| bytes_of(id)).collect::<Result<_>>()?;
    let mut workers = JoinSet::new();
    let mut clients = Vec::new();
    for _ in 0..bench.concurrency {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let query = client
            .prepare("SELECT doc FROM users WHERE org = $1 AND id = $2")
            .await?;
        clients.push((client, query));
    }
    let started = Instant::now();
    let each = bench.requests / bench.concurrency;
    for (client, query) in clients {
        let (org, ids) = (org.clone(), ids.clone());
        workers.spawn(async move {
            for at in 0..each {
                client
                    .query_one(&query, &[&org, &ids[at * 619 % ids.len()]])
                    .await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        });
    }
    while let Some(done) = workers.join_next().await {
        done??;
    }
    Ok(load::ratio(each * bench.concurrency, started.elapsed()))
}

/// A UUID's 16 bytes.
fn bytes_of(id: &str) -> Result<Vec<u8>> {
    let hex: String = id.chars().filter(|c| *c != '-').collect();
    (0..hex.len() / 2)
        .map(|at| {
            u8::from_str_radix(hex.get(at * 2..at * 2 + 2).unwrap_or_default(), 16)
                .context("an id is no UUID")
        })
        .collect()
}
