//! A thousand changes at once among many people: how long they take to be read and planned, and what is sent for them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use base::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::database::Kind;
use crate::house::House;
use crate::incremental::{Sent, sent_since};
use crate::people::user_name;

const CHANGES: usize = 1_000;

/// `kind`: the directory's database. The hub's is always the same.
pub async fn run(kind: Kind, people: usize) -> Result<()> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let directory = House::start("plain", kind).await?;
    directory.import(people).await?;
    directory.add_app(&hub, 16, json!({})).await?;
    directory.sync().await?;

    // What is to be done is put together first, and sent once somebody approves.
    set_approval(&directory, "always").await?;
    directory
        .post(&directory.api("/apps/Hub/pause"), &json!({}))
        .await?;
    change(&directory, "Chief").await?;
    let (begun, spent) = (SystemClock.now(), directory.server.cpu()?);
    let started = Instant::now();
    directory
        .post(&directory.api("/apps/Hub/resume"), &json!({}))
        .await?;
    let plan = awaiting(&directory).await?;
    let (planned, cpu) = (started.elapsed(), directory.server.cpu()?.saturating_sub(spent));
    let sent = sent_since(&directory, begun).await?;
    println!(
        "\n{CHANGES} changes at once among {people} people on {}",
        kind.name()
    );
    println!(
        "  read and planned in {:.2} s ({:.2} s CPU of the directory), with {} requests to the target",
        planned.as_secs_f64(),
        cpu.as_secs_f64(),
        sent.reads + sent.writes,
    );

    let approve = format!(
        "/apps/Hub/plans/{}/approve",
        plan["id"].as_str().context("an id")?
    );
    let started = Instant::now();
    directory
        .post(&directory.api(&approve), &json!({ "revision": plan["revision"] }))
        .await?;
    directory
        .until(Duration::from_millis(50), |status| {
            status["in_step"] == true && status["plan"].is_null()
        })
        .await?;
    report(
        "approved: carried out",
        started,
        sent_since(&directory, begun).await?,
    );

    // The same without anybody being asked.
    set_approval(&directory, "never").await?;
    let (begun, started) = (SystemClock.now(), Instant::now());
    change(&directory, "Head").await?;
    directory
        .until(Duration::from_millis(50), |status| status["in_step"] == true)
        .await?;
    report(
        "unasked: changed and carried out",
        started,
        sent_since(&directory, begun).await?,
    );
    Ok(())
}

fn report(what: &str, started: Instant, sent: Sent) {
    println!(
        "  {what} in {:.2} s, with {} requests that read and {} that write",
        started.elapsed().as_secs_f64(),
        sent.reads,
        sent.writes,
    );
}

async fn set_approval(directory: &House, approval: &str) -> Result<()> {
    let url = directory.api("/apps/Hub");
    let change = json!({ "settings": { "approval": approval } });
    let request = directory.client.patch(&url).bearer_auth(directory.token());
    request.json(&change).send().await?.error_for_status()?;
    Ok(())
}

/// Gives a thousand people another title, in one bulk request.
async fn change(directory: &House, title: &str) -> Result<()> {
    let mut operations = Vec::with_capacity(CHANGES);
    for at in 0..CHANGES {
        let filter = format!("userName eq \"{}\"", user_name(at));
        let url = format!("{}/Users", directory.scim());
        let request = directory.client.get(url).query(&[("filter", filter)]);
        let found: Value = request
            .bearer_auth(directory.token())
            .send()
            .await?
            .json()
            .await?;
        let id = found["Resources"][0]["id"].as_str().context("the person")?;
        operations.push(json!({
            "method": "PATCH", "path": format!("/Users/{id}"),
            "data": { "Operations": [{ "op": "replace", "path": "title", "value": format!("{title} {at}") }] },
        }));
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    });
    let answer = directory
        .post(&format!("{}/Bulk", directory.scim()), &body)
        .await?;
    let failed = answer["Operations"].as_array().into_iter().flatten();
    match failed.filter(|one| one["status"] != "200").count() {
        0 => Ok(()),
        failed => bail!("{failed} of the changes failed"),
    }
}

/// The plan, once it is whole.
async fn awaiting(directory: &House) -> Result<Value> {
    loop {
        let plans = directory.get(&directory.api("/apps/Hub/plans")).await?;
        let plan = &plans["items"][0];
        if plan["state"] == "awaiting_approval" && plan["counts"]["update"] == CHANGES {
            return Ok(plan.clone());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
