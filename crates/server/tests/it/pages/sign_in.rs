//! Signing in and out.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Browser, PASSWORD, administrator, somebody};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    the_first_administrator_chooses_a_password,
    whoever_is_in_several_organizations_chooses,
    nobody_is_told_who_is_there,
    the_address_follows_the_person,
    cookies_change_hands_at_sign_in,
    forms_of_other_sites_are_refused,
    what_a_form_carries_is_for_its_browser,
    nobody_is_sent_away,
    attempts_are_events,
    a_made_up_password_waits_three_days,
);

async fn the_first_administrator_chooses_a_password(world: &World) {
    let person = world.plain.api().get("/people").await.expect(200)["items"][0].clone();
    let id = person["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let reset = world.access.reset_password(&cause(), world.plain.id, id).await;
    let reset = reset.expect("a password");
    let (address, made_up) = (
        reset.address.expect("an address"),
        reset.password.expose().to_owned(),
    );
    let browser = Browser::new(world);
    let page = browser.sign_in(&address, &made_up).await;
    page.expect(200, "Choose a password");
    assert_eq!(browser.cookie("instep-session"), None, "nobody is in yet");
    for (new, again, said) in [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, "another four words", "not the same"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "too simple"),
        (&address, &address, "must not be the name"),
        (&made_up, &made_up, "choose another one"),
    ] {
        let refused = browser
            .submit(&page, "/sign-in/password", &[("new", new), ("again", again)])
            .await;
        refused.expect(400, said);
    }
    let chosen = [("new", PASSWORD), ("again", PASSWORD)];
    browser
        .submit(&page, "/sign-in/password", &chosen)
        .await
        .leads_to("/account");
    let account = browser.get("/account").await;
    account.expect(200, "Full administrator");
    account.expect(200, "Firefox on Linux");
    // Not a second time with the same page, and not with the old password.
    let again = browser.submit(&page, "/sign-in/password", &chosen).await;
    again.expect(403, "out of date");
    Browser::new(world)
        .sign_in(&address, &made_up)
        .await
        .expect(403, "is wrong");
    Browser::new(world)
        .sign_in(&address.to_uppercase(), PASSWORD)
        .await
        .leads_to("/account");
}

async fn whoever_is_in_several_organizations_chooses(world: &World) {
    let address = administrator(world, &world.plain).await;
    somebody(world, &world.webex, &address).await;
    let browser = Browser::new(world);
    let page = browser.sign_in_for("/account?a=b", &address, PASSWORD).await;
    for said in ["Northwind", "Full administrator", "Hub", "No administrator role"] {
        page.expect(200, said);
    }
    assert_eq!(browser.cookie("instep-session"), None, "nobody is in yet");
    let choose = async |browser: &Browser, choice| {
        browser
            .submit(&page, "/sign-in/organization", &[("choice", choice)])
            .await
    };
    for none in ["2", "-1", "x", ""] {
        choose(&browser, none).await.expect(400, "Choose one");
    }
    let hub = if page.text.find("<strong>Hub") < page.text.find("<strong>Northwind") {
        "0"
    } else {
        "1"
    };
    choose(&browser, hub).await.leads_to("/account?a=b");
    browser
        .get("/account")
        .await
        .expect(200, "Hub · No administrator role");
    // The same password in one organization only: nothing is to be chosen.
    let other = "lives elsewhere too";
    let plain = somebody(world, &world.plain, "two@example.com").await;
    somebody(world, &world.webex, "two@example.com").await;
    let browser = Browser::new(world);
    browser
        .sign_in("two@example.com", PASSWORD)
        .await
        .expect(200, "Northwind");
    let reset = world.access.reset_password(&cause(), world.plain.id, plain).await;
    assert_ne!(reset.expect("made up").password.expose(), other);
    Browser::new(world)
        .sign_in("two@example.com", PASSWORD)
        .await
        .leads_to("/account");
}

