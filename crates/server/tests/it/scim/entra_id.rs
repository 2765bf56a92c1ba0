//! What Entra ID sends: exchanges in its shapes, with values of our own.

use http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, USER, hire, id, names, patch_op, place};
use crate::client::{Answer, Client, SCIM};
use crate::on_both;
use crate::world::World;

on_both!(
    test_connection,
    create,
    create_with_nulls,
    updates,
    disabling_and_enabling,
    several_at_once,
    managers,
    roles,
    clearing,
    groups,
);

/// As Entra ID writes: its media type, and no User-Agent.
async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    let call = client.call(method, path);
    call.body("application/scim+json; charset=utf-8", body.to_string())
        .send()
        .await
}

async fn patch(client: &Client, resource: &Value, operations: Value) -> Answer {
    send(client, Method::PATCH, &place(resource), &patch_op(operations)).await
}

async fn test_connection(world: &World) {
    let scim = world.webex.scim();
    let somebody = "5b0d5f3c-6f0e-4b29-9d7e-0b8f4a3c2d11";
    for query in [
        format!("/Users?filter=userName eq \"{somebody}\""),
        format!("/Users?filter=userName+eq+%22{somebody}%22"),
        format!("/Users?filter=externalId eq {somebody}"),
        format!("/Groups?filter=displayName eq \"{somebody}\"&excludedAttributes=members"),
    ] {
        let answer = scim.get(&query).await;
        let list = answer.expect(200);
        assert_eq!(answer.header("content-type"), SCIM);
        assert_eq!(
            (&list["totalResults"], &list["Resources"]),
            (&json!(0), &json!([])),
            "{query}"
        );
    }
    let wrong = scim
        .with("instep_wrong")
        .get(&format!("/Users?filter=userName eq \"{somebody}\""))
        .await;
    wrong.scim_error(401, "");
}

fn newcomer(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "9f1c2c54-2a52-4d61-8f5e-7a1d3b0c9e01",
        "userName": name,
        "active": true,
        "emails": [{ "primary": true, "type": "work", "value": name }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Nadia Okafor", "familyName": "Okafor", "givenName": "Nadia" },
        "roles": [],
    })
}

async fn create(world: &World) {
    let scim = world.webex.scim();
    let answer = send(&scim, Method::POST, "/Users", &newcomer("nadia@example.com")).await;
    let made = answer.expect(201);
    assert!(id(&made).len() > 10);
    assert!(made["meta"]["created"].is_string() && made["meta"]["lastModified"].is_string());
    assert_eq!(made["name"]["formatted"], "Nadia Okafor");
    assert_eq!(made.get("roles"), None);
    assert_eq!(made["schemas"], json!([USER]), "only the schemas that it uses");
    let again = send(&scim, Method::POST, "/Users", &newcomer("NADIA@example.com")).await;
    again.scim_error(409, "uniqueness");
    assert_eq!(
        names(&scim, "Users", "userName eq \"NADIA@EXAMPLE.COM\"").await,
        ["nadia@example.com"]
    );
}

async fn create_with_nulls(world: &World) {
    let scim = world.webex.scim();
    let mut body = newcomer("nulls@example.com");
    let nulls = [
        "addresses",
        "phoneNumbers",
        "preferredLanguage",
        "title",
        "department",
        "manager",
        "displayName",
    ];
    for name in nulls {
        body[name] = Value::Null;
    }
    body["schemas"] = json!([USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]);
    body["roles"] =
        json!([{ "primary": "True", "type": "WindowsAzureActiveDirectoryRole", "value": "Admin" }]);
    let made = send(&scim, Method::POST, "/Users", &body).await.expect(201);
    for name in nulls {
        assert_eq!(made.get(name), None, "{name}");
    }
    assert_eq!(made["roles"][0]["primary"], true);
}

