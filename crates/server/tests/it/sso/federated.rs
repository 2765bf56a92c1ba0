//! People for whom an identity provider outside vouches, at our apps: what these are told of when and how they signed in.

use std::time::Duration;

use saml::message::{Comparison, RequestedContext};
use saml::names::context_class;
use saml::profile::service_provider::SignedIn;
use serde_json::{Value, json};

use super::service::{Service, status};
use crate::on_both;
use crate::pages::{Browser, Page, factors};
use crate::saml::service_provider::{DOMAIN, Estate, Said, person, request_of};
use crate::world::World;

on_both!(
    the_class_is_that_of_the_identity_provider_outside,
    a_second_factor_here_counts_behind_a_password_there,
    the_time_is_that_of_the_sign_in_outside,
    a_fresh_sign_in_is_demanded_outside_too,
    an_old_sign_in_outside_is_not_sold_as_a_fresh_one,
);

fn anna() -> String {
    format!("anna@{DOMAIN}")
}

/// An app that lets everybody in, and somebody from outside.
async fn wiki(world: &World) -> Service {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let path = format!("/apps/{}", service.app);
    let body = json!({ "scope": "all" });
    world.plain.api().patch(&path, &body).await.expect(200);
    person(&world.plain, &anna()).await;
    service
}

/// Signs in outside, as said.
async fn come(estate: &Estate<'_>, change: impl FnOnce(Said) -> Said) -> (Browser, Page) {
    let browser = Browser::new(estate.world);
    let request = estate.ask(&browser, "").await;
    let said = change(estate.said(Some(&request), &anna()));
    let page = estate.bring_home(&browser, &estate.idp.answer(&said), None).await;
    (browser, page)
}

async fn ask(
    world: &World,
    browser: &Browser,
    service: &Service,
    class: Option<(Comparison, &str)>,
) -> (Page, Option<SignedIn>) {
    let mut request = service.request(world);
    request.requested_context = class.map(|(comparison, class)| RequestedContext {
        comparison,
        ..RequestedContext::exact([class])
    });
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    let judged = service.judge(world, &page, Some(&request)).await;
    (page, judged.result.ok())
}

/// The class that is told; none where the service is refused.
async fn told(world: &World, browser: &Browser, service: &Service, class: Option<&str>) -> Option<String> {
    let (page, signed_in) = ask(
        world,
        browser,
        service,
        class.map(|class| (Comparison::Exact, class)),
    )
    .await;
    if signed_in.is_none() {
        assert_eq!(status(&page), ["Responder", "NoAuthnContext"], "{class:?}");
    }
    signed_in.map(|signed_in| signed_in.context_class.expect("a class"))
}

async fn the_class_is_that_of_the_identity_provider_outside(world: &World) {
    let estate = Estate::new(world).await;
    let service = wiki(world).await;
    let some = |class: &str| Some(class.to_owned());
    let (browser, _) = come(&estate, |said| said).await;
    let password = context_class::PASSWORD_PROTECTED_TRANSPORT;
    assert_eq!(told(world, &browser, &service, None).await, some(password));
    assert_eq!(
        told(world, &browser, &service, Some(password)).await,
        some(password)
    );
    assert_eq!(
        told(world, &browser, &service, Some(context_class::REFEDS_MFA)).await,
        None
    );
    // One of which nothing is known here can be asked for.
    let card = context_class::SMARTCARD_PKI;
    let (browser, _) = come(&estate, |said| Said {
        context: some(card),
        ..said
    })
    .await;
    assert_eq!(told(world, &browser, &service, None).await, some(card));
    assert_eq!(told(world, &browser, &service, Some(card)).await, some(card));
    assert_eq!(
        told(world, &browser, &service, Some(password)).await,
        None,
        "nobody saw a password"
    );
    service
        .change(
            &world.plain,
            json!({ "contexts": { "federated": "urn:example:outside" } }),
        )
        .await;
    assert_eq!(
        told(world, &browser, &service, None).await,
        some("urn:example:outside")
    );
    assert_eq!(told(world, &browser, &service, Some(card)).await, some(card));
    // Whoever has said nothing of it.
    service
        .change(&world.plain, json!({ "contexts": { "federated": "" } }))
        .await;
    let (browser, _) = come(&estate, |said| Said {
        context: None,
        ..said
    })
    .await;
    assert_eq!(
        told(world, &browser, &service, None).await,
        some(context_class::UNSPECIFIED)
    );
    assert_eq!(told(world, &browser, &service, Some(password)).await, None);
}