async fn nobody_is_told_who_is_there(world: &World) {
    let address = administrator(world, &world.plain).await;
    let disabled = somebody(world, &world.plain, "disabled@example.com").await;
    let off = json!({ "active": false });
    let person = format!("/people/{disabled}");
    world.plain.api().patch(&person, &off).await.expect(200);
    let mut answers = Vec::new();
    for (address, password) in [
        (address.as_str(), "wrong"),
        ("nobody@example.com", "wrong"),
        ("disabled@example.com", PASSWORD),
        ("no address", ""),
        ("nul\0@example.com", "wrong"),
        (&"x".repeat(5_000), "wrong"),
    ] {
        let browser = Browser::new(world);
        browser.set_cookie("instep-form", "the-same");
        let page = browser.sign_in("", "").await;
        let answer = browser
            .submit(&page, "/sign-in", &[("address", address), ("password", password)])
            .await;
        answer.expect(403, "The e-mail address or the password is wrong.");
        assert!(answer.headers.get("set-cookie").is_none());
        answers.push(answer.text.replace(address, "«address»"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

async fn the_address_follows_the_person(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let user = somebody(world, &world.plain, "before@example.com").await;
    let signs_in = async |address: &str| {
        let page = Browser::new(world).sign_in(address, PASSWORD).await;
        page.status == 303
    };
    let change = |name: &str, value: &str| json!({ "Operations": [{ "op": "replace", "path": name, "value": value }] });
    let path = format!("/Users/{user}");
    assert!(signs_in("before@example.com").await);
    scim.patch(&path, &change("userName", "after@example.com"))
        .await
        .expect(200);
    assert!(!signs_in("before@example.com").await && signs_in("after@example.com").await);
    // A userName that is no address: then the e-mail address counts, if there is one.
    scim.patch(&path, &change("userName", "after")).await.expect(200);
    assert!(!signs_in("after@example.com").await && !signs_in("after").await);
    let mail = json!({ "Operations": [{ "op": "add", "path": "emails", "value": [{ "value": "mail@example.com", "type": "work" }] }] });
    scim.patch(&path, &mail).await.expect(200);
    assert!(signs_in("mail@example.com").await);
    // Disabled and back; removed for good.
    let active = |active: bool| json!({ "active": active });
    api.patch(&format!("/people/{user}"), &active(false))
        .await
        .expect(200);
    assert!(!signs_in("mail@example.com").await);
    api.patch(&format!("/people/{user}"), &active(true))
        .await
        .expect(200);
    assert!(signs_in("mail@example.com").await);
    scim.delete(&path).await.expect(204);
    assert!(!signs_in("mail@example.com").await);
}

async fn cookies_change_hands_at_sign_in(world: &World) {
    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    let page = browser.get("/sign-in").await;
    let attributes = "; Path=/; HttpOnly; SameSite=Lax";
    assert!(page.header("set-cookie").ends_with(attributes), "{page:?}");
    let form = browser.cookie("instep-form").expect("a form's secret");
    let signed_in = browser.sign_in(&address, PASSWORD).await;
    let cookies = signed_in.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().expect("a text")).collect();
    assert!(cookies.len() == 3 && cookies.iter().all(|cookie| cookie.ends_with(attributes)));
    // Only the one by which a browser is known outlives its window.
    let lasting: Vec<_> = cookies
        .iter()
        .filter(|cookie| cookie.contains("Max-Age="))
        .collect();
    assert!(
        lasting.len() == 1 && lasting[0].starts_with("instep-device="),
        "{lasting:?}"
    );
    let first = browser.cookie("instep-session").expect("a session");
    assert_ne!(browser.cookie("instep-form"), Some(form));
    // The session is new each time, and the one before is over.
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    assert_ne!(browser.cookie("instep-session"), Some(first.clone()));
    let old = Browser::new(world);
    for session in [
        first.as_str(),
        "",
        "x",
        &format!("{}.AAAA", world.plain.id),
        &"x".repeat(5_000),
    ] {
        old.set_cookie("instep-session", session);
        old.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    }
    // Somebody who signs out is out, whatever the browser keeps.
    let kept = browser.cookie("instep-session").expect("a session");
    let account = browser.get("/account").await;
    browser
        .submit(&account, "/sign-out", &[])
        .await
        .leads_to("/signed-out");
    browser.get("/signed-out").await.expect(200, "Signed out");
    assert_eq!(browser.cookie("instep-session"), None);
    browser.set_cookie("instep-session", &kept);
    browser.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    // An hour without a word, or half a day with many.
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    world.clock.advance(Duration::from_mins(59));
    browser.get("/account").await.expect(200, "Full administrator");
    world.clock.advance(Duration::from_mins(61));
    browser.get("/account").await.leads_to("/sign-in?to=%2Faccount");
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    for _ in 0..14 {
        world.clock.advance(Duration::from_mins(50));
        browser.get("/account").await.expect(200, "Full administrator");
    }
    world.clock.advance(Duration::from_mins(30));
    browser.get("/account").await.leads_to("/sign-in?to=%2Faccount");
}

async fn forms_of_other_sites_are_refused(world: &World) {
    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    let page = browser.get("/sign-in").await;
    let fields = |page: &super::Page| {
        let mut fields = page.hidden("/sign-in");
        fields.push(("address".to_owned(), address.clone()));
        fields.push(("password".to_owned(), PASSWORD.to_owned()));
        fields
    };
    let own = world.address.as_str();
    for headers in [
        [("origin", "https://evil.example"), ("x-a", "")],
        [("origin", "null"), ("x-a", "")],
        [("sec-fetch-site", "cross-site"), ("origin", own)],
        [("sec-fetch-site", "same-site"), ("x-a", "")],
    ] {
        let answer = browser.post("/sign-in", &fields(&page), &headers).await;
        answer.expect(403, "another site");
    }
    // Without the form's own token, with another browser's, or none of the cookie.
    let stranger = Browser::new(world);
    let theirs = stranger.get("/sign-in").await;
    browser
        .post("/sign-in", &fields(&theirs), &[("origin", own)])
        .await
        .expect(403, "out of date");
    browser
        .post("/sign-in", &[], &[("origin", own)])
        .await
        .expect(403, "out of date");
    Browser::new(world)
        .post("/sign-in", &fields(&page), &[("origin", own)])
        .await
        .expect(403, "out of date");
    assert_eq!(browser.cookie("instep-session"), None);
    browser
        .post("/sign-in", &fields(&page), &[("origin", own)])
        .await
        .leads_to("/account");
    // A form from before the sign-in is one of somebody else.
    browser
        .post("/sign-out", &page.hidden("/sign-in"), &[("origin", own)])
        .await
        .expect(403, "out of date");
    browser.get("/account").await.expect(200, "Full administrator");
    let large = vec![("form".to_owned(), "x".repeat(70_000))];
    browser
        .post("/sign-in", &large, &[("origin", own)])
        .await
        .expect(413, "too large");
    let many = vec![("a".to_owned(), String::new()); 4_001];
    browser
        .post("/sign-in", &many, &[("origin", own)])
        .await
        .expect(413, "too large");
}

async fn what_a_form_carries_is_for_its_browser(world: &World) {
    let address = administrator(world, &world.plain).await;
    somebody(world, &world.webex, &address).await;
    let browser = Browser::new(world);
    let page = browser.sign_in(&address, PASSWORD).await;
    let carried = page.hidden("/sign-in/organization");
    // Brought along by another browser, with that one's own token.
    let thief = Browser::new(world);
    let mut stolen = thief.get("/sign-in").await.hidden("/sign-in");
    stolen.push(
        carried
            .iter()
            .find(|(name, _)| name == "carried")
            .expect("it")
            .clone(),
    );
    stolen.push(("choice".to_owned(), "0".to_owned()));
    for path in ["/sign-in/organization", "/sign-in/password"] {
        let answer = thief.post(path, &stolen, &[("origin", &world.address)]).await;
        answer.expect(403, "out of date");
    }
    // Garbled, for another purpose, too late, after the password has changed.
    for garbled in ["", "x", &carried[1].1[1..]] {
        let fields = [carried[0].clone(), ("carried".to_owned(), garbled.to_owned())];
        let answer = browser
            .post("/sign-in/organization", &fields, &[("origin", &world.address)])
            .await;
        answer.expect(403, "out of date");
    }
    let elsewhere = browser
        .post("/sign-in/password", &carried, &[("origin", &world.address)])
        .await;
    elsewhere.expect(403, "out of date");
    world.clock.advance(Duration::from_mins(11));
    let choice = [("choice", "0")];
    let late = browser.submit(&page, "/sign-in/organization", &choice).await;
    late.expect(403, "out of date");
    let page = browser.sign_in(&address, PASSWORD).await;
    for org in [&world.plain, &world.webex] {
        let person = org.api().get(&format!("/people/{address}")).await.expect(200);
        let id = person["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("an id");
        world
            .access
            .reset_password(&cause(), org.id, id)
            .await
            .expect("reset");
    }
    let overtaken = browser.submit(&page, "/sign-in/organization", &choice).await;
    overtaken.expect(403, "out of date");
}

async fn nobody_is_sent_away(world: &World) {
    let address = administrator(world, &world.plain).await;
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/api/v1/people",
        "javascript:alert(1)",
        "/account\r\nx: y",
    ] {
        let browser = Browser::new(world);
        browser
            .sign_in_for(to, &address, PASSWORD)
            .await
            .leads_to("/account");
    }
}

async fn attempts_are_events(world: &World) {
    let address = administrator(world, &world.plain).await;
    Browser::new(world).sign_in(&address, "wrong-secret").await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let account = browser.get("/account").await;
    browser.submit(&account, "/sign-out", &[]).await;
    let body = json!({ "service": ["directory"], "start_time": "2020-01-01T00:00:00Z", "sort": "DESC" });
    let client = world.nobody().with(&world.plain.token);
    let events = client
        .post("/insights/directory/v1/events", &body)
        .await
        .expect(200);
    let told: Vec<(&str, &Value)> = events
        .as_array()
        .expect("events")
        .iter()
        .map(|event| (event["event_type"].as_str().unwrap_or_default(), event))
        .filter(|(kind, _)| *kind != "user_state_change")
        .take(3)
        .collect();
    let types: Vec<_> = told
        .iter()
        .map(|(kind, event)| (*kind, event["success"] == true))
        .collect();
    assert_eq!(
        types,
        [
            ("user_logout", true),
            ("user_login_attempt", true),
            ("user_login_attempt", false)
        ]
    );
    let failed = told[2].1;
    assert_eq!(failed["resource"]["username"], address.as_str());
    assert_eq!(failed["client_ip"], "127.0.0.1");
    assert!(
        failed["useragent"]
            .as_str()
            .is_some_and(|agent| agent.contains("Firefox"))
    );
    assert!(
        failed["error_message"]
            .as_str()
            .is_some_and(|text| text.contains("wrong"))
    );
    assert_eq!(told[1].1["initiated_by"]["type"], "user");
    let trail = events.to_string();
    assert!(!trail.contains(PASSWORD) && !trail.contains("wrong-secret"));
    assert!(trail.contains("user_password_reset") && trail.contains("user_password_change"));
}

async fn a_made_up_password_waits_three_days(world: &World) {
    let org = &world.plain;
    let user = somebody(world, org, "anna@example.com").await;
    let reset = async || {
        world
            .access
            .reset_password(&cause(), org.id, user)
            .await
            .expect("made up")
            .password
    };
    let sign_in = async |password: &str| Browser::new(world).sign_in("anna@example.com", password).await;
    let made_up = reset().await;
    world.clock.advance(Duration::from_hours(71));
    sign_in(made_up.expose()).await.expect(200, "Choose a password");
    world.clock.advance(Duration::from_hours(2));
    sign_in(made_up.expose())
        .await
        .expect(403, "more than 72 hours ago");
    sign_in("wrong").await.expect(403, "is wrong");
    // Another one is good again, and one that was chosen stays.
    sign_in(reset().await.expose())
        .await
        .expect(200, "Choose a password");
    super::give_password(world, org.id, user).await;
    world.clock.advance(Duration::from_hours(1_000));
    sign_in(PASSWORD).await.leads_to("/account");
}
