//! What administrators find in traces: every message, and nothing that is not to be shown.

use saml::message::RequestedContext;
use saml::names::context_class;
use serde_json::{Value, json};

use super::service::{CONSUMER, Service, handed_on, status};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::saml::service_provider::Estate;
use crate::world::World;

on_both!(
    what_redact_hides_is_in_no_trace,
    refusals_are_kept_as_they_were_sent,
    a_request_of_ours_that_nobody_answers_is_kept,
);

const ADDRESS: &str = "barbara@northwind.example";

async fn newest(world: &World) -> Value {
    let api = world.plain.api();
    let page = api.get("/saml-traces?limit=1").await.expect(200);
    let id = page["items"][0]["id"].as_str().expect("an id").to_owned();
    api.get(&format!("/saml-traces/{id}")).await.expect(200)
}

async fn what_redact_hides_is_in_no_trace(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let secret = json!({ "expression": "Redact(Append(\"hush-\", [userPrincipalName]))" });
    let settings = json!({ "attributes": [
        { "name": "uid", "source": { "attribute": "userName" } },
        { "name": "none", "source": { "attribute": "department" } },
        { "name": "pin", "source": secret },
        { "name": "last", "source": { "constant": "kept" } },
    ] });
    service.change(&world.plain, settings).await;
    let browser = Browser::new(world);
    browser.sign_in(ADDRESS, PASSWORD).await;
    let page = browser.get(&service.path()).await;
    let hidden = format!("hush-{ADDRESS}");
    assert!(
        handed_on(&page, CONSUMER).xml.contains(&hidden),
        "the service is told"
    );
    let trace = newest(world).await;
    let text = trace.to_string();
    assert!(!text.contains("hush-"), "{text}");
    let sent = trace["messages"][0]["xml"].as_str().expect("XML");
    assert!(sent.contains(">kept<") && sent.contains("Name=\"pin\""), "{sent}");
    assert_eq!(
        sent.matches("(left out)").count(),
        3,
        "two signatures and a value: {sent}"
    );
    // A name stands in lists of sessions, too.
    let path = format!("/apps/{}/sso", service.app);
    let name = json!({ "settings": { "name_id": secret } });
    let refused = world.plain.api().patch(&path, &name).await;
    refused.problem(400, "sso.setting");
}

async fn refusals_are_kept_as_they_were_sent(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let user = somebody(world, &world.plain, ADDRESS).await;
    service.assign(&world.plain, user).await;
    let browser = Browser::new(world);
    let mut passive = service.request(world);
    passive.is_passive = true;
    let mut strong = service.request(world);
    strong.requested_context = Some(RequestedContext::exact([context_class::REFEDS_MFA]));
    for (request, code) in [(passive, "NoPassive"), (strong, "NoAuthnContext")] {
        let page = browser
            .get(&service.by_redirect(world, &request, Some("back"), None))
            .await;
        assert_eq!(status(&page), ["Responder", code]);
        let trace = newest(world).await;
        let messages = trace["messages"].as_array().expect("messages");
        let directions: Vec<_> = messages.iter().map(|one| &one["direction"]).collect();
        assert_eq!(directions, ["received", "sent"], "{trace}");
        let sent = messages[1]["xml"].as_str().expect("XML");
        assert!(sent.contains(code) && sent.contains(&request.head.id), "{sent}");
        assert_eq!(messages[1]["relay_state"], "back");
        browser.sign_in(ADDRESS, PASSWORD).await;
    }
    somebody(world, &world.webex, "other@hub.example").await;
    browser.sign_in("other@hub.example", PASSWORD).await;
    let request = service.request(world);
    let page = browser
        .get(&service.by_redirect(world, &request, None, None))
        .await;
    page.expect(403, "another organization");
    let trace = newest(world).await;
    assert_eq!(trace["code"], "sso.other_organization");
    assert!(
        trace["messages"][0]["xml"]
            .as_str()
            .is_some_and(|xml| xml.contains(&request.head.id))
    );
}

async fn a_request_of_ours_that_nobody_answers_is_kept(world: &World) {
    let estate = Estate::new(world).await;
    let browser = Browser::new(world);
    let id = estate.ask(&browser, "").await;
    let forget = async || {
        world
            .federation
            .forget_requests(estate.org.id)
            .await
            .expect("done")
    };
    assert_eq!(forget().await, 0, "an answer may still come");
    world.clock.advance(std::time::Duration::from_mins(31));
    assert_eq!(forget().await, 1);
    let trace = newest(world).await;
    assert_eq!(trace["code"], "request.unanswered");
    assert_eq!(trace["role"], "service_provider");
    let message = &trace["messages"][0];
    assert_eq!(
        (&message["direction"], &message["binding"]),
        (&json!("sent"), &json!("redirect"))
    );
    assert!(
        message["xml"].as_str().is_some_and(|xml| xml.contains(&id)),
        "{trace}"
    );
    assert_eq!(forget().await, 0, "each once");
}
