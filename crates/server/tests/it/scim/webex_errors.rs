//! Errors, TrackingIDs and media types at Webex's own base, beside those of the other.

use http::Method;
use serde_json::json;

use super::webex_clients::send;
use super::{hire, patch_op, place};
use crate::client::SCIM;
use crate::on_both;
use crate::world::{TRACKING_ID, World};

on_both!(
    errors_say_it_in_both_forms,
    errors_in_a_bulk_answer,
    tracking_ids,
    media_types,
);

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const WEBEX_ERROR: &str = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error";

async fn errors_say_it_in_both_forms(world: &World) {
    let (webex, plain) = (world.webex.webex(), world.webex.scim().tracked(TRACKING_ID));
    let anna = hire(&plain, &json!({ "userName": "anna@example.com" })).await;
    let nobody = format!("/Users/{}", crate::endpoints::NOBODY);
    let (patch, put, post) = (Method::PATCH, Method::PUT, Method::POST);
    let no_target = patch_op(json!([{ "op": "remove" }]));
    let taken = json!({ "userName": "anna@example.com" });
    let large = json!({ "userName": "b@example.com", "title": "x".repeat(1024 * 1024) });
    for (method, path, body, status, kind) in [
        (Method::GET, nobody.as_str(), None, 404, ""),
        (Method::GET, "/Nothing", None, 404, ""),
        (Method::DELETE, "/Users", None, 405, ""),
        (Method::GET, "/Users?filter=a+b", None, 400, "invalidFilter"),
        (Method::GET, "/Schemas?filter=a+pr", None, 403, ""),
        (post.clone(), "/Users", Some(&taken), 409, "uniqueness"),
        (post.clone(), "/Users", Some(&large), 413, ""),
        (
            post.clone(),
            "/Users",
            Some(&json!({ "userName": "anna" })),
            400,
            "invalidValue",
        ),
        (put, &place(&anna), Some(&json!([])), 400, "invalidSyntax"),
        (patch, &place(&anna), Some(&no_target), 400, "noTarget"),
    ] {
        let answer = send(&webex, method.clone(), path, body).await;
        let detail = answer.scim_error(status, kind);
        let extension = answer.json()[WEBEX_ERROR].clone();
        assert_eq!(extension["trackingId"], TRACKING_ID, "{method} {path}");
        assert_eq!(extension["details"], detail);
        assert_eq!(answer.header("content-type"), "application/json");
        let rfc = webex.call(method.clone(), path).header("accept", SCIM);
        let text = body.map(ToString::to_string).unwrap_or_default();
        let answer = rfc.body("application/json", text).send().await;
        assert_eq!(answer.scim_error(status, kind), detail, "without the extension");
        // Nothing says who it is: no TrackingID, or no plain JSON either.
        for media_type in [SCIM, "application/json"] {
            let anybody = world.webex.identity();
            let call = anybody.call(method.clone(), path).header("accept", "*/*");
            let text = body.map(ToString::to_string).unwrap_or_default();
            let answer = call.body(media_type, text).send().await;
            assert_eq!(answer.scim_error(status, kind), detail);
            let extension = answer.json()[WEBEX_ERROR].clone();
            let own = answer.header("trackingid");
            assert!(own.starts_with("INSTEP_"), "{own}");
            assert_eq!(
                (&extension["trackingId"], &extension["details"]),
                (&json!(own), &json!(detail))
            );
        }
        let answer = send(&plain, method, path, body).await;
        answer.scim_error(status, kind);
        assert_eq!(answer.header("trackingid"), TRACKING_ID);
        assert_eq!(answer.json()["schemas"], json!([ERROR]));
    }
    let strict =
        patch_op(json!([{ "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" }]));
    world
        .set(&world.webex, "scim.patch_missing_target", "error")
        .await;
    let answer = send(&webex, Method::PATCH, &place(&anna), Some(&strict)).await;
    answer.scim_error(400, "noTarget");
    let precondition = webex
        .call(Method::DELETE, &place(&anna))
        .header("if-match", "W/\"77\"");
    precondition.send().await.scim_error(412, "");
    let anybody = world.webex.identity();
    for client in [&webex, &anybody, &plain] {
        let other = client
            .call(Method::POST, "/Users")
            .body("text/plain", "x")
            .send()
            .await;
        other.scim_error(415, "");
        let answer = client.call(Method::DELETE, "/Users").send().await;
        answer.scim_error(405, "");
        assert!(
            answer.header("allow").contains("POST"),
            "{}",
            answer.header("allow")
        );
    }
    for client in [&webex, &anybody, &plain].map(|client| client.with("instep_wrong")) {
        let answer = client.get("/Users").await;
        answer.scim_error(401, "");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let (_, small) = world
        .token(&world.webex, &[access::Scope::IdentityPeopleRead], 1)
        .await;
    webex.with(&small).delete(&place(&anna)).await.scim_error(403, "");
    let me = world.nobody().get("/identity/scim/v2/Users/me").await;
    me.scim_error(401, "");
    for path in [
        "/identity/scim",
        "/identity/scim/x/v2/Users",
        "/v1/scim",
        "/v1/scim/x/y/z",
    ] {
        world
            .nobody()
            .with(&world.webex.token)
            .get(path)
            .await
            .scim_error(404, "");
    }
}

async fn errors_in_a_bulk_answer(world: &World) {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "operations": [
        { "method": "POST", "path": "/Users", "bulkId": "1", "data": { "userName": "admin@hub.example" } },
        { "method": "DELETE", "path": format!("/Users/{}", crate::endpoints::NOBODY) },
    ] });
    let answer = send(&world.webex.webex(), Method::POST, "/Bulk", Some(&body)).await;
    let operations = answer.expect(200)["operations"].clone();
    for (at, status, code) in [(0, "409", "409001"), (1, "404", "404000")] {
        let one = &operations[at];
        assert_eq!(
            (&one["status"], &one["response"]["status"]),
            (&json!(status), &json!(status))
        );
        assert_eq!(one["response"]["schemas"], json!([ERROR, WEBEX_ERROR]));
        let detail = &one["response"]["detail"];
        let expected = json!({ "trackingId": TRACKING_ID, "errorCode": code, "details": detail });
        assert_eq!(one["response"][WEBEX_ERROR], expected);
    }
    let answer = send(&world.webex.scim(), Method::POST, "/Bulk", Some(&body)).await;
    assert_eq!(
        answer.expect(200)["operations"][0]["response"]["schemas"],
        json!([ERROR])
    );
}

