//! PATCH through the door (RFC 7644 §3.5.2); what it does to a resource in detail is tested with the protocol core.

use serde_json::{Value, json};

use super::{ENTERPRISE, hire, names, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    changes_one_after_another,
    all_or_nothing,
    nothing_new_is_no_new_version,
    keys_follow,
    attributes_of_unknown_schemas,
    refusals
);

async fn patch(client: &Client, user: &Value, operations: Value) -> Value {
    client
        .patch(&place(user), &patch_op(operations))
        .await
        .expect(200)
}

async fn changes_one_after_another(world: &World) {
    let scim = world.plain.scim();
    let made = hire(
        &scim,
        &json!({ "userName": "p", "title": "Clerk", "name": { "givenName": "P" } }),
    )
    .await;
    let after = patch(
        &scim,
        &made,
        json!([
            { "op": "replace", "path": "title", "value": "Chief" },
            { "op": "add", "path": "name.familyName", "value": "Atch" },
            { "op": "add", "path": "emails", "value": [{ "type": "home", "value": "p@home.example" }] },
            { "op": "add", "path": "emails[type eq \"work\"].value", "value": "p@work.example" },
            { "op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
            { "op": "add", "value": { "nickName": "Pat", "locale": "en-US" } },
            { "op": "remove", "path": "locale" },
        ]),
    )
    .await;
    assert_eq!(after["title"], "Chief");
    assert_eq!(after["name"], json!({ "givenName": "P", "familyName": "Atch" }));
    assert_eq!(
        after["emails"],
        json!([{ "type": "home", "value": "p@home.example" }, { "type": "work", "value": "p@work.example" }])
    );
    assert_eq!(after[ENTERPRISE], json!({ "department": "Sales" }));
    assert_eq!((&after["nickName"], after.get("locale")), (&json!("Pat"), None));
    assert_eq!(
        scim.get(&place(&made)).await.expect(200),
        after,
        "the answer is what is there"
    );
    assert_eq!(after["meta"]["version"], "W/\"2\"", "one request, one version");

    let after = patch(
        &scim,
        &made,
        json!([{ "op": "remove", "path": "emails[type eq \"home\"]" }]),
    )
    .await;
    assert_eq!(
        after["emails"],
        json!([{ "type": "work", "value": "p@work.example" }])
    );
    let after = patch(&scim, &made, json!([{ "op": "remove", "path": ENTERPRISE }])).await;
    assert_eq!(after.get(ENTERPRISE), None);
}

async fn all_or_nothing(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "p", "title": "Clerk" })).await;
    let operations = json!([
        { "op": "replace", "path": "title", "value": "Chief" },
        { "op": "replace", "path": "active", "value": "perhaps" },
    ]);
    scim.patch(&place(&made), &patch_op(operations))
        .await
        .scim_error(400, "invalidValue");
    assert_eq!(scim.get(&place(&made)).await.expect(200), made);
}

async fn nothing_new_is_no_new_version(world: &World) {
    let scim = world.plain.scim();
    let made = hire(
        &scim,
        &json!({ "userName": "p", "title": "Clerk", "active": true }),
    )
    .await;
    for operations in [
        json!([{ "op": "replace", "path": "title", "value": "Clerk" }]),
        json!([{ "op": "Replace", "path": "active", "value": "True" }]),
        json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]),
        json!([{ "op": "remove", "path": "nickName" }]),
        json!([{ "op": "add", "path": "title", "value": "X" }, { "op": "add", "path": "title", "value": "Clerk" }]),
        json!([{ "op": "replace", "value": { "id": "other", "meta": {}, "groups": [], "schemas": [] } }]),
    ] {
        assert_eq!(
            patch(&scim, &made, operations.clone()).await,
            made,
            "{operations}"
        );
    }
    let events = world.plain.api().get("/events").await.expect(200);
    let types: Vec<_> = events["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|event| &event["type"])
        .collect();
    assert_eq!(
        types,
        [
            "user_create",
            "token_create",
            "user_admin_granted",
            "user_create",
            "organization_create"
        ],
        "what changes nothing is no event"
    );
}

