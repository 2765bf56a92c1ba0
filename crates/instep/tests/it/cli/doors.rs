//! Commands that open the database, or ask a server: which of the two is meant.

use serde_json::json;

use super::{TOKEN, command_on, finish, run, run_on};
use crate::stub::Stub;

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn token(id: &str, revoked: Option<&str>) -> serde_json::Value {
    json!({
        "id": id, "name": "Okta", "state": if revoked.is_some() { "revoked" } else { "active" },
        "owner": { "id": "7", "user_name": "anna", "organization_id": null }, "scopes": ["instep:admin"],
        "created_at": "2026-11-21T09:30:00Z", "created_by": { "kind": "operator" },
        "expires_at": "2026-12-21T09:30:00Z", "last_used_at": null, "revoked_at": revoked,
    })
}

#[test]
fn without_an_organization_the_server_is_asked() {
    let stub = Stub::start();
    let organization = json!({
        "id": "0193", "name": "Lab", "created_at": "2026-11-21T09:30:00Z", "settings": { "scim.schemas": "full" },
    });
    stub.json("GET /api/v1/organization", 200, organization.clone());
    stub.json("PATCH /api/v1/organization", 200, organization.clone());
    stub.json(
        "GET /api/v1/tokens?limit=500",
        200,
        json!({ "items": [token("1", None)], "next": null }),
    );
    stub.json("GET /api/v1/tokens/1", 200, token("1", None));
    stub.json(
        "GET /api/v1/tokens/1",
        200,
        token("1", Some("2026-11-22T09:30:00Z")),
    );
    stub.raw("DELETE /api/v1/tokens/1", 204, &[], "");
    stub.json(
        "POST /api/v1/tokens",
        201,
        json!({ "id": "2", "token": "instep_x", "expires_at": "2026-12-21T09:30:00Z" }),
    );
    let json_of = |args: &[&str]| {
        run_on(&stub, &[args, &["--output", "json"]].concat())
            .done()
            .json()
    };
    assert_eq!(json_of(&["org", "show"]), organization);
    let set = ["org", "set", "scim.schemas=full", "name=Lab"];
    assert_eq!(json_of(&set), organization);
    let sent = stub.asked().pop().expect("a request").json();
    assert_eq!(
        sent,
        json!({ "name": "Lab", "settings": { "scim.schemas": "full" } })
    );
    // The same as is printed of the database's.
    let listed = json_of(&["token", "list"]);
    assert_eq!(
        listed,
        json!([{
            "id": "1", "name": "Okta", "state": "active", "owner": "anna", "scopes": ["instep:admin"],
            "created_at": "2026-11-21T09:30:00Z", "expires_at": "2026-12-21T09:30:00Z", "warning": null,
            "last_used_at": null, "revoked_at": null,
        }])
    );
    stub.json(
        "POST /api/v1/tokens/1/successor",
        201,
        json!({ "id": "3", "token": "instep_y", "expires_at": "2027-11-21T09:30:00Z", "former_expires_at": "2026-11-22T09:30:00Z" }),
    );
    let rolled = json_of(&["token", "roll", "1", "--overlap-hours", "24"]);
    assert_eq!(
        (&rolled["token"], &rolled["former_expires_at"]),
        (&json!("instep_y"), &json!("2026-11-22T09:30:00Z"))
    );
    let sent = stub.asked().pop().expect("a request").json();
    assert_eq!(sent, json!({ "overlap_hours": 24, "days": 365 }));
    assert_eq!(json_of(&["token", "revoke", "1", "--yes"])["state"], "revoked");
    let made = json_of(&[
        "token",
        "create",
        "--name",
        "Okta",
        "--scope",
        "instep:read",
        "--days",
        "30",
    ]);
    assert_eq!(
        made,
        json!({ "id": "2", "token": "instep_x", "expires_at": "2026-12-21T09:30:00Z" })
    );
    let sent = stub.asked().pop().expect("a request");
    assert_eq!(
        sent.json(),
        json!({ "name": "Okta", "days": 30, "scopes": ["instep:read"] })
    );
    assert_eq!(sent.header("authorization"), format!("Bearer {TOKEN}"));
    let asked = run_on(&stub, &["token", "revoke", "1"]);
    assert!(asked.failed(2).contains("--yes"), "{}", asked.stderr);
}

