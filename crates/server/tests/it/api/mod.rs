//! The admin API, `/api/v1`.

mod app_import;
mod apps;
mod audit;
mod domains;
mod drift;
mod events;
mod groups;
mod idempotency;
mod import;
pub(crate) mod licences;
mod log;
mod organization;
mod people;
mod person_attributes;
mod plans;
mod problems;
mod removal;
mod schemas;
pub(crate) mod sources;
pub(crate) mod states;
mod sync;
mod tokens;

use serde_json::{Value, json};

use crate::client::Client;
use crate::world::Organization;

/// People of these names, through the SCIM door; answers their ids.
async fn hire(org: &Organization, names: &[&str]) -> Vec<String> {
    let scim = org.scim();
    let mut ids = Vec::new();
    for name in names {
        let made = scim
            .post("/Users", &json!({ "userName": name }))
            .await
            .expect(201);
        ids.push(text(&made["id"]).to_owned());
    }
    ids
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// One member of all items of a list.
fn column(list: &Value, name: &str) -> Vec<String> {
    let items = list["items"].as_array().expect("items").iter();
    items.map(|item| text(&item[name]).to_owned()).collect()
}

/// One member of all items of all pages.
async fn through(client: &Client, path: &str, name: &str) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}{after}")).await.expect(200);
        all.extend(column(&page, name));
        match &page["next"] {
            Value::Null => return all,
            next => after = format!("&after={}", text(next)),
        }
    }
}
