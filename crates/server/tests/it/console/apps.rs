//! Apps that people sign in to.

use serde_json::json;

use super::form::{Form, OFF};
use super::{Desk, Try, each_alone};
use crate::on_both;
use crate::pages::somebody;
use crate::sso::service::{Keys, Service};
use crate::world::World;

on_both!(
    every_setting_is_set_on_the_page,
    an_app_is_added_and_set_up_by_metadata,
    an_app_is_set_up_by_hand_and_switched,
    a_bookmark_is_added_and_set,
    webex_is_filled_in_by_a_placeholder,
    what_somebody_would_be_told_is_shown,
    what_cannot_be_is_told_and_stays_filled_in,
);

const LOGO: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

async fn every_setting_is_set_on_the_page(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let desk = Desk::new(world, &world.plain).await;
    let place = format!("/apps/{}/sso", service.app);
    let certificate: &'static str = Keys::new().certificate.to_pem().trim().to_owned().leak();
    let stored = |text: &str| -> String { text.lines().filter(|line| !line.starts_with('-')).collect() };
    let of = |section, setting, fields, expected| Try {
        section,
        setting,
        fields,
        expected,
    };
    let mut contexts = desk.api(&place).await["settings"]["contexts"].clone();
    contexts["password"] = json!("urn:example:word");
    let certificates: &'static [(&str, &str)] = Vec::leak(vec![("", certificate)]);
    let tries = [
        of("tile", "label", &[("", "Our wiki")], json!("Our wiki")),
        of(
            "tile",
            "description",
            &[("", "All that we know")],
            json!("All that we know"),
        ),
        of("tile", "logo", &[("", LOGO)], json!(LOGO)),
        of("tile", "shown", &[("", OFF)], json!(false)),
        of("service", "entity_id", &[("", "urn:wiki")], json!("urn:wiki")),
        of(
            "service",
            "consumers",
            &[
                (".0.url", "https://wiki.example/acs"),
                (".0.index", "3"),
                (".0.default", "yes"),
                (".1.url", "https://wiki.example/two"),
                (".1.index", "4"),
                (".1.default", "no"),
            ],
            json!([
                { "url": "https://wiki.example/acs", "index": 3, "default": true },
                { "url": "https://wiki.example/two", "index": 4, "default": false },
            ]),
        ),
        of(
            "service",
            "logout",
            &[(".url", "https://wiki.example/slo"), (".binding", "post")],
            json!({ "url": "https://wiki.example/slo", "binding": "post" }),
        ),
        of(
            "service",
            "request_certificates",
            certificates,
            json!([stored(certificate)]),
        ),
        of("service", "signed_requests", &[("", "yes")], json!(true)),
        of("service", "sha1_requests", &[("", "yes")], json!(true)),
        of("told", "issuer", &[("", "urn:instep")], json!("urn:instep")),
        of(
            "told",
            "name_id_format",
            &[("", "email_address")],
            json!("email_address"),
        ),
        of(
            "told",
            "name_id",
            &[(".from", "okta"), ("", "user.login")],
            json!({ "expression": "user.login", "language": "okta" }),
        ),
        of("told", "name_id", &[(".from", ""), ("", "")], json!(null)),
        of(
            "told",
            "attributes",
            &[
                (".0.name", "mail"),
                (".0.source.from", "attribute"),
                (".0.source", "userName"),
                (".0.name_format", "uri"),
                (".0.friendly_name", "Mail"),
                (".0.when_empty", "refuse"),
            ],
            json!([{
                "name": "mail", "name_format": "uri", "friendly_name": "Mail",
                "source": { "attribute": "userName" }, "when_empty": "refuse",
            }]),
        ),
        of("signed", "sign", &[("", "assertion")], json!("assertion")),
        of(
            "signed",
            "signature_algorithm",
            &[("", "rsa_sha512")],
            json!("rsa_sha512"),
        ),
        of(
            "signed",
            "encryption_certificate",
            certificates,
            json!(stored(certificate)),
        ),
        of("signed", "encryption", &[("", "aes128_gcm")], json!("aes128_gcm")),
        of(
            "signed",
            "key_transport",
            &[("", "oaep_sha256")],
            json!("oaep_sha256"),
        ),
        of("sign_ins", "valid_minutes", &[("", "7")], json!(7)),
        of("sign_ins", "session_minutes", &[("", "0")], json!(0)),
        of("sign_ins", "idp_initiated", &[("", OFF)], json!(false)),
        of(
            "sign_ins",
            "default_relay_state",
            &[("", "https://wiki.example/start")],
            json!("https://wiki.example/start"),
        ),
        of(
            "sign_ins",
            "relay_states",
            &[("", "https://wiki.example/a\nhttps://wiki.example/b/")],
            json!(["https://wiki.example/a", "https://wiki.example/b/"]),
        ),
        of(
            "sign_ins",
            "contexts",
            &[(".password", "urn:example:word")],
            contexts,
        ),
    ];
    each_alone(&desk, &place, &place, &tries).await;
    let logout = [("settings.logout.url", "")];
    desk.save(&place, "service", &logout).await.expect(200, "Saved");
    assert_eq!(desk.api(&place).await["settings"]["logout"], json!(null));
}

