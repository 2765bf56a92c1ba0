//! A sign-in begins at the service, or here.

use std::time::Duration;

use saml::binding::{Kind, post};
use saml::names::{context_class, name_id_format};
use saml::security::sign;
use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on, status};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::World;

on_both!(
    a_service_sends_somebody,
    a_service_sends_a_form,
    one_begins_here,
    requests_that_are_not_in_order_are_answered_only_where_that_is_safe,
    collectors_find_sign_ins_to_apps_by_themselves,
);

pub(super) const ADDRESS: &str = "barbara@northwind.example";

/// An app, and somebody who may sign in to it.
pub(super) async fn wiki(world: &World) -> (Service, base::UserId) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    (service, user)
}

pub(super) async fn traces(world: &World) -> Vec<Value> {
    let page = world.plain.api().get("/saml-traces").await.expect(200);
    page["items"].as_array().expect("items").clone()
}

async fn a_service_sends_somebody(world: &World) {
    let (service, user) = wiki(world).await;
    let browser = Browser::new(world);
    let request = service.request(world);
    let path = service.by_redirect(world, &request, Some("where I was & more"), None);
    let page = browser.get(&path).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let to = page.header("location").to_owned();
    assert!(to.starts_with("/sign-in?to=%2Fsaml2%2Fwiki%2Fcontinue"), "{to}");
    let page = browser.get(&to).await;
    let fields = [("address", ADDRESS), ("password", PASSWORD)];
    let page = browser.submit(&page, "/sign-in", &fields).await;
    let on = page.header("location").to_owned();
    assert!(on.starts_with("/saml2/wiki/continue?state="), "{on}");
    let page = browser.get(&on).await;
    let incoming = handed_on(&page, CONSUMER);
    assert_eq!(incoming.relay_state.as_deref(), Some("where I was & more"));
    let signed_in = service.signed_in(world, &page, Some(&request)).await;
    let name = signed_in.assertion.subject.name_id.expect("a name");
    assert_eq!(
        (name.value.as_str(), name.format()),
        (ADDRESS, name_id_format::UNSPECIFIED)
    );
    assert_eq!(
        signed_in.context_class.as_deref(),
        Some(context_class::PASSWORD_PROTECTED_TRANSPORT)
    );
    assert!(signed_in.session_index.is_some());
    // Whoever is signed in is not asked again.
    let again = service.request(world);
    let page = browser.get(&service.by_redirect(world, &again, None, None)).await;
    service.signed_in(world, &page, Some(&again)).await;
    assert_eq!(handed_on(&page, CONSUMER).relay_state, None);

    let traces = traces(world).await;
    assert_eq!(traces.len(), 2);
    let trace = traces[1]["id"].as_str().expect("an id");
    let trace = world
        .plain
        .api()
        .get(&format!("/saml-traces/{trace}"))
        .await
        .expect(200);
    assert_eq!(trace["outcome"], "succeeded");
    assert_eq!(trace["user"], json!(user));
    assert_eq!(trace["subject"], ADDRESS);
    let messages = trace["messages"].as_array().expect("messages");
    assert_eq!(
        messages.iter().map(|one| &one["direction"]).collect::<Vec<_>>(),
        ["received", "sent"]
    );
    assert!(
        messages[0]["xml"]
            .as_str()
            .is_some_and(|xml| xml.contains(&request.head.id))
    );
    let sent = messages[1]["xml"].as_str().expect("XML");
    assert!(
        sent.contains("<saml:Assertion") && sent.contains("(left out)"),
        "{sent}"
    );
    assert!(
        trace["checks"].as_array().is_some_and(|checks| checks.len() > 5),
        "{trace}"
    );

    let events = world.plain.api().get("/events?type=sso_auth").await.expect(200);
    let events = events["items"].as_array().expect("items");
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["detail"]["user_name"], ADDRESS);
    assert_eq!(events[0]["detail"]["idp_initiated"], false);
}

