//! How many requests a token may send, at one server.

use std::time::Duration;

use serde_json::Value;

use crate::client::Answer;
use crate::on_both;
use crate::world::World;

on_both!(
    a_token_that_sends_too_many_waits,
    whoever_waits_as_told_gets_in,
    every_door_says_so_in_its_own_form,
);

/// Whole seconds of a minute, and the one that is added so that they suffice.
fn assert_wait(answer: &Answer) {
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=61).contains(&wait), "{wait}");
}

async fn a_token_that_sends_too_many_waits(world: &World) {
    let limited = world.limited_neighbour(2).await;
    let api = world.plain.at(&limited).api();
    api.get("/organization").await.expect(200);
    // Who may not do it has asked all the same.
    let (_, small) = world.token(&world.plain, &[access::Scope::InstepRead], 1).await;
    let reader = api.with(&small);
    assert_eq!(reader.post("/groups", &Value::Null).await.status, 403);
    assert_eq!(reader.get("/organization").await.status, 200);
    let refused = reader.get("/organization").await;
    refused.problem(429, "token.too_many_requests");
    assert_wait(&refused);
    // The others are not held up by it, and neither are the other servers.
    api.get("/organization").await.expect(200);
    api.get("/organization")
        .await
        .problem(429, "token.too_many_requests");
    for _ in 0..5 {
        world.plain.api().get("/organization").await.expect(200);
    }
}

async fn whoever_waits_as_told_gets_in(world: &World) {
    // One more each half second.
    let limited = world.limited_neighbour(120).await;
    let api = world.plain.at(&limited).api();
    let mut refusals = 0;
    for _ in 0..1_000 {
        let answer = api.get("/organization").await;
        if answer.status == 200 {
            continue;
        }
        answer.problem(429, "token.too_many_requests");
        let wait = answer.header("retry-after").parse().expect("seconds");
        assert!(wait <= 2, "{wait}");
        tokio::time::sleep(Duration::from_secs(wait)).await;
        api.get("/organization").await.expect(200);
        refusals += 1;
        if refusals == 2 {
            return;
        }
    }
    panic!("it is never too many");
}

async fn every_door_says_so_in_its_own_form(world: &World) {
    let limited = world.limited_neighbour(1).await;
    let plain = world.plain.at(&limited);
    plain.scim().get("/Users").await.expect(200);
    let refused = plain.scim().get("/Users").await;
    refused.scim_error(429, "");
    assert_wait(&refused);
    let refused = plain.webex().get("/Users").await;
    refused.scim_error(429, "");
    assert_wait(&refused);
    let nobody = crate::client::Client::new(limited.address.clone(), Some(&plain.token), "application/json");
    let query = serde_json::json!({ "service": ["all"], "start_time": "2020-01-01T00:00:00Z" });
    let refused = nobody.post("/insights/directory/v1/events", &query).await;
    refused.message(429);
    assert_wait(&refused);
}
