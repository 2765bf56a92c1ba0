//! Who gets in to an app, and who does not.

use saml::security::SignatureAlgorithm;
use serde_json::json;

use super::service::{CONSUMER, Service, handed_on};
use super::sign_in::{ADDRESS, traces, wiki};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    nobody_gets_in_who_is_not_assigned,
    what_is_switched_off_lets_nobody_in,
    people_of_other_organizations_are_not_let_in,
);

async fn nobody_gets_in_who_is_not_assigned(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let request = service.request(world);
    let path = service.by_redirect(world, &request, None, None);
    let page = browser.get(&path).await;
    page.expect(403, "not assigned to you");
    assert!(page.text.contains("administrator of Northwind"), "{}", page.text);
    assert!(!page.text.contains("SAMLResponse"));
    let traces = traces(world).await;
    assert_eq!(
        (&traces[0]["outcome"], &traces[0]["code"]),
        (&json!("failed"), &json!("sso.not_assigned"))
    );
    let events = world.plain.api().get("/events?type=sso_auth").await.expect(200);
    assert_eq!(events["items"][0]["success"], false, "{events}");

    // Through a group.
    let group = json!({ "displayName": "Writers", "members": [{ "value": user.to_string() }] });
    let group = world.plain.scim().post("/Groups", &group).await.expect(201);
    let outer = json!({ "displayName": "Everybody who writes", "members": [{ "value": group["id"], "type": "Group" }] });
    let outer = world.plain.scim().post("/Groups", &outer).await.expect(201);
    let (api, app) = (world.plain.api(), format!("/apps/{}", service.app));
    let assignments = format!("{app}/assignments");
    let group = json!([{ "group": group["id"] }]);
    api.post(&assignments, &json!({ "add": group })).await.expect(200);
    let page = browser.get(&path).await;
    service.signed_in(world, &page, Some(&request)).await;
    api.post(&assignments, &json!({ "remove": group }))
        .await
        .expect(200);
    browser.get(&path).await.expect(403, "not assigned to you");
    // Through a group within one, where the app says so.
    let outer = json!([{ "group": outer["id"] }]);
    api.post(&assignments, &json!({ "add": outer })).await.expect(200);
    browser.get(&path).await.expect(403, "not assigned to you");
    api.patch(&app, &json!({ "scope": "assigned_nested" }))
        .await
        .expect(200);
    let page = browser.get(&path).await;
    service.signed_in(world, &page, Some(&request)).await;
    api.post(&assignments, &json!({ "remove": outer }))
        .await
        .expect(200);
    browser.get(&path).await.expect(403, "not assigned to you");
    api.patch(&app, &json!({ "scope": "all" })).await.expect(200);
    let page = browser.get(&path).await;
    service.signed_in(world, &page, Some(&request)).await;
}

async fn what_is_switched_off_lets_nobody_in(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let request = service.request(world);
    let path = service.by_redirect(world, &request, None, None);
    let (api, sso) = (world.plain.api(), format!("/apps/{}/sso", service.app));
    for unconfirmed in ["", "?confirm=", "?confirm=Wiki", "?confirm=other"] {
        let refused = api
            .post(&format!("{sso}/deactivate{unconfirmed}"), &json!({}))
            .await;
        refused.problem(400, "sso.not_confirmed");
    }
    browser.get(&service.path()).await.expect(200, "wiki");
    let off = api
        .post(&format!("{sso}/deactivate?confirm=wiki"), &json!({}))
        .await
        .expect(200);
    assert_eq!(off["active"], false);
    browser.get(&path).await.expect(403, "switched it off");
    browser.get(&service.path()).await.expect(403, "switched it off");
    api.post(&format!("{sso}/activate"), &json!({})).await.expect(200);
    service
        .signed_in(world, &browser.get(&path).await, Some(&request))
        .await;
    let types = world.plain.api().get("/events").await.expect(200);
    let types = types["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|event| event["type"].clone());
    let types: Vec<_> = types
        .filter(|name| name.as_str().is_some_and(|name| name.starts_with("sso_")))
        .collect();
    assert_eq!(
        types,
        [
            "sso_auth",
            "sso_activate",
            "sso_deactivate",
            "sso_auth",
            "sso_create"
        ]
    );
    // An app that goes takes its address along.
    let gone = api.delete(&format!("/apps/{}?confirm=wiki", service.app)).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    browser.get(&path).await.expect(404, "no app at this address");
    // Somebody disabled is signed in no longer.
    let other = Service::set_up(world, &world.plain, "other").await;
    let body = json!({ "add": [{ "user": ADDRESS }] });
    api.post(&format!("/apps/{}/assignments", other.app), &body)
        .await
        .expect(200);
    api.patch(&format!("/people/{ADDRESS}"), &json!({ "active": false }))
        .await
        .expect(200);
    let page = browser.get(&other.path()).await;
    assert_eq!(page.status, 303);
    assert!(
        page.header("location").starts_with("/sign-in"),
        "{}",
        page.header("location")
    );
}

async fn people_of_other_organizations_are_not_let_in(world: &World) {
    let (service, _) = wiki(world).await;
    somebody(world, &world.webex, "other@hub.example").await;
    let browser = Browser::new(world);
    browser.sign_in("other@hub.example", PASSWORD).await;
    let page = browser.get(&service.path()).await;
    page.expect(403, "another organization");
    // Nor may their administrators take the address.
    let api = world.webex.api();
    api.post("/apps", &json!({ "template": "saml", "name": "mine" }))
        .await
        .expect(201);
    let taken = api.put("/apps/mine/sso", &json!({ "slug": "wiki" })).await;
    taken.problem(409, "sso.slug_taken");
    let ecdsa = SignatureAlgorithm::EcdsaSha256.uri();
    assert!(!handed_on_algorithms(world, &service).await.contains(ecdsa));
}

/// What a response to somebody who may sign in is signed with.
async fn handed_on_algorithms(world: &World, service: &Service) -> String {
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    handed_on(&browser.get(&service.path()).await, CONSUMER).xml
}
