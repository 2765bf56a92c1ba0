//! One's account, and how sessions end.

use std::time::Duration;

use serde_json::json;

use super::{Browser, PASSWORD, administrator, somebody};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    a_password_is_changed,
    sessions_are_listed_and_ended,
    sessions_end_with_their_person,
    who_it_is_is_shown_before_sessions_end,
    passwords_that_are_guessed_first_are_refused,
    every_page_leads_out,
    roles_are_given,
);

const OTHER: &str = "other words of my own";

async fn a_password_is_changed(world: &World) {
    let address = administrator(world, &world.plain).await;
    let (browser, elsewhere) = (Browser::new(world), Browser::new(world));
    for browser in [&browser, &elsewhere] {
        browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    }
    let account = browser.get("/account").await;
    let change = async |current, new, again| {
        let fields = [("current", current), ("new", new), ("again", again)];
        browser.submit(&account, "/account/password", &fields).await
    };
    change("wrong", OTHER, OTHER)
        .await
        .expect(403, "present password is wrong");
    change(PASSWORD, OTHER, "x").await.expect(400, "not the same");
    change(PASSWORD, "short", "short")
        .await
        .expect(400, "at least 12");
    change(PASSWORD, PASSWORD, PASSWORD)
        .await
        .expect(400, "choose another one");
    let before = browser.cookie("instep-session");
    change(PASSWORD, OTHER, OTHER)
        .await
        .expect(200, "Your password is changed");
    assert_ne!(browser.cookie("instep-session"), before);
    browser.get("/account").await.expect(200, "Full administrator");
    elsewhere.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    elsewhere
        .sign_in(&address, PASSWORD)
        .await
        .expect(403, "is wrong");
    elsewhere.sign_in(&address, OTHER).await.leads_to("/account");
}

async fn sessions_are_listed_and_ended(world: &World) {
    let address = administrator(world, &world.plain).await;
    let other = somebody(world, &world.plain, "other@example.com").await;
    let (one, two, theirs) = (Browser::new(world), Browser::new(world), Browser::new(world));
    one.sign_in(&address, PASSWORD).await.leads_to("/account");
    two.sign_in(&address, PASSWORD).await.leads_to("/account");
    theirs
        .sign_in("other@example.com", PASSWORD)
        .await
        .leads_to("/account");
    let api = world.plain.api();
    let all = api.get("/sessions").await.expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(3), "{all}");
    let own = api.get("/sessions?person=other@example.com").await.expect(200);
    let session = &own["items"][0];
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        session["person"],
        json!({ "id": other, "user_name": "other@example.com" })
    );
    assert_eq!(session["client_ip"], "127.0.0.1");
    let page = api.get("/sessions?limit=2").await.expect(200);
    let next = page["next"].as_str().expect("more");
    let rest = api
        .get(&format!("/sessions?limit=2&after={next}"))
        .await
        .expect(200);
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        world.webex.api().get("/sessions").await.expect(200)["items"],
        json!([])
    );
    // Somebody else's cannot be ended from one's own page.
    let id = session["id"].as_str().expect("an id").to_owned();
    let account = theirs.get("/account").await;
    let foreign = all["items"][0]["id"].as_str().expect("an id");
    let mut fields = account.hidden("/sign-out");
    fields.push(("session".to_owned(), foreign.to_owned()));
    let origin = [("origin", world.address.as_str())];
    theirs.post("/account/sessions", &fields, &origin).await;
    one.get("/account").await.expect(200, "this browser");
    // One's own can.
    let account = one.get("/account").await;
    one.submit(&account, "/account/sessions", &[])
        .await
        .expect(200, "has ended");
    two.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    // An administrator ends whose it may be.
    api.delete(&format!("/sessions/{id}")).await.expect(204);
    theirs.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    api.delete(&format!("/sessions/{id}"))
        .await
        .problem(404, "session.unknown");
    api.delete("/sessions/x").await.problem(404, "session.unknown");
}

async fn sessions_end_with_their_person(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let user = somebody(world, &world.plain, "anna@example.com").await;
    let browser = Browser::new(world);
    let begin = async || {
        browser
            .sign_in("anna@example.com", PASSWORD)
            .await
            .leads_to("/account");
        browser.get("/account").await.expect(200, "Northwind");
    };
    let is_out = async || {
        let page = browser.get("/account").await;
        page.leads_to("/sign-in?to=%2Faccount");
    };
    begin().await;
    for active in [false, true] {
        let body = json!({ "Operations": [{ "op": "replace", "path": "active", "value": active }] });
        scim.patch(&format!("/Users/{user}"), &body).await.expect(200);
        // Nor does it come back with the person.
        is_out().await;
    }
    begin().await;
    world
        .access
        .reset_password(&cause(), world.plain.id, user)
        .await
        .expect("reset");
    is_out().await;
    super::give_password(world, world.plain.id, user).await;
    begin().await;
    api.delete(&format!("/people/{user}")).await.expect(204);
    is_out().await;
    assert_eq!(api.get("/sessions").await.expect(200)["items"], json!([]));
}

