//! Who has an account: assignments, and the scoping filter.

use serde_json::{Value, json};

use super::super::{column, hire, text};
use super::add_hub;
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(filters, assignments);

async fn filters(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    assert_eq!(
        api.get("/apps/Hub/filter").await.expect(200),
        json!({ "groups": [] })
    );
    let wanted = json!({ "groups": [{ "title": "Sales", "clauses": [
        "department equals Sales", { "attribute": "jobTitle", "operator": "IS NOT NULL" },
    ] }] });
    let set = api.put("/apps/Hub/filter", &wanted).await.expect(200);
    assert_eq!(
        set,
        json!({ "groups": [{ "title": "Sales", "clauses": [
            { "attribute": "department", "operator": "EQUALS", "value": "Sales" },
            { "attribute": "jobTitle", "operator": "IS NOT NULL" },
        ] }] })
    );
    assert_eq!(api.get("/apps/Hub/filter").await.expect(200), set);
    for (body, code) in [
        (json!({}), "body.invalid"),
        (
            json!({ "groups": [{ "clauses": ["department EQUAL Sales"] }] }),
            "body.invalid",
        ),
        (
            json!({ "groups": [{ "clauses": ["departement EQUALS Sales"] }] }),
            "filter.invalid",
        ),
        (json!({ "groups": [{ "clauses": [] }] }), "filter.invalid"),
        (
            json!({ "groups": [{ "clauses": ["employeeId Greater_Than ten"] }] }),
            "filter.invalid",
        ),
    ] {
        api.put("/apps/Hub/filter", &body).await.problem(400, code);
    }
    let problem = api
        .put(
            "/apps/Hub/filter",
            &json!({ "groups": [{ "clauses": ["mail IS NULL", "city IS NULL x"] }] }),
        )
        .await
        .problem(400, "filter.invalid");
    assert_eq!(problem["params"], json!({ "group": "1", "clause": "2" }));
    assert_eq!(
        api.get("/apps/Hub/filter").await.expect(200),
        set,
        "a bad filter changes nothing"
    );
}

async fn assignments(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let ids = hire(&world.plain, &["anna", "bert"]).await;
    api.post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    let change = async |body: Value| api.post("/apps/Hub/assignments", &body).await;
    for (body, added, removed) in [
        (
            json!({ "add": [{ "user": "ANNA" }, { "user": ids[1] }, { "group": "staff" }] }),
            3,
            0,
        ),
        (json!({ "add": [{ "user": "anna" }] }), 0, 0),
        (json!({ "remove": [{ "user": "bert" }] }), 0, 1),
        (json!({ "remove": [{ "user": "bert" }] }), 0, 0),
        (json!({}), 0, 0),
    ] {
        let answer = change(body.clone()).await.expect(200);
        assert_eq!(answer, json!({ "added": added, "removed": removed }), "{body}");
    }
    let staff = api.get("/groups/Staff").await.expect(200);
    assert_eq!(column(&json!({ "items": staff["apps"] }), "name"), ["Hub"]);
    let list = api.get("/apps/Hub/assignments").await.expect(200);
    let mut named = column(&list, "name");
    named.sort();
    assert_eq!(named, ["Staff", "anna"]);
    let mut kinds = column(&list, "kind");
    kinds.sort();
    assert_eq!(kinds, ["group", "user"]);
    let page = api.get("/apps/Hub/assignments?limit=1").await.expect(200);
    let next = api
        .get(&format!(
            "/apps/Hub/assignments?limit=1&after={}",
            text(&page["next"])
        ))
        .await
        .expect(200);
    assert_ne!(page["items"], next["items"]);
    let role_of = async |name: &str| {
        let list = api.get("/apps/Hub/assignments").await.expect(200);
        let items = list["items"].as_array().expect("items").clone();
        let found = items.into_iter().find(|item| item["name"] == name);
        found.expect(name)["role"].clone()
    };
    for (entry, role) in [
        (json!({ "user": "anna", "role": "Admin" }), json!("Admin")),
        (json!({ "user": "anna" }), json!("Admin")),
        (json!({ "user": "anna", "role": "" }), Value::Null),
    ] {
        change(json!({ "add": [entry] })).await.expect(200);
        assert_eq!(role_of("anna").await, role, "{entry}");
    }
    change(json!({ "add": [{ "user": "anna", "role": "x".repeat(201) }] }))
        .await
        .problem(400, "app.role");
    change(json!({ "add": [{ "user": "nobody" }] }))
        .await
        .problem(404, "person.unknown");
    change(json!({ "add": [{ "group": "nothing" }] }))
        .await
        .problem(404, "group.unknown");
    change(json!({ "add": [{ "user": NOBODY }] }))
        .await
        .problem(404, "person.unknown");
    for body in [
        json!({ "add": ["anna"] }),
        json!({ "adds": [] }),
        json!({ "add": [{ "robot": "x" }] }),
        json!({ "add": [{ "user": "anna", "group": "Staff" }] }),
        json!({ "add": [{ "role": "Admin" }] }),
        json!({ "remove": [{ "user": "anna", "role": "Admin" }] }),
    ] {
        change(body).await.problem(400, "body.invalid");
    }
    assert_eq!(
        column(&api.get("/apps/Hub/assignments").await.expect(200), "name").len(),
        2
    );
}
