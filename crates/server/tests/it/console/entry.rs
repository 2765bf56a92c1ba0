//! Who comes in, and who changes something.

use std::time::Duration;

use base::UserId;
use http::Method;
use serde_json::json;

use super::Desk;
use super::form::Form;
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, somebody};
use crate::partners::partner;
use crate::saml::service_provider::Estate;
use crate::world::World;

on_both!(
    strangers_are_kept_out_of_every_page,
    people_without_a_role_are_kept_out,
    who_reads_only_changes_nothing,
    after_a_while_one_is_asked_again_and_nothing_is_lost,
    a_form_from_before_signing_in_anew_is_shown_again,
    a_partner_sets_it_and_the_customer_sees_who,
    what_was_done_is_said_once_where_it_was,
    the_way_in_leads_to_the_own_organization,
);

/// A page of the console.
#[derive(Debug)]
struct Place {
    method: Method,
    path: String,
    /// Whether it is of something that only one organization has.
    is_of_one: bool,
}

/// Every page of the console, with ids of an organization that are there.
async fn places(estate: &Estate<'_>) -> Vec<Place> {
    let made = json!({ "template": "saml", "name": "Wiki" });
    let app = estate.org.api().post("/apps", &made).await.expect(201);
    let set = json!({ "slug": "wiki" });
    estate.org.api().put("/apps/Wiki/sso", &set).await.expect(201);
    let trace = estate.world.trace(estate.org).await;
    let all = server::endpoints().into_iter();
    let all: Vec<_> = all
        .filter(|one| one.path.starts_with("/console/"))
        .map(|one| {
            let path = one
                .path
                .replace("{org}", &estate.org.id.to_string())
                .replace("{provider}", &estate.provider.id.to_string())
                .replace("{app}", app["id"].as_str().expect("an id"))
                .replace("{trace}", &trace.to_string());
            assert!(!path.contains('{'), "what stands at {path}?");
            Place {
                method: one.method,
                path,
                is_of_one: one.path.matches('{').count() > 1,
            }
        })
        .collect();
    assert!(all.len() > 15, "{all:?}");
    all
}

/// Tries every page; each is refused with that status, and nothing is changed.
async fn refused_everywhere(estate: &Estate<'_>, places: &[Place], browser: &Browser, status: u16) {
    let before = state(estate).await;
    let account = browser.get("/account").await;
    let token = Form::with(&account, "action=\"/sign-out\"");
    let token = token.get("form").expect("a token").to_owned();
    for Place { method, path, .. } in places {
        let page = if *method == Method::GET {
            browser.get(path).await
        } else {
            let name = estate.provider.name.clone();
            let fields = ["activate", "deactivate", "remove", "add", "save"].map(|what| {
                [
                    ("form", token.as_str()),
                    ("do", what),
                    ("confirm", &name),
                    ("name", "x"),
                    ("template", "saml"),
                ]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
            });
            let mut last = None;
            for fields in fields {
                let page = browser
                    .post(path, &fields, &[("origin", browser.address())])
                    .await;
                assert_eq!(page.status, status, "{path}: {}", page.text);
                last = Some(page);
            }
            last.expect("a page")
        };
        assert_eq!(page.status, status, "{method} {path}: {}", page.text);
        for secret in [&estate.provider.name, &estate.idp.entity_id, "idp.example/sso"] {
            assert!(!page.text.contains(secret), "{path} tells {secret}");
        }
    }
    assert_eq!(state(estate).await, before);
}

async fn state(estate: &Estate<'_>) -> Vec<serde_json::Value> {
    let mut all = Vec::new();
    for path in [
        "/sso",
        "/sso/providers",
        "/sso/routes",
        "/sso/keys",
        "/apps",
        "/apps/Wiki/sso",
    ] {
        all.push(estate.org.api().get(path).await.expect(200));
    }
    all
}

