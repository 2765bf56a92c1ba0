//! A token of one organization, tried on everything of another.

mod attempts;
mod changes;
mod estate;
mod names;
mod questions;
mod requests;

use serde_json::{Value, json};

use crate::client::{Client, SCIM, encoded};
use crate::endpoints::{Places, examples};
use crate::on_both;
use crate::world::World;

on_both!(
    every_endpoint_with_another_organizations_token,
    ids_and_filters_of_another_organization,
    equal_names_do_not_meet,
);

/// A person, a group and an app of the plain organization.
struct Theirs {
    user: String,
    group: String,
    app: String,
}

async fn theirs(world: &World) -> Theirs {
    let scim = world.plain.scim();
    let id = |made: Value| made["id"].as_str().expect("an id").to_owned();
    let user = id(scim
        .post("/Users", &json!({ "userName": "private", "externalId": "p-1" }))
        .await
        .expect(201));
    let group = json!({ "displayName": "Private", "members": [{ "value": user }] });
    let group = id(scim.post("/Groups", &group).await.expect(201));
    let app = json!({ "template": "scim", "name": "Secret app", "base_url": "http://127.0.0.1:9/scim", "token": "t" });
    let app = id(world.plain.api().post("/apps", &app).await.expect(201));
    Theirs { user, group, app }
}

async fn snapshot(world: &World, theirs: &Theirs) -> [Value; 4] {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    [
        scim.get(&format!("/Users/{}", theirs.user)).await.expect(200),
        scim.get(&format!("/Groups/{}", theirs.group)).await.expect(200),
        api.get(&format!("/apps/{}", theirs.app)).await.expect(200),
        api.get(&format!("/apps/{}/assignments", theirs.app))
            .await
            .expect(200),
    ]
}

