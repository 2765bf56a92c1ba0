//! `/api/v1/tokens`: made, shown once, listed, revoked.

use std::time::Duration;

use access::Role;
use serde_json::{Value, json};

use super::text;
use crate::client::Client;
use crate::oauth_clients::opens;
use crate::on_both;
use crate::world::World;

on_both!(
    a_token_lives_and_dies,
    what_is_no_token,
    a_token_is_its_makers,
    whose_owner_is_gone_opens_nothing,
    whose_end_is_near_is_warned_of,
    the_warning_says_where_the_next_one_is_made,
    a_token_is_replaced_without_a_gap,
    nobody_replaces_what_is_not_theirs,
);

async fn named(client: &Client, name: &str) -> Value {
    let list = client.get("/tokens").await.expect(200);
    let items = list["items"].as_array().expect("items");
    let found = items.iter().find(|token| token["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {list}")).clone()
}

async fn a_token_lives_and_dies(world: &World) {
    let api = world.plain.api();
    let wanted = json!({ "name": "Entra ID", "scopes": ["Identity:SCIM", "audit:events_read"], "days": 30 });
    let answer = api.post("/tokens", &wanted).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let made = answer.expect(201);
    let secret = text(&made["token"]);
    let scim = Client::new(world.plain.scim().url, Some(secret), "application/json");
    scim.get("/Users").await.expect(200);

    let path = format!("/tokens/{}", text(&made["id"]));
    let shown = api.get(&path).await.expect(200);
    assert_eq!(shown["state"], "active");
    assert_eq!(shown["scopes"], wanted["scopes"]);
    assert_eq!(
        shown["owner"],
        Value::Null,
        "the operator account's, as the caller's"
    );
    assert_eq!(shown["expires_at"], made["expires_at"]);
    assert!(shown["last_used_at"].is_string());
    assert_eq!(named(&api, "Entra ID").await, shown);
    let everything = api.get("/tokens").await.text + &api.get("/events").await.text;
    assert!(!everything.contains(secret));

    for _ in 0..2 {
        api.delete(&path).await.expect(204);
    }
    assert_eq!(api.get(&path).await.expect(200)["state"], "revoked");
    scim.get("/Users").await.expect(401);
    let events = api.get("/events?limit=2").await.expect(200);
    let found: Vec<_> = (0..2).map(|at| text(&events["items"][at]["type"])).collect();
    assert_eq!(
        found,
        ["token_revoke", "token_create"],
        "the second time changed nothing"
    );
    for at in 0..2 {
        assert_eq!(events["items"][at]["resource"]["id"], made["id"]);
        assert_eq!(events["items"][at]["detail"]["name"], "Entra ID");
    }
}

async fn what_is_no_token(world: &World) {
    let api = world.plain.api();
    for (body, code) in [
        (json!({}), "body.invalid"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "Entra\nSubject: ID" }), "name"),
        (json!({ "name": "Entra\u{202e}ID" }), "name"),
        (json!({ "name": "x", "days": 0 }), "days"),
        (json!({ "name": "x", "days": 3_651 }), "days"),
        (json!({ "name": "x", "scopes": ["everything"] }), "token.scope"),
        (json!({ "name": "x", "owner": "me" }), "body.invalid"),
    ] {
        let problem = api.post("/tokens", &body).await.expect(400);
        assert_eq!(problem["code"], code, "{body}");
    }
    for path in ["/tokens/nobody", "/tokens/01890000-0000-7000-8000-000000000000"] {
        assert_eq!(api.get(path).await.expect(404)["code"], "token.unknown");
        assert_eq!(api.delete(path).await.expect(404)["code"], "token.unknown");
    }
    let first = api.get("/tokens?limit=1").await.expect(200);
    let next = api
        .get(&format!("/tokens?limit=1&after={}", text(&first["next"])))
        .await;
    assert_ne!(next.expect(200)["items"], first["items"]);
    api.get("/tokens?after=x").await.expect(400);
}

async fn a_token_is_its_makers(world: &World) {
    let (anna, token) = world.token_of(&world.plain, Role::FullAdmin).await;
    let url = world.plain.api().url;
    let api = Client::new(url, Some(&token), "application/json");
    let made = api
        .post("/tokens", &json!({ "name": "Anna's" }))
        .await
        .expect(201);
    let shown = named(&api, "Anna's").await;
    assert_eq!(shown["id"], made["id"]);
    assert_eq!(shown["owner"]["id"], json!(anna));
    assert_eq!(shown["created_by"]["kind"], "token");
}

async fn whose_owner_is_gone_opens_nothing(world: &World) {
    let (bo, _) = world.token_of(&world.plain, Role::UserAdmin).await;
    let api = world.plain.api();
    let state = async || {
        let list = api.get("/tokens").await.expect(200);
        let items = list["items"].as_array().expect("items").clone();
        let of_bo = items.into_iter().find(|token| token["owner"]["id"] == json!(bo));
        of_bo.expect("bo's")["state"].clone()
    };
    let person = format!("/people/{bo}");
    assert_eq!(state().await, "active");
    api.patch(&person, &json!({ "active": false })).await.expect(200);
    assert_eq!(state().await, "orphaned");
    api.delete(&person).await.expect(204);
    assert_eq!(state().await, "orphaned");
}

