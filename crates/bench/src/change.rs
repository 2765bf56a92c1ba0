//! One change in directories of different sizes: the same requests, the same work.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use testkit::target::{FakeTarget, Options};

use crate::installation::{Api, Installation};
use crate::load::{self, Connection, Plain};
use crate::{Bench, people, report};

const CHANGES: usize = 50;

pub(crate) async fn run(bench: &Bench, directories: &[usize]) -> Result<()> {
    println!("\nOne change at a time, into a target in memory");
    println!(
        "{:>9} {:>14} {:>14} {:>16} {:>16} {:>14}",
        "people", "initial cycle", "per second", "requests/change", "CPU µs/change", "until written"
    );
    for count in directories {
        measure(bench, *count).await?;
    }
    Ok(())
}

async fn measure(bench: &Bench, count: usize) -> Result<()> {
    let target = FakeTarget::start(Options::default()).await?;
    let directory = Installation::new(&bench.program, None).await?;
    let server = directory.serve().await?;
    let mut api = Api::open(&server, &directory.token).await?;
    api.import(people::csv(count)).await?;
    let started = Instant::now();
    api.add_app(&target.base_url(), &target.token(), bench.concurrency)
        .await?;
    api.in_step().await?;
    let initial = started.elapsed();

    let mut scim = Connection::open(&server.address, &directory.token).await?;
    let ids = some_ids(&mut api, &directory, count).await?;
    target.reset_counts();
    let (cpu_before, mut latencies) = (server.cpu()?, Vec::new());
    for (number, id) in ids.iter().enumerate() {
        let patch = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": format!("Title {number}")}],
        });
        let plain = Plain {
            method: Method::PATCH,
            path: format!("{}/{id}", directory.users()),
            body: patch.to_string().into(),
        };
        let (status, body) = scim.send(&plain).await?;
        anyhow::ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        let changed = Instant::now();
        while target.counts().updates <= number as u64 {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        latencies.push(changed.elapsed());
    }
    let cpu = server.cpu()?.saturating_sub(cpu_before);
    latencies.sort_unstable();
    let median = latencies.get(latencies.len() / 2).copied().unwrap_or_default();
    println!(
        "{count:>9} {:>12.1} s {:>14.0} {:>16.2} {:>16.0} {:>14}",
        initial.as_secs_f64(),
        load::ratio(count, initial),
        load::count(usize::try_from(target.counts().requests)?) / load::count(ids.len()),
        cpu.as_secs_f64() * 1e6 / load::count(ids.len()),
        report::short(median)
    );
    server.stop().await
}

async fn some_ids(api: &mut Api, directory: &Installation, count: usize) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for number in (0..count).step_by((count / CHANGES).max(1)).take(CHANGES) {
        let filter = format!("userName eq \"person{number:06}@example.com\"");
        let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
        let found = api
            .get(&format!("{}?filter={filter}&attributes=id", directory.users()))
            .await?;
        ids.push(
            found["Resources"][0]["id"]
                .as_str()
                .context("a person is missing")?
                .to_owned(),
        );
    }
    Ok(ids)
}
