//! Whatever is sent to whichever endpoint: an answer that puts it down to the client, in the endpoint's own form.

use http::Method;
use serde_json::json;

use crate::client::{Answer, encoded};
use crate::endpoints::{Example, Places, examples};
use crate::on_both;
use crate::world::World;

on_both!(bodies, paths, queries, headers);

fn guarded() -> impl Iterator<Item = Example> {
    examples().into_iter().filter(Example::is_guarded)
}

#[track_caller]
fn assert_the_clients_fault(answer: &Answer, example: &Example, what: &str) {
    let what = format!("{} {} {what}: {}", example.method, example.template, answer.text);
    assert!(answer.status < 500 || answer.status == 501, "{what}");
    if answer.status >= 400 && example.method != Method::HEAD {
        let family = if example.is_scim() {
            answer.asked.scim()
        } else {
            example.error_type()
        };
        assert_eq!(answer.header("content-type"), family, "{what}");
    }
}

async fn bodies(world: &World) {
    let scim = world.plain.scim();
    let user = scim
        .post("/Users", &json!({ "userName": "somebody" }))
        .await
        .expect(201);
    let group = scim
        .post("/Groups", &json!({ "displayName": "G" }))
        .await
        .expect(201);
    let app = json!({ "template": "webex", "org_id": "o", "token": "t", "activate": false });
    let app = world.plain.api().post("/apps", &app).await.expect(201);
    let places = Places {
        user: user["id"].as_str().expect("an id"),
        group: group["id"].as_str().expect("an id"),
        app: app["id"].as_str().expect("an id"),
        ..Places::nowhere(&world.plain)
    };
    let nested = format!("{}1{}", "{\"a\":[".repeat(60), "]}".repeat(60));
    let client = world.nobody().with(&world.plain.token);
    for example in guarded().filter(|example| ![Method::GET, Method::DELETE].contains(&example.method)) {
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "\"\"",
            "[[[]]]",
            &nested,
            "{\"\":\"\"}",
            "{\"userName\":[],\"displayName\":{},\"Operations\":[{\"op\":\"add\",\"value\":[[]]}],\"mappings\":[null]}",
            "{\"userName\":{\"a\":1},\"displayName\":1e400,\"Operations\":[[]],\"add\":[[]],\"active\":[]}",
            "{\"userName\":\"\\ud800\",\"displayName\":\"\\u0000\"}",
            "{\"emails\":[[{\"value\":{}}]],\"Operations\":[{\"op\":\"replace\",\"path\":\"emails[\",\"value\":1}]}",
            "{\"Operations\":[{\"op\":\"remove\",\"path\":\"emails[type eq \\\"\\u0000\\\"]\"}],\"remove\":[\"\\u0000\"]}",
            "{\"Operations\":[{\"op\":\"replace\",\"path\":\"members\",\"value\":[{\"value\":\"\\u0000\"}]}]}",
        ] {
            let call = client.call(example.method.clone(), &example.path(&places));
            let answer = call.body("application/json", body.to_owned()).send().await;
            assert_the_clients_fault(&answer, &example, body);
        }
    }
}

async fn paths(world: &World) {
    let client = world.nobody().with(&world.plain.token);
    for odd in ["%FF", "a%00b", "%00", "%", "..%2F..", "%C0%AF", "%F0%9F%98%80"] {
        let places = Places {
            user: odd,
            group: odd,
            app: odd,
            cycle: odd,
            ..Places::nowhere(&world.plain)
        };
        for example in guarded() {
            let path = example.path(&places);
            let answer = client.call(example.method.clone(), &path).send().await;
            assert_the_clients_fault(&answer, &example, &path);
        }
    }
}

async fn queries(world: &World) {
    let client = world.nobody().with(&world.plain.token);
    let values = [
        "",
        "\0",
        "%",
        "[",
        "a.b.c.d",
        "urn:x:",
        "emails[type eq \"",
        "userName eq \"\u{fdfa}\u{0}\"",
        "userName sw \"\u{10ffff}\"",
        "not not (a pr)",
        "-9223372036854775808",
        "meta.lastModified gt \"+999999-12-31T23:59:59Z\"",
        "meta.lastModified lt \"-009999-01-01T00:00:00Z\"",
        "id eq 1e999",
    ];
    let names = [
        "filter",
        "attributes",
        "excludedAttributes",
        "startIndex",
        "count",
        "limit",
        "after",
        "order",
        "app",
        "user",
        "cycle",
        "action",
        "status",
        "state",
        "dry_run",
        "all",
        "confirm",
    ];
    for example in guarded().filter(|example| example.method == Method::GET) {
        for value in values {
            for name in names {
                let query = format!("?{name}={}", encoded(value));
                let path = format!("{}{query}", example.path(&Places::nowhere(&world.plain)));
                let answer = client.call(Method::GET, &path).send().await;
                assert_the_clients_fault(&answer, &example, &query);
            }
        }
    }
    for query in [
        "?",
        "??",
        "?&&&",
        "?=",
        "?filter",
        "?filter=%FF",
        "?filter=%zz",
        "?%00=%00",
        "?a=b#c",
    ] {
        for example in guarded().filter(|example| example.method == Method::GET) {
            let path = format!("{}{query}", example.path(&Places::nowhere(&world.plain)));
            let answer = client.call(Method::GET, &path).send().await;
            assert_the_clients_fault(&answer, &example, query);
        }
    }
}

async fn headers(world: &World) {
    let client = world.nobody().with(&world.plain.token);
    for example in guarded() {
        for (name, value) in [
            ("If-Match", ","),
            ("If-None-Match", "W/"),
            ("TrackingID", &"x".repeat(4_000)),
            ("Accept", "image/png"),
            ("Accept-Encoding", "nonsense;q=7"),
            ("Content-Type", ";;;"),
            ("Expect", "nothing"),
        ] {
            let call = client.call(
                example.method.clone(),
                &example.path(&Places::nowhere(&world.plain)),
            );
            let answer = call.header(name, value).send().await;
            assert_the_clients_fault(&answer, &example, name);
            assert!(
                answer.header("trackingid").len() <= 128,
                "an endless TrackingID is not echoed"
            );
        }
    }
}
