//! `/Groups`, and the groups of a user.

use serde_json::{Value, json};

use super::{GROUP, found, hire, id, names, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    a_group_lives_and_dies,
    members_come_and_go,
    members_in_every_form,
    members_in_every_spelling,
    unknown_members,
    put_replaces_members,
    whoever_goes_leaves_the_groups,
    equal_names_are_allowed,
    members_chosen_by_any_filter,
    members_with_a_part_twice,
);

/// The ids of a group's members.
async fn members(scim: &Client, group: &Value) -> Vec<String> {
    let group = scim.get(&place(group)).await.expect(200);
    let members = group["members"].as_array().expect("members").iter();
    members
        .map(|member| member["value"].as_str().expect("an id").to_owned())
        .collect()
}

async fn three(scim: &Client) -> [String; 3] {
    let mut ids = Vec::new();
    for name in ["one", "two", "three"] {
        let user = json!({ "userName": name, "displayName": format!("Number {name}") });
        ids.push(id(&hire(scim, &user).await).to_owned());
    }
    ids.try_into().expect("three")
}

async fn a_group_lives_and_dies(world: &World) {
    let scim = world.plain.scim();
    let [one, ..] = three(&scim).await;
    let body = json!({
        "schemas": [GROUP], "displayName": "Staff", "externalId": "g-1",
        "members": [{ "value": one, "display": "chosen by me", "type": "User" }],
    });
    let answer = scim.post("/Groups", &body).await;
    let made = answer.expect(201);
    assert_eq!(answer.header("location"), format!("{}{}", scim.url, place(&made)));
    assert_eq!(
        answer.header("etag"),
        made["meta"]["version"].as_str().expect("a version")
    );
    assert_eq!(made["schemas"], json!([GROUP]));
    assert_eq!(
        (&made["displayName"], &made["externalId"]),
        (&json!("Staff"), &json!("g-1"))
    );
    let member = json!({
        "value": one, "$ref": format!("{}/Users/{one}", scim.url), "display": "Number one", "type": "User",
    });
    assert_eq!(made["members"], json!([member]));
    assert_eq!(scim.get(&place(&made)).await.expect(200), made);
    let identity = world.plain.identity().get(&place(&made)).await.expect(200);
    assert_eq!(
        identity["members"][0]["$ref"],
        format!("{}/Users/{one}", world.plain.identity().url)
    );

    let user = scim.get(&format!("/Users/{one}")).await.expect(200);
    assert_eq!(
        user["groups"],
        json!([{
            "value": made["id"], "$ref": made["meta"]["location"], "display": "Staff", "type": "direct",
        }])
    );
    scim.delete(&place(&made)).await.expect(204);
    scim.get(&place(&made)).await.scim_error(404, "");
    scim.delete(&place(&made)).await.scim_error(404, "");
    assert_eq!(
        scim.get(&format!("/Users/{one}")).await.expect(200).get("groups"),
        None
    );
}