#[test]
fn with_an_organization_the_database_is_opened_whatever_the_environment_says() {
    let stub = Stub::start();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let on = |args: &[&str]| {
        let mut command = command_on(&stub, &[args, &["--data", data]].concat());
        command
            .env("INSTEP_TOKEN_FILE", "/nowhere")
            .env("INSTEP_OUTPUT", "json");
        finish(command)
    };
    let made = on(&["org", "create", "Lab", "--admin-email", "admin@lab.example"]).done();
    let made = made.json();
    let org = made["organization_id"].as_str().expect("an id");
    assert_eq!(on(&["org", "show", org]).done().json()["name"], "Lab");
    let set = on(&["org", "set", org, "scim.schemas=entra", "name=Lab 2"])
        .done()
        .json();
    assert_eq!(
        (&set["name"], &set["settings"]["scim.schemas"]),
        (&json!("Lab 2"), &json!("entra"))
    );
    let token = on(&["token", "create", "--org", org, "--name", "Okta"])
        .done()
        .json();
    let id = token["id"].as_str().expect("an id");
    let listed = on(&["token", "list", "--org", org]).done().json();
    assert_eq!(listed[0]["id"], id);
    let revoked = on(&["token", "revoke", "--org", org, id, "--yes"]).done().json();
    assert_eq!(revoked["state"], "revoked");
    assert_eq!(stub.lines(), Vec::<String>::new());
    // All of it or nothing.
    let wrong = on(&["org", "set", org, "no.such=x", "name=Other"]);
    assert!(wrong.failed(1).contains("no.such"), "{}", wrong.stderr);
    assert_eq!(on(&["org", "show", org]).done().json()["name"], "Lab 2");
}

#[test]
fn both_doors_at_once_are_wrong_usage() {
    for (args, said) in [
        (
            &["org", "show", NOBODY, "--token", "t"][..],
            "--token is for a server",
        ),
        (
            &["org", "set", NOBODY, "a=b", "--url", "http://h"],
            "--url is for a server",
        ),
        (
            &["token", "list", "--org", NOBODY, "--token-file", "f"],
            "--token-file is for a server",
        ),
        (
            &["token", "revoke", "1", "--org", NOBODY, "--url", "http://h"],
            "--url is for a server",
        ),
        (
            &["org", "show", "--data", "d", "--token", "t"],
            "--data opens a database",
        ),
        (
            &["org", "set", "a=b", "--database", "sqlite://x"],
            "--database opens a database",
        ),
        (
            &["token", "list", "--database-file", "f"],
            "--database-file opens a database",
        ),
        (&["org", "show"], "no token was given"),
        (&["token", "list"], "no token was given"),
    ] {
        let ran = run(args);
        let said_at_all = ran.failed(2).replace(['\n', '\r'], " ");
        assert!(said_at_all.contains(said), "{args:?}: {said_at_all}");
    }
}

#[test]
fn what_is_typed_wins_over_the_environment() {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/tokens?limit=500",
        200,
        json!({ "items": [], "next": null }),
    );
    let mut command = command_on(&stub, &["token", "list", "--token", "typed", "--output", "json"]);
    command.env("INSTEP_ORG", NOBODY);
    assert_eq!(finish(command).done().json(), json!([]));
    assert_eq!(stub.asked()[0].header("authorization"), "Bearer typed");
}

#[test]
fn grants_are_listed_and_ended() {
    let stub = Stub::start();
    let grant = json!({
        "id": "9", "person": { "id": "7", "user_name": "anna@example.com" },
        "client": { "id": "5", "name": "Staff portal" }, "scopes": ["Identity:SCIM", "instep:read"],
        "created_at": "2026-11-21T09:30:00Z",
    });
    let page = json!({ "items": [grant], "next": null });
    stub.json("GET /api/v1/grants?limit=500", 200, page.clone());
    stub.json("GET /api/v1/grants?person=anna&limit=500", 200, page);
    stub.raw("DELETE /api/v1/grants/9", 204, &[], "");
    let listed = run_on(&stub, &["grant", "list"]).done().stdout;
    insta::assert_snapshot!(listed, @r"
    PERSON            CLIENT        SCOPES                     SINCE                 ID
    anna@example.com  Staff portal  Identity:SCIM instep:read  2026-11-21 09:30:00Z  9
    ");
    let listed = run_on(&stub, &["grant", "list", "--user", "anna", "--output", "json"]);
    assert_eq!(listed.done().json()[0]["id"], "9");
    let asked = run_on(&stub, &["grant", "end", "9"]);
    assert!(asked.failed(2).contains("--yes"), "{}", asked.stderr);
    let ended = run_on(&stub, &["grant", "end", "9", "--yes", "--output", "json"]);
    assert_eq!(ended.done().json(), json!({ "grant": "9", "ended": true }));
}
