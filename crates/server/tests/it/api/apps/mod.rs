//! `/api/v1/apps`: gallery, mappings, assignments, plans. What the engine then does is tested with the engine.

mod activation;
mod assignments;
mod groups;
mod mappings;
mod supposed;

use serde_json::{Value, json};

use super::{column, hire, text};
use crate::client::Client;
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(
    an_app_lives_and_dies,
    what_is_no_app,
    one_person_at_an_app,
    connections,
    a_plan_is_made_and_nothing_sent,
    tokens_are_not_shown,
);

/// The hub organization of the same server as a target, over HTTP.
async fn add_hub(world: &World, name: &str) -> Value {
    let body = json!({
        "template": "webex", "name": name, "base_url": world.webex.scim().url, "token": world.webex.token,
    });
    world.plain.api().post("/apps", &body).await.expect(201)
}

async fn an_app_lives_and_dies(world: &World) {
    let api = world.plain.api();
    let made = api
        .post(
            "/apps",
            &json!({ "template": "webex", "org_id": "o-1", "offer": "government", "token": "t", "activate": false }),
        )
        .await
        .expect(201);
    assert_eq!(
        (&made["name"], &made["template"], &made["preset"]),
        (&json!("Webex"), &json!("webex"), &json!("webex-entra"))
    );
    assert_eq!(
        (&made["state"], &made["scope"], &made["has_token"]),
        (&json!("paused"), &json!("assigned"), &json!(true))
    );
    assert_eq!(made["base_url"], "https://api-usgov.webex.com/v1/scim/o-1");
    let path = format!("/apps/{}", text(&made["id"]));
    let mut read = api.get(&path).await.expect(200);
    let ways = read["ways"].take();
    assert_eq!(
        ways[0],
        json!({"name": "update", "value": "patch", "origin": "assumed", "seen_at": null})
    );
    read.as_object_mut().expect("an object").remove("ways");
    assert_eq!(read, made);
    assert_eq!(
        api.get("/apps/WEBEX").await.expect(200)["id"],
        made["id"],
        "by name, in any case"
    );
    assert_eq!(api.get("/apps").await.expect(200)["items"], json!([made]));

    let change =
        json!({ "name": "Webex EU", "scope": "all", "settings": { "concurrency": 3, "delete": false } });
    let changed = api.patch(&path, &change).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["scope"]),
        (&json!("Webex EU"), &json!("all"))
    );
    assert_eq!(changed["settings"]["concurrency"], 3);
    assert_eq!(
        (
            api.get("/apps/Webex").await.status,
            api.get("/apps/webex%20eu").await.status
        ),
        (404, 200)
    );
    assert_eq!(
        api.post(&format!("{path}/pause"), &json!({})).await.expect(200)["state"],
        "paused"
    );
    api.post(&format!("{path}/sync"), &json!({}))
        .await
        .problem(409, "app.paused");
    assert_eq!(
        api.post(&format!("{path}/resume"), &json!({})).await.expect(200)["state"],
        "active"
    );
    for (activate, state) in [(false, "paused"), (true, "active")] {
        assert_eq!(
            api.patch(&path, &json!({ "activate": activate }))
                .await
                .expect(200)["state"],
            state
        );
    }
    let status = api.get(&format!("{path}/status")).await.expect(200);
    assert_eq!(
        (&status["started"], &status["cycle"], &status["linked"]),
        (&json!(false), &Value::Null, &json!(0))
    );
    assert_eq!(
        api.get(&format!("{path}/cycles")).await.expect(200)["items"],
        json!([])
    );
    for cycle in [NOBODY, "nothing"] {
        api.get(&format!("{path}/cycles/{cycle}"))
            .await
            .problem(404, "cycle.unknown");
    }

    api.delete(&path).await.problem(400, "app.not_confirmed");
    api.delete(&format!("{path}?confirm=Webex"))
        .await
        .problem(400, "app.not_confirmed");
    api.delete(&format!("{path}?confirm=Webex+EU")).await.expect(204);
    api.get(&path).await.problem(404, "app.unknown");
    let types = column(&api.get("/events").await.expect(200), "type");
    assert!(
        types.contains(&"idm_integration_activate".to_owned()),
        "{types:?}"
    );
    assert_eq!(types[0], "idm_integration_delete");
}

