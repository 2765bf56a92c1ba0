//! Methods, headers and media types (RFC 7644 §3.1, §3.8, §3.12, §3.13; RFC 7643 §3.1, §5; RFC 9110).

use http::Method;
use serde_json::{Value, json};

use crate::client::{Client, SCIM, encoded};
use crate::on_both;
use crate::scim::{found, hire, id, patch_op, place};
use crate::world::World;

on_both!(
    head_is_get_without_the_body,
    every_answer_says_its_media_type,
    one_resource_comes_with_its_address,
    allow_names_what_is_possible,
    what_a_client_accepts,
    queries_that_are_too_long,
    other_versions_of_the_protocol,
    the_configuration_needs_no_token,
    what_is_deleted_is_gone,
    conditions_hold_for_reads_too,
    addresses_with_bare_quotes,
);

async fn head_is_get_without_the_body(world: &World) {
    let scim = world.plain.scim();
    let user = place(&hire(&scim, &json!({ "userName": "head" })).await);
    let group = place(&found(&scim, &json!({ "displayName": "Head" })).await);
    for (path, status) in [
        (user.as_str(), 200),
        (&group, 200),
        ("/Users?count=1", 200),
        ("", 200),
        ("/Schemas", 200),
        ("/ResourceTypes/User", 200),
        ("/ServiceProviderConfig", 200),
        ("/Users/nobody", 404),
        ("/Users?filter=nonsense", 400),
        ("/Bulk", 405),
        ("/nothing", 404),
    ] {
        let get = scim.get(path).await;
        let head = scim.call(Method::HEAD, path).send().await;
        assert_eq!((get.status, head.status), (status, status), "{path}");
        assert_eq!(head.text, "", "{path}");
        for name in ["content-type", "etag", "content-location", "allow"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

async fn every_answer_says_its_media_type(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "media" })).await;
    let nothing = patch_op(json!([]));
    for (method, path, body, status) in [
        (Method::GET, place(&user), None, 200),
        (Method::GET, "/Users".to_owned(), None, 200),
        (Method::GET, String::new(), None, 200),
        (Method::GET, "/Schemas".to_owned(), None, 200),
        (Method::GET, "/ServiceProviderConfig".to_owned(), None, 200),
        (Method::POST, "/.search".to_owned(), Some(json!({})), 200),
        (
            Method::POST,
            "/Bulk".to_owned(),
            Some(json!({ "Operations": [] })),
            200,
        ),
        (Method::PATCH, place(&user), Some(nothing), 400),
        (
            Method::PUT,
            place(&user),
            Some(json!({ "userName": "media" })),
            200,
        ),
        (
            Method::POST,
            "/Users".to_owned(),
            Some(json!({ "userName": "more" })),
            201,
        ),
        (Method::GET, "/Users/nobody".to_owned(), None, 404),
    ] {
        let call = scim.call(method.clone(), &path);
        let answer = match &body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        };
        let message = answer.expect(status);
        assert_eq!(answer.header("content-type"), SCIM, "{method} {path}");
        let schemas = message["schemas"]
            .as_array()
            .expect("every message has its schemas");
        assert!(!schemas.is_empty(), "{method} {path}");
    }
    let gone = scim.delete(&place(&user)).await;
    assert_eq!((gone.status, gone.header("content-type")), (204, ""));
}

/// RFC 7643 §3.1: `meta.location` is what `Content-Location` says; RFC 7644 §3.3: `Location` too, of what is new.
async fn one_resource_comes_with_its_address(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        for (kind, body) in [
            ("/Users", json!({ "userName": client.url, "displayName": "x" })),
            ("/Groups", json!({ "displayName": "x" })),
        ] {
            let made = client.post(kind, &body).await;
            let address = made.expect(201)["meta"]["location"].clone();
            assert_eq!(made.header("location"), address);
            let path = place(&made.json());
            let title = json!([{ "op": "replace", "path": "displayName", "value": "y" }]);
            let with_body = patch_op(title);
            let less = format!("{path}?attributes=displayName");
            world.set(&world.plain, "scim.patch_response", "body").await;
            for answer in [
                made,
                client.get(&path).await,
                client.get(&less).await,
                client.put(&path, &body).await,
                client.patch(&path, &with_body).await,
            ] {
                assert_eq!(answer.header("content-location"), address, "{:?}", answer.asked);
            }
            let version = client.get(&path).await;
            let call = client
                .call(Method::GET, &path)
                .header("If-None-Match", version.header("etag"));
            let unchanged = call.send().await;
            assert_eq!(unchanged.status, 304);
            assert_eq!(unchanged.header("content-location"), address);
            let list = client.get(kind).await;
            assert_eq!(
                (list.header("content-location"), list.header("location")),
                ("", "")
            );
        }
    }
}