async fn collectors_find_sign_ins_to_apps_by_themselves(world: &World) {
    let (service, user) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    browser.get(&service.path()).await.expect(200, "wiki");
    let api = world.plain.api();
    let gone = json!({ "remove": [{ "user": user }] });
    api.post(&format!("/apps/{}/assignments", service.app), &gone)
        .await
        .expect(200);
    browser
        .get(&service.path())
        .await
        .expect(403, "You have no access");
    let token = Some(world.plain.token.as_str());
    let client = crate::client::Client::new(world.address.clone(), token, "application/json");
    let found = async |services: Value, term: Value| {
        let body = json!({ "service": services, "start_time": "2020-01-01T14:00:00Z", "search_term": term });
        let answer = client.post("/insights/directory/v1/events", &body).await;
        answer.expect(200).as_array().expect("rows").clone()
    };
    let rows = found(json!(["sso"]), json!({})).await;
    assert_eq!(rows.len(), 2, "{rows:?}");
    for (row, success) in rows.iter().zip([true, false]) {
        assert_eq!(
            (&row["event_type"], &row["service"], &row["success"]),
            (&json!("sso_auth"), &json!("sso"), &json!(success))
        );
        assert_eq!(
            (&row["idp_initiated"], &row["sso_token_success"]),
            (&json!(true), &json!(success))
        );
        assert_eq!(row["initiated_by"]["name"], ADDRESS);
        assert_eq!(row["application"]["name"], "wiki");
    }
    assert_eq!(rows[0]["error_message"], Value::Null);
    assert_eq!(rows[1]["error_message"], "not assigned to the app");
    // What administrators do to sign-ins, and people to come in here, is of the directory.
    let own = found(json!(["directory"]), json!({})).await;
    assert!(own.iter().all(|row| row["service"] == "directory"), "{own:?}");
    for of_directory in ["sso_create", "user_login_attempt"] {
        assert!(own.iter().any(|row| row["event_type"] == of_directory), "{own:?}");
    }
    let all = found(json!(["all"]), json!({})).await;
    assert_eq!(all.len(), own.len() + rows.len());
    let none = json!({ "and": [{ "event_type": "sso_create" }] });
    assert_eq!(found(json!(["sso"]), none).await.len(), 0);
    let keys = found(
        json!(["all"]),
        json!({ "and": [{ "event_type": "saml_key_create" }] }),
    )
    .await;
    assert!(keys.iter().all(|row| row["service"] == "directory"), "{keys:?}");
}

