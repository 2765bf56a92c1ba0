//! `instep group`

use serde_json::json;

use super::run_on;
use crate::stub::Stub;

fn group() -> serde_json::Value {
    json!({"id": "g-1", "display_name": "R&D / Lab", "external_id": null, "created_at": "2026-11-21T09:30:00Z",
           "modified_at": "2026-11-21T09:30:00Z", "version": 1, "members": 1})
}

#[test]
fn creates_and_lists() {
    let stub = Stub::start();
    stub.json("POST /api/v1/groups", 201, group()).json(
        "GET /api/v1/groups?limit=500",
        200,
        json!({"items": [group()], "next": null}),
    );
    let ran = run_on(&stub, &["group", "create", "R&D / Lab"]).done();
    assert_eq!(ran.stdout, "Created the group R&D / Lab (g-1).\n");
    assert_eq!(stub.asked()[0].json(), json!({"display_name": "R&D / Lab"}));
    insta::assert_snapshot!(run_on(&stub, &["group", "list"]).done().stdout, @r"
    NAME       MEMBERS  ID
    R&D / Lab  1        g-1
    ");
}

#[test]
fn adds_and_removes_members_of_a_group_with_a_slash_in_its_name() {
    let stub = Stub::start();
    let line = "POST /api/v1/groups/R&D%20%2F%20Lab/members";
    stub.json(line, 200, json!({"added": 2, "removed": 0})).json(
        line,
        200,
        json!({"added": 0, "removed": 1}),
    );
    let ran = run_on(&stub, &["group", "add", "R&D / Lab", "anna", "bo"]).done();
    assert_eq!(ran.stdout, "R&D / Lab: 2 added, 0 removed.\n");
    let ran = run_on(&stub, &["group", "remove", "R&D / Lab", "bo", "--output", "json"]).done();
    assert_eq!(ran.json(), json!({"added": 0, "removed": 1}));
    stub.json(line, 200, json!({"added": 2, "removed": 0}));
    run_on(
        &stub,
        &[
            "group",
            "add",
            "R&D / Lab",
            "carl",
            "--group",
            "Staff",
            "--group",
            "g-7",
        ],
    )
    .done();
    stub.json(line, 200, json!({"added": 0, "removed": 1}));
    run_on(&stub, &["group", "remove", "R&D / Lab", "--group", "Staff"]).done();
    run_on(&stub, &["group", "add", "R&D / Lab"]).failed(2);
    let asked = stub.asked();
    let groups = json!({"add": ["carl", {"group": "Staff"}, {"group": "g-7"}], "remove": []});
    assert_eq!(asked[2].json(), groups);
    assert_eq!(
        asked[3].json(),
        json!({"add": [], "remove": [{"group": "Staff"}]})
    );
    assert_eq!(asked[0].json(), json!({"add": ["anna", "bo"], "remove": []}));
    assert_eq!(asked[1].json(), json!({"add": [], "remove": ["bo"]}));
}

#[test]
fn shows_members() {
    let stub = Stub::start();
    let members = json!({"items": [
        {"id": "g-2", "type": "Group", "user_name": null, "display_name": "Team"},
        {"id": "u-1", "type": "User", "user_name": "anna", "display_name": "Anna A."},
    ], "next": null});
    stub.json("GET /api/v1/groups/g-1", 200, group()).json(
        "GET /api/v1/groups/g-1/members?limit=500",
        200,
        members,
    );
    insta::assert_snapshot!(run_on(&stub, &["group", "show", "g-1"]).done().stdout, @r"
    Name:     R&D / Lab
    Id:       g-1
    Created:  2026-11-21 09:30:00Z
    Members:  2 members

    NAME  KIND   ID
    Team  group  g-2
    anna  user   u-1
    ");
    let shown = run_on(&stub, &["group", "show", "g-1", "--output", "json"])
        .done()
        .json();
    assert_eq!(shown["members"][1]["user_name"], "anna");
}

#[test]
fn a_group_is_assigned_to_apps_and_shows_them() {
    let stub = Stub::start();
    let line = "POST /api/v1/apps/Webex/assignments";
    let mut shown = group();
    shown["apps"] = json!([{"id": "a-1", "name": "Webex"}, {"id": "a-2", "name": "Wiki"}]);
    stub.json(line, 200, json!({"added": 1, "removed": 0}))
        .json(line, 200, json!({"added": 0, "removed": 1}))
        .json(line, 200, json!({"added": 0, "removed": 0}))
        .json("GET /api/v1/groups/Staff", 200, shown)
        .json(
            "GET /api/v1/groups/Staff/members?limit=500",
            200,
            json!({"items": [], "next": null}),
        );
    for (verb, said) in [
        ("assign", "Staff is assigned to Webex.\n"),
        ("unassign", "Staff is taken out of Webex.\n"),
        ("unassign", "Nothing to do for Staff at Webex.\n"),
    ] {
        let ran = run_on(&stub, &["group", verb, "Staff", "--app", "Webex"]).done();
        assert_eq!(ran.stdout, said);
    }
    let ran = run_on(&stub, &["group", "show", "Staff"]).done();
    assert!(ran.stdout.contains("Webex, Wiki"), "{}", ran.stdout);
    let asked = stub.asked();
    assert_eq!(
        asked[0].json(),
        json!({"add": [{"group": "Staff"}], "remove": []})
    );
    assert_eq!(
        asked[1].json(),
        json!({"add": [], "remove": [{"group": "Staff"}]})
    );
}

#[test]
fn deleting_asks() {
    let stub = Stub::start();
    stub.raw("DELETE /api/v1/groups/g-1", 204, &[], "");
    run_on(&stub, &["group", "delete", "g-1"]).failed(2);
    assert!(stub.asked().is_empty());
    run_on(&stub, &["group", "delete", "g-1", "--yes"]).done();
}
