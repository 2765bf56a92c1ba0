//! What administrators say and see.

use federation::saml::metadata::{Endpoint, EntityDescriptor, IdentityProviderRole, Key};
use federation::saml::names::{binding_uri, name_id_format};
use serde_json::{Value, json};

use super::{DOMAIN, Estate, Idp, person};
use crate::on_both;
use crate::pages::Browser;
use crate::world::World;

on_both!(
    an_identity_provider_comes_by_its_metadata,
    the_configuration_goes_out_and_comes_in,
    what_cannot_be_is_refused,
    another_key_follows_with_overlap,
    who_it_is_is_shown_anew_there,
);

pub(super) fn metadata(idp: &Idp) -> String {
    described(idp).to_element().to_xml().expect("metadata")
}

fn described(idp: &Idp) -> EntityDescriptor {
    EntityDescriptor {
        entity_id: idp.entity_id.clone(),
        id: None,
        valid_until: None,
        identity_provider: Some(IdentityProviderRole {
            keys: vec![Key {
                key_use: None,
                certificate: idp.certificate.clone(),
            }],
            name_id_formats: vec![
                name_id_format::TRANSIENT.to_owned(),
                name_id_format::PERSISTENT.to_owned(),
            ],
            single_sign_on: vec![
                Endpoint::new(binding_uri::HTTP_POST, "https://idp.example/post"),
                Endpoint::new(binding_uri::HTTP_REDIRECT, "https://idp.example/redirect"),
            ],
            single_logout: vec![Endpoint::new(binding_uri::HTTP_POST, "https://idp.example/slo")],
            want_authn_requests_signed: true,
        }),
        service_provider: None,
        left_out: Vec::new(),
    }
}

async fn an_identity_provider_comes_by_its_metadata(world: &World) {
    let api = world.plain.api();
    let idp = Idp::new(world, "https://idp.example/saml");
    let body = json!({ "name": "IdP", "metadata": metadata(&idp), "settings": { "auto_create": true } });
    let added = api.post("/sso/providers", &body).await.expect(201);
    assert_eq!(added["entity_id"], "https://idp.example/saml");
    assert_eq!(
        (&added["active"], &added["tested_at"]),
        (&json!(false), &Value::Null)
    );
    let settings = &added["settings"];
    for (setting, value) in [
        ("login_url", json!("https://idp.example/redirect")),
        ("login_binding", json!("redirect")),
        ("logout_url", json!("https://idp.example/slo")),
        ("logout_binding", json!("post")),
        ("name_id_format", json!("transient")),
        ("auto_create", json!(true)),
        ("auto_update", json!(false)),
    ] {
        assert_eq!(settings[setting], value, "{setting}");
    }
    let certificate = &added["certificates"][0];
    assert_eq!(certificate["fingerprint"], json!(idp.certificate.fingerprint()));
    assert_eq!(certificate["expired"], false);
    // Anew, with another certificate in the place of that before.
    let next = Idp::with(
        world,
        "https://idp.example/saml",
        1,
        std::time::Duration::from_hours(24),
    );
    let body = json!({ "metadata": metadata(&next) });
    let changed = api.patch("/sso/providers/IdP", &body).await.expect(200);
    assert_eq!(changed["certificates"].as_array().map(Vec::len), Some(1));
    assert_eq!(changed["left_out"], json!([]));
    // What they say no more is gone, and what is not understood is said.
    let mut other = described(&next);
    if let Some(role) = &mut other.identity_provider {
        role.single_logout.clear();
    }
    let xml = other.to_element().to_xml().expect("metadata");
    let xml = xml.replacen(
        "<md:SingleSignOnService",
        "<md:KeyDescriptor><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:KeyName>x</ds:KeyName></ds:KeyInfo>\
         </md:KeyDescriptor><md:SingleSignOnService",
        1,
    );
    let changed = api.patch("/sso/providers/IdP", &json!({ "metadata": xml })).await;
    let changed = changed.expect(200);
    assert_eq!(
        (
            &changed["settings"]["logout_url"],
            &changed["settings"]["logout_binding"]
        ),
        (&Value::Null, &json!("redirect"))
    );
    assert_eq!(changed["left_out"], json!(["a key without a certificate"]));
    // They are good for a time.
    other.valid_until = Some(world.store.ambient().now());
    let over = json!({ "metadata": other.to_element().to_xml().expect("metadata") });
    for answer in [
        api.post("/sso/providers", &over).await,
        api.patch("/sso/providers/IdP", &over).await,
    ] {
        answer.problem(400, "sso.metadata");
    }
    assert_eq!(changed["settings"]["auto_create"], true);
    let own = api.get("/sso/metadata").await.expect(200);
    let refused = api
        .post("/sso/providers", &json!({ "name": "Us", "metadata": own["xml"] }))
        .await;
    refused.problem(400, "sso.metadata");
    let url = json!({ "name": "Inside", "metadata_url": "http://169.254.169.254/metadata" });
    api.post("/sso/providers", &url)
        .await
        .problem(400, "sso.metadata");
}

