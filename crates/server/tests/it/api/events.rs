//! `/api/v1/events`: every change with who did it, by which request.

use serde_json::{Value, json};

use super::{column, text, through};
use crate::on_both;
use crate::world::World;

on_both!(
    changes_leave_a_trail,
    one_request_one_correlation,
    pages,
    limits_and_cursors
);

async fn changes_leave_a_trail(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let user = json!({ "userName": "anna", "title": "Clerk" });
    let user = text(&scim.post("/Users", &user).await.expect(201)["id"]).to_owned();
    let path = format!("/Users/{user}");
    let rename = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Chief" }] });
    scim.patch(&path, &rename).await.expect(200);
    scim.patch(&path, &rename).await.expect(200);
    api.patch("/people/anna", &json!({ "active": false }))
        .await
        .expect(200);
    let group = text(
        &api.post("/groups", &json!({ "display_name": "G" }))
            .await
            .expect(201)["id"],
    )
    .to_owned();
    api.post("/groups/G/members", &json!({ "add": ["anna"] }))
        .await
        .expect(200);
    api.post("/groups/G/members", &json!({ "add": ["anna"] }))
        .await
        .expect(200);
    api.delete("/groups/G").await.expect(204);
    api.delete("/people/anna").await.expect(204);
    scim.post("/Users", &json!({ "userName": "" }))
        .await
        .scim_error(400, "invalidValue");

    let events = api.get("/events").await.expect(200);
    let mut items = events["items"].as_array().expect("items").clone();
    items.reverse();
    let types: Vec<_> = items.iter().map(|event| text(&event["type"])).collect();
    assert_eq!(
        types,
        [
            "user_create", // the admin
            "user_create",
            "user_update",
            "user_update",
            "group_create",
            "group_update",
            "group_delete",
            "user_delete"
        ]
    );
    for event in &items[1..] {
        assert_eq!(event["success"], true);
        assert_eq!(
            (&event["actor"]["kind"], &event["actor"]["name"]),
            (&json!("token"), &json!("Test token"))
        );
        assert_eq!(event["actor"]["id"].as_str().map(str::len), Some(36));
        assert_eq!(event["correlation_id"].as_str().map(str::len), Some(36));
        assert!(text(&event["at"]).ends_with('Z'));
        let (kind, id) = if text(&event["type"]).starts_with("user") {
            ("user", &user)
        } else {
            ("group", &group)
        };
        assert_eq!(event["resource"], json!({ "kind": kind, "id": id }));
    }
    assert_eq!(items[0]["actor"]["kind"], "operator");
    assert_eq!(
        items[2]["detail"],
        json!({ "name": "anna", "source": "scim", "changes": [{ "field": "title", "from": "Clerk", "to": "Chief" }] })
    );
    assert_eq!(items[3]["detail"]["source"], "api");
    assert_eq!(
        items[3]["detail"]["changes"],
        json!([{ "field": "active", "from": true, "to": false }])
    );
    let mut correlations: Vec<_> = items.iter().map(|event| text(&event["correlation_id"])).collect();
    correlations.sort_unstable();
    correlations.dedup();
    assert_eq!(correlations.len(), items.len(), "each request has its own");
}

async fn one_request_one_correlation(world: &World) {
    let api = world.plain.api();
    let call = api
        .call(http::Method::POST, "/people/import")
        .body("text/csv", "userName\na\nb\nc\n");
    let answer = call.send().await;
    answer.expect(200);
    let events = api.get("/events").await.expect(200);
    let items = &events["items"].as_array().expect("items")[..3];
    for event in items {
        assert_eq!(event["correlation_id"], items[0]["correlation_id"]);
        assert_eq!(event["detail"]["source"], "csv");
    }
    let tracking = format!("INSTEP_{}", text(&items[0]["correlation_id"]));
    assert_eq!(
        answer.header("trackingid"),
        tracking,
        "what support is told leads to the events"
    );
}

async fn pages(world: &World) {
    let api = world.plain.api();
    super::hire(&world.plain, &["a", "b", "c", "d", "e"]).await;
    let all = column(&api.get("/events").await.expect(200), "id");
    assert_eq!(all.len(), 6);
    for limit in 1..=7 {
        assert_eq!(
            through(&api, &format!("/events?limit={limit}"), "id").await,
            all,
            "limit {limit}"
        );
    }
    let mut oldest_first = all.clone();
    oldest_first.reverse();
    for limit in 1..=7 {
        let path = format!("/events?order=asc&limit={limit}");
        assert_eq!(through(&api, &path, "id").await, oldest_first, "limit {limit}");
    }
    let newest = api.get("/events?order=desc&limit=1").await.expect(200);
    assert_eq!(newest["items"][0]["id"], Value::from(all[0].as_str()));
}

async fn limits_and_cursors(world: &World) {
    let api = world.plain.api();
    for (query, code) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("after=nothing", "after"),
        ("order=sideways", "order"),
    ] {
        api.get(&format!("/events?{query}")).await.problem(400, code);
    }
}
