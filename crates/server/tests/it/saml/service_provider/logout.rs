//! Signing out, here and there.

use federation::saml::binding::{Incoming, Kind, Outgoing, Way, redirect, send};
use federation::saml::message::{Head, LogoutRequest, LogoutResponse, NameId, Status};
use federation::saml::names::status_code;
use federation::saml::security::Algorithms;
use federation::saml::{Document, Limits};
use serde_json::json;

use super::{DOMAIN, Estate, person};
use crate::on_both;
use crate::pages::{Browser, Page};
use crate::world::World;

on_both!(
    whoever_signs_out_is_signed_out_there,
    what_an_identity_provider_begins_is_refused,
    a_key_that_cannot_be_opened_signs_nothing,
);

pub(crate) const SLO: &str = "https://idp.example/slo";

/// Signs in and out; gives the page that leads on.
async fn out(estate: &Estate<'_>, browser: &Browser, anna: &str) -> Page {
    estate.sign_in(browser, anna).await.leads_to("/account");
    let page = browser.get("/sign-out").await;
    browser.submit(&page, "/sign-out", &[]).await
}

pub(crate) fn way_on(page: &Page) -> String {
    let (_, rest) = page.text.split_once("<a href=\"").expect("a link");
    rest.split('"').next().expect("an address").replace("&#38;", "&")
}

pub(crate) fn read(incoming: &Incoming) -> LogoutRequest {
    let document = Document::parse(&incoming.xml, Limits::MESSAGE).expect("XML");
    LogoutRequest::read(document.root()).expect("a request")
}

/// The answer of the identity provider, in the query of an address of ours.
pub(crate) fn answer(estate: &Estate<'_>, to: &str, status: Status) -> String {
    let world = estate.world;
    let location = format!(
        "{}/idb/saml2/{}/logout",
        world.state.config.public_url, estate.org.id
    );
    let response = LogoutResponse {
        head: Head {
            id: "_out".to_owned(),
            issued: world.store.ambient().now(),
            destination: Some(location.clone()),
            consent: None,
            issuer: Some(estate.idp.entity_id.clone()),
        },
        in_response_to: Some(to.to_owned()),
        status,
    };
    let element = response.to_element();
    let credential = Some(&estate.idp.credential);
    match send(
        Way::Redirect,
        &location,
        Kind::Response,
        &element,
        None,
        credential,
    ) {
        Ok(Outgoing::Redirect(url)) => url.replace(&world.state.config.public_url, ""),
        other => panic!("{other:?}"),
    }
}

async fn whoever_signs_out_is_signed_out_there(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    out(&estate, &browser, &anna).await.leads_to("/signed-out");

    estate.change(json!({ "logout_url": SLO })).await;
    let page = out(&estate, &browser, &anna).await;
    page.expect(200, "You are led to Example IdP");
    assert_eq!(browser.cookie("instep-session"), None);
    let page = browser.get(&way_on(&page)).await;
    let location = page.header("location").to_owned();
    assert!(
        location.starts_with("https://idp.example/slo?SAMLRequest="),
        "{location}"
    );
    let incoming = redirect::decode(location.split_once('?').expect("a query").1).expect("a message");
    let keys = world
        .federation
        .keys(estate.org.id, federation::KeyOwner::ServiceProvider)
        .await;
    let own: Vec<_> = keys
        .expect("keys")
        .into_iter()
        .map(|key| key.certificate)
        .collect();
    let signature = incoming.signature.clone().expect("signed");
    signature.verify(&own, &Algorithms::default()).expect("ours");
    let request = read(&incoming);
    assert_eq!(request.name_id.value, anna);
    assert_eq!(request.session_indexes, ["_session"]);

    // Somebody else's answer is none, and ours is good once.
    let done = answer(&estate, &request.head.id, Status::success());
    let strange = answer(&estate, "_of-nobody", Status::success());
    browser.get(&strange).await.expect(403, "(28)");
    let (head, tail) = done.split_once("&Signature=").expect("signed");
    let other = if tail.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{head}&Signature={other}{}", &tail[1..]);
    browser.get(&altered).await.expect(403, "(23)");
    browser.get(&done).await.expect(200, "and of Example IdP");
    browser.get(&done).await.expect(403, "(28)");

    let page = out(&estate, &browser, &anna).await;
    let page = browser.get(&way_on(&page)).await;
    let query = page.header("location").split_once('?').expect("a query").1;
    let request = read(&redirect::decode(query).expect("a message"));
    let partly = Status::failure(
        status_code::RESPONDER,
        status_code::PARTIAL_LOGOUT,
        "one is still there",
    );
    let page = browser.get(&answer(&estate, &request.head.id, partly)).await;
    page.expect(200, "not signed out of everything there");
    let traces = world
        .federation
        .traces(estate.org.id, &federation::TraceFilter::default(), 20)
        .await;
    let outs = traces
        .expect("traces")
        .into_iter()
        .filter(|trace| trace.action == "sign_out")
        .count();
    assert_eq!(outs, 7, "two that were sent, and five that came");
}

async fn what_an_identity_provider_begins_is_refused(world: &World) {
    let estate = Estate::new(world).await;
    let path = format!("/idb/saml2/{}/logout", estate.org.id);
    let location = format!("{}{path}", world.state.config.public_url);
    let request = LogoutRequest {
        head: Head {
            id: "_theirs".to_owned(),
            issued: world.store.ambient().now(),
            destination: Some(location.clone()),
            consent: None,
            issuer: Some(estate.idp.entity_id.clone()),
        },
        not_on_or_after: None,
        reason: None,
        name_id: NameId::new("anna", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
        session_indexes: Vec::new(),
    };
    let browser = Browser::new(world);
    for way in [Way::Redirect, Way::Post] {
        let sent = send(
            way,
            &location,
            Kind::Request,
            &request.to_element(),
            None,
            Some(&estate.idp.credential),
        );
        let page = match sent.expect("sent") {
            Outgoing::Redirect(url) => {
                browser
                    .get(&url.replace(&world.state.config.public_url, ""))
                    .await
            }
            Outgoing::Post { fields, .. } => {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                browser
                    .post(&path, &fields, &[("origin", "https://idp.example")])
                    .await
            }
        };
        page.expect(403, "Reason: Invalid Request message (30)");
    }
}

async fn a_key_that_cannot_be_opened_signs_nothing(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    // The key is made, by a server whose key file is another one than that of the server at hand.
    world
        .nobody()
        .get(&format!("/idb/saml2/{}/metadata", estate.org.id))
        .await;
    estate
        .change(json!({ "logout_url": SLO, "profile": "idp_initiated" }))
        .await;
    let stranger = world.neighbour().await;
    let browser = Browser::at(&stranger.address);
    let public_url = &stranger.state.config.public_url;
    let mut said = estate.said(None, &anna);
    said.consumer = format!("{public_url}{}", estate.consumer());
    said.audience = format!("{public_url}/{}", estate.org.id);
    let fields = super::idp::fields(&estate.idp.answer(&said), None);
    let page = browser.post(&estate.consumer(), &fields, &[]).await;
    // Nor does it open anything.
    assert_eq!(page.status, 500, "{}", page.text);
}
