//! What templates give to whoever comes, by every way in.

use base::Cause;
use provisioning::{Newcomer, Newcomers as _};
use serde_json::{Value, json};

use super::super::{hire, text};
use super::{add, give, standing, take, template, told, used};
use crate::on_both;
use crate::world::{Organization, World, cause};

on_both!(
    whoever_comes_gets_what_the_organization_gives,
    whoever_joins_a_group_gets_what_it_gives,
    members_come_and_go_by_every_door,
    what_takes_precedence,
    what_becomes_of_it_on_leaving,
    where_none_is_left_people_wait_in_line,
    a_higher_total_serves_the_line,
    a_template_lives_and_dies,
    a_template_that_is_saved_meanwhile_holds,
);

fn patch(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

async fn group(org: &Organization, name: &str) -> String {
    let made = org
        .scim()
        .post("/Groups", &json!({ "displayName": name }))
        .await
        .expect(201);
    text(&made["id"]).to_owned()
}

async fn join(org: &Organization, group: &str, people: &[&str]) {
    let path = format!("/groups/{group}/members");
    org.api().post(&path, &json!({ "add": people })).await.expect(200);
}

async fn leave(org: &Organization, group: &str, people: &[&str]) {
    let path = format!("/groups/{group}/members");
    org.api()
        .post(&path, &json!({ "remove": people }))
        .await
        .expect(200);
}

async fn whoever_comes_gets_what_the_organization_gives(world: &World) {
    let org = &world.plain;
    add(org, "Calling", None).await;
    hire(org, &["before"]).await;
    template(org, "organization", &["Calling"]).await;
    // SCIM, one by one and in bulk.
    hire(org, &["scim"]).await;
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "POST", "path": "/Users", "bulkId": "a", "data": { "userName": "bulk-a" } },
        { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "userName": "bulk-b" } },
    ] });
    org.scim().post("/Bulk", &bulk).await.expect(200);
    // A staff file.
    let csv = org.api().call(http::Method::POST, "/people/import");
    csv.body("text/csv", "userName,displayName\nfile,File\n")
        .send()
        .await
        .expect(200);
    // Accounts of an app.
    let newcomer = Newcomer {
        id: world.store.ambient().id(),
        resource: serde_json::from_value(json!({ "userName": "account" })).expect("an object"),
    };
    let by: Cause = cause();
    let newcomers = server::Newcomers(world.directory.clone());
    let made = newcomers.create(org.id, vec![newcomer], &by).await.expect("made");
    assert_eq!(made, [Ok(())]);
    for name in ["scim", "bulk-a", "bulk-b", "file", "account"] {
        assert_eq!(standing(org, name).await, ["Calling:given"], "{name}");
    }
    assert_eq!(standing(org, "before").await, [""; 0]);
    assert_eq!(used(org, "Calling").await, (5, 0));
    let shown = org.api().get("/people/scim").await.expect(200);
    assert_eq!(
        shown["licences"][0]["sources"],
        json!([{ "kind": "organization" }])
    );
    assert_eq!(
        told(org).await[0],
        ("scim".to_owned(), json!([]), json!(["Calling"]), Value::Null)
    );
}

async fn whoever_joins_a_group_gets_what_it_gives(world: &World) {
    let org = &world.plain;
    for name in ["Calling", "Meetings", "Messaging"] {
        add(org, name, None).await;
    }
    template(org, "organization", &["Messaging"]).await;
    let staff = group(org, "Staff").await;
    hire(org, &["anna", "bo"]).await;
    join(org, "Staff", &["bo"]).await;
    template(org, "groups/Staff", &["Calling", "Meetings"]).await;
    join(org, "Staff", &["anna"]).await;
    assert_eq!(
        standing(org, "anna").await,
        ["Calling:given", "Meetings:given", "Messaging:taken"]
    );
    assert_eq!(standing(org, "bo").await, ["Messaging:given"], "was there before");
    let shown = org.api().get("/people/anna/licences").await.expect(200);
    assert_eq!(
        shown["items"][0]["sources"],
        json!([{ "kind": "group", "id": staff, "display_name": "Staff" }])
    );
    assert_eq!(shown["items"][2]["code"], "group_template");
    // Members of a group within are no members of the group.
    let within = group(org, "Within").await;
    let nested = json!({ "add": [{ "group": within }] });
    org.api().post("/groups/Staff/members", &nested).await.expect(200);
    join(org, "Within", &["bo"]).await;
    assert_eq!(standing(org, "bo").await, ["Messaging:given"]);
}