/// Adds an app on the page; where it leads.
async fn add(desk: &Desk<'_>, name: &str, template: &str) -> String {
    let page = desk.get("/apps").await;
    let mut form = Form::with(&page, "name=\"template\"");
    form.set_all(&[("name", name), ("template", template)]);
    let page = desk.send("/apps", &form).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let to = page.header("location");
    to.strip_prefix(&desk.path("")).expect("the console's").to_owned()
}

async fn an_app_is_added_and_set_up_by_metadata(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let place = add(&desk, "Lab", "saml").await;
    let page = desk.get("/apps").await;
    page.expect(200, "no sign-in");
    let mut form = Form::with(&page, "name=\"template\"");
    form.set("name", "Lab");
    desk.send("/apps", &form).await.expect(409, "value=\"Lab\"");
    desk.get(&place)
        .await
        .expect(200, "Nothing is set for signing in yet");
    let text = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"urn:lab\"><md:SPSSODescriptor \
                protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:AssertionConsumerService index=\"1\" \
                Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://lab.example/acs\"/>\
                </md:SPSSODescriptor></md:EntityDescriptor>";
    let page = desk
        .press(&place, "metadata", &[("slug", "A B"), ("metadata", text)])
        .await;
    page.expect(400, "A B");
    assert_eq!(
        Form::with(&page, "value=\"metadata\"").get("metadata"),
        Some(text)
    );
    let page = desk
        .press(&place, "metadata", &[("slug", "lab"), ("metadata", text)])
        .await;
    page.expect(200, "/saml2/lab/metadata");
    let sso = desk.api(&place).await;
    assert_eq!(
        (&sso["slug"], &sso["settings"]["entity_id"]),
        (&json!("lab"), &json!("urn:lab"))
    );
    assert_eq!(sso["settings"]["consumers"][0]["url"], "https://lab.example/acs");
    desk.get("/apps").await.expect(200, "/saml2/lab");
}

async fn an_app_is_set_up_by_hand_and_switched(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let place = add(&desk, "Lab", "saml").await;
    let mut set_up = Form::with(&desk.get(&place).await, "value=\"set_up\"");
    set_up.set("do", "set_up");
    desk.send(&place, &set_up)
        .await
        .expect(200, "The app has its address");
    assert_eq!(desk.api(&place).await["active"], false);
    desk.press(&place, "activate", &[])
        .await
        .expect(409, "what the service is called");
    // Sent once more from an older page it takes nothing away.
    let label = [("settings.label", "Laboratory")];
    desk.save(&place, "tile", &label).await.expect(200, "Saved");
    desk.send(&place, &set_up)
        .await
        .expect(409, "has been set up for this app in the meantime");
    assert_eq!(desk.api(&place).await["settings"]["label"], "Laboratory");
    let fields = [
        ("settings.entity_id", "urn:lab"),
        ("settings.consumers.0.url", "https://lab.example/acs"),
    ];
    desk.save(&place, "service", &fields).await.expect(200, "Saved");
    let sso = desk.api(&place).await;
    assert_eq!(sso["settings"]["consumers"][0]["index"], 0);
    desk.press(&place, "activate", &[])
        .await
        .expect(200, "Whoever is assigned gets in");
    assert_eq!(desk.api(&place).await["active"], true);
    desk.press(&place, "deactivate", &[("confirm", "lab")])
        .await
        .expect(400, "confirm with its name");
    assert_eq!(desk.api(&place).await["active"], true);
    desk.press(&place, "deactivate", &[("confirm", "Lab")])
        .await
        .expect(200, "Nobody gets in");
    assert_eq!(desk.api(&place).await["active"], false);
    // The next that is free.
    let fields = [
        ("settings.consumers.1.url", "https://lab.example/b"),
        ("settings.consumers.1.index", "2"),
    ];
    desk.save(&place, "service", &fields).await.expect(200, "Saved");
    desk.save(
        &place,
        "service",
        &[("settings.consumers.2.url", "https://lab.example/c")],
    )
    .await
    .expect(200, "Saved");
    let consumers = desk.api(&place).await["settings"]["consumers"].clone();
    let indexes: Vec<_> = consumers
        .as_array()
        .expect("some")
        .iter()
        .map(|one| one["index"].clone())
        .collect();
    assert_eq!(indexes, [0, 2, 1]);
}

