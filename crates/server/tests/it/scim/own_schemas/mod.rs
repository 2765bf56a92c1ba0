//! An organization's own schemas: whatever reads a schema reads them too.

mod neighbours;
mod values;

use serde_json::{Value, json};

use super::{GROUP, USER, found, hire, id, names, patch_op, place};
use crate::client::encoded;
use crate::on_both;
use crate::world::{Organization, World};

on_both!(
    discovery_shows_them,
    bodies_and_paths,
    filters_and_sorting,
    groups_have_them_too,
    bulk_and_searches,
    staff_files_do_not_break_them,
);

const URN: &str = "urn:example:hr:1.0:User";
const TEAM: &str = "urn:example:hr:1.0:Group";

/// Adds or changes a schema of an organization.
pub(super) async fn put(org: &Organization, urn: &str, kind: &str, attributes: Value) -> Value {
    let body =
        json!({ "resource_type": kind, "schema": { "id": urn, "name": "HR", "attributes": attributes } });
    let answer = org.api().put(&format!("/schemas/{urn}"), &body).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
    answer.json()
}

fn attributes() -> Value {
    json!([
        { "name": "badge", "type": "integer" },
        { "name": "since", "type": "dateTime" },
        { "name": "code", "caseExact": true },
        { "name": "desk", "type": "complex", "subAttributes": [{ "name": "floor" }, { "name": "window", "type": "boolean" }] },
        { "name": "keys", "type": "complex", "multiValued": true,
          "subAttributes": [{ "name": "value" }, { "name": "type" }, { "name": "primary", "type": "boolean" }] },
    ])
}

async fn discovery_shows_them(world: &World) {
    let (plain, other) = (world.plain.scim(), world.webex.scim());
    put(&world.plain, URN, "User", attributes()).await;
    let required = json!({ "resource_type": "Group", "required": true,
        "schema": { "id": TEAM, "attributes": [{ "name": "cost" }] } });
    world
        .plain
        .api()
        .put(&format!("/schemas/{TEAM}"), &required)
        .await
        .expect(201);
    let schema = plain
        .get(&format!("/Schemas/{}", URN.to_uppercase()))
        .await
        .expect(200);
    assert_eq!((&schema["id"], &schema["name"]), (&json!(URN), &json!("HR")));
    assert_eq!(schema["meta"]["location"], format!("{}/Schemas/{URN}", plain.url));
    assert_eq!(schema["attributes"][0]["name"], "badge");
    assert_eq!(schema["attributes"][0]["type"], "integer");
    assert_eq!(schema["attributes"][3]["subAttributes"][1]["type"], "boolean");
    let list = plain.get("/Schemas").await.expect(200);
    assert_eq!(list["totalResults"], 7);
    assert!(list["Resources"].as_array().expect("schemas").contains(&schema));
    let types = plain.get("/ResourceTypes").await.expect(200);
    let extensions = |at: usize| {
        types["Resources"][at]["schemaExtensions"]
            .as_array()
            .expect("extensions")
            .clone()
    };
    assert!(extensions(0).contains(&json!({ "schema": URN, "required": false })));
    assert!(extensions(1).contains(&json!({ "schema": TEAM, "required": true })));
    assert_eq!(
        types["Resources"][1],
        plain.get("/ResourceTypes/Group").await.expect(200)
    );
    // What Entra ID refuses is left out of these too.
    let secret = json!([{ "name": "password" }, { "name": "pet" }]);
    put(&world.plain, "urn:example:entra:User", "User", secret).await;
    world.set(&world.plain, "scim.schemas", "entra").await;
    let trimmed = plain.get("/Schemas/urn:example:entra:User").await.expect(200);
    assert_eq!(trimmed["attributes"].as_array().expect("attributes").len(), 1);
    assert_eq!(trimmed["attributes"][0]["name"], "pet");
    assert_eq!(plain.get(&format!("/Schemas/{URN}")).await.expect(200), schema);
    // Another organization has nothing of it.
    other.get(&format!("/Schemas/{URN}")).await.scim_error(404, "");
    for path in ["/Schemas", "/ResourceTypes"] {
        assert!(!other.get(path).await.text.contains("urn:example"), "{path}");
    }
}

