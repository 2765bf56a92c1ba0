//! A test tells what a sign-in would meet once the identity provider is switched on, and makes and changes nobody.

use federation::service_provider::{Provider, Route, RouteTo};
use federation::{Trace, TraceFilter};
use serde_json::{Value, json};

use super::accounts::of;
use super::idp::{Idp, Said, request_of};
use super::{DOMAIN, Estate, events, person, routes, verify};
use crate::on_both;
use crate::pages::{Browser, Page};
use crate::world::{World, cause};

on_both!(
    the_first_is_tested_before_there_are_routes,
    routes_are_judged_as_if_it_were_switched_on,
    whoever_would_be_made_is_tried,
    whoever_would_be_changed_is_tried,
);

/// Runs a test of an identity provider.
async fn run(estate: &Estate<'_>, (idp, provider): (&Idp, &Provider), make: impl Fn(Said) -> Said) -> Page {
    let world = estate.world;
    let address = server::sso_test_address(&world.state, estate.org.id, provider.id);
    let path = address
        .strip_prefix(&world.state.config.public_url)
        .expect("ours");
    let browser = Browser::new(world);
    let page = browser.get(path).await;
    let request = request_of(page.header("location")).head.id;
    let said = make(estate.said(Some(&request), ""));
    let page = estate.bring_home(&browser, &idp.answer(&said), None).await;
    assert_eq!(browser.cookie("instep-session"), None, "nobody is let in");
    page
}

/// Of somebody who is called so, with more that is said.
fn called<'s>(uid: &'s str, more: &'s [(&'s str, &'s str)]) -> impl Fn(Said) -> Said + 's {
    move |said| {
        let mut said = said.and(&[("uid", uid)]).and(more);
        uid.clone_into(&mut said.name_id.value);
        said
    }
}

async fn newest(estate: &Estate<'_>) -> Trace {
    let traces = estate
        .world
        .federation
        .traces(estate.org.id, &TraceFilter::default(), 1)
        .await;
    traces.expect("traces").remove(0)
}

/// The outcome of a check in the newest trace, with its detail.
async fn check(estate: &Estate<'_>, name: &str) -> Option<(String, String)> {
    let mut checks = newest(estate).await.checks.into_iter();
    let found = checks.find(|check| check.check == name);
    found.map(|check| (check.outcome, check.detail))
}

async fn is_tested(estate: &Estate<'_>, provider: &Provider) -> bool {
    let found = estate
        .world
        .federation
        .provider_by_id(estate.org.id, provider.id)
        .await;
    found.expect("asked").expect("there").tested.is_some()
}

async fn switch_off(estate: &Estate<'_>, provider: &Provider) {
    let federation = &estate.world.federation;
    federation
        .deactivate_provider(&cause(), estate.org.id, provider.id)
        .await
        .expect("off");
}

async fn the_first_is_tested_before_there_are_routes(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    person(estate.org, "guest").await;
    person(estate.org, "bert@elsewhere.example").await;
    let own = (&estate.idp, &estate.provider);
    switch_off(&estate, &estate.provider).await;
    world
        .federation
        .deactivate_sso(&cause(), estate.org.id)
        .await
        .expect("off");
    // An address of a domain that is not verified is nobody's, now as later.
    let page = run(&estate, own, called("bert@elsewhere.example", &[])).await;
    page.expect(200, "The test failed");
    page.expect(200, "its domain is not verified");
    assert!(!is_tested(&estate, &estate.provider).await);
    for uid in [anna.as_str(), "guest"] {
        let page = run(&estate, own, called(uid, &[])).await;
        page.expect(200, "Successful test");
        page.expect(200, "account.route");
        let route = check(&estate, "account.route").await;
        assert_eq!(route, Some(("passed".to_owned(), uid.to_owned())));
    }
    assert!(is_tested(&estate, &estate.provider).await);
}

async fn routes_are_judged_as_if_it_were_switched_on(world: &World) {
    let estate = Estate::new(world).await;
    let (idp, second) = routes::second(world, &estate).await;
    switch_off(&estate, &second).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let set = async |routes: Vec<Route>| {
        let set = world.federation.set_routes(&cause(), estate.org.id, routes).await;
        set.expect("set");
    };
    let refused = async |said: &str| {
        let page = run(&estate, (&idp, &second), called(&anna, &[])).await;
        page.expect(200, "The test failed");
        page.expect(200, said);
        let route = check(&estate, "account.route").await.expect("checked");
        assert_eq!(route.0, "failed", "{}", route.1);
        assert!(!is_tested(&estate, &second).await);
        let told = &events(world, estate.org.id, "sso_test").await[0];
        assert_eq!(told["code"], json!(24), "{told}");
    };
    let on = async |untested| {
        world
            .federation
            .activate_provider(&cause(), estate.org.id, second.id, untested)
            .await
            .is_ok()
    };
    // With another one in use and no routes it would vouch for nobody.
    refused("without any routes the first one").await;
    assert!(!on(false).await);
    let lead = |provider| Route {
        to: RouteTo::Domain(DOMAIN.to_owned()),
        provider,
    };
    set(vec![lead(estate.provider.id)]).await;
    refused("no route leads").await;
    // A route that leads to it counts although it is off, and leads nobody there yet.
    set(vec![lead(second.id)]).await;
    let led = world.federation.route_of_address(&anna).await.expect("asked");
    assert!(led.is_none());
    run(&estate, (&idp, &second), called(&anna, &[]))
        .await
        .expect(200, "Successful test");
    assert!(is_tested(&estate, &second).await);
    assert!(on(false).await);
    // And what was tested is so.
    let browser = Browser::new(world);
    let request = estate.ask(&browser, &format!("?provider={}", second.id)).await;
    let xml = idp.answer(&estate.said(Some(&request), &anna));
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
}

