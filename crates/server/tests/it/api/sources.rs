//! One way in at a time (`users.source`).

use serde_json::{Value, json};

use super::{hire, text};
use crate::on_both;
use crate::scim::patch_op;
use crate::world::World;

on_both!(
    what_came_in_over_scim_is_changed_there,
    groups_that_came_in_over_scim_are_changed_there,
    a_connector_keeps_scim_out,
);

/// Whether somebody can be created over SCIM, and who came in by it be disabled through the API.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> Value {
    let org = &world.plain;
    let present = world.directory.settings(org.id).await.expect("settings");
    let present = present.list().find(|(key, _)| *key == "users.source");
    let present = present.expect("a setting").1.into_owned();
    world.set(org, "users.source", "none").await;
    let name = format!("{marker}.pushed@example.com");
    hire(org, &[&name]).await;
    world.set(org, "users.source", &present).await;
    let body = json!({ "userName": format!("{marker}.again@example.com") });
    let pushed = org.scim().post("/Users", &body).await.status;
    let disable = json!({ "active": false });
    let disabled = org.api().patch(&format!("/people/{name}"), &disable).await.status;
    json!([pushed, disabled])
}

async fn what_came_in_over_scim_is_changed_there(world: &World) {
    let (org, api, scim) = (&world.plain, world.plain.api(), world.plain.scim());
    let anna = json!({ "userName": "anna", "title": "Clerk", "externalId": "1" });
    let anna = scim.post("/Users", &anna).await.expect(201);
    let file = "userName,displayName\nbo,Bo\n".to_owned();
    let import = async |file: &str, dry_run: bool| {
        let path = format!("/people/import?dry_run={dry_run}");
        let call = api
            .call(http::Method::POST, &path)
            .body("text/csv", file.to_owned());
        call.send().await.expect(200)
    };
    assert_eq!(import(&file, false).await["created"], 1);
    world.set(org, "users.source", "scim").await;

    let refused = api
        .patch("/people/anna", &json!({ "active": false }))
        .await
        .problem(409, "person.owned");
    assert_eq!(refused["params"]["attribute"], "active");
    assert!(text(&refused["detail"]).contains("users.source"), "{refused}");
    api.delete("/people/anna").await.problem(409, "person.owned");
    // A staff file changes what did not come in by it, in the test run as in earnest; and nobody is half changed.
    for dry_run in [true, false] {
        let report = import("userName,title,nickName\nanna,Boss,Annie\nbo,Boss,Bob\n", dry_run).await;
        assert_eq!(
            (&report["updated"], &report["unchanged"]),
            (&json!(1), &json!(0)),
            "{report}"
        );
        let problems = report["problems"].as_array().expect("a list");
        assert_eq!(problems.len(), 1, "{report}");
        assert!(
            text(&problems[0]["message"]).contains("came in by scim"),
            "{report}"
        );
    }
    assert_eq!(
        import("userName,nickName\nanna,Annie\n", false).await["updated"],
        1
    );
    let found = api.get("/people/anna").await.expect(200);
    assert_eq!(
        (&found["resource"]["title"], &found["resource"]["nickName"]),
        (&json!("Clerk"), &json!("Annie"))
    );
    // Who came in otherwise is changed as before, and so are roles and memberships of all.
    api.patch("/people/bo", &json!({ "active": false }))
        .await
        .expect(200);
    api.delete("/people/bo").await.expect(204);
    api.put("/people/anna/role", &json!({ "role": "id_readonly_admin" }))
        .await
        .expect(200);
    api.post("/groups", &json!({ "display_name": "G" }))
        .await
        .expect(201);
    api.post("/groups/G/members", &json!({ "add": ["anna"] }))
        .await
        .expect(200);
    // Over SCIM all goes on.
    let path = format!("/Users/{}", text(&anna["id"]));
    let change = patch_op(json!([{ "op": "replace", "value": { "active": false, "title": "Boss" } }]));
    scim.patch(&path, &change).await.expect(200);
    scim.delete(&path).await.expect(204);
}