async fn whose_end_is_near_is_warned_of(world: &World) {
    const DAY: Duration = Duration::from_hours(24);
    let api = world.plain.api();
    let mails = async || {
        let mails = api.get("/mails").await.expect(200);
        let mail = |mail: &Value| format!("{}: {}", text(&mail["to"]), text(&mail["subject"]));
        mails["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(mail)
            .collect::<Vec<_>>()
    };
    for (name, days) in [("Entra ID", 40), ("Okta", 10), ("Revoked", 20)] {
        let made = api
            .post("/tokens", &json!({ "name": name, "days": days }))
            .await
            .expect(201);
        if name == "Revoked" {
            api.delete(&format!("/tokens/{}", text(&made["id"])))
                .await
                .expect(204);
        }
    }
    let warnings = async || {
        let named = async |name| named(&api, name).await["warning"].clone();
        [
            named("Entra ID").await,
            named("Okta").await,
            named("Revoked").await,
        ]
    };
    assert_eq!(world.warn_of_expiry(&world.plain).await, 0, "nothing is near");
    assert_eq!(warnings().await, [Value::Null, Value::Null, Value::Null]);
    world.clock.advance(DAY * 4);
    assert_eq!(world.warn_of_expiry(&world.plain).await, 1, "Okta, in six days");
    assert_eq!(world.warn_of_expiry(&world.plain).await, 0, "once");
    assert_eq!(warnings().await, [Value::Null, json!(7), Value::Null]);
    assert_eq!(
        mails().await,
        ["admin@northwind.example: The token Okta expires within 7 days"]
    );
    world.clock.advance(DAY * 8);
    assert_eq!(
        world.warn_of_expiry(&world.plain).await,
        1,
        "Entra ID, in 28 days; Okta is over"
    );
    assert_eq!(warnings().await, [json!(30), Value::Null, Value::Null]);
    let events = api.get("/events?type=token_expiry").await.expect(200);
    assert_eq!(events["items"][0]["detail"]["days"], 30);
    assert_eq!(events["items"][0]["detail"]["name"], "Entra ID");
    world.clock.advance(DAY * 27 + DAY / 2);
    assert_eq!(
        world.warn_of_expiry(&world.plain).await,
        1,
        "those between are passed over"
    );
    assert_eq!(
        mails().await[0],
        "admin@northwind.example: The token Entra ID expires within 1 day"
    );
    assert_eq!(world.warn_of_expiry(&world.webex).await, 0);
}

async fn the_warning_says_where_the_next_one_is_made(world: &World) {
    let org = &world.plain;
    let api = org.api();
    let address = "anna@example.com";
    let person = json!({ "userName": address, "emails": [{ "value": address, "primary": true }] });
    let anna = org.scim().post("/Users", &person).await.expect(201);
    let owned = world.token_for(org, text(&anna["id"]), Role::UserAdmin).await;
    let (_, lasting) = world.token(org, &access::Scope::ALL, 400).await;
    // Those of the operator account, and anna's: a year less 29 days later.
    world.clock.advance(Duration::from_hours(24 * 336));
    assert_eq!(world.warn_of_expiry(org).await, 2);
    let letters = world.letters(org).await;
    let to = |wanted: &str| {
        let found = letters.iter().find(|letter| letter.to == wanted);
        found.unwrap_or_else(|| panic!("{wanted} in {letters:?}"))
    };
    let own = to(address);
    assert!(own.text.contains("\n/account/token\n"), "{}", own.text);
    assert!(!own.text.contains("instep token"), "{}", own.text);
    let operators = to("admin@northwind.example");
    let command = format!("instep token roll --org {}", org.id);
    assert!(operators.text.contains(&command), "{}", operators.text);
    assert!(!operators.text.contains("/account"), "{}", operators.text);
    // Whose owner is disabled is in nobody's use.
    api.patch(
        &format!("/people/{}", text(&anna["id"])),
        &json!({ "active": false }),
    )
    .await
    .expect(200);
    assert_eq!(opens(org, &owned).await, 401);
    let list = api.with(&lasting).get("/tokens").await.expect(200);
    let items = list["items"].as_array().expect("items");
    let marks = |owner: &Value| {
        let of_owner = items.iter().filter(|token| token["owner"]["id"] == *owner);
        of_owner.map(|token| token["warning"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(marks(&anna["id"]), [Value::Null]);
    assert_eq!(marks(&Value::Null), [json!(30), Value::Null]);
}

async fn a_token_is_replaced_without_a_gap(world: &World) {
    const HOUR: Duration = Duration::from_hours(1);
    let (org, api) = (&world.plain, world.plain.api());
    let scopes = json!(["Identity:SCIM", "instep:read"]);
    let wanted = json!({ "name": "Okta", "scopes": scopes, "days": 100 });
    let former = api.post("/tokens", &wanted).await.expect(201);
    let place = format!("/tokens/{}", text(&former["id"]));
    let answer = api
        .post(&format!("{place}/successor"), &json!({ "days": 30 }))
        .await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let next = answer.expect(201);
    let both = [text(&former["token"]), text(&next["token"])];
    for token in both {
        assert_eq!(opens(org, token).await, 200);
    }
    let shown = api
        .get(&format!("/tokens/{}", text(&next["id"])))
        .await
        .expect(200);
    assert_eq!(
        (&shown["name"], &shown["scopes"], &shown["owner"]),
        (&json!("Okta"), &scopes, &Value::Null)
    );
    assert_eq!(shown["expires_at"], next["expires_at"]);
    let before = api.get(&place).await.expect(200);
    assert_eq!(before["expires_at"], next["former_expires_at"]);
    assert_eq!(
        (&before["state"], &before["warning"]),
        (&json!("active"), &json!(7))
    );
    let events = api.get("/events?limit=2").await.expect(200);
    let [replaced, created] = [&events["items"][0], &events["items"][1]];
    assert_eq!(
        (
            &replaced["type"],
            &replaced["resource"]["id"],
            &replaced["detail"]["successor"]
        ),
        (&json!("token_replace"), &former["id"], &next["id"])
    );
    let change =
        json!({ "field": "expires_at", "from": former["expires_at"], "to": next["former_expires_at"] });
    assert_eq!(replaced["detail"]["changes"], json!([change]));
    assert_eq!(
        (&created["type"], &created["detail"]["replaces"]),
        (&json!("token_create"), &former["id"])
    );
    let told = api.get("/events").await.text;
    assert!(both.iter().all(|token| !told.contains(token)), "{told}");

    // Whoever has replaced it knows of its end.
    world.clock.advance(HOUR * (7 * 24 - 2));
    assert_eq!(world.warn_of_expiry(org).await, 0);
    assert_eq!(opens(org, both[0]).await, 200);
    world.clock.advance(HOUR * 3);
    assert_eq!([opens(org, both[0]).await, opens(org, both[1]).await], [401, 200]);
    api.post(&format!("{place}/successor"), &json!({}))
        .await
        .problem(409, "token.over");

    // It lives no longer than before, and at once no longer if that is said; every server knows.
    let place = format!("/tokens/{}", text(&next["id"]));
    let again = json!({ "overlap_hours": 720, "days": 60 });
    let third = api.post(&format!("{place}/successor"), &again).await.expect(201);
    assert_eq!(third["former_expires_at"], next["expires_at"]);
    let neighbour = world.neighbour().await;
    let there = org.at(&neighbour);
    assert_eq!(opens(&there, both[1]).await, 200);
    let at_once = json!({ "overlap_hours": 0 });
    api.post(&format!("{place}/successor"), &at_once)
        .await
        .expect(201);
    assert_eq!(
        [opens(org, both[1]).await, opens(&there, both[1]).await],
        [401, 401]
    );
    assert_eq!(opens(&there, text(&third["token"])).await, 200);
}

async fn nobody_replaces_what_is_not_theirs(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let (anna, token) = world.token_of(org, Role::FullAdmin).await;
    let annas = api.with(&token);
    let list = api.get("/tokens").await.expect(200);
    let of = |owner: &Value| {
        let items = list["items"].as_array().expect("items");
        let found = items.iter().find(|one| one["owner"]["id"] == *owner);
        text(&found.expect("one")["id"]).to_owned()
    };
    let (own, operators) = (of(&json!(anna)), of(&Value::Null));
    for (client, id) in [(&annas, &operators), (&api, &own)] {
        let place = format!("/tokens/{id}/successor");
        client
            .post(&place, &json!({}))
            .await
            .problem(403, "token.anothers");
    }
    let place = format!("/tokens/{own}/successor");
    let next = annas.post(&place, &json!({})).await.expect(201);
    let shown = api
        .get(&format!("/tokens/{}", text(&next["id"])))
        .await
        .expect(200);
    assert_eq!(shown["owner"]["id"], json!(anna));
    for (body, code) in [
        (json!({ "overlap_hours": 721 }), "token.overlap"),
        (json!({ "overlap_hours": -1 }), "body.invalid"),
        (json!({ "days": 0 }), "days"),
        (json!({ "scopes": ["instep:admin"] }), "body.invalid"),
    ] {
        annas.post(&place, &body).await.problem(400, code);
    }
    for id in ["nobody", "01890000-0000-7000-8000-000000000000"] {
        let place = format!("/tokens/{id}/successor");
        annas.post(&place, &json!({})).await.problem(404, "token.unknown");
    }
    // With the role goes the right; the tokens stay as they are.
    api.put(
        &format!("/people/{anna}/role"),
        &json!({ "role": "id_user_admin" }),
    )
    .await
    .expect(200);
    annas.post(&place, &json!({})).await.problem(403, "forbidden");
    api.delete(&format!("/tokens/{own}")).await.expect(204);
    let place = format!("/tokens/{}/successor", text(&next["id"]));
    let left = api.with(text(&next["token"]));
    left.post(&place, &json!({})).await.problem(403, "forbidden");
    assert_eq!(opens(org, text(&next["token"])).await, 200);
}
