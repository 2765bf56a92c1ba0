//! `attributes` and `excludedAttributes` (RFC 7644 §3.9), on every answer that holds a resource.

use http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, found, hire, patch_op, place};
use crate::client::encoded;
use crate::on_both;
use crate::world::World;

on_both!(people, groups, also_on_writes);

fn keys(resource: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = resource
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

async fn people(world: &World) {
    let scim = world.plain.scim();
    let user = json!({
        "userName": "p", "title": "Clerk", "name": { "givenName": "P", "familyName": "R" },
        "emails": [{ "value": "p@x.example", "type": "work" }],
        ENTERPRISE: { "department": "Sales", "costCenter": "4" },
    });
    let user = hire(&scim, &user).await;
    found(
        &scim,
        &json!({ "displayName": "G", "members": [{ "value": user["id"] }] }),
    )
    .await;
    let department = format!("{ENTERPRISE}:department");
    for (query, expected) in [
        ("attributes=userName", vec!["id", "schemas", "userName"]),
        (
            "attributes=USERNAME,Title",
            vec!["id", "schemas", "title", "userName"],
        ),
        ("attributes=id", vec!["id", "schemas"]),
        ("attributes=name.givenName", vec!["id", "name", "schemas"]),
        ("attributes=groups", vec!["groups", "id", "schemas"]),
        ("attributes=meta", vec!["id", "meta", "schemas"]),
        ("attributes=nothing", vec!["id", "schemas"]),
        (
            &format!("attributes={department}"),
            vec!["id", "schemas", ENTERPRISE],
        ),
        (
            "excludedAttributes=emails,groups,meta,name",
            vec!["active", "id", "schemas", "title", ENTERPRISE, "userName"],
        ),
        (
            &format!("excludedAttributes=id,schemas,userName,emails,groups,meta,name,{ENTERPRISE}"),
            vec!["active", "id", "schemas", "title"],
        ),
    ] {
        let mut expected = expected;
        expected.sort_unstable();
        let one = scim.get(&format!("{}?{query}", place(&user))).await.expect(200);
        assert_eq!(keys(&one), expected, "{query}");
        let list = scim
            .get(&format!("/Users?{query}&filter={}", encoded("userName eq \"p\"")))
            .await
            .expect(200);
        assert_eq!(list["Resources"], json!([one]), "{query}");
    }
    let one = scim
        .get(&format!(
            "{}?attributes=name.givenName,{department}",
            place(&user)
        ))
        .await
        .expect(200);
    assert_eq!(
        (&one["name"], &one[ENTERPRISE]),
        (&json!({ "givenName": "P" }), &json!({ "department": "Sales" }))
    );
    let one = scim
        .get(&format!(
            "{}?excludedAttributes=name.givenName,groups.display",
            place(&user)
        ))
        .await;
    let one = one.expect(200);
    assert_eq!(one["name"], json!({ "familyName": "R" }));
    assert_eq!(keys(&one["groups"][0]), ["$ref", "type", "value"]);
}

async fn groups(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "p" })).await;
    let group = found(
        &scim,
        &json!({ "displayName": "G", "members": [{ "value": user["id"] }] }),
    )
    .await;
    for (query, expected) in [
        (
            "excludedAttributes=members",
            &["displayName", "id", "meta", "schemas"][..],
        ),
        (
            "excludedAttributes=MEMBERS,meta",
            &["displayName", "id", "schemas"],
        ),
        ("attributes=displayName", &["displayName", "id", "schemas"]),
        ("attributes=members", &["id", "members", "schemas"]),
    ] {
        let one = scim.get(&format!("{}?{query}", place(&group))).await.expect(200);
        assert_eq!(keys(&one), expected, "{query}");
        let list = scim.get(&format!("/Groups?{query}")).await.expect(200);
        assert_eq!(list["Resources"], json!([one]), "{query}");
    }
    // A filter on members works also if they are not shown.
    let filter = encoded(&format!("members.value eq {}", user["id"]));
    let list = scim
        .get(&format!("/Groups?excludedAttributes=members&filter={filter}"))
        .await
        .expect(200);
    assert_eq!(list["totalResults"], 1);
    assert_eq!(list["Resources"][0].get("members"), None);
}

async fn also_on_writes(world: &World) {
    let scim = world.plain.scim();
    let call = scim
        .call(Method::POST, "/Users?attributes=userName")
        .json(&json!({ "userName": "p", "title": "T" }));
    let answer = call.send().await;
    let made = answer.expect(201);
    assert_eq!(keys(&made), ["id", "schemas", "userName"]);
    assert!(answer.header("location").ends_with(super::id(&made)));
    let path = format!("/Users/{}", super::id(&made));
    let put = scim
        .put(
            &format!("{path}?excludedAttributes=meta"),
            &json!({ "userName": "p", "title": "U" }),
        )
        .await;
    assert_eq!(
        keys(&put.expect(200)),
        ["active", "id", "schemas", "title", "userName"]
    );
    let body = patch_op(json!([{ "op": "remove", "path": "title" }]));
    let patched = scim
        .patch(&format!("{path}?attributes=active"), &body)
        .await
        .expect(200);
    assert_eq!(keys(&patched), ["active", "id", "schemas"]);
    let group = scim
        .post(
            "/Groups?excludedAttributes=members",
            &json!({ "displayName": "G" }),
        )
        .await
        .expect(201);
    assert_eq!(group.get("members"), None);
}