async fn members_come_and_go_by_every_door(world: &World) {
    let (org, scim) = (&world.plain, world.plain.scim());
    add(org, "Calling", None).await;
    let staff = group(org, "Staff").await;
    template(org, "groups/Staff", &["Calling"]).await;
    let ids = hire(org, &["anna", "bo"]).await;
    let path = format!("/Groups/{staff}");
    let member = json!([{ "value": ids[0] }]);
    let expect = async |anna: &str, bo: &str| {
        let found = (
            standing(org, "anna").await.concat(),
            standing(org, "bo").await.concat(),
        );
        assert_eq!(found, (anna.to_owned(), bo.to_owned()));
    };
    scim.patch(
        &path,
        &patch(json!([{ "op": "add", "path": "members", "value": member }])),
    )
    .await
    .expect(204);
    expect("Calling:given", "").await;
    let put = json!({ "displayName": "Staff", "members": [{ "value": ids[1] }] });
    scim.put(&path, &put).await.expect(200);
    expect("Calling:taken", "Calling:given").await;
    let remove = format!("members[value eq \"{}\"]", ids[1]);
    scim.patch(&path, &patch(json!([{ "op": "remove", "path": remove }])))
        .await
        .expect(204);
    expect("Calling:taken", "Calling:taken").await;
    let both = json!({ "displayName": "Crew", "members": [{ "value": ids[0] }, { "value": ids[1] }] });
    scim.put(&path, &both).await.expect(200);
    expect("Calling:given", "Calling:given").await;
    let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "PATCH", "path": path, "data": patch(json!([{ "op": "remove", "path": remove }])) },
    ] });
    scim.post("/Bulk", &bulk).await.expect(200);
    expect("Calling:given", "Calling:taken").await;
    scim.delete(&path).await.expect(204);
    expect("Calling:taken", "Calling:taken").await;
    let templates = org.api().get("/licence-templates").await.expect(200);
    assert_eq!(templates["items"], json!([]), "its template went with it");
    assert_eq!(used(org, "Calling").await, (0, 0));
    org.api().delete("/licences/Calling").await.expect(204);
}

async fn what_takes_precedence(world: &World) {
    let org = &world.plain;
    for name in ["A", "B", "C"] {
        add(org, name, None).await;
    }
    template(org, "organization", &["A"]).await;
    for (name, licence) in [("One", "B"), ("Two", "C")] {
        group(org, name).await;
        template(org, &format!("groups/{name}"), &[licence]).await;
    }
    for (precedence, name, expected) in [
        ("group", "anna", ["A:taken", "B:given", "C:given"]),
        ("both", "bo", ["A:given", "B:given", "C:given"]),
    ] {
        world.set(org, "licences.precedence", precedence).await;
        hire(org, &[name]).await;
        join(org, "One", &[name]).await;
        join(org, "Two", &[name]).await;
        assert_eq!(standing(org, name).await, expected, "{precedence}");
        // What is left of it when one of the two goes.
        leave(org, "One", &[name]).await;
        assert_eq!(
            standing(org, name).await[1..],
            ["B:taken", "C:given"],
            "{precedence}"
        );
        leave(org, "Two", &[name]).await;
        assert_eq!(
            standing(org, name).await,
            ["A:given", "B:taken", "C:taken"],
            "{precedence}"
        );
    }
    // A template that gives nothing stands in the place of the organization's, too.
    world.set(org, "licences.precedence", "group").await;
    group(org, "Contractors").await;
    template(org, "groups/Contractors", &[]).await;
    hire(org, &["carl"]).await;
    join(org, "Contractors", &["carl"]).await;
    assert_eq!(standing(org, "carl").await, ["A:taken"]);
}

async fn what_becomes_of_it_on_leaving(world: &World) {
    let org = &world.plain;
    for name in ["A", "B"] {
        add(org, name, None).await;
    }
    template(org, "organization", &["A"]).await;
    group(org, "One").await;
    template(org, "groups/One", &["B"]).await;
    for (leaving, name, expected) in [
        ("take_away", "anna", ["A:given", "B:taken"]),
        ("keep", "bo", ["A:taken", "B:given"]),
    ] {
        world.set(org, "licences.leaving_group", leaving).await;
        hire(org, &[name]).await;
        join(org, "One", &[name]).await;
        leave(org, "One", &[name]).await;
        assert_eq!(standing(org, name).await, expected, "{leaving}");
    }
    world.set(org, "licences.leaving_group", "take_away").await;
    hire(org, &["carl"]).await;
    give(org, "carl", &["B"]).await;
    join(org, "One", &["carl"]).await;
    leave(org, "One", &["carl"]).await;
    assert_eq!(
        standing(org, "carl").await,
        ["A:given", "B:given"],
        "an administrator gave it"
    );
}

