//! States of people: what they follow from, lists of those in one, events when they change.

use std::time::Duration;

use serde_json::{Value, json};

use super::{column, hire, text, through};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, give_password};
use crate::world::World;

on_both!(
    a_state_moves_with_what_is_known,
    another_address_is_to_be_verified_anew,
    whoever_comes_inactive_is_inactive,
    lists_of_those_in_a_state,
    whoever_is_inactive_for_long_is_removed,
);

async fn state(api: &Client, person: &str) -> String {
    let person = api.get(&format!("/people/{}", encoded(person))).await.expect(200);
    text(&person["state"]).to_owned()
}

/// How the states of people have changed, the latest last: who, from what, to what.
pub(crate) async fn moves(api: &Client) -> Vec<[String; 3]> {
    let events = api
        .get("/events?type=user_state_change&limit=100")
        .await
        .expect(200);
    let items = events["items"].as_array().expect("items").iter().rev();
    let told = |event: &Value| ["name", "from", "to"].map(|field| text(&event["detail"][field]).to_owned());
    items.map(told).collect()
}

async fn a_state_moves_with_what_is_known(world: &World) {
    let api = world.plain.api();
    let admin = "admin@northwind.example";
    let before = api.get(&format!("/people/{admin}")).await.expect(200);
    assert_eq!(before["state"], "verified");
    assert!(before["verified_at"].is_string(), "{before}");
    assert_eq!(before["first_sign_in_at"], Value::Null);
    administrator(world, &world.plain).await;
    Browser::new(world)
        .sign_in(admin, PASSWORD)
        .await
        .leads_to("/account");
    let first = api.get(&format!("/people/{admin}")).await.expect(200);
    assert_eq!(
        (&first["state"], &first["version"]),
        (&json!("active"), &json!(1))
    );
    Browser::new(world)
        .sign_in(admin, PASSWORD)
        .await
        .leads_to("/account");
    let second = api.get(&format!("/people/{admin}")).await.expect(200);
    assert_eq!(second["first_sign_in_at"], first["first_sign_in_at"]);
    assert!(text(&second["last_sign_in_at"]) > text(&first["last_sign_in_at"]));

    hire(&world.plain, &["bo@example.com"]).await;
    for (active, wanted) in [(false, "inactive"), (false, "inactive"), (true, "not_verified")] {
        let person = api
            .patch("/people/bo@example.com", &json!({ "active": active }))
            .await
            .expect(200);
        assert_eq!(person["state"], wanted);
        assert_eq!(person["inactive_since"].is_string(), !active);
    }
    let expected = [
        [admin, "verified", "active"],
        ["bo@example.com", "not_verified", "inactive"],
        ["bo@example.com", "inactive", "not_verified"],
    ];
    assert_eq!(moves(&api).await, expected);
}

async fn another_address_is_to_be_verified_anew(world: &World) {
    let (api, admin) = (world.plain.api(), "admin@northwind.example");
    administrator(world, &world.plain).await;
    Browser::new(world)
        .sign_in(admin, PASSWORD)
        .await
        .leads_to("/account");
    let id = text(&api.get(&format!("/people/{admin}")).await.expect(200)["id"]).to_owned();
    // Not by another spelling, nor by another attribute.
    let scim = world.plain.scim();
    let path = format!("/Users/{id}");
    let replace = |path: &str, value: &str| {
        crate::scim::patch_op(json!([{ "op": "replace", "path": path, "value": value }]))
    };
    for (attribute, value, wanted) in [
        ("userName", "Admin@Northwind.example", "active"),
        ("title", "Boss", "active"),
        (
            "emails[type eq \"work\"].value",
            "other@northwind.example",
            "active",
        ),
        ("userName", "boss@northwind.example", "not_verified"),
        ("userName", admin, "not_verified"),
    ] {
        scim.patch(&path, &replace(attribute, value)).await.expect(200);
        assert_eq!(state(&api, &id).await, wanted, "{attribute} {value}");
    }
    // Nobody is kept out by that.
    Browser::new(world)
        .sign_in(admin, PASSWORD)
        .await
        .leads_to("/account");
    assert_eq!(state(&api, &id).await, "not_verified");
    let expected = [
        [admin, "verified", "active"],
        ["boss@northwind.example", "active", "not_verified"],
    ];
    assert_eq!(moves(&api).await, expected);
}

async fn whoever_comes_inactive_is_inactive(world: &World) {
    let api = world.plain.api();
    let body = json!({ "userName": "off", "active": false });
    world.plain.scim().post("/Users", &body).await.expect(201);
    let person = api.get("/people/off").await.expect(200);
    assert_eq!(person["state"], "inactive");
    assert!(person["inactive_since"].is_string(), "{person}");
    api.patch("/people/off", &json!({ "active": true }))
        .await
        .expect(200);
    assert_eq!(moves(&api).await, [["off", "inactive", "not_verified"]]);
    world
        .plain
        .scim()
        .delete(&format!("/Users/{}", text(&person["id"])))
        .await
        .expect(204);
}

