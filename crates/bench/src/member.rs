//! One member into a group and out again, in groups of 10, 1,000 and 100,000: the work is to be the same.

use anyhow::{Context as _, Result};
use base::UserId;
use serde_json::{Value, json};

use crate::database::Kind;
use crate::house::{House, Plot};
use crate::load::send;
use crate::report::{Side, compare};

const SIZES: [usize; 3] = [10, 1_000, 100_000];
const WORKERS: usize = 16;
const NEWCOMERS: usize = 2_000;
const ROUNDS: usize = 3;
/// How many members one PATCH brings in while the groups are made.
const CHUNK: usize = 10_000;

pub async fn run(kind: Kind) -> Result<()> {
    let plot = Plot::new("plain", kind).await?;
    let ids = plot.load(SIZES[2] + NEWCOMERS).await?;
    let house = plot.serve().await?;
    let (members, newcomers) = ids.split_at(SIZES[2]);
    let mut groups = Vec::new();
    for size in SIZES {
        groups.push(found(&house, size, &members[..size]).await?);
    }
    let mut sides = [Side::default(); SIZES.len()];
    for _ in 0..ROUNDS {
        for (group, side) in groups.iter().zip(&mut sides) {
            side.add(each(&house, group, newcomers, add).await?);
            side.add(each(&house, group, newcomers, remove).await?);
        }
    }
    let names = SIZES.map(|size| format!("a group of {size}"));
    let title = format!(
        "PATCH /Groups/{{id}}: one member added or removed, {WORKERS} at a time, {}",
        kind.name()
    );
    let others = [(names[1].as_str(), sides[1]), (names[2].as_str(), sides[2])];
    compare(&title, (&names[0], sides[0]), &others);
    Ok(())
}

/// Makes a group; its address.
async fn found(house: &House, size: usize, members: &[UserId]) -> Result<String> {
    let url = format!("{}/Groups", house.scim());
    let name = format!("A group of {size}");
    let group = house.post(&url, &json!({ "displayName": name })).await?;
    let url = format!("{url}/{}", group["id"].as_str().context("an id")?);
    for some in members.chunks(CHUNK) {
        let values: Vec<Value> = some.iter().map(|id| json!({ "value": id })).collect();
        let body = patch(&json!({ "op": "add", "path": "members", "value": values }));
        let request = house.client.patch(&url).bearer_auth(house.token()).json(&body);
        request.send().await?.error_for_status()?;
    }
    Ok(url)
}

async fn each(
    house: &House,
    group: &str,
    newcomers: &[UserId],
    operation: fn(UserId) -> Value,
) -> Result<Side> {
    let (client, token) = (house.client.clone(), house.token().to_owned());
    let (group, newcomers) = (group.to_owned(), newcomers.to_vec());
    let request = move |at: usize| {
        let body = patch(&operation(newcomers[at]));
        client.patch(&group).bearer_auth(&token).json(&body)
    };
    send(&house.server, WORKERS, NEWCOMERS, request).await
}

fn add(id: UserId) -> Value {
    json!({ "op": "add", "path": "members", "value": [{ "value": id }] })
}

fn remove(id: UserId) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] })
}
