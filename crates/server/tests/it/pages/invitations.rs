//! Invitations: who gets one, and what its link is good for.

use std::time::Duration;

use access::Role;
use serde_json::{Value, json};

use super::{Browser, PASSWORD, administrator, somebody};
use crate::api::states::moves;
use crate::on_both;
use crate::scim::{hire, patch_op, place};
use crate::world::{Letter, World};

on_both!(
    by_the_link_one_chooses_a_password_and_is_in,
    whoever_has_a_password_confirms_the_address,
    a_link_is_good_once_and_for_a_week,
    another_address_gets_another_invitation,
    nobody_is_invited_who_cannot_come,
    what_the_link_carries_is_kept_nowhere,
    forms_of_other_browsers_are_refused,
    a_factor_is_demanded_of_newcomers_too,
);

/// Who is invited that comes over SCIM, and in a staff file.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> Value {
    let org = &world.plain;
    let [pushed, filed] = ["scim", "csv"].map(|door| format!("{marker}.{door}@invited.example"));
    hire(&org.scim(), &json!({ "userName": pushed })).await;
    let file = format!("userName,displayName\n{filed},Filed\n");
    let imported = org.api().call(http::Method::POST, "/people/import");
    let imported = imported.body("text/csv", file).send().await.expect(200);
    assert_eq!(imported["created"], 1, "{imported}");
    let letters = world.letters(org).await;
    json!([pushed, filed].map(|address| letters.iter().any(|letter| letter.to == address)))
}

/// Sends somebody an invitation, and takes it out of the outbox.
pub(crate) async fn invite(world: &World, person: &str) -> Letter {
    let path = format!("/people/{person}/invitation");
    let sent = world.plain.api().post(&path, &json!({})).await.expect(200);
    assert!(sent["expires_at"].is_string(), "{sent}");
    let mut letters = world.letters(&world.plain).await;
    let letter = letters.pop().expect("a letter");
    assert_eq!(letters.len(), 0);
    assert_eq!(sent["address"], letter.to);
    letter
}

async fn person(world: &World, name: &str) -> Value {
    world
        .plain
        .api()
        .get(&format!("/people/{name}"))
        .await
        .expect(200)
}

const CHOSEN: [(&str, &str); 2] = [("new", PASSWORD), ("again", PASSWORD)];

async fn by_the_link_one_chooses_a_password_and_is_in(world: &World) {
    let anna = "Anna@example.com";
    hire(&world.plain.scim(), &json!({ "userName": anna })).await;
    let letter = invite(world, anna).await;
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        (anna, "You are invited to Northwind")
    );
    let pending = person(world, anna).await;
    assert_eq!(pending["state"], "pending");
    assert!(pending["invitation_expires_at"].is_string(), "{pending}");

    let browser = Browser::new(world);
    // Mail programs look at links by themselves: nothing comes of it.
    Browser::new(world)
        .get(&letter.link())
        .await
        .expect(200, "Choose a password");
    let page = browser.get(&letter.link()).await;
    page.expect(200, "Northwind");
    page.expect(200, anna);
    for (new, again, said) in [
        ("short", "short", "at least 12 characters"),
        (PASSWORD, "another four words", "not the same"),
        ("anna@example.com", "anna@example.com", "must not be the name"),
    ] {
        let refused = browser
            .submit(&page, "/invitation", &[("new", new), ("again", again)])
            .await;
        refused.expect(400, said);
    }
    assert_eq!(person(world, anna).await["state"], "pending");
    browser
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .leads_to("/account");
    browser.get("/account").await.expect(200, anna);
    let active = person(world, anna).await;
    assert_eq!(
        (&active["state"], &active["invitation_expires_at"]),
        (&json!("active"), &Value::Null)
    );
    Browser::new(world)
        .sign_in(anna, PASSWORD)
        .await
        .leads_to("/account");
    let expected = [
        [anna, "not_verified", "pending"],
        [anna, "pending", "verified"],
        [anna, "verified", "active"],
    ];
    assert_eq!(moves(&world.plain.api()).await, expected);
    let events = world.plain.api().get("/events?limit=100").await.expect(200);
    let accepted = events["items"].as_array().expect("items").iter();
    let accepted: Vec<_> = accepted
        .filter(|event| event["type"] == "user_invitation_accept")
        .collect();
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["actor"]["name"], anna);
}

