//! `instep licence`

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

fn calling(total: Value) -> Value {
    json!({"id": "l-1", "name": "Calling", "total": total, "consumed": 2, "available": 0, "waiting": 1,
           "created_at": "2026-11-21T09:30:00Z", "modified_at": "2026-11-21T09:30:00Z", "version": 1})
}

fn run(state: &str, done: u64) -> Value {
    json!({"id": "r-1", "state": state, "mode": "take_away", "scope": "group",
           "group": {"id": "g-1", "display_name": "Sales"}, "progress": {"done": done, "total": 3},
           "counts": {"given": 1, "had": 1, "none_left": 1, "taken_away": 0, "passed_over": 0},
           "error": null, "started_at": "2026-11-21T09:30:00Z", "finished_at": null})
}

#[test]
fn adds_changes_and_lists() {
    let stub = Stub::start();
    stub.json("POST /api/v1/licences", 201, calling(json!(2)))
        .json("PATCH /api/v1/licences/Calling", 200, calling(Value::Null))
        .json(
            "GET /api/v1/licences?limit=500",
            200,
            json!({"items": [calling(json!(2))], "next": null, "total": 1}),
        );
    run_on(&stub, &["licence", "add", "Calling", "--total", "2"]).done();
    assert_eq!(stub.asked()[0].json(), json!({"name": "Calling", "total": 2}));
    let ran = run_on(&stub, &["licence", "set", "Calling", "--total", "unlimited"]).done();
    assert!(ran.stdout.contains("Total:    unlimited"), "{}", ran.stdout);
    assert_eq!(stub.asked()[1].json(), json!({"total": null}));
    run_on(&stub, &["licence", "set", "Calling", "--total", "some"]).failed(2);
    insta::assert_snapshot!(run_on(&stub, &["licence", "list"]).done().stdout, @r"
    NAME     TOTAL  USED  LEFT  WAITING  ID
    Calling  2      2     0     1        l-1
    ");
}

#[test]
fn gives_and_takes() {
    let stub = Stub::start();
    let licence = json!({"id": "l-1", "name": "Calling", "state": "given", "code": null, "text": null,
                         "sources": [{"kind": "direct"}], "since": "2026-11-21T09:30:00Z"});
    let line = "POST /api/v1/people/anna/licences";
    stub.json(line, 200, json!({"items": [licence], "next": null, "total": 1}))
        .json(line, 200, json!({"items": [], "next": null, "total": 0}));
    insta::assert_snapshot!(run_on(&stub, &["licence", "give", "anna", "Calling"]).done().stdout, @r"
    LICENCE  STATE  FROM            WHY
    Calling  given  given directly
    ");
    assert_eq!(stub.asked()[0].json(), json!({"add": ["Calling"]}));
    let ran = run_on(&stub, &["licence", "take", "anna", "Calling"]).done();
    assert_eq!(ran.stdout, "No licences.\n");
    assert_eq!(stub.asked()[1].json(), json!({"remove": ["Calling"]}));
}

#[test]
fn a_template_is_followed_to_its_end() {
    let stub = Stub::start();
    let template = json!({"scope": "group", "group": {"id": "g-1", "display_name": "Sales"},
        "licences": [{"id": "l-1", "name": "Calling"}], "modified_at": "2026-11-21T09:30:00Z",
        "run": run("running", 0)});
    stub.json("PUT /api/v1/licence-templates/groups/Sales", 202, template)
        .json("GET /api/v1/licence-runs/r-1", 200, run("running", 1))
        .json("GET /api/v1/licence-runs/r-1", 200, run("done", 3));
    let set = [
        "licence",
        "template",
        "set",
        "Calling",
        "--group",
        "Sales",
        "--existing",
        "take-away",
        "--wait",
    ];
    let ran = run_on(&stub, &set).done();
    let asked = stub.asked();
    assert_eq!(
        asked[0].json(),
        json!({"licences": ["Calling"], "existing_users": "take_away"})
    );
    assert!(ran.stdout.contains("People:       3 of 3"), "{}", ran.stdout);
    assert!(ran.stdout.contains("None left:    1"), "{}", ran.stdout);
}

#[test]
fn who_has_none_and_why() {
    let stub = Stub::start();
    let person = json!({"id": "p-1", "user_name": "bo", "display_name": null, "active": true,
                        "reasons": [{"code": "none_left", "text": "none is left of the licence Calling"}]});
    stub.json(
        "GET /api/v1/licence-report?limit=500",
        200,
        json!({"items": [person], "next": null}),
    );
    insta::assert_snapshot!(run_on(&stub, &["licence", "report"]).done().stdout, @r"
    USER NAME  ACTIVE  WHY NO LICENCE
    bo         yes     none is left of the licence Calling
    ");
}
