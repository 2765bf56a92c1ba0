//! Answers to our requests to sign out that cannot be believed: they end nothing, and whoever began is told all the same.

use saml::binding::Incoming;
use saml::message::Status;
use serde_json::json;

use super::service::Keys;
use super::sign_out::{ADDRESS, answer, by_redirect, request, sent_on, set_up, sign_in};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, Page, somebody};
use crate::world::World;

on_both!(whoever_began_is_told_whatever_a_service_answers);

fn told(page: &Page) -> String {
    let told = sent_on(page, "https://wiki.example/slo");
    assert_eq!(told.relay_state.as_deref(), Some("bye"));
    told.xml
}

async fn whoever_began_is_told_whatever_a_service_answers(world: &World) {
    let [wiki, lab] = [
        set_up(world, "wiki", "redirect").await,
        set_up(world, "lab", "redirect").await,
    ];
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    for service in [&wiki, &lab] {
        service.assign(&world.plain, user).await;
    }
    let at_wiki = sign_in(world, &browser, &wiki).await;
    let at_lab = sign_in(world, &browser, &lab).await;
    let name = at_wiki.assertion.subject.name_id.expect("a name");
    let ask = request(world, &wiki, name, &[]);
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    let asked = sent_on(&page, "https://lab.example/slo");
    let state = asked.relay_state.clone().expect("a RelayState");
    let signed = answer(world, &lab, &asked, Status::success());
    let (unsigned, _) = signed.split_once("&SigAlg=").expect("signed");
    let other = Incoming {
        xml: "<x ID=\"_another\"/>".to_owned(),
        ..asked.clone()
    };
    let strange = answer(world, &lab, &other, Status::success());
    // By a key that is not the service's, and by one that is another service's, at whose address it comes.
    let mut forger = set_up(world, "forger", "redirect").await;
    forger.keys = Keys::new();
    forger.slug = lab.slug.clone();
    forger.address = lab.address.clone();
    let forged = answer(world, &forger, &asked, Status::success());
    let elsewhere = answer(world, &wiki, &asked, Status::success());
    let index = at_lab.session_index.expect("an index");
    let is_there = async || {
        let session = world.federation.app_session(world.plain.id, &index).await;
        session.expect("asked").is_some()
    };
    let bad = [
        (unsigned.to_owned(), "message.signed"),
        (strange, "message.in_response_to"),
        (forged, "message.signature"),
        (elsewhere, "sso.sign_out_not_asked"),
        (
            format!("/saml2/lab/logout?SAMLResponse=%25&RelayState={state}"),
            "binding.base64",
        ),
        (
            format!("/saml2/lab/logout?SAMLResponse=PGEvPg%3D%3D&RelayState={state}"),
            "binding.deflate",
        ),
    ];
    for (path, code) in bad {
        let page = Browser::new(world).get(&path).await;
        let xml = told(&page);
        assert!(
            xml.contains("PartialLogout") && xml.contains(&ask.head.id),
            "{path}: {xml}"
        );
        assert!(is_there().await, "nothing has ended there: {path}");
        let traces = world.plain.api().get("/saml-traces?limit=2").await.expect(200);
        assert_eq!(traces["items"][1]["code"], json!(code), "{path}");
    }
    // Without its name nothing goes on.
    let page = browser
        .get("/saml2/lab/logout?SAMLResponse=%25&RelayState=made-up%00")
        .await;
    page.expect(400, "not a request to sign out");
    // The true one still counts: nobody has spoilt it; not even a service that has forgotten the RelayState, as many do.
    let forgetful = Incoming {
        relay_state: None,
        ..asked.clone()
    };
    let good = answer(world, &lab, &forgetful, Status::success());
    assert!(!good.contains("RelayState"), "{good}");
    let xml = told(&browser.get(&good).await);
    assert!(!xml.contains("Partial"), "{xml}");
    assert!(!is_there().await);
}
