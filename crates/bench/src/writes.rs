//! Creates and PATCHes over HTTP against the same rows written raw: the bare statements, with the same durability.

use anyhow::Result;
use serde_json::json;

use crate::database::Kind;
use crate::house::{House, Plot};
use crate::load::send;
use crate::people::person;
use crate::raw::{self, Rows};
use crate::report::{Side, compare};

const WORKERS: usize = 16;
const WRITES: usize = 10_000;
const ROUNDS: usize = 3;

pub async fn creates(kind: Kind) -> Result<()> {
    let (mut baseline, mut ours) = (Side::default(), Side::default());
    for _ in 0..ROUNDS {
        baseline.add(raw::write(kind, Rows::OfCreate, WORKERS, WRITES).await?);
        let house = House::start("plain", kind).await?;
        let (client, token) = (house.client.clone(), house.token().to_owned());
        let url = format!("{}/Users", house.scim());
        let request = move |at: usize| client.post(&url).bearer_auth(&token).json(&person(at));
        ours.add(send(&house.server, WORKERS, WRITES, request).await?);
    }
    print("POST /Users", kind, baseline, ours);
    Ok(())
}

/// Each gives somebody another display name, for which an index has an entry.
pub async fn patches(kind: Kind) -> Result<()> {
    let (mut baseline, mut ours) = (Side::default(), Side::default());
    for _ in 0..ROUNDS {
        baseline.add(raw::write(kind, Rows::OfPatch, WORKERS, WRITES).await?);
        let plot = Plot::new("plain", kind).await?;
        let ids = plot.load(WRITES).await?;
        let house = plot.serve().await?;
        let urls: Vec<String> = ids.iter().map(|id| house.user(*id)).collect();
        let (client, token) = (house.client.clone(), house.token().to_owned());
        let request = move |at: usize| {
            let patch = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{ "op": "replace", "path": "displayName", "value": format!("Renamed {at}") }],
            });
            client.patch(&urls[at]).bearer_auth(&token).json(&patch)
        };
        ours.add(send(&house.server, WORKERS, WRITES, request).await?);
    }
    print("PATCH /Users/{id}", kind, baseline, ours);
    Ok(())
}

fn print(what: &str, kind: Kind, baseline: Side, ours: Side) {
    let raw = match kind {
        Kind::Sqlite => "the same rows, raw, one writer thread",
        Kind::Postgres => "the same rows, raw, a connection per worker",
    };
    let title = format!("{what}, durable, {WORKERS} at a time, {}", kind.name());
    compare(&title, (raw, baseline), &[("instep, over HTTP", ours)]);
}