async fn members_come_and_go(world: &World) {
    let scim = world.plain.scim();
    let [one, two, three] = three(&scim).await;
    let group = found(&scim, &json!({ "displayName": "Staff" })).await;
    assert_eq!(group["members"], json!([]), "a group without members says so");
    let all = [one.clone(), two.clone(), three.clone()];
    let steps: [(Value, &[&String]); 9] = [
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": one }, { "value": two }] }]),
            &[&one, &two],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": two }] }]),
            &[&one, &two],
        ),
        (
            json!([{ "op": "remove", "path": format!("members[value eq \"{one}\"]") }]),
            &[&two],
        ),
        (
            json!([{ "op": "remove", "path": format!("members[value eq \"{one}\"]") }]),
            &[&two],
        ),
        (
            json!([
                { "op": "remove", "path": format!("members[value eq \"{two}\"]") },
                { "op": "add", "path": "members", "value": [{ "value": three }] },
            ]),
            &[&three],
        ),
        (
            json!([{ "op": "replace", "path": "members", "value": [{ "value": one }, { "value": two }] }]),
            &[&one, &two],
        ),
        (
            json!([{ "op": "add", "value": { "members": [{ "value": three }], "displayName": "Crew" } }]),
            &[&one, &two, &three],
        ),
        (
            json!([{ "op": "remove", "path": format!("members[value eq \"{one}\" or value eq \"{three}\"]") }]),
            &[&two],
        ),
        (json!([{ "op": "remove", "path": "members" }]), &[]),
    ];
    for (operations, expected) in steps {
        let body = patch_op(operations);
        scim.patch(&place(&group), &body).await.expect(204);
        let now = members(&scim, &group).await;
        assert_eq!(now.iter().collect::<Vec<_>>(), expected, "{body}");
        for user in &all {
            let user = scim.get(&format!("/Users/{user}")).await.expect(200);
            assert_eq!(
                user.get("groups").is_some(),
                now.contains(&id(&user).to_owned()),
                "{body}"
            );
        }
    }
    assert_eq!(names(&scim, "Groups", "displayName eq \"crew\"").await, ["Crew"]);
    let version = |group: &Value| group["meta"]["version"].clone();
    let before = scim.get(&place(&group)).await.expect(200);
    let nothing = patch_op(json!([{ "op": "remove", "path": "members", "value": [{ "value": one }] }]));
    scim.patch(&place(&group), &nothing).await.expect(204);
    assert_eq!(
        version(&scim.get(&place(&group)).await.expect(200)),
        version(&before)
    );
}

