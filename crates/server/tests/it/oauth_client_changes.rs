//! What administrators change of a registered client, and what that does to what it has.

use serde_json::{Value, json};

use crate::oauth_clients::{
    App, INTROSPECT, REDIRECT, TOKEN, code_in, opens, query, refused, register_for, text,
};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator};
use crate::world::World;

on_both!(
    a_client_is_changed,
    what_it_may_ask_for_no_more_is_gone_at_once,
    where_nothing_is_left_it_ends,
    codes_that_went_elsewhere_are_good_no_more,
    what_was_asked_before_a_change_is_refused,
);

const AUTHORIZE: &str = "/idb/oauth2/v1/authorize";
const ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];
const BOTH: [&str; 2] = ["Identity:SCIM", "instep:read"];

/// Asks for these scopes.
fn request(app: &App, scopes: &str) -> String {
    let scopes = scopes.replace(':', "%3A").replace(' ', "%20");
    app.request()
        .replace("scope=Identity%3ASCIM", &format!("scope={scopes}"))
}

async fn signed_in(world: &World) -> Browser {
    let name = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    browser
}

async fn a_client_is_changed(world: &World) {
    let api = world.plain.api();
    let app = register_for(&world.plain, "confidential", &BOTH).await;
    let place = format!("/clients/{}", app.id);
    let change = json!({
        "name": " Portal ", "redirects": ["https://portal.example/callback"], "scopes": ["instep:read"],
        "grant_types": ["authorization_code"],
    });
    let changed = api.patch(&place, &change).await.expect(200);
    assert_eq!(changed["name"], "Portal");
    for field in ["redirects", "scopes", "grant_types"] {
        assert_eq!(changed[field], change[field], "{field}");
    }
    assert_eq!(api.get(&place).await.expect(200), changed);
    let events = api.get("/events?type=oauth_client_update").await.expect(200);
    let events = events["items"].as_array().expect("a list").clone();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["detail"],
        json!({
            "name": "Portal",
            "changes": [
                { "field": "name", "from": "A confidential app", "to": "Portal" },
                { "field": "redirects", "from": format!("{REDIRECT} http://localhost:8400/"),
                  "to": "https://portal.example/callback" },
                { "field": "scopes", "from": "Identity:SCIM instep:read", "to": "instep:read" },
                { "field": "grant_types", "from": "authorization_code refresh_token client_credentials",
                  "to": "authorization_code" },
            ],
            "grants": { "narrowed": 0, "ended": 0 },
        })
    );
    // Held to what holds for new ones, all or nothing.
    for (wrong, code) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a\u{202e}b" }), "name"),
        (json!({ "name": "Other", "scopes": [] }), "client.scope"),
        (json!({ "name": "Other", "scopes": ["x"] }), "client.scope"),
        (
            json!({ "name": "Other", "redirects": ["http://app.example/"] }),
            "client.redirect",
        ),
        (json!({ "redirects": [] }), "client.grant_types"),
        (json!({ "grant_types": [] }), "client.grant_types"),
        (json!({ "kind": "public" }), "body.invalid"),
        (json!({ "name": 5 }), "body.invalid"),
    ] {
        api.patch(&place, &wrong).await.problem(400, code);
    }
    for nothing in [json!({}), json!({ "name": "Portal", "scopes": ["instep:read"] })] {
        assert_eq!(api.patch(&place, &nothing).await.expect(200), changed);
    }
    let public = register_for(&world.plain, "public", &BOTH).await;
    let place = format!("/clients/{}", public.id);
    api.patch(&place, &json!({ "redirects": [] }))
        .await
        .problem(400, "client.redirect");
    let events = api.get("/events?type=oauth_client_update").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
    let stranger = world.webex.api();
    stranger
        .patch(&place, &json!({ "name": "Mine" }))
        .await
        .problem(404, "client.unknown");
}

async fn what_it_may_ask_for_no_more_is_gone_at_once(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let app = register_for(org, "confidential", &BOTH).await;
    let place = format!("/clients/{}", app.id);
    let browser = signed_in(world).await;
    let code = code_in(world, &browser, &request(&app, "Identity:SCIM instep:read")).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let access = text(&tokens, "access_token").to_owned();
    let own = app.send(world, TOKEN, &ITSELF).await.expect(200);
    let own = text(&own, "access_token").to_owned();
    let reads = async |token: &str| {
        let api = org.api().with(token);
        (opens(org, token).await, api.get("/people").await.status)
    };
    // They are known to the server as good before.
    for token in [&access, &own] {
        assert_eq!(reads(token).await, (200, 200));
    }
    api.patch(&place, &json!({ "scopes": ["instep:read"] }))
        .await
        .expect(200);
    for token in [&access, &own] {
        assert_eq!(reads(token).await, (403, 200));
        let fields = [("token", token.as_str())];
        let told = app.send(world, INTROSPECT, &fields).await.expect(200);
        assert_eq!(
            (&told["active"], &told["scope"]),
            (&json!(true), &json!("instep:read"))
        );
    }
    let granted = api.get("/grants").await.expect(200);
    assert_eq!(granted["items"][0]["scopes"], json!(["instep:read"]));
    let events = api
        .get("/events?type=oauth_client_update&limit=1")
        .await
        .expect(200);
    assert_eq!(
        events["items"][0]["detail"]["grants"],
        json!({ "narrowed": 2, "ended": 0 })
    );

    // What it may ask for again, it has to ask for again.
    api.patch(&place, &json!({ "scopes": BOTH })).await.expect(200);
    assert_eq!(reads(&access).await, (403, 200));
    let refreshed = app
        .refresh(world, text(&tokens, "refresh_token"))
        .await
        .expect(200);
    assert_eq!(refreshed["scope"], "instep:read");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&refreshed, "refresh_token")),
        ("scope", "Identity:SCIM"),
    ];
    refused(&app.send(world, TOKEN, &fields).await, 400, "invalid_scope");
    let code = code_in(world, &browser, &request(&app, "Identity:SCIM")).await;
    let anew = app.redeem(world, &code).await.expect(200);
    assert_eq!(opens(org, text(&anew, "access_token")).await, 200);
}

