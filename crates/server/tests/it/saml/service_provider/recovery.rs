//! A way back for administrators, and warnings before it is needed.

use std::time::Duration;

use federation::saml::message::NameId;
use serde_json::json;

use super::{DOMAIN, Estate, Idp, events, person};
use crate::on_both;
use crate::pages::device::Device;
use crate::pages::factors::set_up;
use crate::pages::passkeys::make;
use crate::pages::{Browser, PASSWORD, Page, administrator, somebody};
use crate::world::World;

on_both!(
    a_code_switches_it_off,
    a_code_brings_other_metadata,
    whoever_has_a_second_factor_shows_it,
    a_passkey_will_do,
    nobody_takes_a_code_from_anybody,
    nobody_else_gets_a_code,
    a_code_goes_to_the_address_that_is_known,
    certificates_that_end_are_told,
);

/// What one is at the page of an organization.
struct Door {
    path: String,
}

impl Door {
    fn of(estate: &Estate<'_>) -> Self {
        let path = format!("/idb/saml2/{}/recover", estate.org.id);
        Self { path }
    }

    async fn ask(&self, browser: &Browser, address: &str) -> Page {
        let page = browser.get(&self.path).await;
        let asked = browser.submit(&page, &self.path, &[("address", address)]).await;
        asked.expect(200, "a code is on its way");
        asked
    }

    async fn send(&self, browser: &Browser, page: &Page, fields: &[(&str, &str)]) -> Page {
        let mut all = page.hidden(&self.path);
        all.retain(|(name, _)| name == "form");
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        all.extend(fields.iter().map(own));
        browser.post(&self.path, &all, &[]).await
    }
}

/// The newest code that was sent to an address.
async fn code(estate: &Estate<'_>, address: &str) -> Option<String> {
    let letters = estate.world.letters(estate.org).await;
    let mut codes = letters.iter().filter(|letter| letter.secret.is_some());
    let last = codes.next_back()?;
    assert_eq!(last.to, address);
    last.secret.clone()
}

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
    let door = Door::of(&estate);
    let asked = door.ask(&browser, &admin).await;
    let code = code(&estate, &admin).await.expect("a code");
    assert_eq!(code.len(), 8);
    for wrong in ["00000000", "1", "x"] {
        let page = browser.submit(&asked, &door.path, &[("code", wrong)]).await;
        page.expect(403, "The code is wrong");
        assert!(!page.text.contains("Example IdP"));
    }
    // Nothing is done before the code has come.
    let early = door.send(&browser, &asked, &[("do", "switch_off")]).await;
    early.expect(403, "Ask for another code");
    let shown = browser.submit(&asked, &door.path, &[("code", &code)]).await;
    shown.expect(200, "Repair single sign-on");
    shown.expect(200, "Example IdP");
    // The page can be left and come back to, in this browser and no other.
    browser.get(&door.path).await.expect(200, "Example IdP");
    let other = Browser::new(world);
    let asking = other.get(&door.path).await;
    asking.expect(200, "Send the code");
    let foreign = door.send(&other, &asking, &[("do", "switch_off")]).await;
    foreign.expect(403, "Ask for another code");
    assert!(world.federation.sso(estate.org.id).await.expect("read").active);
    // A code is good once.
    door.send(&browser, &shown, &[("code", &code)])
        .await
        .expect(403, "The code is wrong");
    let done = door.send(&browser, &shown, &[("do", "switch_off")]).await;
    done.expect(200, "Single sign-on is off");
    assert!(!world.federation.sso(estate.org.id).await.expect("read").active);
    let letters = world.letters(estate.org).await;
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, admin.as_str()));
    assert!(
        letters[0].text.contains("switched single sign-on"),
        "{}",
        letters[0].text
    );
    // Once, whoever has switched it on again.
    let federation = &world.federation;
    federation
        .activate_sso(&crate::world::cause(), estate.org.id)
        .await
        .expect("on");
    let again = door.send(&browser, &shown, &[("do", "switch_off")]).await;
    again.expect(403, "Ask for another code");
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
    let off = &events(world, estate.org.id, "organization_sso_deactivate").await;
    assert_eq!(off.len(), 2, "{off:?}");
}

