//! How clients are registered with the authorization server, what of them changes, and their end.

use std::time::Duration;

use serde_json::{Value, json};

use crate::oauth_clients::{
    App, INTROSPECT, REDIRECT, TOKEN, code, code_in, opens, query, refused, register, text,
};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator};
use crate::world::World;

on_both!(
    clients_are_registered_and_removed,
    grants_are_chosen,
    clients_get_tokens_by_their_grants_only,
    a_secret_is_rotated,
);

const ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn clients_are_registered_and_removed(world: &World) {
    let org = &world.plain;
    let api = org.api();
    for (wrong, code) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a", "kind": "x" }), "client.kind"),
        (json!({ "name": "a", "scopes": ["x"] }), "client.scope"),
        (json!({ "name": "a", "scopes": [] }), "client.scope"),
        (json!({ "name": "a", "kind": "public" }), "client.redirect"),
        (
            json!({ "name": "a", "redirects": ["http://app.example/"] }),
            "client.redirect",
        ),
        (
            json!({ "name": "a", "redirects": ["javascript:alert(1)"] }),
            "client.redirect",
        ),
    ] {
        api.post("/clients", &wrong).await.problem(400, code);
    }
    let app = register(org, "confidential").await;
    let place = format!("/clients/{}", app.id);
    let shown = api.get(&place).await.expect(200);
    assert_eq!(shown["client_id"], json!(app.client_id));
    let secret = app.secret.clone().expect("a secret");
    let listed = api.get("/clients").await.expect(200);
    assert_eq!(listed["items"], json!([shown]));
    assert!(!listed.to_string().contains(&secret), "it is shown once");
    world.webex.api().get(&place).await.problem(404, "client.unknown");
    let itself = [("grant_type", "client_credentials")];
    let tokens = app.send(world, TOKEN, &itself).await.expect(200);
    let name = administrator(world, org).await;
    let code = code(world, &app, &name).await;
    let allowed = app.redeem(world, &code).await.expect(200);
    world
        .webex
        .api()
        .delete(&place)
        .await
        .problem(404, "client.unknown");
    api.delete(&place).await.expect(204);
    for tokens in [&tokens, &allowed] {
        assert_eq!(opens(org, text(tokens, "access_token")).await, 401);
    }
    refused(&app.send(world, TOKEN, &itself).await, 401, "invalid_client");
    refused(
        &app.refresh(world, text(&allowed, "refresh_token")).await,
        401,
        "invalid_client",
    );
    api.get(&place).await.problem(404, "client.unknown");
}

