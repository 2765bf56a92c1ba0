//! Anybody can send messages: they are held up by where they come from, and leave no more behind than can be read.

use std::time::Duration;

use serde_json::json;

use super::{DOMAIN, Estate, events, person};
use crate::on_both;
use crate::pages::Browser;
use crate::world::World;

on_both!(
    a_stranger_who_floods_waits_and_nobody_else,
    what_a_stranger_says_is_cut_off,
    what_is_never_answered_is_forgotten,
);

fn form(issuer: &str) -> Vec<(String, String)> {
    let xml = format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_a\" Version=\"2.0\" \
         IssueInstant=\"2027-01-15T08:00:00Z\"><saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{issuer}\
         </saml:Issuer></samlp:Response>"
    );
    super::idp::fields(&xml, None)
}

async fn a_stranger_who_floods_waits_and_nobody_else(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let stranger = Browser::elsewhere([127, 0, 0, 2], &world.address);
    let (login, consumer) = (estate.login(""), estate.consumer());
    let mut statuses = Vec::new();
    for _ in 0..310 {
        statuses.push(stranger.get(&consumer).await.status);
    }
    assert_eq!(statuses[..300], [403; 300]);
    assert_eq!(statuses[309], 429, "{statuses:?}");
    for place in [
        consumer.as_str(),
        login.as_str(),
        "/saml2/wiki",
        "/saml2/wiki/logout",
    ] {
        let page = stranger.get(place).await;
        page.expect(429, "Too many messages");
        let wait: u64 = page.header("retry-after").parse().expect("seconds");
        assert!((1..=2).contains(&wait), "{wait}");
    }
    let refused = stranger
        .post(&consumer, &form("https://nobody.example"), &[])
        .await;
    assert_eq!(refused.status, 429);

    // Others come in.
    let browser = Browser::new(world);
    estate.sign_in(&browser, &anna).await.leads_to("/account");
    let page = estate.sign_in(&browser, &format!("nobody@{DOMAIN}")).await;
    page.expect(403, "(3)");
    let told = events(world, estate.org.id, "sso_sign_in").await;
    assert_eq!(told[0]["code"], json!(3), "{}", told[0]);
    let filter = federation::TraceFilter {
        outcome: Some("failed".to_owned()),
        ..federation::TraceFilter::default()
    };
    let traces = world.federation.traces(estate.org.id, &filter, 400).await;
    assert_eq!(traces.expect("traces").len(), 50 + 1);

    // With a page of its own for errors, the organization is not flooded either.
    world.clock.advance(Duration::from_mins(10));
    estate
        .change(json!({ "error_url": "https://help.example/" }))
        .await;
    let mut statuses = Vec::new();
    for _ in 0..400 {
        let page = stranger
            .post(&consumer, &form("https://idp.example/saml"), &[])
            .await;
        statuses.push(page.status);
    }
    assert_eq!((statuses[0], statuses[399]), (403, 429), "{statuses:?}");

    world.clock.advance(Duration::from_hours(2));
    assert_eq!(events(world, estate.org.id, "saml_left_out").await.len(), 0);
    stranger
        .get(&consumer)
        .await
        .expect(403, "<a href=\"https://help.example/5\"");
    let told = events(world, estate.org.id, "saml_left_out").await;
    assert_eq!(told.len(), 1);
    assert!(told[0]["left_out"].as_u64() > Some(500), "{}", told[0]);
}

async fn what_is_never_answered_is_forgotten(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let forgotten = async || {
        world
            .federation
            .forget_requests(estate.org.id)
            .await
            .expect("asked")
    };
    estate.ask(&browser, "").await;
    world.clock.advance(Duration::from_mins(20));
    let second = estate.ask(&browser, "").await;
    assert_eq!(forgotten().await, 0);
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(forgotten().await, 1, "the first");
    // The second is good yet, and once it is answered nothing is left of it.
    let xml = estate.idp.answer(&estate.said(Some(&second), &anna));
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    world.clock.advance(Duration::from_mins(31));
    assert_eq!(forgotten().await, 0);
}

async fn what_a_stranger_says_is_cut_off(world: &World) {
    let estate = Estate::new(world).await;
    let browser = Browser::new(world);
    let long = format!("https://{}.example", "long".repeat(50_000));
    browser
        .post(&estate.consumer(), &form(&long), &[])
        .await
        .expect(403, "(24)");
    let told = &events(world, estate.org.id, "sso_sign_in").await[0];
    let reason = told["reason"].as_str().expect("a text");
    assert_eq!(reason.chars().count(), 501, "{reason}");
    let traces = world
        .federation
        .traces(estate.org.id, &federation::TraceFilter::default(), 1)
        .await;
    let trace = &traces.expect("traces")[0];
    assert!(serde_json::to_string(trace).expect("JSON").len() < 20_000);
}
