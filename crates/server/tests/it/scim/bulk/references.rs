//! References between the operations of one request (RFC 7644 §3.7.1, §3.7.2).

use serde_json::json;

use super::super::{ENTERPRISE, names, patch_op};
use super::{at, group, managed, people, run, statuses, user};
use crate::on_both;
use crate::world::World;

on_both!(
    references,
    references_in_circles,
    groups_within_groups,
    references_in_paths_and_addresses
);

async fn references(world: &World) {
    let scim = world.plain.scim();
    // In whichever order they are sent.
    let answers = run(
        &scim,
        json!([
            group("g", "Team", &["bulkId:a", "bulkId:b"]),
            managed("a", "anna", "bulkId:b"),
            user("b", "bert"),
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": patch_op(json!([
                { "op": "add", "path": "members", "value": [{ "value": "bulkId:c" }] },
                { "op": "replace", "path": "displayName", "value": "The team" },
            ])) },
            user("c", "cleo"),
            { "method": "PATCH", "path": "/Users/bulkId:c", "data": patch_op(json!([
                { "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "bulkId:a" },
            ])) },
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "201", "201", "200", "201", "200"]);
    let team = scim.get(at(&scim, &answers[0])).await.expect(200);
    assert_eq!(team["displayName"], "The team");
    let mut members: Vec<_> = team["members"]
        .as_array()
        .expect("members")
        .iter()
        .filter_map(|one| one["display"].as_str())
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["anna", "bert", "cleo"]);
    let anna = scim.get(at(&scim, &answers[1])).await.expect(200);
    let bert = scim.get(at(&scim, &answers[2])).await.expect(200);
    let cleo = scim.get(at(&scim, &answers[4])).await.expect(200);
    assert_eq!(anna[ENTERPRISE]["manager"]["value"], bert["id"]);
    assert_eq!(cleo[ENTERPRISE]["manager"]["value"], anna["id"]);
    let answers = run(&scim, json!([managed("x", "dora", "bulkId:nobody")])).await;
    assert_eq!(answers[0]["response"]["scimType"], "invalidValue");
    let detail = answers[0]["response"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("nobody"), "{detail}");
}

