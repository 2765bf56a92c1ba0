//! Coming in.

use std::time::Duration;

use federation::saml::binding::redirect;
use federation::saml::names::{context_class, name_id_format};
use federation::saml::security::Algorithms;
use serde_json::json;

use super::idp::request_of;
use super::{DOMAIN, Estate, events, person};
use crate::on_both;
use crate::pages::factors::App;
use crate::pages::{Browser, PASSWORD, administrator, give_password};
use crate::world::World;

on_both!(
    somebody_signs_in,
    the_request_says_what_is_set,
    the_answer_is_for_the_browser_that_asked,
    an_answer_is_good_once,
    what_nobody_asked_for_is_taken_by_choice,
    nobody_is_sent_away,
    the_address_leads_to_the_identity_provider,
    whoever_wanted_nowhere_goes_where_the_organization_says,
    somebody_is_asked_anew_by_a_request,
    an_invitation_leads_there_too,
    a_second_factor_is_asked_for_unless_trusted,
    the_session_ends_when_the_identity_provider_says,
    encrypted_answers_are_read,
    a_test_lets_nobody_in,
);

async fn somebody_signs_in(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    estate.sign_in(&browser, &anna).await.leads_to("/account");
    browser.get("/account").await.expect(200, &anna);
    let told = &events(world, estate.org.id, "user_login_attempt").await[0];
    assert_eq!(told["vouched"]["provider"], json!(estate.provider.id));
    assert_eq!(
        told["vouched"]["context"],
        json!(context_class::PASSWORD_PROTECTED_TRANSPORT)
    );
    let traces = world
        .federation
        .traces(estate.org.id, &federation::TraceFilter::default(), 10)
        .await;
    let trace = traces.expect("traces").remove(0);
    assert_eq!(
        (trace.outcome.as_str(), trace.role.as_str()),
        ("succeeded", "service_provider")
    );
    assert_eq!(trace.messages.len(), 2, "the request and the response");
    assert!(trace.checks.iter().all(|check| check.outcome != "failed"));
}

async fn the_request_says_what_is_set(world: &World) {
    let mut estate = Estate::new(world).await;
    let browser = Browser::new(world);
    let page = browser.get(&estate.login("")).await;
    let location = page.header("location").to_owned();
    assert!(
        location.starts_with("https://idp.example/sso?SAMLRequest="),
        "{location}"
    );
    let request = request_of(&location);
    let public_url = &world.state.config.public_url;
    let own = format!("{public_url}/{}", estate.org.id);
    assert_eq!(request.head.issuer.as_deref(), Some(own.as_str()));
    assert_eq!(
        request.head.destination.as_deref(),
        Some("https://idp.example/sso")
    );
    let policy = request.name_id_policy.expect("a policy");
    assert_eq!(policy.format.as_deref(), Some(name_id_format::UNSPECIFIED));
    assert_eq!(request.requested_context, None);
    assert!(!request.force_authn);
    assert!(location.contains("rsa-sha256"), "{location}");

    // Signed by the key of our metadata, over the query.
    let metadata = world.nobody();
    let metadata = metadata
        .get(&format!("/idb/saml2/{}/metadata", estate.org.id))
        .await;
    let entity = saml::metadata::import(&metadata.text, None).expect("metadata");
    let role = entity.service_provider.expect("a service provider");
    let incoming = redirect::decode(location.split_once('?').expect("a query").1).expect("a request");
    let signature = incoming.signature.expect("signed");
    signature
        .verify(&role.signing_certificates(), &Algorithms::default())
        .expect("ours");
    assert_eq!(entity.entity_id, own);

    estate
        .change(json!({
            "name_id_format": "persistent",
            "authn_context_class_ref": "urn:a;urn:b",
            "force_authn": true,
            "destination": "https://idp.example/other",
        }))
        .await;
    estate
        .change_sso(json!({ "entity_id": "http://www.webex.com", "signature_algorithm": "rsa_sha512" }))
        .await;
    let page = browser.get(&estate.login("")).await;
    assert!(page.header("location").contains("rsa-sha512"));
    let request = request_of(page.header("location"));
    assert_eq!(request.head.issuer.as_deref(), Some("http://www.webex.com"));
    assert_eq!(
        request.head.destination.as_deref(),
        Some("https://idp.example/other")
    );
    let policy = request.name_id_policy.expect("a policy");
    assert_eq!(policy.format.as_deref(), Some(name_id_format::PERSISTENT));
    let context = request.requested_context.expect("a context");
    assert_eq!(context.classes, ["urn:a", "urn:b"]);
    assert!(request.force_authn);

    estate.change_sso(json!({ "sign_requests": false })).await;
    let page = browser.get(&estate.login("")).await;
    assert!(!page.header("location").contains("Signature="));

    // As a form, which a script sends, or a button.
    estate.change_sso(json!({ "sign_requests": true })).await;
    estate.change(json!({ "login_binding": "post" })).await;
    let page = browser.get(&estate.login("")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("action=\"https://idp.example/sso\""),
        "{}",
        page.text
    );
    assert!(page.text.contains("name=\"SAMLRequest\""), "{}", page.text);
    assert!(page.text.contains("<button type=\"submit\">"), "{}", page.text);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https: http:;"), "{policy}");
    assert!(policy.ends_with("script-src 'self'"), "{policy}");
}