async fn a_service_sends_a_form(world: &World) {
    let (service, _) = wiki(world).await;
    let certificate = service.keys.certificate.to_pem();
    let settings = json!({ "request_certificates": [certificate], "signed_requests": true });
    service.change(&world.plain, settings).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let request = service.request(world);
    let xml = sign(&request.to_element(), &service.keys.credential).expect("signed");
    let fields = |xml: &str| -> Vec<(String, String)> {
        let fields = post::encode(Kind::Request, xml, Some("deep"));
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    };
    // As from another site: the browser sends no cookie along, and says where it comes from.
    let from = [
        ("origin", "https://wiki.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let page = Browser::new(world)
        .post(&service.path(), &fields(&xml), &from)
        .await;
    let on = page.header("location").to_owned();
    assert!(
        page.status == 303 && on.starts_with("/saml2/wiki/continue?state="),
        "{}",
        page.text
    );
    let page = browser.get(&on).await;
    service.signed_in(world, &page, Some(&request)).await;
    assert_eq!(handed_on(&page, CONSUMER).relay_state.as_deref(), Some("deep"));
    // One that is not signed is refused, and so is one that is by another key.
    let plain = request.to_element().to_xml().expect("XML");
    let page = browser.post(&service.path(), &fields(&plain), &from).await;
    assert_eq!(status(&page), ["Requester", "RequestDenied"]);
    let other = Service::set_up(world, &world.plain, "other").await;
    let forged = sign(&request.to_element(), &other.keys.credential).expect("signed");
    let page = browser.post(&service.path(), &fields(&forged), &from).await;
    page.expect(400, "cannot be answered");
    // By Redirect the signature is in the query.
    let request = service.request(world);
    let path = service.by_redirect(world, &request, Some("x"), Some(&service.keys.credential));
    let page = browser.get(&path).await;
    service.signed_in(world, &page, Some(&request)).await;
    let tampered = path.replace("RelayState=x", "RelayState=y");
    browser.get(&tampered).await.expect(400, "cannot be answered");
}

async fn one_begins_here(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let page = browser.get(&service.path()).await;
    let signed_in = service.signed_in(world, &page, None).await;
    assert_eq!(signed_in.in_response_to, None);
    // Where to, only as the administrator allows.
    let settings = json!({
        "default_relay_state": "https://wiki.example/start",
        "relay_states": ["https://wiki.example/pages/", "token"],
    });
    service.change(&world.plain, settings).await;
    for (asked, handed) in [
        (None, Some("https://wiki.example/start")),
        (Some("token"), Some("token")),
        (
            Some("https://wiki.example/pages/a?b"),
            Some("https://wiki.example/pages/a?b"),
        ),
        (
            Some("https://wiki.example/start"),
            Some("https://wiki.example/start"),
        ),
        (Some("https://wiki.example.evil.example/pages/"), None),
        (Some("https://evil.example/"), None),
        (Some("tokens"), None),
    ] {
        let query = asked.map(|asked| format!("?RelayState={}", crate::client::encoded(asked)));
        let page = browser
            .get(&format!("{}{}", service.path(), query.unwrap_or_default()))
            .await;
        match handed {
            Some(handed) => assert_eq!(handed_on(&page, CONSUMER).relay_state.as_deref(), Some(handed)),
            None => {
                page.expect(403, "not on the list");
            }
        }
    }
    // Or not at all.
    service
        .change(&world.plain, json!({ "idp_initiated": false }))
        .await;
    browser
        .get(&service.path())
        .await
        .expect(403, "from there, and not from here");
}

async fn requests_that_are_not_in_order_are_answered_only_where_that_is_safe(world: &World) {
    let (service, _) = wiki(world).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let send = async |change: &dyn Fn(&mut saml::message::AuthnRequest)| {
        let mut request = service.request(world);
        change(&mut request);
        browser
            .get(&service.by_redirect(world, &request, None, None))
            .await
    };
    // Answers go to registered addresses, whatever is asked for.
    let page = send(&|request| request.acs_url = Some("https://evil.example/acs".to_owned())).await;
    page.expect(400, "cannot be answered");
    assert!(!page.text.contains("evil.example"), "{}", page.text);
    let page = send(&|request| request.acs_index = Some(9)).await;
    page.expect(400, "cannot be answered");
    let page = send(&|request| request.acs_index = Some(7)).await;
    assert!(
        page.text.contains("action=\"https://wiki.example/other\""),
        "{}",
        page.text
    );
    let page = send(&|request| request.head.issuer = Some("https://evil.example/saml".to_owned())).await;
    page.expect(400, "cannot be answered");
    let page =
        send(&|request| request.head.destination = Some("https://elsewhere.example/".to_owned())).await;
    assert_eq!(status(&page), ["Requester", "RequestDenied"]);
    let page = send(&|request| request.head.issued = request.head.issued - Duration::from_hours(1)).await;
    assert_eq!(status(&page), ["Requester", "RequestDenied"]);
    for (query, said) in [
        ("?SAMLRequest=%2A", "is not base64"),
        ("?SAMLRequest=YWJj", "not compressed"),
        ("?SAMLRequest=a&SAMLRequest=b", "twice"),
        ("?SAMLResponse=a", "not base64"),
    ] {
        let page = browser.get(&format!("{}{query}", service.path())).await;
        page.expect(400, said);
    }
    browser
        .get("/saml2/nothing")
        .await
        .expect(404, "no app at this address");
    browser
        .get("/saml2/nothing/metadata")
        .await
        .expect(404, "no app at this address");
    browser
        .get("/saml2/Wiki")
        .await
        .expect(404, "no app at this address");
    let codes: Vec<_> = traces(world)
        .await
        .iter()
        .map(|trace| trace["code"].clone())
        .collect();
    for code in [
        "request.consumer",
        "message.issuer",
        "message.destination",
        "message.issued",
        "binding.base64",
    ] {
        assert!(codes.contains(&json!(code)), "{code}: {codes:?}");
    }
}
