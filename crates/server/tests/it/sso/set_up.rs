//! Setting a sign-in up: from metadata, by Webex's placeholders; keys; what somebody would be told.

use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    metadata_say_what_a_service_is,
    webex_is_known_by_a_placeholder,
    a_key_follows_another,
    a_preview_tells_what_a_sign_in_would,
    attributes_come_from_wherever_they_are_said_to,
);

const ADDRESS: &str = "barbara@northwind.example";

fn metadata(inside: &str) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"urn:lab\" \
         validUntil=\"2030-01-01T00:00:00Z\"><md:SPSSODescriptor AuthnRequestsSigned=\"true\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{inside}</md:SPSSODescriptor></md:EntityDescriptor>"
    )
}

fn consumer(binding: &str, url: &str, index: u8) -> String {
    format!(
        "<md:AssertionConsumerService index=\"{index}\" Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" \
         Location=\"{url}\"/>"
    )
}

async fn metadata_say_what_a_service_is(world: &World) {
    let api = world.plain.api();
    api.post("/apps", &json!({ "template": "saml", "name": "Lab" }))
        .await
        .expect(201);
    let import = async |body: Value| api.post("/apps/Lab/sso/import", &body).await;
    let inside = format!(
        "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://lab.example/slo\" \
         ResponseLocation=\"https://lab.example/slo-done\"/><md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos</md:NameIDFormat>\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>{}{}",
        consumer("HTTP-Artifact", "https://lab.example/artifact", 0),
        consumer("HTTP-POST", "https://lab.example/acs", 1),
    );
    let taken = import(json!({ "metadata": metadata(&inside), "slug": "lab" }))
        .await
        .expect(201);
    let settings = &taken["settings"];
    assert_eq!(settings["entity_id"], "urn:lab");
    assert_eq!(
        settings["consumers"],
        json!([{ "url": "https://lab.example/acs", "index": 1 }])
    );
    assert_eq!(
        settings["logout"],
        json!({ "url": "https://lab.example/slo", "binding": "post", "response_url": "https://lab.example/slo-done" })
    );
    assert_eq!(settings["name_id_format"], "persistent");
    // Signed requests cannot be demanded without a certificate.
    assert_eq!(settings["signed_requests"], false);
    assert_eq!((&taken["slug"], &taken["active"]), (&json!("lab"), &json!(true)));
    let left_out = taken["left_out"].to_string();
    assert!(
        left_out.contains("lab.example/artifact") && left_out.contains("no certificate"),
        "{left_out}"
    );
    assert_eq!(taken["taken"]["entity_id"], "urn:lab");
    // What metadata do not say stays.
    api.patch("/apps/Lab/sso", &json!({ "settings": { "label": "The lab" } }))
        .await
        .expect(200);
    let other = metadata(&consumer("HTTP-POST", "https://new.example/acs", 0));
    let taken = import(json!({ "metadata": other })).await.expect(200);
    assert_eq!(taken["settings"]["label"], "The lab");
    assert_eq!(taken["settings"]["logout"], Value::Null);
    assert_eq!(
        taken["settings"]["consumers"][0]["url"],
        "https://new.example/acs"
    );

    let good = consumer("HTTP-POST", "https://lab.example/acs", 1);
    for (body, code) in [
        (json!({ "metadata": "no XML" }), "saml.metadata"),
        (
            json!({ "metadata": metadata(&consumer("HTTP-Artifact", "https://a.example/", 0)) }),
            "sso.no_consumer",
        ),
        (
            json!({ "metadata": metadata(&good).replace("2030-", "2020-") }),
            "sso.metadata_expired",
        ),
        (
            json!({ "metadata": metadata(&good), "entity_id": "urn:other" }),
            "saml.metadata",
        ),
        (
            json!({ "metadata": metadata(&good), "url": "https://a.example/" }),
            "sso.one_source",
        ),
        (json!({}), "sso.one_source"),
        // Fetched, and no service's.
        (
            json!({ "url": format!("{}/saml2/lab/metadata", world.address) }),
            "sso.no_service",
        ),
        (json!({ "url": "file:///etc/passwd" }), "saml.metadata"),
    ] {
        import(body).await.problem(400, code);
    }
    // Ours are those of an identity provider.
    let ours = api.get("/apps/Lab/sso/metadata").await.expect(200);
    let body = json!({ "metadata": ours["metadata"] });
    import(body).await.problem(400, "sso.no_service");
    assert_eq!(
        api.get("/apps/Lab/sso").await.expect(200)["settings"]["entity_id"],
        "urn:lab"
    );
}

