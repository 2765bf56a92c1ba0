//! Who tries too often has to wait, at every server.

use std::time::Duration;

use serde_json::json;

use super::{Browser, PASSWORD, administrator, let_choose, somebody};
use crate::on_both;
use crate::world::World;

on_both!(
    an_address_is_kept_waiting,
    a_network_is_kept_waiting,
    many_at_once_are_counted,
    every_server_counts,
    ones_own_password_is_not_guessed_either,
    whoever_shares_an_address_takes_nothing_back,
    who_is_the_same_everywhere_counts_anew,
    a_browser_that_is_known_is_counted_apart,
);

async fn an_address_is_kept_waiting(world: &World) {
    let address = administrator(world, &world.plain).await;
    // One that is nobody's is treated alike.
    for address in [address.as_str(), "nobody@example.com"] {
        for _ in 0..4 {
            Browser::new(world)
                .sign_in(address, "wrong")
                .await
                .expect(403, "is wrong");
        }
        let fifth = Browser::new(world).sign_in(address, "wrong").await;
        fifth.expect(429, "Try again in 30 seconds.");
        assert_eq!(fifth.header("retry-after"), "30");
        // Nor does the right one let in now.
        let kept = Browser::new(world).sign_in(address, PASSWORD).await;
        assert_eq!(kept.status, 429);
        let wait: u64 = kept.header("retry-after").parse().expect("seconds");
        assert!((1..=30).contains(&wait), "{wait}");
        world.clock.advance(Duration::from_secs(31));
        let sixth = Browser::new(world).sign_in(address, "wrong").await;
        assert_eq!(sixth.header("retry-after"), "60");
        world.clock.advance(Duration::from_secs(61));
    }
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    // From then on it counts anew.
    Browser::new(world)
        .sign_in(&address, "wrong")
        .await
        .expect(403, "is wrong");
    let events = world
        .plain
        .api()
        .get("/events?type=user_lockout")
        .await
        .expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
}

async fn a_network_is_kept_waiting(world: &World) {
    let visit = access::Visit::new([198, 51, 100, 7].into(), world.store.ambient().id(), "");
    let try_one = async |number: usize| {
        let address = format!("nobody{number}@example.com");
        world
            .access
            .sign_in(&visit, &address, &base::Secret::new("wrong"))
            .await
            .expect_err("nobody")
    };
    let tried = futures_util::future::join_all((0..50).map(try_one)).await;
    let kept = tried
        .iter()
        .filter(|error| matches!(error, access::Error::TooManyAttempts { .. }))
        .count();
    assert_eq!(kept, 1, "the last one");
    assert!(matches!(try_one(51).await, access::Error::TooManyAttempts { .. }));
    // Others are let try.
    Browser::new(world)
        .sign_in("nobody51@example.com", "wrong")
        .await
        .expect(403, "is wrong");
}

async fn many_at_once_are_counted(world: &World) {
    let address = administrator(world, &world.plain).await;
    let tries = (0..20).map(|_| async {
        let browser = Browser::new(world);
        browser.sign_in(&address, "wrong").await.status
    });
    let answers = futures_util::future::join_all(tries).await;
    let let_in = answers.iter().filter(|status| **status == 403).count();
    assert_eq!(let_in, 4, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 16);
}

async fn every_server_counts(world: &World) {
    let address = administrator(world, &world.plain).await;
    if !world.is_on_postgres() {
        return;
    }
    let neighbour = world.neighbour().await;
    for at in [
        &world.address,
        &neighbour.address,
        &world.address,
        &neighbour.address,
    ] {
        Browser::at(at)
            .sign_in(&address, "wrong")
            .await
            .expect(403, "is wrong");
    }
    for at in [&world.address, &neighbour.address] {
        assert_eq!(Browser::at(at).sign_in(&address, "wrong").await.status, 429);
    }
}

async fn ones_own_password_is_not_guessed_either(world: &World) {
    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let account = browser.get("/account").await;
    let fields = [
        ("current", "wrong"),
        ("new", "other words of my own"),
        ("again", "other words of my own"),
    ];
    for _ in 0..5 {
        let answer = browser.submit(&account, "/account/password", &fields).await;
        answer.expect(403, "The present password is wrong.");
    }
    let kept = browser.submit(&account, "/account/password", &fields).await;
    kept.expect(429, "Try again in 30 seconds.");
}

