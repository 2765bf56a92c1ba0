//! What JumpCloud sends: exchanges in its shapes, with values of our own.

use http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, USER, id, patch_op, place};
use crate::on_both;
use crate::world::World;

on_both!(a_person, a_minimal_put, test_of_the_connection);

fn newcomer() -> Value {
    json!({
        "active": true,
        "addresses": [{
            "country": "NL", "locality": "Utrecht", "postalCode": "3511", "primary": true, "region": "UT",
            "streetAddress": "Oudegracht 1", "type": "work",
        }],
        "displayName": "Sanne de Vries",
        "emails": [{ "primary": true, "type": "work", "value": "sanne@example.com" }],
        "externalId": "64fa0c1be8a97c3d20b7e115", "locale": "nl-NL",
        "name": { "familyName": "de Vries", "givenName": "Sanne" },
        "phoneNumbers": [{ "primary": true, "type": "work", "value": "tel:+31-30-000-0000" }],
        "preferredLanguage": "nl-NL",
        "schemas": [USER, ENTERPRISE],
        "userName": "sanne@example.com",
    })
}

async fn a_person(world: &World) {
    let scim = world.webex.scim();
    let made = scim.post("/Users", &newcomer()).await.expect(201);
    assert!(made["id"].is_string(), "ids are strings");
    assert_eq!(made["addresses"], newcomer()["addresses"]);
    assert_eq!(
        made["phoneNumbers"],
        newcomer()["phoneNumbers"],
        "stored as it was sent"
    );
    assert_eq!(made["schemas"], json!([USER]));

    let mut full = newcomer();
    full["id"] = made["id"].clone();
    full["addresses"] = json!([]);
    full["phoneNumbers"] = json!([]);
    full["photos"] = json!([{ "value": "https://static.example/sanne.png" }]);
    full["title"] = "Planner".into();
    full["schemas"] = json!([ENTERPRISE, USER]);
    full[ENTERPRISE] = json!({ "department": "Logistics" });
    let after = scim.put(&place(&made), &full).await.expect(200);
    for cleared in ["addresses", "phoneNumbers"] {
        assert_eq!(after.get(cleared), None, "{cleared}");
    }
    assert_eq!(after[ENTERPRISE], json!({ "department": "Logistics" }));
    assert_eq!(after["title"], "Planner");
    assert_eq!(after["photos"], full["photos"]);

    let off = patch_op(json!([{ "op": "replace", "value": { "active": false } }]));
    assert_eq!(scim.patch(&place(&made), &off).await.expect(200)["active"], false);
    full["active"] = true.into();
    assert_eq!(scim.put(&place(&made), &full).await.expect(200)["active"], true);
}

async fn a_minimal_put(world: &World) {
    for org in [&world.plain, &world.webex] {
        let scim = org.scim();
        let made = scim.post("/Users", &newcomer()).await.expect(201);
        let minimal = json!({
            "active": true, "emails": null, "id": made["id"],
            "name": { "familyName": "de Vries", "givenName": "Sanne" },
            "schemas": [USER], "userName": "sanne@example.com",
        });
        let after = scim.put(&place(&made), &minimal).await.expect(200);
        assert_eq!(after.get("addresses"), None);
        let emails = after.get("emails");
        if org.id == world.plain.id {
            assert_eq!(emails, None);
        } else {
            let own = json!([{ "value": "sanne@example.com", "type": "work", "primary": true }]);
            assert_eq!(emails, Some(&own), "there the userName is the address");
        }
    }
}

/// A test user and a test group come and go.
async fn test_of_the_connection(world: &World) {
    let scim = world.webex.scim();
    let user = scim.post("/Users", &newcomer()).await.expect(201);
    let group = scim
        .post(
            "/Groups",
            &json!({ "displayName": "Test group", "schemas": [super::GROUP] }),
        )
        .await;
    let group = group.expect(201);
    let add = patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": id(&user) }] }]));
    scim.patch(&place(&group), &add).await.expect(204);
    let remove = patch_op(json!([{ "op": "remove", "path": "members", "value": [{ "value": id(&user) }] }]));
    scim.patch(&place(&group), &remove).await.expect(204);
    for resource in [&group, &user] {
        let call = scim.call(Method::DELETE, &place(resource)).send();
        call.await.expect(204);
    }
}