async fn keys_follow(world: &World) {
    let scim = world.plain.scim();
    let made = hire(
        &scim,
        &json!({ "userName": "old", "externalId": "old", "emails": [{ "value": "old@x.example", "type": "work" }] }),
    )
    .await;
    patch(
        &scim,
        &made,
        json!([{ "op": "replace", "value": {
            "userName": "new", "externalId": "new", "emails[type eq \"work\"].value": "ignored",
        } }, { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@x.example" }]),
    )
    .await;
    for (filter, found) in [
        ("userName eq \"old\"", false),
        ("userName eq \"new\"", true),
        ("externalId eq \"old\"", false),
        ("externalId eq \"new\"", true),
        ("emails.value eq \"old@x.example\"", false),
        ("emails.value eq \"new@x.example\"", true),
    ] {
        assert_eq!(
            names(&scim, "Users", filter).await.len(),
            usize::from(found),
            "{filter}"
        );
    }
    hire(&scim, &json!({ "userName": "old" })).await;
}

/// Entra ID sends attributes of extensions that a service lacks. In a body they are left out; so they are in a path, and what
/// stands beside them is done.
async fn attributes_of_unknown_schemas(world: &World) {
    let scim = world.plain.scim();
    let (urn, group) = ("urn:example:unknown:2.0:User", super::GROUP);
    let made = hire(&scim, &json!({ "userName": "p", urn: { "tag": "x" } })).await;
    let unknown = json!([
        { "op": "add", "path": format!("{urn}:tag"), "value": "x" },
        { "op": "replace", "path": format!("{urn}:tags[type eq \"a\"].value"), "value": "x" },
        { "op": "replace", "path": format!("{urn}.tag"), "value": "x" },
        { "op": "remove", "path": format!("{urn}:tag") },
        { "op": "add", "path": urn, "value": { "tag": "x" } },
        { "op": "add", "value": { format!("{urn}:tag"): "x" } },
        { "op": "add", "path": format!("{group}:displayName"), "value": "of the other kind" },
    ]);
    let same = patch(&scim, &made, unknown.clone()).await;
    assert_eq!(same, made, "nothing new is no new version");
    let mut more = unknown;
    let operations = more.as_array_mut().expect("a list");
    operations.push(json!({ "op": "replace", "path": "title", "value": "Clerk" }));
    let after = patch(&scim, &made, more).await;
    assert_eq!((&after["title"], after.get(urn)), (&json!("Clerk"), None));
    let team = super::found(&scim, &json!({ "displayName": "Team" })).await;
    let change = patch_op(json!([{ "op": "add", "path": "urn:x:y:2.0:Group:tag", "value": "x" }]));
    scim.patch(&place(&team), &change).await.expect(204);
    for known in [
        super::USER,
        ENTERPRISE,
        "urn:scim:schemas:extension:cisco:webexidentity:2.0:User",
    ] {
        for joint in [":", "."] {
            let path = format!("{known}{joint}shoeSize");
            let change = patch_op(json!([{ "op": "add", "path": path, "value": "x" }]));
            let detail = scim
                .patch(&place(&made), &change)
                .await
                .scim_error(400, "invalidPath");
            assert!(detail.contains("shoeSize"), "{detail}");
        }
    }
}

async fn refusals(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "p" })).await;
    for (body, scim_type) in [
        (json!({}), "invalidSyntax"),
        (patch_op(json!([])), "invalidSyntax"),
        (
            patch_op(json!([{ "op": "move", "path": "title" }])),
            "invalidSyntax",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "title[", "value": "x" }])),
            "invalidPath",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "colour", "value": "x" }])),
            "invalidPath",
        ),
        (patch_op(json!([{ "op": "remove" }])), "noTarget"),
        (
            patch_op(json!([{ "op": "remove", "path": "userName" }])),
            "mutability",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "id", "value": "x" }])),
            "mutability",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "meta.created", "value": "x" }])),
            "mutability",
        ),
        (
            patch_op(json!([{ "op": "add", "path": "groups", "value": [{ "value": "x" }] }])),
            "mutability",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "emails", "value": true }])),
            "invalidValue",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "title" }])),
            "invalidValue",
        ),
        (
            patch_op(json!([{ "op": "replace", "path": "title", "value": "a\u{0}b" }])),
            "invalidValue",
        ),
    ] {
        scim.patch(&place(&made), &body).await.scim_error(400, scim_type);
    }
    assert_eq!(scim.get(&place(&made)).await.expect(200), made);
}
