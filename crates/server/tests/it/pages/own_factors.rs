//! One's own second factors: who must have one, how they are changed and taken away, and how they are kept.

use std::time::Duration;

use access::Role;
use serde_json::{Value, json};

use super::factors::{APP, App, recovery_codes, set_up, types, with_an_app};
use super::{Browser, PASSWORD, administrator, somebody};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    who_must_have_one_sets_it_up_on_the_way_in,
    changes_want_a_fresh_proof,
    an_app_is_replaced_and_removed,
    the_operator_takes_factors_away,
    secrets_are_sealed,
);

async fn who_must_have_one_sets_it_up_on_the_way_in(world: &World) {
    let org = &world.plain;
    let address = administrator(world, org).await;
    somebody(world, org, "anna@example.com").await;
    let sign_in = async |address: &str| {
        let browser = Browser::new(world);
        let page = browser.sign_in(address, PASSWORD).await;
        (browser, page)
    };
    for (policy, of_administrators, of_all) in [
        ("optional", false, false),
        ("administrators", true, false),
        ("all", true, true),
    ] {
        world.set(org, "sign_in.second_factor", policy).await;
        for (address, demanded) in [
            (address.as_str(), of_administrators),
            ("anna@example.com", of_all),
        ] {
            let (browser, page) = sign_in(address).await;
            if demanded {
                page.expect(200, "wants a second factor");
                assert_eq!(browser.cookie("instep-session"), None, "{policy}");
            } else {
                page.leads_to("/account");
            }
        }
    }
    let (browser, page) = sign_in("anna@example.com").await;
    let mut app = App::read(&page);
    let wrong = browser
        .submit(&page, "/sign-in/authenticator", &[("code", "000000")])
        .await;
    wrong.expect(403, "That is not the code");
    assert_eq!(App::read(&wrong).secret, app.secret, "it may be typed again");
    let code = app.code(world);
    let done = browser
        .submit(&wrong, "/sign-in/authenticator", &[("code", &code)])
        .await;
    done.expect(200, "Your recovery codes")
        .expect(200, "href=\"/account\"");
    app.recovery_codes = recovery_codes(&done);
    let account = browser.get("/account").await;
    account.expect(200, "Your organization demands it");
    // Nobody who knows but the password puts another app in its place, and nobody does without.
    let again = browser
        .submit(&page, "/sign-in/authenticator", &[("code", &code)])
        .await;
    again.expect(403, "out of date");
    let mut fields = account.hidden("/sign-out");
    fields.push(("x".to_owned(), String::new()));
    let origin = [("origin", world.address.as_str())];
    let removed = browser
        .post("/account/authenticator/remove", &fields, &origin)
        .await;
    removed.expect(409, "demands a second factor");
    let (browser, page) = sign_in("anna@example.com").await;
    let entered = browser
        .submit(&page, "/sign-in/factor", &[("code", &app.next(world))])
        .await;
    entered.leads_to("/account");
}

async fn changes_want_a_fresh_proof(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let browser = Browser::new(world);
    let half = browser.sign_in(&address, PASSWORD).await;
    let entered = browser
        .submit(&half, "/sign-in/factor", &[("code", &app.code(world))])
        .await;
    entered.leads_to("/account");
    let token = browser.get("/account/token").await;
    token.expect(200, "JumpCloud");
    world.clock.advance(Duration::from_mins(5));
    let account = browser.get("/account").await;
    let set = browser.get(APP).await;
    world.clock.advance(Duration::from_secs(301));
    let lead = |to: &str| format!("/account/confirm?to={}", to.replace('/', "%2F"));
    for place in ["/account/token", APP] {
        browser.get(place).await.leads_to(&lead(place));
    }
    browser
        .submit(&token, "/account/token", &[("for", "okta")])
        .await
        .leads_to(&lead("/account/token"));
    let other = App::read(&set);
    browser
        .submit(&set, APP, &[("code", &other.code(world))])
        .await
        .leads_to(&lead(APP));
    for action in ["/account/authenticator/remove", "/account/recovery-codes"] {
        browser
            .submit(&account, action, &[])
            .await
            .leads_to(&lead("/account"));
    }
    let confirm = browser.get(&lead("/account/token")).await;
    confirm.expect(200, "Code from your authenticator app");
    for wrong in [PASSWORD, "000000"] {
        let refused = browser
            .submit(&confirm, "/account/confirm", &[("shown", wrong)])
            .await;
        refused.expect(403, "The code is wrong");
    }
    let right = [("shown", app.code(world))].map(|(name, code)| (name, code));
    let fields: Vec<(&str, &str)> = right.iter().map(|(name, code)| (*name, code.as_str())).collect();
    browser
        .submit(&confirm, "/account/confirm", &fields)
        .await
        .leads_to("/account/token");
    browser.get("/account/token").await.expect(200, "JumpCloud");
    // Without a factor it is the password; and nobody is sent away.
    somebody(world, &world.plain, "anna@example.com").await;
    let anna = Browser::new(world);
    anna.sign_in("anna@example.com", PASSWORD)
        .await
        .leads_to("/account");
    world.clock.advance(Duration::from_secs(601));
    let confirm = anna.get("/account/confirm?to=https%3A%2F%2Fevil.example").await;
    anna.submit(&confirm, "/account/confirm", &[("shown", "wrong")])
        .await
        .expect(403, "The password is wrong");
    anna.submit(&confirm, "/account/confirm", &[("shown", PASSWORD)])
        .await
        .leads_to("/account");
    anna.get(APP).await.expect(200, "Set up an authenticator app");
}