async fn webex_is_known_by_a_placeholder(world: &World) {
    let api = world.plain.api();
    for (name, body, entity_id, url) in [
        (
            "Hub",
            json!({ "webex_org_id": "0a1b-2c" }),
            "https://idbroker.webex.com/0a1b-2c",
            "https://idbroker.webex.com/idb/Consumer/metaAlias/0a1b-2c/sp",
        ),
        (
            "Site",
            json!({ "webex_subdomain": "northwind", "settings": { "sign": "assertion" } }),
            "http://www.webex.com",
            "https://northwind.webex.com/dispatcher/SAML2AuthService?siteurl=northwind",
        ),
    ] {
        api.post("/apps", &json!({ "template": "saml", "name": name }))
            .await
            .expect(201);
        let set = api.put(&format!("/apps/{name}/sso"), &body).await.expect(201);
        assert_eq!(set["settings"]["entity_id"], entity_id);
        assert_eq!(set["settings"]["consumers"][0]["url"], url);
        let names: Vec<_> = set["settings"]["attributes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["name"].clone())
            .collect();
        assert_eq!(names, ["uid", "email", "firstname", "lastname"]);
        let sign = if name == "Site" { "assertion" } else { "both" };
        assert_eq!(set["settings"]["sign"], sign);
    }
    for body in [
        json!({ "webex_org_id": "a/b" }),
        json!({ "webex_subdomain": "evil.example/" }),
        json!({ "webex_org_id": "a", "webex_subdomain": "b" }),
    ] {
        api.put("/apps/Hub/sso", &body).await.problem(400, "sso.setting");
    }
}

async fn a_key_follows_another(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let api = world.plain.api();
    let keys = format!("/apps/{}/sso/keys", service.app);
    assert_eq!(api.get(&keys).await.expect(200)["items"], json!([]));
    service
        .signed_in(world, &browser.get(&service.path()).await, None)
        .await;
    let first = api.get(&keys).await.expect(200)["items"][0].clone();
    assert_eq!(first["standing"], "current");
    let second = api
        .post(&keys, &json!({ "kind": "ec_p384", "days": 100 }))
        .await
        .expect(201);
    assert_eq!(
        (&second["standing"], &second["signs_from"]),
        (&json!("next"), &Value::Null)
    );
    // It is published, and does not sign yet.
    let page = world.nobody().get(&format!("{}/metadata", service.path())).await;
    assert_eq!(page.text.matches("<ds:X509Certificate>").count(), 2);
    let signed = handed_on(&browser.get(&service.path()).await, CONSUMER).xml;
    assert!(signed.contains("rsa-sha256"), "{signed}");
    let from = world.store.ambient().now() + std::time::Duration::from_mins(5);
    let at = |key: &Value, what: &str| format!("{keys}/{}{what}", key["id"].as_str().expect("an id"));
    let promoted = api
        .post(&at(&second, "/promote"), &json!({ "from": from }))
        .await
        .expect(200);
    assert_eq!(promoted["signs_from"], json!(from));
    let signed = handed_on(&browser.get(&service.path()).await, CONSUMER).xml;
    assert!(signed.contains("rsa-sha256"), "not before its date");
    world.clock.advance(std::time::Duration::from_mins(6));
    let page = browser.get(&service.path()).await;
    assert!(handed_on(&page, CONSUMER).xml.contains("ecdsa-sha384"));
    service.signed_in(world, &page, None).await;
    let listed = api.get(&keys).await.expect(200);
    let standings: Vec<_> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|key| key["standing"].clone())
        .collect();
    assert_eq!(standings, ["current", "previous"]);
    api.delete(&at(&second, "")).await.problem(409, "key.in_use");
    assert_eq!(api.delete(&at(&first, "")).await.status, 204);
    api.delete(&at(&first, "")).await.problem(404, "key.unknown");
    api.post(&keys, &json!({ "kind": "rsa_1024" }))
        .await
        .problem(400, "key.kind");
    api.post(&keys, &json!({ "days": 0 })).await.problem(400, "days");
    // What is set fits the key that signs, or is refused.
    let change = json!({ "settings": { "signature_algorithm": "rsa_sha256" } });
    let refused = api.patch(&format!("/apps/{}/sso", service.app), &change).await;
    assert_eq!(
        refused.problem(400, "sso.setting")["params"]["setting"],
        "signature_algorithm"
    );
}