async fn lists_of_those_in_a_state(world: &World) {
    let api = world.plain.api();
    let names = [
        "p0@x.example",
        "p1@x.example",
        "p2@x.example",
        "p3@x.example",
        "p4@x.example",
    ];
    let ids = hire(&world.plain, &names).await;
    for name in ["p1@x.example", "p3@x.example", "p4@x.example"] {
        api.patch(&format!("/people/{name}"), &json!({ "active": false }))
            .await
            .expect(200);
    }
    give_password(world, world.plain.id, ids[0].parse().expect("an id")).await;
    Browser::new(world)
        .sign_in(names[0], PASSWORD)
        .await
        .leads_to("/account");
    for (wanted, expected) in [
        ("inactive", &["p1@x.example", "p3@x.example", "p4@x.example"][..]),
        ("not_verified", &["p0@x.example", "p2@x.example"]),
        ("verified", &["admin@northwind.example"]),
        ("active", &[]),
        ("pending", &[]),
    ] {
        for limit in [1, 2, 3, 100] {
            let path = format!("/people?state={wanted}&limit={limit}");
            assert_eq!(through(&api, &path, "user_name").await, expected, "{path}");
            let path = format!("{path}&filter=userName sw \"p\" and not (userName sw \"p3\")");
            let expected: Vec<_> = expected
                .iter()
                .copied()
                .filter(|name| name.starts_with('p') && !name.starts_with("p3"))
                .collect();
            assert_eq!(through(&api, &path, "user_name").await, expected, "{path}");
        }
        let page = api.get(&format!("/people?state={wanted}")).await.expect(200);
        assert!(page.get("total").is_none(), "{page}");
        assert!(column(&page, "state").iter().all(|state| state == wanted));
    }
    let wrong = api.get("/people?state=Active").await.problem(400, "state");
    assert!(text(&wrong["detail"]).contains("not_verified"), "{wrong}");
    // Nobody of another organization.
    let others = world.webex.api().get("/people?state=inactive").await.expect(200);
    assert_eq!(others["items"], json!([]));
}

async fn whoever_is_inactive_for_long_is_removed(world: &World) {
    const DAY: Duration = Duration::from_hours(24);
    // Thirty days, as the preset has it.
    let (org, api) = (&world.webex, world.webex.api());
    let names = ["a@x.example", "b@x.example", "c@x.example", "d@x.example"];
    let ids = hire(org, &names).await;
    let group = json!({ "displayName": "G", "members": [{ "value": ids[0] }, { "value": ids[3] }] });
    let group = org.scim().post("/Groups", &group).await.expect(201);
    let set = async |name: &str, active: bool| {
        api.patch(&format!("/people/{name}"), &json!({ "active": active }))
            .await
            .expect(200)
    };
    let remove = async || {
        world
            .directory
            .remove_long_inactive(org.id)
            .await
            .expect("removed")
    };
    for name in ["a@x.example", "b@x.example"] {
        set(name, false).await;
    }
    world.clock.advance(20 * DAY);
    // What is changed of somebody who is inactive starts nothing anew; coming back does.
    let title = crate::scim::patch_op(json!([{ "op": "replace", "path": "title", "value": "Gone" }]));
    org.scim()
        .patch(&format!("/Users/{}", ids[0]), &title)
        .await
        .expect(200);
    set("b@x.example", true).await;
    set("b@x.example", false).await;
    set("c@x.example", false).await;
    assert_eq!(remove().await, 0);
    world.clock.advance(10 * DAY);
    // In another organization that does not want it they stay.
    hire(&world.plain, &["off"]).await;
    world
        .plain
        .api()
        .patch("/people/off", &json!({ "active": false }))
        .await
        .expect(200);
    assert_eq!(remove().await, 1);
    api.get("/people/a@x.example")
        .await
        .problem(404, "person.unknown");
    let group = format!("/Groups/{}", text(&group["id"]));
    let members = org.scim().get(&group).await.expect(200)["members"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(1), "{members}");
    let events = api.get("/events?type=user_delete").await.expect(200);
    let event = &events["items"][0];
    assert_eq!(event["resource"]["id"], ids[0].as_str());
    assert_eq!(
        (&event["actor"]["kind"], &event["detail"]["source"]),
        (&json!("system"), &json!("retention"))
    );
    world.clock.advance(60 * DAY);
    assert_eq!(remove().await, 2);
    assert_eq!(
        world
            .directory
            .remove_long_inactive(world.plain.id)
            .await
            .expect("removed"),
        0
    );
    assert_eq!(
        column(&api.get("/people").await.expect(200), "user_name").len(),
        2
    );
    // An administrator who is disabled goes like everybody; the last one who is not cannot be disabled.
    let admin = world
        .plain
        .api()
        .get("/people/admin@northwind.example")
        .await
        .expect(200);
    assert_eq!(admin["state"], "verified");
}