/// Somebody has put another's address into his own record, in the same organization or in another one.
async fn whoever_shares_an_address_takes_nothing_back(world: &World) {
    const OTHERS: &str = "words that are mallory's own";
    for (org, address) in [
        (&world.plain, "victim@example.com"),
        (&world.webex, "another@example.com"),
    ] {
        somebody(world, &world.plain, address).await;
        let mut other = json!({ "userName": address, "displayName": "Mallory" });
        if org.id == world.plain.id {
            other["userName"] = json!("mallory");
            other["emails"] = json!([{ "value": address, "type": "work", "primary": true }]);
        }
        let made = org.scim().post("/Users", &other).await.expect(201);
        let mallory = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let_choose(world, org.id, mallory, OTHERS).await;
        let own = async || {
            let browser = Browser::new(world);
            let page = browser.sign_in(address, OTHERS).await;
            assert_eq!(
                browser.cookie("instep-device"),
                None,
                "nor is a browser known by that"
            );
            page
        };
        let guess = async || Browser::new(world).sign_in(address, "wrong").await;
        for _ in 0..4 {
            guess().await.expect(403, "is wrong");
            own().await.leads_to("/account");
        }
        guess().await.expect(429, "Try again in 30 seconds.");
        assert_eq!(own().await.status, 429);
        world.clock.advance(Duration::from_secs(31));
        // A success takes nothing away, and brings no wait of its own.
        own().await.leads_to("/account");
        own().await.leads_to("/account");
        guess().await.expect(429, "Try again in 60 seconds.");
        world.clock.advance(Duration::from_secs(61));
        let victim = Browser::new(world);
        victim.sign_in(address, PASSWORD).await.leads_to("/account");
        guess().await.expect(429, "Try again in 2 minutes.");
        world.clock.advance(Duration::from_hours(25));
        guess().await.expect(403, "is wrong");
    }
}

async fn who_is_the_same_everywhere_counts_anew(world: &World) {
    let address = "both@example.com";
    for org in [&world.plain, &world.webex] {
        somebody(world, org, address).await;
    }
    for _ in 0..3 {
        for _ in 0..4 {
            Browser::new(world)
                .sign_in(address, "wrong")
                .await
                .expect(403, "is wrong");
        }
        let chosen = Browser::new(world).sign_in(address, PASSWORD).await;
        chosen.expect(200, "Hub");
    }
}

/// Whoever guesses elsewhere keeps nobody out where he or she has signed in before.
async fn a_browser_that_is_known_is_counted_apart(world: &World) {
    let address = administrator(world, &world.plain).await;
    somebody(world, &world.plain, "other@example.com").await;
    let known = Browser::new(world);
    known.sign_in(&address, PASSWORD).await.leads_to("/account");
    let device = known.cookie("instep-device").expect("a cookie");
    let sign_out = async |browser: &Browser| {
        let account = browser.get("/account").await;
        browser
            .submit(&account, "/sign-out", &[])
            .await
            .leads_to("/signed-out");
    };
    sign_out(&known).await;
    for address in [&address, "other@example.com"] {
        for _ in 0..5 {
            Browser::new(world).sign_in(address, "wrong").await;
        }
        assert_eq!(Browser::new(world).sign_in(address, PASSWORD).await.status, 429);
    }
    // Known for one address only, and not with a cookie of one's own making.
    assert_eq!(known.sign_in("other@example.com", PASSWORD).await.status, 429);
    for cookie in ["x", &device[..device.len() - 4]] {
        let other = Browser::new(world);
        other.set_cookie("instep-device", cookie);
        assert_eq!(other.sign_in(&address, PASSWORD).await.status, 429);
    }
    known.sign_in(&address, PASSWORD).await.leads_to("/account");
    sign_out(&known).await;
    // What stands against the others stays, and its own guesses count.
    assert_eq!(Browser::new(world).sign_in(&address, PASSWORD).await.status, 429);
    for _ in 0..4 {
        known.sign_in(&address, "wrong").await.expect(403, "is wrong");
    }
    known
        .sign_in(&address, "wrong")
        .await
        .expect(429, "Try again in 30 seconds.");
    assert_eq!(known.sign_in(&address, PASSWORD).await.status, 429);
    world.clock.advance(Duration::from_hours(366 * 24));
    let late = Browser::new(world);
    late.set_cookie("instep-device", &device);
    for _ in 0..5 {
        Browser::new(world).sign_in(&address, "wrong").await;
    }
    assert_eq!(
        late.sign_in(&address, PASSWORD).await.status,
        429,
        "forgotten after a year"
    );
}
