//! Control characters. PostgreSQL's texts cannot hold U+0000: nothing that is kept or looked for may have it, on either
//! database. All others are letters like any, but in a userName, where nobody would see them.

use http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, GROUP, USER, found, hire, id, names, patch_op, place};
use crate::client::{Answer, encoded};
use crate::on_both;
use crate::world::World;

on_both!(nowhere_in_a_body, nowhere_in_a_question, others_are_letters);

const WEBEX: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
const NUL: &str = "a\u{0}b";

/// Refused for what the client sent, or passed over; never our fault, and never kept.
#[track_caller]
fn assert_not_kept(answer: &Answer, what: &Value) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
    if answer.status >= 400 {
        let kind = answer.json()["scimType"].clone();
        answer.scim_error(answer.status, kind.as_str().unwrap_or_default());
    }
    assert!(
        !holds_nul(&serde_json::from_str(&answer.text).unwrap_or_default()),
        "{what}: {}",
        answer.text
    );
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(parts) => parts
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

async fn nowhere_in_a_body(world: &World) {
    for org in [&world.plain, &world.webex] {
        let scim = org.scim();
        let anna = hire(&scim, &json!({ "userName": "anna@example.com" })).await;
        let team = found(&scim, &json!({ "displayName": "Team" })).await;
        // What is read as a text is refused, and the detail says where.
        for (name, value) in [
            ("userName", json!(NUL)),
            ("externalId", json!(NUL)),
            ("title", json!(NUL)),
            ("displayName", json!(NUL)),
            ("profileUrl", json!(NUL)),
            ("active", json!("true\u{0}")),
            ("name", json!({ "givenName": NUL })),
            ("emails", json!([{ "value": NUL }])),
            ("emails", json!([{ "value": "a@example.com", "type": NUL }])),
            ("addresses", json!([{ "type": "work", "locality": NUL }])),
            ("roles", json!([NUL])),
            (
                "roles",
                json!([{ "value": "{\"id\":\"1\",\"value\":\"a\\u0000b\"}" }]),
            ),
            ("x509Certificates", json!([{ "value": "AA\u{0}A" }])),
            (ENTERPRISE, json!({ "department": NUL })),
            (ENTERPRISE, json!({ "manager": NUL })),
            (ENTERPRISE, json!({ "manager": { "value": "1", "$ref": NUL } })),
            (WEBEX, json!({ "accountStatus": NUL })),
            (WEBEX, json!({ "sipAddresses": [{ "value": NUL }] })),
        ] {
            let mut body = json!({ "userName": "bert@example.com" });
            body[name] = value.clone();
            scim.post("/Users", &body).await.scim_error(400, "invalidValue");
            scim.put(&place(&anna), &body)
                .await
                .scim_error(400, "invalidValue");
            let change = patch_op(json!([{ "op": "replace", "path": name, "value": value }]));
            scim.patch(&place(&anna), &change)
                .await
                .scim_error(400, "invalidValue");
            let change = patch_op(json!([{ "op": "add", "value": { name: value } }]));
            scim.patch(&place(&anna), &change)
                .await
                .scim_error(400, "invalidValue");
            let create = json!({ "method": "POST", "path": "/Users", "bulkId": "1", "data": body });
            let bulk = scim
                .post("/Bulk", &json!({ "Operations": [create] }))
                .await
                .expect(200);
            assert_eq!(bulk["Operations"][0]["status"], "400", "{body}");
        }
        // What is passed over is, whatever it holds.
        for (name, value) in [
            ("password", json!(NUL)),
            (NUL, json!(NUL)),
            ("schemas", json!([USER, NUL])),
            ("id", json!(NUL)),
            ("meta", json!({ "location": NUL })),
            ("groups", json!([{ "value": NUL }])),
            ("unknown", json!({ NUL: [NUL] })),
            ("urn:x:\u{0}:User", json!({ "a": NUL })),
        ] {
            let mut body = json!({ "userName": "carl@example.com" });
            body[name] = value.clone();
            let answer = scim.post("/Users", &body).await;
            assert_not_kept(&answer, &body);
            if answer.status == 201 {
                assert_not_kept(&scim.get(&place(&answer.json())).await, &body);
                scim.delete(&place(&answer.json())).await.expect(204);
            }
            let change = patch_op(json!([{ "op": "replace", "path": name, "value": value }]));
            assert_not_kept(&scim.patch(&place(&anna), &change).await, &change);
        }
        for (path, operation) in [
            (
                place(&anna),
                json!({ "op": "remove", "path": format!("emails[type eq \"{NUL}\"]") }),
            ),
            (
                place(&anna),
                json!({ "op": "remove", "path": "emails[type eq \"a\\u0000\"]" }),
            ),
            (
                place(&anna),
                json!({ "op": "replace", "path": "emails[type eq \"a\\u0000\"].value", "value": "x" }),
            ),
            (place(&anna), json!({ "op": NUL, "path": "title" })),
            (
                place(&team),
                json!({ "op": "add", "path": "members", "value": [{ "value": NUL }] }),
            ),
            (
                place(&team),
                json!({ "op": "add", "path": "members", "value": [{ "value": id(&anna), "type": NUL }] }),
            ),
            (
                place(&team),
                json!({ "op": "add", "path": "members", "value": [{ "$ref": format!("../Users/{NUL}") }] }),
            ),
            (
                place(&team),
                json!({ "op": "remove", "path": "members[display eq \"a\\u0000\"]" }),
            ),
            (
                place(&team),
                json!({ "op": "remove", "path": "members", "value": [{ "value": NUL }] }),
            ),
            (
                place(&team),
                json!({ "op": "replace", "path": "displayName", "value": NUL }),
            ),
        ] {
            let answer = scim.patch(&path, &patch_op(json!([operation]))).await;
            assert_not_kept(&answer, &operation);
        }
        let group = json!({ "schemas": [GROUP], "displayName": "G", "members": [{ "value": NUL }] });
        scim.post("/Groups", &group).await.scim_error(400, "invalidValue");
        let bulk = json!({ "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": NUL, "data": { "userName": "dora@example.com" } },
            { "method": "DELETE", "path": format!("/Users/{NUL}") },
            { "method": "PATCH", "path": place(&anna), "version": NUL, "data": { "Operations": [{ "op": "remove", "path": "title" }] } },
        ] });
        assert!(scim.post("/Bulk", &bulk).await.status < 500);
        for resource in [&anna, &team] {
            assert_not_kept(&scim.get(&place(resource)).await, resource);
        }
        assert_not_kept(&scim.get("?count=1000").await, &json!("everybody"));
    }
}