async fn groups_that_came_in_over_scim_are_changed_there(world: &World) {
    let (org, api, scim) = (&world.plain, world.plain.api(), world.plain.scim());
    hire(org, &["anna"]).await;
    let crew = json!({ "displayName": "Crew" });
    let crew = scim.post("/Groups", &crew).await.expect(201);
    let own = json!({ "display_name": "Own" });
    api.post("/groups", &own).await.expect(201);
    world.set(org, "users.source", "scim").await;

    let rename = json!({ "display_name": "Staff" });
    let refused = api
        .patch("/groups/Crew", &rename)
        .await
        .problem(409, "group.owned");
    assert_eq!(refused["params"]["attribute"], "displayName");
    assert!(text(&refused["detail"]).contains("users.source"), "{refused}");
    let refused = api.delete("/groups/Crew").await.problem(409, "group.owned");
    assert!(text(&refused["detail"]).contains("came in by scim"), "{refused}");
    // Nothing is changed, and what did not come in over SCIM is nobody's own.
    assert_eq!(
        api.get("/groups/Crew").await.expect(200)["version"],
        1,
        "refused before it began"
    );
    api.patch("/groups/Crew", &json!({ "external_id": "c-1" }))
        .await
        .expect(200);
    api.patch("/groups/Crew", &json!({ "display_name": "Crew" }))
        .await
        .expect(200);
    for change in [json!({ "add": ["anna"] }), json!({ "remove": ["anna"] })] {
        api.post("/groups/Crew/members", &change).await.expect(200);
    }
    api.patch("/groups/Own", &rename).await.expect(200);
    api.delete("/groups/Staff").await.expect(204);
    // Over SCIM all goes on.
    let path = format!("/Groups/{}", text(&crew["id"]));
    let change = patch_op(json!([{ "op": "replace", "value": { "displayName": "Team" } }]));
    scim.patch(&path, &change).await;
    assert_eq!(scim.get(&path).await.expect(200)["displayName"], "Team");
    scim.delete(&path).await.expect(204);
    // And without a source nothing is locked.
    scim.post("/Groups", &json!({ "displayName": "Crew" }))
        .await
        .expect(201);
    world.set(org, "users.source", "none").await;
    api.patch("/groups/Crew", &rename).await.expect(200);
    api.delete("/groups/Staff").await.expect(204);
}

async fn a_connector_keeps_scim_out(world: &World) {
    let (org, api, scim) = (&world.plain, world.plain.api(), world.plain.scim());
    let id = hire(org, &["anna"]).await.remove(0);
    let group = scim
        .post("/Groups", &json!({ "displayName": "G" }))
        .await
        .expect(201);
    world.set(org, "users.source", "connector").await;
    let path = format!("/Users/{id}");
    let group = format!("/Groups/{}", text(&group["id"]));
    let change = patch_op(json!([{ "op": "replace", "path": "title", "value": "Boss" }]));
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [] });
    for answer in [
        scim.post("/Users", &json!({ "userName": "bo" })).await,
        scim.put(&path, &json!({ "userName": "anna" })).await,
        scim.patch(&path, &change).await,
        scim.delete(&path).await,
        scim.post("/Groups", &json!({ "displayName": "H" })).await,
        scim.patch(&group, &change).await,
        scim.delete(&group).await,
        scim.post("/Bulk", &bulk).await,
        org.identity().patch(&path, &change).await,
    ] {
        let error = answer.json();
        assert_eq!(answer.status, 403, "{error}");
        assert!(error.to_string().contains("directory connector"), "{error}");
    }
    scim.get(&path).await.expect(200);
    scim.post("/.search", &json!({})).await.expect(200);
    // What did not come in by the connector is nobody's own, and roles are given as ever.
    api.put("/people/anna/role", &json!({ "role": "id_readonly_admin" }))
        .await
        .expect(200);
    api.delete("/people/anna").await.expect(204);
    // Another organization goes on.
    hire(&world.webex, &["bo@example.com"]).await;
    world.set(org, "users.source", "none").await;
    hire(org, &["bo"]).await;
}