async fn bodies_and_paths(world: &World) {
    let scim = world.plain.scim();
    put(&world.plain, URN, "User", attributes()).await;
    let body = json!({
        // Entra ID does not name a custom schema here.
        "schemas": [USER], "userName": "anna",
        URN.to_uppercase(): { "BADGE": "7", "desk": { "floor": 3, "window": "True" }, "unknown": 1 },
        (format!("{URN}:code")): "X",
    });
    let anna = hire(&scim, &body).await;
    assert_eq!(
        anna[URN],
        json!({ "badge": 7, "desk": { "floor": "3", "window": true }, "code": "X" })
    );
    assert_eq!(anna["schemas"], json!([USER, URN]));
    assert_eq!(scim.get(&place(&anna)).await.expect(200), anna);
    let wrong = json!({ "userName": "bert", URN: { "badge": "seven" } });
    let detail = scim.post("/Users", &wrong).await.scim_error(400, "invalidValue");
    assert!(detail.contains("badge"), "{detail}");
    for (operation, pointer, expected) in [
        (
            json!({ "op": "add", "path": format!("{URN}:badge"), "value": 8 }),
            "badge",
            json!(8),
        ),
        (
            json!({ "op": "Replace", "path": format!("{URN}.badge"), "value": "9" }),
            "badge",
            json!(9),
        ),
        (
            json!({ "op": "replace", "path": "badge", "value": 10 }),
            "badge",
            json!(10),
        ),
        (
            json!({ "op": "replace", "value": { (format!("{URN}:badge")): 11 } }),
            "badge",
            json!(11),
        ),
        (
            json!({ "op": "replace", "value": { URN: { "badge": 12 } } }),
            "badge",
            json!(12),
        ),
        (
            json!({ "op": "replace", "path": URN, "value": { "badge": 13 } }),
            "badge",
            json!(13),
        ),
        (
            json!({ "op": "replace", "path": format!("{URN}:desk.floor"), "value": "4" }),
            "desk/floor",
            json!("4"),
        ),
        (
            json!({ "op": "remove", "path": format!("{URN}:desk.window") }),
            "desk/window",
            Value::Null,
        ),
        (
            json!({ "op": "add", "path": format!("{URN}:keys"), "value": [{ "value": "k", "type": "house" }] }),
            "keys/0/value",
            json!("k"),
        ),
        (
            json!({ "op": "replace", "path": format!("{URN}:keys[type eq \"house\"].value"), "value": "l" }),
            "keys/0/value",
            json!("l"),
        ),
        (
            json!({ "op": "add", "path": format!("{URN}:keys[type eq \"car\"].value"), "value": "c" }),
            "keys/1",
            json!({ "type": "car", "value": "c" }),
        ),
        (
            json!({ "op": "remove", "path": format!("{URN}:keys[type eq \"house\"]") }),
            "keys/0/type",
            json!("car"),
        ),
    ] {
        let anna = scim
            .patch(&place(&anna), &patch_op(json!([operation])))
            .await
            .expect(200);
        let value = anna[URN]
            .pointer(&format!("/{pointer}"))
            .cloned()
            .unwrap_or_default();
        assert_eq!(value, expected, "{operation}");
    }
    let detail = scim
        .patch(
            &place(&anna),
            &patch_op(json!([{ "op": "add", "path": format!("{URN}:shoe"), "value": 1 }])),
        )
        .await
        .scim_error(400, "invalidPath");
    assert!(detail.contains("shoe"), "{detail}");
    let emptied = scim
        .put(&place(&anna), &json!({ "userName": "anna" }))
        .await
        .expect(200);
    assert_eq!((emptied.get(URN), &emptied["schemas"]), (None, &json!([USER])));
}