async fn tracking_ids(world: &World) {
    let long = "x".repeat(200);
    for client in [world.webex.identity(), world.plain.scim(), world.plain.api()] {
        for path in ["/Users", "/nothing"] {
            for sent in ["", "two words", "\"quoted\"", &long] {
                let call = client.call(Method::GET, path).header("TrackingID", sent);
                let own = call.send().await;
                assert!(
                    own.header("trackingid").starts_with("INSTEP_"),
                    "{sent:?}: {own:?}"
                );
            }
            let answer = client
                .call(Method::GET, path)
                .header("TrackingID", TRACKING_ID)
                .send()
                .await;
            assert_eq!(answer.header("trackingid"), TRACKING_ID);
        }
    }
    // The one that we make is the correlation of what the request changed.
    let answer = world
        .plain
        .scim()
        .post("/Users", &json!({ "userName": "tracked" }))
        .await;
    let correlation = answer
        .header("trackingid")
        .trim_start_matches("INSTEP_")
        .to_owned();
    let events = world.plain.api().get("/events").await.expect(200);
    let events = events["items"].as_array().expect("items");
    assert!(
        events
            .iter()
            .any(|event| event.to_string().contains(&correlation)),
        "{correlation}: {events:?}"
    );
}

async fn media_types(world: &World) {
    for (client, accept, sent, expected) in [
        (
            world.webex.identity(),
            "*/*",
            "application/json;charset=utf-8",
            "application/json",
        ),
        (world.webex.identity(), "*/*", SCIM, SCIM),
        (
            world.webex.identity(),
            "application/json",
            SCIM,
            "application/json",
        ),
        (world.webex.identity(), SCIM, "application/json", SCIM),
        (world.webex.scim(), "*/*", "application/json", SCIM),
        (
            world.webex.scim(),
            "application/json",
            "application/json",
            "application/json",
        ),
        (
            world.webex.scim(),
            "application/json, application/scim+json",
            "application/json",
            SCIM,
        ),
    ] {
        for path in ["/Users", "/Schemas", "/ServiceProviderConfig"] {
            let call = client.call(Method::GET, path).header("accept", accept);
            let answer = call.body(sent, "").send().await;
            assert_eq!(answer.status, 200);
            assert_eq!(
                answer.header("content-type"),
                expected,
                "{} {accept} {sent}",
                client.url
            );
        }
    }
}
