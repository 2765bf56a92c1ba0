//! Bad requests, each answered in SCIM's own form (RFC 7644 §3.12).

use http::Method;
use serde_json::json;

use super::{hire, patch_op, place};
use crate::on_both;
use crate::world::World;

on_both!(
    bodies_that_are_none,
    media_types,
    unknown_routes_and_methods,
    ids_of_nothing,
    unknown_organizations,
    bodies_that_are_too_large,
    values_of_the_wrong_kind,
);

async fn bodies_that_are_none(world: &World) {
    let scim = world.plain.scim();
    let user = place(&hire(&scim, &json!({ "userName": "a" })).await);
    for text in [
        "",
        "{",
        "{\"userName\": \"x\",}",
        "null",
        "[]",
        "\"userName\"",
        "7",
        "userName=x",
        "\u{feff}",
    ] {
        for (method, path) in [
            (Method::POST, "/Users"),
            (Method::PUT, user.as_str()),
            (Method::PATCH, user.as_str()),
            (Method::POST, "/Groups"),
        ] {
            let answer = scim
                .call(method.clone(), path)
                .body("application/json", text)
                .send()
                .await;
            answer.scim_error(400, "invalidSyntax");
        }
    }
    let answer = scim
        .call(Method::POST, "/Users")
        .body("application/json", vec![b'{', 0xff, b'}'])
        .send()
        .await;
    answer.scim_error(400, "invalidSyntax");
    let detail = scim
        .call(Method::POST, "/Users")
        .body("application/json", "{\n \"userName\" 1}")
        .send()
        .await;
    assert!(
        detail.scim_error(400, "invalidSyntax").contains("line 2"),
        "it says where"
    );
    let deep = format!("{{\"userName\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    scim.call(Method::POST, "/Users")
        .body("application/json", deep)
        .send()
        .await
        .scim_error(400, "invalidSyntax");
}

async fn media_types(world: &World) {
    let scim = world.plain.scim();
    for media_type in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "nonsense",
        "text/csv",
    ] {
        let call = scim
            .call(Method::POST, "/Users")
            .body(media_type, "{\"userName\":\"x\"}");
        let detail = call.send().await.scim_error(415, "");
        assert!(detail.contains("application/scim+json"), "{detail}");
    }
}

async fn unknown_routes_and_methods(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        for path in ["/Nothing", "/Users/a/b", "/users", "/Schemas/a/b"] {
            client.get(path).await.scim_error(404, "");
        }
        for (method, path, allowed) in [
            (Method::DELETE, "/Users", ["GET", "POST"].as_slice()),
            (Method::PUT, "/Users/", &["GET", "POST"]),
            (Method::PATCH, "/Groups", &["GET", "POST"]),
            (Method::POST, "/Users/some-id", &["GET", "PUT", "PATCH", "DELETE"]),
            (Method::POST, "/ServiceProviderConfig", &["GET"]),
            (Method::DELETE, "/Schemas", &["GET"]),
            (Method::GET, "/Bulk", &["POST"]),
        ] {
            let answer = client.call(method.clone(), path).send().await;
            answer.scim_error(405, "");
            for allow in allowed {
                assert!(
                    answer.header("allow").contains(allow),
                    "{method} {path}: {}",
                    answer.header("allow")
                );
            }
        }
    }
}

async fn ids_of_nothing(world: &World) {
    let scim = world.plain.scim();
    let body = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "x" }]));
    for id in [
        "0",
        "some-id",
        crate::endpoints::NOBODY,
        "%20",
        "a%2Fb",
        "%00",
        "%F0%9F%99%82",
        "%FF",
        "%27%22;--",
    ] {
        for kind in ["Users", "Groups"] {
            let path = format!("/{kind}/{id}");
            scim.get(&path).await.scim_error(404, "");
            scim.patch(&path, &body).await.scim_error(404, "");
            scim.put(&path, &json!({ "userName": "x", "displayName": "x" }))
                .await
                .scim_error(404, "");
            scim.delete(&path).await.scim_error(404, "");
        }
    }
    for path in ["/Schemas/urn:nothing", "/ResourceTypes/Robot", "/Schemas/%FF"] {
        scim.get(path).await.scim_error(404, "");
    }
}

async fn unknown_organizations(world: &World) {
    for org in [
        "nothing",
        crate::endpoints::NOBODY,
        "%FF",
        "%00",
        &world.webex.id.to_string(),
    ] {
        for path in [
            format!("/v1/scim/{org}/Users"),
            format!("/identity/scim/{org}/v2/Groups"),
        ] {
            let answer = world.nobody().with(&world.plain.token).get(&path).await;
            answer.scim_error(404, "");
        }
    }
}

async fn bodies_that_are_too_large(world: &World) {
    let scim = world.plain.scim();
    let body = |length: usize| json!({ "userName": "large", "nickName": "x".repeat(length) }).to_string();
    let limit = 1024 * 1024;
    let answer = scim
        .call(Method::POST, "/Users")
        .body("application/json", body(limit))
        .send()
        .await;
    let detail = answer.scim_error(413, "");
    assert!(detail.contains(&limit.to_string()), "{detail}");
    let answer = scim
        .call(Method::POST, "/Users")
        .body("application/json", body(limit - 1_000))
        .send()
        .await;
    answer.expect(201);
}

async fn values_of_the_wrong_kind(world: &World) {
    let scim = world.plain.scim();
    for (body, named) in [
        (json!({ "displayName": "No name" }), "userName"),
        (json!({ "userName": "" }), "userName"),
        (json!({ "userName": null }), "userName"),
        (json!({ "userName": "   " }), "userName"),
        (json!({ "userName": ["a", "b"] }), "userName"),
        (json!({ "userName": { "a": 1 } }), "userName"),
        (json!({ "userName": "a\u{0}b" }), "userName"),
        (json!({ "userName": "x", "active": "perhaps" }), "active"),
        (json!({ "userName": "x", "name": "Just Text" }), "name"),
        (
            json!({ "userName": "x", "emails": [{ "value": true }] }),
            "emails.value",
        ),
        (
            json!({ "userName": "x", "emails": [{ "value": "a@b", "primary": true }, { "value": "c@d", "primary": true }] }),
            "emails",
        ),
    ] {
        let detail = scim.post("/Users", &body).await.scim_error(400, "invalidValue");
        assert!(detail.contains(named), "{body}: {detail}");
    }
    for body in [
        json!({}),
        json!({ "displayName": "" }),
        json!({ "displayName": 5, "members": "x" }),
    ] {
        scim.post("/Groups", &body).await.scim_error(400, "invalidValue");
    }
    for other in ["USERNAME", "userName"] {
        let twice = format!("{{\"userName\":\"a\",\"{other}\":\"b\"}}");
        let call = scim.call(Method::POST, "/Users");
        let refused = call.body("application/json", twice).send().await;
        refused.scim_error(400, "invalidSyntax");
    }
}