/// With the code an identity provider gets other metadata; nobody is led there before a test has gone well.
async fn a_code_brings_other_metadata(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let (browser, door) = (Browser::new(world), Door::of(&estate));
    let asked = door.ask(&browser, &admin).await;
    let code = code(&estate, &admin).await.expect("a code");
    let page = browser.submit(&asked, &door.path, &[("code", &code)]).await;
    let id = estate.provider.id.to_string();
    let day = Duration::from_hours(24);
    let next = Idp::with(world, "https://idp.example/next", 1, day);
    let good = super::api::metadata(&next);
    for (provider, wrong, said) in [
        (id.as_str(), "", "The metadata cannot be used"),
        (id.as_str(), "<x/>", "The metadata cannot be used"),
        ("", good.as_str(), "Choose one of the identity providers"),
    ] {
        let fields = [("do", "metadata"), ("provider", provider), ("metadata", wrong)];
        door.send(&browser, &page, &fields).await.expect(400, said);
    }
    let before = world
        .federation
        .provider(estate.org.id, &id)
        .await
        .expect("there");
    assert_eq!(before, estate.provider, "what is wrong changes nothing");
    let fields = [("do", "metadata"), ("provider", id.as_str()), ("metadata", &good)];
    let saved = door.send(&browser, &page, &fields).await;
    saved.expect(200, "The metadata of Example IdP are saved");
    let changed = world
        .federation
        .provider(estate.org.id, &id)
        .await
        .expect("there");
    assert_eq!(changed.entity_id, "https://idp.example/next");
    assert_eq!(changed.certificates, std::slice::from_ref(&next.certificate));
    assert_eq!((changed.active, changed.tested), (false, None));
    // Nobody is led there yet, nor can it be switched on.
    let led = Browser::new(world);
    let asks = led.get("/sign-in").await;
    let asks = led.submit(&asks, "/sign-in", &[("address", &anna)]).await;
    asks.expect(200, "name=\"password\"");
    let activate = [("do", "activate"), ("provider", id.as_str())];
    let untested = door.send(&browser, &saved, &activate).await;
    untested.expect(400, "Nobody has signed in by a test");
    // The page leads to the test.
    let link = "<a href=\"";
    let (_, rest) = saved
        .text
        .split_once("<strong>Example IdP</strong>")
        .expect("it is listed");
    let (_, rest) = rest.split_once(link).expect("a link");
    let address = rest.split('"').next().expect("it ends").replace("&#38;", "&");
    let path = address
        .strip_prefix(&world.state.config.public_url)
        .expect("ours");
    let begun = browser.get(path).await;
    let request = super::idp::request_of(begun.header("location")).head.id;
    let mut said = estate.said(Some(&request), &anna);
    // As its metadata say.
    said.name_id = NameId::new(&anna, changed.settings.name_id_format.uri());
    let tested = estate.bring_home(&browser, &next.answer(&said), None).await;
    tested.expect(200, "Successful test");
    let done = door.send(&browser, &saved, &activate).await;
    done.expect(200, "People are led to Example IdP again");
    let active = world
        .federation
        .provider(estate.org.id, &id)
        .await
        .expect("there");
    assert!(active.active);
    let asks = led.get("/sign-in").await;
    let asks = led.submit(&asks, "/sign-in", &[("address", &anna)]).await;
    asks.expect(200, "You are led there");
    // That was it.
    let over = door.send(&browser, &saved, &fields).await;
    over.expect(403, "Ask for another code");
    for event in ["sso_recovery_use", "sso_provider_update"] {
        assert_eq!(events(world, estate.org.id, event).await.len(), 1, "{event}");
    }
    let told = &events(world, estate.org.id, "sso_provider_activate").await;
    assert_eq!(told.len(), 2, "at first, and now");
    let letters = world.letters(estate.org).await;
    assert_eq!(letters.len(), 2, "{letters:?}");
}

