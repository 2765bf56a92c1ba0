//! What a plan and a preview show of a change before it is made, and of a removal.

use serde_json::{Value, json};

use super::{add_hub, hire, text};
use crate::on_both;
use crate::world::World;

on_both!(
    a_change_is_shown_before_it_is_made,
    so_is_another_table_of_groups,
    so_is_a_removal,
);

async fn a_change_is_shown_before_it_is_made(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    hire(&world.plain, &["anna@example.com", "bert@example.com"]).await;
    for name in ["anna@example.com", "bert@example.com"] {
        api.post("/apps/Hub/assignments", &json!({ "add": [{ "user": name }] }))
            .await
            .expect(200);
    }
    let (table, filter) = (
        api.get("/apps/Hub/mappings").await.expect(200),
        api.get("/apps/Hub/filter").await.expect(200),
    );
    let only_anna = json!({ "groups": [{ "clauses": ["userName EQUALS anna@example.com"] }] });
    let plan = api
        .post("/apps/Hub/plan", &json!({ "filter": only_anna }))
        .await
        .expect(200);
    assert_eq!(
        (&plan["counts"]["create"], &plan["counts"]["skip"]),
        (&json!(1), &json!(1))
    );
    let mut rows = table["mappings"].as_array().expect("rows").clone();
    let row = rows
        .iter_mut()
        .find(|row| row["target"] == "title")
        .expect("a title");
    row["source"] = json!({ "constant": "Pilot" });
    let plan = api
        .post("/apps/Hub/plan", &json!({ "mappings": rows }))
        .await
        .expect(200);
    let items = plan["items"].as_array().expect("items");
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(item["requests"][0]["body"]["title"], "Pilot", "{item}");
    }
    let person = json!({ "person": "bert@example.com", "mappings": rows, "filter": only_anna });
    let preview = api.post("/apps/Hub/preview", &person).await.expect(200);
    assert_eq!(preview["scope"]["in_scope"], false);
    let person = json!({ "person": "bert@example.com", "mappings": rows });
    let preview = api.post("/apps/Hub/preview", &person).await.expect(200);
    assert_eq!(preview["request"]["body"]["title"], "Pilot");

    // Nothing of it was kept, and it is judged as if it were to be.
    assert_eq!(api.get("/apps/Hub/mappings").await.expect(200), table);
    assert_eq!(api.get("/apps/Hub/filter").await.expect(200), filter);
    let as_it_is = api.post("/apps/Hub/plan", &json!({})).await.expect(200);
    assert_eq!(as_it_is["counts"]["create"], 2);
    api.post("/apps/Hub/plan", &json!({ "mappings": [] }))
        .await
        .problem(400, "mapping.invalid");
    let unknown = json!({ "groups": [{ "clauses": ["nothing EQUALS x"] }] });
    api.post("/apps/Hub/plan", &json!({ "filter": unknown }))
        .await
        .problem(400, "filter.invalid");
    api.post(
        "/apps/Hub/provision-on-demand",
        &json!({ "person": "anna@example.com", "mappings": rows }),
    )
    .await
    .problem(400, "body.invalid");
}

async fn so_is_another_table_of_groups(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    api.patch("/apps/Hub", &json!({ "settings": { "groups": "all" } }))
        .await
        .expect(200);
    api.post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    let table = api.get("/apps/Hub/mappings?kind=group").await.expect(200);
    let mut rows = table["mappings"].as_array().expect("rows").clone();
    rows[0]["source"] = json!({ "expression": r#"Append("x-", [displayName])"# });
    let name = |plan: &Value| plan["items"][0]["requests"][0]["body"]["displayName"].clone();
    let plan = api
        .post("/apps/Hub/plan", &json!({ "group_mappings": rows }))
        .await
        .expect(200);
    assert_eq!(name(&plan), "x-Staff", "{plan}");
    let as_it_is = api.post("/apps/Hub/plan", &json!({})).await.expect(200);
    assert_eq!(name(&as_it_is), "Staff", "{as_it_is}");
    let group = json!({ "group": "Staff", "mappings": rows });
    let preview = api.post("/apps/Hub/preview", &group).await.expect(200);
    assert_eq!(preview["request"]["body"]["displayName"], "x-Staff", "{preview}");
    rows[0]["source"] = json!({ "attribute": "surname" });
    api.post("/apps/Hub/plan", &json!({ "group_mappings": rows }))
        .await
        .problem(400, "mapping.invalid");
}

async fn so_is_a_removal(world: &World) {
    let (api, hub) = (world.plain.api(), world.webex.scim());
    add_hub(world, "Hub").await;
    hire(&world.plain, &["anna@example.com", "bert@example.com"]).await;
    let add = json!({ "add": [{ "user": "anna@example.com" }] });
    api.post("/apps/Hub/assignments", &add).await.expect(200);
    api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    let done = api
        .post(
            "/apps/Hub/provision-on-demand",
            &json!({ "person": "anna@example.com" }),
        )
        .await
        .expect(200);
    assert_eq!(done["result"], "success", "{done}");

    let planned = async |query: &str| -> Vec<(String, String, String)> {
        let plan = api
            .post(&format!("/apps/Hub/plan?{query}"), &json!({}))
            .await
            .expect(200);
        let items = plan["items"].as_array().expect("items").iter();
        let one = |item: &Value| {
            (
                text(&item["subject"]["name"]).to_owned(),
                text(&item["action"]).to_owned(),
                text(&item["requests"][0]["method"]).to_owned(),
            )
        };
        items.map(one).collect()
    };
    let anna = |action: &str, method: &str| {
        vec![(
            "anna@example.com".to_owned(),
            action.to_owned(),
            method.to_owned(),
        )]
    };
    assert_eq!(planned("accounts=disable").await, anna("disable", "PATCH"));
    assert_eq!(planned("accounts=delete").await, anna("delete", "DELETE"));
    api.post(
        "/apps/Hub/plan?accounts=disable",
        &json!({ "filter": { "groups": [] } }),
    )
    .await
    .problem(400, "plan.supposed");
    api.patch("/apps/Hub", &json!({ "settings": { "delete": false } }))
        .await
        .expect(200);
    api.post("/apps/Hub/plan?accounts=delete", &json!({}))
        .await
        .problem(400, "app.switched_off");
    let status = api.get("/apps/Hub/status").await.expect(200);
    assert_eq!(
        (&status["state"], &status["linked"]),
        (&json!("active"), &json!(1))
    );
    let found = hub
        .get("/Users?filter=userName eq \"anna@example.com\"")
        .await
        .expect(200);
    assert_eq!(found["Resources"][0]["active"], true);
    // Whoever says how many stay behind is told if it is another number.
    let wrong = api.delete("/apps/Hub?confirm=Hub&count=2").await;
    assert_eq!(wrong.problem(409, "app.wrong_count")["params"]["count"], "1");
    api.delete("/apps/Hub?confirm=Hub&count=1").await.expect(204);
}
