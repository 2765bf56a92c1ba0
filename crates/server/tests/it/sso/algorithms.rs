//! What is set to sign by is what signs: a key that cannot do it does not sign, and what no key can do is not set.

use std::time::Duration;

use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::saml::service_provider::Estate;
use crate::world::World;

on_both!(
    an_apps_key_fits_the_algorithm_that_is_set,
    the_key_of_the_service_provider_fits_the_algorithm_that_is_set,
);

const ADDRESS: &str = "barbara@northwind.example";

async fn an_apps_key_fits_the_algorithm_that_is_set(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let (api, app) = (world.plain.api(), format!("/apps/{}", service.app));
    let keys = format!("{app}/sso/keys");
    let set = async |algorithm: &str| {
        let body = json!({ "settings": { "signature_algorithm": algorithm } });
        api.patch(&format!("{app}/sso"), &body).await
    };
    let signed = async || handed_on(&browser.get(&service.path()).await, CONSUMER).xml;
    set("rsa_sha512").await.expect(200);
    // Published it may be, and not sign.
    let curve = api.post(&keys, &json!({ "kind": "ec_p256" })).await.expect(201);
    let promote = format!("{keys}/{}/promote", curve["id"].as_str().expect("an id"));
    let problem = api.post(&promote, &json!({})).await.problem(409, "key.algorithm");
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("signature_algorithm") && detail.contains("rsa-sha512"),
        "{detail}"
    );
    let later = world.store.ambient().now() + Duration::from_hours(1);
    api.post(&promote, &json!({ "from": later }))
        .await
        .problem(409, "key.algorithm");
    api.post(&keys, &json!({ "kind": "ec_p384", "from": later }))
        .await
        .problem(409, "key.algorithm");
    assert!(signed().await.contains("rsa-sha512"));
    // One that is to sign on a date holds the setting back, too.
    set("auto").await.expect(200);
    api.post(&promote, &json!({ "from": later })).await.expect(200);
    let problem = set("rsa_sha512").await.problem(400, "sso.setting");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("from")),
        "{problem}"
    );
    assert!(signed().await.contains("rsa-sha256"));
    world.clock.advance(Duration::from_hours(2));
    browser.sign_in(ADDRESS, PASSWORD).await;
    set("rsa_sha256").await.problem(400, "sso.setting");
    set("ecdsa_sha384").await.problem(400, "sso.setting");
    set("ecdsa_sha256").await.expect(200);
    let page = browser.get(&service.path()).await;
    assert!(handed_on(&page, CONSUMER).xml.contains("ecdsa-sha256"));
    service.signed_in(world, &page, None).await;
    // The way back is the same.
    let rsa = api.post(&keys, &json!({})).await.expect(201);
    let promote = format!("{keys}/{}/promote", rsa["id"].as_str().expect("an id"));
    api.post(&promote, &json!({})).await.problem(409, "key.algorithm");
    set("auto").await.expect(200);
    api.post(&promote, &json!({})).await.expect(200);
    set("rsa_sha256").await.expect(200);
}

async fn the_key_of_the_service_provider_fits_the_algorithm_that_is_set(world: &World) {
    let estate = Estate::new(world).await;
    let api = estate.org.api();
    let browser = Browser::new(world);
    let signed = async || browser.get(&estate.login("")).await.header("location").to_owned();
    let set = async |algorithm: Value| {
        let body = json!({ "settings": { "signature_algorithm": algorithm } });
        api.patch("/sso", &body).await
    };
    set(json!("rsa_sha512")).await.expect(200);
    assert!(signed().await.contains("rsa-sha512"));
    let curve = api
        .post("/sso/keys", &json!({ "kind": "ec_p256" }))
        .await
        .expect(201);
    let promote = format!("/sso/keys/{}/promote", curve["id"].as_str().expect("an id"));
    api.post(&promote, &json!({})).await.problem(409, "key.algorithm");
    assert!(signed().await.contains("rsa-sha512"));
    set(Value::Null).await.expect(200);
    api.post(&promote, &json!({})).await.expect(200);
    assert!(signed().await.contains("ecdsa-sha256"), "by the key");
    set(json!("rsa_sha256")).await.problem(400, "sso.setting");
    assert!(signed().await.contains("ecdsa-sha256"));
}
