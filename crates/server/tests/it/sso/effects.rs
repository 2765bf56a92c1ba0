//! What settings do that the table of all of them tells too little of.

use saml::message::NameIdPolicy;
use saml::names::name_id_format;
use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on, status};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    names_of_every_format_have_a_source,
    answers_go_to_the_default_consumer,
    nothing_is_said_of_the_session_where_none_is_set,
    relay_states_are_told_by_their_parts,
    no_name_is_made_where_that_is_not_wanted,
    sources_read_what_people_can_have,
    webex_for_government_is_told_the_same,
);

const ADDRESS: &str = "barbara@northwind.example";

async fn wiki(world: &World) -> (Service, Browser) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    (service, browser)
}

async fn names_of_every_format_have_a_source(world: &World) {
    let (service, browser) = wiki(world).await;
    for (format, uri, value) in [
        (
            "x509_subject_name",
            name_id_format::X509_SUBJECT_NAME,
            "CN=Barbara",
        ),
        (
            "windows_domain_qualified_name",
            name_id_format::WINDOWS_DOMAIN_QUALIFIED_NAME,
            "NORTH\\barbara",
        ),
        ("kerberos", name_id_format::KERBEROS, "barbara@NORTH.EXAMPLE"),
    ] {
        let settings = json!({ "name_id_format": format, "name_id": { "constant": value } });
        service.change(&world.plain, settings).await;
        let page = browser.get(&service.path()).await;
        let name = service
            .signed_in(world, &page, None)
            .await
            .assertion
            .subject
            .name_id;
        let name = name.expect("a name");
        assert_eq!((name.format(), name.value.as_str()), (uri, value));
    }
}

async fn answers_go_to_the_default_consumer(world: &World) {
    let (service, browser) = wiki(world).await;
    let other = "https://wiki.example/other";
    for (default, goes) in [(Value::Null, CONSUMER), (json!(true), other)] {
        let mut second = json!({ "url": other, "index": 7 });
        if !default.is_null() {
            second["default"] = default;
        }
        let settings = json!({ "consumers": [{ "url": CONSUMER, "index": 0 }, second] });
        service.change(&world.plain, settings).await;
        handed_on(&browser.get(&service.path()).await, goes);
        let request = service.request(world);
        let page = browser
            .get(&service.by_redirect(world, &request, None, None))
            .await;
        assert!(handed_on(&page, goes).xml.contains(&request.head.id));
    }
}

async fn nothing_is_said_of_the_session_where_none_is_set(world: &World) {
    let (service, browser) = wiki(world).await;
    let ends = async || {
        let page = browser.get(&service.path()).await;
        let signed_in = service.signed_in(world, &page, None).await;
        signed_in.assertion.authn_statements[0].session_not_on_or_after
    };
    assert!(ends().await.is_some());
    service
        .change(&world.plain, json!({ "session_minutes": 0 }))
        .await;
    assert_eq!(ends().await, None);
}

async fn relay_states_are_told_by_their_parts(world: &World) {
    let (service, browser) = wiki(world).await;
    let settings = json!({ "relay_states": ["https://wiki.example/pages/", "token"] });
    service.change(&world.plain, settings).await;
    for (state, goes) in [
        ("https://wiki.example/pages/", true),
        ("https://wiki.example/pages/a?b=c", true),
        ("token", true),
        ("https://wiki.example/pages/../admin", false),
        ("https://wiki.example/pages/%2e%2e/admin", false),
        ("https://wiki.example/pages/a\\..\\..\\admin", false),
        ("https://wiki.example/pages", false),
        ("https://wiki.example.evil.example/pages/", false),
        ("tokens", false),
    ] {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("RelayState", state)
            .finish();
        let page = browser.get(&format!("{}?{query}", service.path())).await;
        assert_eq!(page.status == 200, goes, "{state}");
    }
}

