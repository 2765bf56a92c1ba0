//! Cycles, status, log and accounts, with a running engine: one organization keeps another of the same server in
//! step, over HTTP.

use std::time::Duration;

use provisioning::{Engine, Peers};
use serde_json::{Value, json};

use super::{column, text, through};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(one_keeps_the_other_in_step, failures_are_shown);

/// The app's status once everything that is known has been carried out.
async fn in_step(api: &Client) -> Value {
    settled(api, |status| status["in_step"] == true).await
}

async fn settled(api: &Client, done: impl Fn(&Value) -> bool) -> Value {
    let mut status = Value::Null;
    for _ in 0..600 {
        status = api.get("/apps/Hub/status").await.expect(200);
        if done(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not settle: {status}")
}

async fn add_hub(world: &World, token: &str) {
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": world.webex.scim().url, "token": token, "when_empty": "clear",
    });
    world.plain.api().post("/apps", &app).await.expect(201);
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let mut members = Vec::new();
    for name in ["anna", "bert", "carl"] {
        let user =
            json!({ "userName": format!("{name}@example.com"), "displayName": name, "title": "Clerk" });
        members.push(json!({ "value": scim.post("/Users", &user).await.expect(201)["id"] }));
    }
    scim.post("/Groups", &json!({ "displayName": "Staff", "members": members }))
        .await
        .expect(201);
    api.post("/apps/Hub/assignments", &json!({ "add": [{ "group": "Staff" }] }))
        .await
        .expect(200);
}

