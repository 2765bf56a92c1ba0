//! `/api/v1/events`: every change with who did it, by which request.

use serde_json::{Value, json};

use super::{column, text, through};
use crate::on_both;
use crate::world::World;

on_both!(
    changes_leave_a_trail,
    each_parameter_narrows,
    attempts_at_apps_leave_one_too,
    so_does_what_is_refused_at_the_door,
    what_changed_of_tables_and_assignments_is_told,
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
            // With its first administrator.
            "organization_create",
            "user_create",
            "user_admin_granted",
            "token_create",
            "user_create",
            "user_update",
            "user_update",
            "user_state_change",
            "group_create",
            "group_update",
            "group_delete",
            "user_delete"
        ]
    );
    for event in &items[4..] {
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
        items[5]["detail"],
        json!({ "name": "anna", "source": "scim", "changes": [{ "field": "title", "from": "Clerk", "to": "Chief" }] })
    );
    assert_eq!(items[6]["detail"]["source"], "api");
    assert_eq!(
        items[6]["detail"]["changes"],
        json!([{ "field": "active", "from": true, "to": false }])
    );
    let mut correlations: Vec<_> = items.iter().map(|event| text(&event["correlation_id"])).collect();
    correlations.sort_unstable();
    correlations.dedup();
    // What somebody becomes by it is told with the change, and the first administrator with the organization.
    assert_eq!(correlations.len(), items.len() - 3, "each request has its own");
}

async fn each_parameter_narrows(world: &World) {
    let api = world.plain.api();
    super::hire(&world.plain, &["a", "b"]).await;
    api.delete("/people/a").await.expect(204);
    let all = api.get("/events?order=asc").await.expect(200);
    let ids = column(&all, "id");
    let at = |number: usize| text(&all["items"][number]["at"]);
    assert_eq!(
        column(&api.get("/events?type=user_delete").await.expect(200), "id"),
        ids[6..]
    );
    for (query, from, to) in [
        (format!("from={}", at(3)), 3, 7),
        (format!("until={}", at(3)), 0, 3),
        (format!("from={}&until={}", at(3), at(5)), 3, 5),
        (format!("type=user_create&from={}", at(4)), 4, 6),
    ] {
        let found = api.get(&format!("/events?order=asc&{query}")).await.expect(200);
        assert_eq!(column(&found, "id"), ids[from..to], "{query}");
    }
    for (query, code) in [
        ("from=yesterday", "from"),
        ("until=1", "until"),
        ("type=%00", "type"),
    ] {
        api.get(&format!("/events?{query}")).await.problem(400, code);
    }
}

