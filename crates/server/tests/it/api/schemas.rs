//! `/api/v1/schemas`: what an organization adds to its resource types.

use serde_json::{Value, json};

use super::{column, text};
use crate::client::Answer;
use crate::on_both;
use crate::scim::{hire, patch_op, place};
use crate::world::{Organization, World};

on_both!(
    a_schema_lives_and_dies,
    what_is_wrong_is_pointed_at,
    one_urn_means_one_thing,
    in_use_it_stays,
    in_use_it_changes_only_as_values_allow,
    there_is_a_limit,
    of_many_at_once_all_are_there,
);

const URN: &str = "urn:example:hr:1.0:User";

/// An upload of these attributes, for people.
fn upload(urn: &str, attributes: Value) -> Value {
    json!({ "resource_type": "User", "schema": { "id": urn, "name": "HR", "attributes": attributes } })
}

async fn put(org: &Organization, attributes: Value) -> Answer {
    org.api()
        .put(&format!("/schemas/{URN}"), &upload(URN, attributes))
        .await
}

async fn a_schema_lives_and_dies(world: &World) {
    let api = world.plain.api();
    assert_eq!(api.get("/schemas").await.expect(200)["items"], json!([]));
    let path = format!("/schemas/{URN}");
    api.get(&path).await.problem(404, "schema.unknown");
    let badge = json!([{ "name": "badge", "description": "On the door" }]);
    let made = put(&world.plain, badge.clone()).await.expect(201);
    assert_eq!(
        made["schema"]["attributes"][0]["type"], "string",
        "as RFC 7643 has it"
    );
    let read = api
        .get(&path.to_uppercase().replace("/SCHEMAS/", "/schemas/"))
        .await
        .expect(200);
    assert_eq!(read, made);
    assert_eq!(
        [
            &read["urn"],
            &read["name"],
            &read["resource_type"],
            &read["required"],
            &read["resources"],
            &read["version"]
        ],
        [
            &json!(URN),
            &json!("HR"),
            &json!("User"),
            &json!(false),
            &json!(0),
            &json!(1)
        ]
    );
    let list = api.get("/schemas").await.expect(200);
    assert_eq!(column(&list, "urn"), [URN]);
    assert_eq!(list["items"][0]["schema"], Value::Null, "a list is short");
    // The same once more is nothing new; another is.
    assert_eq!(put(&world.plain, badge).await.expect(200)["version"], 1);
    let changed = put(&world.plain, json!([{ "name": "desk" }])).await.expect(200);
    assert_eq!(
        (&changed["version"], &changed["created_at"]),
        (&json!(2), &made["created_at"])
    );
    api.delete(&path).await.expect(204);
    api.delete(&path).await.problem(404, "schema.unknown");
    let events = api.get("/events").await.expect(200);
    let of_schemas = |event: &&Value| event["resource"]["kind"] == "schema";
    let told: Vec<_> = events["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(of_schemas)
        .collect();
    let types: Vec<_> = told.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["schema_delete", "schema_update", "schema_create"]);
    assert!(told.iter().all(|event| event["detail"]["schema"] == URN));
    let changed = told[1]["detail"]["changes"].as_array().expect("changes");
    let fields: Vec<_> = changed
        .iter()
        .map(|change| {
            (
                text(&change["field"]),
                change["from"].is_null(),
                change["to"].is_null(),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [("attribute badge", false, true), ("attribute desk", true, false)]
    );
    let whole = |event: &Value, side: &str| event["detail"]["changes"][0][side].is_null();
    assert!(whole(told[0], "to") && whole(told[2], "from"), "gone, and new");
    assert!(
        told.iter().all(|event| event["actor"]["name"] == "Test token"),
        "{told:?}"
    );
}

async fn what_is_wrong_is_pointed_at(world: &World) {
    let api = world.plain.api();
    for (attributes, pointer) in [
        (json!([]), "/schema/attributes"),
        (
            json!([{ "name": "a" }, { "name": "b", "type": "text" }]),
            "/schema/attributes/1/type",
        ),
        (json!([{ "name": "id" }]), "/schema/attributes/0/name"),
    ] {
        let problem = put(&world.plain, attributes).await.problem(400, "schema.invalid");
        assert_eq!(problem["params"]["pointer"], pointer);
        assert!(
            problem["detail"].as_str().expect("a detail").contains(pointer),
            "{problem}"
        );
    }
    let reserved = "urn:ietf:params:scim:schemas:core:2.0:Robot";
    for (path, urn) in [(reserved, reserved), (URN, "urn:example:other:1.0:User")] {
        let body = upload(urn, json!([{ "name": "a" }]));
        let problem = api
            .put(&format!("/schemas/{path}"), &body)
            .await
            .problem(400, "schema.invalid");
        assert_eq!(problem["params"]["pointer"], "/schema/id");
    }
    for body in [
        json!({}),
        json!({ "resource_type": "Robot", "schema": {} }),
        json!({ "resource_type": "User", "schema": {}, "more": 1 }),
    ] {
        api.put(&format!("/schemas/{URN}"), &body)
            .await
            .problem(400, "body.invalid");
    }
    assert_eq!(api.get("/schemas").await.expect(200)["items"], json!([]));
    // The SCIM service shows schemas and takes none.
    let scim = world.plain.scim();
    let answer = scim
        .post("/Schemas", &json!({ "id": URN, "attributes": [{ "name": "a" }] }))
        .await;
    answer.scim_error(405, "");
    assert!(answer.header("allow").contains("GET"));
}

async fn one_urn_means_one_thing(world: &World) {
    let api = world.plain.api();
    put(&world.plain, json!([{ "name": "a" }])).await.expect(201);
    for urn in ["urn:example:hr:1.0:User:more", "urn:example:hr:x"] {
        let clashes = urn.starts_with(URN);
        let answer = api
            .put(&format!("/schemas/{urn}"), &upload(urn, json!([{ "name": "a" }])))
            .await;
        if clashes {
            answer.problem(409, "schema.clash");
        } else {
            answer.expect(201);
        }
    }
    // In another case it is the same one, and stays as it was first written.
    let upper = URN.to_uppercase();
    let answer = api
        .put(
            &format!("/schemas/{upper}"),
            &upload(&upper, json!([{ "name": "b" }])),
        )
        .await;
    assert_eq!(answer.expect(200)["urn"], URN);
    // Another organization has its own.
    let other = world.webex.api();
    assert_eq!(other.get("/schemas").await.expect(200)["items"], json!([]));
    other
        .get(&format!("/schemas/{URN}"))
        .await
        .problem(404, "schema.unknown");
    other
        .delete(&format!("/schemas/{URN}"))
        .await
        .problem(404, "schema.unknown");
    put(&world.webex, json!([{ "name": "other", "type": "integer" }]))
        .await
        .expect(201);
    assert_eq!(
        api.get(&format!("/schemas/{URN}")).await.expect(200)["schema"]["attributes"][0]["name"],
        "b"
    );
}

async fn in_use_it_stays(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let path = format!("/schemas/{URN}");
    put(&world.plain, json!([{ "name": "badge" }])).await.expect(201);
    let anna = hire(&scim, &json!({ "userName": "anna", URN: { "badge": "1" } })).await;
    let bert = hire(&scim, &json!({ "userName": "bert", URN: { "badge": "2" } })).await;
    hire(&scim, &json!({ "userName": "cleo" })).await;
    assert_eq!(api.get(&path).await.expect(200)["resources"], 2);
    let problem = api.delete(&path).await.problem(409, "schema.in_use");
    assert!(
        problem["detail"]
            .as_str()
            .expect("a detail")
            .contains("2 resources have"),
        "{problem}"
    );
    assert_eq!(problem["params"]["resources"], "2");
    let clear = patch_op(json!([{ "op": "remove", "path": URN }]));
    scim.patch(&place(&anna), &clear).await.expect(200);
    let problem = api.delete(&path).await.problem(409, "schema.in_use");
    assert!(
        problem["detail"]
            .as_str()
            .expect("a detail")
            .contains("1 resource has"),
        "{problem}"
    );
    scim.delete(&place(&bert)).await.expect(204);
    api.delete(&path).await.expect(204);
    let anna = scim
        .put(
            &place(&anna),
            &json!({ "userName": "anna", URN: { "badge": "1" } }),
        )
        .await
        .expect(200);
    assert_eq!(anna.get(URN), None, "nobody knows it any longer");
}

async fn in_use_it_changes_only_as_values_allow(world: &World) {
    let scim = world.plain.scim();
    put(&world.plain, json!([{ "name": "badge" }])).await.expect(201);
    let anna = hire(&scim, &json!({ "userName": "anna", URN: { "badge": "1" } })).await;
    for (attributes, pointer) in [
        (
            json!([{ "name": "badge", "type": "integer" }]),
            "/schema/attributes/0/type",
        ),
        (json!([{ "name": "desk" }]), "/schema/attributes"),
        (
            json!([{ "name": "badge", "uniqueness": "server" }]),
            "/schema/attributes/0/uniqueness",
        ),
        (
            json!([{ "name": "badge" }, { "name": "desk", "required": true }]),
            "/schema/attributes/1/required",
        ),
    ] {
        let problem = put(&world.plain, attributes)
            .await
            .problem(409, "schema.incompatible");
        assert_eq!(problem["params"], json!({ "pointer": pointer, "resources": "1" }));
    }
    let groups =
        json!({ "resource_type": "Group", "schema": { "id": URN, "attributes": [{ "name": "badge" }] } });
    let answer = world.plain.api().put(&format!("/schemas/{URN}"), &groups).await;
    answer.problem(409, "schema.incompatible");
    let more = json!([{ "name": "badge", "mutability": "immutable" }, { "name": "desk" }]);
    assert_eq!(put(&world.plain, more).await.expect(200)["version"], 2);
    let change =
        |path: &str| patch_op(json!([{ "op": "replace", "path": format!("{URN}:{path}"), "value": "2" }]));
    scim.patch(&place(&anna), &change("badge"))
        .await
        .scim_error(400, "mutability");
    scim.patch(&place(&anna), &change("desk")).await.expect(200);
    scim.delete(&place(&anna)).await.expect(204);
    put(&world.plain, json!([{ "name": "badge", "type": "integer" }]))
        .await
        .expect(200);
}

async fn there_is_a_limit(world: &World) {
    let api = world.plain.api();
    for number in 0..=directory::MAX_SCHEMAS {
        let urn = format!("urn:example:n{number}:User");
        let answer = api
            .put(
                &format!("/schemas/{urn}"),
                &upload(&urn, json!([{ "name": "a" }])),
            )
            .await;
        if number < directory::MAX_SCHEMAS {
            answer.expect(201);
        } else {
            answer.problem(409, "schema.too_many");
        }
    }
}

async fn of_many_at_once_all_are_there(world: &World) {
    let api = world.plain.api();
    let one = async |number: usize| {
        let urn = format!("urn:example:n{}:User", number % 4);
        let body = upload(&urn, json!([{ "name": "a" }, { "name": format!("b{number}") }]));
        api.put(&format!("/schemas/{urn}"), &body).await.status
    };
    let statuses = futures_util::future::join_all((0..16).map(one)).await;
    assert!(
        statuses.iter().all(|status| [200, 201].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 4);
    assert_eq!(api.get("/schemas").await.expect(200)["total"], 4);
}
