//! Second factors at sign-in: an authenticator app, and recovery codes.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Browser, PASSWORD, Page, administrator, somebody, totp};
use crate::on_both;
use crate::world::{Organization, World, cause};

on_both!(
    a_code_is_asked_for_behind_the_password,
    each_code_is_taken_once,
    of_many_at_once_one_is_let_in,
    recovery_codes_are_good_once,
    guesses_are_counted,
    half_a_sign_in_opens_nothing,
    what_was_begun_before_a_factor_was_there_is_over,
    a_made_up_password_comes_behind_the_factor,
);

pub(crate) const APP: &str = "/account/authenticator";
pub(crate) const HALF: &str = "action=\"/sign-in/factor\"";
/// So long a code is the present one.
pub(crate) const STEP: Duration = Duration::from_secs(30);

/// What an authenticator app was given.
pub(crate) struct App {
    pub(crate) secret: String,
    pub(crate) recovery_codes: Vec<String>,
}

impl App {
    /// The code that it shows now.
    pub(crate) fn code(&self, world: &World) -> String {
        totp::code(&self.secret, world.store.ambient().now())
    }

    /// One that was not shown before.
    pub(crate) fn next(&self, world: &World) -> String {
        world.clock.advance(STEP);
        self.code(world)
    }

    pub(crate) fn read(page: &Page) -> Self {
        let secret = page.text.split("<p class=\"key\"><code>").nth(1);
        let secret = secret.and_then(|rest| rest.split('<').next()).expect("a key");
        Self {
            secret: secret.replace(' ', ""),
            recovery_codes: Vec::new(),
        }
    }
}

pub(crate) fn recovery_codes(page: &Page) -> Vec<String> {
    let items = page.text.split("<li><code>").skip(1);
    items
        .filter_map(|item| item.split('<').next().map(str::to_owned))
        .collect()
}

/// Somebody signed in sets up an app.
pub(crate) async fn set_up(world: &World, browser: &Browser) -> App {
    let page = browser.get(APP).await;
    page.expect(200, "<svg class=\"qr\"");
    let mut app = App::read(&page);
    browser
        .submit(&page, APP, &[("code", "000000")])
        .await
        .expect(403, "That is not the code");
    let done = browser.submit(&page, APP, &[("code", &app.code(world))]).await;
    done.expect(200, "Your recovery codes");
    app.recovery_codes = recovery_codes(&done);
    assert_eq!(app.recovery_codes.len(), 10);
    app
}

/// A full administrator with an app, signed out: the address and the app.
pub(crate) async fn with_an_app(world: &World, org: &Organization) -> (String, App) {
    let address = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let app = set_up(world, &browser).await;
    world.clock.advance(STEP);
    (address, app)
}

pub(crate) async fn types(world: &World, org: &Organization, event: &str) -> Vec<Value> {
    let _ = world;
    let events = org.api().get(&format!("/events?type={event}")).await.expect(200);
    events["items"].as_array().cloned().unwrap_or_default()
}

async fn a_code_is_asked_for_behind_the_password(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let browser = Browser::new(world);
    let half = browser.sign_in_for("/account/token", &address, PASSWORD).await;
    half.expect(200, HALF).expect(200, "Northwind");
    assert_eq!(browser.cookie("instep-session"), None, "nobody is in yet");
    let code = app.code(world);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let entered = browser
        .submit(&half, "/sign-in/factor", &[("code", &spaced)])
        .await;
    entered.leads_to("/account/token");
    browser
        .get("/account")
        .await
        .expect(200, "Authenticator app")
        .expect(200, "10 left");
    let added = types(world, &world.plain, "user_factor_add").await;
    assert_eq!(added.len(), 1);
    assert_eq!(added[0]["detail"]["factor"], "authenticator");
    for event in ["user_factor_add", "user_login_attempt"] {
        let told = json!(types(world, &world.plain, event).await).to_string();
        assert!(!told.contains(&app.secret) && !told.contains(&code), "{told}");
    }
}