async fn members_in_every_form(world: &World) {
    let scim = world.plain.scim();
    let [one, two, three] = three(&scim).await;
    for value in [
        json!([{ "value": one }]),
        json!([{ "value": one, "$ref": null }]),
        json!([{ "VALUE": one, "type": "User", "display": null }]),
        json!({ "value": one }),
        json!([one]),
        json!(one),
        json!([{ "value": one }, { "value": one }]),
    ] {
        let group = found(&scim, &json!({ "displayName": "G", "members": value })).await;
        assert_eq!(
            members(&scim, &group).await,
            std::slice::from_ref(&one),
            "{value}"
        );
        let add = patch_op(json!([{ "op": "Add", "path": "members", "value": value }]));
        let empty = found(&scim, &json!({ "displayName": "H" })).await;
        scim.patch(&place(&empty), &add).await.expect(204);
        assert_eq!(
            members(&scim, &empty).await,
            std::slice::from_ref(&one),
            "{value}"
        );
        let remove = patch_op(json!([{ "op": "Remove", "path": "members", "value": value }]));
        scim.patch(&place(&empty), &remove).await.expect(204);
        assert!(members(&scim, &empty).await.is_empty(), "{value}");
    }
    let group = found(
        &scim,
        &json!({ "displayName": "G", "members": [{ "value": one }, { "value": two }] }),
    )
    .await;
    let remove =
        patch_op(json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": two }] }]));
    scim.patch(&place(&group), &remove).await.expect(204);
    assert_eq!(members(&scim, &group).await, [one], "only those named go");
    for body in [
        json!({ "displayName": "G", "members": null }),
        json!({ "displayName": "G", "members": [] }),
    ] {
        assert_eq!(found(&scim, &body).await["members"], json!([]));
    }
    let _ = three;
}

/// However a client names the members, they are members, once, and nothing else of that name is in the answer.
async fn members_in_every_spelling(world: &World) {
    let scim = world.plain.scim();
    let [one, ..] = three(&scim).await;
    let (colon, dot) = (format!("{GROUP}:members"), format!("{GROUP}.members"));
    let value = |ids: &[&str]| ids.iter().map(|id| json!({ "value": id })).collect::<Vec<_>>();
    let spellings = |id: &str| {
        let several = value(&[id]);
        [
            json!({ &colon: several }),
            json!({ &dot: several }),
            json!({ dot.to_uppercase(): several }),
            json!({ "Members": several }),
            json!({ "members.value": id }),
            json!({ "Members.Value": id }),
            json!({ format!("{colon}.value"): id }),
            json!({ GROUP: { "members": several } }),
            json!({ GROUP: { "members.value": id } }),
        ]
    };
    let mut requests = Vec::new();
    for (spelling, unknown) in spellings(&one).into_iter().zip(spellings("ghost")) {
        for op in ["add", "replace"] {
            let operation = |value: &Value| patch_op(json!([{ "op": op, "value": value }]));
            requests.push((operation(&spelling), operation(&unknown)));
        }
    }
    for op in ["add", "replace"] {
        let operation =
            |id: &str| patch_op(json!([{ "op": op, "path": GROUP, "value": { "members": value(&[id]) } }]));
        requests.push((operation(&one), operation("ghost")));
        let chosen = |id: &str| {
            patch_op(
                json!([{ "op": op, "value": { format!("members[value eq \"{id}\"]"): { "value": id } } }]),
            )
        };
        requests.push((chosen(&one), chosen("ghost")));
    }
    let alone = |group: &Value| format!("members.value eq \"{one}\" and id eq \"{}\"", id(group));
    for (request, unknown) in &requests {
        let group = found(&scim, &json!({ "displayName": "Staff" })).await;
        assert_eq!(scim.patch(&place(&group), unknown).await.status, 400, "{unknown}");
        assert_eq!(members(&scim, &group).await, [""; 0], "{unknown}");
        assert!(
            scim.patch(&place(&group), request).await.status < 300,
            "{request}"
        );
        assert_eq!(members(&scim, &group).await, [one.as_str()], "{request}");
        let text = scim.get(&place(&group)).await.text;
        assert_eq!(text.matches("\"members\"").count(), 1, "{request}: {text}");
        assert_eq!(
            names(&scim, "Groups", &alone(&group)).await,
            ["Staff"],
            "{request}"
        );
    }
    let with = |body: &Value| {
        let mut body = body.clone();
        body["displayName"] = json!("Staff");
        body
    };
    for (body, unknown) in spellings(&one).iter().zip(&spellings("ghost")) {
        assert_eq!(
            scim.post("/Groups", &with(unknown)).await.status,
            400,
            "{unknown}"
        );
        let made = found(&scim, &with(body)).await;
        assert_eq!(members(&scim, &made).await, [one.as_str()], "{body}");
        let bare = found(&scim, &json!({ "displayName": "Staff" })).await;
        scim.put(&place(&bare), &with(body)).await.expect(200);
        assert_eq!(members(&scim, &bare).await, [one.as_str()], "{body}");
    }
    // Asked for in that spelling, too.
    for asked in [
        format!("{dot} pr"),
        format!("{dot} eq \"{one}\""),
        format!("{colon}.value eq \"{one}\""),
    ] {
        let filter = format!("displayName eq \"Staff\" and {asked}");
        let known = names(
            &scim,
            "Groups",
            &format!("displayName eq \"Staff\" and members.value eq \"{one}\""),
        )
        .await;
        assert!(!known.is_empty());
        assert_eq!(names(&scim, "Groups", &filter).await, known, "{filter}");
    }
    // Which of two spellings counts would be a guess.
    let twice = json!({ "members": value(&[&one]), colon: value(&[&one]) });
    let group = found(&scim, &json!({ "displayName": "Staff" })).await;
    let operation = patch_op(json!([{ "op": "add", "value": twice }]));
    for refused in [
        scim.patch(&place(&group), &operation).await,
        scim.post("/Groups", &with(&twice)).await,
        scim.put(&place(&group), &with(&twice)).await,
    ] {
        refused.scim_error(400, "invalidSyntax");
    }
}

async fn unknown_members(world: &World) {
    let scim = world.plain.scim();
    let [one, ..] = three(&scim).await;
    let group = found(
        &scim,
        &json!({ "displayName": "Staff", "members": [{ "value": one }] }),
    )
    .await;
    for unknown in [crate::endpoints::NOBODY, "nobody"] {
        let both = json!([{ "value": unknown }]);
        scim.post("/Groups", &json!({ "displayName": "N", "members": both }))
            .await
            .scim_error(400, "invalidValue");
        for op in ["add", "replace"] {
            let body = patch_op(json!([
                { "op": "replace", "path": "displayName", "value": "Changed" },
                { "op": op, "path": "members", "value": both },
            ]));
            let detail = scim
                .patch(&place(&group), &body)
                .await
                .scim_error(400, "invalidValue");
            assert!(detail.contains(unknown), "{detail}");
        }
        let remove =
            patch_op(json!([{ "op": "remove", "path": format!("members[value eq \"{unknown}\"]") }]));
        scim.patch(&place(&group), &remove).await.expect(204);
    }
    assert_eq!(
        scim.get(&place(&group)).await.expect(200),
        group,
        "all or nothing"
    );
    assert_eq!(names(&scim, "Groups", "displayName pr").await, ["Staff"]);
}

async fn put_replaces_members(world: &World) {
    let scim = world.plain.scim();
    let [one, two, three] = three(&scim).await;
    let group =
        json!({ "displayName": "Staff", "externalId": "x", "members": [{ "value": one }, { "value": two }] });
    let group = found(&scim, &group).await;
    let body = json!({ "displayName": "Crew", "members": [{ "value": two }, { "value": three }] });
    let after = scim.put(&place(&group), &body).await.expect(200);
    assert_eq!(
        (&after["displayName"], after.get("externalId")),
        (&json!("Crew"), None)
    );
    assert_eq!(members(&scim, &group).await, [two, three]);
    let again = scim.put(&place(&group), &body).await.expect(200);
    assert_eq!(again, after, "nothing new is no new version");
    assert_eq!(
        scim.put(&place(&group), &after).await.expect(200),
        after,
        "what a GET shows can be put back"
    );
    scim.put(&place(&group), &json!({ "displayName": "Crew" }))
        .await
        .expect(200);
    assert!(members(&scim, &group).await.is_empty());
    scim.put(&place(&group), &json!({ "members": [] }))
        .await
        .scim_error(400, "invalidValue");
}

async fn whoever_goes_leaves_the_groups(world: &World) {
    let scim = world.plain.scim();
    let [one, two, _] = three(&scim).await;
    let group = found(
        &scim,
        &json!({ "displayName": "Staff", "members": [{ "value": one }, { "value": two }] }),
    )
    .await;
    scim.delete(&format!("/Users/{one}")).await.expect(204);
    assert_eq!(members(&scim, &group).await, [two]);
    let disable = patch_op(json!([{ "op": "replace", "path": "active", "value": false }]));
    let two = members(&scim, &group).await.remove(0);
    scim.patch(&format!("/Users/{two}"), &disable).await.expect(200);
    assert_eq!(members(&scim, &group).await, [two], "the disabled stay");
}

async fn equal_names_are_allowed(world: &World) {
    let scim = world.plain.scim();
    let one = found(&scim, &json!({ "displayName": "Staff" })).await;
    let two = found(&scim, &json!({ "displayName": "STAFF" })).await;
    assert_ne!(one["id"], two["id"]);
    assert_eq!(
        names(&scim, "Groups", "displayName eq \"staff\"").await,
        ["Staff", "STAFF"]
    );
}

/// A group of three people and another group, anew each time.
async fn mixed(scim: &Client, people: &[String; 3]) -> Value {
    let team = found(scim, &json!({ "displayName": "Team" })).await;
    let all = people.iter().map(String::as_str).chain([id(&team)]);
    let all: Vec<_> = all.map(|id| json!({ "value": id })).collect();
    found(scim, &json!({ "displayName": "Mixed", "members": all })).await
}

async fn members_chosen_by_any_filter(world: &World) {
    let scim = world.plain.scim();
    let people = three(&scim).await;
    for (filter, left) in [
        (format!("value ne \"{}\"", people[0]), vec!["Number one"]),
        (
            "display eq \"NUMBER two\"".to_owned(),
            vec!["Team", "Number one", "Number three"],
        ),
        (
            "type ne \"User\"".to_owned(),
            vec!["Number one", "Number two", "Number three"],
        ),
        (
            format!("not (value eq \"{}\") and type eq \"User\"", people[1]),
            vec!["Team", "Number two"],
        ),
        (
            "display co \"t\" and display ew \"e\"".to_owned(),
            vec!["Team", "Number one", "Number two"],
        ),
        (
            format!("$ref eq \"{}/Users/{}\"", scim.url, people[2]),
            vec!["Team", "Number one", "Number two"],
        ),
        ("display pr".to_owned(), vec![]),
        (
            "display eq \"nobody\"".to_owned(),
            vec!["Team", "Number one", "Number two", "Number three"],
        ),
    ] {
        let group = mixed(&scim, &people).await;
        let remove = patch_op(json!([{ "op": "remove", "path": format!("members[{filter}]") }]));
        scim.patch(&place(&group), &remove).await.expect(204);
        let after = scim.get(&place(&group)).await.expect(200);
        let members = after["members"].as_array().cloned().unwrap_or_default();
        let names: Vec<_> = members
            .iter()
            .map(|member| member["display"].as_str().expect("a name"))
            .collect();
        assert_eq!(names, left, "{filter}");
        let changed = left.len() < 4;
        assert_eq!(
            after["meta"]["version"] != group["meta"]["version"],
            changed,
            "{filter}"
        );
    }
    let group = mixed(&scim, &people).await;
    // Whom an operation brings a later one can choose, and one behind that brings back.
    let steps = patch_op(json!([
        { "op": "replace", "path": "members", "value": [{ "value": people[0] }, { "value": people[1] }] },
        { "op": "remove", "path": "members[display sw \"number\"]" },
        { "op": "add", "path": "members", "value": [{ "value": people[1] }] },
    ]));
    scim.patch(&place(&group), &steps).await.expect(204);
    assert_eq!(members(&scim, &group).await, [people[1].as_str()]);
    let two = |op: &str, filter: &str, value: Value| {
        patch_op(json!([{ "op": op, "path": format!("members[{filter}]"), "value": value }]))
    };
    let same = two(
        "replace",
        "display eq \"number two\"",
        json!({ "value": people[1] }),
    );
    scim.patch(&place(&group), &same).await.expect(204);
    let other = two(
        "replace",
        "display eq \"number two\"",
        json!({ "value": people[2] }),
    );
    scim.patch(&place(&group), &other)
        .await
        .scim_error(400, "mutability");
    let nobody = two("replace", "display eq \"nobody\"", json!({ "value": people[2] }));
    scim.patch(&place(&group), &nobody)
        .await
        .scim_error(400, "noTarget");
    let unknown = format!("/Groups/{}", people[0]);
    scim.patch(&unknown, &nobody).await.scim_error(404, "");
    let stale = scim
        .call(http::Method::PATCH, &place(&group))
        .header("if-match", "W/\"1\"")
        .json(&nobody);
    stale.send().await.scim_error(412, "");
    assert_eq!(members(&scim, &group).await, [people[1].as_str()]);
    // There is an end to what can be compared.
    let long = format!("display eq \"{}\"", "\u{fdfa}".repeat(60));
    let many = json!({ "op": "remove", "path": format!("members[{}]", vec![long; 60].join(" or ")) });
    let many = patch_op(json!(vec![many; 80]));
    let group = mixed(&scim, &people).await;
    let refused = scim.patch(&place(&group), &many).await;
    refused.scim_error(400, "tooMany");
    assert_eq!(members(&scim, &group).await.len(), 4);
}

async fn members_with_a_part_twice(world: &World) {
    let scim = world.plain.scim();
    let [one, two, _] = three(&scim).await;
    let twice = json!([{ "value": one, "Value": two }]);
    let body = json!({ "displayName": "Twice", "members": twice });
    scim.post("/Groups", &body).await.scim_error(400, "invalidSyntax");
    let group = found(&scim, &json!({ "displayName": "Once" })).await;
    let add = patch_op(json!([{ "op": "add", "path": "members", "value": twice }]));
    scim.patch(&place(&group), &add)
        .await
        .scim_error(400, "invalidSyntax");
}
