//! Every setting changes something: each is flipped alone, and what is seen differs.

use std::collections::BTreeSet;
use std::time::Duration;

use federation::saml::message::{Attribute, NameId};
use federation::saml::names::name_id_format;
use federation::saml::security::{Certificate, Cipher};
use federation::service_provider::settings::{OrganizationSettings, ProviderSettings, to_map};
use serde_json::{Value, json};

use super::idp::{Idp, request_of};
use super::{DOMAIN, Estate, Said, events, person};
use crate::client::encoded;
use crate::on_both;
use crate::pages::{Browser, Page};
use crate::world::World;

on_both!(
    every_setting_of_an_identity_provider,
    every_setting_of_the_organization
);

/// Another value than the one at first.
const OF_PROVIDER: [(&str, &str); 26] = [
    ("login_url", "\"https://idp.example/other\""),
    ("login_binding", "\"post\""),
    ("destination", "\"https://idp.example/other\""),
    ("logout_url", "\"https://idp.example/slo\""),
    ("error_url", "\"https://help.example/\""),
    ("name_id_format", "\"email_address\""),
    ("authn_context_class_ref", "\"urn:a\""),
    ("default_target_page", "\"/account/token\""),
    ("profile", "\"idp_initiated\""),
    ("force_authn", "true"),
    ("auto_create", "true"),
    ("auto_update", "true"),
    ("remove_uid_domain", "true"),
    ("uid_domains", "[\"corp.local\"]"),
    ("joinable_groups", "[\"{group}\"]"),
    ("attributes", "{\"userName\":[\"upn\"]}"),
    (
        "linking_attributes",
        "[{\"attribute\":\"externalId\",\"saml\":\"number\"}]",
    ),
    ("require_signed_response", "true"),
    ("require_signed_assertion", "true"),
    ("require_encrypted_assertion", "true"),
    ("allow_cbc", "true"),
    ("refuse_expired_certificates", "true"),
    ("second_factor", "\"trust\""),
    // Beside another one, without which it means nothing.
    ("target_parameter", "\"GOTO\""),
    ("logout_binding", "\"post\""),
    // What is signed with SHA-1 only others can make: `tests/outside/saml_idp.py`.
    ("allow_sha1", ""),
];

fn beside(setting: &str) -> Value {
    match setting {
        "target_parameter" => json!({ "profile": "idp_initiated" }),
        "remove_uid_domain" => json!({ "uid_domains": ["corp.local"] }),
        "uid_domains" => json!({ "remove_uid_domain": true, "uid_domains": ["other.local"] }),
        "joinable_groups" => json!({ "auto_create": true }),
        "logout_binding" => json!({ "logout_url": "https://idp.example/slo" }),
        _ => json!({}),
    }
}

async fn every_setting_of_an_identity_provider(world: &World) {
    let mut estate = Estate::new(world).await;
    let expired = Idp::with(world, &estate.idp.entity_id, 1, Duration::from_secs(1));
    let federation = &world.federation;
    let (org, id) = (estate.org.id, estate.provider.id);
    let cause = crate::world::cause();
    federation
        .add_provider_certificate(&cause, org, id, expired.certificate.clone())
        .await
        .expect("added");
    world.clock.advance(Duration::from_secs(2));
    let known: BTreeSet<String> = to_map(&ProviderSettings::default())
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let tried: BTreeSet<String> = OF_PROVIDER.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(known, tried);
    let group = json!({ "displayName": "Joiners" });
    let group = estate.org.scim().post("/Groups", &group).await.expect(201);
    let group = group["id"].as_str().expect("an id");
    // Of some it is seen once for each person: each probe has people of its own.
    let mut number = 0;
    let mut bases: Vec<(Value, Vec<String>)> = Vec::new();
    let mut usual: Value = to_map(&ProviderSettings::default()).into_iter().collect();
    usual["login_url"] = json!("https://idp.example/sso");
    for (key, value) in OF_PROVIDER.iter().filter(|(_, value)| !value.is_empty()) {
        let mut probe = async |estate: &Estate<'_>| {
            number += 1;
            seen(world, estate, &expired, number).await
        };
        estate.change(usual.clone()).await;
        estate.change(beside(key)).await;
        let base = beside(key);
        let known = bases.iter().find(|(beside, _)| *beside == base);
        let before = if let Some((_, before)) = known {
            before.clone()
        } else {
            let before = probe(&estate).await;
            // What is seen does not hang on who it is.
            assert_eq!(before, probe(&estate).await);
            bases.push((base, before.clone()));
            before
        };
        let value: Value = serde_json::from_str(&value.replace("{group}", group)).expect("JSON");
        estate.change(json!({ *key: value })).await;
        let after = probe(&estate).await;
        assert_ne!(before, after, "{key} changes nothing");
    }
}

