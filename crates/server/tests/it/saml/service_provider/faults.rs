//! Webex's numbers, each made by the fault itself. Those that cannot arise are listed with their reasons.

use std::collections::BTreeSet;
use std::time::Duration;

use federation::saml::message::{Head, NameId, Status};
use federation::saml::names::{name_id_format, status_code};
use federation::saml::profile::identity_provider::refuse;
use federation::saml::webex_error::WebexError;
use serde_json::json;

use super::idp::{Idp, request_of};
use super::{DOMAIN, Estate, events, person};
use crate::on_both;
use crate::pages::Browser;
use crate::world::{World, cause};

on_both!(
    every_number_that_can_arise,
    the_organizations_own_page_gets_every_number,
    a_strangers_form_leads_nobody_away,
);

/// What has no cause here.
const CANNOT_ARISE: [(WebexError, &str); 7] = [
    (
        WebexError::Configuration,
        "settings that cannot be read are an error on our side, and told as one",
    ),
    (
        WebexError::AssertingParty,
        "answers come through the browser; nobody is reached for them",
    ),
    (
        WebexError::Artifact,
        "the artifact binding is not offered, and not in our metadata",
    ),
    (
        WebexError::AccountLocked,
        "accounts are not locked: too many wrong passwords only make passwords wait",
    ),
    (WebexError::AccountExpired, "accounts have no end"),
    (WebexError::Role, "no role is kept from signing in"),
    (
        WebexError::SecurityToken,
        "that is WS-Federation, which is not offered",
    ),
];

/// The same answer with another text somewhere.
fn altered(xml: &str, from: &str, to: &str) -> String {
    let altered = xml.replace(from, to);
    assert_ne!(altered, xml);
    altered
}

/// The same answer without its signatures.
fn unsigned(xml: &str) -> String {
    let mut rest = xml.to_owned();
    while let Some(from) = rest
        .find("<ds:Signature ")
        .or_else(|| rest.find("<ds:Signature>"))
    {
        let to = rest[from..].find("</ds:Signature>").expect("it ends") + from;
        rest.replace_range(from..to + "</ds:Signature>".len(), "");
    }
    rest
}

/// The organization's own page for errors.
const OWN_PAGE: &str = "https://help.example/sso?code=";

struct Seen<'e, 'w> {
    estate: &'e mut Estate<'w>,
    browser: Browser,
    codes: BTreeSet<u8>,
    /// Whether the organization has a page of its own.
    elsewhere: bool,
}

impl Seen<'_, '_> {
    /// The page says it, and so do the event and the trace.
    async fn told(&mut self, error: WebexError, page: &crate::pages::Page) {
        self.told_by("sso_sign_in", error, page).await;
    }

    /// Of what anybody can send: nobody is led away by it.
    async fn told_here(&mut self, event_type: &str, error: WebexError, page: &crate::pages::Page) {
        let said = format!("Reason: {} ({})", error.text(), error.code());
        page.expect(403, &said);
        let link = format!("<a href=\"{OWN_PAGE}{}\"", error.code());
        assert_eq!(page.text.contains(&link), self.elsewhere, "{}", page.text);
        self.noted(event_type, error).await;
    }

    async fn told_by(&mut self, event_type: &str, error: WebexError, page: &crate::pages::Page) {
        if self.elsewhere {
            page.leads_to(&format!("{OWN_PAGE}{}", error.code()));
        } else {
            let said = format!("Reason: {} ({})", error.text(), error.code());
            page.expect(403, &said);
        }
        self.noted(event_type, error).await;
    }

    async fn noted(&mut self, event_type: &str, error: WebexError) {
        self.codes.insert(error.code());
        let (world, org) = (self.estate.world, self.estate.org.id);
        let event = &events(world, org, event_type).await[0];
        assert_eq!(event["code"], json!(error.code()), "{event}");
        assert_eq!(event["error"], json!(error.text()));
        let traces = world
            .federation
            .traces(org, &federation::TraceFilter::default(), 1)
            .await
            .expect("traces");
        assert_eq!(traces[0].code, Some(error.code().to_string()));
        assert_eq!(json!(traces[0].id), event["trace"]);
    }