async fn each_code_is_taken_once(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let used = app.next(world);
    let try_with = async |code: &str| {
        let browser = Browser::new(world);
        let half = browser.sign_in(&address, PASSWORD).await;
        browser.submit(&half, "/sign-in/factor", &[("code", code)]).await
    };
    try_with(&used).await.leads_to("/account");
    try_with(&used).await.expect(403, "was used before");
    world.clock.advance(STEP);
    // Its own step is past, and would be taken, had it not been used.
    try_with(&used).await.expect(403, "was used before");
    let late = app.code(world);
    world.clock.advance(STEP);
    try_with(&late).await.leads_to("/account");
    let older = totp::code(&app.secret, world.store.ambient().now() - Duration::from_secs(90));
    try_with(&older).await.expect(403, "is wrong");
}

async fn of_many_at_once_one_is_let_in(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    for code in [app.next(world), app.recovery_codes[0].clone()] {
        let mut halves = Vec::new();
        for _ in 0..4 {
            let browser = Browser::new(world);
            let half = browser.sign_in(&address, PASSWORD).await;
            halves.push((browser, half));
        }
        let tries = halves.iter().map(async |(browser, half)| {
            let answer = browser.submit(half, "/sign-in/factor", &[("code", &code)]).await;
            answer.status
        });
        let answers = futures_util::future::join_all(tries).await;
        let entered = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(entered, 1, "{answers:?}");
    }
}

async fn recovery_codes_are_good_once(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let enter = async |code: &str| {
        let browser = Browser::new(world);
        let half = browser.sign_in(&address, PASSWORD).await;
        let answer = browser.submit(&half, "/sign-in/factor", &[("code", code)]).await;
        (browser, answer)
    };
    let first = &app.recovery_codes[0];
    let (browser, answer) = enter(&first.to_uppercase().replace('-', " ")).await;
    answer.leads_to("/account");
    enter(first).await.1.expect(403, "was used before");
    let account = browser.get("/account").await;
    account.expect(200, "9 left");
    let used = types(world, &world.plain, "user_recovery_code_use").await;
    assert_eq!(used.len(), 1);
    // New ones end those before.
    let renewed = browser.submit(&account, "/account/recovery-codes", &[]).await;
    renewed.expect(200, "shown this once");
    let fresh = recovery_codes(&renewed);
    assert_eq!(fresh.len(), 10);
    enter(&app.recovery_codes[1]).await.1.expect(403, "is wrong");
    enter(&fresh[9]).await.1.leads_to("/account");
    let told = json!(types(world, &world.plain, "user_recovery_codes").await).to_string();
    assert!(!told.contains(&fresh[0]), "{told}");
    // Nobody has any without a factor.
    somebody(world, &world.plain, "none@example.com").await;
    let none = Browser::new(world);
    none.sign_in("none@example.com", PASSWORD)
        .await
        .leads_to("/account");
    let mut fields = none.get("/account").await.hidden("/sign-out");
    fields.push(("x".to_owned(), String::new()));
    let origin = [("origin", world.address.as_str())];
    let refused = none.post("/account/recovery-codes", &fields, &origin).await;
    refused.expect(409, "come with a second factor");
}

async fn guesses_are_counted(world: &World) {
    let (address, app) = with_an_app(world, &world.plain).await;
    let half = async || {
        let browser = Browser::new(world);
        let half = browser.sign_in(&address, PASSWORD).await;
        half.expect(200, HALF);
        (browser, half)
    };
    // A right password between them takes nothing back.
    for _ in 0..4 {
        let (browser, page) = half().await;
        let wrong = browser
            .submit(&page, "/sign-in/factor", &[("code", "000000")])
            .await;
        wrong.expect(403, "is wrong");
    }
    let (browser, page) = half().await;
    let fifth = browser.submit(&page, "/sign-in/factor", &[("code", "x")]).await;
    fifth.expect(429, "Try again in 30 seconds.");
    assert_eq!(fifth.header("retry-after"), "30");
    let kept = browser
        .submit(&page, "/sign-in/factor", &[("code", &app.recovery_codes[0])])
        .await;
    assert_eq!(kept.status, 429, "nor does a right one let in now");
    world.clock.advance(Duration::from_secs(31));
    let (browser, page) = half().await;
    let entered = browser
        .submit(&page, "/sign-in/factor", &[("code", &app.code(world))])
        .await;
    entered.leads_to("/account");
    assert_eq!(types(world, &world.plain, "user_lockout").await.len(), 1);
}

