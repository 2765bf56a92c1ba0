//! Identity providers: added, set, tested, switched, removed.

use std::time::Duration;

use serde_json::json;

use super::form::{Form, OFF};
use super::{Desk, Try, each_alone};
use crate::on_both;
use crate::saml::service_provider::{Estate, Idp};
use crate::world::World;

on_both!(
    every_setting_is_set_on_the_page,
    one_is_added_by_its_metadata_or_by_hand,
    certificates_come_and_go,
    it_is_tested_switched_named_and_removed,
    what_cannot_be_is_told_and_stays_filled_in,
);

async fn every_setting_is_set_on_the_page(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let group = json!({ "displayName": "Joiners" });
    let group = desk.org.scim().post("/Groups", &group).await.expect(201);
    let of = |section, setting, fields, expected| Try {
        section,
        setting,
        fields,
        expected,
    };
    let api = format!("/sso/providers/{}", estate.provider.id);
    let mut attributes = desk.api(&api).await["settings"]["attributes"].clone();
    attributes["userName"] = json!(["upn", "uid"]);
    attributes["department"] = json!(["a b"]);
    attributes.as_object_mut().expect("an object").remove("title");
    let tries = [
        of(
            "sign_in",
            "login_url",
            &[("", "https://idp.example/in")],
            json!("https://idp.example/in"),
        ),
        of("sign_in", "login_binding", &[("", "post")], json!("post")),
        of(
            "sign_in",
            "destination",
            &[("", "https://idp.example/to")],
            json!("https://idp.example/to"),
        ),
        of("sign_in", "force_authn", &[("", "yes")], json!(true)),
        of("sign_in", "force_authn", &[("", OFF)], json!(false)),
        of(
            "sign_in",
            "profile",
            &[("", "idp_initiated")],
            json!("idp_initiated"),
        ),
        of("sign_in", "target_parameter", &[("", "GOTO")], json!("GOTO")),
        of(
            "sign_in",
            "default_target_page",
            &[("", "/portal")],
            json!("/portal"),
        ),
        of(
            "sign_in",
            "authn_context_class_ref",
            &[("", "urn:a;urn:b")],
            json!("urn:a;urn:b"),
        ),
        of("sign_in", "second_factor", &[("", "trust")], json!("trust")),
        of(
            "sign_in",
            "error_url",
            &[("", "https://help.example/?e=")],
            json!("https://help.example/?e="),
        ),
        of("sign_in", "error_url", &[("", "")], json!(null)),
        of(
            "sign_out",
            "logout_url",
            &[("", "https://idp.example/out")],
            json!("https://idp.example/out"),
        ),
        of("sign_out", "logout_binding", &[("", "post")], json!("post")),
        of(
            "names",
            "name_id_format",
            &[("", "transient")],
            json!("transient"),
        ),
        of(
            "names",
            "attributes",
            &[(".userName", "upn\nuid"), (".department", "a b"), (".title", "")],
            attributes,
        ),
        of(
            "names",
            "linking_attributes",
            &[(".0.saml", "number"), (".0.attribute", "employeeNumber")],
            json!([{ "attribute": "employeeNumber", "saml": "number" }]),
        ),
        of("accounts", "auto_create", &[("", "yes")], json!(true)),
        of("accounts", "auto_update", &[("", "yes")], json!(true)),
        of(
            "accounts",
            "uid_domains",
            &[("", "corp.local\nold.local")],
            json!(["corp.local", "old.local"]),
        ),
        of("accounts", "remove_uid_domain", &[("", "yes")], json!(true)),
        of(
            "accounts",
            "joinable_groups",
            &[("", "Joiners")],
            json!([group["id"]]),
        ),
        of("believed", "require_signed_response", &[("", "yes")], json!(true)),
        of(
            "believed",
            "require_signed_assertion",
            &[("", "yes")],
            json!(true),
        ),
        of(
            "believed",
            "require_encrypted_assertion",
            &[("", "yes")],
            json!(true),
        ),
        of(
            "believed",
            "refuse_expired_certificates",
            &[("", "yes")],
            json!(true),
        ),
        of("believed", "allow_sha1", &[("", "yes")], json!(true)),
        of("believed", "allow_cbc", &[("", "yes")], json!(true)),
        of("names", "linking_attributes", &[(".0.saml", "")], json!([])),
    ];
    let (last, first) = tries.split_last().expect("some");
    each_alone(&desk, &api, &api, first).await;
    // A row that names nothing is taken away.
    let place = format!("settings.{}.0.saml", last.setting);
    desk.save(&api, last.section, &[(&place, "")])
        .await
        .expect(200, "Saved");
    assert_eq!(
        desk.api(&api).await["settings"]["linking_attributes"],
        last.expected
    );
}