async fn no_name_is_made_where_that_is_not_wanted(world: &World) {
    let (service, browser) = wiki(world).await;
    let ask = async |allow_create: Option<bool>| {
        let mut request = service.request(world);
        request.name_id_policy = Some(NameIdPolicy {
            format: Some(name_id_format::PERSISTENT.to_owned()),
            allow_create,
            ..NameIdPolicy::default()
        });
        let page = browser
            .get(&service.by_redirect(world, &request, None, None))
            .await;
        (page, request)
    };
    let (page, _) = ask(Some(false)).await;
    assert_eq!(status(&page), ["Requester", "InvalidNameIDPolicy"]);
    let traces = world.plain.api().get("/saml-traces?limit=1").await.expect(200);
    assert_eq!(traces["items"][0]["code"], "sso.no_identifier");
    // What is left out is no wish.
    let mut names = Vec::new();
    for allow_create in [None, Some(false), Some(true)] {
        let (page, request) = ask(allow_create).await;
        let signed_in = service.signed_in(world, &page, Some(&request)).await;
        names.push(signed_in.assertion.subject.name_id.expect("a name").value);
    }
    assert!(names[0] == names[1] && names[1] == names[2], "{names:?}");
    // Another service has none of its own.
    let other = Service::set_up(world, &world.plain, "other").await;
    let path = format!("/apps/{}", other.app);
    let body = json!({ "scope": "all" });
    world.plain.api().patch(&path, &body).await.expect(200);
    let mut request = other.request(world);
    request.name_id_policy = Some(NameIdPolicy {
        format: Some(name_id_format::PERSISTENT.to_owned()),
        allow_create: Some(false),
        ..NameIdPolicy::default()
    });
    let page = browser.get(&other.by_redirect(world, &request, None, None)).await;
    assert_eq!(status(&page), ["Requester", "InvalidNameIDPolicy"]);
    // A name that is made each time stands for nobody: there is nothing to be created.
    request = service.request(world);
    request.name_id_policy = Some(NameIdPolicy {
        format: Some(name_id_format::TRANSIENT.to_owned()),
        allow_create: Some(false),
        ..NameIdPolicy::default()
    });
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    service.signed_in(world, &page, Some(&request)).await;
}

async fn sources_read_what_people_can_have(world: &World) {
    let (service, _) = wiki(world).await;
    let (api, path) = (world.plain.api(), format!("/apps/{}/sso", service.app));
    let set = async |settings: Value| api.patch(&path, &json!({ "settings": settings })).await;
    for source in [
        json!({ "attribute": "nickNaem" }),
        json!({ "attribute": "name.famlyName" }),
        json!({ "attribute": "urn:example:nothing:2.0:User:badge" }),
        json!({ "expression": "ToLower([displayNaem])" }),
    ] {
        let attributes = json!([
            { "name": "uid", "source": { "attribute": "userName" } },
            { "name": "x", "source": source },
        ]);
        let problem = set(json!({ "attributes": attributes }))
            .await
            .problem(400, "sso.attribute");
        assert_eq!(problem["params"]["row"], "2", "{problem}");
        set(json!({ "name_id": source }))
            .await
            .problem(400, "sso.setting");
    }
    for attribute in [
        "nickName",
        "mail",
        "surname",
        "groups.display",
        "manager:displayName",
        "name.familyName",
        "externalId",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ] {
        let attributes = json!([{ "name": "x", "source": { "attribute": attribute } }]);
        set(json!({ "attributes": attributes })).await.expect(200);
    }
}

async fn webex_for_government_is_told_the_same(world: &World) {
    let api = world.plain.api();
    for name in ["Hub", "Base"] {
        api.post("/apps", &json!({ "template": "saml", "name": name }))
            .await
            .expect(201);
    }
    let hub = api
        .put("/apps/Hub/sso", &json!({ "webex_org_id": "0a1b-2c" }))
        .await
        .expect(201);
    // Its addresses are given first, here by hand.
    let own = json!({
        "entity_id": "https://idbroker-f.webex.com/0a1b-2c",
        "consumers": [{ "url": "https://idbroker-f.webex.com/idb/Consumer/metaAlias/0a1b-2c/sp", "index": 0 }],
    });
    api.put("/apps/Base/sso", &json!({ "settings": own }))
        .await
        .expect(201);
    let base = api
        .patch("/apps/Base/sso", &json!({ "webex_government": true }))
        .await
        .expect(200);
    for field in ["entity_id", "consumers"] {
        assert_eq!(base["settings"][field], own[field], "what was given stays");
    }
    for field in ["name_id_format", "attributes"] {
        assert_eq!(base["settings"][field], hub["settings"][field]);
    }
    let both = json!({ "webex_org_id": "a", "webex_government": true });
    api.patch("/apps/Base/sso", &both)
        .await
        .problem(400, "sso.setting");
}
