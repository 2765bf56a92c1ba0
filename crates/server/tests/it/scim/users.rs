//! `/Users`: create, read, replace, delete.

use serde_json::{Value, json};

use super::{ENTERPRISE, USER, hire, id, modified, names, place};
use crate::client::SCIM;
use crate::on_both;
use crate::world::World;

on_both!(
    a_person_lives_and_dies,
    both_bases_and_trailing_slashes,
    put_clears_what_it_leaves_out,
    names_are_taken_in_every_case,
    a_change_shows_the_groups_of_its_moment,
    nobody_is_let_in_by_clearing_active,
    a_coded_body_is_refused,
    passwords_are_not_kept,
    what_clients_send_along_is_passed_over,
    bodies_in_both_media_types,
    tracking_ids,
    head,
);

async fn nobody_is_let_in_by_clearing_active(world: &World) {
    for (number, operation) in [
        json!({ "op": "remove", "path": "active" }),
        json!({ "op": "replace", "path": "active", "value": "" }),
        json!({ "op": "add", "path": "active", "value": null }),
        json!({ "op": "replace", "value": { "active": null } }),
    ]
    .into_iter()
    .enumerate()
    {
        let scim = world.plain.scim();
        let user = hire(
            &scim,
            &json!({ "userName": format!("out-{number}"), "active": false }),
        )
        .await;
        let patch = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
        let after = scim.patch(&place(&user), &patch).await.expect(200);
        assert_eq!(after["active"], false, "{operation}");
    }
}

async fn a_coded_body_is_refused(world: &World) {
    let call = world.plain.scim().call(http::Method::POST, "/Users");
    let call = call
        .json(&json!({ "userName": "packed" }))
        .header("content-encoding", "gzip");
    call.send().await.scim_error(415, "");
}

/// Somebody who was read just before others put them into a group, or out of it.
async fn a_change_shows_the_groups_of_its_moment(world: &World) {
    let (scim, org) = (world.plain.scim(), world.plain.id);
    let user = hire(&scim, &json!({ "userName": "anna" })).await;
    let anna: base::UserId = id(&user).parse().expect("an id");
    let group = scim
        .post("/Groups", &json!({ "displayName": "Staff" }))
        .await
        .expect(201);
    let (cause, directory) = (crate::world::cause(), &world.directory);
    let change = directory::Change {
        cause: &cause,
        source: directory::Source::Scim,
        types: scim::ResourceTypes::built_in(),
        settings: directory.settings(org).await.expect("settings"),
    };
    for (op, title, shown) in [("add", "Clerk", 1), ("remove", "Chief", 0)] {
        let stale = directory.user(org, anna).await.expect("there");
        let members =
            json!({ "Operations": [{ "op": op, "path": "members", "value": [{ "value": anna }] }] });
        scim.patch(&place_of_group(&group), &members).await.expect(204);
        let edit = |object: &mut scim::Object| {
            object.insert("title".to_owned(), title.into());
            Ok(())
        };
        let terms = directory::Terms {
            concurrency: directory::Concurrency::Strict,
            groups: directory::Groups::Asked,
            ..directory::Terms::default()
        };
        let edited = directory
            .edit_user_on_terms(&change, org, stale, &terms, edit)
            .await;
        let edited = edited.expect("nobody else has changed the person");
        assert_eq!(edited.groups.expect("asked for").len(), shown, "{op}");
        assert_eq!(edited.user.in_groups, shown == 1);
    }
}

fn place_of_group(group: &Value) -> String {
    format!("/Groups/{}", id(group))
}

async fn a_person_lives_and_dies(world: &World) {
    let scim = world.plain.scim();
    let body = json!({
        "schemas": [USER, ENTERPRISE],
        "userName": "amélie.durand",
        "externalId": "e-17",
        "name": { "givenName": "Amélie", "familyName": "Durand" },
        "displayName": "Amélie Durand",
        "title": "Engineer",
        "emails": [{ "value": "amelie@example.com", "type": "work", "primary": true }],
        ENTERPRISE: { "department": "R&D", "employeeNumber": "17" },
    });
    let answer = scim.post("/Users", &body).await;
    let made = answer.expect(201);
    assert_eq!(answer.header("content-type"), SCIM);
    assert_eq!(
        answer.header("location"),
        format!("{}/Users/{}", scim.url, id(&made))
    );
    assert_eq!(made["meta"]["location"], answer.header("location"));
    assert_eq!(made["meta"]["version"], answer.header("etag"));
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(made["meta"]["created"], made["meta"]["lastModified"]);
    assert_eq!(
        made["active"], true,
        "whoever comes is active unless said otherwise"
    );
    for (name, value) in body.as_object().expect("an object") {
        assert_eq!(&made[name], value, "{name}");
    }

    let answer = scim.get(&place(&made)).await;
    assert_eq!(answer.expect(200), made);
    assert_eq!(
        answer.header("etag"),
        made["meta"]["version"].as_str().expect("a version")
    );
    assert_eq!(answer.header("location"), "", "only creation has it");

    scim.delete(&place(&made)).await.expect(204);
    scim.get(&place(&made)).await.scim_error(404, "");
    scim.delete(&place(&made)).await.scim_error(404, "");
    scim.put(&place(&made), &body).await.scim_error(404, "");
    assert!(
        names(&scim, "Users", "userName eq \"amélie.durand\"")
            .await
            .is_empty()
    );
    let again = hire(&scim, &body).await;
    assert_ne!(
        again["id"], made["id"],
        "a name that is free again belongs to somebody else"
    );
}

