//! Passkeys: made at `/account/passkey`, and shown behind the password.

use std::time::Duration;

use serde_json::json;

use super::device::{Device, VERIFIED};
use super::factors::{recovery_codes, set_up, types};
use super::{Browser, PASSWORD, Page, administrator, somebody};
use crate::on_both;
use crate::world::{Process, World};

on_both!(
    a_passkey_is_asked_for_behind_the_password,
    what_a_device_signs_is_good_once_here_for_its_owner,
    a_passkey_is_made_for_one_person_here,
    passkeys_are_removed,
    a_passkey_is_shown_again,
    without_a_name_there_are_none,
);

const NEW: &str = "/account/passkey";
const SHOW: &str = "/sign-in/passkey";

/// A server with a name, and the origin of its pages.
async fn named(world: &World) -> (Process, String) {
    let process = world.neighbour_named("localhost").await;
    let origin = process.state.config.public_url.clone();
    (process, origin)
}

/// Somebody signed in makes a passkey, the first factor.
pub(crate) async fn make(browser: &Browser, origin: &str) -> (Device, Vec<String>) {
    let page = browser.get(NEW).await;
    page.expect(200, "data-passkey=\"create\"");
    let device = Device::new(origin);
    let made = browser
        .submit_as(&page, NEW, "answer", &device.create(&page))
        .await;
    made.expect(200, "Your recovery codes");
    (device, recovery_codes(&made))
}

async fn half(at: &Process, address: &str) -> (Browser, Page) {
    let browser = Browser::at(&at.address);
    let page = browser.sign_in(address, PASSWORD).await;
    page.expect(200, "data-passkey=\"get\"");
    assert_eq!(browser.cookie("instep-session"), None, "nobody is in yet");
    (browser, page)
}

async fn a_passkey_is_asked_for_behind_the_password(world: &World) {
    let (at, origin) = named(world).await;
    let address = administrator(world, &world.plain).await;
    let browser = Browser::at(&at.address);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    browser.get("/account").await.expect(200, "Add a passkey");
    let (mut device, codes) = make(&browser, &origin).await;
    let account = browser.get("/account").await;
    account
        .expect(200, "Made with Firefox on Linux")
        .expect(200, "Never used");
    for _ in 0..2 {
        let (browser, page) = half(&at, &address).await;
        page.expect(200, "One more step");
        let answer = device.sign(&page);
        browser
            .submit_as(&page, SHOW, "answer", &answer)
            .await
            .leads_to("/account");
        browser.get("/account").await.expect(200, "Last used");
    }
    // A recovery code will do, too, and an app beside it.
    let (browser, page) = half(&at, &address).await;
    browser
        .submit(&page, "/sign-in/factor", &[("code", &codes[0])])
        .await
        .leads_to("/account");
    let app = set_up_beside(world, &browser).await;
    let (browser, page) = half(&at, &address).await;
    page.expect(200, "Code from your authenticator app");
    browser
        .submit(&page, "/sign-in/factor", &[("code", &app)])
        .await
        .leads_to("/account");
    let added = types(world, &world.plain, "user_factor_add").await;
    let factors: Vec<_> = added
        .iter()
        .map(|event| event["detail"]["factor"].clone())
        .collect();
    assert_eq!(factors, [json!("authenticator"), json!("passkey")]);
}

/// An app where there is a factor already; its next code.
async fn set_up_beside(world: &World, browser: &Browser) -> String {
    let page = browser.get("/account/authenticator").await;
    let app = super::factors::App::read(&page);
    let code = app.code(world);
    let done = browser
        .submit(&page, "/account/authenticator", &[("code", &code)])
        .await;
    assert_eq!(done.status, 200, "{}", done.text);
    app.next(world)
}

