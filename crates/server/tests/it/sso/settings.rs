//! Every setting changes something: flipped alone, something that a service or a person sees is different.

use std::collections::BTreeSet;

use saml::binding::{Kind, redirect};
use saml::message::{LogoutRequest, NameId};
use saml::names::name_id_format;
use serde_json::{Value, json};

use super::service::{CONSUMER, ENTITY_ID, Keys, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    every_setting_changes_something,
    settings_that_cannot_work_are_refused
);

const ADDRESS: &str = "barbara@northwind.example";
const LOGO: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/// What is set at the beginning: so much that each of the others has something to show.
fn beginning(keys: &Keys) -> Value {
    json!({
        "encryption": "aes256_gcm",
        "encryption_certificate": keys.certificate.to_pem(),
        "request_certificates": [keys.certificate.to_pem()],
        "logout": { "url": "https://wiki.example/slo" },
        "attributes": [{ "name": "uid", "source": { "attribute": "userName" } }],
    })
}

/// Other values than those at the beginning.
fn others() -> Vec<(&'static str, Value)> {
    let other = Keys::new().certificate.to_pem();
    vec![
        ("label", json!("Our wiki")),
        ("description", json!("All that we know")),
        ("logo", json!(LOGO)),
        ("shown", json!(false)),
        ("entity_id", json!("https://other.example/saml")),
        (
            "consumers",
            json!([{ "url": "https://other.example/acs", "index": 0 }]),
        ),
        (
            "logout",
            json!({ "url": "https://wiki.example/slo", "binding": "post" }),
        ),
        ("request_certificates", json!([other])),
        ("signed_requests", json!(true)),
        ("sha1_requests", json!(true)),
        ("issuer", json!("https://other.example/idp")),
        ("name_id_format", json!("persistent")),
        ("name_id", json!({ "constant": "somebody" })),
        (
            "attributes",
            json!([{ "name": "uid", "source": { "constant": "x" } }]),
        ),
        ("sign", json!("assertion")),
        ("signature_algorithm", json!("rsa_sha512")),
        ("encryption", json!("aes128_gcm")),
        ("key_transport", json!("oaep_sha256")),
        ("encryption_certificate", json!(other)),
        ("valid_minutes", json!(7)),
        ("session_minutes", json!(3)),
        ("idp_initiated", json!(false)),
        ("default_relay_state", json!("https://wiki.example/start")),
        ("relay_states", json!(["https://wiki.example/deep"])),
        ("contexts", json!({ "password": "urn:example:by-word" })),
    ]
}

async fn every_setting_changes_something(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let begun = service.change(&world.plain, beginning(&service.keys)).await;
    let all: BTreeSet<_> = begun["settings"]
        .as_object()
        .expect("settings")
        .keys()
        .cloned()
        .collect();
    let tried: BTreeSet<_> = others().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(tried, all, "left: the settings that are tried here");
    let before = seen(world, &browser, &service).await;
    assert_eq!(
        seen(world, &browser, &service).await,
        before,
        "nothing was changed"
    );
    for (name, value) in others() {
        service.change(&world.plain, json!({ name: value })).await;
        let after = seen(world, &browser, &service).await;
        assert_ne!(after, before, "{name} changes nothing");
        service
            .change(&world.plain, json!({ name: begun["settings"][name] }))
            .await;
    }
    assert_eq!(
        seen(world, &browser, &service).await,
        before,
        "everything is as it was"
    );
}