async fn the_answer_is_for_the_browser_that_asked(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let (mine, theirs) = (Browser::new(world), Browser::new(world));
    // Somebody else's answer is put before me, with all that goes with it.
    let request = estate.ask(&theirs, "").await;
    let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
    mine.get("/sign-in").await;
    estate
        .bring_home(&mine, &xml, None)
        .await
        .expect(403, "in another browser");
    assert_eq!(mine.cookie("instep-session"), None);

    // And without the cookie that goes with the ticket.
    let request = estate.ask(&mine, "").await;
    let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
    let page = estate.bring(&mine, &xml, None).await;
    mine.set_cookie("instep-landing", "x");
    mine.get(page.header("location")).await.expect(403, "out of date");
    assert_eq!(mine.cookie("instep-session"), None);
}

async fn an_answer_is_good_once(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let request = estate.ask(&browser, "").await;
    let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
    let page = estate.bring(&browser, &xml, None).await;
    let landing = page.header("location").to_owned();
    let twin = browser.twin();
    browser.get(&landing).await.leads_to("/account");
    // The ticket a second time, where the cookie was kept.
    twin.get(&landing).await.expect(403, "out of date");
    // The answer a second time.
    estate
        .bring(&browser, &xml, None)
        .await
        .expect(403, "InResponseTo does not match the request ID (28)");
}

async fn what_nobody_asked_for_is_taken_by_choice(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let unsolicited = |estate: &Estate<'_>| estate.idp.answer(&estate.said(None, &anna));
    let xml = unsolicited(&estate);
    let refused = estate.bring(&browser, &xml, None).await;
    refused.expect(403, "InResponseTo does not match the request ID (28)");

    estate
        .change(json!({ "profile": "idp_initiated", "target_parameter": "TARGET" }))
        .await;
    // People are led to the identity provider's own page, with where they want to go.
    let page = browser.get(&estate.login("?to=%2Faccount%2Ftoken")).await;
    page.leads_to("https://idp.example/sso?TARGET=%2Faccount%2Ftoken");
    for (relay_state, to) in [
        (None, "/account"),
        (Some("/account/token"), "/account/token"),
        (Some("https://evil.example/"), "/account"),
    ] {
        let xml = unsolicited(&estate);
        estate.bring_home(&browser, &xml, relay_state).await.leads_to(to);
    }
    // The same assertion a second time.
    let xml = unsolicited(&estate);
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    estate
        .bring(&browser, &xml, None)
        .await
        .expect(403, "Invalid SAML assertion (13)");
}

async fn nobody_is_sent_away(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let go = async |estate: &Estate<'_>, to: &str| {
        let request = estate.ask(&browser, &format!("?to={to}")).await;
        let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
        let page = estate.bring_home(&browser, &xml, None).await;
        let place = page.header("location").to_owned();
        if place.contains("/target?") {
            return browser.get(&place).await.header("location").to_owned();
        }
        place
    };
    let meeting = "https%3A%2F%2Fmeet.example%2Fj%2F7";
    assert_eq!(go(&estate, meeting).await, "/account");
    estate
        .change_sso(json!({ "target_pages": ["https://meet.example/j/"] }))
        .await;
    assert_eq!(go(&estate, meeting).await, "https://meet.example/j/7");
    assert_eq!(go(&estate, "https%3A%2F%2Fevil.example%2F").await, "/account");
    assert_eq!(go(&estate, "%2F%2Fevil.example").await, "/account");
    estate
        .change(json!({ "default_target_page": "https://intranet.example/" }))
        .await;
    assert_eq!(go(&estate, "").await, "https://intranet.example/");
    assert_eq!(go(&estate, "%2Faccount").await, "/account");
    // The way out leads nowhere else.
    let path = format!(
        "/idb/saml2/{}/target?to=https%3A%2F%2Fevil.example%2F",
        estate.org.id
    );
    browser.get(&path).await.expect(403, "not on your organization");
    // Nor does it lead whoever has not signed in there anywhere without a word: anybody could send such a link.
    let path = path.replace("evil.example%2F", "meet.example%2Fj%2F7");
    browser.get(&path).await.leads_to("https://meet.example/j/7");
    let stranger = Browser::new(world);
    let asked = stranger.get(&path).await;
    asked.expect(200, "This link leads away, to https://meet.example/j/7");
    asked.expect(200, "href=\"https://meet.example/j/7\"");
    let foreign = administrator(world, &world.webex).await;
    stranger.sign_in(&foreign, PASSWORD).await.leads_to("/account");
    let asked = stranger.get(&path).await;
    asked.expect(200, "You are not signed in here");
}