async fn a_second_factor_here_counts_behind_a_password_there(world: &World) {
    let estate = Estate::new(world).await;
    let service = wiki(world).await;
    let (browser, _) = come(&estate, |said| said).await;
    let app = factors::set_up(world, &browser).await;
    for (class, expected) in [
        (
            Some(context_class::PASSWORD),
            Some(context_class::TIME_SYNC_TOKEN),
        ),
        (None, None),
    ] {
        let (browser, page) = come(&estate, |said| Said {
            context: class.map(str::to_owned),
            ..said
        })
        .await;
        let code = app.next(world);
        browser
            .submit(&page, "/sign-in/factor", &[("code", &code)])
            .await
            .leads_to("/account");
        for wanted in [context_class::TIME_SYNC_TOKEN, context_class::REFEDS_MFA] {
            let given = told(world, &browser, &service, Some(wanted)).await;
            assert_eq!(given.as_deref(), expected.map(|_| wanted), "{class:?}");
        }
        let first = told(world, &browser, &service, None).await;
        assert_eq!(first.as_deref(), expected.or(Some(context_class::UNSPECIFIED)));
    }
}

async fn the_time_is_that_of_the_sign_in_outside(world: &World) {
    let estate = Estate::new(world).await;
    let service = wiki(world).await;
    let then = world.store.ambient().now() - Duration::from_hours(2);
    let (browser, _) = come(&estate, |said| Said {
        authenticated: Some(then),
        ..said
    })
    .await;
    let (_, signed_in) = ask(world, &browser, &service, None).await;
    let instant = signed_in.expect("signed in").assertion.authn_statements[0].instant;
    assert!(
        then.since(instant) < Duration::from_secs(1) && instant.since(then) < Duration::from_secs(1),
        "{instant}, and not {then}"
    );
}

/// A service asks for a fresh sign-in of somebody who is signed in; gives its request, where it goes on, and what is asked
/// outside.
async fn demand(
    world: &World,
    browser: &Browser,
    service: &Service,
) -> (saml::message::AuthnRequest, String, Page) {
    let mut request = service.request(world);
    request.force_authn = true;
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    let to = page.header("location").to_owned();
    assert!(
        page.status == 303 && to.starts_with("/sign-in?to="),
        "{}",
        page.text
    );
    let page = browser.get(&to).await;
    let led = browser.submit(&page, "/sign-in", &[("address", &anna())]).await;
    led.expect(200, "You are led there");
    let login = led
        .text
        .split("href=\"")
        .find(|rest| rest.starts_with("/idb/saml2/"));
    let login = login.and_then(|rest| rest.split('"').next()).expect("a link");
    let page = browser
        .get(&login.replace("&#38;", "&").replace("&amp;", "&"))
        .await;
    (request, to, page)
}

async fn a_fresh_sign_in_is_demanded_outside_too(world: &World) {
    let estate = Estate::new(world).await;
    let service = wiki(world).await;
    let (browser, _) = come(&estate, |said| said).await;
    world.clock.advance(Duration::from_mins(20));
    let (request, _, page) = demand(world, &browser, &service).await;
    let asked = request_of(page.header("location"));
    assert!(asked.force_authn, "the identity provider outside is to ask anew");
    let xml = estate.idp.answer(&estate.said(Some(&asked.head.id), &anna()));
    let page = estate.bring_home(&browser, &xml, None).await;
    let on = page.header("location").to_owned();
    assert!(on.starts_with("/saml2/wiki/continue?"), "{on}");
    let page = browser.get(&on).await;
    let signed_in = service.signed_in(world, &page, Some(&request)).await;
    let instant = signed_in.assertion.authn_statements[0].instant;
    assert!(
        instant + Duration::from_millis(1) >= request.head.issued,
        "{instant}"
    );
}

async fn an_old_sign_in_outside_is_not_sold_as_a_fresh_one(world: &World) {
    // Who begins by itself is asked for a fresh sign-in too, and may tell of an old one all the same.
    let estate = Estate::with(
        world,
        json!({ "profile": "idp_initiated", "target_parameter": "TARGET" }),
    )
    .await;
    let service = wiki(world).await;
    let old = |said: Said| {
        let then = said.now - Duration::from_hours(1);
        Said {
            authenticated: Some(then),
            ..said
        }
    };
    let browser = Browser::new(world);
    let first = old(estate.said(None, &anna()));
    estate
        .bring_home(&browser, &estate.idp.answer(&first), Some("/account"))
        .await;
    let (_, to, page) = demand(world, &browser, &service).await;
    assert!(request_of(page.header("location")).force_authn);
    let target = url::form_urlencoded::parse(to.split_once('?').expect("a query").1.as_bytes())
        .find(|(name, _)| name == "to")
        .expect("a target")
        .1
        .into_owned();
    let again = old(estate.said(None, &anna()));
    estate
        .bring_home(&browser, &estate.idp.answer(&again), None)
        .await
        .leads_to("/account");
    let page = browser.get(&target).await;
    assert_eq!(status(&page), ["Responder", "AuthnFailed"]);
    let traces: Value = world.plain.api().get("/saml-traces?limit=1").await.expect(200);
    assert_eq!(traces["items"][0]["code"], "sso.not_anew");
}