async fn a_preview_tells_what_a_sign_in_would(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    let attributes = json!([
        { "name": "uid", "source": { "attribute": "userName" } },
        { "name": "nick", "source": { "attribute": "nickName" } },
        { "name": "secret", "source": { "expression": "Redact([userName])" } },
    ]);
    service
        .change(&world.plain, json!({ "attributes": attributes }))
        .await;
    let api = world.plain.api();
    let ask = async || {
        let path = format!("/apps/{}/sso/preview", service.app);
        api.post(&path, &json!({ "person": ADDRESS })).await.expect(200)
    };
    let told = ask().await;
    assert_eq!(
        (&told["assigned"], &told["let_in"]),
        (&json!(false), &json!(false))
    );
    service.assign(&world.plain, user).await;
    let told = ask().await;
    assert_eq!((&told["assigned"], &told["let_in"]), (&json!(true), &json!(true)));
    assert_eq!(told["name_id"]["value"], ADDRESS);
    assert_eq!(told["attributes"][0]["values"], json!([ADDRESS]));
    assert_eq!(told["attributes"][1]["left_out"], true);
    assert_eq!(told["attributes"][2]["values"], json!(["[Redact]"]));
    // A name that is made up is made up at the sign-in, and not here.
    service
        .change(&world.plain, json!({ "name_id_format": "persistent" }))
        .await;
    assert_eq!(ask().await["name_id"]["value"], Value::Null);
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let signed_in = service
        .signed_in(world, &browser.get(&service.path()).await, None)
        .await;
    let name = signed_in.assertion.subject.name_id.expect("a name").value;
    assert_eq!(ask().await["name_id"]["value"], name);
    // And what is wrong is told, here and there.
    let needed = json!([{ "name": "nick", "source": { "attribute": "nickName" }, "when_empty": "refuse" }]);
    service
        .change(&world.plain, json!({ "attributes": needed }))
        .await;
    assert_eq!(ask().await["problem"]["code"], "sso.attribute_value");
    browser
        .get(&service.path())
        .await
        .expect(409, "the attribute nick cannot be told");
}

async fn attributes_come_from_wherever_they_are_said_to(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let group = json!({ "displayName": "Writers", "members": [{ "value": user.to_string() }] });
    world.plain.scim().post("/Groups", &group).await.expect(201);
    let attributes = json!([
        { "name": "a", "source": { "attribute": "displayName" } },
        { "name": "b", "name_format": "uri", "friendly_name": "bee", "source": { "constant": "x & <y>" } },
        { "name": "c", "name_format": "unspecified", "source": { "expression": "ToUpper([userName])" } },
        { "name": "d", "source": { "expression": "user.displayName", "language": "okta" } },
        { "name": "e", "source": { "attribute": "groups.display" } },
        { "name": "f", "source": { "attribute": "active" } },
        { "name": "g", "source": { "attribute": "nickName" } },
        { "name": "h", "source": { "attribute": "nickName" }, "when_empty": "empty" },
    ]);
    service
        .change(&world.plain, json!({ "attributes": attributes }))
        .await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let signed_in = service
        .signed_in(world, &browser.get(&service.path()).await, None)
        .await;
    let told: Vec<_> = signed_in
        .assertion
        .attributes
        .iter()
        .map(|one| {
            let format = one
                .name_format
                .as_deref()
                .unwrap_or_default()
                .rsplit(':')
                .next()
                .unwrap_or_default();
            let values: Vec<_> = one.values.iter().map(|value| value.text.as_str()).collect();
            json!([one.name, format, one.friendly_name, values])
        })
        .collect();
    assert_eq!(
        json!(told),
        json!([
            ["a", "basic", null, ["Somebody"]],
            ["b", "uri", "bee", ["x & <y>"]],
            ["c", "unspecified", null, ["BARBARA@NORTHWIND.EXAMPLE"]],
            ["d", "basic", null, ["Somebody"]],
            ["e", "basic", null, ["Writers"]],
            ["f", "basic", null, ["true"]],
            ["h", "basic", null, [""]],
        ])
    );
}