async fn both_bases_and_trailing_slashes(world: &World) {
    let (gallery, identity) = (world.plain.scim(), world.plain.identity());
    let made = hire(&gallery, &json!({ "userName": "one" })).await;
    for client in [&gallery, &identity] {
        for slash in ["", "/"] {
            let user = client.get(&format!("{}{slash}", place(&made))).await.expect(200);
            assert_eq!(
                user["meta"]["location"],
                format!("{}{}", client.url, place(&made))
            );
            let list = client
                .get(&format!("/Users{slash}?filter=userName eq \"one\""))
                .await
                .expect(200);
            assert_eq!(list["Resources"], json!([user]));
        }
    }
    let other = identity.post("/Users/", &json!({ "userName": "two" })).await;
    assert!(
        other.header("location").starts_with(&identity.url),
        "{}",
        other.header("location")
    );
    let upper = gallery.url.replace(
        &world.plain.id.to_string(),
        &world.plain.id.to_string().to_uppercase(),
    );
    let upper = crate::client::Client::new(upper, Some(&world.plain.token), SCIM);
    upper.get(&place(&made)).await.expect(200);
}

async fn put_clears_what_it_leaves_out(world: &World) {
    let scim = world.plain.scim();
    let made = hire(
        &scim,
        &json!({
            "userName": "put", "externalId": "x", "title": "Clerk", "active": false,
            "name": { "givenName": "P", "familyName": "Ut" },
            "emails": [{ "value": "put@example.com", "type": "work" }],
            ENTERPRISE: { "department": "Sales" },
        }),
    )
    .await;
    let body = json!({ "schemas": [USER], "userName": "put.renamed", "name": { "familyName": "Utt" } });
    let after = scim.put(&place(&made), &body).await.expect(200);
    assert_eq!(after["userName"], "put.renamed");
    assert_eq!(after["name"], json!({ "familyName": "Utt" }));
    assert_eq!(after["active"], false, "an omitted active stays as it was");
    assert_eq!(after["schemas"], json!([USER]));
    for cleared in ["externalId", "title", "emails", ENTERPRISE] {
        assert_eq!(after.get(cleared), None, "{cleared}");
    }
    assert_eq!(
        (&after["id"], &after["meta"]["created"]),
        (&made["id"], &made["meta"]["created"])
    );
    assert_ne!(after["meta"]["version"], made["meta"]["version"]);
    assert!(modified(&after) > modified(&made));
    assert!(
        names(&scim, "Users", "externalId eq \"x\"").await.is_empty(),
        "keys go with the value"
    );
    assert!(names(&scim, "Users", "userName eq \"put\"").await.is_empty());

    let same = scim.put(&place(&made), &body).await.expect(200);
    assert_eq!(same, after, "nothing new is no new version");
    scim.put(&place(&made), &json!({ "active": true }))
        .await
        .scim_error(400, "invalidValue");
}

async fn names_are_taken_in_every_case(world: &World) {
    let scim = world.plain.scim();
    // What looks like another name is none.
    for name in [
        " zoe",
        "zoe ",
        "zoe\u{a0}",
        "z\u{200b}oe",
        "\u{200b}",
        "z\u{ad}oe",
    ] {
        let answer = scim.post("/Users", &json!({ "userName": name })).await;
        answer.scim_error(400, "invalidValue");
    }
    let made = hire(&scim, &json!({ "userName": "Zoë.Straße" })).await;
    let other = hire(&scim, &json!({ "userName": "other" })).await;
    for name in ["Zoë.Straße", "zoë.straße", "ZOË.STRASSE", "zoe\u{308}.strasse"] {
        let body = json!({ "userName": name });
        let detail = scim.post("/Users", &body).await.scim_error(409, "uniqueness");
        assert!(detail.contains("userName"), "{detail}");
        scim.put(&place(&other), &body)
            .await
            .scim_error(409, "uniqueness");
        let rename = super::patch_op(json!([{ "op": "replace", "path": "userName", "value": name }]));
        scim.patch(&place(&other), &rename)
            .await
            .scim_error(409, "uniqueness");
    }
    assert_eq!(scim.get(&place(&other)).await.expect(200), other);
    let own = super::patch_op(json!([{ "op": "replace", "path": "userName", "value": "ZOË.Straße" }]));
    assert_eq!(
        scim.patch(&place(&made), &own).await.expect(200)["userName"],
        "ZOË.Straße"
    );
    hire(&scim, &json!({ "userName": "zoe.strasse" })).await;
}

