//! GET by id against a bare handler that returns the same bytes.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::drive::drive;
use crate::house::{House, person};
use crate::report::{Side, compare};
use crate::server::Server;

const PEOPLE: usize = 1_000;
const REQUESTS: usize = 20_000;
const WORKERS: usize = 32;
const ROUNDS: usize = 4;

/// The variable in which the bare server gets its bytes.
const BYTES: &str = "INSTEP_BENCH_BYTES";

pub async fn run() -> Result<()> {
    let house = House::start("plain").await?;
    let mut ids = Vec::with_capacity(PEOPLE);
    for at in 0..PEOPLE {
        let created = house
            .post(&format!("{}/Users", house.scim()), &person(at))
            .await?;
        ids.push(format!(
            "{}/Users/{}",
            house.scim(),
            created["id"].as_str().context("an id")?
        ));
    }
    let bytes = house
        .client
        .get(&ids[0])
        .bearer_auth(&house.token)
        .send()
        .await?
        .text()
        .await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").env(BYTES, &bytes);
    let bare = Server::start(command).await?;

    let (mut baseline, mut ours) = (Side::default(), Side::default());
    for _ in 0..ROUNDS {
        baseline.add(load(&bare, &house.client, vec![bare.url.clone()], &house.token).await?);
        ours.add(load(&house.server, &house.client, ids.clone(), &house.token).await?);
    }
    compare(
        &format!("GET /Users/{{id}}, {} bytes, {WORKERS} at a time", bytes.len()),
        ("bare axum handler, the same bytes", baseline),
        ("instep, SQLite", ours),
    );
    Ok(())
}

async fn load(server: &Server, client: &Client, urls: Vec<String>, token: &str) -> Result<Side> {
    let before = server.cpu()?;
    let (client, token) = (client.clone(), token.to_owned());
    let side = drive(WORKERS, REQUESTS, move |at| {
        let request = client.get(&urls[at % urls.len()]).bearer_auth(&token);
        async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await?;
    Ok(Side {
        cpu: server.cpu()?.saturating_sub(before),
        ..side
    })
}

/// The bare server.
pub async fn bare() -> Result<()> {
    let bytes: &'static str = std::env::var(BYTES)?.leak();
    let headers = [("content-type", "application/scim+json"), ("etag", "W/\"1\"")];
    let router = Router::new().route("/", get(move || async move { (headers, bytes) }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
