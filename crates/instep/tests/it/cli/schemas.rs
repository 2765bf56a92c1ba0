//! `instep schema`

use serde_json::json;

use super::{finish, run, run_on};
use crate::stub::Stub;

const URN: &str = "urn:example:hr:1.0:User";

fn schema() -> serde_json::Value {
    json!({"urn": URN, "name": "HR", "resource_type": "User", "required": false, "attributes": 1, "resources": 0,
           "created_at": "2026-11-21T09:30:00Z", "modified_at": "2026-11-21T09:30:00Z", "version": 1})
}

#[test]
fn adds_from_a_file_and_lists() {
    let stub = Stub::start();
    let line = format!("PUT /api/v1/schemas/{URN}");
    stub.json(&line, 201, schema()).json(
        "GET /api/v1/schemas?limit=500",
        200,
        json!({"items": [schema()], "next": null}),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hr.json");
    let definition = json!({"id": URN, "attributes": [{"name": "badge"}]});
    std::fs::write(&file, definition.to_string()).expect("written");
    let file = file.to_str().expect("a path");
    let ran = run_on(&stub, &["schema", "add", file, "--required"]).done();
    assert_eq!(
        ran.stdout,
        "Users have the schema urn:example:hr:1.0:User with 1 attribute from now on.\n"
    );
    assert_eq!(
        stub.asked()[0].json(),
        json!({"resource_type": "User", "required": true, "schema": definition})
    );
    insta::assert_snapshot!(run_on(&stub, &["schema", "list"]).done().stdout, @r"
    URN                      NAME  OF    REQUIRED  ATTRIBUTES  IN USE BY
    urn:example:hr:1.0:User  HR    user  no        1           0
    ");
}

#[test]
fn what_the_server_refuses_is_said() {
    let stub = Stub::start();
    let problem = json!({"title": "Conflict", "status": 409, "code": "schema.in_use",
                         "detail": "2 resources have values of urn:example:hr:1.0:User: clear them first"});
    stub.json(&format!("DELETE /api/v1/schemas/{URN}"), 409, problem);
    let ran = run_on(&stub, &["schema", "remove", URN, "--yes"]);
    assert!(
        ran.failed(1).contains("2 resources have values"),
        "{}",
        ran.stderr
    );
    let ran = run_on(&stub, &["schema", "remove", URN]);
    assert!(ran.failed(2).contains("--yes"), "{}", ran.stderr);
}

#[test]
fn removes() {
    let stub = Stub::start();
    stub.json(
        &format!("DELETE /api/v1/schemas/{URN}"),
        204,
        serde_json::Value::Null,
    );
    let ran = run_on(&stub, &["schema", "remove", URN, "--yes", "--output", "json"]).done();
    assert_eq!(ran.json(), json!({"schema": URN, "removed": true}));
}

#[test]
fn a_file_that_is_none_is_said_to_be_none() {
    let stub = Stub::start();
    let mut command = super::command_on(&stub, &["schema", "add", "/nowhere/hr.json"]);
    command.env("LC_ALL", "C");
    let ran = finish(command);
    assert!(ran.failed(1).contains("/nowhere/hr.json"), "{}", ran.stderr);
    assert!(stub.asked().is_empty());
    assert_eq!(run(&["schema"]).status, 2);
}