async fn where_none_is_left_people_wait_in_line(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(1)).await;
    template(org, "organization", &["Calling"]).await;
    hire(org, &["anna", "bo", "carl", "dora"]).await;
    assert_eq!(used(org, "Calling").await, (1, 3));
    let shown = api.get("/people/bo").await.expect(200);
    let licence = &shown["licences"][0];
    assert_eq!(
        (&licence["state"], &licence["code"]),
        (&json!("waiting"), &json!("none_left"))
    );
    assert_eq!(
        licence["text"],
        "the licence Calling was not given: none is left; the next that comes free is for whoever has waited longest"
    );
    let refused = api
        .post("/people/bo/licences", &json!({ "add": ["Calling"] }))
        .await;
    refused.problem(409, "licence.none_left");
    let line = api
        .get("/licences/Calling/people?state=waiting")
        .await
        .expect(200);
    assert_eq!(super::super::column(&line, "user_name"), ["bo", "carl", "dora"]);
    // Who goes makes room for the first, who is given up is passed over.
    api.delete("/people/anna").await.expect(204);
    assert_eq!(standing(org, "bo").await, ["Calling:given"]);
    take(org, "carl", &["Calling"]).await;
    take(org, "bo", &["Calling"]).await;
    assert_eq!(standing(org, "dora").await, ["Calling:given"]);
    assert_eq!(used(org, "Calling").await, (1, 0));
    let (none, one) = (json!([]), json!(["Calling"]));
    let lack = json!("not given, as none was left: Calling");
    let expected: Vec<_> = [
        ("anna", &none, &one, Value::Null),
        ("bo", &none, &none, lack.clone()),
        ("carl", &none, &none, lack.clone()),
        ("dora", &none, &none, lack),
        ("anna", &one, &none, Value::Null),
        ("bo", &none, &one, Value::Null),
        ("bo", &one, &none, Value::Null),
        ("dora", &none, &one, Value::Null),
    ]
    .into_iter()
    .map(|(name, from, to, reason)| (name.to_owned(), from.clone(), to.clone(), reason))
    .collect();
    assert_eq!(told(org).await, expected);
}

async fn a_higher_total_serves_the_line(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(0)).await;
    template(org, "organization", &["Calling"]).await;
    hire(org, &["anna", "bo", "carl"]).await;
    assert_eq!(used(org, "Calling").await, (0, 3));
    let raised = api
        .patch("/licences/Calling", &json!({ "total": 2 }))
        .await
        .expect(200);
    assert_eq!((&raised["consumed"], &raised["waiting"]), (&json!(2), &json!(1)));
    assert_eq!(standing(org, "bo").await, ["Calling:given"]);
    assert_eq!(standing(org, "carl").await, ["Calling:waiting"]);
    api.patch("/licences/Calling", &json!({ "total": null }))
        .await
        .expect(200);
    assert_eq!(used(org, "Calling").await, (3, 0));
    assert_eq!(told(org).await.len(), 6);
}

async fn a_template_lives_and_dies(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", None).await;
    let path = "/licence-templates/organization";
    api.get(path).await.problem(404, "licence_template.unknown");
    let put = api
        .put(path, &json!({ "licences": ["calling", "CALLING"] }))
        .await
        .expect(200);
    assert_eq!(
        (&put["scope"], &put["run"]),
        (&json!("organization"), &Value::Null)
    );
    assert_eq!(put["licences"].as_array().map(Vec::len), Some(1));
    let in_use = api
        .delete("/licences/Calling")
        .await
        .problem(409, "licence.in_use");
    assert_eq!(in_use["params"]["templates"], "1");
    for (body, status, code) in [
        (json!({ "licences": ["Nothing"] }), 404, "licence.unknown"),
        (json!({}), 400, "body.invalid"),
        (
            json!({ "licences": [], "existing_users": "all" }),
            400,
            "body.invalid",
        ),
    ] {
        api.put(path, &body).await.problem(status, code);
    }
    let nowhere = api
        .put("/licence-templates/groups/Nowhere", &json!({ "licences": [] }))
        .await;
    nowhere.problem(404, "group.unknown");
    hire(org, &["anna"]).await;
    api.delete(&format!("{path}?existing_users=none"))
        .await
        .problem(400, "existing_users");
    api.delete(path).await.expect(204);
    api.delete(path).await.problem(404, "licence_template.unknown");
    hire(org, &["bo"]).await;
    assert_eq!(standing(org, "anna").await, ["Calling:given"], "it stays");
    assert_eq!(standing(org, "bo").await, [""; 0]);
    let mut seen = Vec::new();
    for kind in ["licence_template_update", "licence_template_delete"] {
        let page = api.get(&format!("/events?type={kind}")).await.expect(200);
        seen.push(page["items"][0]["detail"]["changes"].clone());
    }
    assert_eq!(
        seen,
        [
            json!([{ "field": "licences", "from": null, "to": ["Calling"] }]),
            json!([{ "field": "licences", "from": ["Calling"], "to": null }]),
        ]
    );
}

/// Another process keeps what it knew of the templates; its writes find out that they are others by now.
async fn a_template_that_is_saved_meanwhile_holds(world: &World) {
    let neighbour = world.neighbour().await;
    let (org, there) = (&world.plain, world.plain.at(&neighbour));
    group(org, "Staff").await;
    hire(&there, &["before"]).await;
    join(&there, "Staff", &["before"]).await;
    add(org, "Calling", None).await;
    template(org, "organization", &["Calling"]).await;
    hire(&there, &["anna"]).await;
    assert_eq!(standing(&there, "anna").await, ["Calling:given"]);
    add(org, "Meetings", None).await;
    template(org, "groups/Staff", &["Meetings"]).await;
    join(&there, "Staff", &["anna"]).await;
    assert_eq!(
        standing(&there, "anna").await,
        ["Calling:taken", "Meetings:given"]
    );
    there.api().delete("/people/anna").await.expect(204);
    assert_eq!(
        (used(org, "Calling").await, used(org, "Meetings").await),
        ((0, 0), (0, 0))
    );
}