async fn references_in_circles(world: &World) {
    let scim = world.plain.scim();
    let circle = json!([
        managed("a", "anna", "bulkId:b"),
        managed("b", "bert", "bulkId:c"),
        managed("c", "cleo", "bulkId:a"),
        managed("s", "self", "bulkId:s"),
    ]);
    let answers = run(&scim, circle).await;
    assert_eq!(statuses(&answers), ["201"; 4]);
    let mut made = Vec::new();
    for answer in &answers {
        made.push(scim.get(at(&scim, answer)).await.expect(200));
    }
    for (one, manager) in [(0, 1), (1, 2), (2, 0), (3, 3)] {
        assert_eq!(made[one][ENTERPRISE]["manager"]["value"], made[manager]["id"]);
    }
    // Together or not at all.
    let before = people(&scim).await;
    let answers = run(
        &scim,
        json!([
            managed("x", "xenia", "bulkId:y"),
            managed("y", "ANNA", "bulkId:x"),
            user("z", "zoe")
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["409", "409", "201"]);
    assert_eq!(answers[0]["response"].get("scimType"), None);
    assert_eq!(answers[1]["response"]["scimType"], "uniqueness");
    assert_eq!(people(&scim).await, before + 1);
    let answers = run(
        &scim,
        json!([managed("x", "same", "bulkId:y"), managed("y", "same", "bulkId:x")]),
    )
    .await;
    assert_eq!(statuses(&answers), ["409", "409"]);
    assert_eq!(answers[0]["response"]["scimType"], "uniqueness");
    assert_eq!(people(&scim).await, before + 1);
}

async fn groups_within_groups(world: &World) {
    let scim = world.plain.scim();
    // The outer one comes first, and is made last.
    let answers = run(
        &scim,
        json!([
            group("all", "All", &["bulkId:sales", "bulkId:lab", "bulkId:a"]),
            group("sales", "Sales", &["bulkId:a"]),
            group("lab", "Lab", &["bulkId:sales"]),
            user("a", "anna"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201"; 4]);
    let all = scim.get(at(&scim, &answers[0])).await.expect(200);
    let members = all["members"].as_array().expect("members").iter();
    let types: Vec<_> = members
        .map(|member| (&member["display"], &member["type"]))
        .collect();
    let (group_type, user_type) = (json!("Group"), json!("User"));
    assert_eq!(types.len(), 3);
    for (name, kind) in [("Sales", &group_type), ("Lab", &group_type), ("anna", &user_type)] {
        assert!(types.contains(&(&json!(name), kind)), "{name}: {types:?}");
    }
    // RFC 7644 §3.7.1: a circle that cannot be is a conflict.
    let before = names(&scim, "Groups", "displayName pr").await;
    let answers = run(
        &scim,
        json!([
            group("g", "G", &["bulkId:h"]),
            group("h", "H", &["bulkId:g"]),
            group("i", "I", &["bulkId:g"])
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["409", "409", "409"]);
    let detail = answers[0]["response"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("circle"), "{detail}");
    // One alone that names itself, and a circle that is closed by a PATCH.
    let answers = run(&scim, json!([group("g", "G", &["bulkId:g"])])).await;
    assert_eq!(answers[0]["response"]["scimType"], "invalidValue");
    assert_eq!(names(&scim, "Groups", "displayName pr").await, before);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "bulkId:g" }] }]);
    let answers = run(
        &scim,
        json!([
            group("h", "H", &[]),
            group("g", "G", &["bulkId:h"]),
            { "method": "PATCH", "path": "/Groups/bulkId:h", "data": { "Operations": add } },
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "201", "400"]);
    assert_eq!(answers[2]["response"]["scimType"], "invalidValue");
}

async fn references_in_paths_and_addresses(world: &World) {
    let scim = world.plain.scim();
    let path = |name: &str| format!("members[value eq \"bulkId:{name}\"]");
    let operations = json!([
        { "method": "PATCH", "path": "/Groups/bulkId:g", "data": patch_op(json!([
            { "op": "remove", "path": path("a") },
            { "op": "add", "path": path("c"), "value": { "value": "bulkId:c", "$ref": "../Users/bulkId:c" } },
        ])) },
        group("g", "Team", &["bulkId:a", "bulkId:b"]),
        user("a", "anna"),
        user("b", "bert"),
        user("c", "cleo"),
        { "method": "POST", "path": "/Users", "bulkId": "d", "data": { "userName": "dora",
            (ENTERPRISE): { "manager": { "value": "bulkId:a", "$ref": "../Users/bulkId:a" } } } },
        { "method": "PATCH", "path": "/Groups/bulkId:g", "data": patch_op(json!([
            { "op": "remove", "path": path("nobody") },
        ])) },
    ]);
    let answers = run(&scim, operations).await;
    assert_eq!(
        statuses(&answers),
        ["200", "201", "201", "201", "201", "201", "400"]
    );
    let team = scim.get(at(&scim, &answers[1])).await.expect(200);
    let members = team["members"].as_array().expect("members").iter();
    let members: Vec<_> = members.filter_map(|one| one["display"].as_str()).collect();
    assert_eq!(members, ["bert", "cleo"]);
    let (anna, dora) = (
        scim.get(at(&scim, &answers[2])).await.expect(200),
        scim.get(at(&scim, &answers[5])).await.expect(200),
    );
    let address = format!("../Users/{}", anna["id"].as_str().expect("an id"));
    assert_eq!(dora[ENTERPRISE]["manager"]["$ref"], address);
    assert_eq!(answers[6]["response"]["scimType"], "invalidValue");
}
