//! Signing out at a service ends the session here and at the others; signing out here offers to end those.

use saml::binding::{Incoming, Kind, Outgoing, Way, post, redirect, send};
use saml::message::{Head, LogoutRequest, LogoutResponse, NameId, Status};
use saml::names::status_code;
use saml::profile::service_provider::SignedIn;
use saml::security::Credential;
use serde_json::json;

use super::service::{ENTITY_ID, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, Page, somebody};
use crate::world::World;

on_both!(
    a_service_ends_the_session_everywhere,
    what_is_not_signed_ends_only_ones_own,
    what_cannot_be_believed_ends_nothing,
    signing_out_here_offers_the_services,
);

pub(super) const ADDRESS: &str = "barbara@northwind.example";

/// An app that is told of sign-outs, in either way.
pub(super) async fn set_up(world: &World, slug: &str, way: &str) -> Service {
    let service = Service::set_up(world, &world.plain, slug).await;
    let url = format!("https://{slug}.example/slo");
    let settings = json!({
        "logout": { "url": url, "binding": way },
        "request_certificates": [service.keys.certificate.to_pem()],
    });
    service.change(&world.plain, settings).await;
    service
}

pub(super) async fn sign_in(world: &World, browser: &Browser, service: &Service) -> SignedIn {
    let page = browser.get(&service.path()).await;
    service.signed_in(world, &page, None).await
}

pub(super) fn request(world: &World, service: &Service, name: NameId, indexes: &[&str]) -> LogoutRequest {
    LogoutRequest {
        head: head(world, &format!("{}/logout", service.address)),
        not_on_or_after: None,
        reason: None,
        name_id: name,
        session_indexes: indexes.iter().map(|index| (*index).to_owned()).collect(),
    }
}

fn head(world: &World, destination: &str) -> Head {
    Head {
        id: format!("_{}", world.store.ambient().id::<base::CorrelationId>()),
        issued: world.store.ambient().now(),
        destination: Some(destination.to_owned()),
        consent: None,
        issuer: Some(ENTITY_ID.to_owned()),
    }
}

/// Where a request by Redirect sends a browser, below the server's address.
pub(super) fn by_redirect(
    world: &World,
    service: &Service,
    request: &LogoutRequest,
    credential: Option<&Credential>,
) -> String {
    let location = format!("{}/logout", service.address);
    let element = request.to_element();
    let sent = send(
        Way::Redirect,
        &location,
        Kind::Request,
        &element,
        Some("bye"),
        credential,
    );
    let Outgoing::Redirect(url) = sent.expect("sent") else {
        panic!("another way");
    };
    url.strip_prefix(&world.address).expect("the server's").to_owned()
}

/// The message that a browser is sent on with.
#[track_caller]
pub(super) fn sent_on(page: &Page, location: &str) -> Incoming {
    assert_eq!(page.status, 303, "{}", page.text);
    let to = page.header("location");
    let query = to.strip_prefix(location).unwrap_or_else(|| panic!("{to}"));
    redirect::decode(query.trim_start_matches('?')).expect("a message")
}

/// What a service answers to our request.
pub(super) fn answer(world: &World, service: &Service, asked: &Incoming, status: Status) -> String {
    let id = asked
        .xml
        .split(" ID=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let location = format!("{}/logout", service.address);
    let response = LogoutResponse {
        head: head(world, &location),
        in_response_to: id.map(str::to_owned),
        status,
    };
    let sent = send(
        Way::Redirect,
        &location,
        Kind::Response,
        &response.to_element(),
        asked.relay_state.as_deref(),
        Some(&service.keys.credential),
    );
    let Outgoing::Redirect(url) = sent.expect("sent") else {
        panic!("another way");
    };
    url.strip_prefix(&world.address).expect("the server's").to_owned()
}

pub(super) async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account").await.status == 200
}