async fn who_it_is_is_shown_before_sessions_end(world: &World) {
    let address = administrator(world, &world.plain).await;
    let (one, two) = (Browser::new(world), Browser::new(world));
    for browser in [&one, &two] {
        browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    }
    world.clock.advance(Duration::from_mins(11));
    let account = one.get("/account").await;
    let ended = one.submit(&account, "/account/sessions", &[]).await;
    ended.leads_to("/account/confirm?to=%2Faccount");
    two.get("/account").await.expect(200, "Full administrator");
    let confirm = one.get("/account/confirm?to=%2Faccount").await;
    one.submit(&confirm, "/account/confirm", &[("shown", PASSWORD)])
        .await
        .leads_to("/account");
    let account = one.get("/account").await;
    let ended = one.submit(&account, "/account/sessions", &[]).await;
    ended.expect(200, "has ended");
    two.get("/account").await.leads_to("/sign-in?to=%2Faccount");
}

async fn passwords_that_are_guessed_first_are_refused(world: &World) {
    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let account = browser.get("/account").await;
    for (new, said) in [
        ("1qaz2wsx3edc", "guessed first"),
        ("Password-2026", "guessed first"),
        ("Northwind-2026", "little more than names"),
        ("InstepPassword1", "little more than names"),
    ] {
        let fields = [("current", PASSWORD), ("new", new), ("again", new)];
        let changed = browser.submit(&account, "/account/password", &fields).await;
        changed.expect(400, said);
    }
    Browser::new(world)
        .sign_in(&address, PASSWORD)
        .await
        .leads_to("/account");
}

async fn every_page_leads_out(world: &World) {
    let address = administrator(world, &world.webex).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let app = crate::oauth_clients::register(&world.webex, "public").await;
    let consent = app.request();
    for page in [
        "/account",
        "/account/token",
        "/account/authenticator",
        "/account/passkey",
        "/account/confirm",
        "/sign-out",
        &consent,
    ] {
        let shown = browser.get(page).await;
        let leads = ["href=\"/sign-out\"", "action=\"/sign-out\""];
        assert!(
            leads.iter().any(|out| shown.text.contains(out)),
            "{page}: {}",
            shown.text
        );
    }
    let form = browser.get("/account/token").await;
    let made = browser.submit(&form, "/account/token", &[("for", "okta")]).await;
    made.expect(200, "href=\"/sign-out\"");
    let asked = browser.get("/sign-out").await;
    asked.expect(200, &address);
    let out = browser.submit(&asked, "/sign-out", &[]).await;
    out.leads_to("/signed-out");
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    browser.get("/sign-out").await.leads_to("/sign-in?to=%2Fsign-out");
    let sign_in = browser.get("/sign-in").await;
    assert!(!sign_in.text.contains("/sign-out\""), "{}", sign_in.text);
}

async fn roles_are_given(world: &World) {
    let api = world.plain.api();
    somebody(world, &world.plain, "anna@example.com").await;
    let browser = Browser::new(world);
    browser
        .sign_in("anna@example.com", PASSWORD)
        .await
        .leads_to("/account");
    browser.get("/account").await.expect(200, "No administrator role");
    let role = "/people/anna@example.com/role";
    for (name, title) in [
        ("id_readonly_admin", "Read-only administrator"),
        ("id_full_admin", "Full administrator"),
        ("none", "No administrator role"),
    ] {
        for _ in 0..2 {
            let given = api.put(role, &json!({ "role": name })).await.expect(200);
            assert_eq!(given["role"], name);
        }
        browser.get("/account").await.expect(200, title);
        let person = api.get("/people/anna@example.com").await.expect(200);
        assert_eq!(person["role"], name);
    }
    let events = api.get("/events?type=user_admin_granted").await.expect(200);
    assert_eq!(
        events["items"].as_array().map(Vec::len),
        Some(4),
        "the first administrator's, and only what changes"
    );
    api.put(role, &json!({ "role": "king" }))
        .await
        .problem(400, "role.unknown");
    api.put("/people/nobody/role", &json!({ "role": "none" }))
        .await
        .problem(404, "person.unknown");
    let last = json!({ "role": "id_readonly_admin" });
    api.put("/people/admin@northwind.example/role", &last)
        .await
        .problem(409, "person.last_admin");
}