async fn whoever_has_a_password_confirms_the_address(world: &World) {
    somebody(world, &world.plain, "bo@example.com").await;
    let letter = invite(world, "bo@example.com").await;
    assert_eq!(letter.subject, "Confirm your e-mail address for Northwind");
    let browser = Browser::new(world);
    let page = browser.get(&letter.link()).await;
    page.expect(200, "Confirm your address");
    assert!(!page.text.contains("type=\"password\""), "{}", page.text);
    // A password that is sent along is not looked at: the one that there is stays.
    let other = [("new", "another four words"), ("again", "another four words")];
    browser
        .submit(&page, "/invitation", &other)
        .await
        .expect(200, "is confirmed");
    assert_eq!(browser.cookie("instep-session"), None, "nobody is in by that");
    assert_eq!(person(world, "bo@example.com").await["state"], "verified");
    Browser::new(world)
        .sign_in("bo@example.com", "another four words")
        .await
        .expect(403, "is wrong");
    Browser::new(world)
        .sign_in("bo@example.com", PASSWORD)
        .await
        .leads_to("/account");
    let path = "/people/bo@example.com/invitation";
    let again = world.plain.api().post(path, &json!({})).await;
    again.problem(409, "invitation.not_needed");
}

async fn a_link_is_good_once_and_for_a_week(world: &World) {
    let (org, over) = (&world.plain, "This invitation is over");
    for name in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        hire(&org.scim(), &json!({ "userName": name })).await;
    }
    let used = invite(world, "a@example.com").await.link();
    let browser = Browser::new(world);
    let page = browser.get(&used).await;
    browser
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .leads_to("/account");
    let other = Browser::new(world);
    other.get(&used).await.expect(404, over);
    other
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .expect(403, "out of date");

    let replaced = invite(world, "b@example.com").await.link();
    let page = other.get(&replaced).await;
    let present = invite(world, "b@example.com").await.link();
    other.get(&replaced).await.expect(404, over);
    other
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .expect(404, over);
    other.get(&present).await.expect(200, "b@example.com");

    let disabled = invite(world, "c@example.com").await.link();
    let page = other.get(&disabled).await;
    let set = async |active: bool| {
        let body = json!({ "active": active });
        org.api().patch("/people/c@example.com", &body).await
    };
    set(false).await.expect(200);
    other.get(&disabled).await.expect(404, over);
    other
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .expect(404, over);
    set(true).await.expect(200);
    assert_eq!(person(world, "c@example.com").await["state"], "pending");
    other.get(&disabled).await.expect(200, "c@example.com");

    let late = invite(world, "d@example.com").await.link();
    world.clock.advance(Duration::from_hours(7 * 24 - 1));
    other.get(&late).await.expect(200, "d@example.com");
    world.clock.advance(Duration::from_hours(1));
    other.get(&late).await.expect(404, over);
    let forgotten = world.directory.forget_invitations(org.id).await;
    assert_eq!(forgotten.expect("forgotten"), 3);
    let waiting = person(world, "d@example.com").await;
    assert_eq!(
        (&waiting["state"], &waiting["invitation_expires_at"]),
        (&json!("pending"), &Value::Null)
    );
    for wrong in [
        "",
        "?token=",
        "?token=x",
        "?token=x.y",
        &format!("?token=x.{}", org.id),
    ] {
        other.get(&format!("/invitation{wrong}")).await.expect(404, over);
    }
}

async fn another_address_gets_another_invitation(world: &World) {
    let org = &world.plain;
    let made = hire(&org.scim(), &json!({ "userName": "old@example.com" })).await;
    let old = invite(world, "old@example.com").await;
    let rename = |name: &str| patch_op(json!([{ "op": "replace", "path": "userName", "value": name }]));
    org.scim()
        .patch(&place(&made), &rename("new@example.com"))
        .await
        .expect(200);
    let letters = world.letters(org).await;
    assert_eq!(
        letters
            .iter()
            .map(|letter| letter.to.as_str())
            .collect::<Vec<_>>(),
        ["new@example.com"]
    );
    assert_eq!(person(world, "new@example.com").await["state"], "pending");
    let browser = Browser::new(world);
    browser
        .get(&old.link())
        .await
        .expect(404, "This invitation is over");
    let page = browser.get(&letters[0].link()).await;
    browser
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .leads_to("/account");
    // Whoever has answered is not invited again by another address.
    org.scim()
        .patch(&place(&made), &rename("newer@example.com"))
        .await
        .expect(200);
    assert_eq!(world.letters(org).await.len(), 0);
    assert_eq!(person(world, "newer@example.com").await["state"], "not_verified");
    // Nor whoever has none any more.
    let gone = hire(&org.scim(), &json!({ "userName": "gone@example.com" })).await;
    let link = invite(world, "gone@example.com").await.link();
    org.scim().patch(&place(&gone), &rename("gone")).await.expect(200);
    assert_eq!(world.letters(org).await.len(), 0);
    browser.get(&link).await.expect(404, "This invitation is over");
    org.scim().delete(&place(&gone)).await.expect(204);
}