async fn a_service_ends_the_session_everywhere(world: &World) {
    let [wiki, lab, shop] = [
        set_up(world, "wiki", "redirect").await,
        set_up(world, "lab", "post").await,
        Service::set_up(world, &world.plain, "shop").await,
    ];
    let user = somebody(world, &world.plain, ADDRESS).await;
    let (browser, elsewhere) = (Browser::new(world), Browser::new(world));
    for service in [&wiki, &lab, &shop] {
        service.assign(&world.plain, user).await;
    }
    for browser in [&browser, &elsewhere] {
        browser.sign_in(ADDRESS, PASSWORD).await;
    }
    let there = sign_in(world, &elsewhere, &wiki).await;
    let at_wiki = sign_in(world, &browser, &wiki).await;
    sign_in(world, &browser, &lab).await;
    let name = at_wiki.assertion.subject.name_id.expect("a name");
    let index = at_wiki.session_index.expect("an index");
    assert_ne!(there.session_index.as_ref(), Some(&index));
    let ask = request(world, &wiki, name.clone(), &[&index]);
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    // The other service is asked first, by a form.
    let asked = handed_on(&page, "https://lab.example/slo");
    assert!(
        asked.xml.contains("LogoutRequest") && asked.xml.contains(ADDRESS),
        "{}",
        asked.xml
    );
    assert!(!is_signed_in(&browser).await, "the session here has ended");
    assert!(
        is_signed_in(&elsewhere).await,
        "the one at another browser goes on"
    );
    // Then the one that began is told.
    let page = browser.get(&answer(world, &lab, &asked, Status::success())).await;
    let told = sent_on(&page, "https://wiki.example/slo");
    assert_eq!(told.relay_state.as_deref(), Some("bye"));
    assert!(told.signature.is_some() && told.xml.contains(&format!("InResponseTo=\"{}\"", ask.head.id)));
    assert!(
        told.xml.contains(status_code::SUCCESS) && !told.xml.contains("Partial"),
        "{}",
        told.xml
    );
    // Without an index all sessions of that name are meant.
    let ask = request(world, &wiki, name, &[]);
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    sent_on(&page, "https://wiki.example/slo");
    assert!(!is_signed_in(&elsewhere).await);
    // Where one cannot be told, or says no, the service learns that.
    browser.sign_in(ADDRESS, PASSWORD).await;
    let at_wiki = sign_in(world, &browser, &wiki).await;
    sign_in(world, &browser, &shop).await;
    let name = at_wiki.assertion.subject.name_id.expect("a name");
    let ask = request(world, &wiki, name.clone(), &[]);
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    assert!(
        sent_on(&page, "https://wiki.example/slo")
            .xml
            .contains("PartialLogout")
    );
    browser.sign_in(ADDRESS, PASSWORD).await;
    sign_in(world, &browser, &wiki).await;
    sign_in(world, &browser, &lab).await;
    let ask = request(world, &wiki, name, &[]);
    let page = browser
        .get(&by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential)))
        .await;
    let asked = handed_on(&page, "https://lab.example/slo");
    let no = Status::failure(status_code::RESPONDER, status_code::REQUEST_DENIED, "no");
    let page = browser.get(&answer(world, &lab, &asked, no)).await;
    assert!(
        sent_on(&page, "https://wiki.example/slo")
            .xml
            .contains("PartialLogout")
    );
}

async fn what_is_not_signed_ends_only_ones_own(world: &World) {
    let wiki = Service::set_up(world, &world.plain, "wiki").await;
    let settings = json!({ "logout": { "url": "https://wiki.example/slo" } });
    wiki.change(&world.plain, settings).await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    wiki.assign(&world.plain, user).await;
    let (browser, stranger) = (Browser::new(world), Browser::new(world));
    browser.sign_in(ADDRESS, PASSWORD).await;
    let name = sign_in(world, &browser, &wiki)
        .await
        .assertion
        .subject
        .name_id
        .expect("a name");
    let ask = request(world, &wiki, name.clone(), &[]);
    let page = stranger.get(&by_redirect(world, &wiki, &ask, None)).await;
    assert!(is_signed_in(&browser).await, "nobody else ends it");
    let told = sent_on(&page, "https://wiki.example/slo").xml;
    assert!(told.contains("PartialLogout"), "nothing has ended: {told}");
    let ask = request(world, &wiki, name, &[]);
    let page = browser.get(&by_redirect(world, &wiki, &ask, None)).await;
    sent_on(&page, "https://wiki.example/slo");
    assert!(!is_signed_in(&browser).await);
}