async fn grants_are_chosen(world: &World) {
    let api = world.plain.api();
    let redirect = json!([REDIRECT]);
    for (kind, redirects, grants) in [
        ("confidential", json!([]), json!(["client_credentials"])),
        (
            "confidential",
            redirect.clone(),
            json!(["authorization_code", "refresh_token"]),
        ),
        (
            "public",
            redirect.clone(),
            json!(["authorization_code", "refresh_token"]),
        ),
    ] {
        let usual = json!({ "name": "a", "kind": kind, "redirects": redirects });
        let made = api.post("/clients", &usual).await.expect(201);
        assert_eq!(made["grant_types"], grants, "{usual}");
    }
    for (kind, grants) in [
        ("confidential", json!([])),
        ("confidential", json!(["implicit"])),
        ("confidential", json!(["refresh_token"])),
        ("confidential", json!(["authorization_code client_credentials"])),
        ("public", json!(["client_credentials"])),
    ] {
        let wrong = json!({ "name": "a", "kind": kind, "redirects": redirect, "grant_types": grants });
        api.post("/clients", &wrong)
            .await
            .problem(400, "client.grant_types");
    }
    let wrong = json!({ "name": "a", "grant_types": ["authorization_code"] });
    api.post("/clients", &wrong)
        .await
        .problem(400, "client.grant_types");
    // What is chosen can be changed, and is held to the same.
    let app = register(&world.plain, "public").await;
    let place = format!("/clients/{}", app.id);
    for (grants, status) in [
        (json!(["client_credentials"]), 400),
        (json!([]), 400),
        (json!(["authorization_code"]), 200),
        (json!(["authorization_code"]), 200),
    ] {
        let answer = api.patch(&place, &json!({ "grant_types": grants })).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let shown = api.get(&place).await.expect(200);
    assert_eq!(shown["grant_types"], json!(["authorization_code"]));
    let stranger = world.webex.api();
    let all = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    stranger.patch(&place, &all).await.problem(404, "client.unknown");
    let events = api.get("/events?type=oauth_client_update").await.expect(200);
    assert_eq!(
        events["items"].as_array().map(Vec::len),
        Some(1),
        "only what changes"
    );
    let metadata = world
        .nobody()
        .get("/.well-known/oauth-authorization-server")
        .await
        .expect(200);
    assert_eq!(
        metadata["grant_types_supported"],
        json!([
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "implicit"
        ])
    );
}

async fn clients_get_tokens_by_their_grants_only(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let app = register(org, "confidential").await;
    let place = format!("/clients/{}", app.id);
    let name = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    let set = async |grants: &[&str]| {
        api.patch(&place, &json!({ "grant_types": grants }))
            .await
            .expect(200);
    };
    let tokens = app
        .redeem(world, &code_in(world, &browser, &app.request()).await)
        .await
        .expect(200);
    let (refresh, access) = (text(&tokens, "refresh_token"), text(&tokens, "access_token"));
    let waiting = code_in(world, &browser, &app.request()).await;

    set(&["authorization_code"]).await;
    refused(&app.send(world, TOKEN, &ITSELF).await, 400, "unauthorized_client");
    refused(&app.refresh(world, refresh).await, 400, "unauthorized_client");
    let once = app.redeem(world, &waiting).await.expect(200);
    assert_eq!(once["refresh_token"], Value::Null);
    // What is out goes on to its end.
    for token in [access, text(&once, "access_token")] {
        assert_eq!(opens(org, token).await, 200);
    }
    let waiting = code_in(world, &browser, &app.request()).await;

    set(&["client_credentials"]).await;
    refused(&app.redeem(world, &waiting).await, 400, "unauthorized_client");
    let told = query(&browser.get(&app.request()).await);
    assert_eq!(told[0], ("error".to_owned(), "unauthorized_client".to_owned()));
    app.send(world, TOKEN, &ITSELF).await.expect(200);

    // Nothing was used up by what was refused.
    set(&["authorization_code", "refresh_token"]).await;
    app.redeem(world, &waiting).await.expect(200);
    app.refresh(world, refresh).await.expect(200);
    // What nobody knows stays another error than what this client may not.
    let fields = [("grant_type", "password")];
    refused(
        &app.send(world, TOKEN, &fields).await,
        400,
        "unsupported_grant_type",
    );
}

async fn a_secret_is_rotated(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let first = register(org, "confidential").await;
    let place = format!("/clients/{}/secret", first.id);
    let with = |answer: &Value| App {
        id: first.id.clone(),
        client_id: first.client_id.clone(),
        secret: answer["client_secret"].as_str().map(str::to_owned),
    };
    let asks = async |app: &App| app.send(world, TOKEN, &ITSELF).await.status;
    let second = api.post(&place, &json!({ "overlap_hours": 2 })).await;
    assert_eq!(second.header("cache-control"), "no-store");
    let second = second.expect(200);
    let until = text(&second, "former_secret_expires_at").to_owned();
    let second = with(&second);
    assert_ne!(first.secret, second.secret);
    assert_eq!((asks(&first).await, asks(&second).await), (200, 200));
    let shown = api.get(&format!("/clients/{}", first.id)).await.expect(200);
    assert_eq!(shown["former_secret_expires_at"], json!(until));
    assert!(
        !shown
            .to_string()
            .contains(second.secret.as_deref().expect("a secret"))
    );
    world.clock.advance(Duration::from_hours(2));
    assert_eq!((asks(&first).await, asks(&second).await), (401, 200));
    let shown = api.get(&format!("/clients/{}", first.id)).await.expect(200);
    assert_eq!(shown["former_secret_expires_at"], Value::Null);

    // With a third the first one's end does not come back, and without overlap the second ends at once.
    let third = with(&api.post(&place, &json!({ "overlap_hours": 0 })).await.expect(200));
    let all = (asks(&first).await, asks(&second).await, asks(&third).await);
    assert_eq!(all, (401, 401, 200));
    // A day if nothing is said.
    let fourth = with(&api.post(&place, &json!({})).await.expect(200));
    world.clock.advance(Duration::from_hours(23));
    assert_eq!((asks(&third).await, asks(&fourth).await), (200, 200));
    let fields = [("token", "unknown")];
    assert_eq!(third.send(world, INTROSPECT, &fields).await.status, 200);
    world.clock.advance(Duration::from_hours(1));
    assert_eq!((asks(&third).await, asks(&fourth).await), (401, 200));

    let long = json!({ "overlap_hours": 721 });
    api.post(&place, &long).await.problem(400, "client.overlap");
    let public = register(org, "public").await;
    let place = format!("/clients/{}/secret", public.id);
    api.post(&place, &json!({})).await.problem(409, "client.public");
    let stranger = world.webex.api();
    stranger
        .post(&place, &json!({}))
        .await
        .problem(404, "client.unknown");
    let events = api.get("/events?type=oauth_client_secret").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(3), "{events}");
    assert!(
        !events
            .to_string()
            .contains(fourth.secret.as_deref().expect("a secret"))
    );
}