/// Mail that somebody else reads is not enough.
async fn whoever_has_a_second_factor_shows_it(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let own = Browser::new(world);
    own.sign_in(&admin, PASSWORD).await;
    let app = set_up(world, &own).await;
    let estate = Estate::new(world).await;
    let (browser, door) = (Browser::new(world), Door::of(&estate));
    let asked = door.ask(&browser, &admin).await;
    let code = code(&estate, &admin).await.expect("a code");
    let page = browser.submit(&asked, &door.path, &[("code", &code)]).await;
    page.expect(200, "You have a second factor");
    assert!(!page.text.contains("Example IdP"), "nothing is shown before");
    let id = estate.provider.id.to_string();
    let off = [("do", "switch_off"), ("provider", id.as_str())];
    let is_active = async || world.federation.sso(estate.org.id).await.expect("read").active;
    for shown in ["", "x", page.hidden(&door.path)[0].1.as_str()] {
        let fields = [off[0], ("shown", shown)];
        let page = door.send(&browser, &page, &fields).await;
        page.expect(403, "Show your second factor first");
        assert!(is_active().await);
    }
    for wrong in ["", "000000", &code] {
        let page = door.send(&browser, &page, &[("factor", wrong)]).await;
        assert!(
            page.status == 403 && !page.text.contains("Example IdP"),
            "{}",
            page.text
        );
    }
    let code = app.next(world);
    let shown = door.send(&browser, &page, &[("factor", &code)]).await;
    shown.expect(200, "Example IdP");
    // What the page carries is this browser's, and for half an hour.
    let carried = shown.hidden(&door.path);
    let carried = carried
        .iter()
        .find(|(name, _)| name == "shown")
        .expect("it is carried")
        .1
        .clone();
    let other = Browser::new(world);
    let asking = other.get(&door.path).await;
    let foreign = [off[0], ("shown", carried.as_str())];
    door.send(&other, &asking, &foreign)
        .await
        .expect(403, "Ask for another code");
    // Whoever comes back shows another code.
    browser
        .get(&door.path)
        .await
        .expect(200, "You have a second factor");
    assert!(is_active().await);
    let done = door.send(&browser, &shown, &foreign).await;
    done.expect(200, "Single sign-on is off");
    assert!(!is_active().await);
}

async fn a_passkey_will_do(world: &World) {
    let at = world.neighbour_named_with_our_keys("localhost").await;
    let admin = administrator(world, &world.plain).await;
    let own = Browser::at(&at.address);
    own.sign_in(&admin, PASSWORD).await;
    let (mut device, codes) = make(&own, &at.state.config.public_url).await;
    let estate = Estate::new(world).await;
    let door = Door::of(&estate);
    let owing = async || {
        let browser = Browser::at(&at.address);
        let asked = door.ask(&browser, &admin).await;
        let code = code(&estate, &admin).await.expect("a code");
        let page = browser.submit(&asked, &door.path, &[("code", &code)]).await;
        page.expect(200, "data-passkey=\"get\"");
        (browser, page)
    };
    // Of another device, of another page, twice: it is not taken.
    let (browser, page) = owing().await;
    let mut other = Device::new(&at.state.config.public_url);
    let foreign = other.sign(&page);
    let refused = browser.submit_as(&page, &door.path, "answer", &foreign).await;
    refused.expect(403, "This passkey was not taken");
    let answer = device.sign(&page);
    let elsewhere = browser.submit_as(&refused, &door.path, "answer", &answer).await;
    elsewhere.expect(403, "This passkey was not taken");
    let shown = browser.submit_as(&page, &door.path, "answer", &answer).await;
    shown.expect(200, "Example IdP");
    browser
        .submit_as(&page, &door.path, "answer", &answer)
        .await
        .expect(403, "This passkey was not taken");
    // What it carries is another browser's: there it is out of date.
    let (another, of_another) = owing().await;
    let answer = device.sign(&page);
    let mut fields = of_another.hidden(&door.path);
    fields.retain(|(name, _)| name == "form");
    let state = page.hidden(&door.path);
    fields.extend(state.into_iter().filter(|(name, _)| name == "state"));
    fields.push(("answer".to_owned(), answer));
    another
        .post(&door.path, &fields, &[])
        .await
        .expect(403, "out of date");
    // A recovery code will do, too.
    let code = codes[0].as_str();
    let shown = door.send(&another, &of_another, &[("factor", code)]).await;
    shown.expect(200, "Example IdP");
}