async fn the_configuration_goes_out_and_comes_in(world: &World) {
    let estate = Estate::new(world).await;
    let api = estate.org.api();
    let path = "/sso/providers/Example%20IdP/configuration";
    let out = api.get(path).await.expect(200);
    assert_eq!(
        out,
        json!({
            "authn_request_signed_destination": "https://idp.example/sso",
            "idp_issuer": "https://idp.example/saml",
            "login_url": "https://idp.example/sso",
        })
    );
    let other = json!({
        "authn_request_signed_destination": "https://new.example/destination",
        "idp_issuer": "https://new.example/",
        "login_url": "https://new.example/sso",
    });
    let changed = api.put(path, &other).await.expect(200);
    assert_eq!(changed["entity_id"], "https://new.example/");
    assert_eq!(
        changed["settings"]["destination"],
        "https://new.example/destination"
    );
    assert_eq!(api.get(path).await.expect(200), other);
    api.put(path, &json!({})).await.problem(400, "sso.configuration");
}

async fn what_cannot_be_is_refused(world: &World) {
    let estate = Estate::new(world).await;
    let api = estate.org.api();
    let sso = api.get("/sso").await.expect(200);
    let sha1 = &sso["signature_algorithms"][0];
    assert_eq!(sha1["name"], "rsa_sha1");
    assert_eq!(sha1["usable"], false);
    assert!(
        sha1["reason"]
            .as_str()
            .is_some_and(|why| why.contains("signs nothing with SHA-1"))
    );
    let set = async |settings: Value| api.patch("/sso", &json!({ "settings": settings })).await;
    set(json!({ "signature_algorithm": "rsa_sha1" }))
        .await
        .problem(400, "sso.setting");
    set(json!({ "target_pages": ["javascript:alert(1)"] }))
        .await
        .problem(400, "sso.setting");
    set(json!({ "colour": "red" })).await.problem(400, "sso.setting");
    let one = "/sso/providers/Example%20IdP";
    let twin =
        json!({ "name": "Example IdP", "entity_id": "x", "settings": { "login_url": "https://x.example/" } });
    api.post("/sso/providers", &twin)
        .await
        .problem(409, "sso.name_taken");
    let twin = json!({
        "name": "Other", "entity_id": "https://idp.example/saml", "settings": { "login_url": "https://x.example/" },
    });
    api.post("/sso/providers", &twin)
        .await
        .problem(409, "sso.entity_taken");
    let bare = json!({ "name": "Bare", "entity_id": "https://bare.example/" });
    api.post("/sso/providers", &bare)
        .await
        .problem(400, "sso.setting");
    let bare = json!({
        "name": "Bare", "entity_id": "https://bare.example/", "settings": { "login_url": "https://bare.example/" },
    });
    api.post("/sso/providers", &bare).await.expect(201);
    let untested = json!({ "untested": true });
    api.post("/sso/providers/Bare/activate", &untested)
        .await
        .problem(409, "sso.no_certificate");
    let fingerprint = estate.idp.certificate.fingerprint();
    let last = api.delete(&format!("{one}/certificates/{fingerprint}")).await;
    last.problem(409, "sso.no_certificate");
    api.delete(&format!("{one}/certificates/AA"))
        .await
        .problem(404, "sso.certificate_unknown");
    let junk = json!({ "certificate": "junk" });
    api.post(&format!("{one}/certificates"), &junk)
        .await
        .problem(400, "sso.certificate");
    api.get("/sso/providers/Nobody")
        .await
        .problem(404, "sso.provider_unknown");
    let both = json!({ "routes": [{ "domain": DOMAIN, "group": "x", "provider": "Bare" }] });
    api.put("/sso/routes", &both).await.problem(400, "sso.route");
    api.post(&format!("{one}/deactivate"), &json!({}))
        .await
        .expect(200);
    for unconfirmed in ["", "?confirm=northwind", "?confirm=Hub"] {
        api.post(&format!("/sso/deactivate{unconfirmed}"), &json!({}))
            .await
            .problem(400, "sso.not_confirmed");
    }
    let still = api.get("/sso").await.expect(200);
    assert_eq!(still["active"], true);
    api.post("/sso/deactivate?confirm=Northwind", &json!({}))
        .await
        .expect(200);
    api.post("/sso/activate", &json!({}))
        .await
        .problem(409, "sso.nothing_active");
}