async fn whoever_would_be_made_is_tried(world: &World) {
    let mut estate = Estate::new(world).await;
    let group = json!({ "displayName": "Chemists" });
    let group = estate.org.scim().post("/Groups", &group).await.expect(201);
    estate
        .change(json!({ "auto_create": true, "joinable_groups": [group["id"]] }))
        .await;
    switch_off(&estate, &estate.provider).await;
    verify(world, estate.org, "other.example").await;
    let own = (&estate.idp, &estate.provider);
    let new = format!("new@{DOMAIN}");
    let whole = |address: &'static str| {
        [
            ("email", address),
            ("firstname", "Anna"),
            ("lastname", "Berg"),
            ("groupid", "Chemists"),
        ]
    };
    // Two people have the address, so that neither is meant by it; but the name is taken.
    let taken = format!("taken@{DOMAIN}");
    person(estate.org, &taken).await;
    let twin = json!({ "userName": "twin", "emails": [{ "value": taken, "primary": true }] });
    estate.org.scim().post("/Users", &twin).await.expect(201);
    let version = group["meta"]["version"].clone();
    let own_address = "new@people.example";
    for (uid, said, why) in [
        (&new, whole("new@elsewhere.example"), "is not verified"),
        (&taken, whole("taken@people.example"), "is taken by another user"),
    ] {
        let page = run(&estate, own, called(uid, &said)).await;
        page.expect(200, "The test failed");
        page.expect(200, why);
        let made = check(&estate, "account.create").await.expect("checked");
        assert_eq!(made.0, "failed");
        assert!(!is_tested(&estate, &estate.provider).await);
    }
    let route = Route {
        to: RouteTo::Domain("other.example".to_owned()),
        provider: estate.provider.id,
    };
    let set = world
        .federation
        .set_routes(&cause(), estate.org.id, vec![route])
        .await;
    set.expect("set");
    run(&estate, own, called(&new, &whole(own_address)))
        .await
        .expect(200, "The test failed");
    world
        .federation
        .set_routes(&cause(), estate.org.id, Vec::new())
        .await
        .expect("set");
    world.set(estate.org, "users.source", "scim").await;
    run(&estate, own, called(&new, &whole(own_address)))
        .await
        .expect(200, "people come in that way only");
    world.set(estate.org, "users.source", "none").await;
    assert!(!is_tested(&estate, &estate.provider).await);
    run(&estate, own, called(&new, &whole(own_address)))
        .await
        .expect(200, "Successful test");
    let made = check(&estate, "account.create").await.expect("checked");
    assert_eq!(made.1, "would be made; a test makes nobody");
    let joined = check(&estate, "account.group").await.expect("checked");
    assert_eq!(joined, ("passed".to_owned(), "Chemists".to_owned()));
    assert!(is_tested(&estate, &estate.provider).await);
    assert_eq!(of(world, &new).await, Value::Null, "nobody was made");
    let path = format!("/Groups/{}", group["id"].as_str().expect("an id"));
    let after = estate.org.scim().get(&path).await.expect(200);
    assert_eq!(after["meta"]["version"], version, "nor put into the group");
    assert!(world.letters(estate.org).await.is_empty());
    let made = events(world, estate.org.id, "user_create").await;
    assert!(made.iter().all(|event| event["source"] != "saml"), "{made:?}");
}

async fn whoever_would_be_changed_is_tried(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "auto_update": true })).await;
    switch_off(&estate, &estate.provider).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let own = (&estate.idp, &estate.provider);
    let said = [("email", "anna@elsewhere.example"), ("updateTimeStamp", "7")];
    let page = run(&estate, own, called(&anna, &said)).await;
    page.expect(200, "The test failed");
    page.expect(200, "is not verified");
    assert!(!is_tested(&estate, &estate.provider).await);
    let said = [("jobTitle", "Chief"), ("updateTimeStamp", "7")];
    run(&estate, own, called(&anna, &said))
        .await
        .expect(200, "Successful test");
    let updated = check(&estate, "account.update").await.expect("checked");
    assert_eq!(
        updated,
        (
            "passed".to_owned(),
            "would be brought up to date; a test changes nobody".to_owned()
        )
    );
    assert_eq!(of(world, &anna).await["title"], Value::Null);
    // Nor is it remembered that it was said: a sign-in changes what the test has not.
    world
        .federation
        .activate_provider(&cause(), estate.org.id, estate.provider.id, false)
        .await
        .expect("on");
    super::accounts::come(&estate, &anna, &said)
        .await
        .leads_to("/account");
    assert_eq!(of(world, &anna).await["title"], "Chief");
}