async fn whoever_wanted_nowhere_goes_where_the_organization_says(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    estate
        .change(json!({ "default_target_page": "https://intranet.example/" }))
        .await;
    let led = async |sign_in: &str| {
        let browser = Browser::new(world);
        let page = browser.get(sign_in).await;
        let page = browser.submit(&page, "/sign-in", &[("address", &anna)]).await;
        let page = browser.get(&super::logout::way_on(&page)).await;
        (page.header("location").to_owned(), browser)
    };
    for (sign_in, to) in [
        ("/sign-in", "https://intranet.example/"),
        ("/sign-in?to=%2F%2Fevil.example", "https://intranet.example/"),
        ("/sign-in?to=%2Faccount%2Ftoken", "/account/token"),
    ] {
        let (location, browser) = led(sign_in).await;
        let request = request_of(&location).head.id;
        let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
        let page = estate.bring_home(&browser, &xml, None).await;
        let place = page.header("location").to_owned();
        if place.contains("/target?") {
            browser.get(&place).await.leads_to(to);
        } else {
            page.leads_to(to);
        }
    }
    // The identity provider's own page is told the same.
    estate.change(json!({ "profile": "idp_initiated" })).await;
    let (location, _) = led("/sign-in").await;
    assert_eq!(
        location,
        "https://idp.example/sso?TARGET=https%3A%2F%2Fintranet.example%2F"
    );
    let (location, _) = led("/sign-in?to=%2Faccount%2Ftoken").await;
    assert_eq!(location, "https://idp.example/sso?TARGET=%2Faccount%2Ftoken");
}

async fn somebody_is_asked_anew_by_a_request(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    estate.change(json!({ "profile": "idp_initiated" })).await;
    let browser = Browser::new(world);
    let page = browser.get(&estate.login("?again=true")).await;
    let request = request_of(page.header("location"));
    assert!(request.force_authn);
    let said = estate.said(Some(&request.head.id), &anna);
    let xml = estate.idp.answer(&said);
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    // To ask each time, and never to ask, are not to be had together.
    let path = "/sso/providers/Example%20IdP";
    let both = json!({ "settings": { "force_authn": true } });
    let refused = world.plain.api().patch(path, &both).await;
    assert_eq!(
        refused.problem(400, "sso.setting")["params"]["setting"],
        "force_authn"
    );
}

async fn the_address_leads_to_the_identity_provider(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.get("/sign-in").await.expect(200, "name=\"password\"");
    let estate = Estate::new(world).await;
    // Only the address is asked for, as it may lead elsewhere.
    let page = browser.get("/sign-in?to=%2Faccount%2Ftoken").await;
    page.expect(200, "name=\"address\"");
    assert!(!page.text.contains("name=\"password\""), "{}", page.text);
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let made = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    give_password(world, estate.org.id, made).await;
    let strip = |page: &crate::pages::Page, address: &str| page.text.replace(address, "");
    let mut seen = Vec::new();
    let nobody = format!("nobody@{DOMAIN}");
    for address in [&anna, &nobody] {
        let led = browser.submit(&page, "/sign-in", &[("address", address)]).await;
        led.expect(200, "You are led there");
        assert!(led.text.contains("to=%2Faccount%2Ftoken"), "{}", led.text);
        seen.push(strip(&led, address));
    }
    assert_eq!(
        seen[0], seen[1],
        "whoever has no account is led like those who have one"
    );
    // Others are asked for the password.
    let asked = browser.submit(&page, "/sign-in", &[("address", &admin)]).await;
    asked.expect(200, "name=\"password\"");
    let fields = [("address", admin.as_str()), ("password", PASSWORD)];
    browser
        .submit(&asked, "/sign-in", &fields)
        .await
        .leads_to("/account/token");
    // A password is of no use to whoever is to sign in elsewhere.
    let other = Browser::new(world);
    let page = other.get("/sign-in").await;
    let fields = [("address", anna.as_str()), ("password", PASSWORD)];
    let led = other.submit(&page, "/sign-in", &fields).await;
    led.expect(200, "You are led there");
    assert_eq!(other.cookie("instep-session"), None);
}