fn metadata(idp: &Idp, login_url: &str) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>\
         </ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{login_url}\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
        idp.entity_id,
        idp.certificate.to_base64()
    )
}

async fn one_is_added_by_its_metadata_or_by_hand(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let idp = Idp::new(world, "https://new.example/saml");
    let add = async |fields: &[(&str, &str)]| {
        let page = desk.get("/sso/new-provider").await;
        let mut form = Form::with(&page, "name=\"entity_id\"");
        form.set_all(fields);
        desk.send("/sso/new-provider", &form).await
    };
    let text = metadata(&idp, "https://new.example/in");
    let page = add(&[("name", "New"), ("metadata", "<nothing/>")]).await;
    page.expect(400, "role=\"alert\"");
    let form = Form::with(&page, "name=\"entity_id\"");
    assert_eq!(form.get("metadata"), Some("<nothing/>"));
    assert_eq!(form.get("name"), Some("New"));
    let page = add(&[("name", "New"), ("metadata", &text)]).await;
    let made = desk.api("/sso/providers/New").await;
    page.leads_to(&desk.path(&format!("/sso/providers/{}", made["id"].as_str().expect("an id"))));
    assert_eq!(made["settings"]["login_url"], "https://new.example/in");
    assert_eq!(made["entity_id"], "https://new.example/saml");
    assert_eq!(
        made["certificates"][0]["fingerprint"],
        idp.certificate.fingerprint()
    );
    assert_eq!(made["active"], false);

    let by_hand = [
        ("name", "By hand"),
        ("entity_id", "https://hand.example/saml"),
        ("login_url", "https://hand.example/in"),
    ];
    let pem = idp.certificate.to_pem();
    let page = add(&[&by_hand[..], &[("certificate", pem.as_str())]].concat()).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let made = desk.api("/sso/providers/By%20hand").await;
    assert_eq!(made["settings"]["login_url"], "https://hand.example/in");
    assert_eq!(made["certificates"].as_array().map(Vec::len), Some(1));

    // New metadata come in the place of those before.
    let place = format!("/sso/providers/{}", made["id"].as_str().expect("an id"));
    let other = Idp::with(
        world,
        "https://hand.example/saml",
        1,
        Duration::from_hours(24 * 365),
    );
    let text = metadata(&other, "https://hand.example/other");
    desk.press(&place, "metadata", &[("metadata", &text)])
        .await
        .expect(200, "taken over");
    let made = desk.api(&place).await;
    assert_eq!(made["settings"]["login_url"], "https://hand.example/other");
    assert_eq!(
        made["certificates"][0]["fingerprint"],
        other.certificate.fingerprint()
    );
    desk.press(&place, "metadata", &[])
        .await
        .expect(400, "Paste the metadata");
    let page = desk
        .press(&place, "metadata", &[("metadata", "<nothing/>")])
        .await;
    page.expect(400, "role=\"alert\"");
    assert_eq!(
        Form::with(&page, "value=\"metadata\"").get("metadata"),
        Some("<nothing/>")
    );
    // And so do the three of an SSO page.
    let fields = [
        ("idp_issuer", "https://third.example/"),
        ("login_url", "https://third.example/in"),
    ];
    desk.press(&place, "configuration", &fields)
        .await
        .expect(200, "configuration is taken over");
    let made = desk.api(&place).await;
    assert_eq!(made["settings"]["destination"], json!(null));
    assert_eq!(made["entity_id"], "https://third.example/");
    assert_eq!(made["settings"]["login_url"], "https://third.example/in");
}

