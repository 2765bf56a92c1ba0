//! What one has given away, shown and ended at `/account`: tokens, and clients that one has let in.

use std::time::Duration;

use access::{NewToken, Owner, Role, Scopes, Visit};
use serde_json::json;

use super::{Browser, PASSWORD, Page, administrator, somebody};
use crate::oauth_clients::{code_in, opens, register, text};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    clients_are_shown_and_ended,
    tokens_are_shown_and_ended,
    tokens_are_replaced,
    a_successor_ends_as_the_one_before_would,
    nobody_ends_what_is_anothers,
    an_ended_session_makes_no_token,
    administrators_see_and_end_grants,
);

fn token_in(page: &Page) -> String {
    let token = page.text.split("value=\"instep_").nth(1);
    let token = token.and_then(|rest| rest.split('"').next()).expect("a token");
    format!("instep_{token}")
}

async fn signed_in(world: &World, address: &str) -> Browser {
    let browser = Browser::new(world);
    browser.sign_in(address, PASSWORD).await.leads_to("/account");
    browser
}

async fn clients_are_shown_and_ended(world: &World) {
    let org = &world.plain;
    let app = register(org, "public").await;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let empty = browser.get("/account").await;
    assert!(!empty.text.contains("Whom you have let in"));
    let code = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let account = browser.get("/account").await;
    account
        .expect(200, "Whom you have let in")
        .expect(200, "A public app");
    // The client's own tokens stand with it, not among one's own.
    assert!(!account.text.contains("action=\"/account/tokens\""));
    let ended = browser.submit(&account, "/account/grants", &[]).await;
    ended.expect(200, "It is let in no more.");
    assert!(!ended.text.contains("A public app"));
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
    let refreshed = app.refresh(world, text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.status, 400);
    let events = org.api().get("/events?type=oauth_grant_revoke").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
    browser
        .submit(&account, "/account/grants", &[])
        .await
        .expect(200, "let in no more");
}

async fn tokens_are_shown_and_ended(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let page = browser.get("/account/token").await;
    let made = browser.submit(&page, "/account/token", &[("for", "okta")]).await;
    let token = token_in(&made);
    assert_eq!(opens(org, &token).await, 200);
    let account = browser.get("/account").await;
    account.expect(200, "<strong>Okta</strong>");
    assert!(!account.text.contains(&token));
    let ended = browser.submit(&account, "/account/tokens", &[]).await;
    ended.expect(200, "opens nothing any more");
    assert!(!ended.text.contains("<strong>Okta</strong>"));
    assert_eq!(opens(org, &token).await, 401);
}

/// One for the command line lives no longer than such a token does, and another password ends whatever came of signing in.
async fn a_successor_ends_as_the_one_before_would(world: &World) {
    let org = &world.plain;
    let address = administrator(world, org).await;
    let browser = signed_in(world, &address).await;
    let page = browser.get("/account/token").await;
    let made = browser
        .submit(&page, "/account/token", &[("for", "command-line")])
        .await;
    let own = org.api().with(&token_in(&made));
    let account = browser.get("/account").await;
    let replaced = browser.submit(&account, "/account/tokens/replace", &[]).await;
    let next = org.api().with(&token_in(&replaced));
    let list = next.get("/tokens").await.expect(200);
    let mut mine: Vec<_> = list["items"].as_array().expect("items").iter().collect();
    mine.retain(|token| token["owner"]["user_name"] == address.as_str());
    let soon = world.store.ambient().now() + Duration::from_hours(91 * 24);
    assert_eq!(mine.len(), 2);
    for token in &mine {
        let expires: base::Timestamp = token["expires_at"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        assert!(expires < soon, "{token}");
    }
    // By the API, too.
    let id = mine[0]["id"].as_str().expect("an id");
    let wanted = json!({ "overlap_hours": 1, "days": 30 });
    let third = own
        .post(&format!("/tokens/{id}/successor"), &wanted)
        .await
        .expect(201);
    let third = org.api().with(text(&third, "token"));
    third.get("/organization").await.expect(200);
    let account = browser.get("/account").await;
    let fields = [
        ("current", PASSWORD),
        ("new", "five quite other words here"),
        ("again", "five quite other words here"),
    ];
    browser.submit(&account, "/account/password", &fields).await;
    for client in [&own, &next, &third] {
        assert_eq!(client.get("/organization").await.status, 401);
    }
}

async fn tokens_are_replaced(world: &World) {
    const REPLACE: &str = "/account/tokens/replace";
    let org = &world.plain;
    let address = administrator(world, org).await;
    let browser = signed_in(world, &address).await;
    let page = browser.get("/account/token").await;
    let made = browser.submit(&page, "/account/token", &[("for", "okta")]).await;
    let former = token_in(&made);
    let account = browser.get("/account").await;
    assert!(!account.text.contains("ends within"));
    let replaced = browser.submit(&account, REPLACE, &[]).await;
    replaced
        .expect(200, "Another token for Okta")
        .expect(200, "shown this once");
    let next = token_in(&replaced);
    assert_ne!(next, former);
    for token in [&former, &next] {
        assert_eq!(opens(org, token).await, 200);
    }
    let list = browser.get("/account").await;
    list.expect(200, "ends within 7 days");
    assert!(!list.text.contains(&next));
    let shown = org.api().get("/tokens").await.expect(200);
    let items = shown["items"].as_array().expect("items");
    let of_okta: Vec<_> = items.iter().filter(|token| token["name"] == "Okta").collect();
    assert_eq!(of_okta.len(), 2);
    for token in &of_okta {
        assert_eq!(token["owner"]["user_name"], json!(address));
    }

    // Not without the token of the form, nor what is anybody else's, nor by whoever may make none.
    let fields: Vec<_> = account.hidden(REPLACE);
    let origin = [("origin", world.address.as_str())];
    let bare: Vec<_> = fields
        .iter()
        .filter(|(name, _)| name != "form")
        .cloned()
        .collect();
    assert_eq!(browser.post(REPLACE, &bare, &origin).await.status, 403);
    let second = somebody(world, org, "other@example.com").await;
    let other = signed_in(world, "other@example.com").await;
    let send = async |status, said| {
        let mut theirs = other.get("/account").await.hidden("/sign-out");
        theirs.extend(bare.iter().cloned());
        other.post(REPLACE, &theirs, &origin).await.expect(status, said);
    };
    send(403, "Not for your role").await;
    crate::oauth_clients::give_role(org, second, Role::FullAdmin).await;
    send(404, "no such token").await;
    let left = org.api().get("/tokens").await.expect(200);
    assert_eq!(left["items"].as_array().map(Vec::len), Some(items.len()));

    // Who it is must have been shown lately.
    world.clock.advance(Duration::from_mins(11));
    let account = browser.get("/account").await;
    let led = browser.submit(&account, REPLACE, &[]).await;
    led.leads_to("/account/confirm?to=%2Faccount");
    world.clock.advance(Duration::from_hours(24 * 7));
    assert_eq!([opens(org, &former).await, opens(org, &next).await], [401, 200]);
}

async fn nobody_ends_what_is_anothers(world: &World) {
    let org = &world.plain;
    let app = register(org, "public").await;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let code = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let page = browser.get("/account/token").await;
    let token = token_in(&browser.submit(&page, "/account/token", &[("for", "okta")]).await);
    let account = browser.get("/account").await;
    somebody(world, org, "other@example.com").await;
    let other = signed_in(world, "other@example.com").await;
    somebody(world, &world.webex, "stranger@example.com").await;
    let stranger = signed_in(world, "stranger@example.com").await;
    for browser in [&other, &stranger] {
        for action in ["/account/grants", "/account/tokens"] {
            let mut fields = browser.get("/account").await.hidden("/sign-out");
            let theirs = account
                .hidden(action)
                .into_iter()
                .filter(|(name, _)| name != "form");
            fields.extend(theirs);
            let origin = [("origin", world.address.as_str())];
            browser.post(action, &fields, &origin).await;
        }
    }
    assert_eq!(opens(org, &token).await, 200);
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 200);
}