async fn passwords_are_not_kept(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "p", "password": "hunter-2-hunter" })).await;
    let ops = json!([{ "op": "replace", "value": { "password": "hunter-3-hunter" } }]);
    let patched = scim.patch(&place(&made), &super::patch_op(ops)).await.expect(200);
    let ops = json!([{ "op": "add", "path": "password", "value": "hunter-4-hunter" }]);
    scim.patch(&place(&made), &super::patch_op(ops)).await.expect(200);
    let put = json!({ "userName": "p", "password": "hunter-5-hunter" });
    let put = scim.put(&place(&made), &put).await.expect(200);
    assert_eq!(put["meta"]["version"], made["meta"]["version"]);
    for resource in [&made, &patched, &put] {
        assert_eq!(resource.get("password"), None);
    }
    for path in [
        format!("{}?attributes=password", place(&made)),
        "/Users?attributes=password,userName".into(),
    ] {
        assert!(!scim.get(&path).await.text.contains("hunter"));
    }
    for filter in [
        "password pr",
        "password eq \"hunter-2-hunter\"",
        "password sw \"h\"",
    ] {
        let list = scim
            .get(&format!("/Users?filter={}", crate::client::encoded(filter)))
            .await;
        assert_eq!(list.expect(200)["totalResults"], 0, "{filter}");
    }
    for path in ["/events", "/people/p"] {
        assert!(
            !world.plain.api().get(path).await.text.contains("hunter"),
            "{path}"
        );
    }
}

async fn what_clients_send_along_is_passed_over(world: &World) {
    let scim = world.plain.scim();
    let body = json!({
        "schemas": [USER, "urn:example:unknown:2.0:User"],
        "id": "chosen-by-me", "meta": { "resourceType": "Robot", "version": "W/\"77\"" },
        "USERNAME": "loud", "Name": { "GIVENNAME": "Lou" }, "groups": [{ "value": "g" }],
        "favouriteColour": "blue", "urn:example:unknown:2.0:User": { "a": 1 },
        "addresses": null, "phoneNumbers": [], "title": "", "nickName": null,
        "roles": [{ "primary": "True", "value": "Reader" }],
    });
    let made = hire(&scim, &body).await;
    assert_ne!(id(&made), "chosen-by-me");
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_eq!(
        (&made["userName"], &made["name"]),
        (&json!("loud"), &json!({ "givenName": "Lou" }))
    );
    assert_eq!(made["roles"], json!([{ "primary": true, "value": "Reader" }]));
    assert_eq!(made["schemas"], json!([USER]));
    for absent in [
        "groups",
        "favouriteColour",
        "addresses",
        "phoneNumbers",
        "title",
        "nickName",
    ] {
        assert_eq!(made.get(absent), None, "{absent}");
    }
    let round = scim.put(&place(&made), &made).await.expect(200);
    assert_eq!(round, made, "what a GET shows can be put back");
}

async fn bodies_in_both_media_types(world: &World) {
    let scim = world.plain.scim();
    for (media_type, name) in [
        ("application/scim+json", "a"),
        ("application/json", "b"),
        ("application/scim+json; charset=utf-8", "c"),
        ("Application/JSON;charset=UTF-8", "d"),
    ] {
        let body = json!({ "userName": name }).to_string();
        let answer = scim
            .call(http::Method::POST, "/Users")
            .body(media_type, body)
            .send()
            .await;
        answer.expect(201);
        assert_eq!(answer.header("content-type"), SCIM);
    }
}

async fn tracking_ids(world: &World) {
    let scim = world.plain.scim();
    let made = scim.call(http::Method::GET, "/Users").send().await;
    assert!(
        made.header("trackingid").starts_with("INSTEP_"),
        "{:?}",
        made.headers
    );
    let other = scim.call(http::Method::GET, "/Users").send().await;
    assert_ne!(made.header("trackingid"), other.header("trackingid"));
    for (path, status) in [("/Users", 200), ("/Users/nobody", 404), ("/Nothing", 404)] {
        let answer = scim
            .call(http::Method::GET, path)
            .header("TrackingID", "WX_7-a")
            .send()
            .await;
        assert_eq!((answer.status, answer.header("trackingid")), (status, "WX_7-a"));
    }
    let nobody = world
        .nobody()
        .get(&format!("/v1/scim/{}/Users", world.plain.id))
        .await;
    assert!(nobody.header("trackingid").starts_with("INSTEP_"));
}

async fn head(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "head" })).await;
    let answer = scim.call(http::Method::HEAD, &place(&made)).send().await;
    assert_eq!(answer.expect(200), Value::Null);
    assert_eq!(
        answer.header("etag"),
        made["meta"]["version"].as_str().expect("a version")
    );
}
