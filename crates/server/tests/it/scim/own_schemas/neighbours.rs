//! Other organizations, other processes, and what it costs.

use serde_json::json;

use super::{URN, attributes, put};
use crate::on_both;
use crate::scim::{hire, names, patch_op, place};
use crate::world::World;

on_both!(
    other_organizations_know_nothing,
    every_process_knows_at_once,
    a_schema_does_not_go_while_somebody_takes_it,
    reading_costs_no_more,
);

async fn other_organizations_know_nothing(world: &World) {
    put(&world.plain, URN, "User", attributes()).await;
    let (ours, theirs) = (world.webex.scim(), world.plain.scim());
    hire(&theirs, &json!({ "userName": "anna", URN: { "badge": 1 } })).await;
    let user = hire(
        &ours,
        &json!({ "userName": "anna@hub.example", URN: { "badge": "no number" } }),
    )
    .await;
    assert_eq!(user.get(URN), None, "an unknown schema is left out");
    let change = patch_op(json!([{ "op": "add", "path": format!("{URN}:badge"), "value": 1 }]));
    let after = ours.patch(&place(&user), &change).await.expect(200);
    assert_eq!(after, user, "nor is anything of it in a path");
    assert!(names(&ours, "Users", &format!("{URN}:badge pr")).await.is_empty());
    assert!(names(&ours, "Users", "badge pr").await.is_empty());
    let sorted = ours.get(&format!("/Users?sortBy={URN}:badge")).await.expect(200);
    assert_eq!(sorted["totalResults"], 2);
    // The same URN, meaning something else there.
    put(
        &world.webex,
        URN,
        "User",
        json!([{ "name": "badge", "multiValued": true }]),
    )
    .await;
    let user = hire(
        &ours,
        &json!({ "userName": "bert@hub.example", URN: { "badge": ["a", "b"] } }),
    )
    .await;
    assert_eq!(user[URN]["badge"], json!(["a", "b"]));
    assert_eq!(
        world
            .plain
            .api()
            .get(&format!("/schemas/{URN}"))
            .await
            .expect(200)["resources"],
        1
    );
    world
        .webex
        .api()
        .delete(&format!("/schemas/{URN}"))
        .await
        .problem(409, "schema.in_use");
}

async fn every_process_knows_at_once(world: &World) {
    let process = world.neighbour().await;
    let beside = world.plain.at(&process);
    let (here, there) = (world.plain.scim(), beside.scim());
    for number in 0..5 {
        let name = format!("a{number}");
        put(
            &world.plain,
            URN,
            "User",
            json!([{ "name": name, "type": "integer" }]),
        )
        .await;
        for client in [&there, &here] {
            let schema = client.get(&format!("/Schemas/{URN}")).await.expect(200);
            assert_eq!(schema["attributes"][0]["name"], name);
            client
                .post(
                    "/Users",
                    &json!({ "userName": "x", URN: { (name.as_str()): "no number" } }),
                )
                .await
                .scim_error(400, "invalidValue");
        }
        beside.api().delete(&format!("/schemas/{URN}")).await.expect(204);
        for client in [&here, &there] {
            client.get(&format!("/Schemas/{URN}")).await.scim_error(404, "");
        }
    }
}

/// Whichever comes first: a schema that is gone leaves nobody with values of it.
async fn a_schema_does_not_go_while_somebody_takes_it(world: &World) {
    let process = world.neighbour().await;
    let (api, beside) = (world.plain.api(), world.plain.at(&process).scim());
    let schema = format!("/schemas/{URN}");
    for round in 0..8 {
        put(&world.plain, URN, "User", json!([{ "name": "badge" }])).await;
        let takers = futures_util::future::join_all((0..4).map(async |number: usize| {
            let body = json!({ "userName": format!("u{round}-{number}"), URN: { "badge": "b" } });
            beside.post("/Users", &body).await
        }));
        let (removed, taken) = tokio::join!(api.delete(&schema), takers);
        let mut holders = 0;
        for answer in &taken {
            // 503: the schemas were changed at the same moment.
            assert!([201, 503].contains(&answer.status), "{}", answer.text);
            if answer.status == 201 && answer.json().get(URN).is_some() {
                holders += 1;
            }
        }
        if removed.status == 204 {
            assert_eq!(holders, 0, "round {round}");
        } else {
            removed.problem(409, "schema.in_use");
            assert!(holders > 0);
        }
        for answer in taken.iter().filter(|answer| answer.status == 201) {
            beside.delete(&place(&answer.json())).await.expect(204);
        }
        let left = api.delete(&schema).await.status;
        assert_eq!(left, if removed.status == 204 { 404 } else { 204 });
    }
}

async fn reading_costs_no_more(world: &World) {
    let scim = world.plain.scim();
    let anna = hire(&scim, &json!({ "userName": "anna" })).await;
    let cost = async || {
        scim.get(&place(&anna)).await.expect(200);
        let before = world.store.stats().statements;
        for _ in 0..10 {
            scim.get(&place(&anna)).await.expect(200);
        }
        world.store.stats().statements - before
    };
    let plain = cost().await;
    put(&world.plain, URN, "User", attributes()).await;
    assert_eq!(cost().await, plain);
}
