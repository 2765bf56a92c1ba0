//! `instep app remove`

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

const READ: &str = "GET /api/v1/apps/Webex";
const STATUS: &str = "GET /api/v1/apps/a-1/status";

fn stub() -> Stub {
    let stub = Stub::start();
    stub.json(READ, 200, app());
    stub
}

fn app() -> Value {
    json!({"id": "a-1", "name": "Webex", "template": "webex", "state": "active", "scope": "all"})
}

fn status(waiting: u64, failing: u64) -> Value {
    json!({"state": "removing", "hold": null, "in_step": false, "waiting": waiting, "linked": 5, "failing": [],
           "failing_total": failing, "progress": {"done": 1, "total": 5}, "cycle": null, "removal": "delete",
           "removal_groups": "delete", "accounts": {"active": 3, "disabled": 1, "imported": 0, "groups": 1}})
}

#[test]
fn an_app_goes_and_its_accounts_stay() {
    let stub = stub();
    let line = "DELETE /api/v1/apps/a-1?confirm=Webex&count=5";
    stub.raw(line, 204, &[], "");
    let refused = run_on(&stub, &["app", "remove", "Webex"]);
    assert_eq!(
        refused.failed(2),
        "nobody can be asked here: add --yes if you mean it"
    );
    let uncounted = run_on(&stub, &["app", "remove", "Webex", "--yes"]);
    assert!(uncounted.failed(2).contains("--count"), "{}", uncounted.stderr);
    assert_eq!(stub.lines(), [READ, READ]);
    let ran = run_on(&stub, &["app", "remove", "Webex", "--yes", "--count", "5"]).done();
    assert_eq!(ran.stdout, "Removed Webex.\n");
    assert_eq!(stub.lines()[2..], [READ, line]);
    let args = [
        "app", "remove", "Webex", "--yes", "--count", "5", "--output", "json",
    ];
    assert_eq!(
        run_on(&stub, &args).done().json(),
        json!({"id": "a-1", "name": "Webex", "removed": true})
    );
}

#[test]
fn a_dry_run_shows_who_would_go_and_how() {
    let stub = stub();
    let item = json!({"subject": {"id": "1", "name": "anna"}, "action": "disable", "reason": "the app is removed",
        "changes": [{"attribute": "active", "old": true, "new": false}],
        "requests": [{"method": "PATCH", "path": "/Users/7", "body": {"active": false}}]});
    let plan = json!({"counts": {"create": 0, "link": 0, "update": 0, "disable": 1, "enable": 0, "delete": 0,
        "unchanged": 0, "skip": 0, "error": 0}, "items": [item], "warnings": []});
    let line = "POST /api/v1/apps/a-1/plan?accounts=disable&groups=keep";
    stub.json(line, 200, plan);
    let args = ["app", "remove", "Webex", "--accounts", "disable", "--dry-run"];
    insta::assert_snapshot!(run_on(&stub, &args).done().stdout, @r#"
    1 to disable
      - disable anna because the app is removed
          active: true → false
          PATCH /Users/7 {"active":false}

    Plan: 1 to disable, 0 left alone. Nothing was done.
    "#);
    assert_eq!(stub.lines(), [READ, line]);
    let ran = run_on(&stub, &["app", "remove", "Webex", "--dry-run"]);
    assert!(ran.failed(2).contains("--accounts"), "{}", ran.stderr);
}

#[test]
fn accounts_and_groups_go_once_their_number_is_said() {
    for (more, asked) in [
        (
            &["--accounts", "disable"][..],
            "accounts=disable&groups=keep&count=5",
        ),
        (
            &["--accounts", "disable", "--groups", "delete"],
            "accounts=disable&groups=delete&count=5",
        ),
        (&["--accounts", "delete"], "accounts=delete&groups=delete&count=5"),
        (
            &["--accounts", "delete", "--groups", "keep"],
            "accounts=delete&groups=keep&count=5",
        ),
    ] {
        let stub = stub();
        let line = format!("DELETE /api/v1/apps/a-1?confirm=Webex&{asked}");
        stub.json(
            &line,
            202,
            json!({"cycle": {"id": "c-1", "kind": "removal", "state": "running"}}),
        );
        let args = [&["app", "remove", "Webex", "--yes"], more].concat();
        let unsaid = run_on(&stub, &args);
        assert!(
            unsaid.failed(2).starts_with("with --yes say in --count"),
            "{}",
            unsaid.stderr
        );
        let ran = run_on(&stub, &[&args[..], &["--count", "5"]].concat()).done();
        assert_eq!(
            ran.stdout,
            "Webex is being removed, its accounts first. See how far it is with `instep app status Webex`.\n"
        );
        assert_eq!(stub.lines()[1..], [READ.to_owned(), line]);
    }
    let stub = stub();
    let alone = run_on(&stub, &["app", "remove", "Webex", "--yes", "--groups", "delete"]);
    assert!(alone.failed(2).contains("--accounts"), "{}", alone.stderr);
    assert_eq!(stub.lines(), [READ]);
}

#[test]
fn another_number_is_refused_in_the_servers_words() {
    let stub = stub();
    let problem = json!({"type": "about:blank", "title": "Conflict", "status": 409, "code": "app.wrong_count",
                         "detail": "There are 4 accounts and groups to which that would happen, not 5."});
    let line = "DELETE /api/v1/apps/a-1?confirm=Webex&accounts=delete&groups=delete&count=5";
    stub.json(line, 409, problem);
    let args = [
        "app",
        "remove",
        "Webex",
        "--yes",
        "--accounts",
        "delete",
        "--count",
        "5",
    ];
    let ran = run_on(&stub, &args);
    assert!(ran.failed(1).contains("There are 4 accounts"), "{}", ran.stderr);
}

#[test]
fn whoever_waits_is_told_how_it_ended() {
    let line = "DELETE /api/v1/apps/a-1?confirm=Webex&accounts=delete&groups=delete&count=5";
    let args = [
        "app",
        "remove",
        "Webex",
        "--yes",
        "--accounts",
        "delete",
        "--count",
        "5",
        "--wait",
    ];
    let begun = json!({"cycle": {"id": "c-1", "kind": "removal", "state": "running"}});
    let gone =
        json!({"status": 404, "code": "app.unknown", "title": "Not Found", "detail": "There is no app"});
    let stub_of = |answers: &[(u16, Value)]| {
        let stub = stub();
        stub.json(line, 202, begun.clone());
        for (status, answer) in answers {
            stub.json(STATUS, *status, answer.clone());
        }
        stub
    };
    let ran = run_on(&stub_of(&[(200, status(4, 0)), (404, gone)]), &args).done();
    assert_eq!(ran.stdout, "Removed Webex.\n");
    let ran = run_on(&stub_of(&[(200, status(2, 2))]), &args);
    assert_eq!(
        ran.failed(1),
        "2 accounts could not be taken away yet: see `instep app status Webex`"
    );
}

#[test]
fn the_status_says_what_becomes_of_both() {
    let stub = Stub::start();
    stub.json("GET /api/v1/apps/Webex/status", 200, status(4, 0));
    let ran = run_on(&stub, &["app", "status", "Webex"]).done();
    assert!(
        ran.stdout
            .contains("removing: accounts are deleted, groups are deleted"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("5 linked, 1 of them groups"),
        "{}",
        ran.stdout
    );
}
