//! Requests that are sent again with the same `Idempotency-Key`.

use std::time::Duration;

use access::{RepeatKey, Scope};
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::on_both;
use crate::world::World;

on_both!(
    the_same_request_is_carried_out_once,
    a_key_is_for_one_request_of_one_token,
    secrets_are_answered_again,
    what_is_under_way_or_was_cut_off,
    of_many_at_once_one_is_carried_out,
    two_servers_know_the_same_keys,
    a_key_stands_for_a_day,
    what_is_no_key,
    what_comes_to_the_same_needs_none,
    errors_are_answered_again,
    an_answer_that_cannot_be_opened,
    where_all_keys_are_used_it_says_for_how_long,
);

const REPLAYED: &str = "idempotency-replayed";

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let call = client
        .call(http::Method::POST, path)
        .header("idempotency-key", key);
    call.json(body).send().await
}

fn group() -> Value {
    json!({ "display_name": "Staff" })
}

async fn groups(world: &World) -> usize {
    let list = world.plain.api().get("/groups").await.expect(200);
    list["items"].as_array().expect("a list").len()
}

async fn the_same_request_is_carried_out_once(world: &World) {
    let api = world.plain.api();
    let first = post(&api, "/groups", "k-1", &group()).await;
    let made = first.expect(201);
    assert_eq!(first.header(REPLAYED), "");
    let again = post(&api, "/groups", "\"k-1\"", &group()).await;
    assert_eq!(again.expect(201), made);
    assert_eq!(again.header(REPLAYED), "true");
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(groups(world).await, 1);
    post(&api, "/groups", "k-2", &group()).await.expect(201);
    assert_eq!(groups(world).await, 2);
    // What is gone is gone once.
    let at = format!("/groups/{}", made["id"].as_str().expect("an id"));
    for replayed in ["", "true"] {
        let call = api
            .call(http::Method::DELETE, &at)
            .header("idempotency-key", "k-3");
        let answer = call.send().await;
        answer.expect(204);
        assert_eq!(answer.header(REPLAYED), replayed);
    }
    api.delete(&at).await.problem(404, "group.unknown");
}

async fn a_key_is_for_one_request_of_one_token(world: &World) {
    let api = world.plain.api();
    post(&api, "/groups", "k", &group()).await.expect(201);
    let other = json!({ "display_name": "Others" });
    let refused = post(&api, "/groups", "k", &other).await;
    refused.problem(422, "idempotency.other_request");
    let refused = post(&api, "/tokens", "k", &json!({ "name": "x" })).await;
    refused.problem(422, "idempotency.other_request");
    assert_eq!(groups(world).await, 1);
    let (_, token) = world.token(&world.plain, &Scope::ALL, 1).await;
    post(&api.with(&token), "/groups", "k", &other).await.expect(201);
    post(&world.webex.api(), "/groups", "k", &other).await.expect(201);
}

async fn secrets_are_answered_again(world: &World) {
    let api = world.plain.api();
    let wanted = json!({ "name": "Example", "scopes": ["instep:read"] });
    let first = post(&api, "/tokens", "k", &wanted).await;
    let again = post(&api, "/tokens", "k", &wanted).await;
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("cache-control"), "no-store");
    let token = again.json()["token"].as_str().expect("a token").to_owned();
    api.with(&token).get("/organization").await.expect(200);
}

async fn what_is_under_way_or_was_cut_off(world: &World) {
    let (id, token) = world.token(&world.plain, &Scope::ALL, 365).await;
    let api = world.plain.api().with(&token);
    let body = group();
    // As a process does that ends before it could answer.
    let key = RepeatKey::new(world.plain.id, id, "k");
    let asked = [b"POST".as_slice(), b"/api/v1/groups", body.to_string().as_bytes()].map(<[u8]>::to_vec);
    let asked: Vec<&[u8]> = asked.iter().map(Vec::as_slice).collect();
    world.access.begin_repeatable(&key, &asked).await.expect("noted");
    post(&api, "/groups", "k", &body)
        .await
        .problem(409, "idempotency.under_way");
    world.clock.advance(Duration::from_mins(15));
    post(&api, "/groups", "k", &body)
        .await
        .problem(409, "idempotency.unknown");
    assert_eq!(groups(world).await, 0);
}

async fn of_many_at_once_one_is_carried_out(world: &World) {
    let api = world.plain.api();
    let sending = (0..8).map(|_| {
        let api = api.clone();
        tokio::spawn(async move { post(&api, "/groups", "k", &group()).await })
    });
    for sent in sending.collect::<Vec<_>>() {
        let answer = sent.await.expect("sent");
        if answer.status != 201 {
            answer.problem(409, "idempotency.under_way");
        }
    }
    assert_eq!(groups(world).await, 1);
}