async fn certificates_come_and_go(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let place = format!("/sso/providers/{}", estate.provider.id);
    let soon = Idp::with(world, &estate.idp.entity_id, 1, Duration::from_hours(24 * 10));
    let pem = soon.certificate.to_pem();
    let page = desk.press(&place, "add_certificate", &[("pem", "nothing")]).await;
    page.expect(400, "role=\"alert\"");
    assert_eq!(Form::with(&page, "name=\"pem\"").get("pem"), Some("nothing"));
    let page = desk.press(&place, "add_certificate", &[("pem", &pem)]).await;
    page.expect(200, "expires within 10 days");
    let fingerprint = soon.certificate.fingerprint();
    page.expect(200, &fingerprint);
    let mut form = Form::with(&page, &format!("name=\"certificate\" value=\"{fingerprint}\""));
    form.set("do", "remove_certificate");
    desk.send(&place, &form)
        .await
        .expect(200, "The certificate is removed");
    let left = desk.api(&place).await;
    assert_eq!(left["certificates"].as_array().map(Vec::len), Some(1), "{left}");
    assert_ne!(left["certificates"][0]["fingerprint"], fingerprint);
}

async fn it_is_tested_switched_named_and_removed(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let place = format!("/sso/providers/{}", estate.provider.id);
    let page = desk.get(&place).await;
    page.expect(200, "not tested");
    let test = page
        .text
        .split("<a href=\"")
        .find(|part| part.contains("?test="))
        .expect("a link");
    let test = test.split('"').next().expect("an address");
    let path = test.strip_prefix(&world.state.config.public_url).expect("ours");
    let led = desk.browser.get(path).await;
    assert!(
        led.header("location").starts_with("https://idp.example/sso?"),
        "{led:?}"
    );

    desk.press(&place, "deactivate", &[])
        .await
        .expect(200, "It is off");
    assert_eq!(desk.api(&place).await["active"], false);
    desk.press(&place, "activate", &[])
        .await
        .expect(409, "role=\"alert\"");
    assert_eq!(desk.api(&place).await["active"], false);
    desk.press(&place, "activate", &[("untested", "yes")])
        .await
        .expect(200, "It is on");
    assert_eq!(desk.api(&place).await["active"], true);

    let named = [
        ("name", "Ours"),
        ("entity_id", "https://ours.example/"),
        ("position", "1"),
    ];
    desk.press(&place, "identity", &named).await.expect(200, "Saved");
    let now = desk.api(&place).await;
    assert_eq!(
        (now["name"].as_str(), now["entity_id"].as_str()),
        (Some("Ours"), Some("https://ours.example/"))
    );
    for wrong in ["0", "first", "-1"] {
        let page = desk.press(&place, "identity", &[("position", wrong)]).await;
        page.expect(400, "whole number");
        assert_eq!(
            Form::with(&page, "name=\"position\"").get("position"),
            Some(wrong)
        );
    }
    desk.press(&place, "remove", &[("confirm", "ours")])
        .await
        .expect(400, "type its name");
    desk.press(&place, "remove", &[("confirm", "Ours")])
        .await
        .leads_to(&desk.path("/sso"));
    desk.org.api().get(&place).await.expect(404);
    desk.get(&place).await.expect(404, "There is nothing here");
}

async fn what_cannot_be_is_told_and_stays_filled_in(world: &World) {
    let estate = Estate::new(world).await;
    let desk = Desk::new(world, &world.plain).await;
    let place = format!("/sso/providers/{}", estate.provider.id);
    let before = desk.api(&place).await;
    for (section, setting, wrong, said) in [
        (
            "sign_in",
            "login_url",
            "idp.example/sso",
            "Customer SSO service login URL: ",
        ),
        (
            "sign_in",
            "target_parameter",
            "a&b=\"c",
            "Target page URL parameter: ",
        ),
        (
            "accounts",
            "joinable_groups",
            "Nobody's",
            "There is no group called",
        ),
        ("accounts", "uid_domains", "a b", "Which suffixes: "),
    ] {
        let field = format!("settings.{setting}");
        let page = desk.save(&place, section, &[(&field, wrong)]).await;
        page.expect(if setting == "joinable_groups" { 404 } else { 400 }, said);
        let form = Form::section(&page, section);
        assert_eq!(form.get(&field), Some(wrong));
        assert!(
            page.text.contains("class=\"field wrong\""),
            "{setting}: {}",
            page.text
        );
    }
    assert_eq!(desk.api(&place).await, before);
}