async fn an_invitation_leads_there_too(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let path = format!("/people/{}/invitation", made["id"].as_str().expect("an id"));
    estate.org.api().post(&path, &json!({})).await.expect(200);
    let link = world.letters(estate.org).await[0].link();
    let browser = Browser::new(world);
    let page = browser.get(&link).await;
    let chosen = [("new", PASSWORD), ("again", PASSWORD)];
    let led = browser.submit(&page, "/invitation", &chosen).await;
    led.expect(200, "You are led there");
    assert_eq!(browser.cookie("instep-session"), None);
}

async fn a_second_factor_is_asked_for_unless_trusted(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    world.set(estate.org, "sign_in.second_factor", "all").await;
    let browser = Browser::new(world);
    // Whoever must have one and has none gets it on the way in.
    let page = estate.sign_in(&browser, &anna).await;
    page.expect(200, "authenticator");
    assert_eq!(browser.cookie("instep-session"), None);
    let app = App::read(&page);
    let code = app.code(world);
    let page = browser
        .submit(&page, "/sign-in/authenticator", &[("code", &code)])
        .await;
    page.expect(200, "recovery codes");
    assert!(browser.cookie("instep-session").is_some());
    // Whoever has one shows it.
    let other = Browser::new(world);
    let page = estate.sign_in(&other, &anna).await;
    page.expect(200, "action=\"/sign-in/factor\"");
    assert_eq!(other.cookie("instep-session"), None);
    let code = app.next(world);
    other
        .submit(&page, "/sign-in/factor", &[("code", &code)])
        .await
        .leads_to("/account");
    // Unless that of the identity provider is believed.
    estate.change(json!({ "second_factor": "trust" })).await;
    let third = Browser::new(world);
    estate.sign_in(&third, &anna).await.leads_to("/account");
    third.get("/account").await.expect(200, &anna);
}

async fn the_session_ends_when_the_identity_provider_says(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let request = estate.ask(&browser, "").await;
    let mut said = estate.said(Some(&request), &anna);
    said.session_until = Some(said.now + Duration::from_mins(20));
    let xml = estate.idp.answer(&said);
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    browser.get("/account").await.expect(200, &anna);
    world.clock.advance(Duration::from_mins(21));
    browser.get("/account").await.leads_to("/sign-in?to=%2Faccount");
}

async fn encrypted_answers_are_read(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let metadata = world.nobody();
    let metadata = metadata
        .get(&format!("/idb/saml2/{}/metadata", estate.org.id))
        .await;
    let entity = saml::metadata::import(&metadata.text, None).expect("metadata");
    let role = entity.service_provider.expect("a service provider");
    let certificate = role.encryption_certificate().expect("a certificate");
    estate
        .change(json!({ "require_encrypted_assertion": true }))
        .await;
    let request = estate.ask(&browser, "").await;
    let xml = estate
        .idp
        .answer_for(&estate.said(Some(&request), &anna), Some(&certificate));
    assert!(!xml.contains(&anna), "{xml}");
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    // One that is not is refused where that is set.
    let refused = estate.sign_in(&browser, &anna).await;
    refused.expect(403, "Invalid SAML assertion (13)");
}

async fn a_test_lets_nobody_in(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let federation = &world.federation;
    let cause = crate::world::cause();
    let (org, id) = (estate.org.id, estate.provider.id);
    federation
        .deactivate_provider(&cause, org, id)
        .await
        .expect("off");
    let untested = federation.activate_provider(&cause, org, id, false).await;
    assert!(untested.is_err(), "nobody has tested it");
    let address = server::sso_test_address(&world.state, org, id);
    let path = address
        .strip_prefix(&world.state.config.public_url)
        .expect("ours")
        .to_owned();
    let run = async |estate: &Estate<'_>, uid: &str| {
        let browser = Browser::new(world);
        let page = browser.get(&path).await;
        let request = request_of(page.header("location")).head.id;
        let xml = estate.idp.answer(&estate.said(Some(&request), uid));
        let page = estate.bring_home(&browser, &xml, None).await;
        assert_eq!(browser.cookie("instep-session"), None, "nobody is let in");
        page
    };
    run(&estate, "nobody-here").await.expect(200, "The test failed");
    let untested = federation.activate_provider(&cause, org, id, false).await;
    assert!(untested.is_err(), "the test has failed");
    let page = run(&estate, &anna).await;
    page.expect(200, "Successful test");
    page.expect(200, "assertion.audience");
    federation
        .activate_provider(&cause, org, id, false)
        .await
        .expect("on");
    // With other settings it is another thing to test.
    estate.change(json!({ "allow_sha1": true })).await;
    assert_eq!(estate.provider.tested, None);
    let told = events(world, org, "sso_test").await;
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["code"], &told[1]["code"]), (&json!(null), &json!(3)));
}
