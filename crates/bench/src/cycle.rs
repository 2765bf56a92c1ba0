//! The initial cycle against a plain client that sends the same requests (look up, then create) at the same
//! concurrency to the same hub; the cycle once more with its look-ups sent together, as it does unless it is told otherwise, and
//! with bulk requests. The client before and after, as others may use the machine meanwhile.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::database::Kind;
use crate::house::House;
use crate::load::drive;
use crate::people::user_name;
use crate::report::{Side, compare};
use crate::server::own_cpu;

const CONCURRENCY: usize = 8;

/// The hub's side, and the CPU time of whoever sent.
#[derive(Default)]
struct Measured {
    hub: Side,
    sender: Duration,
}

/// `kind`: the directory's database. The hub's is always the same.
pub async fn run(kind: Kind, people: usize) -> Result<()> {
    let mut client = plain_client(people).await?;
    let same = initial_cycle(kind, people, json!({ "bulk": "off", "look_ups": "off" })).await?;
    let engine = initial_cycle(kind, people, json!({ "bulk": "off" })).await?;
    let together = initial_cycle(kind, people, json!({})).await?;
    let again = plain_client(people).await?;
    client.hub.add(again.hub);
    client.sender += again.sender;
    compare(
        &format!(
            "Initial cycle of {people} people on {}, concurrency {CONCURRENCY}, hub and directory in two processes; CPU of the hub",
            kind.name()
        ),
        ("plain client, the same requests", client.hub),
        &[
            ("the engine, its lanes and log written", same.hub),
            ("the engine, looking people up together", engine.hub),
            ("the engine, with bulk requests", together.hub),
        ],
    );
    println!(
        "  {:.1} µs CPU of the directory for a person, {:.1} µs looking up together, {:.1} µs with bulk requests too; \
         {:.1} µs of the plain client",
        each(&same),
        each(&engine),
        each(&together),
        each(&client),
    );
    Ok(())
}

/// Of the sender, for a person.
fn each(measured: &Measured) -> f64 {
    let side = Side {
        cpu: measured.sender,
        ..measured.hub
    };
    side.cpu_micros()
}

async fn plain_client(people: usize) -> Result<Measured> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let (client, token, url) = (
        hub.client.clone(),
        hub.token().to_owned(),
        format!("{}/Users", hub.scim()),
    );
    let before = (hub.server.cpu()?, own_cpu()?);
    let side = drive(CONCURRENCY, people, move |at| {
        let filter = format!("userName eq \"{}\"", user_name(at));
        let look_up = client.get(&url).query(&[("filter", filter)]).bearer_auth(&token);
        let create = client.post(&url).bearer_auth(&token).json(&account(at));
        async move {
            look_up.send().await?.error_for_status()?.bytes().await?;
            create.send().await?.error_for_status()?.bytes().await?;
            Ok(())
        }
    })
    .await?;
    Ok(Measured {
        hub: Side {
            cpu: hub.server.cpu()?.saturating_sub(before.0),
            ..side
        },
        sender: own_cpu()?.saturating_sub(before.1),
    })
}

async fn initial_cycle(kind: Kind, people: usize, ways: Value) -> Result<Measured> {
    let hub = House::start("webex", Kind::Sqlite).await?;
    let directory = House::start("plain", kind).await?;
    directory.import(people).await?;
    directory.add_app(&hub, CONCURRENCY, ways).await?;
    let before = (hub.server.cpu()?, directory.server.cpu()?);
    let started = Instant::now();
    directory.sync().await?;
    let wall = started.elapsed();
    let found = hub.get(&format!("{}/Users?count=1", hub.scim())).await?;
    // Both organizations have their own admin; the directory's goes to the hub too.
    if found["totalResults"].as_u64() < Some(people as u64) {
        bail!("the hub has {} accounts", found["totalResults"]);
    }
    Ok(Measured {
        hub: Side {
            done: people as u64,
            wall,
            cpu: hub.server.cpu()?.saturating_sub(before.0),
        },
        sender: directory.server.cpu()?.saturating_sub(before.1),
    })
}

/// What the engine sends for such a person.
fn account(at: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name(at),
        "active": true,
        "displayName": format!("Given{at} Family{at}"),
        "name": { "familyName": format!("Family{at}"), "givenName": format!("Given{at}") },
        "externalId": format!("0198c5d4-7b1e-7c3a-9f27-{at:012}"),
        "title": "Engineer",
    })
}
