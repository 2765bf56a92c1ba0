//! `instep user import`

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::run_on;
use crate::stub::Stub;

const IMPORT: &str = "POST /api/v1/people/import?dry_run=false";
const CSV: &str = "userPrincipalName;displayName\r\nanna@example.com;Zo\u{eb}\r\n";

fn staff_file() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("staff.csv");
    std::fs::write(&path, CSV).expect("written");
    (dir, path)
}

fn report(created: u64, problems: Value) -> Value {
    json!({"dry_run": false, "format": "entra_id", "rows": 2, "created": created, "updated": 0, "unchanged": 0,
           "problems": problems, "ignored_columns": []})
}

fn problems() -> Value {
    json!([{"line": 3, "code": "import.user_name", "params": {}, "message": "The user name is missing."}])
}

fn stream(stub: &Stub, lines: &[Value]) {
    let body = lines.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    stub.raw(IMPORT, 200, &[("content-type", "application/x-ndjson")], &body);
}

fn import(stub: &Stub, flags: &[&str]) -> super::Ran {
    let (_dir, file) = staff_file();
    let file = file.to_str().expect("a path");
    run_on(
        stub,
        &["user", "import", file]
            .into_iter()
            .chain(flags.to_vec())
            .collect::<Vec<_>>(),
    )
}

#[test]
fn sends_the_file_as_it_is_and_says_what_went_in() {
    let stub = Stub::start();
    let progress = json!({"progress": {"done": 1, "total": 2}});
    stream(&stub, &[progress, json!({ "report": report(2, json!([])) })]);

    let ran = import(&stub, &[]).done();
    let expected = "2 rows, read as Entra ID: 2 created, 0 updated, 0 unchanged, 0 rows with problems.\n";
    assert_eq!(ran.stdout, expected);
    assert_eq!(ran.stderr, "");
    let asked = stub.asked();
    assert_eq!(asked[0].body, CSV.as_bytes());
    assert_eq!(asked[0].header("content-type"), "text/csv");
    assert!(asked[0].header("accept").starts_with("application/x-ndjson"));
}

#[test]
fn rows_with_problems_do_not_fail_the_others() {
    let stub = Stub::start();
    stream(&stub, &[json!({ "report": report(1, problems()) })]);
    let ran = import(&stub, &[]).done();
    assert_eq!(ran.stderr, "line 3: The user name is missing.\n");

    let ran = import(&stub, &["--output", "json"]).done();
    assert_eq!(ran.json(), report(1, problems()));
}

#[test]
fn nothing_imported_is_a_failure() {
    let stub = Stub::start();
    stream(&stub, &[json!({ "report": report(0, problems()) })]);
    let ran = import(&stub, &[]);
    assert_eq!(ran.status, 1);
    insta::assert_snapshot!(ran.stderr, @r"
    line 3: The user name is missing.
    error: nothing could be imported: put the rows right and import the file again
    ");
}

#[test]
fn a_dry_run_shows_what_would_happen() {
    let stub = Stub::start();
    let people = json!([{"line": 2, "user_name": "anna@example.com", "action": "create", "changes": []}]);
    let mut report = report(1, json!([]));
    report["dry_run"] = json!(true);
    report["people"] = people;
    stub.json("POST /api/v1/people/import?dry_run=true", 200, report);
    insta::assert_snapshot!(import(&stub, &["--dry-run"]).done().stdout, @r"
    LINE  ACTION  USER NAME         CHANGES
    2     create  anna@example.com

    2 rows, read as Entra ID: 1 would be created, 0 would be updated, 0 unchanged, 0 rows with problems.
    ");
}

#[test]
fn a_file_that_is_no_csv_is_the_servers_to_refuse() {
    let stub = Stub::start();
    let detail = "This is no CSV file: its first line names no columns.";
    stub.json(
        IMPORT,
        400,
        json!({"title": "Bad Request", "code": "import.not_csv", "detail": detail}),
    );
    assert_eq!(import(&stub, &[]).failed(1), detail);

    let stub = Stub::start();
    stream(&stub, &[json!({"problem": {"status": 400, "detail": detail}})]);
    assert_eq!(import(&stub, &[]).failed(1), detail);
}

#[test]
fn an_answer_that_breaks_off_is_noticed() {
    let stub = Stub::start();
    stream(&stub, &[json!({"progress": {"done": 1, "total": 2}})]);
    let ran = import(&stub, &[]);
    assert!(
        ran.failed(1)
            .contains("ended the import before it was through: import the file again")
    );
}

#[test]
fn a_file_that_is_missing_is_named() {
    let stub = Stub::start();
    let ran = run_on(&stub, &["user", "import", "/nonexistent/staff.csv"]);
    assert!(
        ran.failed(1).starts_with("cannot read /nonexistent/staff.csv: "),
        "{}",
        ran.stderr
    );
    assert!(stub.asked().is_empty());
}

#[test]
fn reads_standard_input() {
    let stub = Stub::start();
    stream(&stub, &[json!({ "report": report(1, json!([])) })]);
    let (_dir, file) = staff_file();
    let mut command = super::command_on(&stub, &["user", "import", "-"]);
    command.stdin(std::fs::File::open(file).expect("the file"));
    super::finish(command).done();
    assert_eq!(stub.asked()[0].body, CSV.as_bytes());
}
