//! `instep user`

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

fn person(number: u32) -> Value {
    json!({"id": format!("id-{number}"), "user_name": format!("user{number}@example.com"),
           "display_name": format!("User {number}"), "active": true, "state": "verified", "role": "id_user_admin", "email": null, "title": "Engineer",
           "external_id": null, "created_at": "2026-11-21T09:30:00Z", "modified_at": "2026-11-21T09:30:00Z",
           "version": 1})
}

fn page(numbers: std::ops::Range<u32>, next: Option<&str>) -> Value {
    json!({"items": numbers.map(person).collect::<Vec<_>>(), "next": next, "total": 150})
}

#[test]
fn lists_as_a_table_and_as_json() {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/people?limit=100",
        200,
        json!({"items": [person(1)], "next": null, "total": 1}),
    );
    insta::assert_snapshot!(run_on(&stub, &["user", "list"]).done().stdout, @r"
    USER NAME          NAME    STATE     ROLE           TITLE     ID
    user1@example.com  User 1  verified  id_user_admin  Engineer  id-1
    ");

    let ran = run_on(&stub, &["user", "list", "--output", "json"]).done();
    assert_eq!(ran.json(), json!([person(1)]));
    assert_eq!(ran.stderr, "");
}

#[test]
fn lists_those_in_a_state() {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/people?state=pending&limit=100",
        200,
        json!({"items": [], "next": null}),
    );
    let ran = run_on(&stub, &["user", "list", "--state", "pending"]).done();
    assert_eq!(ran.stderr, "Nobody is in this state.\n");
}

#[test]
fn reads_as_many_pages_as_it_needs() {
    let stub = Stub::start();
    stub.json("GET /api/v1/people?limit=150", 200, page(0..100, Some("c/1")))
        .json(
            "GET /api/v1/people?limit=50&after=c%2F1",
            200,
            page(100..150, None),
        );
    let ran = run_on(&stub, &["user", "list", "--limit", "150", "--output", "json"]).done();
    assert_eq!(ran.json().as_array().map(Vec::len), Some(150));
}

#[test]
fn says_when_there_are_more() {
    let stub = Stub::start();
    stub.json("GET /api/v1/people?limit=2", 200, page(0..2, Some("c")));
    let ran = run_on(&stub, &["user", "list", "--limit", "2"]).done();
    assert_eq!(ran.stderr, "2 of 150 are shown: ask for more with --limit.\n");
}

#[test]
fn an_empty_list_is_said_in_words_or_is_an_empty_list() {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/people?limit=100",
        200,
        json!({"items": [], "next": null, "total": 0}),
    );
    let ran = run_on(&stub, &["user", "list"]).done();
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr,
        "Nobody yet: bring people in with `instep user import FILE`.\n"
    );
    assert_eq!(
        run_on(&stub, &["user", "list", "--output", "json"]).done().stdout,
        "[]\n"
    );
}

#[test]
fn a_filter_is_handed_on() {
    let stub = Stub::start();
    let line = "GET /api/v1/people?filter=title+eq+%22a%26b%22&limit=100";
    stub.json(line, 200, json!({"items": [], "next": null}));
    let ran = run_on(&stub, &["user", "list", "--filter", "title eq \"a&b\""]).done();
    assert_eq!(ran.stderr, "Nobody fits the filter.\n");
}

