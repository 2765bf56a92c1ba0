//! A way back for administrators, and warnings before it is needed.

use std::time::Duration;

use serde_json::json;

use super::{DOMAIN, Estate, events};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, somebody};
use crate::world::World;

on_both!(
    a_code_switches_it_off,
    nobody_else_gets_a_code,
    a_code_goes_to_the_address_that_is_known,
    certificates_that_end_are_told,
);

async fn a_code_switches_it_off(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let estate = Estate::new(world).await;
    super::verify(world, estate.org, "northwind.example").await;
    let browser = Browser::new(world);
    // Locked out: the address leads to an identity provider that does not answer.
    let page = browser.get("/sign-in").await;
    let fields = [("address", admin.as_str()), ("password", PASSWORD)];
    browser
        .submit(&page, "/sign-in", &fields)
        .await
        .expect(200, "You are led there");
    let path = format!("/idb/saml2/{}/recover", estate.org.id);
    let page = browser.get(&path).await;
    let asked = browser.submit(&page, &path, &[("address", &admin)]).await;
    asked.expect(200, "a code is on its way");
    let letters = world.letters(estate.org).await;
    let code = letters[0].secret.clone().expect("a code");
    assert_eq!((letters[0].to.as_str(), code.len()), (admin.as_str(), 8));
    for wrong in ["00000000", "1", "x"] {
        let page = browser.submit(&asked, &path, &[("code", wrong)]).await;
        page.expect(403, "The code is wrong");
    }
    let done = browser.submit(&asked, &path, &[("code", &code)]).await;
    done.expect(200, "Single sign-on is off");
    // Once, whoever has switched it on again.
    let federation = &world.federation;
    federation
        .activate_sso(&crate::world::cause(), estate.org.id)
        .await
        .expect("on");
    let again = browser.submit(&asked, &path, &[("code", &code)]).await;
    again.expect(403, "The code is wrong");
    federation
        .deactivate_sso(&crate::world::cause(), estate.org.id)
        .await
        .expect("off");
    let page = browser.get("/sign-in").await;
    browser
        .submit(&page, "/sign-in", &fields)
        .await
        .leads_to("/account");
    for event in ["sso_recovery_send", "sso_recovery_use"] {
        assert_eq!(events(world, estate.org.id, event).await.len(), 1, "{event}");
    }
}

async fn nobody_else_gets_a_code(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    super::person(estate.org, &anna).await;
    let path = format!("/idb/saml2/{}/recover", estate.org.id);
    let browser = Browser::new(world);
    let page = browser.get(&path).await;
    let mut answers = Vec::new();
    for address in [anna.as_str(), "nobody@example.com", admin.as_str()] {
        let asked = browser.submit(&page, &path, &[("address", address)]).await;
        asked.expect(200, "a code is on its way");
        answers.push(asked.text.replace(address, ""));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "who is an administrator is not told");
    let letters = world.letters(estate.org).await;
    assert_eq!(letters.len(), 1);
    let code = letters[0].secret.clone().expect("a code");
    // Guessed too often, it is good no more; nor is it after a quarter of an hour.
    let asked = browser.submit(&page, &path, &[("address", &admin)]).await;
    for _ in 0..5 {
        browser
            .submit(&asked, &path, &[("code", "0")])
            .await
            .expect(403, "wrong");
    }
    browser
        .submit(&asked, &path, &[("code", &code)])
        .await
        .expect(403, "wrong");
    world.clock.advance(Duration::from_mins(2));
    browser.submit(&page, &path, &[("address", &admin)]).await;
    let code = world.letters(estate.org).await[0].secret.clone().expect("a code");
    world.clock.advance(Duration::from_mins(16));
    let page = browser.get(&path).await;
    let asked = browser.submit(&page, &path, &[("address", &admin)]).await;
    browser
        .submit(&asked, &path, &[("code", &code)])
        .await
        .expect(403, "wrong");
}

/// An address that only folds to an administrator's is in another domain, which is whosever.
async fn a_code_goes_to_the_address_that_is_known(world: &World) {
    let estate = Estate::new(world).await;
    let path = format!("/idb/saml2/{}/recover", estate.org.id);
    for (own, twin) in [
        ("strasse.example", "straße.example"),
        ("οδος.example", "οδοσ.example"),
    ] {
        let admin = format!("chief@{own}");
        let id = somebody(world, estate.org, &admin).await;
        let role = json!({ "role": "id_full_admin" });
        estate
            .org
            .api()
            .put(&format!("/people/{id}/role"), &role)
            .await
            .expect(200);
        world.letters(estate.org).await;
        let ask = async |address: &str| {
            let browser = Browser::new(world);
            let page = browser.get(&path).await;
            let asked = browser.submit(&page, &path, &[("address", address)]).await;
            asked.expect(200, "a code is on its way");
            world.letters(estate.org).await
        };
        assert_eq!(ask(&format!("chief@{twin}")).await.len(), 0, "{twin}");
        let letters = ask(&format!("CHIEF@{own}")).await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].to, admin, "as it stands in the directory");
    }
}

async fn certificates_that_end_are_told(world: &World) {
    let estate = Estate::new(world).await;
    let day = Duration::from_hours(24);
    let federation = &world.federation;
    let org = estate.org.id;
    let warn = async || {
        federation
            .warn_of_provider_certificates(org)
            .await
            .expect("warned")
    };
    assert_eq!(warn().await, 0);
    let mut told = Vec::new();
    for (ahead, before) in [(30, 365 - 30), (14, 16), (7, 7), (1, 6)] {
        world.clock.advance(day * before);
        assert_eq!((warn().await, warn().await), (1, 0), "{ahead}");
        told.push(ahead);
    }
    let events = events(world, org, "sso_certificate_expiry").await;
    let days: Vec<_> = events.iter().rev().map(|event| event["days"].clone()).collect();
    assert_eq!(json!(days), json!(told));
    let letters = world.letters(estate.org).await;
    assert_eq!(letters.len(), 4);
    assert!(letters[0].subject.contains("Example IdP"), "{:?}", letters[0]);
}
