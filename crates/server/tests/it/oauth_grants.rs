//! What ends with a grant of the authorization server: everything that came of it, whatever went on at the same time.

use std::time::Duration;

use access::{NewToken, Owner, Scope, Scopes, Visit};
use base::UserId;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::oauth_clients::{
    App, INTROSPECT, REVOKE, TOKEN, code_in, opens, refused, register, register_for, text,
};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, somebody};
use crate::world::{Organization, World, cause};

on_both!(
    what_is_issued_meanwhile_ends_too,
    a_reset_waits_for_nobody,
    a_clients_token_makes_nothing_that_lasts,
    an_admin_ends_a_grant_by_any_of_its_tokens,
    a_reset_ends_what_signing_in_gave,
    a_new_password_ends_what_was_given_away,
    consent_lasts_a_year,
    whose_consent_ends_soon_is_warned,
    what_is_over_is_forgotten,
    a_client_revokes_in_its_own_name,
);

const DAY: Duration = Duration::from_hours(24);
const ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn signed_in(world: &World, name: &str) -> Browser {
    let browser = Browser::new(world);
    browser.sign_in(name, PASSWORD).await.leads_to("/account");
    browser
}

/// Tokens for somebody who has just agreed.
async fn allowed(world: &World, browser: &Browser, app: &App) -> Value {
    let code = code_in(world, browser, &app.request()).await;
    app.redeem(world, &code).await.expect(200)
}

/// Nothing that was ever answered opens anything or can be exchanged.
async fn all_is_over(world: &World, app: &App, tokens: &[&Value]) {
    for tokens in tokens.iter().filter(|tokens| tokens["access_token"].is_string()) {
        assert_eq!(opens(&world.plain, text(tokens, "access_token")).await, 401);
        let again = app.refresh(world, text(tokens, "refresh_token")).await;
        assert!(matches!(again.status, 400 | 401), "{}", again.text);
    }
}

async fn what_is_issued_meanwhile_ends_too(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let (app, watcher) = (register(org, "public").await, register(org, "confidential").await);
    for _ in 0..8 {
        // The refresh token of before comes again while the next one is used.
        let first = allowed(world, &browser, &app).await;
        let second = app
            .refresh(world, text(&first, "refresh_token"))
            .await
            .expect(200);
        let (third, replayed) = tokio::join!(
            app.refresh(world, text(&second, "refresh_token")),
            app.refresh(world, text(&first, "refresh_token")),
        );
        refused(&replayed, 400, "invalid_grant");
        all_is_over(world, &app, &[&first, &second, &third.json()]).await;

        // It is revoked while it is used.
        let first = allowed(world, &browser, &app).await;
        let token = text(&first, "refresh_token");
        let fields = [("token", token)];
        let (second, revoked) = tokio::join!(app.refresh(world, token), app.send(world, REVOKE, &fields));
        assert_eq!(revoked.status, 200, "{}", revoked.text);
        all_is_over(world, &app, &[&first, &second.json()]).await;

        // Its client is removed while it is used, and while somebody asks what it is good for.
        let gone = register(org, "public").await;
        let first = allowed(world, &browser, &gone).await;
        let (api, place) = (org.api(), format!("/clients/{}", gone.id));
        let fields = [("token", text(&first, "access_token"))];
        let (second, removed, asked) = tokio::join!(
            gone.refresh(world, text(&first, "refresh_token")),
            api.delete(&place),
            watcher.send(world, INTROSPECT, &fields),
        );
        removed.expect(204);
        asked.expect(200);
        all_is_over(world, &gone, &[&first, &second.json()]).await;
    }
}

async fn a_reset_waits_for_nobody(world: &World) {
    let (org, app) = (&world.plain, register(&world.plain, "public").await);
    let user = somebody(world, org, "anna@example.com").await;
    crate::oauth_clients::give_role(org, user, access::Role::FullAdmin).await;
    let browser = signed_in(world, "anna@example.com").await;
    let mut all = Vec::new();
    for _ in 0..6 {
        all.push(allowed(world, &browser, &app).await);
    }
    let code = code_in(world, &browser, &app.request()).await;
    let refreshing = join_all(
        all.iter()
            .map(|tokens| app.refresh(world, text(tokens, "refresh_token"))),
    );
    let by = cause();
    let (reset, redeemed, refreshed) = tokio::join!(
        world.access.reset_password(&by, org.id, user),
        app.redeem(world, &code),
        refreshing,
    );
    reset.expect("reset");
    all.push(redeemed.json());
    all.extend(refreshed.iter().map(crate::client::Answer::json));
    all_is_over(world, &app, &all.iter().collect::<Vec<_>>()).await;
}