async fn where_nothing_is_left_it_ends(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let app = register_for(org, "confidential", &BOTH).await;
    let other = register_for(org, "confidential", &BOTH).await;
    let place = format!("/clients/{}", app.id);
    let browser = signed_in(world).await;
    let mut tokens = Vec::new();
    for app in [&app, &other] {
        let code = code_in(world, &browser, &request(app, "Identity:SCIM")).await;
        tokens.push(app.redeem(world, &code).await.expect(200));
    }
    // One grant with more than one of its tokens has.
    let wide = code_in(world, &browser, &request(&app, "Identity:SCIM instep:read")).await;
    let wide = app.redeem(world, &wide).await.expect(200);
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&wide, "refresh_token")),
        ("scope", "Identity:SCIM"),
    ];
    let narrow = app.send(world, TOKEN, &fields).await.expect(200);
    let waiting = code_in(world, &browser, &request(&app, "Identity:SCIM")).await;

    api.patch(&place, &json!({ "scopes": ["instep:read"] }))
        .await
        .expect(200);
    assert_eq!(opens(org, text(&tokens[0], "access_token")).await, 401);
    assert_eq!(opens(org, text(&narrow, "access_token")).await, 401);
    assert_eq!(opens(org, text(&wide, "access_token")).await, 403);
    refused(
        &app.refresh(world, text(&tokens[0], "refresh_token")).await,
        400,
        "invalid_grant",
    );
    refused(&app.redeem(world, &waiting).await, 400, "invalid_grant");
    let events = api
        .get("/events?type=oauth_client_update&limit=1")
        .await
        .expect(200);
    assert_eq!(
        events["items"][0]["detail"]["grants"],
        json!({ "narrowed": 1, "ended": 2 })
    );
    // What others have goes on.
    assert_eq!(opens(org, text(&tokens[1], "access_token")).await, 200);
    other
        .refresh(world, text(&tokens[1], "refresh_token"))
        .await
        .expect(200);
}

async fn codes_that_went_elsewhere_are_good_no_more(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    let app = register_for(org, "confidential", &BOTH).await;
    let place = format!("/clients/{}", app.id);
    let browser = signed_in(world).await;
    let first = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &first).await.expect(200);
    let waiting = code_in(world, &browser, &app.request()).await;
    // One more does no harm.
    let more = json!({ "redirects": [REDIRECT, "http://localhost:8400/", "https://app.example/other"] });
    api.patch(&place, &more).await.expect(200);
    app.redeem(world, &waiting).await.expect(200);
    let waiting = code_in(world, &browser, &app.request()).await;
    api.patch(&place, &json!({ "redirects": ["https://app.example/other"] }))
        .await
        .expect(200);
    refused(&app.redeem(world, &waiting).await, 400, "invalid_grant");
    let page = browser.get(&app.request()).await;
    assert_eq!(page.status, 400, "never sent to where it was answered before");
    // What it has goes on, and a code that comes a second time is still a theft.
    app.refresh(world, text(&tokens, "refresh_token"))
        .await
        .expect(200);
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 200);
    refused(&app.redeem(world, &first).await, 400, "invalid_grant");
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
}

/// A page that was open when the client changed gives no more than there is now.
async fn what_was_asked_before_a_change_is_refused(world: &World) {
    let api = world.plain.api();
    let app = register_for(&world.plain, "public", &BOTH).await;
    let browser = signed_in(world).await;
    let page = browser.get(&request(&app, "Identity:SCIM")).await;
    page.expect(200, "app in?");
    let place = format!("/clients/{}", app.id);
    api.patch(&place, &json!({ "scopes": ["instep:read"] }))
        .await
        .expect(200);
    let done = browser.submit(&page, AUTHORIZE, &[("decision", "allow")]).await;
    let got_a_code = done.status == 303 && query(&done).iter().any(|(name, _)| name == "code");
    assert!(!got_a_code, "{} {}", done.status, done.text);
    // The address itself may be what was taken back.
    api.patch(&place, &json!({ "scopes": ["Identity:SCIM"] }))
        .await
        .expect(200);
    let pages = [
        browser.get(&request(&app, "Identity:SCIM")).await,
        browser.get(&request(&app, "Identity:SCIM")).await,
    ];
    api.patch(
        &place,
        &json!({ "redirects": ["https://elsewhere.example/callback"] }),
    )
    .await
    .expect(200);
    for (page, decision) in pages.iter().zip(["allow", "deny"]) {
        let done = browser.submit(page, AUTHORIZE, &[("decision", decision)]).await;
        assert_ne!(done.status, 303, "{decision}");
    }
    assert_eq!(
        api.get("/grants").await.expect(200)["items"],
        Value::Array(vec![])
    );
}
