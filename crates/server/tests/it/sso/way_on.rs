//! From an app by an identity provider that begins by itself, and on to the app: what waits for the answer is longer than what
//! such a one hands back.

use serde_json::json;

use super::service::{CONSUMER, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, Page};
use crate::saml::service_provider::logout::way_on;
use crate::saml::service_provider::{DOMAIN, Estate, person};
use crate::world::World;

on_both!(whoever_comes_from_an_app_goes_on_to_it);

/// What the identity provider's page is to hand back.
fn target(page: &Page) -> String {
    let place = url::Url::parse(page.header("location")).expect("an address");
    let target = place.query_pairs().find(|(name, _)| name == "TARGET");
    target.expect("a target").1.into_owned()
}

async fn whoever_comes_from_an_app_goes_on_to_it(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "profile": "idp_initiated" })).await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let user = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let service = Service::set_up(world, &world.plain, "wiki").await;
    service.assign(&world.plain, user).await;
    // What does not pack well.
    let parts: Vec<String> = (0..62)
        .map(|_| format!("{:032x}", u128::from_be_bytes(world.store.ambient().random())))
        .collect();
    let long = parts.concat();
    let lead = async |browser: &Browser| {
        let ask = service.request(world);
        let page = browser
            .get(&service.by_redirect(world, &ask, Some(&long), None))
            .await;
        let sign_in = page.header("location").to_owned();
        assert!(sign_in.len() > 2_100, "{}", sign_in.len());
        let page = browser.get(&sign_in).await;
        let page = browser.submit(&page, "/sign-in", &[("address", &anna)]).await;
        (ask, target(&browser.get(&way_on(&page)).await))
    };
    let browser = Browser::new(world);
    let (ask, target) = lead(&browser).await;
    assert!(target.len() <= 80, "SAML bindings §3.4.3: {target}");
    let xml = estate.idp.answer(&estate.said(None, &anna));
    let page = estate.bring_home(&browser, &xml, Some(&target)).await;
    let place = page.header("location").to_owned();
    assert!(place.starts_with("/saml2/wiki/continue?"), "{place}");
    let page = browser.get(&place).await;
    let answered = handed_on(&page, CONSUMER);
    assert_eq!(answered.relay_state.as_deref(), Some(long.as_str()));
    service.signed_in(world, &page, Some(&ask)).await;
    // It leads on once, and only in the browser that was on its way there.
    let xml = estate.idp.answer(&estate.said(None, &anna));
    estate
        .bring_home(&Browser::new(world), &xml, Some(&target))
        .await
        .leads_to("/account");
    let another = Browser::new(world);
    let (_, target) = lead(&another).await;
    let xml = estate.idp.answer(&estate.said(None, &anna));
    let victim = Browser::new(world);
    victim.get("/sign-in").await;
    estate
        .bring_home(&victim, &xml, Some(&target))
        .await
        .expect(403, "in another browser");
    // What nobody has asked is shown as that: nothing was sent.
    let filter = federation::TraceFilter {
        role: Some("service_provider".to_owned()),
        ..federation::TraceFilter::default()
    };
    let traces = world.federation.traces(estate.org.id, &filter, 1).await;
    assert_eq!(traces.expect("traces")[0].messages.len(), 1);
}
