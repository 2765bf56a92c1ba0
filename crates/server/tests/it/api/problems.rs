//! Errors of the admin API: problem details (RFC 9457), whatever went wrong.

use http::Method;
use serde_json::json;

use crate::on_both;
use crate::world::World;

on_both!(
    bodies_that_are_none,
    unknown_routes_and_methods,
    pages_that_are_none,
    too_large,
    names_in_odd_spellings
);

async fn bodies_that_are_none(world: &World) {
    let api = world.plain.api();
    super::hire(&world.plain, &["anna"]).await;
    for (method, path) in [
        (Method::PATCH, "/people/anna"),
        (Method::POST, "/groups"),
        (Method::POST, "/apps"),
    ] {
        for (body, code) in [
            ("{", "body.not_json"),
            ("{,}", "body.not_json"),
            ("nonsense", "body.not_json"),
            ("[]", "body.invalid"),
            ("7", "body.invalid"),
            ("\"text\"", "body.invalid"),
            ("null", "body.invalid"),
            ("{\"unknown_member\": 1}", "body.invalid"),
            ("{\"unknown_member\": [{\"a\": \"\\u0000\"}]}", "body.invalid"),
        ] {
            let answer = api
                .call(method.clone(), path)
                .body("application/json", body)
                .send()
                .await;
            assert_eq!(answer.status, 400, "{method} {path} {body}: {}", answer.text);
            answer.problem(400, code);
        }
    }
    let refused = api
        .patch("/people/anna", &json!({ "active": true, "colour": "blue" }))
        .await;
    let detail = refused.problem(400, "body.invalid")["detail"].to_string();
    assert!(detail.contains("colour"), "it names what is unknown: {detail}");
}

async fn unknown_routes_and_methods(world: &World) {
    let api = world.plain.api();
    for path in ["/nothing", "/people/a/b/c", "/apps/a/nothing", "", "/", "/People"] {
        api.get(path).await.problem(404, "not_found");
    }
    for (method, path, allowed) in [
        (Method::DELETE, "/people", "GET"),
        (Method::PUT, "/people/anna", "PATCH"),
        (Method::POST, "/organization", "GET"),
        (Method::GET, "/people/anna/import", ""),
        (Method::PATCH, "/groups/x/members", "POST"),
    ] {
        let answer = api.call(method.clone(), path).send().await;
        if allowed.is_empty() {
            answer.problem(404, "not_found");
        } else {
            answer.problem(405, "method_not_allowed");
            assert!(
                answer.header("allow").contains(allowed),
                "{method} {path}: {:?}",
                answer.headers
            );
        }
    }
}

async fn pages_that_are_none(world: &World) {
    let api = world.plain.api();
    api.post("/groups", &json!({ "display_name": "G" }))
        .await
        .expect(201);
    for path in ["/people", "/groups", "/groups/G/members"] {
        for (query, code) in [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("limit=1.5", "limit"),
            ("limit=many", "limit"),
            ("after=nothing", "after"),
        ] {
            api.get(&format!("{path}?{query}")).await.problem(400, code);
        }
    }
}

async fn too_large(world: &World) {
    let body = json!({ "display_name": "x".repeat(1024 * 1024) }).to_string();
    let answer = world
        .plain
        .api()
        .call(Method::POST, "/groups")
        .body("application/json", body)
        .send()
        .await;
    answer.problem(413, "body.unreadable");
}

async fn names_in_odd_spellings(world: &World) {
    let api = world.plain.api();
    for kind in ["people", "groups", "apps"] {
        for name in [
            "%FF",
            "%00",
            "%F0%9F%99%82",
            "%20",
            "%27%3B--",
            &"x".repeat(2_000),
        ] {
            let answer = api.get(&format!("/{kind}/{name}")).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (404, "application/problem+json"),
                "{kind}/{name}"
            );
        }
    }
}
