//! How sign-ins went, for administrators.

use super::Desk;
use super::form::Form;
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::sso::service::Service;
use crate::world::World;

on_both!(
    a_sign_in_can_be_followed_message_by_message,
    how_long_they_are_kept_is_set,
);

async fn a_sign_in_can_be_followed_message_by_message(world: &World) {
    let service = Service::set_up(world, &world.plain, "wiki").await;
    let address = "anna@northwind.example";
    let anna = somebody(world, &world.plain, address).await;
    let browser = Browser::new(world);
    browser.sign_in(address, PASSWORD).await;
    let refused = service.by_redirect(world, &service.request(world), Some("<b>there</b>"), None);
    browser.get(&refused).await;
    service.assign(&world.plain, anna).await;
    let taken = service.by_redirect(world, &service.request(world), None, None);
    browser.get(&taken).await;

    let desk = Desk::new(world, &world.plain).await;
    let all = desk.get("/saml-traces").await;
    all.expect(200, "Sign-in, to an app");
    let count = |text: &str, what: &str| text.matches(what).count();
    assert_eq!(count(&all.text, "<li>"), 2, "{}", all.text);
    for (query, found) in [
        ("outcome=failed", 1),
        ("outcome=succeeded", 1),
        ("outcome=under_way", 0),
        ("role=identity_provider", 2),
        ("role=service_provider", 0),
        ("app=wiki", 2),
        ("user=anna%40northwind.example", 2),
        ("user=&app=&role=&outcome=", 2),
    ] {
        let page = desk.get(&format!("/saml-traces?{query}")).await;
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(count(&page.text, "<li>"), found, "{query}: {}", page.text);
    }
    for (wrong, status) in [
        ("app=nothing", 404),
        ("user=nobody", 404),
        ("outcome=odd", 400),
        ("after=x", 400),
    ] {
        let page = desk.get(&format!("/saml-traces?{wrong}")).await;
        page.expect(status, "role=\"alert\"");
    }
    // What came in is shown as text.
    let failed = desk.api("/saml-traces?outcome=failed").await;
    let id = failed["items"][0]["id"].as_str().expect("an id").to_owned();
    let page = desk.get(&format!("/saml-traces/{id}")).await;
    page.expect(200, "AuthnRequest");
    page.expect(200, "RelayState: <code>&#60;b&#62;there&#60;/b&#62;</code>");
    page.expect(200, address);
    desk.get("/saml-traces/nothing")
        .await
        .expect(404, "There is nothing here");
    // Another organization's are not here.
    let other = Desk::new(world, &world.webex).await;
    other
        .get(&format!("/saml-traces/{id}"))
        .await
        .expect(404, "There is nothing here");
}

async fn how_long_they_are_kept_is_set(world: &World) {
    let desk = Desk::new(world, &world.plain).await;
    let days = async || desk.api("/organization").await["settings"]["saml.traces_retention_days"].clone();
    let keep = async |days: &str| {
        let page = desk.get("/saml-traces").await;
        let mut form = Form::with(&page, "name=\"days\"");
        assert_eq!(form.get("days"), Some("14"));
        form.set("days", days);
        desk.send("/saml-traces", &form).await
    };
    for wrong in ["", "-1", "for ever", "3651"] {
        let page = keep(wrong).await;
        page.expect(400, "role=\"alert\"");
        assert_eq!(Form::with(&page, "name=\"days\"").get("days"), Some(wrong));
        assert_eq!(days().await, "14");
    }
    keep("30").await.expect(200, "value=\"30\"");
    assert_eq!(days().await, "30");
}
