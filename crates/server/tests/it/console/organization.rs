//! Single sign-on of the organization.

use serde_json::json;

use super::form::OFF;
use super::{Desk, Try, each_alone};
use crate::on_both;
use crate::saml::service_provider::Estate;
use crate::world::World;

on_both!(
    every_setting_is_set_on_the_page,
    what_cannot_be_is_told_and_stays_filled_in,
    it_is_switched_on_and_off,
    what_another_one_has_changed_stays,
);

async fn every_setting_is_set_on_the_page(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let of = |setting, fields, expected| Try {
        section: "organization",
        setting,
        fields,
        expected,
    };
    let tries = [
        of(
            "entity_id",
            &[("", "https://hub.example/sp")],
            json!("https://hub.example/sp"),
        ),
        of("sign_requests", &[("", OFF)], json!(false)),
        of("signature_algorithm", &[("", "rsa_sha512")], json!("rsa_sha512")),
        of("attendees", &[("", "yes")], json!(true)),
        of(
            "target_pages",
            &[("", "https://a.example/x\nhttps://b.example/")],
            json!(["https://a.example/x", "https://b.example/"]),
        ),
        of("entity_id", &[("", "")], json!(null)),
        of("target_pages", &[("", "")], json!([])),
    ];
    each_alone(&desk, "/sso", "/sso", &tries).await;
}

async fn what_cannot_be_is_told_and_stays_filled_in(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let wrong = [
        ("settings.target_pages", "ftp://<b>nowhere"),
        ("settings.attendees", "yes"),
    ];
    let page = desk.save("/sso", "organization", &wrong).await;
    page.expect(400, "Target pages: ");
    let form = super::Form::section(&page, "organization");
    for (name, value) in wrong {
        assert_eq!(form.get(name), Some(value));
    }
    let sso = desk.api("/sso").await;
    assert_eq!(sso["settings"]["attendees"], false);
    // SHA-1 is shown, and cannot be chosen.
    page.expect(400, "signs nothing with SHA-1");
    let sha1 = [("settings.signature_algorithm", "rsa_sha1")];
    let page = desk.save("/sso", "organization", &sha1).await;
    page.expect(400, "Signature algorithm of requests: ");
    // A form that says nothing does nothing.
    let page = desk.press("/sso", "save", &[("section", "none")]).await;
    page.expect(400, "does not say what is to be done");
}

async fn it_is_switched_on_and_off(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let page = desk.press("/sso", "activate", &[]).await;
    page.expect(409, "role=\"alert\"");
    let estate = Estate::new(world).await;
    let page = desk
        .press("/sso", "deactivate", &[("confirm", "Elsewhere")])
        .await;
    page.expect(400, "confirm with its name");
    assert_eq!(desk.api("/sso").await["active"], true);
    let page = desk
        .press("/sso", "deactivate", &[("confirm", "Northwind")])
        .await;
    page.expect(200, "Off: people sign in with the passwords");
    assert_eq!(desk.api("/sso").await["active"], false);
    desk.press("/sso", "activate", &[])
        .await
        .expect(200, "Single sign-on is on");
    assert_eq!(desk.api("/sso").await["active"], true);
    let page = desk.get("/sso").await;
    page.expect(200, &estate.provider.name);
    page.expect(200, &format!("/idb/saml2/{}/metadata", desk.org.id));
}

async fn what_another_one_has_changed_stays(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let page = desk.get("/sso").await;
    let change = json!({ "settings": { "attendees": true, "entity_id": "https://other.example/" } });
    desk.org.api().patch("/sso", &change).await.expect(200);
    let mut form = super::Form::section(&page, "organization");
    form.set("settings.target_pages", "https://a.example/");
    form.set("do", "save");
    desk.send("/sso", &form).await.expect(200, "saved");
    let settings = desk.api("/sso").await["settings"].clone();
    assert_eq!(settings["attendees"], true);
    assert_eq!(settings["entity_id"], "https://other.example/");
    assert_eq!(settings["target_pages"], json!(["https://a.example/"]));
}
