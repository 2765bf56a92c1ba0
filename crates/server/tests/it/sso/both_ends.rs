//! An organization whose people come by an identity provider and go on to apps: signing out goes both ways.

use saml::binding::Incoming;
use saml::message::{LogoutRequest, Status};
use saml::names::status_code;
use serde_json::json;

use super::service::Service;
use super::sign_out::{answer, by_redirect, request, sent_on, set_up, sign_in};
use crate::on_both;
use crate::pages::{Browser, Page};
use crate::saml::service_provider::logout::{self, SLO, way_on};
use crate::saml::service_provider::{DOMAIN, Estate, person};
use crate::world::World;

on_both!(
    an_app_is_answered_once_the_identity_provider_is_told,
    an_app_is_answered_whatever_comes_of_the_identity_provider,
    whoever_signs_out_here_is_signed_out_at_both_ends,
);

/// Somebody who has come by the identity provider, and gone on to two apps.
async fn everywhere<'w>(world: &'w World, browser: &Browser) -> (Estate<'w>, [Service; 2], LogoutRequest) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "logout_url": SLO })).await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let user = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let [wiki, lab] = [
        set_up(world, "wiki", "redirect").await,
        set_up(world, "lab", "redirect").await,
    ];
    for service in [&wiki, &lab] {
        service.assign(&world.plain, user).await;
    }
    estate.sign_in(browser, &anna).await.leads_to("/account");
    let at_wiki = sign_in(world, browser, &wiki).await;
    sign_in(world, browser, &lab).await;
    let name = at_wiki.assertion.subject.name_id.expect("a name");
    let index = at_wiki.session_index.expect("an index");
    let ask = request(world, &wiki, name, &[&index]);
    (estate, [wiki, lab], ask)
}

/// The request that the identity provider is sent, behind a page of ours.
async fn told(browser: &Browser, page: &Page) -> LogoutRequest {
    let place = page.header("location").to_owned();
    assert!(place.contains("/logout?begin="), "{place}");
    let page = browser.get(&place).await;
    logout::read(&sent_on(&page, SLO))
}

async fn an_app_is_answered_once_the_identity_provider_is_told(world: &World) {
    let browser = Browser::new(world);
    let (estate, [wiki, lab], mut ask) = everywhere(world, &browser).await;
    for (status, partial) in [
        (Status::success(), false),
        (
            Status::failure(status_code::RESPONDER, status_code::PARTIAL_LOGOUT, "no"),
            true,
        ),
    ] {
        if partial {
            // Once more.
            let anna = format!("anna@{DOMAIN}");
            estate.sign_in(&browser, &anna).await.leads_to("/account");
            let at_wiki = sign_in(world, &browser, &wiki).await;
            sign_in(world, &browser, &lab).await;
            let name = at_wiki.assertion.subject.name_id.expect("a name");
            ask = request(world, &wiki, name, &[]);
        }
        let page = browser
            .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
            .await;
        let asked = sent_on(&page, "https://lab.example/slo");
        let page = browser.get(&answer(world, &lab, &asked, Status::success())).await;
        let out = told(&browser, &page).await;
        assert_eq!(out.name_id.value, format!("anna@{DOMAIN}"));
        assert_eq!(out.session_indexes, ["_session"]);
        let page = browser.get(&logout::answer(&estate, &out.head.id, status)).await;
        let page = browser.get(page.header("location")).await;
        let answered: Incoming = sent_on(&page, "https://wiki.example/slo");
        assert_eq!(answered.relay_state.as_deref(), Some("bye"));
        assert!(
            answered
                .xml
                .contains(&format!("InResponseTo=\"{}\"", ask.head.id))
        );
        assert_eq!(
            answered.xml.contains("PartialLogout"),
            partial,
            "{}",
            answered.xml
        );
    }
}

/// What cannot be believed there is as good as a no, and a true answer behind it still counts.
async fn an_app_is_answered_whatever_comes_of_the_identity_provider(world: &World) {
    let browser = Browser::new(world);
    let (estate, [wiki, lab], ask) = everywhere(world, &browser).await;
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    let asked = sent_on(&page, "https://lab.example/slo");
    let page = browser.get(&answer(world, &lab, &asked, Status::success())).await;
    let begin = page.header("location").to_owned();
    let sent = sent_on(&browser.get(&begin).await, SLO);
    let request = logout::read(&sent).head.id;
    let state = sent.relay_state.expect("by which we know it again");
    assert!(state.len() <= 80, "{state}");
    let good = logout::answer(&estate, &request, Status::success());
    let (unsigned, _) = good.split_once("&SigAlg=").expect("signed");
    let altered = good.replace("&Signature=", "&Signature=AAAA");
    let strange = logout::answer(&estate, "_of-nobody", Status::success());
    let (strange, _) = strange.split_once("&SigAlg=").expect("signed");
    let place = good.split_once('?').expect("a query").0;
    for bad in [
        unsigned.to_owned(),
        altered,
        format!("{strange}&RelayState={state}"),
        format!("{place}?SAMLResponse=%25&RelayState={state}"),
    ] {
        let page = browser.get(&bad).await;
        let page = browser.get(page.header("location")).await;
        let told = sent_on(&page, "https://wiki.example/slo");
        assert_eq!(told.relay_state.as_deref(), Some("bye"));
        assert!(told.xml.contains("PartialLogout"), "{bad}: {}", told.xml);
    }
    // Without a word on what it answers it leads nowhere.
    let lost = format!("{place}?SAMLResponse=%25&RelayState=made-up%00");
    browser.get(&lost).await.expect(403, "(30)");
    let page = browser.get(&good).await;
    let page = browser.get(page.header("location")).await;
    let told = sent_on(&page, "https://wiki.example/slo");
    assert!(!told.xml.contains("PartialLogout"), "{}", told.xml);
}

async fn whoever_signs_out_here_is_signed_out_at_both_ends(world: &World) {
    let browser = Browser::new(world);
    let (mut estate, [wiki, lab], _) = everywhere(world, &browser).await;
    let page = browser.get("/sign-out").await;
    let page = browser.submit(&page, "/sign-out", &[]).await;
    page.expect(200, "you may still be: lab, wiki, Example IdP");
    let page = browser.get(&way_on(&page)).await;
    let asked = sent_on(&page, "https://wiki.example/slo");
    let page = browser
        .get(&answer(world, &wiki, &asked, Status::success()))
        .await;
    let asked = sent_on(&page, "https://lab.example/slo");
    let page = browser.get(&answer(world, &lab, &asked, Status::success())).await;
    let out = told(&browser, &page).await;
    let page = browser
        .get(&logout::answer(&estate, &out.head.id, Status::success()))
        .await;
    page.expect(200, "and of Example IdP");
    // One that takes no sign-outs is not asked.
    estate.change(json!({ "logout_url": null })).await;
    let anna = format!("anna@{DOMAIN}");
    estate.sign_in(&browser, &anna).await.leads_to("/account");
    sign_in(world, &browser, &wiki).await;
    let page = browser.get("/sign-out").await;
    let page = browser.submit(&page, "/sign-out", &[]).await;
    assert!(!page.text.contains("Example IdP"), "{}", page.text);
    let page = browser.get(&way_on(&page)).await;
    let asked = sent_on(&page, "https://wiki.example/slo");
    let page = browser
        .get(&answer(world, &wiki, &asked, Status::success()))
        .await;
    browser.get(page.header("location")).await.leads_to("/signed-out");
}