async fn filters_and_sorting(world: &World) {
    let scim = world.plain.scim();
    put(&world.plain, URN, "User", attributes()).await;
    for (name, own) in [
        (
            "anna",
            json!({ "badge": 9, "code": "a", "since": "2026-01-01T00:00:00Z", "keys": [{ "value": "K", "type": "car" }] }),
        ),
        (
            "bert",
            json!({ "badge": 10, "code": "A", "since": "2026-01-01T00:30:00+01:00", "desk": { "floor": "2" } }),
        ),
        ("cleo", json!({ "badge": 100 })),
    ] {
        hire(&scim, &json!({ "userName": name, URN: own })).await;
    }
    for (filter, expected) in [
        (format!("{URN}:badge lt 10"), "anna"),
        (format!("{URN}:badge ge 10 and {URN}:code pr"), "bert"),
        ("badge eq 100".to_owned(), "cleo"),
        (format!("{URN}:code eq \"a\""), "anna"),
        (format!("{URN}:code eq \"A\""), "bert"),
        (format!("{URN}:since lt \"2026-01-01T00:00:00Z\""), "bert"),
        (format!("{URN}:desk.floor eq 2"), "bert"),
        (format!("{URN}:keys[type eq \"car\" and value eq \"k\"]"), "anna"),
        (format!("{URN}:keys.value eq \"k\""), "anna"),
        (format!("{URN} pr and not ({URN}:code pr)"), "cleo"),
        (format!("schemas eq \"{URN}\" and userName eq \"cleo\""), "cleo"),
    ] {
        assert_eq!(names(&scim, "Users", &filter).await, [expected], "{filter}");
        let people = world
            .plain
            .api()
            .get(&format!("/people?filter={}", encoded(&filter)))
            .await
            .expect(200);
        assert_eq!(people["items"][0]["user_name"], expected, "{filter}");
    }
    let answer = scim
        .get(&format!(
            "/Users?filter={}",
            encoded(&format!("{URN}:desk.window gt true"))
        ))
        .await;
    answer.scim_error(400, "invalidFilter");
    for (by, order, expected) in [
        (format!("{URN}:badge"), "ascending", ["anna", "bert", "cleo"]),
        (format!("{URN}:badge"), "descending", ["admin", "cleo", "bert"]),
        (format!("{URN}:since"), "ascending", ["bert", "anna", "admin"]),
    ] {
        let sorted = scim
            .get(&format!(
                "/Users?sortBy={by}&sortOrder={order}&attributes=userName"
            ))
            .await
            .expect(200);
        let sorted: Vec<_> = sorted["Resources"].as_array().expect("Resources")[..3]
            .iter()
            .map(|user| {
                user["userName"]
                    .as_str()
                    .expect("a name")
                    .split('@')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        assert_eq!(sorted, expected, "{by} {order}");
    }
    let anna = scim
        .get(&format!(
            "/Users?filter=userName%20eq%20anna&attributes={URN}:badge"
        ))
        .await
        .expect(200);
    assert_eq!(anna["Resources"][0][URN], json!({ "badge": 9 }));
    assert_eq!(anna["Resources"][0].get("userName"), None);
    let anna = scim
        .get(&format!(
            "/Users?filter=userName%20eq%20anna&excludedAttributes={URN}"
        ))
        .await
        .expect(200);
    assert_eq!(anna["Resources"][0].get(URN), None);
}

async fn groups_have_them_too(world: &World) {
    let scim = world.plain.scim();
    put(
        &world.plain,
        TEAM,
        "Group",
        json!([{ "name": "cost", "uniqueness": "server" }]),
    )
    .await;
    let group = found(&scim, &json!({ "displayName": "G", TEAM: { "cost": "C1" } })).await;
    assert_eq!(
        (&group[TEAM]["cost"], &group["schemas"]),
        (&json!("C1"), &json!([GROUP, TEAM]))
    );
    // Users have nothing of it.
    let anna = hire(&scim, &json!({ "userName": "anna", TEAM: { "cost": "C1" } })).await;
    assert_eq!(anna.get(TEAM), None);
    let change = patch_op(
        json!([{ "op": "replace", "path": format!("{TEAM}:cost"), "value": "C2" },
        { "op": "add", "path": "members", "value": [{ "value": id(&anna) }] }]),
    );
    scim.patch(&place(&group), &change).await.expect(204);
    assert_eq!(
        names(&scim, "Groups", &format!("{TEAM}:cost eq \"c2\"")).await,
        ["G"]
    );
    scim.post("/Groups", &json!({ "displayName": "H", TEAM: { "cost": "c2" } }))
        .await
        .scim_error(409, "uniqueness");
    let other = found(&scim, &json!({ "displayName": "H", TEAM: { "cost": "C1" } })).await;
    let answer = scim
        .put(
            &place(&other),
            &json!({ "displayName": "H", TEAM: { "cost": "C2" } }),
        )
        .await;
    answer.scim_error(409, "uniqueness");
    scim.delete(&place(&group)).await.expect(204);
    scim.put(
        &place(&other),
        &json!({ "displayName": "H", TEAM: { "cost": "C2" } }),
    )
    .await
    .expect(200);
}

async fn bulk_and_searches(world: &World) {
    let scim = world.plain.scim();
    put(
        &world.plain,
        URN,
        "User",
        json!([{ "name": "badge", "type": "integer", "uniqueness": "server" }]),
    )
    .await;
    let post = |name: &str, badge: u32| {
        json!({ "method": "POST", "path": "/Users", "bulkId": name,
        "data": { "userName": name, URN: { "badge": badge } } })
    };
    let operations = json!([post("anna", 1), post("bert", 2), post("cleo", 1), post("dora", 4)]);
    let answer = scim
        .post("/Bulk", &json!({ "Operations": operations }))
        .await
        .expect(200);
    let statuses: Vec<_> = answer["Operations"]
        .as_array()
        .expect("answers")
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(statuses, ["201", "201", "409", "201"]);
    assert_eq!(answer["Operations"][2]["response"]["scimType"], "uniqueness");
    for path in ["/.search", "/Users/.search"] {
        let body = json!({ "filter": format!("{URN}:badge gt 1"), "sortBy": format!("{URN}:badge"),
            "sortOrder": "descending", "attributes": [format!("{URN}:badge")] });
        let page = scim.post(path, &body).await.expect(200);
        let badges: Vec<_> = page["Resources"]
            .as_array()
            .expect("Resources")
            .iter()
            .map(|one| one[URN]["badge"].clone())
            .collect();
        assert_eq!(badges, [4, 2], "{path}");
    }
    // A cursor goes on by the same order.
    let first = scim
        .get(&format!("/Users?sortBy={URN}:badge&count=2&cursor"))
        .await
        .expect(200);
    let cursor = first["nextCursor"].as_str().expect("a cursor");
    let second = scim
        .get(&format!(
            "/Users?sortBy={URN}:badge&count=2&cursor={}",
            encoded(cursor)
        ))
        .await
        .expect(200);
    assert_eq!(second["Resources"][0][URN]["badge"], 4);
}

async fn staff_files_do_not_break_them(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    put(
        &world.plain,
        URN,
        "User",
        json!([{ "name": "pin", "mutability": "writeOnly", "uniqueness": "server" }]),
    )
    .await;
    let anna = hire(
        &scim,
        &json!({ "userName": "anna@x.example", URN: { "pin": "0000" } }),
    )
    .await;
    let file = "userName,title\nanna@x.example,Chief\nbert@x.example,Clerk\n";
    let import = |file: &str| {
        api.call(http::Method::POST, "/people/import")
            .body("text/csv", file.to_owned())
            .send()
    };
    let report = import(file).await.expect(200);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    scim.post("/Users", &json!({ "userName": "cleo", URN: { "pin": "0000" } }))
        .await
        .scim_error(409, "uniqueness");
    assert_eq!(scim.get(&place(&anna)).await.expect(200)["title"], "Chief");
    // A row for somebody new lacks what everybody must have.
    let required = json!({ "resource_type": "User", "required": true,
        "schema": { "id": "urn:example:must:User", "attributes": [{ "name": "a" }] } });
    api.put("/schemas/urn:example:must:User", &required)
        .await
        .expect(201);
    let report = import("userName,title\nanna@x.example,Boss\ndora@x.example,Clerk\n")
        .await
        .expect(200);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1)),
        "{report}"
    );
    assert!(
        report["problems"][0]["message"]
            .to_string()
            .contains("urn:example:must:User"),
        "{report}"
    );
}