/// What there is to see, without what differs each time.
async fn seen(world: &World, browser: &Browser, service: &Service) -> Value {
    let portal = browser.get("/portal").await.text;
    let metadata = world
        .nobody()
        .get(&format!("{}/metadata", service.path()))
        .await
        .text;
    let mut unasked = Vec::new();
    for query in ["", "?RelayState=https%3A%2F%2Fwiki.example%2Fdeep"] {
        let page = browser.get(&format!("{}{query}", service.path())).await;
        unasked.push((
            page.status,
            page.text.contains("action=\"https://wiki.example/saml/acs\""),
        ));
    }
    let page = browser.get(&service.path()).await;
    let relay_state =
        (page.status == 200 && page.text.contains(CONSUMER)).then(|| handed_on(&page, CONSUMER).relay_state);
    let mut asked = Vec::new();
    for credential in [None, Some(&service.keys.credential)] {
        let request = service.request(world);
        let page = browser
            .get(&service.by_redirect(world, &request, None, credential))
            .await;
        asked.push(answer(world, service, &page, &request).await);
    }
    // A signature with SHA-1 that fits nothing: how it is refused says whether it was looked at.
    let xml = service.request(world).to_element().to_xml().expect("XML");
    let old = redirect::encode(&service.address, Kind::Request, &xml, None, None).expect("an address");
    let old = old.strip_prefix(&world.address).expect("the server's");
    let old = format!("{old}&SigAlg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1&Signature=AAAA");
    browser.get(&old).await;
    let traces = world.plain.api().get("/saml-traces?limit=1").await.expect(200);
    json!({
        "portal": portal,
        "metadata": metadata,
        "unasked": unasked,
        "relay_state": relay_state,
        "asked": asked,
        "old": traces["items"][0]["message"],
        "logout": sign_out(world, browser, service).await,
    })
}

