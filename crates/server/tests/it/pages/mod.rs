//! Pages for browsers.

mod account;
mod browser;
pub(crate) mod device;
pub(crate) mod factors;
mod given;
pub(crate) mod invitations;
mod limits;
pub(crate) mod own_factors;
pub(crate) mod passkeys;
mod sign_in;
mod tokens;
mod totp;

use base::{OrgId, UserId};
use serde_json::json;

pub(crate) use browser::{Browser, Page};

use crate::world::{Organization, World, cause};

pub(crate) const PASSWORD: &str = "four words of one's own";

/// Somebody new who signs in with [`PASSWORD`].
pub(crate) async fn somebody(world: &World, org: &Organization, address: &str) -> UserId {
    let body = json!({ "userName": address, "displayName": "Somebody" });
    let made = org.scim().post("/Users", &body).await.expect(201);
    let user = made["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    give_password(world, org.id, user).await;
    user
}

pub(crate) async fn give_password(world: &World, org: OrgId, user: UserId) {
    let_choose(world, org, user, PASSWORD).await;
}

/// Goes the way that everybody goes: a password is made up, and changed at the first sign-in.
pub(crate) async fn let_choose(world: &World, org: OrgId, user: UserId, password: &str) {
    let reset = world
        .access
        .reset_password(&cause(), org, user)
        .await
        .expect("a password");
    let visit = access::Visit::new([192, 0, 2, 9].into(), world.store.ambient().id(), "test");
    let address = reset.address.expect("an address");
    let candidates = world
        .access
        .sign_in(&visit, &address, &reset.password)
        .await
        .expect("signs in");
    let one = candidates
        .iter()
        .find(|one| one.org == org && one.user == user)
        .expect("a candidate");
    world
        .access
        .choose_password(&visit, one, &base::Secret::new(password))
        .await
        .expect("chosen");
}

/// The first administrator of an organization, who signs in with [`PASSWORD`]; the address.
pub(crate) async fn administrator(world: &World, org: &Organization) -> String {
    let people = org.api().get("/people").await.expect(200);
    let first = &people["items"][0];
    let id = first["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    give_password(world, org.id, id).await;
    first["user_name"].as_str().expect("an address").to_owned()
}

/// Somebody signs in, and lets a client in; the ids of session and grant.
pub(crate) async fn begin_session(world: &World, address: &str, client: &str) -> (String, String) {
    let visit = access::Visit::new([192, 0, 2, 1].into(), world.store.ambient().id(), "test");
    let password = base::Secret::new(PASSWORD);
    let people = world.access.sign_in(&visit, address, &password).await;
    let one = people.expect("signs in").remove(0);
    let cookie = world.access.begin_session(&visit, &one).await.expect("begun");
    let visitor = world
        .access
        .visitor(cookie.expose())
        .await
        .expect("asked")
        .expect("signed in");
    let client = client.parse().expect("an id");
    let client = world.access.client(one.org, client).await.expect("a client");
    let allowed = access::Allowed {
        redirect: String::new(),
        challenge: "x".to_owned(),
        scopes: access::Scopes::for_provisioning(),
    };
    let code = world.access.issue_code(&visit, &visitor, &client, allowed);
    code.await.expect("a code");
    let sessions = world.access.sessions(one.org, Some(one.user), None, 10).await;
    let grants = world.access.grants(one.org, Some(one.user), None, 10).await;
    (
        sessions.expect("sessions").last().expect("one").id.to_string(),
        grants.expect("grants").last().expect("one").id.to_string(),
    )
}