async fn an_app_is_replaced_and_removed(world: &World) {
    let (address, old) = with_an_app(world, &world.plain).await;
    let browser = Browser::new(world);
    let half = browser.sign_in(&address, PASSWORD).await;
    browser
        .submit(&half, "/sign-in/factor", &[("code", &old.code(world))])
        .await
        .leads_to("/account");
    let page = browser.get(APP).await;
    page.expect(200, "Replace your app");
    let new = App::read(&page);
    let code = new.code(world);
    browser
        .submit(&page, APP, &[("code", &code)])
        .await
        .expect(200, "The app is replaced");
    browser.get("/account").await.expect(200, "10 left");
    let try_with = async |code: &str| {
        let browser = Browser::new(world);
        let half = browser.sign_in(&address, PASSWORD).await;
        browser.submit(&half, "/sign-in/factor", &[("code", code)]).await
    };
    try_with(&old.next(world)).await.expect(403, "is wrong");
    try_with(&new.code(world)).await.leads_to("/account");
    try_with(&old.recovery_codes[0]).await.leads_to("/account");
    let account = browser.get("/account").await;
    let removed = browser
        .submit(&account, "/account/authenticator/remove", &[])
        .await;
    removed.expect(200, "The app is removed");
    Browser::new(world)
        .sign_in(&address, PASSWORD)
        .await
        .leads_to("/account");
    browser
        .get("/account")
        .await
        .expect(200, "Set up an authenticator app");
    assert_eq!(types(world, &world.plain, "user_factor_remove").await.len(), 1);
}

async fn the_operator_takes_factors_away(world: &World) {
    let org = &world.plain;
    let (address, app) = with_an_app(world, org).await;
    let browser = Browser::new(world);
    let half = browser.sign_in(&address, PASSWORD).await;
    browser
        .submit(&half, "/sign-in/factor", &[("code", &app.code(world))])
        .await
        .leads_to("/account");
    let user = org.api().get(&format!("/people/{address}")).await.expect(200);
    let user = user["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let had = world
        .access
        .reset_factors(&cause(), org.id, user)
        .await
        .expect("reset");
    assert!(had.any());
    browser.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    Browser::new(world)
        .sign_in(&address, PASSWORD)
        .await
        .leads_to("/account");
    assert_eq!(types(world, org, "user_factor_reset").await.len(), 1);
    // Whoever is gone leaves nothing behind.
    let second = somebody(world, org, "second@example.com").await;
    let role = json!({ "role": Role::FullAdmin.name() });
    org.api()
        .put(&format!("/people/{second}/role"), &role)
        .await
        .expect(200);
    let browser = Browser::new(world);
    browser
        .sign_in("second@example.com", PASSWORD)
        .await
        .leads_to("/account");
    set_up(world, &browser).await;
    org.api().delete(&format!("/people/{second}")).await.expect(204);
}

async fn secrets_are_sealed(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let user = world
        .plain
        .api()
        .get(&format!("/people/{address}"))
        .await
        .expect(200);
    let user = user["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let mut reader = world.store.reader();
    let kept = store::factors::authenticator(&mut reader, world.plain.id, user).await;
    let kept = kept.expect("asked").expect("there");
    let text = String::from_utf8_lossy(&kept.secret).into_owned();
    assert!(!text.contains(&app.secret));
    assert_eq!(format!("{kept:?}"), "Authenticator { .. }");
    // Another's does not open.
    let other = somebody(world, &world.plain, "other@example.com").await;
    let write = Put {
        org: world.plain.id,
        user: other,
        secret: kept.secret,
    };
    world.store.write(write).await.expect("written");
    let browser = Browser::new(world);
    let half = browser.sign_in("other@example.com", PASSWORD).await;
    let broken = browser
        .submit(&half, "/sign-in/factor", &[("code", &app.code(world))])
        .await;
    broken.expect(500, "on our side");
}

struct Put {
    org: base::OrgId,
    user: base::UserId,
    secret: Vec<u8>,
}

impl store::Write for Put {
    type Out = ();

    async fn run(&self, tx: &mut store::Tx<'_>) -> Result<(), store::Error> {
        store::factors::set_authenticator(tx, self.org, self.user, &self.secret, 0, &cause()).await
    }
}

/// What depends on `sign_in.second_factor`: of whom one is demanded.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> Value {
    let org = &world.plain;
    let mut seen = Vec::new();
    for (name, role) in [("officer", Role::ComplianceOfficer), ("plain", Role::None)] {
        let address = format!("{marker}-{name}@factors.example");
        let user = somebody(world, org, &address).await;
        let role = json!({ "role": role.name() });
        org.api()
            .put(&format!("/people/{user}/role"), &role)
            .await
            .expect(200);
        seen.push(Browser::new(world).sign_in(&address, PASSWORD).await.status);
    }
    json!(seen)
}