async fn one_keeps_the_other_in_step(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, hub) = (world.plain.api(), world.webex.scim());
    add_hub(world, &world.webex.token).await;
    hub.post(
        "/Users",
        &json!({ "userName": "Carl@example.com", "title": "Old" }),
    )
    .await
    .expect(201);
    let begun = api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    assert_eq!(begun["cycle"]["kind"], "initial");
    let status = in_step(&api).await;
    assert_eq!(
        (&status["started"], &status["linked"], &status["failing_total"]),
        (&json!(true), &json!(3), &json!(0))
    );
    assert_eq!((&status["hold"], &status["failing"]), (&Value::Null, &json!([])));
    let cycle = text(&begun["cycle"]["id"]);
    let cycle = settled_cycle(&api, cycle).await;
    assert_eq!(
        (
            &cycle["total"],
            &cycle["counts"]["created"],
            &cycle["counts"]["linked"]
        ),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!(
        api.get("/apps/Hub/cycles?limit=1").await.expect(200)["items"][0],
        cycle
    );
    for name in ["anna", "bert", "carl"] {
        let found = hub
            .get(&format!("/Users?filter=userName eq \"{name}@example.com\""))
            .await
            .expect(200);
        let account = &found["Resources"][0];
        assert_eq!(
            (&account["displayName"], &account["title"]),
            (&json!(name), &json!("Clerk"))
        );
        let person = api.get(&format!("/people/{name}@example.com")).await.expect(200);
        assert_eq!(
            account["externalId"], person["id"],
            "the link that admins see on both sides"
        );
        let accounts = person["accounts"].as_array().expect("accounts");
        assert_eq!(accounts.len(), 1);
        assert_eq!(
            (&accounts[0]["app"], &accounts[0]["state"]),
            (&json!("Hub"), &json!("active"))
        );
        assert_eq!(
            (&accounts[0]["remote_id"], &accounts[0]["error"]),
            (&account["id"], &Value::Null)
        );
    }

    api.patch("/people/bert@example.com", &json!({ "active": false }))
        .await
        .expect(200);
    in_step(&api).await;
    let bert = hub
        .get("/Users?filter=userName eq \"bert@example.com\"")
        .await
        .expect(200);
    assert_eq!(bert["Resources"][0]["active"], false);

    let log = api.get("/log").await.expect(200);
    let mut actions = column(&log, "action");
    assert_eq!(actions.remove(0), "disable", "the latest first");
    actions.sort();
    assert_eq!(actions, ["create", "create", "link"]);
    let last = &log["items"][0];
    assert_eq!(
        (&last["app"], &last["status"], &last["subject"]["name"]),
        (&json!("Hub"), &json!("success"), &json!("bert@example.com"))
    );
    assert_eq!(
        (&last["request"]["method"], &last["response"]["status"]),
        (&json!("PATCH"), &json!(200))
    );
    assert!(text(&last["request"]["url"]).starts_with(&hub.url));
    assert_eq!(
        last["changes"],
        json!([{ "attribute": "active", "old": true, "new": false }])
    );
    assert_eq!(last["source"]["active"], false, "as it was read: {last}");
    assert_eq!(last["source"]["attributes"]["displayName"], "bert");
    assert_eq!(
        (&last["scope"]["in_scope"], &last["scope"]["text"]),
        (&json!(true), &json!("a member of the assigned group Staff"))
    );
    assert_eq!(
        last["match"],
        json!({ "result": "linked", "remote_id": bert["Resources"][0]["id"] })
    );
    let mapping = |target: &str| {
        let mut mappings = last["mappings"].as_array().expect("mappings").iter();
        mappings
            .find(|mapping| mapping["target"] == target)
            .cloned()
            .expect("a mapping")
    };
    assert_eq!(
        mapping("title"),
        json!({ "target": "title", "source": "[jobTitle]", "value": "Clerk" })
    );
    assert_eq!(mapping("active")["value"], "False");
    for entry in log["items"].as_array().expect("items") {
        let result = match text(&entry["action"]) {
            "create" => "absent",
            "link" => "found",
            _ => "linked",
        };
        assert_eq!(entry["match"]["result"], result, "{entry}");
    }
    assert!(last["attempt"].is_u64() && last["duration_ms"].is_u64() && last["correlation_id"].is_string());
    assert!(!log.to_string().contains(&world.webex.token));
    let all = column(&log, "id");
    assert_eq!(through(&api, "/log?limit=1", "id").await, all);
    let mut oldest_first = all.clone();
    oldest_first.reverse();
    assert_eq!(through(&api, "/log?limit=3&order=asc", "id").await, oldest_first);
    for (query, count) in [
        ("user=bert@example.com", 2),
        ("user=BERT@example.com&action=disable", 1),
        ("action=create", 2),
        ("status=failure", 0),
        ("status=success&app=hub", 4),
        (&format!("cycle={}", text(&cycle["id"])), 3),
    ] {
        let items = api.get(&format!("/log?{query}")).await.expect(200);
        assert_eq!(items["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
    assert_eq!(
        provisioned(&api).await,
        [
            ("user_create_provision", "anna@example.com", true),
            ("user_create_provision", "bert@example.com", true),
            ("user_deprovision", "bert@example.com", true),
            ("user_update_provision", "carl@example.com", true),
        ]
        .map(|(kind, name, success)| (kind.to_owned(), name.to_owned(), success))
    );
    let plan = api.post("/apps/Hub/plan?all=true", &json!({})).await.expect(200);
    assert_eq!(plan["counts"]["unchanged"], 3, "{plan}");
    engine.stop().await;
}

/// What the trail says was done about accounts, in the order of names.
async fn provisioned(api: &Client) -> Vec<(String, String, bool)> {
    let events = api.get("/events?order=asc").await.expect(200);
    let mut seen: Vec<_> = events["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|event| event["actor"]["kind"] == "app")
        .map(|event| {
            assert_eq!(event["detail"]["application"]["name"], "Hub", "{event}");
            let name = text(&event["detail"]["name"]).to_owned();
            (text(&event["type"]).to_owned(), name, event["success"] == true)
        })
        .collect();
    seen.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    seen
}

/// Whoever has failed is tried at once when that is asked for.
async fn retried(api: &Client) {
    let slow = json!({ "settings": { "retry_first_seconds": 3600, "retry_longest_seconds": 3600 } });
    api.patch("/apps/Hub", &slow).await.expect(200);
    let attempts = |status: &Value| status["failing"][0]["attempts"].as_u64().unwrap_or_default();
    let far = |status: &Value| status["failing"][0]["next_attempt"].as_str().map(str::to_owned);
    // The next failure is tried again in half an hour at the earliest.
    let mut before = api.get("/apps/Hub/status").await.expect(200);
    for wanted in [json!({}), json!({ "user": "nobody" })] {
        let answer = api.post("/apps/Hub/retry", &wanted).await.expect(200);
        assert_eq!(answer["hold_lifted"], false);
        let seen = attempts(&before);
        before = settled(api, |status| attempts(status) > seen).await;
    }
    let waits = far(&before).expect("a time");
    let none = api
        .post("/apps/Hub/retry", &json!({ "user": "anna@example.com" }))
        .await
        .expect(200);
    assert_eq!(none, json!({ "retried": 0, "hold_lifted": false }));
    assert_eq!(far(&api.get("/apps/Hub/status").await.expect(200)), Some(waits));
    api.post("/apps/Hub/retry", &json!({ "user": "somebody-else" }))
        .await
        .problem(404, "person.unknown");
    api.post("/apps/Hub/pause", &json!({})).await.expect(200);
    let refused = api
        .post("/apps/Hub/retry", &json!({}))
        .await
        .problem(409, "app.paused");
    assert_eq!(refused["detail"], "the app is paused: resume it first");
}

async fn settled_cycle(api: &Client, id: &str) -> Value {
    for _ in 0..600 {
        let cycle = api.get(&format!("/apps/Hub/cycles/{id}")).await.expect(200);
        if cycle["state"] == "done" {
            assert!(text(&cycle["finished_at"]) >= text(&cycle["started_at"]));
            return cycle;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the cycle does not end")
}

/// The hub wants e-mail addresses, and one person has none.
async fn failures_are_shown(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let api = world.plain.api();
    add_hub(world, &world.webex.token).await;
    world
        .plain
        .scim()
        .post("/Users", &json!({ "userName": "nobody", "displayName": "N" }))
        .await
        .expect(201);
    api.post("/apps/Hub/assignments", &json!({ "add": [{ "user": "nobody" }] }))
        .await
        .expect(200);
    api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    let failed = |status: &Value| status["failing_total"] == 1 && status["linked"] == 3;
    let status = settled(&api, failed).await;
    let failing = &status["failing"][0];
    assert_eq!(failing["subject"]["name"], "nobody");
    assert!(
        !text(&failing["error"]["code"]).is_empty() && !text(&failing["error"]["text"]).is_empty(),
        "{failing}"
    );
    assert!(failing["attempts"].as_u64() >= Some(1), "{failing}");
    let log = api.get("/log?status=failure&user=nobody").await.expect(200);
    let entry = &log["items"][0];
    assert_eq!(
        (&entry["action"], &entry["response"]["status"]),
        (&json!("create"), &json!(400)),
        "{entry}"
    );
    assert!(
        entry["response"]["body"].to_string().contains("e-mail"),
        "what the target said is kept: {entry}"
    );
    retried(&api).await;
    let person = api.get("/people/nobody").await.expect(200);
    assert!(person["accounts"][0]["error"].is_string(), "{person}");
    let about = ("user_create_provision".to_owned(), "nobody".to_owned(), false);
    assert!(
        provisioned(&api).await.contains(&about),
        "a failed attempt is an event too"
    );
    engine.stop().await;
}