async fn a_clients_token_makes_nothing_that_lasts(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let app = register_for(org, "confidential", &["Identity:SCIM", "instep:admin"]).await;
    let request = app.request().replace("Identity%3ASCIM", "instep%3Aadmin");
    let code = code_in(world, &browser, &request).await;
    let of_somebody = app.redeem(world, &code).await.expect(200);
    let of_itself = app.send(world, TOKEN, &ITSELF).await.expect(200);
    let person = org.api().get("/people").await.expect(200)["items"][0]["id"].clone();
    let person = person.as_str().expect("an id");
    let (before, clients) = (ids(org, "/tokens").await, ids(org, "/clients").await);
    for tokens in [&of_somebody, &of_itself] {
        let api = org.api().with(text(tokens, "access_token"));
        let token = json!({ "name": "For ever", "scopes": ["instep:admin"], "days": 3650 });
        let told = api.post("/tokens", &token).await.problem(403, "forbidden");
        assert!(told.to_string().contains("OAuth client"), "{told}");
        let client = json!({ "name": "For ever", "scopes": ["instep:admin"] });
        api.post("/clients", &client).await.problem(403, "forbidden");
        let role = json!({ "role": "id_full_admin" });
        api.put(&format!("/people/{person}/role"), &role)
            .await
            .problem(403, "forbidden");
        let place = format!("/tokens/{}/successor", before[0]);
        api.post(&place, &json!({})).await.problem(403, "forbidden");
        for place in [
            format!("/tokens/{}", before[0]),
            format!("/clients/{}", clients[0]),
        ] {
            api.delete(&place).await.problem(403, "forbidden");
        }
        // The rest of the scope is theirs.
        api.get("/tokens").await.expect(200);
        let active = json!({ "active": true });
        api.patch(&format!("/people/{person}"), &active).await.expect(200);
    }
    assert_eq!(
        (before, clients),
        (ids(org, "/tokens").await, ids(org, "/clients").await)
    );
}

async fn ids(org: &Organization, place: &str) -> Vec<String> {
    let list = org.api().get(place).await.expect(200);
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| text(item, "id").to_owned()).collect()
}

async fn an_admin_ends_a_grant_by_any_of_its_tokens(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let app = register(org, "public").await;
    let other = allowed(world, &browser, &app).await;
    let known = ids(org, "/tokens").await;
    let first = allowed(world, &browser, &app).await;
    // One that the client has given up already leads to its grant, too.
    let fields = [("token", text(&first, "access_token"))];
    assert_eq!(app.send(world, REVOKE, &fields).await.status, 200);
    let second = app
        .refresh(world, text(&first, "refresh_token"))
        .await
        .expect(200);
    assert_eq!(opens(org, text(&second, "access_token")).await, 200);
    let given_up = ids(org, "/tokens").await;
    let given_up = given_up.iter().find(|id| !known.contains(id)).expect("a token");
    for _ in 0..2 {
        org.api().delete(&format!("/tokens/{given_up}")).await.expect(204);
        all_is_over(world, &app, &[&first, &second]).await;
    }
    let events = org.api().get("/events?type=oauth_grant_revoke").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
    // What was agreed to another time goes on.
    assert_eq!(opens(org, text(&other, "access_token")).await, 200);
    app.refresh(world, text(&other, "refresh_token"))
        .await
        .expect(200);
}

async fn a_reset_ends_what_signing_in_gave(world: &World) {
    let (org, app) = (&world.plain, register(&world.plain, "public").await);
    let mut all = Vec::new();
    for name in ["anna@example.com", "bert@example.com"] {
        let user = somebody(world, org, name).await;
        crate::oauth_clients::give_role(org, user, access::Role::FullAdmin).await;
        let tokens = allowed(world, &signed_in(world, name).await, &app).await;
        let visit = Visit::new([192, 0, 2, 9].into(), world.store.ambient().id(), "test");
        let by_page = made(world, &visit.cause(user, name), user).await;
        let by_hand = made(world, &cause(), user).await;
        all.push((user, tokens, by_page, by_hand));
    }
    let reset = world.access.reset_password(&cause(), org.id, all[0].0).await;
    reset.expect("reset");
    for (at, (_, tokens, by_page, by_hand)) in all.iter().enumerate() {
        let expected = if at == 0 { 401 } else { 200 };
        for token in [text(tokens, "access_token"), by_page] {
            assert_eq!(opens(org, token).await, expected);
        }
        assert_eq!(opens(org, by_hand).await, 200);
    }
    all_is_over(world, &app, &[&all[0].1]).await;
    app.refresh(world, text(&all[1].1, "refresh_token"))
        .await
        .expect(200);
}

