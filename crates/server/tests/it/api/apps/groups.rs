//! Groups of an app: their table, on demand against our own hub, and in the log.

use serde_json::json;

use super::{add_hub, column};
use crate::api::hire;
use crate::on_both;
use crate::world::World;

on_both!(the_table_of_groups_is_one_of_its_own, a_group_at_an_app);

async fn the_table_of_groups_is_one_of_its_own(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let path = "/apps/Hub/mappings?kind=group";
    let table = api.get(path).await.expect(200);
    let rows = json!({ "items": table["mappings"] });
    assert_eq!(column(&rows, "target"), ["displayName", "externalId", "members"]);
    api.delete("/apps/Hub/mappings/members?kind=group")
        .await
        .expect(200);
    let row = json!({ "mapping": { "source": { "attribute": "surname" }, "target": "externalId" } });
    api.post(path, &row).await.problem(400, "mapping.invalid");
    let restored = api
        .post("/apps/Hub/restore-mappings?kind=group", &json!({}))
        .await
        .expect(200);
    assert_eq!(restored, table);
    let people = api.get("/apps/Hub/mappings").await.expect(200);
    assert_eq!(people["mappings"].as_array().map(Vec::len), Some(15));
    api.get("/apps/Hub/mappings?kind=dog").await.problem(400, "kind");
}

async fn a_group_at_an_app(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    hire(&world.plain, &["anna@example.com"]).await;
    let lab = json!({ "display_name": "Lab" });
    api.post("/groups", &lab).await.expect(201);
    let anna = json!({ "add": [{ "user": "anna@example.com" }] });
    api.post("/groups/Lab/members", &anna).await.expect(200);
    api.patch("/apps/Hub", &json!({ "settings": { "groups": "assigned" } }))
        .await
        .expect(200);
    let body = json!({ "add": [{ "user": "anna@example.com" }, { "group": "Lab" }] });
    api.post("/apps/Hub/assignments", &body).await.expect(200);
    let (person, group) = (json!({ "person": "anna@example.com" }), json!({ "group": "Lab" }));
    let path = "/apps/Hub/provision-on-demand";
    api.post(path, &person).await.expect(200);
    let preview = api.post("/apps/Hub/preview", &group).await.expect(200);
    assert_eq!(
        (&preview["subject"]["kind"], &preview["request"]["path"]),
        (&json!("group"), &json!("/Groups"))
    );
    let done = api.post(path, &group).await.expect(200);
    assert_eq!(done["result"], "success", "{done}");
    let both = json!({ "group": "Lab", "person": "anna@example.com" });
    api.post(path, &both).await.problem(400, "body.invalid");

    let hub = world.webex.scim();
    let found = hub.get("/Groups?filter=displayName eq \"Lab\"").await.expect(200);
    assert_eq!(found["totalResults"], 1, "{found}");
    let log = api.get("/log?group=Lab&order=asc").await.expect(200);
    assert_eq!(column(&log, "action")[0], "create");
    assert_eq!(log["items"][0]["subject"]["kind"], "group");
}