async fn nowhere_in_a_question(world: &World) {
    let scim = world.plain.scim();
    for literal in ["\"a\u{0}b\"", "\"a\\u0000b\"", "a\u{0}b"] {
        for attribute in [
            "userName",
            "title",
            "id",
            "externalId",
            "emails",
            "members",
            "meta.location",
            "meta.created",
            "shoeSize",
        ] {
            for operator in ["eq", "sw", "co", "gt"] {
                let filter = format!("{attribute} {operator} {literal}");
                for kind in ["/Users", "/Groups", ""] {
                    let answer = scim.get(&format!("{kind}?filter={}", encoded(&filter))).await;
                    answer.scim_error(400, "invalidFilter");
                    let search = json!({ "filter": filter });
                    scim.post(&format!("{kind}/.search"), &search)
                        .await
                        .scim_error(400, "invalidFilter");
                }
            }
        }
    }
    for name in [
        "sortBy",
        "sortOrder",
        "attributes",
        "excludedAttributes",
        "cursor",
        "count",
        "startIndex",
        "memberType",
        "unknown",
    ] {
        for kind in ["/Users", "/Groups", ""] {
            let answer = scim.get(&format!("{kind}?{name}={}", encoded(NUL))).await;
            assert_not_kept(&answer, &json!(name));
            let search = json!({ name: NUL });
            assert_not_kept(&scim.post(&format!("{kind}/.search"), &search).await, &search);
        }
    }
    for path in [
        "/Users/a%00b",
        "/Groups/%00",
        "/Groups/a%00/Members",
        "/Schemas/urn:%00",
        "/ResourceTypes/%00",
        "/%00",
    ] {
        for method in [Method::GET, Method::DELETE] {
            let answer = scim.call(method, path).send().await;
            assert!([404, 405].contains(&answer.status), "{path}: {}", answer.text);
            answer.scim_error(answer.status, "");
        }
    }
}

async fn others_are_letters(world: &World) {
    let scim = world.plain.scim();
    let strange = "\u{1}\t\r\n\u{7f}\u{85}\u{2028}\u{feff}";
    let made = hire(
        &scim,
        &json!({ "userName": "anna", "title": strange, "externalId": strange }),
    )
    .await;
    assert_eq!(scim.get(&place(&made)).await.expect(200)["title"], strange);
    let literal = json!(strange).to_string();
    for attribute in ["title", "externalId"] {
        assert_eq!(
            names(&scim, "Users", &format!("{attribute} eq {literal}")).await,
            ["anna"]
        );
    }
    for letter in strange.chars() {
        let body = json!({ "userName": format!("b{letter}b") });
        let answer = scim.post("/Users", &body).await;
        if letter == '\u{2028}' {
            continue;
        }
        answer.scim_error(400, "invalidValue");
    }
}