async fn half_a_sign_in_opens_nothing(world: &World) {
    let org = &world.webex;
    let (address, app) = with_an_app(world, org).await;
    let browser = Browser::new(world);
    let half = browser.sign_in(&address, PASSWORD).await;
    half.expect(200, HALF);
    let asked = "/v1/authorize?response_type=token&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcode&client_id=\
                 C4ca14fe00b0e51efb414ebd45aa88c1858c3bfb949b2405dba10b0ca4bc37402";
    for place in ["/account", "/account/token", APP, asked] {
        let answer = browser.get(place).await;
        assert!(
            answer.header("location").starts_with("/sign-in?"),
            "{place}: {answer:?}"
        );
    }
    // What the form carries is for one form only, one browser, and a few minutes.
    for action in [
        "/sign-in/password",
        "/sign-in/organization",
        "/sign-in/authenticator",
    ] {
        let mut fields = half.hidden("/sign-in/factor");
        for (name, value) in [
            ("new", PASSWORD),
            ("again", PASSWORD),
            ("choice", "0"),
            ("code", "1"),
        ] {
            fields.push((name.to_owned(), value.to_owned()));
        }
        let origin = [("origin", world.address.as_str())];
        browser
            .post(action, &fields, &origin)
            .await
            .expect(403, "out of date");
    }
    let other = Browser::new(world);
    let others = other.sign_in(&address, PASSWORD).await;
    let mut fields = others.hidden("/sign-in/factor");
    fields.retain(|(name, _)| name == "form");
    fields.extend(
        half.hidden("/sign-in/factor")
            .into_iter()
            .filter(|(name, _)| name == "carried"),
    );
    fields.push(("code".to_owned(), app.code(world)));
    let origin = [("origin", world.address.as_str())];
    other
        .post("/sign-in/factor", &fields, &origin)
        .await
        .expect(403, "out of date");
    world.clock.advance(Duration::from_mins(11));
    let late = browser
        .submit(&half, "/sign-in/factor", &[("code", &app.code(world))])
        .await;
    late.expect(403, "out of date");
    assert_eq!(browser.cookie("instep-session"), None);
}

async fn what_was_begun_before_a_factor_was_there_is_over(world: &World) {
    let address = administrator(world, &world.plain).await;
    // Two organizations, so that something is carried behind the password alone.
    somebody(world, &world.webex, &address).await;
    let early = Browser::new(world);
    let choice = early.sign_in(&address, PASSWORD).await;
    choice.expect(200, "Choose an organization");
    let browser = Browser::new(world);
    let plain = |page: &Page| {
        if page.text.find("<strong>Northwind") < page.text.find("<strong>Hub") {
            "0"
        } else {
            "1"
        }
    };
    let page = browser.sign_in(&address, PASSWORD).await;
    let chosen = [("choice", plain(&page))];
    browser
        .submit(&page, "/sign-in/organization", &chosen)
        .await
        .leads_to("/account");
    set_up(world, &browser).await;
    let chosen = early.submit(&choice, "/sign-in/organization", &chosen).await;
    chosen.expect(200, HALF);
}

async fn a_made_up_password_comes_behind_the_factor(world: &World) {
    let org = &world.plain;
    let (address, app) = with_an_app(world, org).await;
    let user = org.api().get(&format!("/people/{address}")).await.expect(200);
    let user = user["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let reset = world
        .access
        .reset_password(&cause(), org.id, user)
        .await
        .expect("reset");
    let browser = Browser::new(world);
    let half = browser.sign_in(&address, reset.password.expose()).await;
    half.expect(200, HALF);
    let choose = browser
        .submit(&half, "/sign-in/factor", &[("code", &app.code(world))])
        .await;
    choose.expect(200, "Choose a password");
    let new = [
        ("new", "other words of my own"),
        ("again", "other words of my own"),
    ];
    browser
        .submit(&choose, "/sign-in/password", &new)
        .await
        .leads_to("/account");
    // With the factor gone, what was shown of it counts no more.
    let reset = world
        .access
        .reset_password(&cause(), org.id, user)
        .await
        .expect("reset");
    let half = browser.sign_in(&address, reset.password.expose()).await;
    let choose = browser
        .submit(&half, "/sign-in/factor", &[("code", &app.next(world))])
        .await;
    world
        .access
        .reset_factors(&cause(), org.id, user)
        .await
        .expect("reset");
    let over = browser.submit(&choose, "/sign-in/password", &new).await;
    over.expect(403, "out of date");
}
