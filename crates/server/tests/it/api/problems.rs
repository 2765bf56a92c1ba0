//! Errors of the admin API: problem details (RFC 9457), whatever went wrong.

use http::Method;
use serde_json::json;

use crate::endpoints::{Example, Places, examples};
use crate::on_both;
use crate::world::World;

on_both!(
    bodies_that_are_none,
    unknown_routes_and_methods,
    pages_that_are_none,
    too_large,
    names_in_odd_spellings,
    lists_in_the_place_of_objects,
    parameters_that_are_none
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
            ("limit=", "limit"),
            ("after=nothing", "after"),
        ] {
            api.get(&format!("{path}?{query}")).await.problem(400, code);
        }
    }
    // Also where the whole list is one page.
    for path in ["/apps", "/presets", "/schemas"] {
        api.get(&format!("{path}?limit=0")).await.problem(400, "limit");
        api.get(&format!("{path}?limit=7")).await.expect(200);
    }
    // What is empty is no number, word or time.
    for (path, parameter) in [
        ("/log", "status"),
        ("/log", "action"),
        ("/log", "from"),
        ("/log", "cycle"),
        ("/events", "order"),
    ] {
        let refused = api.get(&format!("{path}?{parameter}=")).await;
        refused.problem(400, parameter);
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

/// Every endpoint that reads a body wants names in it, and says what is wrong in plain words.
async fn lists_in_the_place_of_objects(world: &World) {
    let scim = world.plain.scim();
    super::hire(&world.plain, &["anna"]).await;
    let group = scim
        .post("/Groups", &json!({ "displayName": "G" }))
        .await
        .expect(201);
    let app = json!({ "template": "webex", "org_id": "o", "token": "t" });
    let app = world.plain.api().post("/apps", &app).await.expect(201);
    let places = Places {
        user: "anna",
        group: group["id"].as_str().expect("an id"),
        app: app["id"].as_str().expect("an id"),
        ..Places::nowhere(&world.plain)
    };
    let client = world.nobody().with(&world.plain.token);
    let reads = |example: &Example| {
        let path = &example.template;
        let files = path.ends_with("/people/import");
        path.starts_with("/api/v1") && !files && ![Method::GET, Method::DELETE].contains(&example.method)
    };
    for example in examples().into_iter().filter(reads) {
        for body in ["[]", "[true]", "[[]]", "[null,null,null]", "7", "\"x\"", "null"] {
            let call = client.call(example.method.clone(), &example.path(&places));
            let answer = call.body("application/json", body).send().await;
            if answer.status != 400 {
                // Those that read no body do not mind one, and nothing is there for the others.
                assert!(
                    [200, 201, 202, 404, 409].contains(&answer.status),
                    "{} {body}",
                    example.template
                );
                continue;
            }
            let detail = answer.json()["detail"].to_string();
            for word in ["struct", "sequence", "expected", "invalid type", "line 1"] {
                assert!(!detail.contains(word), "{} {body}: {detail}", example.template);
            }
        }
    }
    let api = world.plain.api();
    for (path, body, said) in [
        (
            "/groups",
            json!(["x", null]),
            "The body must be a JSON object, such as {\"name\": \"value\"}",
        ),
        (
            "/groups",
            json!({ "display_name": ["x"] }),
            "display_name must be a text, not a list",
        ),
        ("/groups", json!({}), "The body lacks \"display_name\""),
        (
            "/groups",
            json!({ "display_name": "x", "colour": 1 }),
            "The body can have no \"colour\": it can have display_name, external_id",
        ),
        (
            "/apps",
            json!({ "template": "webex", "settings": ["all"] }),
            "settings must be an object, not a list",
        ),
        (
            "/apps",
            json!({ "template": 7 }),
            "template must be one of webex, scim, saml, bookmark, not a number",
        ),
        (
            "/apps",
            json!({ "template": "scim", "settings": { "create": "yes" } }),
            "settings.create must be true or false, not a text",
        ),
    ] {
        let refused = api.post(path, &body).await.problem(400, "body.invalid");
        assert_eq!(refused["detail"], said, "{path} {body}");
    }
    let twice = api.call(Method::POST, "/groups").body(
        "application/json",
        "{\"display_name\":\"a\",\"display_name\":\"b\"}",
    );
    let refused = twice.send().await.problem(400, "body.not_json");
    assert!(
        refused["detail"].as_str().unwrap_or_default().contains("twice"),
        "{refused}"
    );
}

/// A parameter that is misspelt is not passed over, wherever it stands.
async fn parameters_that_are_none(world: &World) {
    let client = world.nobody().with(&world.plain.token);
    for example in examples()
        .into_iter()
        .filter(|example| example.template.starts_with("/api/v1"))
    {
        for query in ["limt=7", "limit=7&usr=anna", "="] {
            let path = format!("{}?{query}", example.path(&Places::nowhere(&world.plain)));
            let answer = client.call(example.method.clone(), &path).send().await;
            let refused = answer.problem(400, "parameter.unknown");
            let named = refused["params"]["parameter"].as_str().expect("a name");
            assert!(query.contains(named), "{path}: {refused}");
        }
    }
    let refused = world
        .plain
        .api()
        .get("/tokens?usr=x")
        .await
        .problem(400, "parameter.unknown");
    assert_eq!(
        refused["detail"],
        "This address takes no parameter \"usr\": it takes limit and after"
    );
    // Whoever may not come in learns nothing of it.
    world
        .plain
        .api()
        .with("instep_wrong")
        .get("/tokens?usr=x")
        .await
        .problem(401, "token.invalid");
    world.plain.api().get("/log?LIMIT=1").await.expect(200);
}