async fn updates(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &newcomer("updates@example.com")).await;
    let after = patch(
        &scim,
        &made,
        json!([
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com" },
            { "op": "Replace", "path": "name.familyName", "value": "Okafor-Lind" },
            { "op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "18/2111" },
            { "op": "Add", "path": "addresses[type eq \"other\"].Formatted", "value": "Annex" },
            { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46 70 000 00 00" },
            { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Retail" },
            { "op": "Add", "path": "nickName", "value": "Nadi" },
        ]),
    )
    .await
    .expect(200);
    assert_eq!(
        after["emails"],
        json!([{ "primary": true, "type": "work", "value": "new@example.com" }])
    );
    assert_eq!(after["name"]["familyName"], "Okafor-Lind");
    assert_eq!(
        after["addresses"],
        json!([{ "type": "work", "formatted": "18/2111" }, { "type": "other", "formatted": "Annex" }])
    );
    assert_eq!(
        after["phoneNumbers"],
        json!([{ "type": "mobile", "value": "+46 70 000 00 00" }])
    );
    assert_eq!(after[ENTERPRISE]["department"], "Retail");
    assert_eq!(after["schemas"], json!([USER, ENTERPRISE]));
    let renamed = json!([{ "op": "Replace", "path": "userName", "value": "renamed@example.com" }]);
    assert_eq!(
        patch(&scim, &made, renamed).await.expect(200)["userName"],
        "renamed@example.com"
    );
}

async fn disabling_and_enabling(world: &World) {
    let scim = world.webex.scim();
    let made = hire(&scim, &newcomer("off@example.com")).await;
    for (operation, active) in [
        (
            json!({ "op": "Replace", "path": "active", "value": "False" }),
            false,
        ),
        (
            json!({ "op": "Replace", "path": "active", "value": "True" }),
            true,
        ),
        (
            json!({ "op": "replace", "path": "active", "value": false }),
            false,
        ),
        (json!({ "op": "Add", "path": "active", "value": true }), true),
        (
            json!({ "op": "Replace", "path": "active", "value": [false] }),
            false,
        ),
    ] {
        let now = patch(&scim, &made, json!([operation])).await.expect(200);
        assert_eq!(now["active"], active, "{operation}");
        assert_eq!(
            scim.get(&place(&made)).await.expect(200)["active"],
            active,
            "the disabled can be read"
        );
        let found = names(&scim, "Users", "userName eq \"off@example.com\"").await;
        assert_eq!(found.len(), 1, "and found");
    }
}

/// With `aadOptscim062020`: one operation without a path, whose keys are paths themselves.
async fn several_at_once(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &newcomer("several@example.com")).await;
    let path = format!("{}?aadOptscim062020", place(&made));
    let body = patch_op(json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "several.new@example.com" },
        { "op": "replace", "value": {
            "displayName": "Nadia O.", "name.givenName": "Nadja", "name.familyName": "Lind",
            format!("{ENTERPRISE}:employeeNumber"): "4711",
        } },
    ]));
    let after = send(&scim, Method::PATCH, &path, &body).await.expect(200);
    assert_eq!(after["displayName"], "Nadia O.");
    assert_eq!(
        after["name"],
        json!({ "formatted": "Nadia Okafor", "familyName": "Lind", "givenName": "Nadja" })
    );
    assert_eq!(after[ENTERPRISE], json!({ "employeeNumber": "4711" }));
    assert_eq!(after["emails"][0]["value"], "several.new@example.com");
}

async fn managers(world: &World) {
    let scim = world.plain.scim();
    let boss = hire(&scim, &newcomer("boss@example.com")).await;
    let made = hire(&scim, &newcomer("worker@example.com")).await;
    let path = format!("{ENTERPRISE}:manager");
    let reference = json!([{ "$ref": format!("http://x.example/Users/{}", id(&boss)), "value": id(&boss) }]);
    for (operation, manager) in [
        (
            json!({ "op": "Add", "path": path, "value": id(&boss) }),
            Some(id(&boss)),
        ),
        (
            json!({ "op": "Replace", "path": path, "value": "271" }),
            Some("271"),
        ),
        (json!({ "op": "Replace", "path": path, "value": "" }), None),
        (
            json!({ "op": "Add", "path": path, "value": reference }),
            Some(id(&boss)),
        ),
        (json!({ "op": "Remove", "path": path }), None),
    ] {
        let now = patch(&scim, &made, json!([operation])).await.expect(200);
        let value = now[ENTERPRISE]["manager"]["value"].as_str();
        assert_eq!(value, manager, "{operation}: {now}");
    }
    let mut body = newcomer("bare@example.com");
    body[ENTERPRISE] = json!({ "manager": id(&boss) });
    assert_eq!(
        hire(&scim, &body).await[ENTERPRISE]["manager"],
        json!({ "value": id(&boss) })
    );
    let mine = format!(
        "id eq {} and {ENTERPRISE}:manager eq \"{}\"",
        made["id"],
        id(&boss)
    );
    assert!(
        names(&scim, "Users", &mine).await.is_empty(),
        "the manager was removed"
    );
    let theirs = format!("{ENTERPRISE}:manager eq \"{}\"", id(&boss));
    assert_eq!(names(&scim, "Users", &theirs).await, ["bare@example.com"]);
}