async fn a_new_password_ends_what_was_given_away(world: &World) {
    let (org, app) = (&world.plain, register(&world.plain, "public").await);
    for (name, keep, expected) in [
        ("anna@example.com", None, 401),
        ("bert@example.com", Some("yes"), 200),
    ] {
        let user = somebody(world, org, name).await;
        crate::oauth_clients::give_role(org, user, access::Role::FullAdmin).await;
        let browser = signed_in(world, name).await;
        let tokens = allowed(world, &browser, &app).await;
        let code = code_in(world, &browser, &app.request()).await;
        let visit = Visit::new([192, 0, 2, 9].into(), world.store.ambient().id(), "test");
        let by_page = made(world, &visit.cause(user, name), user).await;
        let by_hand = made(world, &cause(), user).await;
        let account = browser.get("/account").await;
        let mut fields = vec![
            ("current", PASSWORD),
            ("new", "other words of my own"),
            ("again", "other words of my own"),
        ];
        fields.extend(keep.map(|keep| ("keep", keep)));
        let said = if keep.is_some() {
            "go on"
        } else {
            "open nothing any more"
        };
        let changed = browser.submit(&account, "/account/password", &fields).await;
        changed.expect(200, said);
        for token in [text(&tokens, "access_token"), &by_page] {
            assert_eq!(opens(org, token).await, expected);
        }
        // Made at the command line, by whoever runs the server.
        assert_eq!(opens(org, &by_hand).await, 200);
        if keep.is_some() {
            app.redeem(world, &code).await.expect(200);
            app.refresh(world, text(&tokens, "refresh_token"))
                .await
                .expect(200);
        } else {
            all_is_over(world, &app, &[&tokens]).await;
            refused(&app.redeem(world, &code).await, 400, "invalid_grant");
            let events = org.api().get("/events?type=oauth_grant_revoke").await.expect(200);
            assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
            let told = events["items"][0].to_string();
            assert!(told.contains("the password was changed"), "{told}");
        }
    }
}

async fn made(world: &World, by: &base::Cause, user: UserId) -> String {
    let new = NewToken {
        org: world.plain.id,
        name: "Entra ID".to_owned(),
        owner: Owner::User(user),
        scopes: Scopes::new([Scope::IdentityScim]),
        days: 30,
    };
    let made = world.access.create_token(by, new).await.expect("made");
    made.token.expose().to_owned()
}

