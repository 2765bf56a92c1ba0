//! What licences there are.

use access::Role;
use serde_json::{Value, json};

use super::super::{hire, text};
use super::{add, give, take, told, used};
use crate::on_both;
use crate::world::World;

on_both!(
    a_type_lives_and_dies,
    what_is_no_type,
    a_type_that_is_used_stays,
    a_total_below_what_is_used_takes_nothing_away,
    types_are_for_full_administrators,
);

async fn a_type_lives_and_dies(world: &World) {
    let api = world.plain.api();
    let made = api
        .post("/licences", &json!({ "name": "Calling", "total": 2 }))
        .await
        .expect(201);
    assert_eq!(
        (
            &made["name"],
            &made["total"],
            &made["consumed"],
            &made["available"]
        ),
        (&json!("Calling"), &json!(2), &json!(0), &json!(2))
    );
    let free = api
        .post("/licences", &json!({ "name": "Meetings" }))
        .await
        .expect(201);
    assert_eq!((&free["total"], &free["available"]), (&Value::Null, &Value::Null));
    let list = api.get("/licences").await.expect(200);
    assert_eq!((&list["items"][0], &list["items"][1]), (&made, &free));
    for name in [text(&made["id"]), "CALLING"] {
        assert_eq!(api.get(&format!("/licences/{name}")).await.expect(200), made);
    }
    let renamed = api
        .patch("/licences/calling", &json!({ "name": "Webex Calling" }))
        .await
        .expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["total"]),
        (&json!("Webex Calling"), &json!(2))
    );
    let path = format!("/licences/{}", text(&made["id"]));
    let unlimited = api.patch(&path, &json!({ "total": null })).await.expect(200);
    assert_eq!(unlimited["total"], Value::Null);
    assert_eq!(unlimited["name"], "Webex Calling");
    api.delete(&path).await.expect(204);
    api.get(&path).await.problem(404, "licence.unknown");
    let mut seen = Vec::new();
    for kind in ["licence_create", "licence_update", "licence_delete"] {
        let page = api
            .get(&format!("/events?type={kind}&order=asc"))
            .await
            .expect(200);
        for event in page["items"].as_array().expect("items") {
            assert_eq!(event["resource"]["kind"], "licence");
            seen.push(event["detail"]["changes"].clone());
        }
    }
    assert_eq!(
        seen[2..],
        [
            json!([{ "field": "name", "from": "Calling", "to": "Webex Calling" }]),
            json!([{ "field": "total", "from": 2, "to": null }]),
            json!([{ "field": "name", "from": "Webex Calling", "to": null }, { "field": "total", "from": null, "to": null }]),
        ]
    );
}

async fn what_is_no_type(world: &World) {
    let api = world.plain.api();
    add(&world.plain, "Calling", None).await;
    let post = async |body: Value| api.post("/licences", &body).await;
    post(json!({ "name": "calling" }))
        .await
        .problem(409, "licence.name_taken");
    post(json!({ "name": " " })).await.problem(400, "name");
    post(json!({ "name": "x".repeat(201) }))
        .await
        .problem(400, "name");
    for body in [
        json!({}),
        json!({ "name": "A", "total": -1 }),
        json!({ "name": "A", "totals": 1 }),
    ] {
        post(body).await.problem(400, "body.invalid");
    }
    let other = add(&world.plain, "Other", None).await;
    api.patch(&format!("/licences/{other}"), &json!({ "name": "CALLING" }))
        .await
        .problem(409, "licence.name_taken");
    api.get("/licences/Nothing").await.problem(404, "licence.unknown");
    api.get("/licences/Other/people?state=had")
        .await
        .problem(400, "state");
}

async fn a_type_that_is_used_stays(world: &World) {
    let api = world.plain.api();
    add(&world.plain, "Calling", Some(1)).await;
    hire(&world.plain, &["anna"]).await;
    give(&world.plain, "anna", &["Calling"]).await;
    let problem = api
        .delete("/licences/Calling")
        .await
        .problem(409, "licence.in_use");
    assert_eq!(problem["params"]["given"], "1");
    assert_eq!(
        problem["detail"],
        "The licence \"Calling\" is used: 1 person has it. Take it away first"
    );
    take(&world.plain, "anna", &["Calling"]).await;
    api.delete("/licences/Calling").await.expect(204);
    let page = api.get("/people/anna/licences").await.expect(200);
    assert_eq!(page["items"], json!([]));
}

async fn a_total_below_what_is_used_takes_nothing_away(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(2)).await;
    hire(org, &["anna", "bo", "carl"]).await;
    give(org, "anna", &["Calling"]).await;
    give(org, "bo", &["Calling"]).await;
    let lowered = api
        .patch("/licences/Calling", &json!({ "total": 1 }))
        .await
        .expect(200);
    assert_eq!(
        (&lowered["consumed"], &lowered["available"]),
        (&json!(2), &json!(0))
    );
    let refused = api
        .post("/people/carl/licences", &json!({ "add": ["Calling"] }))
        .await;
    refused.problem(409, "licence.none_left");
    take(org, "anna", &["Calling"]).await;
    let refused = api
        .post("/people/carl/licences", &json!({ "add": ["Calling"] }))
        .await;
    refused.problem(409, "licence.none_left");
    take(org, "bo", &["Calling"]).await;
    give(org, "carl", &["Calling"]).await;
    assert_eq!(used(org, "Calling").await, (1, 0));
    assert_eq!(told(org).await.len(), 5);
}

async fn types_are_for_full_administrators(world: &World) {
    let api = world.plain.api();
    hire(&world.plain, &["anna"]).await;
    add(&world.plain, "Calling", None).await;
    let (_, token) = world.token_of(&world.plain, Role::UserAdmin).await;
    let people = api.with(&token);
    people.get("/licences").await.expect(200);
    let added = people.post("/licences", &json!({ "name": "Own" })).await;
    added.problem(403, "forbidden");
    people
        .post("/people/anna/licences", &json!({ "add": ["Calling"] }))
        .await
        .expect(200);
    let (_, token) = world.token_of(&world.plain, Role::GroupAdmin).await;
    api.with(&token)
        .post("/people/anna/licences", &json!({ "remove": ["Calling"] }))
        .await
        .problem(403, "forbidden");
}