async fn roles(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &newcomer("roles@example.com")).await;
    let packed = json!({ "id": "8c0e", "value": "25", "displayName": "Reader" }).to_string();
    let add = json!([{ "op": "Add", "path": "roles", "value": [{ "value": packed }] }]);
    let now = patch(&scim, &made, add).await.expect(200);
    assert_eq!(now["roles"], json!([{ "value": "25", "display": "Reader" }]));
    let all = json!([{ "op": "replace", "path": "roles", "value": [
        { "primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User" },
    ] }]);
    let now = patch(&scim, &made, all).await.expect(200);
    assert_eq!(now["roles"][0]["value"], "User");
    let path = "roles[primary eq \"True\"].value";
    let now = patch(
        &scim,
        &made,
        json!([{ "op": "Add", "path": path, "value": "Admin" }]),
    )
    .await
    .expect(200);
    assert!(
        now["roles"]
            .as_array()
            .expect("roles")
            .iter()
            .any(|role| role["value"] == "Admin" && role["primary"] == true)
    );
}

async fn clearing(world: &World) {
    let scim = world.plain.scim();
    let mut body = newcomer("clearing@example.com");
    body["title"] = "Clerk".into();
    body["nickName"] = "C".into();
    body["phoneNumbers"] = json!([{ "type": "work", "value": "1" }]);
    let made = hire(&scim, &body).await;
    let now = patch(
        &scim,
        &made,
        json!([
            { "op": "Replace", "path": "title", "value": "" },
            { "op": "Replace", "path": "nickName", "value": null },
            { "op": "Replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "" },
        ]),
    )
    .await
    .expect(200);
    for name in ["title", "nickName", "phoneNumbers"] {
        assert_eq!(now.get(name), None, "{name}");
    }
}

async fn groups(world: &World) {
    let scim = world.webex.scim();
    let one = hire(&scim, &newcomer("one@example.com")).await;
    let two = hire(&scim, &newcomer("two@example.com")).await;
    let body = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": "3e0f7c10-52c7-4f0b-8d38-1e5ab1c7f9aa",
        "displayName": "Sales Nordics",
        "meta": { "resourceType": "Group" },
    });
    let made = send(&scim, Method::POST, "/Groups", &body).await.expect(201);
    assert_eq!(made["members"], json!([]));
    let member = |user: &Value| json!({ "$ref": null, "value": user["id"] });
    let rename = json!([{ "op": "Replace", "path": "displayName", "value": "Sales North" }]);
    let add = json!([{ "op": "Add", "path": "members", "value": [member(&one), member(&two)] }]);
    let remove = json!([{ "op": "Remove", "path": "members", "value": [member(&one)] }]);
    let filtered = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&two)) }]);
    for (operations, members) in [
        (rename, vec![]),
        (add, vec![&one, &two]),
        (remove, vec![&two]),
        (filtered, vec![]),
    ] {
        let answer = patch(&scim, &made, operations.clone()).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{operations}");
        let now = scim.get(&place(&made)).await.expect(200);
        let ids: Vec<_> = now["members"]
            .as_array()
            .expect("members")
            .iter()
            .map(|one| &one["value"])
            .collect();
        let expected: Vec<_> = members.iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, expected, "{operations}");
    }
    let odd = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "id": id(&made),
        "Operations": [{ "name": "addMember", "op": "add", "path": "members", "value": id(&one) }],
    });
    send(&scim, Method::PATCH, &place(&made), &odd).await.expect(204);
    for path in [
        format!("{}?excludedAttributes=members", place(&made)),
        "/Groups?excludedAttributes=members&filter=displayName eq \"sales north\"".to_owned(),
    ] {
        let answer = scim.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.text.contains("Sales North") && !answer.text.contains("members"),
            "{}",
            answer.text
        );
    }
    let clear = json!([{ "op": "remove", "path": "members" }]);
    patch(&scim, &made, clear).await.expect(204);
    assert_eq!(scim.get(&place(&made)).await.expect(200)["members"], json!([]));
    scim.delete(&place(&made)).await.expect(204);
}
