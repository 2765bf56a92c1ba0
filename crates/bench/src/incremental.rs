//! One change among many people against one among few: the engine's work and time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use base::{Clock as _, SystemClock, Timestamp};
use serde_json::json;

use crate::database::Kind;
use crate::house::House;

const FEW: usize = 500;
const CHANGES: usize = 100;

struct Measured {
    requests: f64,
    directory_cpu: Duration,
    until_there: Duration,
    /// Of a hundred changes ninety-five were there sooner.
    late: Duration,
}

/// `kind`: the directory's database. The hub's is always the same.
pub async fn run(kind: Kind, people: usize) -> Result<()> {
    println!(
        "\nIncremental cycle on {}, one change at a time, average of {CHANGES}",
        kind.name()
    );
    let few = measure(kind, FEW).await?;
    let many = measure(kind, people).await?;
    for (people, one) in [(FEW, &few), (people, &many)] {
        println!(
            "  {people:>6} people: {:.1} requests to the target, {:.1} ms CPU of the directory, at the hub after {:.1} ms (p95 {:.1} ms)",
            one.requests,
            one.directory_cpu.as_secs_f64() * 1e3,
            one.until_there.as_secs_f64() * 1e3,
            one.late.as_secs_f64() * 1e3,
        );
    }
    println!(
        "  many against few: requests {:.2}, CPU {:.2}, time {:.2}",
        many.requests / few.requests,
        many.directory_cpu.as_secs_f64() / few.directory_cpu.as_secs_f64(),
        many.until_there.as_secs_f64() / few.until_there.as_secs_f64(),
    );
    Ok(())
}

async fn measure(kind: Kind, people: usize) -> Result<Measured> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let directory = House::start("plain", kind).await?;
    directory.import(people).await?;
    directory.add_app(&hub, 16, json!({})).await?;
    directory.sync().await?;
    let begun = SystemClock.now();
    let before = directory.server.cpu()?;
    let mut times = Vec::with_capacity(CHANGES);
    for at in 0..CHANGES {
        times.push(change(&directory, &hub, at).await?);
    }
    times.sort_unstable();
    let directory_cpu = directory.server.cpu()?.saturating_sub(before) / u32::try_from(CHANGES)?;
    let sent = sent_since(&directory, begun).await?;
    let requests = f64::from(u32::try_from(sent.reads + sent.writes)?) / f64::from(u32::try_from(CHANGES)?);
    Ok(Measured {
        requests,
        directory_cpu,
        until_there: times.iter().sum::<Duration>() / u32::try_from(CHANGES)?,
        late: times[CHANGES * 95 / 100],
    })
}

/// Changes a title and waits until the hub has it.
async fn change(directory: &House, hub: &House, at: usize) -> Result<Duration> {
    let find = |house: &House| {
        format!(
            "{}/Users?filter=userName%20eq%20%22person{at}@people.example%22",
            house.scim()
        )
    };
    let found = directory.get(&find(directory)).await?;
    let id = found["Resources"][0]["id"].as_str().context("the person")?;
    let title = format!("Engineer {at}");
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": title }],
    });
    let started = Instant::now();
    let url = format!("{}/Users/{id}", directory.scim());
    directory
        .client
        .patch(&url)
        .bearer_auth(directory.token())
        .json(&patch)
        .send()
        .await?
        .error_for_status()?;
    loop {
        let account = hub.get(&find(hub)).await?;
        if account["Resources"][0]["title"].as_str() == Some(title.as_str()) {
            return Ok(started.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Requests to the target.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sent {
    pub reads: usize,
    pub writes: usize,
}

/// Of which requests the log tells that were sent from a moment on.
pub async fn sent_since(directory: &House, from: Timestamp) -> Result<Sent> {
    let mut sent = Sent::default();
    let mut after = String::new();
    loop {
        let page = directory
            .get(&directory.api(&format!("/log?limit=1000&from={from}{after}")))
            .await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        let exchanges = items.iter().filter_map(|item| item["exchanges"].as_array());
        for exchange in exchanges.flatten() {
            if exchange["method"] == "GET" {
                sent.reads += 1;
            } else {
                sent.writes += 1;
            }
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(sent),
        }
    }
}