async fn consent_lasts_a_year(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let app = register(org, "public").await;
    let mut tokens = allowed(world, &browser, &app).await;
    let lives = |tokens: &Value| tokens["refresh_token_expires_in"].as_u64().expect("seconds");
    for _ in 0..4 {
        assert_eq!(lives(&tokens), 90 * 86_400);
        world.clock.advance(DAY * 80);
        tokens = app
            .refresh(world, text(&tokens, "refresh_token"))
            .await
            .expect(200);
    }
    let (left, most) = (lives(&tokens), 45 * 86_400);
    assert!((most - 60..=most).contains(&left), "{left}");
    world.clock.advance(DAY * 44);
    tokens = app
        .refresh(world, text(&tokens, "refresh_token"))
        .await
        .expect(200);
    assert!(lives(&tokens) <= 86_400);
    world.clock.advance(DAY);
    refused(
        &app.refresh(world, text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
}

async fn whose_consent_ends_soon_is_warned(world: &World) {
    let org = &world.plain;
    let (_, lasting) = world.token(org, &Scope::ALL, 1_000).await;
    let api = org.api().with(&lasting);
    let browser = signed_in(world, &administrator(world, org).await).await;
    let (app, itself) = (register(org, "public").await, register(org, "confidential").await);
    let (left, narrowed) = (register(org, "public").await, register(org, "public").await);
    let ended = register(org, "public").await;
    let used = [&app, &narrowed, &ended];
    let mut tokens = Vec::new();
    for app in used {
        tokens.push(allowed(world, &browser, app).await);
    }
    allowed(world, &browser, &left).await;
    itself.send(world, TOKEN, &ITSELF).await.expect(200);
    // Access tokens have days left, and their clients get the next ones by themselves.
    world.clock.advance(DAY * 10);
    assert_eq!(world.warn_of_expiry(org).await, 0);
    let listed = api.get("/tokens").await.expect(200);
    for token in listed["items"].as_array().expect("items") {
        assert_eq!(token["warning"], Value::Null, "{token}");
    }
    for _ in 0..4 {
        world.clock.advance(DAY * 78);
        for (app, tokens) in used.iter().zip(&mut tokens) {
            let next = app.refresh(world, text(tokens, "refresh_token")).await;
            *tokens = next.expect(200);
        }
        assert_eq!(world.warn_of_expiry(org).await, 0);
    }
    let codes_only = json!({ "grant_types": ["authorization_code"] });
    let place = format!("/clients/{}", narrowed.id);
    api.patch(&place, &codes_only).await.expect(200);
    let grants = api.get("/grants").await.expect(200);
    let grant = &grants["items"][0];
    assert_eq!(grant["client"]["id"], json!(app.id));
    let place = format!("/grants/{}", text(&grants["items"][2], "id"));
    api.delete(&place).await.expect(204);

    let letters = async || {
        world.warn_of_expiry(org).await;
        let letters = world.letters(org).await;
        let of_consent = letters
            .into_iter()
            .filter(|one| one.subject.contains("in your name"));
        of_consent.collect::<Vec<_>>()
    };
    for (further, within) in [(14, "30 days"), (15, "14 days"), (8, "7 days"), (5, "1 day")] {
        world.clock.advance(DAY * further);
        let found = letters().await;
        let [letter] = &found[..] else {
            panic!("{within}: {found:?}");
        };
        let subject = format!("What A public app may do in your name ends within {within}");
        assert_eq!(
            (letter.to.as_str(), &letter.subject),
            ("admin@northwind.example", &subject)
        );
        assert!(letter.text.contains("\n/account\n"), "{}", letter.text);
        let again = letters().await;
        assert!(again.is_empty(), "once: {again:?}");
    }
    let events = api.get("/events?type=oauth_grant_expiry").await.expect(200);
    let items = events["items"].as_array().expect("items");
    let days: Vec<_> = items
        .iter()
        .map(|event| event["detail"]["days"].clone())
        .collect();
    assert_eq!(days, [1, 7, 14, 30]);
    for event in items {
        assert_eq!(event["resource"]["id"], grant["id"]);
        assert_eq!(event["detail"]["expires_at"], grant["expires_at"]);
    }
}

async fn what_is_over_is_forgotten(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let (app, itself) = (register(org, "public").await, register(org, "confidential").await);
    let (_, lasting) = world.token(org, &[Scope::IdentityScim], 365).await;
    let tokens = allowed(world, &browser, &app).await;
    for _ in 0..3 {
        itself.send(world, TOKEN, &ITSELF).await.expect(200);
    }
    let forget = async || {
        world.access.forget_exchanges(org.id).await.expect("forgotten");
        let forgotten = world.directory.forget_old(org.id).await.expect("forgotten");
        (forgotten.tokens, forgotten.grants)
    };
    let before = ids(org, "/tokens").await.len();
    assert_eq!(forget().await, (0, 0));
    world.clock.advance(DAY * 16);
    world.set(org, "events.retention_days", "0").await;
    assert_eq!(forget().await, (0, 0), "kept for ever");
    world.set(org, "events.retention_days", "1").await;
    // Of what somebody has agreed to the refresh token is left.
    assert_eq!(forget().await, (4, 3));
    assert_eq!(ids(org, "/tokens").await.len(), before - 4);
    let tokens = app
        .refresh(world, text(&tokens, "refresh_token"))
        .await
        .expect(200);
    for token in [text(&tokens, "access_token"), &lasting] {
        assert_eq!(opens(org, token).await, 200);
    }
    world.clock.advance(DAY * 100);
    assert_eq!(forget().await, (1, 1));
    refused(
        &app.refresh(world, text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
    assert_eq!(opens(org, &lasting).await, 200);
}

async fn a_client_revokes_in_its_own_name(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let app = register(org, "confidential").await;
    let agreed = allowed(world, &browser, &app).await;
    let itself = app.send(world, TOKEN, &ITSELF).await.expect(200);
    for (token, kind) in [
        (text(&itself, "access_token"), "token_revoke"),
        (text(&agreed, "access_token"), "token_revoke"),
        (text(&agreed, "refresh_token"), "oauth_grant_revoke"),
    ] {
        app.send(world, REVOKE, &[("token", token)]).await;
        let event = org.api().get("/events?limit=1").await.expect(200)["items"][0].clone();
        assert_eq!(
            (&event["type"], &event["actor"]),
            (
                &json!(kind),
                &json!({ "kind": "client", "id": app.id, "name": "A confidential app" })
            )
        );
    }
}