async fn an_ended_session_makes_no_token(world: &World) {
    let org = &world.plain;
    let browser = signed_in(world, &administrator(world, org).await).await;
    let session = browser.cookie("instep-session").expect("a session");
    let visitor = world
        .access
        .visitor(&session)
        .await
        .expect("asked")
        .expect("signed in");
    assert_eq!(visitor.role, Role::FullAdmin);
    let visit = Visit::new([192, 0, 2, 9].into(), world.store.ambient().id(), "test");
    let new = || NewToken {
        org: org.id,
        name: "Token".to_owned(),
        owner: Owner::User(visitor.user),
        scopes: Scopes::for_provisioning(),
        days: 1,
    };
    let make = async || {
        world
            .access
            .create_token_in_session(&visit, &visitor, new())
            .await
    };
    make().await.expect("made");
    world
        .access
        .end_session(&cause(), org.id, visitor.session)
        .await
        .expect("ended");
    assert!(matches!(make().await, Err(access::Error::SignInOver)));
    let tokens = org.api().get("/tokens").await.expect(200).to_string();
    assert_eq!(tokens.matches(&json!("Token").to_string()).count(), 1, "{tokens}");
}

async fn administrators_see_and_end_grants(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let app = register(org, "public").await;
    let address = administrator(world, org).await;
    let browser = signed_in(world, &address).await;
    assert_eq!(api.get("/grants").await.expect(200)["items"], json!([]));
    let code = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    code_in(world, &browser, &app.request()).await;
    let all = api.get("/grants").await.expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2), "{all}");
    let first = &all["items"][0];
    assert_eq!(
        (
            &first["client"]["name"],
            &first["person"]["user_name"],
            &first["scopes"]
        ),
        (&json!("A public app"), &json!(address), &json!(["Identity:SCIM"]))
    );
    let page = api.get("/grants?limit=1").await.expect(200);
    let next = page["next"].as_str().expect("more");
    let rest = api
        .get(&format!("/grants?limit=1&after={next}"))
        .await
        .expect(200);
    assert_eq!(rest["items"][0], all["items"][1]);
    somebody(world, org, "other@example.com").await;
    let others = api.get("/grants?person=other@example.com").await.expect(200);
    assert_eq!(others["items"], json!([]));
    let place = format!("/grants/{}", first["id"].as_str().expect("an id"));
    world
        .webex
        .api()
        .delete(&place)
        .await
        .problem(404, "grant.unknown");
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 200);
    api.delete(&place).await.expect(204);
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
    api.delete(&place).await.problem(404, "grant.unknown");
    let left = api.get("/grants").await.expect(200);
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1), "{left}");
}