async fn what_a_device_signs_is_good_once_here_for_its_owner(world: &World) {
    let (at, origin) = named(world).await;
    let address = administrator(world, &world.plain).await;
    let own = Browser::at(&at.address);
    own.sign_in(&address, PASSWORD).await.leads_to("/account");
    let (mut device, _) = make(&own, &origin).await;
    somebody(world, &world.plain, "anna@example.com").await;
    let annas = Browser::at(&at.address);
    annas
        .sign_in("anna@example.com", PASSWORD)
        .await
        .leads_to("/account");
    let (mut other, _) = make(&annas, &origin).await;
    let refused = async |page: &Page, browser: &Browser, answer: &str| {
        let page = browser.submit_as(page, SHOW, "answer", answer).await;
        page.expect(403, "This passkey was not taken.");
        page
    };
    let succeed = async |device: &mut Device| {
        let (browser, page) = half(&at, &address).await;
        let answer = device.sign(&page);
        browser
            .submit_as(&page, SHOW, "answer", &answer)
            .await
            .leads_to("/account");
    };
    // Signed for another page, without whoever holds it, and by another key.
    for wrong in ["https://evil.example", &format!("{origin}0"), "http://localhost"] {
        let (browser, page) = half(&at, &address).await;
        wrong.clone_into(&mut device.origin);
        refused(&page, &browser, &device.sign(&page)).await;
    }
    device.origin.clone_from(&origin);
    succeed(&mut device).await;
    let (browser, page) = half(&at, &address).await;
    device.verified = 0;
    refused(&page, &browser, &device.sign(&page)).await;
    device.verified = VERIFIED;
    refused(&page, &browser, &other.sign(&page)).await;
    let stolen = std::mem::replace(&mut other.id, device.id.clone());
    refused(&page, &browser, &other.sign(&page)).await;
    other.id = stolen;
    refused(&page, &browser, "{}").await;
    succeed(&mut device).await;
    // Once, and for what was asked.
    let (browser, page) = half(&at, &address).await;
    let answer = device.sign(&page);
    let (second, another) = half(&at, &address).await;
    refused(&another, &second, &answer).await;
    browser
        .submit_as(&page, SHOW, "answer", &answer)
        .await
        .leads_to("/account");
    let (browser, page) = half(&at, &address).await;
    let answer = device.sign(&page);
    let tries = (0..3).map(|_| {
        let browser = browser.twin();
        let (page, answer) = (&page, &answer);
        async move { browser.submit_as(page, SHOW, "answer", answer).await.status }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(
        answers.iter().filter(|status| **status == 303).count(),
        1,
        "{answers:?}"
    );
    // A copy of the device, whose counter has stood still.
    let (browser, page) = half(&at, &address).await;
    device.counter -= 1;
    refused(&page, &browser, &device.sign(&page)).await;
    device.counter += 1;
    succeed(&mut device).await;
    // Guesses are counted as others are.
    let (browser, page) = half(&at, &address).await;
    for _ in 0..4 {
        refused(&page, &browser, "{}").await;
    }
    let fifth = browser.submit_as(&page, SHOW, "answer", "{}").await;
    fifth.expect(429, "Try again in 30 seconds.");
}

async fn a_passkey_is_made_for_one_person_here(world: &World) {
    let (at, origin) = named(world).await;
    let address = administrator(world, &world.plain).await;
    let browser = Browser::at(&at.address);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let page = browser.get(NEW).await;
    for wrong in [
        Device::new("https://evil.example").create(&page),
        "{}".to_owned(),
        "x".to_owned(),
    ] {
        let refused = browser.submit_as(&page, NEW, "answer", &wrong).await;
        assert!([403, 500].contains(&refused.status), "{}", refused.text);
    }
    let device = Device::new(&origin);
    let answer = device.create(&page);
    browser
        .submit_as(&page, NEW, "answer", &answer)
        .await
        .expect(200, "Your recovery codes");
    browser
        .submit_as(&page, NEW, "answer", &answer)
        .await
        .expect(403, "out of date");
    // The same credential cannot be another person's.
    somebody(world, &world.plain, "anna@example.com").await;
    let anna = Browser::at(&at.address);
    anna.sign_in("anna@example.com", PASSWORD)
        .await
        .leads_to("/account");
    let page = anna.get(NEW).await;
    anna.submit_as(&page, NEW, "answer", &device.create(&page))
        .await
        .expect(403, "out of date");
    // Nor is it made in a session that was begun long ago.
    world.clock.advance(Duration::from_mins(9));
    let page = anna.get(NEW).await;
    world.clock.advance(Duration::from_mins(2));
    let late = anna
        .submit_as(&page, NEW, "answer", &Device::new(&origin).create(&page))
        .await;
    late.leads_to("/account/confirm?to=%2Faccount%2Fpasskey");
}

async fn passkeys_are_removed(world: &World) {
    let (at, origin) = named(world).await;
    let address = administrator(world, &world.plain).await;
    let browser = Browser::at(&at.address);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let (_, _) = make(&browser, &origin).await;
    world.set(&world.plain, "sign_in.second_factor", "all").await;
    let account = browser.get("/account").await;
    let remove = async || browser.submit(&account, "/account/passkey/remove", &[]).await;
    remove().await.expect(409, "demands a second factor");
    // With another one it may go.
    let page = browser.get(NEW).await;
    let second = Device::new(&origin);
    browser
        .submit_as(&page, NEW, "answer", &second.create(&page))
        .await
        .leads_to("/account");
    remove().await.leads_to("/account");
    world.set(&world.plain, "sign_in.second_factor", "optional").await;
    let account = browser.get("/account").await;
    browser
        .submit(&account, "/account/passkey/remove", &[])
        .await
        .leads_to("/account");
    Browser::at(&at.address)
        .sign_in(&address, PASSWORD)
        .await
        .leads_to("/account");
    assert_eq!(types(world, &world.plain, "user_factor_remove").await.len(), 2);
    let app = set_up(world, &browser).await;
    assert_eq!(app.recovery_codes.len(), 10, "the first factor again");
}

async fn a_passkey_is_shown_again(world: &World) {
    let (at, origin) = named(world).await;
    let address = administrator(world, &world.plain).await;
    let browser = Browser::at(&at.address);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let (mut device, _) = make(&browser, &origin).await;
    world.clock.advance(Duration::from_mins(11));
    browser
        .get("/account/token")
        .await
        .leads_to("/account/confirm?to=%2Faccount%2Ftoken");
    let confirm = browser.get("/account/confirm?to=%2Faccount%2Ftoken").await;
    let place = "/account/confirm/passkey";
    let mut stranger = Device::new(&origin);
    let wrong = browser
        .submit_as(&confirm, place, "answer", &stranger.sign(&confirm))
        .await;
    wrong.expect(403, "This passkey was not taken.");
    let answer = device.sign(&wrong);
    browser
        .submit_as(&wrong, place, "answer", &answer)
        .await
        .leads_to("/account/token");
    browser.get("/account/token").await.expect(200, "JumpCloud");
}

async fn without_a_name_there_are_none(world: &World) {
    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let account = browser.get("/account").await;
    assert!(!account.text.contains("Add a passkey"));
    browser.get(NEW).await.expect(409, "known by an address only");
}
