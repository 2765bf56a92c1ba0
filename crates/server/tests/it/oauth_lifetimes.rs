//! How long what people get by signing in lives, as the organization has it.

use std::time::Duration;

use base::Timestamp;
use serde_json::{Value, json};

use crate::oauth_clients::{TOKEN, code_in, opens, register, text};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, somebody};
use crate::world::World;

on_both!(what_is_out_keeps_its_end);

const ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// What depends on `oauth.access_token_minutes`, `oauth.refresh_token_days`, `sign_in.session_hours` and
/// `sign_in.idle_minutes`: how many seconds tokens are good, how long a session is, and whether it bears half an hour's rest.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> [Value; 4] {
    let org = &world.plain;
    let name = format!("{marker}-lives@example.com");
    somebody(world, org, &name).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    let app = register(org, "confidential").await;
    let code = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let itself = app.send(world, TOKEN, &ITSELF).await.expect(200);
    let sessions = org
        .api()
        .get(&format!("/sessions?person={name}"))
        .await
        .expect(200);
    let time = |what: &str| -> Timestamp { text(&sessions["items"][0], what).parse().expect("a time") };
    let session = time("expires_at")
        .since(time("created_at"))
        .as_secs()
        .div_ceil(60);
    world.clock.advance(Duration::from_mins(30));
    let status = browser.get("/account").await.status;
    [
        json!([tokens["expires_in"], itself["expires_in"]]),
        tokens["refresh_token_expires_in"].clone(),
        json!(session),
        json!(status),
    ]
}

async fn what_is_out_keeps_its_end(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    let app = register(org, "confidential").await;
    let code = code_in(world, &browser, &app.request()).await;
    let old = app.redeem(world, &code).await.expect(200);
    for (key, value) in [
        ("oauth.access_token_minutes", "30"),
        ("oauth.refresh_token_days", "1"),
        ("sign_in.session_hours", "1"),
    ] {
        world.set(org, key, value).await;
    }
    let asked = browser.get(&app.request()).await;
    asked.expect(200, "if it does not come for 1 day, or");
    let code = code_in(world, &browser, &app.request()).await;
    let new = app.redeem(world, &code).await.expect(200);
    assert_eq!(
        (&new["expires_in"], &new["refresh_token_expires_in"]),
        (&json!(1_800), &json!(86_400))
    );
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(opens(org, text(&old, "access_token")).await, 200);
    assert_eq!(opens(org, text(&new, "access_token")).await, 401);
    // The session that was there goes on for its twelve hours.
    browser.get("/account").await.expect(200, &name);
    for _ in 0..4 {
        world.clock.advance(Duration::from_mins(50));
        browser.get("/account").await.expect(200, &name);
    }
    world.clock.advance(Duration::from_hours(48));
    app.refresh(world, text(&old, "refresh_token")).await.expect(200);
    let late = app.refresh(world, text(&new, "refresh_token")).await;
    assert_eq!(
        (late.status, &late.json()["error"]),
        (400, &json!("invalid_grant"))
    );
    let place = format!("/clients/{}", app.id);
    let only = json!({ "grant_types": ["authorization_code"] });
    org.api().patch(&place, &only).await.expect(200);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    browser
        .get(&app.request())
        .await
        .expect(200, "For 30 minutes; sooner");
}
