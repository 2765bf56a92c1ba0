//! What a service may ask for: a name, a class, a fresh sign-in, or none that is seen.

use std::time::Duration;

use saml::message::{Comparison, NameIdPolicy, RequestedContext};
use saml::names::{context_class, name_id_format};
use serde_json::json;

use super::service::{CONSUMER, Service, handed_on, status};
use super::sign_in::{ADDRESS, traces, wiki};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, factors};
use crate::world::World;

on_both!(
    what_is_asked_for_is_given_or_refused,
    a_second_factor_is_told,
    a_fresh_sign_in_can_be_demanded,
    nobody_is_asked_if_that_is_not_wanted,
);

async fn what_is_asked_for_is_given_or_refused(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let ask = async |policy: Option<&str>, context: Option<(Comparison, &str)>| {
        let mut request = service.request(world);
        request.name_id_policy = policy.map(|format| NameIdPolicy {
            format: Some(format.to_owned()),
            ..NameIdPolicy::default()
        });
        request.requested_context = context.map(|(comparison, class)| RequestedContext {
            comparison,
            ..RequestedContext::exact([class])
        });
        let page = browser
            .get(&service.by_redirect(world, &request, None, None))
            .await;
        (request, page)
    };
    for format in [
        name_id_format::EMAIL_ADDRESS,
        name_id_format::PERSISTENT,
        name_id_format::TRANSIENT,
    ] {
        let (request, page) = ask(Some(format), None).await;
        let first = service.signed_in(world, &page, Some(&request)).await;
        let (request, page) = ask(Some(format), None).await;
        let second = service.signed_in(world, &page, Some(&request)).await;
        let [first, second] = [first, second].map(|one| one.assertion.subject.name_id.expect("a name"));
        assert_eq!(first.format(), format);
        // One that is made up each time is another one each time, and only that.
        assert_eq!(first.value == second.value, format != name_id_format::TRANSIENT);
        if format == name_id_format::PERSISTENT {
            assert_eq!(first.name_qualifier.as_deref(), Some(service.issuer.as_str()));
            assert!(first.value.len() >= 32 && !first.value.contains('@'));
        }
    }
    let (_, page) = ask(Some(name_id_format::KERBEROS), None).await;
    assert_eq!(status(&page), ["Requester", "InvalidNameIDPolicy"]);
    for (comparison, class, given) in [
        (
            Comparison::Exact,
            context_class::PASSWORD,
            Some(context_class::PASSWORD),
        ),
        (
            Comparison::Minimum,
            context_class::PASSWORD,
            Some(context_class::PASSWORD_PROTECTED_TRANSPORT),
        ),
        (Comparison::Exact, context_class::REFEDS_MFA, None),
        (
            Comparison::Better,
            context_class::PASSWORD_PROTECTED_TRANSPORT,
            None,
        ),
    ] {
        let (request, page) = ask(None, Some((comparison, class))).await;
        match given {
            Some(given) => {
                let signed_in = service.signed_in(world, &page, Some(&request)).await;
                assert_eq!(signed_in.context_class.as_deref(), Some(given));
            }
            None => assert_eq!(status(&page), ["Responder", "NoAuthnContext"], "{class}"),
        }
    }
    // What nobody can do is refused at once.
    let (_, page) = ask(None, Some((Comparison::Exact, context_class::SMARTCARD_PKI))).await;
    assert_eq!(status(&page), ["Requester", "NoAuthnContext"]);
}

async fn a_second_factor_is_told(world: &World) {
    let (address, app) = factors::with_an_app(world, &world.plain).await;
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let body = json!({ "scope": "all" });
    let path = format!("/apps/{}", service.app);
    world.plain.api().patch(&path, &body).await.expect(200);
    let browser = Browser::new(world);
    let page = browser.sign_in(&address, PASSWORD).await;
    let code = app.next(world);
    browser
        .submit(&page, "/sign-in/factor", &[("code", &code)])
        .await
        .leads_to("/account");
    let told = async |context: Option<&str>| {
        let mut request = service.request(world);
        request.requested_context = context.map(|class| RequestedContext::exact([class]));
        let page = browser
            .get(&service.by_redirect(world, &request, None, None))
            .await;
        let signed_in = service.signed_in(world, &page, Some(&request)).await;
        signed_in.context_class.expect("a class")
    };
    assert_eq!(told(None).await, context_class::TIME_SYNC_TOKEN);
    for class in [
        context_class::REFEDS_MFA,
        context_class::PASSWORD_PROTECTED_TRANSPORT,
    ] {
        assert_eq!(told(Some(class)).await, class, "that is true, too");
    }
    let contexts = json!({ "contexts": { "code": "urn:example:code" } });
    service.change(&world.plain, contexts).await;
    assert_eq!(told(None).await, "urn:example:code");
    // Each by itself: the others stay.
    let other = json!({ "contexts": { "password": "urn:example:password" } });
    let changed = service.change(&world.plain, other).await;
    assert_eq!(
        changed["settings"]["contexts"],
        json!({
            "password": "urn:example:password", "code": "urn:example:code",
            "passkey": context_class::REFEDS_MFA, "federated": "",
        })
    );
    assert_eq!(told(None).await, "urn:example:code");
}

async fn a_fresh_sign_in_can_be_demanded(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let mut request = service.request(world);
    request.force_authn = true;
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    let to = page.header("location").to_owned();
    assert!(page.status == 303 && to.starts_with("/sign-in?"), "{}", page.text);
    // The session from before does not do, however often one tries.
    let (_, carried) = to.split_once("state%3D").expect("a state");
    let on = format!("/saml2/wiki/continue?again=true&state={carried}");
    // Nor does it help to leave out what the sign-in pages are told.
    let page = browser.get(&on.replace("again=true&", "")).await;
    assert!(
        page.header("location").starts_with("/sign-in?to="),
        "{}",
        page.text
    );
    let page = browser.get(&on).await;
    assert!(
        page.status == 303 && page.header("location").starts_with("/sign-in?to="),
        "{}",
        page.text
    );
    let page = browser.get(&to).await;
    let page = browser
        .submit(&page, "/sign-in", &[("address", ADDRESS), ("password", PASSWORD)])
        .await;
    page.leads_to(&on);
    let page = browser.get(&on).await;
    let signed_in = service.signed_in(world, &page, Some(&request)).await;
    assert!(
        signed_in.assertion.authn_statements[0].instant >= request.head.issued - Duration::from_millis(1)
    );
    // What is carried is for this app, and for a while.
    let other = Service::set_up(world, &world.plain, "other").await;
    browser
        .get(&on.replace("wiki", &other.slug))
        .await
        .expect(403, "begun too long ago");
    world.clock.advance(Duration::from_mins(31));
    browser.get(&on).await.expect(403, "begun too long ago");
    assert_eq!(traces(world).await[0]["code"], "sso.too_late");
}

async fn nobody_is_asked_if_that_is_not_wanted(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    let passively = async || {
        let mut request = service.request(world);
        request.is_passive = true;
        let page = browser
            .get(&service.by_redirect(world, &request, Some("back"), None))
            .await;
        (request, page)
    };
    let (_, page) = passively().await;
    assert_eq!(status(&page), ["Responder", "NoPassive"]);
    assert_eq!(handed_on(&page, CONSUMER).relay_state.as_deref(), Some("back"));
    browser.sign_in(ADDRESS, PASSWORD).await;
    let (request, page) = passively().await;
    service.signed_in(world, &page, Some(&request)).await;
    let mut request = service.request(world);
    (request.is_passive, request.force_authn) = (true, true);
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    assert_eq!(status(&page), ["Responder", "NoPassive"]);
}