    async fn of_answer(&mut self, error: WebexError, make: impl FnOnce(&Estate<'_>, &str) -> String) {
        let request = self.estate.ask(&self.browser, "").await;
        let xml = make(self.estate, &request);
        let page = self.estate.bring_home(&self.browser, &xml, None).await;
        self.told(error, &page).await;
    }
}

async fn every_number_that_can_arise(world: &World) {
    Box::pin(every_number(world, None)).await;
}

async fn the_organizations_own_page_gets_every_number(world: &World) {
    Box::pin(every_number(world, Some(OWN_PAGE))).await;
}

/// Whoever brings an unsigned answer in another browser than had asked is shown where it would lead, and so is whoever comes
/// without the ticket's cookie.
async fn a_strangers_form_leads_nobody_away(world: &World) {
    let estate = Estate::with(world, json!({ "error_url": OWN_PAGE })).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let (victim, stranger) = (Browser::new(world), Browser::new(world));
    victim.get("/sign-in").await;
    let elsewhere = format!("{OWN_PAGE}{}", WebexError::Unsigned.code());
    let link = format!("<a href=\"{elsewhere}\"");
    let request = estate.ask(&stranger, "").await;
    let xml = unsigned(&estate.idp.answer(&estate.said(Some(&request), &anna)));
    let page = estate.bring(&victim, &xml, None).await;
    let place = page.header("location").to_owned();
    assert!(
        place.starts_with(&format!("/idb/saml2/{}/refused?ticket=", estate.org.id)),
        "{place}"
    );
    victim.get(&place).await.expect(403, &link);
    stranger.get(&place).await.expect(403, "out of date");
    // In the browser that has asked it leads on.
    let page = estate.bring(&stranger, &xml, None).await;
    stranger.get(page.header("location")).await.leads_to(&elsewhere);
    // What answers nothing is told here; what is signed need not be seen by the browser.
    let answers = |request: Option<&str>| estate.idp.answer(&estate.said(request, &anna));
    let page = estate.bring(&victim, &unsigned(&answers(None)), None).await;
    page.expect(403, "<a href=\"https://help.example/sso?code=");
    let page = estate.bring(&victim, &answers(None), None).await;
    page.leads_to(&format!("{OWN_PAGE}{}", WebexError::InResponseTo.code()));
}

async fn every_number(world: &World, error_url: Option<&str>) {
    let mut estate = Estate::with(world, json!({ "error_url": error_url })).await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let mut seen = Seen {
        browser: Browser::new(world),
        estate: &mut estate,
        codes: BTreeSet::new(),
        elsewhere: error_url.is_some(),
    };
    let good = |estate: &Estate<'_>, request: &str| estate.said(Some(request), &anna);

    seen.of_answer(WebexError::Protocol, |estate, request| {
        let status = Status::failure(status_code::RESPONDER, status_code::AUTHN_FAILED, "no");
        let head = Head {
            id: "_refused".to_owned(),
            issued: world.store.ambient().now(),
            destination: Some(good(estate, request).consumer),
            consent: None,
            issuer: Some(estate.idp.entity_id.clone()),
        };
        refuse(head, Some(request.to_owned()), status, &estate.idp.credential).expect("an answer")
    })
    .await;
    seen.of_answer(WebexError::NoUserName, |estate, request| {
        let mut said = good(estate, request);
        said.name_id = NameId::new("x7", name_id_format::TRANSIENT);
        said.attributes.clear();
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::NoAccount, |estate, request| {
        estate
            .idp
            .answer(&estate.said(Some(request), &format!("nobody@{DOMAIN}")))
    })
    .await;
    let page = seen.browser.get(&seen.estate.consumer()).await;
    seen.told_here("sso_sign_in", WebexError::OnlyPost, &page).await;
    for fields in [
        &[][..],
        &[("SAMLResponse".to_owned(), "*".to_owned())],
        &[("SAMLRequest".to_owned(), "PGEvPg==".to_owned())],
    ] {
        let consumer = seen.estate.consumer();
        let page = seen.browser.post(&consumer, fields, &[]).await;
        seen.told_here("sso_sign_in", WebexError::PostData, &page).await;
    }
    let other = Idp::with(world, &seen.estate.idp.entity_id, 1, Duration::from_hours(24));
    seen.of_answer(WebexError::WrongCertificate, |estate, request| {
        other.answer(&good(estate, request))
    })
    .await;
    seen.of_answer(WebexError::NameQualifier, |estate, request| {
        let mut said = good(estate, request);
        said.name_id.sp_name_qualifier = Some("https://other.example".to_owned());
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::InvalidAssertion, |estate, request| {
        let mut said = good(estate, request);
        said.audience = "https://other.example".into();
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::Recipient, |estate, request| {
        let mut said = good(estate, request);
        said.consumer = "https://other.example/acs".into();
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::AssertionExpired, |estate, request| {
        let mut said = good(estate, request);
        // The response is fresh yet: the assertion's five minutes and our three are over.
        said.now = said.now - Duration::from_secs(8 * 60 + 30);
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::Unsigned, |estate, request| {
        unsigned(&estate.idp.answer(&good(estate, request)))
    })
    .await;
    seen.of_answer(WebexError::InvalidSignature, |estate, request| {
        let xml = estate.idp.answer(&good(estate, request));
        altered(&xml, &anna, &format!("root@{DOMAIN}"))
    })
    .await;
    seen.of_answer(WebexError::UntrustedIssuer, |estate, request| {
        let mut said = good(estate, request);
        said.issuer = Some("https://other.example".to_owned());
        estate.idp.answer(&said)
    })
    .await;
    seen.of_answer(WebexError::InResponseTo, |estate, _| {
        estate.idp.answer(&estate.said(Some("_of-nobody"), &anna))
    })
    .await;
    let fields = super::idp::fields("<a><b></a>", None);
    let consumer = seen.estate.consumer();
    let page = seen.browser.post(&consumer, &fields, &[]).await;
    seen.told_here("sso_sign_in", WebexError::InvalidResponse, &page)
        .await;

    seen.estate
        .change(json!({ "name_id_format": "persistent" }))
        .await;
    seen.of_answer(WebexError::NameIdFormat, |estate, request| {
        estate.idp.answer(&good(estate, request))
    })
    .await;
    seen.estate
        .change(json!({ "name_id_format": null, "auto_create": true, "auto_update": true }))
        .await;
    seen.of_answer(WebexError::AccountCreation, |estate, request| {
        estate
            .idp
            .answer(&estate.said(Some(request), &format!("new@{DOMAIN}")))
    })
    .await;
    seen.of_answer(WebexError::AccountUpdate, |estate, request| {
        let said = good(estate, request).and(&[("updateTimeStamp", "yesterday")]);
        estate.idp.answer(&said)
    })
    .await;
    let place = format!("/Users/{}", made["id"].as_str().expect("an id"));
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": false }],
    });
    seen.estate.org.scim().patch(&place, &off).await.expect(200);
    seen.of_answer(WebexError::AccountDeactivated, |estate, request| {
        estate.idp.answer(&good(estate, request))
    })
    .await;

    certificates(world, &mut seen, &anna).await;

    // A server that cannot open our key.
    let stranger = world.neighbour().await;
    let foreign = Browser::at(&stranger.address);
    let page = foreign.get(&seen.estate.login("")).await;
    seen.told_here("sso_sign_in", WebexError::AuthnRequest, &page)
        .await;
    signing_out(&mut seen, &made, &anna, &stranger.address).await;

    let request = seen.estate.ask(&seen.browser, "").await;
    world
        .federation
        .deactivate_sso(&cause(), seen.estate.org.id)
        .await
        .expect("off");
    let xml = seen.estate.idp.answer(&good(seen.estate, &request));
    let page = seen.estate.bring_home(&seen.browser, &xml, None).await;
    seen.told(WebexError::NotAllowed, &page).await;
    let page = seen.browser.get(&seen.estate.login("")).await;
    seen.told_here("sso_sign_in", WebexError::NotAllowed, &page).await;

    let mut known = seen.codes;
    for (error, why) in CANNOT_ARISE {
        assert!(known.insert(error.code()), "{} can arise: {why}", error.text());
    }
    let all: BTreeSet<u8> = WebexError::TABLE.iter().map(|(error, _)| error.code()).collect();
    assert_eq!(known, all);
}

/// What goes wrong on the way out.
async fn signing_out(seen: &mut Seen<'_, '_>, made: &serde_json::Value, anna: &str, stranger: &str) {
    let place = format!("/Users/{}", made["id"].as_str().expect("an id"));
    let on = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "active", "value": true }],
    });
    seen.estate.org.scim().patch(&place, &on).await.expect(200);
    seen.estate
        .change(json!({
            "logout_url": "https://idp.example/slo", "auto_create": null, "auto_update": null,
        }))
        .await;
    let browser = Browser::new(seen.estate.world);
    seen.estate.sign_in(&browser, anna).await.leads_to("/account");
    // At a server that cannot open our key nothing is signed.
    let foreign = browser.twin_at(stranger);
    let page = foreign.get("/sign-out").await;
    let page = foreign.submit(&page, "/sign-out", &[]).await;
    let page = foreign.get(&super::logout::way_on(&page)).await;
    seen.told_here("sso_sign_out", WebexError::LogoutRequest, &page)
        .await;

