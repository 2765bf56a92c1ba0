//! What somebody finds in the portal.

use serde_json::json;

use super::service::Service;
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    the_portal_has_what_is_assigned_and_shown,
    a_bookmark_is_a_link_and_nothing_else
);

const ADDRESS: &str = "barbara@northwind.example";
/// A dot.
const LOGO: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

async fn the_portal_has_what_is_assigned_and_shown(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.get("/portal").await.leads_to("/sign-in?to=%2Fportal");
    browser
        .sign_in_for("/portal", ADDRESS, PASSWORD)
        .await
        .leads_to("/portal");
    let empty = browser.get("/portal").await;
    empty.expect(200, "no apps for you here yet");
    service.assign(&world.plain, user).await;
    let page = browser.get("/portal").await;
    page.expect(200, "<strong>wiki</strong>");
    assert!(page.text.contains("href=\"/saml2/wiki\"") && !page.text.contains("<img src=\"data:"));
    // Each changes the tile.
    for (settings, said) in [
        (
            json!({ "label": "Our <wiki>" }),
            "<strong>Our &#60;wiki&#62;</strong>",
        ),
        (
            json!({ "description": "All that we know" }),
            "<span>All that we know</span>",
        ),
        (json!({ "logo": LOGO }), "<img src=\"data:image/gif;base64,R0l"),
    ] {
        service.change(&world.plain, settings).await;
        browser.get("/portal").await.expect(200, said);
    }
    assert!(
        browser
            .get("/portal")
            .await
            .header("content-security-policy")
            .contains("img-src 'self' data:;")
    );
    for settings in [
        json!({ "shown": false }),
        json!({ "shown": true, "idp_initiated": false }),
    ] {
        service.change(&world.plain, settings).await;
        browser
            .get("/portal")
            .await
            .expect(200, "no apps for you here yet");
    }
    service
        .change(&world.plain, json!({ "idp_initiated": true }))
        .await;
    browser.get("/portal").await.expect(200, "Our ");
    let off = format!("/apps/{}/sso/deactivate?confirm=wiki", service.app);
    world.plain.api().post(&off, &json!({})).await.expect(200);
    browser
        .get("/portal")
        .await
        .expect(200, "no apps for you here yet");
    for logo in [
        "https://elsewhere.example/logo.png",
        "data:image/svg+xml;base64,AAAA",
        "data:image/png;base64,\"x",
    ] {
        let (path, body) = (
            format!("/apps/{}/sso", service.app),
            json!({ "settings": { "logo": logo } }),
        );
        let refused = world.plain.api().patch(&path, &body).await;
        assert_eq!(refused.problem(400, "sso.setting")["params"]["setting"], "logo");
    }
}

async fn a_bookmark_is_a_link_and_nothing_else(world: &World) {
    let api = world.plain.api();
    let app = json!({ "template": "bookmark", "name": "Canteen" });
    let app = api.post("/apps", &app).await.expect(201);
    assert_eq!(app["state"], "inactive");
    let sso = "/apps/Canteen/sso";
    let set = json!({ "settings": { "url": "https://canteen.example/menu?day=today" } });
    let set = api.put(sso, &set).await.expect(201);
    assert_eq!(
        (&set["kind"], &set["active"], &set["slug"]),
        (&json!("bookmark"), &json!(true), &json!(null))
    );
    let user = somebody(world, &world.plain, ADDRESS).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    browser
        .get("/portal")
        .await
        .expect(200, "no apps for you here yet");
    let body = json!({ "add": [{ "user": user }] });
    api.post("/apps/Canteen/assignments", &body).await.expect(200);
    let tile = "href=\"https://canteen.example/menu?day=today\" rel=\"noreferrer\"";
    browser.get("/portal").await.expect(200, tile);
    api.post(&format!("{sso}/deactivate"), &json!({}))
        .await
        .problem(400, "sso.not_confirmed");
    api.post(&format!("{sso}/deactivate?confirm=Canteen"), &json!({}))
        .await
        .expect(200);
    browser
        .get("/portal")
        .await
        .expect(200, "no apps for you here yet");
    let events = api.get("/events?type=bookmark_deactivate").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
    // It has nothing of SAML, and nobody is provisioned to it.
    let wrong = json!({ "settings": { "entity_id": "urn:x" } });
    api.patch(sso, &wrong).await.problem(409, "sso.kind");
    api.get(&format!("{sso}/metadata")).await.problem(409, "sso.kind");
    api.get(&format!("{sso}/keys")).await.problem(409, "sso.kind");
    for url in [
        "javascript:alert(1)",
        "canteen",
        "https://user:secret@canteen.example/",
    ] {
        let wrong = json!({ "settings": { "url": url } });
        api.patch(sso, &wrong).await.problem(400, "sso.setting");
    }
    for act in ["activate", "resume", "pause", "test", "sync", "plan", "reconcile"] {
        let path = format!("/apps/Canteen/{act}");
        api.post(&path, &json!({}))
            .await
            .problem(404, "app.no_provisioning");
    }
    api.get("/apps/Canteen/mappings")
        .await
        .problem(404, "app.no_provisioning");
    for change in [
        json!({ "settings": { "rate": 5 } }),
        json!({ "token": "t" }),
        json!({ "base_url": "https://x.example" }),
    ] {
        api.patch("/apps/Canteen", &change)
            .await
            .problem(409, "app.no_provisioning");
    }
    let odd = json!({ "template": "saml", "name": "Odd", "base_url": "https://x.example" });
    api.post("/apps", &odd).await.problem(409, "app.no_provisioning");
    let changed = json!({ "name": "Lunch", "scope": "all" });
    let changed = api.patch("/apps/Canteen", &changed).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["scope"]),
        (&json!("Lunch"), &json!("all"))
    );
}