async fn what_is_no_app(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    for (body, status, code) in [
        (json!({}), 400, "app.template"),
        (json!({ "template": "nothing" }), 400, "body.invalid"),
        (json!({ "template": "webex" }), 400, "app.base_url_missing"),
        (
            json!({ "template": "scim", "base_url": "not a URL" }),
            400,
            "app.settings",
        ),
        (
            json!({ "template": "scim", "base_url": "ftp://x.example" }),
            400,
            "app.settings",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "name": "HUB" }),
            409,
            "app.name_taken",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "name": " " }),
            400,
            "app.name_missing",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "name": "a\u{0}b" }),
            400,
            "body.invalid",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "name": "x".repeat(201) }),
            400,
            "app.name_missing",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "name": "a\nb" }),
            400,
            "app.name_missing",
        ),
        (
            json!({ "template": "webex", "org_id": "o\u{7}" }),
            400,
            "app.org_id",
        ),
        (json!({ "template": "webex", "org_id": "a/b" }), 400, "app.org_id"),
        (
            json!({ "template": "webex", "org_id": "o", "token": "abc\ndef" }),
            400,
            "app.token_characters",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "token": "abc\u{201c}" }),
            400,
            "app.token_characters",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "token": "" }),
            400,
            "app.token_empty",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "preset": "nothing" }),
            400,
            "preset.unknown",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "settings": { "concurrency": 0 } }),
            400,
            "app.settings",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "settings": { "colour": 1 } }),
            400,
            "body.invalid",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "colour": "blue" }),
            400,
            "body.invalid",
        ),
        (
            json!({ "template": "webex", "org_id": "o", "scope": "some" }),
            400,
            "body.invalid",
        ),
    ] {
        let answer = api.post("/apps", &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        answer.problem(status, code);
    }
    assert_eq!(column(&api.get("/apps").await.expect(200), "name"), ["Hub"]);
    for (name, value) in [
        ("template", json!("scim")),
        ("preset", json!("scim")),
        ("when_empty", json!("clear")),
        ("org_id", json!("o")),
        ("offer", json!("default")),
    ] {
        let problem = api
            .patch("/apps/Hub", &json!({ name: value }))
            .await
            .problem(400, "app.fixed");
        assert_eq!(problem["params"]["name"], name);
    }
    for path in ["/apps/nothing", &format!("/apps/{NOBODY}")] {
        api.get(path).await.problem(404, "app.unknown");
        api.patch(path, &json!({})).await.problem(404, "app.unknown");
        api.post(&format!("{path}/sync"), &json!({}))
            .await
            .problem(404, "app.unknown");
    }
    api.post("/apps/Hub/plan?all=perhaps", &json!({}))
        .await
        .problem(400, "all");
    api.post("/apps/Hub/sync", &json!({ "again": true }))
        .await
        .problem(400, "body.invalid");
}

async fn connections(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let good = api.post("/apps/Hub/test", &json!({})).await.expect(200);
    assert_eq!(good["ok"], true, "{good}");
    api.patch("/apps/Hub", &json!({ "token": "instep_wrong" }))
        .await
        .expect(200);
    let bad = api.post("/apps/Hub/test", &json!({})).await.expect(200);
    assert_eq!(bad["ok"], false, "{bad}");
    assert!(
        !text(&bad["code"]).is_empty() && !text(&bad["text"]).is_empty(),
        "{bad}"
    );
    let down = json!({ "token": "t", "base_url": "http://127.0.0.1:9/scim" });
    api.patch("/apps/Hub", &down).await.expect(200);
    let down = api.post("/apps/Hub/test", &json!({})).await.expect(200);
    assert_eq!(down["ok"], false, "{down}");
    assert_ne!(
        down["code"], bad["code"],
        "a target that is down is not one that says no"
    );
}

/// Who is planned for which action, with its requests.
fn planned(plan: &Value) -> Vec<(String, String, usize)> {
    let items = plan["items"].as_array().expect("items").iter();
    items
        .map(|item| {
            let requests = item["requests"].as_array().map_or(0, Vec::len);
            (
                text(&item["subject"]["name"]).to_owned(),
                text(&item["action"]).to_owned(),
                requests,
            )
        })
        .collect()
}

async fn a_plan_is_made_and_nothing_sent(world: &World) {
    let (api, hub) = (world.plain.api(), world.webex.scim());
    add_hub(world, "Hub").await;
    let scim = world.plain.scim();
    for name in ["new@example.com", "there@example.com"] {
        scim.post(
            "/Users",
            &json!({ "userName": name, "displayName": "Ours", "title": "Clerk" }),
        )
        .await
        .expect(201);
    }
    hub.post(
        "/Users",
        &json!({ "userName": "There@example.com", "displayName": "Theirs" }),
    )
    .await
    .expect(201);
    let before = hub.get("/Users").await.expect(200);
    let add = json!({ "add": [{ "user": "new@example.com" }, { "user": "there@example.com" }] });
    api.post("/apps/Hub/assignments", &add).await.expect(200);
    let plan = api.post("/apps/Hub/plan", &json!({})).await.expect(200);
    let mut items = planned(&plan);
    items.sort();
    assert_eq!(
        items
            .iter()
            .map(|(name, action, _)| (name.as_str(), action.as_str()))
            .collect::<Vec<_>>(),
        [("new@example.com", "create"), ("there@example.com", "link")]
    );
    assert!(
        items.iter().all(|(_, _, requests)| *requests > 0),
        "it shows what would be sent: {plan}"
    );
    assert_eq!(
        (&plan["counts"]["create"], &plan["counts"]["link"]),
        (&json!(1), &json!(1))
    );
    assert!(!plan.to_string().contains(&world.webex.token));
    let all = api.post("/apps/Hub/plan?all=true", &json!({})).await.expect(200);
    assert!(all["items"].as_array().map(Vec::len) >= Some(2));
    assert_eq!(
        hub.get("/Users").await.expect(200),
        before,
        "a plan writes nothing"
    );
    assert_eq!(api.get("/apps/Hub/status").await.expect(200)["linked"], 0);
}