async fn allow_names_what_is_possible(world: &World) {
    let scim = world.plain.scim();
    for (path, allowed) in [
        ("/Users", vec!["GET", "HEAD", "POST"]),
        ("/Groups/", vec!["GET", "HEAD", "POST"]),
        ("/Users/x", vec!["DELETE", "GET", "HEAD", "PATCH", "PUT"]),
        ("/Groups/x", vec!["DELETE", "GET", "HEAD", "PATCH", "PUT"]),
        ("/Me", vec!["GET", "HEAD", "PATCH", "PUT"]),
        ("/Bulk", vec!["POST"]),
        ("/.search", vec!["POST"]),
        ("/Schemas", vec!["GET", "HEAD"]),
        ("", vec!["GET", "HEAD"]),
    ] {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
            Method::TRACE,
        ] {
            if allowed.contains(&method.as_str()) {
                continue;
            }
            let answer = scim.call(method.clone(), path).send().await;
            answer.scim_error(405, "");
            let mut told: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            told.sort_unstable();
            assert_eq!(told, allowed, "{method} {path}");
        }
    }
}

async fn what_a_client_accepts(world: &World) {
    let scim = world.plain.scim();
    for (accept, media_type) in [
        ("application/scim+json", SCIM),
        ("application/json", "application/json"),
        ("application/json, application/scim+json", SCIM),
        ("*/*", SCIM),
        // Nothing else can be had, and an answer in JSON is more use than none (RFC 9110 §12.5.1).
        ("text/html", SCIM),
        ("application/xml;q=0.9", SCIM),
    ] {
        for (path, status) in [("/Users", 200), ("/Users/nobody", 404)] {
            let answer = scim.call(Method::GET, path).header("accept", accept).send().await;
            answer.expect(status);
            assert_eq!(answer.header("content-type"), media_type, "{accept}");
        }
    }
    // Languages and character sets are asked for in vain: it is all UTF-8.
    let call = scim
        .call(Method::GET, "/Users/nobody")
        .header("accept-charset", "iso-8859-1");
    call.header("accept-language", "fi")
        .send()
        .await
        .scim_error(404, "");
}

async fn queries_that_are_too_long(world: &World) {
    let scim = world.plain.scim();
    hire(&scim, &json!({ "userName": "long" })).await;
    let terms = |count: usize| vec!["userName eq \"long\""; count].join(" or ");
    let list = scim.get(&format!("/Users?filter={}", encoded(&terms(300)))).await;
    assert_eq!(list.expect(200)["totalResults"], 1);
    let answer = scim.get(&format!("/Users?filter={}", encoded(&terms(450)))).await;
    let detail = answer.scim_error(400, "invalidFilter");
    assert!(detail.contains("8000") || detail.contains("8,000"), "{detail}");
    let padded = |bytes: usize| {
        let path = format!("/v1/scim/{}/Users?count=0&x=", world.plain.id);
        let address = format!("/Users?count=0&x={}", "x".repeat(bytes - path.len()));
        address
    };
    scim.get(&padded(49_152)).await.expect(200);
    scim.get(&padded(49_153)).await.scim_error(414, "");
    // So long that it is no request at all; in a body it is one.
    let names = vec![format!("urn:{}:it", "x".repeat(500)); 199].join(",") + ",userName";
    let path = format!("/v1/scim/{}/Users?attributes={names}", world.plain.id);
    let answer = crate::serving::raw(world, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 414 "), "{answer}");
    let list = scim.post("/Users/.search", &json!({ "attributes": names })).await;
    assert_eq!(list.expect(200)["totalResults"], 2);
    let one_more = scim
        .post(
            "/Users/.search",
            &json!({ "attributes": format!("{names},title") }),
        )
        .await;
    assert!(one_more.scim_error(400, "invalidValue").contains("200"));
}

async fn other_versions_of_the_protocol(world: &World) {
    let nobody = world.nobody();
    let org = world.plain.id;
    for path in [
        format!("/identity/scim/{org}/v1/Users"),
        format!("/identity/scim/{org}/v3/Users"),
        format!("/identity/scim/{org}/v1"),
        format!("/v1/scim/{org}/v1/Users"),
        format!("/v1/scim/{org}/v2.1/Users"),
    ] {
        let detail = nobody.get(&path).await.scim_error(400, "invalidVers");
        assert!(detail.contains("2.0"), "{detail}");
    }
    for path in [
        format!("/v1/scim/{org}/v2/Users"),
        format!("/v1/scim/{org}/values"),
        format!("/identity/scim/{org}/Users"),
    ] {
        nobody.get(&path).await.scim_error(404, "");
    }
}

/// RFC 7643 §5: how to get in can be read before one is in.
async fn the_configuration_needs_no_token(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        let path = "/ServiceProviderConfig";
        let with = client.get(path).await.expect(200);
        let nobody = Client::new(client.url.clone(), None, SCIM);
        let answer = nobody.get(path).await;
        assert_eq!(answer.expect(200), with);
        assert_eq!(answer.header("content-type"), SCIM);
        // A token that is shown counts, whatever it is.
        client.with("instep_wrong").get(path).await.scim_error(401, "");
        let call = nobody
            .call(Method::GET, path)
            .header("authorization", "Basic eDp5");
        call.send().await.scim_error(401, "");
        // There or not, every organization looks the same.
        let elsewhere = client
            .url
            .replace(&world.plain.id.to_string(), crate::endpoints::NOBODY);
        let stranger = Client::new(elsewhere.clone(), None, SCIM)
            .get(path)
            .await
            .expect(200);
        let same = with.to_string().replace(&client.url, &elsewhere);
        assert_eq!(stranger, serde_json::from_str::<Value>(&same).expect("JSON"));
        for path in ["/Schemas", "/ResourceTypes", "/Users"] {
            nobody.get(path).await.scim_error(401, "");
        }
    }
}