async fn another_key_follows_with_overlap(world: &World) {
    let estate = Estate::new(world).await;
    let api = estate.org.api();
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let published = async || {
        let xml = api.get("/sso/metadata").await.expect(200)["xml"].clone();
        let entity = saml::metadata::import(xml.as_str().expect("a text"), None).expect("metadata");
        let role = entity.service_provider.expect("a service provider");
        role.signing_certificates()
    };
    let first = published().await.remove(0);
    let next = api.post("/sso/keys", &json!({})).await.expect(201);
    assert_eq!(next["standing"], "next");
    assert_eq!(
        published().await.len(),
        2,
        "the next one is known before it signs"
    );
    let browser = Browser::new(world);
    let signed_by = async |browser: &Browser| {
        let page = browser.get(&estate.login("")).await;
        let query = page
            .header("location")
            .split_once('?')
            .expect("a query")
            .1
            .to_owned();
        let incoming = saml::binding::redirect::decode(&query).expect("a request");
        let signature = incoming.signature.expect("signed");
        let algorithms = saml::security::Algorithms::default();
        signature
            .verify(std::slice::from_ref(&first), &algorithms)
            .is_ok()
    };
    assert!(signed_by(&browser).await);
    let id = next["id"].as_str().expect("an id");
    api.post(&format!("/sso/keys/{id}/promote"), &json!({}))
        .await
        .expect(200);
    assert!(!signed_by(&browser).await);
    // What was encrypted for the one before is read yet.
    let request = estate.ask(&browser, "").await;
    let xml = estate
        .idp
        .answer_for(&estate.said(Some(&request), &anna), Some(&first));
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    api.delete(&format!("/sso/keys/{id}"))
        .await
        .problem(409, "key.in_use");
}

async fn who_it_is_is_shown_anew_there(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    estate.sign_in(&browser, &anna).await.leads_to("/account");
    browser
        .get("/account/authenticator")
        .await
        .expect(200, "authenticator");
    world.clock.advance(std::time::Duration::from_mins(11));
    // Nobody has a password here who could be asked for it.
    let page = browser.get("/account/authenticator").await;
    let page = browser.get(page.header("location")).await;
    page.expect(200, "once more");
    let (_, rest) = page.text.split_once("<a href=\"").expect("a link");
    let path = rest.split('"').next().expect("an address").replace("&#38;", "&");
    let page = browser.get(&path).await;
    let request = super::idp::request_of(page.header("location"));
    assert!(request.force_authn);
    // One of long ago will not do.
    let mut said = estate.said(Some(&request.head.id), &anna);
    let now = said.now;
    said.now = now - std::time::Duration::from_mins(6);
    let xml = estate.idp.answer(&said);
    let refused = estate.bring_home(&browser, &xml, None).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    said.now = now;
    said.assertion_id += "2";
    let xml = estate.idp.answer(&said);
    let landed = estate.bring_home(&browser, &xml, None).await;
    landed.leads_to("/account/authenticator");
    browser
        .get("/account/authenticator")
        .await
        .expect(200, "authenticator");
}