/// Where a page leads, or what it says, without what is another each time.
fn outcome(page: &Page, anna: &str) -> String {
    if page.status == 303 {
        let location = page
            .header("location")
            .split(['?', '&'])
            .next()
            .unwrap_or_default();
        return location.to_owned();
    }
    let said = page.text.split("Reason: ").nth(1);
    let said = said.and_then(|rest| rest.split('<').next());
    said.unwrap_or(if page.text.contains("authenticator") {
        "factor"
    } else {
        &page.text
    })
    .replace(anna, "")
}

/// Makes something else of an answer.
type Make<'m> = &'m (dyn Fn(&mut Said) + Sync);
/// Whose answer, for whom it is encrypted and how, and what is otherwise about it.
type Answer<'m> = (&'m Idp, Option<(&'m Certificate, Cipher)>, Make<'m>);

async fn seen(world: &World, estate: &Estate<'_>, expired: &Idp, number: u32) -> Vec<String> {
    let anna = format!("anna{number}@{DOMAIN}");
    let number_of = format!("E-{number}");
    let body = json!({ "userName": anna, "externalId": number_of });
    estate.org.scim().post("/Users", &body).await.expect(201);
    let plain = format!("plain{number}");
    person(estate.org, &plain).await;
    let browser = Browser::new(world);
    let mut all = Vec::new();
    // The request.
    let page = browser.get(&estate.login("")).await;
    let location = page.header("location").to_owned();
    all.push(location.split('=').next().unwrap_or_default().to_owned());
    all.push(if page.status == 200 {
        "form".to_owned()
    } else {
        String::new()
    });
    if location.contains("SAMLRequest=") {
        let mut request = request_of(&location);
        request.head.id.clear();
        request.head.issued = base::Timestamp::default();
        all.push(format!("{request:?}"));
    }
    let metadata = world
        .nobody()
        .get(&format!("/idb/saml2/{}/metadata", estate.org.id))
        .await;
    let entity = saml::metadata::import(&metadata.text, None).expect("metadata");
    let own = entity
        .service_provider
        .and_then(|role| role.encryption_certificate())
        .expect("a certificate");
    // Answers.
    let new = format!("new{number}@{DOMAIN}");
    let upn = format!("{plain}@corp.local");
    let make: [Answer<'_>; 10] = [
        (&estate.idp, None, &|_| {}),
        (&estate.idp, None, &|said| said.sign_response = false),
        (&estate.idp, None, &|said| said.sign_assertion = false),
        (&estate.idp, Some((&own, Cipher::Aes256Gcm)), &|_| {}),
        (&estate.idp, Some((&own, Cipher::Aes256Cbc)), &|_| {}),
        (expired, None, &|_| {}),
        (&estate.idp, None, &|said| {
            let wanted = [("uid", new.as_str()), ("groupid", "Joiners")];
            *said = said.clone().and(&wanted).whole(&new);
        }),
        (&estate.idp, None, &|said| {
            *said = said
                .clone()
                .and(&[("jobTitle", "Cook"), ("updateTimeStamp", "20261121093001Z")]);
        }),
        (&estate.idp, None, &|said| {
            *said = said.clone().and(&[("uid", &upn)]);
        }),
        (&estate.idp, None, &|said| {
            said.name_id = NameId::new("x", name_id_format::TRANSIENT);
            said.attributes = vec![
                Attribute::basic("uid", [format!("of-nobody@{DOMAIN}")]),
                Attribute::basic("upn", [&anna]),
                Attribute::basic("number", [&number_of]),
            ];
        }),
    ];
    for (idp, encrypted, change) in make {
        let request = ask(estate, &browser).await;
        let mut said = estate.said(request.as_deref(), &anna);
        change(&mut said);
        let xml = idp.answer_with(&said, encrypted);
        let page = estate.bring_home(&browser, &xml, None).await;
        all.push(outcome(&page, &anna));
    }
    all.push(estate.org.api().get(&format!("/people/{anna}")).await.expect(200)["title"].to_string());
    let path = format!("/Users?filter={}", encoded(&format!("userName eq \"{new}\"")));
    let made = estate.org.scim().get(&path).await.expect(200);
    all.push(made["Resources"][0]["groups"][0]["display"].to_string());
    // What nobody asked for.
    let xml = estate.idp.answer(&estate.said(None, &anna));
    all.push(outcome(&estate.bring_home(&browser, &xml, None).await, &anna));
    // A second factor that is demanded.
    world.set(estate.org, "sign_in.second_factor", "all").await;
    let request = ask(estate, &browser).await;
    let xml = estate
        .idp
        .answer_with(&estate.said(request.as_deref(), &anna), None);
    all.push(outcome(&estate.bring_home(&browser, &xml, None).await, &anna));
    world.set(estate.org, "sign_in.second_factor", "optional").await;
    // Signing out.
    let vouched = federation::service_provider::Vouched {
        provider: estate.provider.id,
        name_id: anna.clone(),
        name_id_format: None,
        name_qualifier: None,
        sp_name_qualifier: None,
        session_index: None,
        context: None,
        authenticated: None,
        attendee: false,
    };
    let public_url = &world.state.config.public_url;
    let addresses = federation::service_provider::Addresses::new(public_url, estate.org.id);
    let cause = crate::world::cause();
    let out = world
        .federation
        .begin_logout(&cause, estate.org.id, &addresses, &vouched, (b"x", None))
        .await;
    all.push(match out.expect("asked") {
        None => "none".to_owned(),
        Some((_, saml::binding::Outgoing::Redirect(_))) => "redirect".to_owned(),
        Some((_, saml::binding::Outgoing::Post { .. })) => "post".to_owned(),
    });
    all
}

