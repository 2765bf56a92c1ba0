//! Whom each identity provider vouches for.

use serde_json::json;

use super::Desk;
use super::form::Form;
use crate::on_both;
use crate::saml::service_provider::{DOMAIN, Estate};
use crate::world::World;

on_both!(routes_are_set_in_their_order);

async fn routes_are_set_in_their_order(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let group = json!({ "displayName": "Partners" });
    let group = desk.org.scim().post("/Groups", &group).await.expect(201);
    let page = desk.get("/sso/routes").await;
    let mut form = Form::with(&page, "name=\"0.whom\"");
    assert_eq!(form.get("0.provider"), Some(&*estate.provider.id.to_string()));
    form.set("0.kind", "group");
    form.set("0.whom", "Partners");
    form.set("2.whom", DOMAIN);
    let saved = desk.send("/sso/routes", &form).await;
    saved.expect(200, "The routes are saved");
    let routes = desk.api("/sso/routes").await;
    assert_eq!(routes["items"][0]["group"]["id"], group["id"]);
    assert_eq!(routes["items"][1]["domain"], DOMAIN);
    assert_eq!(routes["items"].as_array().map(Vec::len), Some(2));
    // What cannot be stays filled in, and nothing is changed.
    let mut form = Form::with(&saved, "name=\"0.whom\"");
    assert_eq!(form.get("0.whom"), Some("Partners"));
    assert_eq!(form.get("0.kind"), Some("group"));
    assert_eq!(form.get("1.whom"), Some(DOMAIN));
    form.set("2.whom", "not verified.example");
    let page = desk.send("/sso/routes", &form).await;
    page.expect(404, "has not asked for the domain");
    assert_eq!(
        Form::with(&page, "name=\"0.whom\"").get("2.whom"),
        Some("not verified.example")
    );
    assert_eq!(desk.api("/sso/routes").await, routes);
    // Nor is anything replaced that another one has set in the meantime, unless it was seen.
    let others = json!({ "routes": [{ "domain": DOMAIN, "provider": estate.provider.id }] });
    desk.org.api().put("/sso/routes", &others).await.expect(200);
    let late = desk
        .send("/sso/routes", &Form::with(&saved, "name=\"0.whom\""))
        .await;
    late.expect(409, "Somebody else has changed the routes");
    let mut form = Form::with(&late, "name=\"0.whom\"");
    assert_eq!(form.get("0.whom"), Some("Partners"));
    // Nobody named: no routes.
    form.set_all(&[("0.whom", ""), ("1.whom", ""), ("2.whom", "")]);
    desk.send("/sso/routes", &form)
        .await
        .expect(200, "The routes are saved");
    assert_eq!(desk.api("/sso/routes").await["items"], json!([]));
}
