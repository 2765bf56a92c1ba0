//! The way of a sign-out: by a form, once, answered where the service wants it, and named in few bytes.

use saml::binding::{Kind, Outgoing, Way, post, send};
use saml::message::{LogoutRequest, Status};
use saml::names::status_code;
use serde_json::json;

use super::service::{Service, handed_on};
use super::sign_out::{ADDRESS, answer, by_redirect, is_signed_in, request, sent_on, set_up, sign_in};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    a_form_that_is_not_signed_ends_ones_own,
    a_request_is_good_once,
    a_service_is_answered_where_it_wants_to_be,
    the_way_is_named_in_few_bytes_and_stands_in_traces,
);

/// The fields of a form.
fn fields(request: &LogoutRequest) -> Vec<(String, String)> {
    let xml = request.to_element().to_xml().expect("XML");
    let fields = post::encode(Kind::Request, &xml, Some("bye"));
    let owned = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    owned.collect()
}

async fn a_form_that_is_not_signed_ends_ones_own(world: &World) {
    let wiki = Service::set_up(world, &world.plain, "wiki").await;
    let settings = json!({ "logout": { "url": "https://wiki.example/slo", "binding": "post" } });
    wiki.change(&world.plain, settings).await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    wiki.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let name = sign_in(world, &browser, &wiki).await.assertion.subject.name_id;
    let name = name.expect("a name");
    let from = [
        ("origin", "https://wiki.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    // The browser sends no cookie along, and then goes where it does: the stranger's first.
    for (who, ended) in [(Browser::new(world), false), (browser.twin(), true)] {
        let ask = request(world, &wiki, name.clone(), &[]);
        let page = Browser::new(world)
            .post("/saml2/wiki/logout", &fields(&ask), &from)
            .await;
        assert!(is_signed_in(&browser).await, "the form alone ends nothing");
        let on = page.header("location").to_owned();
        assert!(
            page.status == 303 && on.starts_with("/saml2/wiki/sign-out?state="),
            "{}",
            page.text
        );
        let page = who.get(&on).await;
        let told = handed_on(&page, "https://wiki.example/slo");
        assert_eq!(told.relay_state.as_deref(), Some("bye"));
        assert!(
            told.xml.contains(&ask.head.id) && told.xml.contains(status_code::SUCCESS),
            "{}",
            told.xml
        );
        assert_eq!(told.xml.contains("PartialLogout"), !ended, "{}", told.xml);
        assert_eq!(is_signed_in(&browser).await, !ended);
    }
    let traces = world.plain.api().get("/saml-traces").await.expect(200);
    let codes: Vec<_> = traces["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert!(codes.contains(&&json!("sso.sign_out_not_own")), "{codes:?}");
}

async fn a_service_is_answered_where_it_wants_to_be(world: &World) {
    let wiki = set_up(world, "wiki", "redirect").await;
    let settings = json!({ "logout": {
        "url": "https://wiki.example/slo", "binding": "redirect", "response_url": "https://wiki.example/signed-out",
    } });
    wiki.change(&world.plain, settings).await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    wiki.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let name = sign_in(world, &browser, &wiki).await.assertion.subject.name_id;
    let ask = request(world, &wiki, name.expect("a name"), &[]);
    let path = by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential));
    let told = sent_on(&browser.get(&path).await, "https://wiki.example/signed-out");
    assert!(
        told.xml
            .contains("Destination=\"https://wiki.example/signed-out\""),
        "{}",
        told.xml
    );
    // Requests of ours go where they went before.
    browser.sign_in(ADDRESS, PASSWORD).await;
    sign_in(world, &browser, &wiki).await;
    let page = browser.get("/sign-out").await;
    let page = browser.submit(&page, "/sign-out", &[]).await;
    let to = page
        .text
        .split("href=\"")
        .find(|rest| rest.starts_with("/saml2/"));
    let to = to.and_then(|rest| rest.split('"').next()).expect("a link");
    let asked = sent_on(
        &browser.get(&to.replace("&#38;", "&")).await,
        "https://wiki.example/slo",
    );
    assert!(asked.xml.contains("LogoutRequest"), "{}", asked.xml);
}

async fn a_request_is_good_once(world: &World) {
    let wiki = set_up(world, "wiki", "redirect").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    wiki.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let name = sign_in(world, &browser, &wiki).await.assertion.subject.name_id;
    let ask = request(world, &wiki, name.expect("a name"), &[]);
    let path = by_redirect(world, &wiki, &ask, Some(&wiki.keys.credential));
    sent_on(&browser.get(&path).await, "https://wiki.example/slo");
    // Somebody has seen it, and sends it once more when there is another session to be ended.
    browser.sign_in(ADDRESS, PASSWORD).await;
    sign_in(world, &browser, &wiki).await;
    browser.get(&path).await.expect(400, "once more");
    assert!(is_signed_in(&browser).await);
    let traces = world.plain.api().get("/saml-traces?limit=1").await.expect(200);
    assert_eq!(traces["items"][0]["code"], "sso.sign_out_once");
}

async fn the_way_is_named_in_few_bytes_and_stands_in_traces(world: &World) {
    let wiki = set_up(world, "wiki", "redirect").await;
    let mut others = Vec::new();
    for slug in ["lab", "shop", "desk", "mill", "farm"] {
        others.push(set_up(world, slug, "redirect").await);
    }
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    for service in others.iter().chain([&wiki]) {
        service.assign(&world.plain, user).await;
    }
    for service in &others {
        sign_in(world, &browser, service).await;
    }
    let name = sign_in(world, &browser, &wiki).await.assertion.subject.name_id;
    let ask = request(world, &wiki, name.expect("a name"), &[]);
    // A RelayState of a service as long as is taken, which comes back in the end.
    let long = "x".repeat(1_500);
    let location = format!("{}/logout", wiki.address);
    let sent = send(
        Way::Redirect,
        &location,
        Kind::Request,
        &ask.to_element(),
        Some(&long),
        Some(&wiki.keys.credential),
    );
    let Outgoing::Redirect(url) = sent.expect("sent") else {
        panic!("another way");
    };
    let mut page = browser
        .get(url.strip_prefix(&world.address).expect("the server's"))
        .await;
    let mut asked_ids = Vec::new();
    for service in others.iter().rev() {
        let asked = sent_on(&page, &format!("https://{}.example/slo", service.slug));
        let state = asked.relay_state.clone().expect("a RelayState");
        assert!(state.len() <= 80, "SAML bindings §3.4.3: {state}");
        asked_ids.push(
            asked
                .xml
                .split(" ID=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned),
        );
        page = browser
            .get(&answer(world, service, &asked, Status::success()))
            .await;
    }
    let told = sent_on(&page, "https://wiki.example/slo");
    assert_eq!(told.relay_state.as_deref(), Some(long.as_str()));
    assert!(!told.xml.contains("Partial"), "{}", told.xml);
    // Each message stands in a trace: the request, five of ours with their answers, and what was answered in the end.
    let api = world.plain.api();
    let page = api.get("/saml-traces?limit=12").await.expect(200);
    let mut seen = String::new();
    for one in page["items"].as_array().expect("items") {
        let id = one["id"].as_str().expect("an id");
        seen.push_str(
            &api.get(&format!("/saml-traces/{id}"))
                .await
                .expect(200)
                .to_string(),
        );
    }
    for id in asked_ids.into_iter().flatten() {
        assert!(
            seen.contains(&format!("<samlp:LogoutRequest ID=\\\"{id}"))
                || seen.contains(&format!(" ID=\\\"{id}\\\"")),
            "{id}"
        );
        assert!(seen.contains(&format!("InResponseTo=\\\"{id}\\\"")), "{id}");
    }
    assert!(seen.contains(&format!("InResponseTo=\\\"{}\\\"", ask.head.id)));
    // What is kept is forgotten when nobody can go on with it.
    assert_eq!(
        world
            .federation
            .forget_sign_outs(world.plain.id)
            .await
            .expect("done"),
        0
    );
    world.clock.advance(std::time::Duration::from_mins(11));
    assert!(
        world
            .federation
            .forget_sign_outs(world.plain.id)
            .await
            .expect("done")
            >= 5
    );
}