/// What the service makes of an answer.
async fn answer(
    world: &World,
    service: &Service,
    page: &crate::pages::Page,
    request: &saml::message::AuthnRequest,
) -> Value {
    if page.status != 200 || !page.text.contains(CONSUMER) {
        return json!(page.status);
    }
    let xml = handed_on(page, CONSUMER).xml;
    let judged = service.judge(world, page, Some(request)).await;
    let signed_in = match judged.result {
        Ok(signed_in) => signed_in,
        Err(refusal) => return json!(refusal.code.as_str()),
    };
    let assertion = signed_in.assertion;
    let minutes = |until: Option<base::Timestamp>| {
        until.map(|until| until.since(assertion.issued).as_secs().div_ceil(60))
    };
    let algorithms: BTreeSet<_> = xml
        .split("Algorithm=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let name = assertion.subject.name_id.as_ref();
    json!({
        "algorithms": algorithms,
        "signatures": xml.matches("<ds:SignatureValue").count(),
        "name": name.map(|name| (name.value.clone(), name.format().to_owned())),
        "attributes": format!("{:?}", assertion.attributes),
        "valid": minutes(assertion.conditions.not_on_or_after),
        "session": minutes(assertion.authn_statements[0].session_not_on_or_after),
        "context": signed_in.context_class,
    })
}

/// How a service is answered that asks to end the session of somebody unknown.
async fn sign_out(world: &World, browser: &Browser, service: &Service) -> Value {
    let location = format!("{}/logout", service.address);
    let mut head = service.request(world).head;
    head.destination = Some(location.clone());
    head.issuer = Some(ENTITY_ID.to_owned());
    let request = LogoutRequest {
        head,
        not_on_or_after: None,
        reason: None,
        name_id: NameId::new("nobody", name_id_format::UNSPECIFIED),
        session_indexes: Vec::new(),
    };
    let xml = request.to_element().to_xml().expect("XML");
    let credential = Some(&service.keys.credential);
    let url = redirect::encode(&location, Kind::Request, &xml, None, credential).expect("an address");
    let page = browser
        .get(url.strip_prefix(&world.address).expect("the server's"))
        .await;
    json!(page.status)
}

async fn settings_that_cannot_work_are_refused(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let api = world.plain.api();
    let sso = format!("/apps/{}/sso", service.app);
    let change = async |settings: Value| api.patch(&sso, &json!({ "settings": settings })).await;
    for (settings, setting) in [
        (json!({ "entity_id": "with a blank" }), "entity_id"),
        (json!({ "issuer": "a\nb" }), "issuer"),
        (
            json!({ "consumers": [{ "url": "javascript:alert(1)", "index": 0 }] }),
            "consumers",
        ),
        (
            json!({ "consumers": [{ "url": "https://a.example/", "index": 0 }, { "url": "https://b.example/", "index": 0 }] }),
            "consumers",
        ),
        (
            json!({ "consumers": [
                { "url": "https://a.example/", "index": 0, "default": true },
                { "url": "https://b.example/", "index": 1, "default": true },
            ] }),
            "consumers",
        ),
        (json!({ "logout": { "url": "data:text/html,x" } }), "logout"),
        (
            json!({ "request_certificates": ["no certificate"] }),
            "request_certificates",
        ),
        (json!({ "signed_requests": true }), "signed_requests"),
        (json!({ "encryption": "aes256_gcm" }), "encryption"),
        (
            json!({ "encryption_certificate": "AAAA" }),
            "encryption_certificate",
        ),
        (
            json!({ "signature_algorithm": "ecdsa_sha256" }),
            "signature_algorithm",
        ),
        (json!({ "valid_minutes": 0 }), "valid_minutes"),
        (json!({ "session_minutes": 100_000 }), "session_minutes"),
        (json!({ "relay_states": [""] }), "relay_states"),
        (json!({ "relay_states": ["/"] }), "relay_states"),
        (json!({ "relay_states": ["https://"] }), "relay_states"),
        (
            json!({ "default_relay_state": "x".repeat(3_000) }),
            "default_relay_state",
        ),
        (json!({ "contexts": { "password": "word" } }), "contexts.password"),
        (json!({ "name_id_format": "kerberos" }), "name_id"),
        (json!({ "name_id": { "expression": "Nothing(" } }), "name_id"),
        (
            json!({ "name_id_format": "transient", "name_id": { "constant": "x" } }),
            "name_id",
        ),
        (json!({ "label": "x".repeat(101) }), "label"),
    ] {
        let problem = change(settings.clone()).await.problem(400, "sso.setting");
        assert_eq!(problem["params"]["setting"], setting, "{settings}");
    }
    for attributes in [
        json!([{ "name": "", "source": { "constant": "x" } }]),
        json!([{ "name": "a", "source": "none" }]),
        json!([{ "name": "a", "source": { "expression": "Nothing([a])" } }]),
        json!([{ "name": "a", "source": { "constant": "x" } }, { "name": "a", "source": { "constant": "y" } }]),
    ] {
        change(json!({ "attributes": attributes }))
            .await
            .problem(400, "sso.attribute");
    }
    change(json!({ "signature_algorithm": "rsa_sha1" }))
        .await
        .problem(400, "body.invalid");
    let shown = api.get(&sso).await.expect(200);
    let sha1 = shown["signature_algorithms"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["name"] == "rsa_sha1"));
    assert_eq!(sha1.expect("it is shown")["usable"], false);
    change(json!({ "entity_id": "" }))
        .await
        .problem(409, "sso.incomplete");
    change(json!({ "url": "https://a.example/" }))
        .await
        .problem(409, "sso.kind");
    let other = json!({ "slug": "other" });
    api.patch(&sso, &other).await.problem(409, "sso.slug_fixed");
    api.put(&sso, &other).await.problem(409, "sso.slug_fixed");
    // What is not complete is not active, and cannot be.
    api.post("/apps", &json!({ "template": "saml", "name": "Later" }))
        .await
        .expect(201);
    api.get("/apps/Later/sso").await.problem(404, "sso.unset");
    for slug in ["X", "a b", "metadata", "-a"] {
        api.put("/apps/Later/sso", &json!({ "slug": slug }))
            .await
            .problem(400, "sso.slug");
    }
    let made = api.put("/apps/Later/sso", &json!({})).await.expect(201);
    assert_eq!(made["active"], false);
    assert!(
        made["slug"]
            .as_str()
            .is_some_and(|slug| slug.starts_with("later-")),
        "{made}"
    );
    api.post("/apps/Later/sso/activate", &json!({}))
        .await
        .problem(409, "sso.incomplete");
}