async fn strangers_are_kept_out_of_every_page(world: &World) {
    let estate = Estate::new(world).await;
    let places = places(&estate).await;
    let address = administrator(world, &world.webex).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await;
    refused_everywhere(&estate, &places, &browser, 403).await;
    // Nor does the own console open what is another's.
    let (theirs, own) = (estate.org.id.to_string(), world.webex.id.to_string());
    let account = browser.get("/account").await;
    let token = Form::with(&account, "action=\"/sign-out\"");
    let fields = [
        ("form", token.get("form").expect("a token")),
        ("do", "activate"),
        ("untested", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    for place in &places {
        let (method, path) = (&place.method, place.path.replace(&theirs, &own));
        let page = if *method == Method::GET {
            browser.get(&path).await
        } else {
            browser
                .post(&path, &fields, &[("origin", browser.address())])
                .await
        };
        if place.is_of_one {
            assert_eq!(page.status, 404, "{method} {path}: {}", page.text);
        }
        for secret in [&estate.provider.name, &estate.idp.entity_id] {
            assert!(!page.text.contains(secret.as_str()), "{path} tells {secret}");
        }
    }
    // Nobody is led to the sign-in, and back from there.
    let path = format!("/console/{}/sso", estate.org.id);
    let page = Browser::new(world).get(&path).await;
    assert_eq!(page.status, 303);
    let to = page.header("location");
    assert!(to.starts_with("/sign-in?to="), "{to}");
    assert!(to.contains(&estate.org.id.to_string()), "{to}");
    // And what is no organization is none.
    browser
        .get("/console/nowhere/sso")
        .await
        .expect(400, "organization");
}

async fn give(estate: &Estate<'_>, user: UserId, role: &str) {
    let path = format!("/people/{user}/role");
    estate
        .org
        .api()
        .put(&path, &json!({ "role": role }))
        .await
        .expect(200);
}

async fn people_without_a_role_are_kept_out(world: &World) {
    let estate = Estate::new(world).await;
    let anna = somebody(world, estate.org, "anna@northwind.example").await;
    let places = places(&estate).await;
    for role in ["none", "id_compliance_officer"] {
        give(&estate, anna, role).await;
        let browser = Browser::new(world);
        browser.sign_in("anna@northwind.example", PASSWORD).await;
        refused_everywhere(&estate, &places, &browser, 403).await;
    }
}

async fn who_reads_only_changes_nothing(world: &World) {
    let estate = Estate::new(world).await;
    let anna = somebody(world, estate.org, "anna@northwind.example").await;
    give(&estate, anna, "id_readonly_admin").await;
    let browser = Browser::new(world);
    browser.sign_in("anna@northwind.example", PASSWORD).await;
    let before = state_of_all(&estate).await;
    let account = browser.get("/account").await;
    let token = Form::with(&account, "action=\"/sign-out\"");
    let token = token.get("form").expect("a token").to_owned();
    for Place { method, path, .. } in places(&estate).await {
        if method == Method::GET {
            let page = browser.get(&path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            for button in ["Save", "Add", "Unlink", "Import", "Remove"] {
                assert!(
                    !page.text.contains(&format!(">{button}</button>")),
                    "{path}: {button}"
                );
            }
            assert!(!page.text.contains("name=\"do\""), "{path}");
            continue;
        }
        for what in [
            "activate",
            "deactivate",
            "remove",
            "add",
            "save",
            "promote",
            "metadata",
            "identity",
            "set_up",
        ] {
            let fields = [
                ("form", &*token),
                ("do", what),
                ("confirm", &estate.provider.name),
                ("template", "saml"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
            let page = browser
                .post(&path, &fields, &[("origin", browser.address())])
                .await;
            page.expect(403, "Your role, Read-only administrator, does not allow this");
        }
    }
    let after = state_of_all(&estate).await;
    assert_eq!(after, before);
}

/// The same without the app, which is not there at first.
async fn state_of_all(estate: &Estate<'_>) -> Vec<serde_json::Value> {
    let mut all = Vec::new();
    for path in ["/sso", "/sso/providers", "/sso/routes", "/sso/keys"] {
        all.push(estate.org.api().get(path).await.expect(200));
    }
    all
}

async fn after_a_while_one_is_asked_again_and_nothing_is_lost(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let page = desk.get("/sso").await;
    world.clock.advance(Duration::from_mins(11));
    let mut form = Form::section(&page, "organization");
    form.set("settings.entity_id", "https://hub.example/sp");
    form.set("do", "save");
    let asked = desk.send("/sso", &form).await;
    asked.expect(403, "Show that it is still you");
    assert_eq!(desk.api("/sso").await["settings"]["entity_id"], json!(null));
    // What was filled in stands there, and can be sent once more when it was shown.
    let again = Form::section(&asked, "organization");
    assert_eq!(again.get("settings.entity_id"), Some("https://hub.example/sp"));
    let confirm = desk.browser.get("/account/confirm").await;
    let shown = desk
        .browser
        .submit(&confirm, "/account/confirm", &[("shown", PASSWORD)])
        .await;
    shown.leads_to("/account");
    let mut again = again;
    again.set("do", "save");
    desk.send("/sso", &again)
        .await
        .expect(200, "The settings are saved");
    let set = desk.api("/sso").await["settings"]["entity_id"].clone();
    assert_eq!(set, "https://hub.example/sp");
}

async fn a_form_from_before_signing_in_anew_is_shown_again(world: &World) {
    let address = administrator(world, &world.plain).await;
    let desk = Desk::of(world, &world.plain, &address).await;
    let page = desk.get("/sso").await;
    let mut form = Form::section(&page, "organization");
    form.set("settings.entity_id", "https://hub.example/sp");
    form.set("do", "save");
    let leave = desk.browser.get("/sign-out").await;
    desk.browser.submit(&leave, "/sign-out", &[]).await;
    desk.browser.sign_in(&address, PASSWORD).await;
    // Where the browser does not say that it comes from here, nothing of it is shown.
    let path = desk.path("/sso");
    let blind = desk.browser.post(&path, &form.fields, &[]).await;
    assert_eq!(blind.status, 403, "{}", blind.text);
    assert!(!blind.text.contains("hub.example"), "{}", blind.text);
    let elsewhere = [("origin", "https://elsewhere.example")];
    let foreign = desk.browser.post(&path, &form.fields, &elsewhere).await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
    assert!(!foreign.text.contains("hub.example"), "{}", foreign.text);
    let shown = desk.send("/sso", &form).await;
    shown.expect(403, "You have signed in anew since this page was opened");
    assert_eq!(desk.api("/sso").await["settings"]["entity_id"], json!(null));
    let mut again = Form::section(&shown, "organization");
    assert_eq!(again.get("settings.entity_id"), Some("https://hub.example/sp"));
    again.set("do", "save");
    desk.send("/sso", &again)
        .await
        .expect(200, "The settings are saved");
    let set = desk.api("/sso").await["settings"]["entity_id"].clone();
    assert_eq!(set, "https://hub.example/sp");
}

async fn a_partner_sets_it_and_the_customer_sees_who(world: &World) {
    let (browser, user, _) = partner(world).await;
    let desk = Desk {
        org: &world.plain,
        browser,
    };
    desk.get("").await.expect(200, "Northwind");
    let fields = [("settings.entity_id", "https://hub.example/sp")];
    desk.save("/sso", "organization", &fields)
        .await
        .expect(200, "The settings are saved");
    let set = desk.api("/sso").await["settings"]["entity_id"].clone();
    assert_eq!(set, "https://hub.example/sp");
    let events = desk.api("/events?limit=1").await;
    let event = &events["items"][0];
    assert_eq!(event["actor"]["kind"], "user", "{event}");
    assert_eq!(event["actor"]["id"], user.to_string(), "{event}");
    // Nor is the own organization's for whoever has no role there.
    let own = format!("/console/{}", world.webex.id);
    desk.browser.get(&own).await.expect(403, "Not for your role");
}

async fn what_was_done_is_said_once_where_it_was(world: &World) {
    let address = administrator(world, &world.plain).await;
    let desk = Desk::of(world, &world.plain, &address).await;
    let other = Desk::of(world, &world.plain, &address).await;
    let said = "role=\"status\"";
    let saved = async || {
        let page = desk.get("/sso").await;
        let mut form = Form::section(&page, "organization");
        form.set("do", "save");
        let answer = desk.post("/sso", &form).await;
        answer.leads_to(&desk.path("/sso"));
        desk.browser.cookie("instep-told").expect("it is told there")
    };
    let says = async |desk: &Desk<'_>, rest: &str| desk.get(rest).await.text.contains(said);
    saved().await;
    assert!(says(&desk, "/sso").await);
    assert!(!says(&desk, "/sso").await, "once");
    saved().await;
    assert!(!says(&desk, "/apps").await, "there");
    assert!(!says(&desk, "/sso").await, "it is over");
    let told = saved().await;
    other.browser.set_cookie("instep-told", &told);
    assert!(!says(&other, "/sso").await, "to whoever has done it");
    other.browser.set_cookie("instep-told", "made-up");
    assert!(!says(&other, "/sso").await, "nobody else makes it up");
}

async fn the_way_in_leads_to_the_own_organization(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    desk.browser.get("/console").await.leads_to(&desk.path(""));
    desk.get("").await.expect(200, "Single sign-on");
    desk.browser
        .get("/account")
        .await
        .expect(200, "href=\"/console\"");
    // Somebody without a role sees no way there.
    somebody(world, &world.plain, "anna@northwind.example").await;
    let browser = Browser::new(world);
    browser.sign_in("anna@northwind.example", PASSWORD).await;
    let account = browser.get("/account").await;
    assert!(!account.text.contains("href=\"/console\""), "{}", account.text);
}