/// The ID of a request, if one is sent in the address.
async fn ask(estate: &Estate<'_>, browser: &Browser) -> Option<String> {
    let page = browser.get(&estate.login("")).await;
    if page.status == 200 {
        let (_, rest) = page
            .text
            .split_once("name=\"SAMLRequest\" value=\"")
            .expect("a form");
        let fields = [("SAMLRequest", rest.split('"').next().expect("a value"))];
        let xml = saml::binding::post::decode(fields).expect("a request").xml;
        return saml::profile::label(&xml).expect("a label").id;
    }
    let location = page.header("location");
    location
        .contains("SAMLRequest=")
        .then(|| request_of(location).head.id)
}

async fn every_setting_of_the_organization(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let tried = [
        ("entity_id", json!("http://www.webex.com")),
        ("sign_requests", json!(false)),
        ("signature_algorithm", json!("rsa_sha512")),
        ("attendees", json!(true)),
        ("target_pages", json!(["https://meet.example/"])),
    ];
    let known: BTreeSet<String> = to_map(&OrganizationSettings::default())
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(known, tried.iter().map(|(key, _)| (*key).to_owned()).collect());
    let seen = async || {
        let page = browser
            .get(&estate.login("?to=https%3A%2F%2Fmeet.example%2F7"))
            .await;
        let location = page.header("location").to_owned();
        let request = request_of(&location);
        let mut said = estate.said(Some(&request.head.id), &anna);
        said.audience = request.head.issuer.clone().expect("an issuer");
        let xml = estate.idp.answer(&said);
        let page = estate.bring_home(&browser, &xml, None).await;
        let place = page
            .header("location")
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        let told = &events(world, estate.org.id, "user_login_attempt").await[0];
        (
            request.head.issuer,
            location.contains("Signature="),
            location.contains("rsa-sha512"),
            told["vouched"]["attendee"].clone(),
            place,
        )
    };
    for (key, value) in tried {
        let before = seen().await;
        estate.change_sso(json!({ key: value })).await;
        let after = seen().await;
        assert_ne!(before, after, "{key} changes nothing");
        estate.change_sso(json!({ key: null })).await;
        assert_eq!(seen().await, before, "{key}");
    }
}
