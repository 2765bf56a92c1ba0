//! Whoever is led to the sign-in page and turns back there leaves a trace, and whoever goes on leaves one, too: not two.

use std::time::Duration;

use saml::binding::{Kind, post};
use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    whoever_turns_back_is_seen,
    a_form_and_what_is_read_again_count_once,
    strangers_leave_no_more_than_can_be_read,
);

const ADDRESS: &str = "barbara@northwind.example";

async fn set_up(world: &World) -> Service {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    service
}

/// The traces of the app, the newest first.
async fn traces(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/saml-traces?limit=100{query}");
    let page = world.plain.api().get(&path).await.expect(200);
    page["items"].as_array().cloned().expect("items")
}

async fn whoever_turns_back_is_seen(world: &World) {
    let service = set_up(world).await;
    let browser = Browser::new(world);
    // Nobody has asked who begins here.
    browser.get(&service.path()).await;
    assert_eq!(traces(world, "").await, Vec::<Value>::new());
    let ask = service.request(world);
    let page = browser
        .get(&service.by_redirect(world, &ask, Some("back"), None))
        .await;
    let sign_in = page.header("location").to_owned();
    assert!(sign_in.starts_with("/sign-in?to="), "{sign_in}");
    let seen = traces(world, "&outcome=under_way").await;
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (&seen[0]["code"], &seen[0]["action"], &seen[0]["role"]),
        (&json!(null), &json!("sign_in"), &json!("identity_provider"))
    );
    let path = format!("/saml-traces/{}", seen[0]["id"].as_str().expect("an id"));
    let trace = world.plain.api().get(&path).await.expect(200);
    let message = &trace["messages"][0];
    assert_eq!(
        (&message["direction"], &message["relay_state"]),
        (&json!("received"), &json!("back"))
    );
    let xml = message["xml"].as_str().expect("XML");
    assert!(xml.contains(&ask.head.id), "{xml}");
    assert!(!trace["checks"].as_array().expect("checks").is_empty());

    // Whoever goes on is one sign-in.
    let page = browser.get(&sign_in).await;
    let fields = [("address", ADDRESS), ("password", PASSWORD)];
    let page = browser.submit(&page, "/sign-in", &fields).await;
    let page = browser.get(page.header("location")).await;
    service.signed_in(world, &page, Some(&ask)).await;
    let seen = traces(world, "").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["outcome"], "succeeded");
    let path = format!("/saml-traces/{}", seen[0]["id"].as_str().expect("an id"));
    let trace = world.plain.api().get(&path).await.expect(200);
    assert_eq!(trace["messages"].as_array().map(Vec::len), Some(2), "{trace}");

    // So is one who comes back too late, and one who is not let in.
    let late = Browser::new(world);
    let page = late
        .get(&service.by_redirect(world, &service.request(world), None, None))
        .await;
    let (_, to) = page.header("location").split_once("?to=").expect("a place");
    let to = percent_encoding::percent_decode_str(to)
        .decode_utf8()
        .expect("text");
    world.clock.advance(Duration::from_mins(31));
    late.get(&to).await.expect(403, "begun too long ago");
    let seen = traces(world, "").await;
    assert_eq!((seen.len(), &seen[0]["code"]), (2, &json!("sso.too_late")));
    assert!(traces(world, "&outcome=under_way").await.is_empty());
}

async fn a_form_and_what_is_read_again_count_once(world: &World) {
    let service = set_up(world).await;
    let ask = service.request(world);
    let xml = ask.to_element().to_xml().expect("XML");
    let fields: Vec<_> = post::encode(Kind::Request, &xml, None)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let from = [
        ("origin", "https://wiki.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let page = Browser::new(world).post(&service.path(), &fields, &from).await;
    let place = page.header("location").to_owned();
    assert!(
        traces(world, "").await.is_empty(),
        "the browser has been led nowhere yet"
    );
    let browser = Browser::new(world);
    let page = browser.get(&place).await;
    browser.get(&place).await;
    browser.get(&place).await;
    assert_eq!(traces(world, "").await.len(), 1);
    let page = browser.get(page.header("location")).await;
    let fields = [("address", ADDRESS), ("password", PASSWORD)];
    let page = browser.submit(&page, "/sign-in", &fields).await;
    let page = browser.get(page.header("location")).await;
    handed_on(&page, CONSUMER);
    let seen = traces(world, "").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["outcome"], "succeeded");
    // Nothing that is over is taken away by the name of what was under way.
    Browser::new(world).get(&place).await;
    browser.get(&place).await;
    let outcomes: Vec<_> = traces(world, "")
        .await
        .iter()
        .map(|one| one["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["succeeded", "succeeded"]);
}

/// What is under way has limits of its own: it neither hides what has failed nor is hidden by it.
async fn strangers_leave_no_more_than_can_be_read(world: &World) {
    let service = set_up(world).await;
    let begin = async || {
        let ask = service.request(world);
        let path = service.by_redirect(world, &ask, None, None);
        Browser::new(world).get(&path).await
    };
    for _ in 0..52 {
        assert_eq!(begin().await.status, 303);
    }
    assert_eq!(traces(world, "&outcome=under_way").await.len(), 50);
    let broken = Browser::new(world).get("/saml2/wiki?SAMLRequest=*").await;
    assert_eq!(broken.status, 400);
    assert_eq!(traces(world, "&outcome=failed").await.len(), 1);
    // Whoever goes on is seen nevertheless.
    let ask = service.request(world);
    let browser = Browser::new(world);
    let path = service.by_redirect(world, &ask, None, None);
    let to = browser.get(&path).await.header("location").to_owned();
    let page = browser.get(&to).await;
    let fields = [("address", ADDRESS), ("password", PASSWORD)];
    let page = browser.submit(&page, "/sign-in", &fields).await;
    browser.get(page.header("location")).await;
    assert_eq!(traces(world, "&outcome=succeeded").await.len(), 1);
    world.clock.advance(Duration::from_hours(2));
    begin().await;
    assert_eq!(traces(world, "&outcome=under_way").await.len(), 51);
    // None of those was left out of what is told: they may have gone on.
    let events = world
        .plain
        .api()
        .get("/events?type=saml_left_out")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(0));
}
