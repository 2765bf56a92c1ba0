//! `POST /insights/directory/v1/events`: the event trail in Directory Insights' shape.

use access::{Role, Scope};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::on_both;
use crate::world::{Organization, World};

on_both!(shape, pages, search, refusals, keys);

const PATH: &str = "/insights/directory/v1/events";
const START: &str = "2020-01-01T14:00:00Z";

fn door(world: &World, org: &Organization) -> Client {
    Client::new(world.address.clone(), Some(&org.token), "application/json")
}

async fn ask(client: &Client, more: &Value) -> Answer {
    let mut body = json!({ "service": ["directory"], "start_time": START });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    client.post(PATH, &body).await
}

#[track_caller]
fn rows(answer: &Answer) -> Vec<Value> {
    answer.expect(200).as_array().expect("an array").clone()
}

async fn hire(org: &Organization, names: &[&str]) {
    for name in names {
        let user = json!({ "userName": name, "title": "Clerk" });
        org.scim().post("/Users", &user).await.expect(201);
    }
}

async fn shape(world: &World) {
    let client = door(world, &world.plain);
    hire(&world.plain, &["anna"]).await;
    let api = world.plain.api();
    api.patch("/people/anna", &json!({ "active": false }))
        .await
        .expect(200);
    let app =
        json!({ "template": "scim", "name": "Lab", "base_url": "http://127.0.0.1:9/scim", "token": "t" });
    let app = api.post("/apps", &app).await.expect(201);
    api.delete("/apps/Lab?confirm=no").await.expect(400);

    let answer = ask(&client, &json!({ "sort": "desc" })).await;
    let rows = rows(&answer);
    let types: Vec<_> = rows
        .iter()
        .map(|row| row["event_type"].as_str().expect("a type"))
        .collect();
    assert_eq!(
        types,
        [
            "idm_integration_delete",
            "idm_integration_activate",
            "idm_integration_activate",
            "application_create",
            "user_state_change",
            "user_update",
            "user_create",
            "token_create",
            "user_admin_granted",
            "user_create",
            "organization_create"
        ]
    );
    let headers = ["x-result-count", "x-limit", "x-sort"].map(|name| answer.header(name));
    assert_eq!(headers, ["11", "1000", "DESC"]);
    assert_eq!(answer.header("x-request-id").len(), 36);
    for row in &rows {
        assert_eq!(
            (&row["service"], &row["@version"], &row["organization"]),
            (&json!("directory"), &json!("1"), &json!(world.plain.id))
        );
        assert!(row["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
        assert_eq!(row["id"].as_str().map(str::len), Some(36));
    }
    let failed = &rows[0];
    assert_eq!(
        (&failed["success"], &failed["resource"]["name"]),
        (&json!(false), &json!("Lab"))
    );
    assert!(
        failed["error_message"]
            .as_str()
            .is_some_and(|text| text.contains("confirm")),
        "{failed}"
    );
    assert_eq!(failed["application"], json!({ "id": app["id"], "name": "Lab" }));
    let activated: Vec<_> = rows[1..3].iter().map(|row| &row["success"]).collect();
    assert_eq!(activated, [&json!(false), &json!(true)], "nobody listens there");
    assert!(!rows[1]["error_message"].is_null(), "{}", rows[1]);
    let update = &rows[5];
    let id = api.get("/people/anna").await.expect(200)["id"].clone();
    assert_eq!(
        update["resource"],
        json!({ "type": "user", "id": id, "username": "anna" })
    );
    assert_eq!(
        update["changes"],
        json!([{ "field": "active", "from": true, "to": false }])
    );
    assert_eq!(
        (&update["success"], &update["error_message"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (
            &update["initiated_by"]["type"],
            &update["initiated_by"]["name"],
            &update["initiated_by"]["source"]
        ),
        (&json!("admin"), &json!("Test token"), &json!("instep:api"))
    );
    assert_eq!(update["auth_method"], "api-key");
}

async fn pages(world: &World) {
    let client = door(world, &world.plain);
    hire(&world.plain, &["a", "b", "c", "d", "e"]).await;
    for sort in ["ASC", "DESC"] {
        let all = rows(&ask(&client, &json!({ "sort": sort })).await);
        assert_eq!(all.len(), 9);
        for limit in 1..=10 {
            let (mut seen, mut after) = (Vec::new(), json!([]));
            loop {
                let answer = ask(
                    &client,
                    &json!({ "sort": sort, "limit": limit, "search_after": after }),
                )
                .await;
                let page = rows(&answer);
                assert_eq!(answer.header("x-result-count"), page.len().to_string());
                assert_eq!(answer.header("x-limit"), limit.to_string());
                after = serde_json::from_str(answer.header("x-search_after")).expect("JSON");
                let full = page.len() == limit;
                seen.extend(page);
                if !full {
                    break;
                }
            }
            assert_eq!(seen, all, "{sort} {limit}");
        }
        let skipped = rows(&ask(&client, &json!({ "sort": sort, "skip": 4 })).await);
        assert_eq!(skipped, all[4..]);
    }
    let all = rows(&ask(&client, &json!({})).await);
    let between = json!({ "start_time": all[4]["timestamp"], "end_time": all[6]["timestamp"] });
    assert_eq!(rows(&ask(&client, &between).await), all[4..6]);
}

async fn search(world: &World) {
    let client = door(world, &world.plain);
    hire(&world.plain, &["anna", "bert", "carl"]).await;
    world.plain.api().delete("/people/bert").await.expect(204);
    hire(&world.webex, &["secret@example.com"]).await;
    for (term, count) in [
        (json!({ "and": [{ "event_type": "user_create" }] }), 4),
        (
            json!({ "and": [{ "event_type": "user_delete" }, { "resource.username": "BERT" }] }),
            1,
        ),
        (
            json!({ "or": [{ "event_type": "user_delete" }, { "resource.username": "anna" }] }),
            2,
        ),
        (
            json!({ "not": [{ "event_type": ["user_create", "token_create"] }] }),
            3,
        ),
        (
            json!({ "and": [{ "success": "true" }, { "or": [{ "resource.username": ["anna", "carl"] }] }] }),
            2,
        ),
        (
            json!({ "and": [{ "field": "event_type", "operator": "endsWith", "value": "_delete" }] }),
            1,
        ),
        (
            json!({ "and": [{ "resource.username": "secret@example.com" }] }),
            0,
        ),
        (json!({ "and": [{ "event_type": "nothing\u{0}" }] }), 0),
    ] {
        let found = rows(&ask(&client, &json!({ "search_term": term })).await);
        assert_eq!(found.len(), count, "{term}");
    }
    let some = json!({ "fields": ["event_type", "resource.username"], "limit": 1, "sort": "DESC" });
    assert_eq!(
        rows(&ask(&client, &some).await),
        [json!({ "event_type": "user_delete", "resource": { "username": "bert" } })]
    );
    for (service, count) in [("all", 8), ("directory", 8), ("radius", 0), ("sso", 0)] {
        assert_eq!(
            rows(&ask(&client, &json!({ "service": [service] })).await).len(),
            count,
            "{service}"
        );
    }
}

async fn refusals(world: &World) {
    let client = door(world, &world.plain);
    for (body, word) in [
        (json!({ "service": ["weather"] }), "radius"),
        (json!({ "start_time": "soon" }), "RFC 3339"),
        (json!({ "start_time": "2099-01-01T00:00:00Z" }), "future"),
        (json!({ "end_time": START }), "after start_time"),
        (json!({ "fields": [] }), "event_type"),
        (
            json!({ "search_term": { "and": [{ "changes": "x" }] } }),
            "cannot be searched",
        ),
        (json!({ "search_after": "x" }), "X-Search_after"),
    ] {
        let message = ask(&client, &body).await.message(400);
        assert!(message.contains(word), "{message}");
    }
    let broken = client
        .call(Method::POST, PATH)
        .body("application/json", "{")
        .send()
        .await;
    broken.message(400);
    client.get(PATH).await.message(405);
    client.get("/insights/elsewhere").await.message(404);
}

async fn keys(world: &World) {
    let nobody = world.nobody();
    let body = json!({ "service": ["all"], "start_time": START });
    let with = async |name: &str, value: &str| {
        let call = nobody.call(Method::POST, PATH).header(name, value);
        call.body("application/json", body.to_string()).send().await
    };
    let (_, auditor) = world.token(&world.plain, &[Scope::AuditEventsRead], 365).await;
    assert_eq!(
        with("x-api-key", &auditor)
            .await
            .expect(200)
            .as_array()
            .map(Vec::len),
        Some(5)
    );
    with("authorization", &format!("Bearer {auditor}"))
        .await
        .expect(200);
    with("x-api-key", "somebody-else's").await.message(401);
    let (_, reader) = world
        .token(&world.plain, &[Scope::InstepRead, Scope::IdentityScim], 365)
        .await;
    assert!(
        with("x-api-key", &reader)
            .await
            .message(403)
            .contains("audit:events_read")
    );
    let (_, powerless) = world.token_of(&world.plain, Role::None).await;
    with("x-api-key", &powerless).await.message(403);
    let elsewhere = nobody
        .call(Method::GET, "/api/v1/events")
        .header("x-api-key", &world.plain.token);
    elsewhere.send().await.problem(401, "token.missing");

    let of = async |org: String| {
        let call = nobody
            .call(Method::POST, PATH)
            .header("x-api-key", &auditor)
            .header("x-org-id", &org);
        call.body("application/json", body.to_string()).send().await
    };
    of(world.plain.id.to_string()).await.expect(200);
    of(world.webex.id.to_string()).await.message(404);
}