    let out = format!("/idb/saml2/{}/logout", seen.estate.org.id);
    let page = browser.get(&format!("{out}?SAMLResponse=%25")).await;
    seen.told_here("sso_sign_out", WebexError::InvalidRequest, &page)
        .await;
    let strange = super::logout::answer(seen.estate, "_of-nobody", Status::success());
    let page = browser.get(&strange).await;
    seen.told_here("sso_sign_out", WebexError::InResponseTo, &page)
        .await;
}

/// One whose time is over, where that is asked for; and none at all, which only a test can meet.
async fn certificates(world: &World, seen: &mut Seen<'_, '_>, anna: &str) {
    let lasting = Duration::from_hours(1);
    let short = Idp::with(world, "https://short.example", 2, lasting);
    let new = federation::service_provider::NewProvider {
        name: "Short".to_owned(),
        entity_id: short.entity_id.clone(),
        settings: super::settings(json!({
            "login_url": "https://short.example/sso", "refuse_expired_certificates": true,
            "error_url": seen.elsewhere.then_some(OWN_PAGE),
        })),
        certificates: vec![short.certificate.clone()],
    };
    let (federation, org) = (&world.federation, seen.estate.org.id);
    let provider = federation.add_provider(&cause(), org, new).await.expect("added");
    federation
        .activate_provider(&cause(), org, provider.id, true)
        .await
        .expect("on");
    world.clock.advance(lasting * 2);
    let request = seen.estate.ask(&seen.browser, "?provider=Short").await;
    let xml = short.answer(&seen.estate.said(Some(&request), anna));
    let page = seen.estate.bring_home(&seen.browser, &xml, None).await;
    seen.told(WebexError::CertificateExpired, &page).await;

    federation
        .deactivate_provider(&cause(), org, provider.id)
        .await
        .expect("off");
    let fingerprint = short.certificate.fingerprint();
    federation
        .remove_provider_certificate(&cause(), org, provider.id, &fingerprint)
        .await
        .expect("removed");
    let address = server::sso_test_address(&world.state, org, provider.id);
    let path = address
        .strip_prefix(&world.state.config.public_url)
        .expect("ours");
    let page = seen.browser.get(path).await;
    let request = request_of(page.header("location")).head.id;
    let xml = short.answer(&seen.estate.said(Some(&request), anna));
    let page = seen.estate.bring_home(&seen.browser, &xml, None).await;
    page.expect(200, "The test failed");
    let told = &events(world, org, "sso_test").await[0];
    assert_eq!(told["code"], json!(WebexError::NoCertificate.code()), "{told}");
    seen.codes.insert(WebexError::NoCertificate.code());
}
