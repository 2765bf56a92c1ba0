//! What a target has changed by itself, over HTTP: one organization looks at what somebody did in another of the same server.

use std::time::Duration;

use provisioning::{Engine, Peers};
use serde_json::{Value, json};

use super::{hire, text};
use crate::client::Client;
use crate::on_both;
use crate::scim::patch_op;
use crate::world::World;

on_both!(
    what_the_hub_changed_is_seen_and_brought_back,
    what_the_hub_did_to_a_group_is_seen_and_brought_back,
    an_e_mail_without_an_address_leaves_nothing_to_send,
);

async fn until(api: &Client, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    let mut answer = Value::Null;
    for _ in 0..600 {
        answer = api.get(path).await.expect(200);
        if done(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not settle: {answer}")
}

async fn what_the_hub_changed_is_seen_and_brought_back(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, hub) = (world.plain.api(), world.webex.scim());
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": world.webex.scim().url, "token": world.webex.token,
        "scope": "all", "settings": { "in_doubt_seconds": 0 },
    });
    api.post("/apps", &app).await.expect(201);
    let refused = api.post("/apps/Hub/reconcile", &json!({})).await;
    refused.problem(409, "app.not_started");
    hire(&world.plain, &["anna@example.com"]).await;
    api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    until(&api, "/apps/Hub/status", |status| status["in_step"] == true).await;
    let found = hub
        .get("/Users?filter=userName eq \"anna@example.com\"")
        .await
        .expect(200);
    let id = text(&found["Resources"][0]["id"]).to_owned();
    let change = patch_op(json!([{ "op": "replace", "path": "active", "value": false }]));
    hub.patch(&format!("/Users/{id}"), &change).await.expect(200);

    let answer = api
        .post("/apps/Hub/reconcile", &json!({ "mode": "report" }))
        .await
        .expect(202);
    assert_eq!(answer["reconciliation"]["mode"], "report");
    let is_over = |drift: &Value| drift["reconciliation"]["state"] == "done";
    let drift = until(&api, "/apps/Hub/drift?kind=disabled", is_over).await;
    assert_eq!(drift["reconciliation"]["id"], answer["reconciliation"]["id"]);
    let item = &drift["items"][0];
    assert_eq!(
        (&item["remote_id"], &item["name"], &item["changes"]),
        (
            &json!(id),
            &json!("anna@example.com"),
            &json!([{ "attribute": "active", "ours": true, "theirs": false }])
        )
    );
    let status = api.get("/apps/Hub/status").await.expect(200);
    assert_eq!(status["drift"]["counts"]["disabled"], 1);
    let log = api.get("/log?action=drift").await.expect(200);
    assert_eq!(log["items"].as_array().map(Vec::len), Some(1));
    api.get("/apps/Hub/drift?kind=lost").await.problem(400, "kind");

    let body = json!({ "mode": "correct" });
    api.post("/apps/Hub/reconcile", &body).await.expect(202);
    until(&api, "/apps/Hub/drift", |drift| drift["counts"]["disabled"] == 0).await;
    let account = hub.get(&format!("/Users/{id}")).await.expect(200);
    assert_eq!(account["active"], true);
    engine.stop().await;
}