async fn nobody_is_invited_who_cannot_come(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    hire(&org.scim(), &json!({ "userName": "nameless" })).await;
    hire(
        &org.scim(),
        &json!({ "userName": "off@example.com", "active": false }),
    )
    .await;
    let post = async |name: &str| api.post(&format!("/people/{name}/invitation"), &json!({})).await;
    post("nameless").await.problem(409, "invitation.no_address");
    post("off@example.com").await.problem(409, "invitation.inactive");
    post("nobody").await.problem(404, "person.unknown");
    // Not by whoever may do less than the person.
    let (_, people) = world.token_of(org, Role::UserAdmin).await;
    let admin = "/people/admin@northwind.example/invitation";
    api.with(&people)
        .post(admin, &json!({}))
        .await
        .problem(403, "person.higher_role");
    // Nor by themselves, whatever the setting.
    world.set(org, "users.invite", "all").await;
    hire(&org.scim(), &json!({ "userName": "no address" })).await;
    hire(
        &org.scim(),
        &json!({ "userName": "off2@example.com", "active": false }),
    )
    .await;
    assert_eq!(world.letters(org).await.len(), 0);
    hire(
        &org.scim(),
        &json!({ "userName": "cia", "emails": [{ "value": "cia@example.com" }] }),
    )
    .await;
    let letters = world.letters(org).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "cia@example.com");
    assert_eq!(person(world, "cia").await["state"], "pending");
}

async fn what_the_link_carries_is_kept_nowhere(world: &World) {
    let org = &world.plain;
    hire(&org.scim(), &json!({ "userName": "anna@example.com" })).await;
    org.api()
        .post("/people/anna@example.com/invitation", &json!({}))
        .await
        .expect(200);
    let before = store::outbox::page(&mut world.store.reader(), org.id, None, 10)
        .await
        .expect("read");
    let letters = world.letters(org).await;
    let secret = letters[0].secret.as_deref().expect("a secret");
    assert!(!format!("{before:?}").contains(secret));
    assert!(letters[0].link().ends_with(secret));
    let invitation = {
        let hash = base::read_link(secret).expect("a link").1;
        store::invitations::of_hash(&mut world.store.reader(), org.id, &hash).await
    };
    assert!(!format!("{invitation:?}").contains(secret));
    for path in ["/mails", "/events", "/people/anna@example.com"] {
        assert!(!org.api().get(path).await.text.contains(secret), "{path}");
    }
}

async fn forms_of_other_browsers_are_refused(world: &World) {
    hire(&world.plain.scim(), &json!({ "userName": "anna@example.com" })).await;
    let link = invite(world, "anna@example.com").await.link();
    let page = Browser::new(world).get(&link).await;
    let other = Browser::new(world);
    other.get("/sign-in").await;
    other
        .submit(&page, "/invitation", &CHOSEN)
        .await
        .expect(403, "out of date");
    assert_eq!(person(world, "anna@example.com").await["state"], "pending");
    for header in ["content-security-policy", "referrer-policy", "cache-control"] {
        assert!(!page.header(header).is_empty(), "{header}");
    }
    assert!(!page.text.contains("<script"), "{}", page.text);
}

async fn a_factor_is_demanded_of_newcomers_too(world: &World) {
    administrator(world, &world.plain).await;
    world.set(&world.plain, "sign_in.second_factor", "all").await;
    hire(&world.plain.scim(), &json!({ "userName": "anna@example.com" })).await;
    let link = invite(world, "anna@example.com").await.link();
    let browser = Browser::new(world);
    let page = browser.get(&link).await;
    let next = browser.submit(&page, "/invitation", &CHOSEN).await;
    assert_eq!(next.status, 200, "{}", next.text);
    assert!(next.text.contains("/sign-in/authenticator"), "{}", next.text);
    assert_eq!(browser.cookie("instep-session"), None);
    assert_eq!(person(world, "anna@example.com").await["state"], "verified");
}