/// What one browser asks and guesses takes nothing from another: nobody is kept from the way back.
async fn nobody_takes_a_code_from_anybody(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let estate = Estate::new(world).await;
    let door = Door::of(&estate);
    let (own, other) = (Browser::new(world), Browser::new(world));
    let asked = door.ask(&own, &admin).await;
    let mine = code(&estate, &admin).await.expect("a code");
    let meddling = door.ask(&other, &admin).await;
    let theirs = code(&estate, &admin).await.expect("another");
    // A code is good in the browser that asked.
    door.send(&other, &meddling, &[("code", &mine)])
        .await
        .expect(403, "wrong");
    for _ in 0..6 {
        door.send(&other, &meddling, &[("code", "0")])
            .await
            .expect(403, "wrong");
    }
    door.send(&other, &meddling, &[("code", &theirs)])
        .await
        .expect(403, "wrong");
    world.clock.advance(Duration::from_mins(2));
    door.ask(&other, &admin).await;
    assert!(
        code(&estate, &admin).await.is_some(),
        "another mail, for the other browser"
    );
    door.send(&own, &asked, &[("code", &mine)])
        .await
        .expect(200, "Repair single sign-on");
    // A mailbox is not flooded: so many of a network, and one a minute for each.
    let mut mails = 0;
    for _ in 0..5 {
        let more = Browser::new(world);
        for _ in 0..2 {
            door.ask(&more, &admin).await;
            mails += usize::from(code(&estate, &admin).await.is_some());
        }
    }
    assert_eq!(mails, 1, "two browsers had one");
}

async fn nobody_else_gets_a_code(world: &World) {
    let admin = administrator(world, &world.plain).await;
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    let id = person(estate.org, &anna).await["id"].clone();
    let door = Door::of(&estate);
    let browser = Browser::new(world);
    let mut answers = Vec::new();
    for address in [anna.as_str(), "nobody@example.com", admin.as_str()] {
        let asked = door.ask(&browser, address).await;
        answers.push(asked.text.replace(address, ""));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "who is an administrator is not told");
    let first = code(&estate, &admin).await.expect("a code");
    // Guessed too often, it is good no more; nor is it after a quarter of an hour.
    let asked = door.ask(&browser, &admin).await;
    assert_eq!(code(&estate, &admin).await, None, "one a minute");
    for _ in 0..5 {
        door.send(&browser, &asked, &[("code", "0")])
            .await
            .expect(403, "wrong");
    }
    door.send(&browser, &asked, &[("code", &first)])
        .await
        .expect(403, "wrong");
    world.clock.advance(Duration::from_mins(2));
    let asked = door.ask(&browser, &admin).await;
    let late = code(&estate, &admin).await.expect("a code");
    world.clock.advance(Duration::from_mins(16));
    door.send(&browser, &asked, &[("code", &late)])
        .await
        .expect(403, "wrong");
    // Behind the code there is half an hour, as long as one is an administrator.
    let asked = door.ask(&browser, &admin).await;
    let good = code(&estate, &admin).await.expect("a code");
    let page = door.send(&browser, &asked, &[("code", &good)]).await;
    page.expect(200, "Repair single sign-on");
    world.clock.advance(Duration::from_mins(31));
    let late = door.send(&browser, &page, &[("do", "switch_off")]).await;
    late.expect(403, "Ask for another code");
    let asked = door.ask(&browser, &admin).await;
    let good = code(&estate, &admin).await.expect("a code");
    let page = door.send(&browser, &asked, &[("code", &good)]).await;
    page.expect(200, "Repair single sign-on");
    let api = estate.org.api();
    let full = json!({ "role": "id_full_admin" });
    let path = format!("/people/{}/role", id.as_str().expect("an id"));
    api.put(&path, &full).await.expect(200);
    let less = json!({ "role": "id_user_admin" });
    api.put(&format!("/people/{admin}/role"), &less).await.expect(200);
    let gone = door.send(&browser, &page, &[("do", "switch_off")]).await;
    gone.expect(403, "Ask for another code");
    assert_eq!(
        world
            .federation
            .forget_recoveries(estate.org.id)
            .await
            .expect("done"),
        0
    );
    world.clock.advance(Duration::from_mins(31));
    assert_eq!(
        world
            .federation
            .forget_recoveries(estate.org.id)
            .await
            .expect("done"),
        1
    );
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
