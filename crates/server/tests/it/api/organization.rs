//! `/api/v1/organization`.

use serde_json::json;

use super::text;
use crate::on_both;
use crate::world::World;

on_both!(
    the_tokens_own,
    settings_are_changed_all_or_none,
    it_gets_another_name,
);

async fn the_tokens_own(world: &World) {
    for (org, name, is_email) in [
        (&world.plain, "Northwind", "false"),
        (&world.webex, "Hub", "true"),
    ] {
        let organization = org.api().get("/organization").await.expect(200);
        assert_eq!(text(&organization["id"]), org.id.to_string());
        assert_eq!(organization["name"], name);
        assert!(text(&organization["created_at"]).ends_with('Z'));
        let settings = organization["settings"].as_object().expect("settings");
        let all = directory::Settings::default();
        assert!(
            all.list().all(|(key, _)| settings.contains_key(key)),
            "{settings:?}"
        );
        assert_eq!(settings["users.user_name_is_email"], is_email);
    }
    world.set(&world.plain, "scim.schemas", "entra").await;
    let organization = world.plain.api().get("/organization/").await.expect(200);
    assert_eq!(organization["settings"]["scim.schemas"], "entra");
    let other = world.webex.api().get("/organization").await.expect(200);
    assert_eq!(other["settings"]["scim.schemas"], "full");
}

async fn settings_are_changed_all_or_none(world: &World) {
    let api = world.plain.api();
    let change = json!({ "settings": { "scim.schemas": "entra", "log.retention_days": "30" } });
    let changed = api.patch("/organization", &change).await.expect(200);
    assert_eq!(changed["settings"]["scim.schemas"], "entra");
    assert_eq!(changed["settings"]["log.retention_days"], "30");
    assert_eq!(api.get("/organization").await.expect(200), changed);
    for wrong in [
        json!({ "settings": { "scim.schemas": "full", "log.retention_days": "soon" } }),
        json!({ "settings": { "scim.schemas": "full", "no.such": "x" } }),
    ] {
        api.patch("/organization", &wrong).await.problem(400, "setting");
    }
    assert_eq!(api.get("/organization").await.expect(200), changed);
    let events = api.get("/events?type=organization_update").await.expect(200);
    let events = events["items"].as_array().expect("a list").clone();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["detail"]["changes"],
        json!([
            { "field": "scim.schemas", "from": "full", "to": "entra" },
            { "field": "log.retention_days", "from": "90", "to": "30" },
        ])
    );
    let other = world.webex.api().get("/organization").await.expect(200);
    assert_eq!(other["settings"]["scim.schemas"], "full");
}

async fn it_gets_another_name(world: &World) {
    let api = world.plain.api();
    let change = json!({ "name": " Lab ", "settings": { "scim.schemas": "entra" } });
    let changed = api.patch("/organization", &change).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["settings"]["scim.schemas"]),
        (&json!("Lab"), &json!("entra"))
    );
    assert_eq!(api.get("/organization").await.expect(200), changed);
    for (wrong, code) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(201) }), "name"),
        (
            json!({ "name": "Other", "settings": { "no.such": "x" } }),
            "setting",
        ),
        (json!({ "name": 5 }), "body.invalid"),
    ] {
        api.patch("/organization", &wrong).await.problem(400, code);
    }
    // What is so already is no change.
    api.patch("/organization", &json!({ "name": "Lab" }))
        .await
        .expect(200);
    assert_eq!(api.get("/organization").await.expect(200), changed);
    let events = api.get("/events?type=organization_update").await.expect(200);
    let events = events["items"].as_array().expect("a list").clone();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        events[0]["detail"]["changes"],
        json!([
            { "field": "name", "from": "Northwind", "to": "Lab" },
            { "field": "scim.schemas", "from": "full", "to": "entra" },
        ])
    );
    let other = world.webex.api().get("/organization").await.expect(200);
    assert_eq!(other["name"], "Hub");
}