async fn tokens_are_not_shown(world: &World) {
    let api: Client = world.plain.api();
    let body = json!({ "template": "webex", "base_url": "http://127.0.0.1:9/scim", "token": "the-targets-own-secret", "token_expires_at": "2027-06-01T00:00:00Z" });
    let mut answers = vec![api.post("/apps", &body).await];
    answers.push(
        api.patch(
            "/apps/Webex",
            &json!({ "token": "the-targets-next-secret", "token_expires_at": "2027-07-01T00:00:00Z" }),
        )
        .await,
    );
    for path in ["/apps", "/apps/Webex", "/apps/Webex/status", "/events", "/log"] {
        answers.push(api.get(path).await);
    }
    answers.push(api.post("/apps/Webex/plan", &json!({})).await);
    for answer in answers {
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }
    let app = api.get("/apps/Webex").await.expect(200);
    assert_eq!(
        (&app["has_token"], &app["token_expires_at"]),
        (&json!(true), &json!("2027-07-01T00:00:00Z"))
    );
}

async fn one_person_at_an_app(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    hire(&world.plain, &["anna@example.com"]).await;
    let who = json!({ "person": "anna@example.com" });
    let why = api.get("/apps/Hub/why/anna@example.com").await.expect(200);
    assert_eq!(why["in_scope"], false);
    let last = why["reasons"]
        .as_array()
        .and_then(|all| all.last())
        .expect("a verdict");
    assert_eq!(last["text"], "not in scope");
    let done = api.post("/apps/Hub/provision-on-demand", &who).await.expect(200);
    let statuses = column(&json!({ "items": done["steps"] }), "status");
    assert_eq!(
        (done["result"].as_str(), statuses),
        (
            Some("skipped"),
            ["success", "skipped", "skipped", "success", "skipped"]
                .map(str::to_owned)
                .to_vec()
        )
    );
    let body = json!({ "add": [{ "user": "anna@example.com" }] });
    api.post("/apps/Hub/assignments", &body).await.expect(200);

    let preview = api.post("/apps/Hub/preview", &who).await.expect(200);
    assert_eq!(preview["action"], "create");
    let attributes = preview["attributes"].as_array().expect("attributes");
    assert_eq!(attributes.len(), 15);
    assert_eq!(attributes[0]["target"], "userName");
    assert_eq!(attributes[0]["new"], "anna@example.com");
    assert_eq!(
        (&attributes[0]["sent"], &attributes[0]["row"]),
        (&json!(true), &json!(1))
    );
    assert!(
        attributes
            .iter()
            .any(|one| one["sent"] == false && one["why"].is_string())
    );

    let done = api.post("/apps/Hub/provision-on-demand", &who).await.expect(200);
    assert_eq!(done["result"], "success", "{done}");
    assert_eq!(
        column(&json!({ "items": done["steps"] }), "name"),
        ["read", "scope", "match", "plan", "perform"]
    );
    let exchanges = done["steps"][4]["exchanges"].as_array().expect("exchanges");
    assert!(
        exchanges
            .iter()
            .any(|one| one["method"] == "POST" && one["status"] == 201),
        "{done}"
    );
    assert_eq!(done["log_entry"]["status"], "success");
    let again = api.post("/apps/Hub/provision-on-demand", &who).await.expect(200);
    assert_eq!(
        (&again["result"], &again["log_entry"]),
        (&json!("unchanged"), &Value::Null)
    );

    for path in ["/apps/Hub/preview", "/apps/Hub/provision-on-demand"] {
        let nobody = json!({ "person": "nobody" });
        api.post(path, &nobody).await.problem(404, "person.unknown");
        api.post(path, &json!({})).await.problem(400, "body.invalid");
    }
    api.get("/apps/Hub/why/nobody")
        .await
        .problem(404, "person.unknown");
    api.post("/apps/Hub/pause", &json!({})).await.expect(200);
    api.post("/apps/Hub/provision-on-demand", &who)
        .await
        .problem(409, "app.paused");
}
