//! `/Me` (RFC 7644 §3.11) and `/identity/scim/v2/Users/me`.

use access::Role;
use serde_json::json;

use super::{found, patch_op};
use crate::client::{Client, SCIM};
use crate::on_both;
use crate::world::World;

on_both!(
    is_the_tokens_owner,
    changes_the_owner,
    is_nobody_for_the_operator,
    needs_the_rights_of_users,
    knows_no_other_method
);

async fn is_the_tokens_owner(world: &World) {
    let (owner, token) = world.token_of(&world.plain, Role::ReadOnlyAdmin).await;
    let group = json!({ "displayName": "Readers", "members": [{ "value": owner.to_string() }] });
    found(&world.plain.scim(), &group).await;
    for client in [world.plain.scim(), world.plain.identity()] {
        let client = client.with(&token);
        let answer = client.get("/Me").await;
        let same = client.get(&format!("/Users/{owner}")).await;
        assert_eq!(answer.expect(200), same.expect(200));
        assert_eq!(answer.json()["groups"][0]["display"], "Readers");
        assert_eq!(answer.header("etag"), same.header("etag"));
        assert_eq!(answer.header("location"), format!("{}/Users/{owner}", client.url));
        let less = client.get("/Me?attributes=userName").await.expect(200);
        assert_eq!(
            (&less["id"], less.get("groups")),
            (&json!(owner.to_string()), None)
        );
        let call = client.call(http::Method::GET, "/Me");
        let unchanged = call.header("if-none-match", answer.header("etag")).send().await;
        assert_eq!(unchanged.status, 304);
    }
    // Webex's own address, where the token alone says which organization is meant.
    let anywhere = Client::new(world.address.clone(), Some(&token), SCIM);
    for path in [
        "/identity/scim/v2/Users/me",
        "/identity/scim/v2/Users/me/?attributes=groups",
    ] {
        let answer = anywhere.get(path).await;
        let location = format!("{}/Users/{owner}", world.plain.identity().url);
        assert_eq!(answer.expect(200)["id"], owner.to_string());
        assert_eq!(answer.header("location"), location);
        assert_eq!(answer.json()["groups"][0]["display"], "Readers");
    }
    let me = anywhere.get("/identity/scim/v2/Users/me").await.expect(200);
    let same = world
        .plain
        .identity()
        .get(&format!("/Users/{owner}"))
        .await
        .expect(200);
    assert_eq!(me, same);
}

async fn changes_the_owner(world: &World) {
    let (owner, token) = world.token_of(&world.plain, Role::UserAdmin).await;
    let scim = world.plain.scim();
    let me = scim.with(&token);
    let title = patch_op(json!([{ "op": "replace", "path": "title", "value": "Boss" }]));
    let answer = me.patch("/Me", &title).await;
    assert_eq!(answer.expect(200)["title"], "Boss");
    assert_eq!(answer.header("location"), format!("{}/Users/{owner}", scim.url));
    let path = format!("/Users/{owner}");
    assert_eq!(scim.get(&path).await.expect(200)["meta"]["version"], "W/\"2\"");
    let body = json!({ "userName": "renamed@example.com" });
    let call = me.call(http::Method::PUT, "/Me").header("if-match", "W/\"1\"");
    call.json(&body).send().await.scim_error(412, "");
    let now = me.put("/Me", &body).await.expect(200);
    assert_eq!(
        (&now["userName"], now.get("title")),
        (&json!("renamed@example.com"), None)
    );
    assert_eq!(scim.get(&path).await.expect(200), now);
    world.set(&world.plain, "scim.patch_response", "none").await;
    let answer = me.patch("/Me", &title).await;
    answer.expect(204);
    assert_eq!(answer.header("location"), format!("{}/Users/{owner}", scim.url));
}

async fn is_nobody_for_the_operator(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        let title = patch_op(json!([{ "op": "replace", "path": "title", "value": "Boss" }]));
        for answer in [
            client.get("/Me").await,
            client.put("/Me", &json!({ "userName": "x" })).await,
            client.patch("/Me", &title).await,
        ] {
            let detail = answer.scim_error(404, "");
            assert!(detail.contains("operator"), "{detail}");
        }
    }
    let anywhere = Client::new(world.address.clone(), Some(&world.plain.token), SCIM);
    anywhere
        .get("/identity/scim/v2/Users/me")
        .await
        .scim_error(404, "");
}

async fn needs_the_rights_of_users(world: &World) {
    let (_, reader) = world.token_of(&world.plain, Role::ReadOnlyAdmin).await;
    let (_, nobody) = world.token_of(&world.plain, Role::None).await;
    let scim = world.plain.scim();
    let body = json!({ "userName": "x" });
    scim.with(&reader).put("/Me", &body).await.scim_error(403, "");
    scim.with(&nobody).get("/Me").await.scim_error(403, "");
    // Under another organization's address the token is unknown, whoever it belongs to.
    world
        .webex
        .scim()
        .with(&reader)
        .get("/Me")
        .await
        .scim_error(404, "");
}

async fn knows_no_other_method(world: &World) {
    let (_, token) = world.token_of(&world.plain, Role::FullAdmin).await;
    let me = world.plain.scim().with(&token);
    for answer in [me.delete("/Me").await, me.post("/Me", &json!({})).await] {
        answer.scim_error(405, "");
        assert!(answer.header("allow").contains("PATCH"));
    }
    me.get("/Me").await.expect(200);
}