/// Whatever is tried with an app, and whether it worked.
async fn attempts_at_apps_leave_one_too(world: &World) {
    let api = world.plain.api();
    let add =
        json!({ "template": "scim", "name": "Lab", "base_url": "http://127.0.0.1:9/scim", "token": "t" });
    let app = api.post("/apps", &add).await.expect(201);
    api.post("/apps", &add).await.problem(409, "app.name_taken");
    let mut later = add.clone();
    (later["name"], later["activate"]) = (json!("Later"), json!(false));
    api.post("/apps", &later).await.expect(201);
    later["base_url"] = json!("nowhere");
    api.post("/apps", &later).await.problem(400, "app.settings");
    api.patch(
        "/apps/Lab",
        &json!({ "scope": "all", "settings": { "delete": false } }),
    )
    .await
    .expect(200);
    api.patch("/apps/Lab", &json!({ "settings": { "concurrency": 0 } }))
        .await
        .problem(400, "app.settings");
    api.patch("/apps/Lab", &json!({ "base_url": "http://127.0.0.1:8/scim" }))
        .await
        .problem(400, "app.token_needed");
    api.patch("/apps/Lab", &json!({ "token": "u" })).await.expect(200);
    api.patch(
        "/apps/Lab",
        &json!({ "token": "u", "base_url": "http://127.0.0.1:8/scim" }),
    )
    .await
    .expect(200);
    api.patch("/apps/Lab", &json!({ "token": " " }))
        .await
        .problem(400, "app.token_empty");
    api.put("/apps/Lab/mappings", &json!({ "mappings": [] }))
        .await
        .problem(400, "mapping.invalid");
    api.post("/apps/Lab/pause", &json!({})).await.expect(200);
    api.post("/apps/Lab/resume", &json!({})).await.expect(200);
    api.delete("/apps/Lab?confirm=lab")
        .await
        .problem(400, "app.not_confirmed");
    api.delete("/apps/Lab?confirm=Lab").await.expect(204);
    api.delete("/apps/Lab?confirm=Lab")
        .await
        .problem(404, "app.unknown");

    let events = api.get("/events?order=asc").await.expect(200);
    let items = &events["items"].as_array().expect("items")[4..];
    let seen: Vec<_> = items
        .iter()
        .map(|event| {
            let fields: Vec<_> = event["detail"]["changes"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|change| text(&change["field"]))
                .collect();
            (
                text(&event["type"]).trim_start_matches("idm_integration_"),
                text(&event["detail"]["name"]),
                event["detail"]["error"]["code"].as_str().unwrap_or_default(),
                fields.join(" "),
            )
        })
        .collect();
    let expected = [
        ("application_create", "Lab", "", ""),
        ("activate", "Lab", "", ""),
        ("activate", "Lab", "target.down", ""),
        ("activate", "Lab", "app.name_taken", ""),
        ("application_create", "Later", "", ""),
        ("application_create", "Later", "app.settings", ""),
        ("update", "Lab", "", "scope delete"),
        ("update", "Lab", "app.settings", ""),
        ("update", "Lab", "app.token_needed", ""),
        ("reauth", "Lab", "", ""),
        ("reauth", "Lab", "", ""),
        ("update", "Lab", "", "base_url"),
        ("reauth", "Lab", "app.token_empty", ""),
        ("update", "Lab", "mapping.invalid", ""),
        ("update", "Lab", "", "state"),
        ("activate", "Lab", "", ""),
        ("delete", "Lab", "app.not_confirmed", ""),
        ("delete", "Lab", "", ""),
    ]
    .map(|(kind, name, code, fields)| (kind, name, code, fields.to_owned()));
    assert_eq!(seen, expected);
    for event in items {
        assert_eq!(event["success"], event["detail"]["error"].is_null(), "{event}");
        assert_eq!(event["resource"]["kind"], "app");
        assert_eq!(event["actor"]["kind"], "token");
    }
    assert_eq!(items[1]["resource"]["id"], app["id"]);
}

/// A hub that is added paused, and nothing in the trail after that.
async fn lab(world: &World) {
    let add = json!({ "template": "scim", "name": "Lab", "base_url": "http://127.0.0.1:9/scim", "token": "t",
        "activate": false });
    world.plain.api().post("/apps", &add).await.expect(201);
}

async fn so_does_what_is_refused_at_the_door(world: &World) {
    let api = world.plain.api();
    lab(world).await;
    let unknown = json!({ "attribute": "nothing", "operator": "EQUALS", "value": "x" });
    let filter = json!({ "groups": [{ "clauses": [unknown] }] });
    let mut add =
        json!({ "template": "scim", "name": "Other", "base_url": "http://127.0.0.1:9/scim", "token": "t" });
    add["settings"] = json!({ "filter": filter });
    api.post("/apps", &add).await.problem(400, "filter.invalid");
    api.put("/apps/Lab/filter", &filter)
        .await
        .problem(400, "filter.invalid");
    api.patch("/apps/Lab", &json!({ "settings": { "filter": filter } }))
        .await
        .problem(400, "filter.invalid");
    api.patch("/apps/Lab", &json!({ "preset": "webex-okta" }))
        .await
        .problem(400, "app.fixed");
    api.post("/apps/Lab/synchronization-schema", &json!({ "schema": {} }))
        .await
        .problem(400, "synchronization_schema.invalid");
    api.post(
        "/apps/Lab/synchronization-schema",
        &json!({ "schema": {}, "dry_run": true }),
    )
    .await
    .problem(400, "synchronization_schema.invalid");
    for change in ["add", "remove"] {
        api.post(
            "/apps/Lab/assignments",
            &json!({ change: [{ "user": "nobody" }] }),
        )
        .await
        .problem(404, "person.unknown");
    }
    api.delete("/apps/Lab?confirm=Lab&accounts=delete")
        .await
        .problem(400, "count");
    api.delete("/apps/Lab?confirm=Lab&count=3")
        .await
        .problem(409, "app.wrong_count");
    api.delete("/apps/Lab?confirm=Lab&count=0").await.expect(204);

    let events = api.get("/events?order=asc").await.expect(200);
    let items = &events["items"].as_array().expect("items")[5..];
    let seen: Vec<_> = items
        .iter()
        .map(|event| {
            let kind = text(&event["type"]).trim_start_matches("idm_integration_");
            let code = event["detail"]["error"]["code"].as_str().unwrap_or_default();
            assert_eq!(event["success"], code.is_empty(), "{event}");
            (kind, text(&event["detail"]["name"]), code)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("application_create", "Other", "filter.invalid"),
            ("update", "Lab", "filter.invalid"),
            ("update", "Lab", "filter.invalid"),
            ("update", "Lab", "app.fixed"),
            ("update", "Lab", "synchronization_schema.invalid"),
            ("update", "Lab", "person.unknown"),
            ("update", "Lab", "person.unknown"),
            ("delete", "Lab", "count"),
            ("delete", "Lab", "app.wrong_count"),
            ("delete", "Lab", ""),
        ]
    );
}