async fn what_cannot_be_believed_ends_nothing(world: &World) {
    let wiki = set_up(world, "wiki", "redirect").await;
    let other = Service::set_up(world, &world.plain, "other").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    wiki.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let name = sign_in(world, &browser, &wiki)
        .await
        .assertion
        .subject
        .name_id
        .expect("a name");
    let good = request(world, &wiki, name.clone(), &[]);
    let by = |request: &LogoutRequest, credential| by_redirect(world, &wiki, request, credential);
    let (own, others) = (Some(&wiki.keys.credential), Some(&other.keys.credential));
    let mut elsewhere = good.clone();
    elsewhere.head.destination = Some("https://elsewhere.example/".to_owned());
    let mut old = good.clone();
    old.head.issued = old.head.issued - std::time::Duration::from_hours(1);
    let mut strange = good.clone();
    strange.head.issuer = Some("https://evil.example/".to_owned());
    for path in [
        by(&good, None),
        by(&good, others),
        by(&elsewhere, own),
        by(&old, own),
        by(&strange, own),
    ] {
        let page = browser.get(&path).await;
        page.expect(400, "cannot be believed");
        assert!(is_signed_in(&browser).await);
    }
    browser
        .get("/saml2/wiki/logout")
        .await
        .expect(400, "not a request to sign out");
    // Of somebody who is not known there is nothing to end.
    let nobody = request(world, &wiki, NameId::new("nobody", name.format()), &[]);
    let page = browser.get(&by(&nobody, own)).await;
    assert!(
        sent_on(&page, "https://wiki.example/slo")
            .xml
            .contains(status_code::SUCCESS)
    );
    assert!(is_signed_in(&browser).await);
    // An answer that nobody waits for leads nowhere.
    let stray = Incoming {
        kind: Kind::Request,
        xml: "<x ID=\"_1\"/>".to_owned(),
        relay_state: Some("made-up".to_owned()),
        signature: None,
    };
    let page = browser
        .get(&answer(world, &wiki, &stray, Status::success()))
        .await;
    page.expect(200, "begun too long ago, or not here");
}

async fn signing_out_here_offers_the_services(world: &World) {
    let [wiki, lab] = [
        set_up(world, "wiki", "redirect").await,
        set_up(world, "lab", "post").await,
    ];
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    for service in [&wiki, &lab] {
        service.assign(&world.plain, user).await;
        sign_in(world, &browser, service).await;
    }
    let page = browser.get("/sign-out").await;
    let page = browser.submit(&page, "/sign-out", &[]).await;
    page.expect(200, "you may still be: lab, wiki");
    assert!(!is_signed_in(&browser).await);
    let to = page
        .text
        .split("href=\"")
        .find(|rest| rest.starts_with("/saml2/"))
        .expect("a link");
    let to = to.split('"').next().expect("it ends").replace("&#38;", "&");
    let page = browser.get(&to).await;
    let asked = sent_on(&page, "https://wiki.example/slo");
    let page = browser
        .get(&answer(world, &wiki, &asked, Status::success()))
        .await;
    let asked = handed_on(&page, "https://lab.example/slo");
    let page = browser.get(&answer(world, &lab, &asked, Status::success())).await;
    page.leads_to("/signed-out");
    // Both answers were good once: the sessions there are forgotten.
    browser.get(&to).await.leads_to("/signed-out");
    let fields = post::encode(Kind::Request, "<x/>", None);
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let page = browser
        .post(
            "/saml2/wiki/logout",
            &fields,
            &[("origin", "https://evil.example")],
        )
        .await;
    page.expect(400, "cannot be believed");
}