async fn a_bookmark_is_added_and_set(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let place = add(&desk, "Canteen", "bookmark").await;
    let page = desk
        .save(
            &place,
            "link",
            &[("settings.url", "https://canteen.example/#today")],
        )
        .await;
    page.expect(200, "Saved");
    let of = |section, setting, fields, expected| Try {
        section,
        setting,
        fields,
        expected,
    };
    let tries = [
        of(
            "link",
            "url",
            &[("", "https://canteen.example/")],
            json!("https://canteen.example/"),
        ),
        of("tile", "label", &[("", "Food")], json!("Food")),
        of(
            "tile",
            "description",
            &[("", "What there is")],
            json!("What there is"),
        ),
        of("tile", "logo", &[("", LOGO)], json!(LOGO)),
        of("tile", "shown", &[("", OFF)], json!(false)),
    ];
    each_alone(&desk, &place, &place, &tries).await;
    let is_active = desk.api(&place).await["active"] == true;
    if !is_active {
        desk.press(&place, "activate", &[])
            .await
            .expect(200, "sees the link");
    }
    desk.press(&place, "deactivate", &[("confirm", "Canteen")])
        .await
        .expect(200, "is off");
    assert_eq!(desk.api(&place).await["active"], false);
}

async fn webex_is_filled_in_by_a_placeholder(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let made = json!({
        "template": "webex", "base_url": "https://hub.example", "org_id": "f2c2", "token": "x", "activate": false,
    });
    let app = desk.org.api().post("/apps", &made).await.expect(201);
    let place = format!("/apps/{}/sso", app["id"].as_str().expect("an id"));
    let page = desk.press(&place, "webex", &[("slug", "webex")]).await;
    page.expect(200, "What Webex is called").check();
    let page = desk
        .press(&place, "webex", &[("webex_subdomain", "northwind")])
        .await;
    page.expect(200, "What Webex is called");
    let sso = desk.api(&place).await;
    assert!(
        sso["settings"]["consumers"][0]["url"]
            .as_str()
            .is_some_and(|url| url.contains("northwind")),
        "{sso}"
    );
    let both = [("webex_subdomain", "northwind"), ("webex_government", "yes")];
    desk.press(&place, "webex", &both).await.expect(400, "say one of");
}

async fn what_somebody_would_be_told_is_shown(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let desk = Desk::new(world, &world.plain).await;
    let anna = somebody(world, &world.plain, "anna@northwind.example").await;
    service
        .change(
            desk.org,
            json!({ "attributes": [{ "name": "uid", "source": { "attribute": "userName" } }] }),
        )
        .await;
    let place = format!("/apps/{}/sso?person=anna%40northwind.example", service.app);
    let page = desk.get(&place).await;
    page.expect(200, "does not get in");
    page.expect(200, "<dt>uid</dt>\n<dd>anna@northwind.example</dd>");
    service.assign(desk.org, anna).await;
    desk.get(&place).await.expect(200, "<dd>gets in</dd>");
    let nobody = format!("/apps/{}/sso?person=nobody", service.app);
    desk.get(&nobody).await.expect(404, "There is no person");
}

async fn what_cannot_be_is_told_and_stays_filled_in(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let desk = Desk::new(world, &world.plain).await;
    let place = format!("/apps/{}/sso", service.app);
    let before = desk.api(&place).await;
    for (section, field, wrong, said) in [
        (
            "service",
            "settings.consumers.0.url",
            "ftp://x",
            "Assertion consumers (ACS): ",
        ),
        (
            "service",
            "settings.consumers.0.index",
            "many",
            "Assertion consumers (ACS)",
        ),
        (
            "sign_ins",
            "settings.valid_minutes",
            "",
            "An answer may be used for",
        ),
        ("sign_ins", "settings.valid_minutes", "9999999", "role=\"alert\""),
        ("tile", "settings.logo", "https://x.example/y.png", "Logo: "),
        ("signed", "settings.encryption", "aes256_gcm", "role=\"alert\""),
    ] {
        let page = desk.save(&place, section, &[(field, wrong)]).await;
        page.expect(400, said);
        let form = Form::section(&page, section);
        assert_eq!(form.get(field), Some(wrong), "{field}");
        assert!(page.text.contains(" wrong\""), "{field}: {}", page.text);
    }
    assert_eq!(desk.api(&place).await, before);
}