async fn what_the_hub_did_to_a_group_is_seen_and_brought_back(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, hub) = (world.plain.api(), world.webex.scim());
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": world.webex.scim().url, "token": world.webex.token,
        "scope": "all", "settings": { "in_doubt_seconds": 0, "groups": "all" },
    });
    api.post("/apps", &app).await.expect(201);
    hire(&world.plain, &["anna@example.com", "bo@example.com"]).await;
    api.post("/groups", &json!({ "display_name": "Lab" }))
        .await
        .expect(201);
    let members = json!({ "add": ["anna@example.com", "bo@example.com"] });
    api.post("/groups/Lab/members", &members).await.expect(200);
    api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    until(&api, "/apps/Hub/status", |status| status["in_step"] == true).await;
    let group = async || {
        let found = hub.get("/Groups?filter=displayName sw \"L\"").await.expect(200);
        found["Resources"][0].clone()
    };
    let id = text(&group().await["id"]).to_owned();
    let anna = hub
        .get("/Users?filter=userName eq \"anna@example.com\"")
        .await
        .expect(200);
    let anna = text(&anna["Resources"][0]["id"]).to_owned();
    let change = patch_op(json!([
        { "op": "replace", "path": "displayName", "value": "Lobby" },
        { "op": "remove", "path": format!("members[value eq \"{anna}\"]") },
    ]));
    hub.patch(&format!("/Groups/{id}"), &change).await.expect(204);
    hub.post("/Groups", &json!({ "displayName": "Strangers" }))
        .await
        .expect(201);

    let report = json!({ "mode": "report" });
    api.post("/apps/Hub/reconcile", &report).await.expect(202);
    let is_over = |drift: &Value| drift["reconciliation"]["state"] == "done";
    let drift = until(&api, "/apps/Hub/drift?kind=changed", is_over).await;
    assert_eq!(
        drift["counts"]["groups"],
        json!({ "changed": 1, "vanished": 0, "unlinked": 1 })
    );
    assert_eq!(drift["reconciliation"]["groups_listed"], 2);
    let item = &drift["items"][0];
    assert_eq!(
        (&item["resource"], &item["name"], &item["changes"]),
        (
            &json!("group"),
            &json!("Lab"),
            &json!([
                { "attribute": "displayName", "ours": "Lab", "theirs": "Lobby" },
                { "attribute": "members", "ours": ["anna@example.com"], "theirs": null },
            ])
        )
    );
    // Page by page.
    let first = api.get("/apps/Hub/drift?limit=1").await.expect(200);
    let second = format!("/apps/Hub/drift?limit=1&after={}", text(&first["next"]));
    let second = api.get(&second).await.expect(200);
    assert_ne!(first["items"][0]["remote_id"], second["items"][0]["remote_id"]);
    api.get("/apps/Hub/drift?after=4711").await.problem(400, "after");

    let correct = json!({ "mode": "correct" });
    api.post("/apps/Hub/reconcile", &correct).await.expect(202);
    until(&api, "/apps/Hub/drift", |drift| {
        drift["counts"]["groups"]["changed"] == 0
    })
    .await;
    assert_eq!(group().await["displayName"], "Lab");
    let whole = hub.get(&format!("/Groups/{id}")).await.expect(200);
    assert_eq!(whole["members"].as_array().map(Vec::len), Some(2));
    engine.stop().await;
}

/// The hub drops what describes an address together with the address: nothing is sent when nothing has changed.
async fn an_e_mail_without_an_address_leaves_nothing_to_send(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, people, hub) = (world.plain.api(), world.plain.scim(), world.webex.scim());
    let app = json!({
        "template": "scim", "name": "Hub", "base_url": world.webex.scim().url, "token": world.webex.token,
        "scope": "all", "settings": { "in_doubt_seconds": 0 },
    });
    api.post("/apps", &app).await.expect(201);
    let home = |sub: &str| format!("emails[type eq \"home\"].{sub}");
    for (source, target) in [
        (home("value"), home("value")),
        ("displayName".to_owned(), home("display")),
    ] {
        let row = json!({ "mapping": { "source": { "attribute": source }, "target": target } });
        api.post("/apps/Hub/mappings", &row).await.expect(201);
    }
    let anna = json!({ "userName": "anna@example.com", "displayName": "Anna", "emails": [
        { "type": "work", "value": "anna@example.com", "primary": true }, { "type": "home", "value": "a@home.example" }] });
    let anna = people.post("/Users", &anna).await.expect(201);
    let place = format!("/Users/{}", text(&anna["id"]));
    let in_step = async || until(&api, "/apps/Hub/status", |status| status["in_step"] == true).await;
    let addresses = async || {
        let found = hub
            .get("/Users?filter=userName eq \"anna@example.com\"")
            .await
            .expect(200);
        let emails = found["Resources"][0]["emails"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        emails
            .iter()
            .filter(|email| email["type"] == "home")
            .cloned()
            .collect::<Vec<_>>()
    };
    let written = async || {
        let log = api.get("/log?app=Hub").await.expect(200);
        log["items"].as_array().map_or(0, Vec::len)
    };
    let restart = json!({ "restart": true });
    api.post("/apps/Hub/sync", &restart).await.expect(202);
    in_step().await;
    assert_eq!(
        addresses().await,
        [json!({ "type": "home", "value": "a@home.example", "display": "Anna" })]
    );
    let clear = patch_op(json!([{ "op": "remove", "path": home("value") }]));
    people.patch(&place, &clear).await.expect(200);
    in_step().await;
    assert_eq!(addresses().await, Vec::<Value>::new());
    let before = written().await;
    for _ in 0..2 {
        api.post("/apps/Hub/sync", &restart).await.expect(202);
        in_step().await;
        assert_eq!(written().await, before, "nothing has changed");
        assert_eq!(addresses().await, Vec::<Value>::new());
    }
    let rename = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "Anna Lind" }]));
    people.patch(&place, &rename).await.expect(200);
    in_step().await;
    assert_eq!((written().await, addresses().await), (before + 1, Vec::new()));
    let back = patch_op(
        json!([{ "op": "add", "path": "emails", "value": [{ "type": "home", "value": "b@home.example" }] }]),
    );
    people.patch(&place, &back).await.expect(200);
    in_step().await;
    assert_eq!(
        addresses().await,
        [json!({ "type": "home", "value": "b@home.example", "display": "Anna Lind" })]
    );
    engine.stop().await;
}
