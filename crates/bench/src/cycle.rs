//! The initial cycle against a plain client that sends the same requests (look up, then create) at the same
//! concurrency to the same hub.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::database::Kind;
use crate::house::House;
use crate::load::drive;
use crate::report::{Side, compare};

const PEOPLE: usize = 20_000;
const CONCURRENCY: usize = 8;

pub async fn run() -> Result<()> {
    let baseline = plain_client().await?;
    let ours = initial_cycle().await?;
    compare(
        &format!(
            "Initial cycle of {PEOPLE} people, concurrency {CONCURRENCY}, hub and directory in two processes"
        ),
        ("plain client, the same requests", baseline),
        &[("the engine, its lanes and log written", ours)],
    );
    Ok(())
}

async fn plain_client() -> Result<Side> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let (client, token, url) = (
        hub.client.clone(),
        hub.token().to_owned(),
        format!("{}/Users", hub.scim()),
    );
    let before = hub.server.cpu()?;
    let side = drive(CONCURRENCY, PEOPLE, move |at| {
        let filter = format!("userName eq \"person{at}@people.example\"");
        let look_up = client.get(&url).query(&[("filter", filter)]).bearer_auth(&token);
        let create = client.post(&url).bearer_auth(&token).json(&account(at));
        async move {
            look_up.send().await?.error_for_status()?.bytes().await?;
            create.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await?;
    Ok(Side {
        cpu: hub.server.cpu()?.saturating_sub(before),
        ..side
    })
}

async fn initial_cycle() -> Result<Side> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let directory = House::start("plain", Kind::Sqlite).await?;
    directory.import(PEOPLE).await?;
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": hub.scim(), "token": hub.token(), "scope": "all",
        "settings": { "concurrency": CONCURRENCY },
    });
    directory.post(&directory.api("/apps"), &app).await?;
    let before = hub.server.cpu()?;
    let started = Instant::now();
    directory
        .post(&directory.api("/apps/Hub/sync"), &json!({}))
        .await?;
    loop {
        let status = directory.get(&directory.api("/apps/Hub/status")).await?;
        if status["in_step"] == true {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let wall = started.elapsed();
    let found = hub.get(&format!("{}/Users?count=1", hub.scim())).await?;
    // Both organizations have their own admin; the directory's goes to the hub too.
    if found["totalResults"].as_u64() < Some(PEOPLE as u64) {
        bail!("the hub has {} accounts", found["totalResults"]);
    }
    Ok(Side {
        done: PEOPLE as u64,
        wall,
        cpu: hub.server.cpu()?.saturating_sub(before),
    })
}

/// What the engine sends for such a person.
fn account(at: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("person{at}@people.example"),
        "active": true,
        "displayName": format!("Given{at} Family{at}"),
        "name": { "familyName": format!("Family{at}"), "givenName": format!("Given{at}") },
        "externalId": format!("0198c5d4-7b1e-7c3a-9f27-{at:012}"),
        "title": "Engineer",
    })
}