async fn what_changed_of_tables_and_assignments_is_told(world: &World) {
    let api = world.plain.api();
    lab(world).await;
    super::hire(&world.plain, &["anna"]).await;
    let last = async || {
        let events = api.get("/events?limit=1").await.expect(200);
        events["items"][0]["detail"]["changes"].clone()
    };
    let add = json!({ "mapping": { "source": { "constant": "x" }, "target": "nickName" } });
    api.post("/apps/Lab/mappings", &add).await.expect(201);
    let told = last().await;
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told[0]["field"], "mapping nickName");
    assert_eq!(
        (&told[0]["from"], &told[0]["to"]["source"]["constant"]),
        (&Value::Null, &json!("x"))
    );
    api.patch(
        "/apps/Lab/mappings/nickName",
        &json!({ "source": { "constant": "y" } }),
    )
    .await
    .expect(200);
    let told = last().await;
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(
        (
            &told[0]["from"]["source"]["constant"],
            &told[0]["to"]["source"]["constant"]
        ),
        (&json!("x"), &json!("y"))
    );
    api.delete("/apps/Lab/mappings/nickName").await.expect(200);
    assert_eq!(last().await[0]["to"], Value::Null);

    let assign = json!({ "add": [{ "user": "anna", "role": "Admin" }] });
    api.post("/apps/Lab/assignments", &assign).await.expect(200);
    let told = last().await;
    assert_eq!(
        (&told[0]["field"], &told[0]["to"]["name"], &told[0]["to"]["kind"]),
        (&json!("assignment"), &json!("anna"), &json!("user"))
    );
    assert_eq!(
        (&told[1]["field"], &told[1]["from"], &told[1]["to"]),
        (&json!("role"), &Value::Null, &json!("Admin"))
    );
    api.post(
        "/apps/Lab/assignments",
        &json!({ "remove": [{ "user": "anna" }] }),
    )
    .await
    .expect(200);
    let told = last().await;
    assert_eq!(
        (&told[0]["from"]["name"], &told[0]["to"]),
        (&json!("anna"), &Value::Null)
    );

    // What an import brings along is told, too.
    let schema = api.get("/apps/Lab/synchronization-schema").await.expect(200);
    let switches = json!({ "settings": { "delete": false } });
    api.patch("/apps/Lab", &switches).await.expect(200);
    api.post("/apps/Lab/synchronization-schema", &json!({ "schema": schema }))
        .await
        .expect(200);
    let told = last().await;
    let switch = json!({ "field": "delete", "from": false, "to": true });
    assert!(told.as_array().expect("changes").contains(&switch), "{told}");
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
    assert_eq!(all.len(), 9);
    for limit in 1..=10 {
        assert_eq!(
            through(&api, &format!("/events?limit={limit}"), "id").await,
            all,
            "limit {limit}"
        );
    }
    let mut oldest_first = all.clone();
    oldest_first.reverse();
    for limit in 1..=8 {
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