async fn every_endpoint_with_another_organizations_token(world: &World) {
    let theirs = theirs(world).await;
    let before = snapshot(world, &theirs).await;
    let stranger = Client::new(world.address.clone(), Some(&world.webex.token), SCIM);
    // Once under their organization's address, once under the stranger's own.
    for org in [&world.plain, &world.webex] {
        let places = Places {
            org,
            user: &theirs.user,
            group: &theirs.group,
            app: &theirs.app,
            cycle: &theirs.app,
        };
        for example in examples() {
            let foreign_address = example.template.contains("{org}") && org.id == world.plain.id;
            if !example.is_guarded() || !(foreign_address || example.names_something()) {
                continue;
            }
            let mut call = stranger.call(example.method.clone(), &example.path(&places));
            if let Some(body) = &example.body {
                call = call.json(body);
            }
            let answer = call.send().await;
            assert_eq!(
                answer.status,
                404,
                "{} {}: {}",
                example.method,
                example.path(&places),
                answer.text
            );
            assert!(
                !answer.text.contains("Private") && !answer.text.contains("Secret app"),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(snapshot(world, &theirs).await, before);
}

async fn ids_and_filters_of_another_organization(world: &World) {
    let Theirs { user, group, app } = theirs(world).await;
    let (scim, api) = (world.webex.scim(), world.webex.api());
    for (path, filter) in [
        ("Users", format!("id eq \"{user}\"")),
        ("Users", "userName eq \"private\"".to_owned()),
        ("Users", "userName sw \"priv\"".to_owned()),
        ("Users", "externalId eq \"p-1\"".to_owned()),
        ("Users", "not (userName sw \"admin\")".to_owned()),
        ("Users", "groups.display eq \"Private\"".to_owned()),
        ("Groups", format!("id eq \"{group}\"")),
        ("Groups", format!("members.value eq \"{user}\"")),
        ("Groups", "displayName pr".to_owned()),
    ] {
        let found = scim
            .get(&format!("/{path}?filter={}", encoded(&filter)))
            .await
            .expect(200);
        assert_eq!(found["totalResults"], 0, "{filter}");
        let found = scim
            .post(&format!("/{path}/.search"), &json!({ "filter": filter }))
            .await
            .expect(200);
        assert_eq!(found["totalResults"], 0, "{filter}");
    }
    let everything = scim.post("/.search", &json!({})).await.expect(200);
    assert_eq!(everything["totalResults"], 1, "the admin alone");
    // Ids of another organization in bodies.
    let member = json!({ "displayName": "Ours", "members": [{ "value": user }] });
    scim.post("/Groups", &member)
        .await
        .scim_error(400, "invalidValue");
    let ours = scim
        .post("/Groups", &json!({ "displayName": "Ours" }))
        .await
        .expect(201);
    let ours = format!("/Groups/{}", ours["id"].as_str().expect("an id"));
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": user }] }] });
    scim.patch(&ours, &add).await.scim_error(400, "invalidValue");
    scim.put(&ours, &member).await.scim_error(400, "invalidValue");
    assert_eq!(scim.get(&ours).await.expect(200)["members"], json!([]));
    let answer = api.post("/groups/Ours/members", &json!({ "add": [user] })).await;
    assert!([400, 404].contains(&answer.status), "{}", answer.text);
    let own =
        json!({ "template": "scim", "name": "Own", "base_url": "http://127.0.0.1:9/scim", "token": "t" });
    api.post("/apps", &own).await.expect(201);
    for body in [
        json!({ "add": [{ "user": user }] }),
        json!({ "add": [{ "group": group }] }),
    ] {
        assert_eq!(api.post("/apps/Own/assignments", &body).await.status, 404);
    }
    // Lists and trails.
    let people = api.get("/people").await.expect(200);
    assert_eq!(people["total"], 1, "the admin alone");
    for path in [
        "/people",
        "/groups",
        "/apps",
        "/log",
        "/mails",
        "/tokens",
        "/sessions",
        "/grants",
    ] {
        let text = api.get(path).await.text;
        for foreign in [&user, &group, &app] {
            assert!(!text.contains(foreign.as_str()), "{path}: {text}");
        }
    }
    // What was refused repeats what was asked for, and nothing else.
    let events = api.get("/events").await.expect(200);
    let done = events["items"].as_array().expect("items").iter();
    for event in done.filter(|event| event["success"] == true) {
        for foreign in [&user, &group, &app] {
            assert!(!event.to_string().contains(foreign.as_str()), "{event}");
        }
    }
    assert_eq!(
        api.get(&format!("/log?user={user}")).await.expect(200)["items"],
        json!([])
    );
    // A cursor that is an id of theirs leads nowhere but through our own.
    let events = world.plain.api().get("/events").await.expect(200);
    let cursor = events["items"][0]["id"].as_str().expect("an id");
    let page = api.get(&format!("/events?after={cursor}")).await.expect(200);
    let own = api.get("/events").await.expect(200);
    let own = own["items"].as_array().expect("items");
    let mut items = page["items"].as_array().expect("items").iter();
    assert!(items.all(|event| own.contains(event)), "{page}");
}

async fn equal_names_do_not_meet(world: &World) {
    let body = json!({ "userName": "same@example.com", "externalId": "same", "displayName": "Same" });
    let one = world.plain.scim().post("/Users", &body).await.expect(201);
    let other = world.webex.scim().post("/Users", &body).await.expect(201);
    assert_ne!(one["id"], other["id"]);
    for (org, own) in [(&world.plain, &one), (&world.webex, &other)] {
        for filter in [
            "userName eq \"same@example.com\"",
            "externalId eq \"same\"",
            "displayName eq \"Same\"",
        ] {
            let found = org
                .scim()
                .get(&format!("/Users?filter={}", encoded(filter)))
                .await
                .expect(200);
            assert_eq!(found["totalResults"], 1, "{filter}");
            assert_eq!(found["Resources"][0]["id"], own["id"]);
        }
    }
    let one = format!("/Users/{}", one["id"].as_str().expect("an id"));
    world.plain.scim().delete(&one).await.expect(204);
    assert_eq!(
        world.webex.api().get("/people/same@example.com").await.status,
        200
    );
}