#[test]
fn shows_a_person_by_user_name() {
    let stub = Stub::start();
    let mut anna = person(1);
    anna["groups"] = json!([{"id": "g", "display_name": "Engineering"}]);
    anna["accounts"] = json!([]);
    anna["resource"] = json!({"schemas": []});
    stub.json("GET /api/v1/people/user1@example.com", 200, anna.clone());
    insta::assert_snapshot!(run_on(&stub, &["user", "show", "user1@example.com"]).done().stdout, @r"
    Name:       User 1
    User name:  user1@example.com
    State:      verified
    Title:      Engineer
    Id:         id-1
    Created:    2026-11-21 09:30:00Z
    Modified:   2026-11-21 09:30:00Z
    Groups:     Engineering
    ");
    let ran = run_on(&stub, &["user", "show", "user1@example.com", "--output", "json"]).done();
    assert_eq!(ran.json(), anna);
}

#[test]
fn people_are_invited_one_by_one() {
    let stub = Stub::start();
    let refused =
        json!({"title": "Conflict", "detail": "bo is inactive, and could not follow an invitation"});
    let sent = json!({"id": "id-1", "user_name": "anna", "address": "anna@example.com",
                      "expires_at": "2026-11-28T09:30:00Z"});
    stub.json("POST /api/v1/people/anna/invitation", 200, sent).json(
        "POST /api/v1/people/bo/invitation",
        409,
        refused,
    );
    let ran = run_on(&stub, &["user", "invite", "anna", "bo"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stdout, "Invited anna.\n");
    assert!(ran.stderr.contains("bo is inactive"), "{}", ran.stderr);
}

#[test]
fn one_who_cannot_be_changed_does_not_keep_the_others_from_it() {
    let stub = Stub::start();
    let missing = json!({"title": "Not Found", "detail": "Nobody is called bo."});
    stub.json("PATCH /api/v1/people/anna", 200, person(1))
        .json("PATCH /api/v1/people/bo", 404, missing)
        .json("PATCH /api/v1/people/cia", 200, person(3));
    let ran = run_on(&stub, &["user", "disable", "anna", "bo", "cia"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.stdout, "Disabled anna.\nDisabled cia.\n");
    assert_eq!(ran.stderr, "error: bo: Nobody is called bo.\n");
    assert!(
        stub.asked()
            .iter()
            .all(|asked| asked.json() == json!({"active": false}))
    );

    let ran = run_on(&stub, &["user", "enable", "anna", "bo", "--output", "json"]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.json(), json!([person(1)]));
    assert_eq!(
        stub.asked().last().map(crate::stub::Asked::json),
        Some(json!({"active": true}))
    );
}

#[test]
fn deleting_without_a_terminal_needs_yes() {
    let stub = Stub::start();
    stub.raw("DELETE /api/v1/people/anna", 204, &[], "");
    let ran = run_on(&stub, &["user", "delete", "anna"]);
    assert_eq!(
        ran.failed(2),
        "nobody can be asked here: add --yes if you mean it"
    );
    assert!(stub.asked().is_empty());

    let ran = run_on(&stub, &["user", "delete", "anna", "--yes"]).done();
    assert_eq!(ran.stdout, "Deleted anna.\n");
    let ran = run_on(&stub, &["user", "delete", "anna", "--yes", "--output", "json"]).done();
    assert_eq!(ran.json(), json!([{"person": "anna", "deleted": true}]));
}

#[test]
fn sessions_are_listed_and_ended() {
    let stub = Stub::start();
    let session = json!({"id": "s-1", "person": {"id": "id-1", "user_name": "anna@example.com"},
        "created_at": "2026-11-21T09:30:00Z", "last_used_at": "2026-11-21T10:00:00Z",
        "expires_at": "2026-11-21T21:30:00Z", "client_ip": "192.0.2.1", "user_agent": "Firefox\u{7}"});
    stub.json(
        "GET /api/v1/sessions?person=anna%40example.com&limit=500",
        200,
        json!({"items": [session], "next": null}),
    )
    .raw("DELETE /api/v1/sessions/s-1", 204, &[], "")
    .json(
        "PUT /api/v1/people/anna/role",
        200,
        json!({"id": "id-1", "user_name": "anna", "role": "id_user_admin"}),
    );
    let listed = run_on(&stub, &["user", "sessions", "anna@example.com"]).done();
    assert!(
        listed.stdout.contains("192.0.2.1") && listed.stdout.contains("s-1"),
        "{}",
        listed.stdout
    );
    assert!(!listed.stdout.contains('\u{7}'));
    let ended = run_on(&stub, &["user", "end-session", "s-1"]).done();
    assert_eq!(ended.stdout, "Ended the session s-1.\n");
    let given = run_on(&stub, &["user", "role", "anna", "id_user_admin"]).done();
    assert_eq!(given.stdout, "anna: id_user_admin\n");
    assert_eq!(stub.asked()[2].json(), json!({ "role": "id_user_admin" }));
}