async fn what_is_deleted_is_gone(world: &World) {
    let scim = world.plain.scim();
    for (kind, body) in [
        ("/Users", json!({ "userName": "gone", "externalId": "gone" })),
        ("/Groups", json!({ "displayName": "gone", "externalId": "gone" })),
    ] {
        let made = scim.post(kind, &body).await.expect(201);
        scim.delete(&place(&made)).await.expect(204);
        let nothing = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "y" }]));
        scim.get(&place(&made)).await.scim_error(404, "");
        scim.put(&place(&made), &body).await.scim_error(404, "");
        scim.patch(&place(&made), &nothing).await.scim_error(404, "");
        scim.delete(&place(&made)).await.scim_error(404, "");
        for filter in [
            "externalId eq \"gone\"".to_owned(),
            format!("id eq \"{}\"", id(&made)),
        ] {
            let list = scim.get(&format!("{kind}?filter={}", encoded(&filter))).await;
            assert_eq!(list.expect(200)["totalResults"], 0, "{filter}");
        }
        let again = scim.post(kind, &body).await.expect(201);
        assert_ne!(id(&again), id(&made), "an id is never given again");
    }
}

/// RFC 9110 §13.1.1: nothing is done if `If-Match` does not hold, neither is anything shown.
async fn conditions_hold_for_reads_too(world: &World) {
    let scim = world.plain.scim();
    for made in [
        hire(&scim, &json!({ "userName": "conditions" })).await,
        found(&scim, &json!({ "displayName": "Conditions" })).await,
    ] {
        let version = made["meta"]["version"].as_str().expect("a version");
        for (header, value, status) in [
            ("If-Match", version, 200),
            ("If-Match", "*", 200),
            ("If-Match", "W/\"99\", W/\"1\"", 200),
            ("If-Match", "W/\"99\"", 412),
            ("If-None-Match", version, 304),
            ("If-None-Match", "W/\"99\"", 200),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let call = scim.call(method.clone(), &place(&made)).header(header, value);
                assert_eq!(call.send().await.status, status, "{method} {header}: {value}");
            }
        }
        let call = scim
            .call(Method::GET, &place(&made))
            .header("If-Match", "W/\"99\"");
        call.send().await.scim_error(412, "");
        let call = scim.call(Method::GET, &place(&made)).header("If-Match", version);
        let call = call.header("If-None-Match", version);
        assert_eq!(call.send().await.status, 304, "both");
    }
}

/// As `curl` sends what it is given; nobody's body is taken for an address.
async fn addresses_with_bare_quotes(world: &World) {
    let scim = world.plain.scim();
    let name = "GET /\"x\" HTTP/1.1";
    hire(&scim, &json!({ "userName": "bare", "displayName": name })).await;
    let base = format!("/v1/scim/{}", world.plain.id);
    let head = format!("Host: x\r\nAuthorization: Bearer {}\r\n", world.plain.token);
    for query in [
        "userName+eq+\"bare\"",
        "emails[value+eq+\"x\"]+or+userName+eq+\"b<|>^`{}\\\\ä\"+or+userName+eq+bare",
    ] {
        let request = format!("GET {base}/Users?filter={query} HTTP/1.1\r\n{head}\r\n");
        let answer = crate::serving::raw(world, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{query}: {answer}");
        assert!(
            answer.contains("\"totalResults\":1") && answer.contains("\"bare\""),
            "{query}: {answer}"
        );
        assert!(
            answer.to_ascii_lowercase().contains("connection: close"),
            "{answer}"
        );
    }
    let strict = format!("GET {base}/Users?filter=userName+eq+%22bare%22 HTTP/1.1\r\n{head}\r\n");
    let answer = crate::serving::raw(world, &strict).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && !answer.to_ascii_lowercase().contains("connection: close")
    );
    // Behind a first request nothing is mended.
    let both = format!("{strict}GET {base}/Users?filter=userName+eq+\"bare\" HTTP/1.1\r\n{head}\r\n");
    let answer = crate::serving::all(world, &both).await;
    assert!(answer.contains("HTTP/1.1 400 "), "{answer}");
    let list = scim
        .get(&format!("/Users?filter={}", encoded("userName eq \"bare\"")))
        .await;
    assert_eq!(list.expect(200)["Resources"][0]["displayName"], name);
}