async fn two_servers_know_the_same_keys(world: &World) {
    let other = world.neighbour_with_our_keys().await;
    let (here, there) = (world.plain.api(), world.plain.at(&other).api());
    for round in 1..=5 {
        let key = format!("k-{round}");
        let body = group();
        let (one, two) = tokio::join!(
            post(&here, "/groups", &key, &body),
            post(&there, "/groups", &key, &body)
        );
        for answer in [&one, &two] {
            if answer.status != 201 {
                answer.problem(409, "idempotency.under_way");
            }
        }
        assert_eq!(groups(world).await, round);
        let (one, two) = (
            post(&here, "/groups", &key, &body).await,
            post(&there, "/groups", &key, &body).await,
        );
        assert_eq!(one.expect(201), two.expect(201));
        assert_eq!((one.header(REPLAYED), two.header(REPLAYED)), ("true", "true"));
        let other = json!({ "display_name": "Others" });
        let refused = post(&there, "/groups", &key, &other).await;
        refused.problem(422, "idempotency.other_request");
    }
}

async fn a_key_stands_for_a_day(world: &World) {
    let api = world.plain.api();
    post(&api, "/groups", "k", &group()).await.expect(201);
    world.clock.advance(Duration::from_hours(23));
    post(&api, "/groups", "k", &group()).await.expect(201);
    assert_eq!(groups(world).await, 1);
    world.clock.advance(Duration::from_hours(1));
    post(&api, "/groups", "k", &group()).await.expect(201);
    assert_eq!(groups(world).await, 2);
    world.clock.advance(Duration::from_hours(25));
    let forgotten = world.access.forget_repeatables(world.plain.id).await;
    assert_eq!(forgotten.expect("forgotten"), 1);
}

async fn what_is_no_key(world: &World) {
    let api = world.plain.api();
    for key in ["", "\"\"", "two words", "é", &"k".repeat(256)] {
        let refused = post(&api, "/groups", key, &group()).await;
        refused.problem(400, "idempotency.key");
    }
    let twice = api.call(http::Method::POST, "/groups");
    let twice = twice
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    twice.json(&group()).send().await.problem(400, "idempotency.key");
    let lines = api.call(http::Method::POST, "/people/import");
    let lines = lines
        .header("idempotency-key", "a")
        .header("accept", "application/x-ndjson");
    let lines = lines.body("text/csv", "userName\na@example.com\n").send().await;
    lines.problem(400, "idempotency.lines");
    assert_eq!(groups(world).await, 0);
}

async fn what_comes_to_the_same_needs_none(world: &World) {
    let api = world.plain.api();
    for settings in [
        json!({ "scim.schemas": "entra" }),
        json!({ "scim.schemas": "full" }),
    ] {
        let call = api.call(http::Method::PATCH, "/organization");
        let call = call
            .header("idempotency-key", "k")
            .json(&json!({ "settings": settings }));
        let answer = call.send().await;
        answer.expect(200);
        assert_eq!(answer.header(REPLAYED), "");
    }
}

async fn errors_are_answered_again(world: &World) {
    let api = world.plain.api();
    let wrong = json!({ "display_name": " " });
    let first = post(&api, "/groups", "k", &wrong).await;
    let problem = first.problem(400, "group.display_name");
    let again = post(&api, "/groups", "k", &wrong).await;
    assert_eq!(again.problem(400, "group.display_name"), problem);
    assert_eq!(again.header(REPLAYED), "true");
}

async fn an_answer_that_cannot_be_opened(world: &World) {
    post(&world.plain.api(), "/groups", "k", &group())
        .await
        .expect(201);
    // A process with another key file.
    let other = world.neighbour().await;
    let refused = post(&world.plain.at(&other).api(), "/groups", "k", &group()).await;
    refused.problem(409, "idempotency.not_kept");
    assert_eq!(groups(world).await, 1);
}

/// As many keys as an organization may have.
struct Fill(base::OrgId);

impl store::Write for Fill {
    type Out = ();

    async fn run(&self, tx: &mut store::Tx<'_>) -> Result<(), store::Error> {
        let expires = tx.ambient().now() + Duration::from_hours(24);
        for number in 0..access::MOST_KEYS {
            let request = store::idempotency::Request {
                hash: number.to_be_bytes().to_vec(),
                request: Vec::new(),
                expires,
            };
            store::idempotency::begin(tx, self.0, &request, access::MOST_KEYS).await?;
        }
        Ok(())
    }
}

async fn where_all_keys_are_used_it_says_for_how_long(world: &World) {
    let api = world.plain.api();
    world.store.write(Fill(world.plain.id)).await.expect("filled");
    world.clock.advance(Duration::from_hours(20));
    let full = post(&api, "/groups", "k-1", &group()).await;
    full.problem(429, "idempotency.too_many");
    let wait: u64 = full.header("retry-after").parse().expect("seconds");
    assert!((4 * 3_600 - 60..=4 * 3_600 + 1).contains(&wait), "{wait}");
    assert_eq!(groups(world).await, 0);
    api.post("/groups", &group()).await.expect(201);
    world.clock.advance(Duration::from_secs(wait));
    world
        .access
        .forget_repeatables(world.plain.id)
        .await
        .expect("forgotten");
    let other = json!({ "display_name": "Other" });
    post(&api, "/groups", "k-1", &other).await.expect(201);
}
