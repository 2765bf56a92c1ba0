//! `instep app`

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

fn app(state: &str) -> Value {
    json!({"id": "a-1", "name": "Webex", "template": "webex", "preset": "webex-entra", "state": state,
           "base_url": "http://127.0.0.1:9/v1/scim/o", "scope": "assigned", "settings": {}, "has_token": true,
           "created_at": "2026-11-21T09:30:00Z", "modified_at": "2026-11-21T09:30:00Z"})
}

fn status(cycle: &str, in_step: bool, failing_total: u64) -> Value {
    json!({"state": "active", "hold": null, "in_step": in_step, "waiting": 0, "linked": 2, "failing": [],
           "failing_total": failing_total, "progress": {"done": 1, "total": 2},
           "cycle": {"id": "c-1", "kind": "initial", "state": cycle, "started_at": "2026-11-21T09:30:00Z",
                     "finished_at": null, "total": 2, "counts": {"created": 2}}})
}

fn plan() -> Value {
    json!({"counts": {"create": 0, "link": 0, "update": 1, "disable": 1, "enable": 0, "delete": 0,
                      "unchanged": 198, "skip": 0, "error": 0},
           "items": [
               {"subject": {"id": "1", "name": "Anna Lindqvist"}, "action": "update", "reason": null,
                "changes": [{"attribute": "title", "old": "Engineer", "new": "Senior Engineer"}], "requests": []},
               {"subject": {"id": "2", "name": "Bo Ek"}, "action": "disable", "reason": "unassigned",
                "changes": [], "requests": []}]})
}

#[test]
fn adds_an_app_without_ever_showing_the_targets_token() {
    let stub = Stub::start();
    stub.json("POST /api/v1/apps", 201, app("active"));
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("token");
    std::fs::write(&file, "target-secret\n").expect("written");
    let file = file.to_str().expect("a path");

    let ran = run_on(
        &stub,
        &[
            "app",
            "add",
            "webex",
            "--org-id",
            "o",
            "--target-token-file",
            file,
        ],
    )
    .done();
    assert_eq!(
        ran.stdout,
        "Added Webex (a-1), which is active. Test it with `instep app test a-1`.\n"
    );
    let sent = stub.asked()[0].json();
    assert_eq!(
        sent,
        json!({"template": "webex", "org_id": "o", "token": "target-secret"})
    );
    assert!(!(ran.stdout + &ran.stderr).contains("target-secret"));
}

#[test]
fn an_app_needs_a_token() {
    let stub = Stub::start();
    let ran = run_on(&stub, &["app", "add", "webex", "--org-id", "o"]);
    assert!(
        ran.failed(2).starts_with("no token for the target was given"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_connection_is_tested() {
    let stub = Stub::start();
    let line = "POST /api/v1/apps/Webex/test";
    let good = json!({"ok": true, "code": "test.ok", "text": "The credentials were verified successfully."});
    let bad =
        json!({"ok": false, "code": "test.refused", "text": "Nothing listens at the target's address."});
    stub.json(line, 200, good).json(line, 200, bad.clone());
    let ran = run_on(&stub, &["app", "test", "Webex"]).done();
    assert_eq!(ran.stdout, "The credentials were verified successfully.\n");
    let ran = run_on(&stub, &["app", "test", "Webex"]);
    assert_eq!(ran.failed(1), "Nothing listens at the target's address.");
    let ran = run_on(&stub, &["app", "test", "Webex", "--output", "json"]);
    assert_eq!((ran.status, ran.json()), (1, bad));
}

#[test]
fn a_plan_reads_as_a_diff_and_has_no_colours_here() {
    let stub = Stub::start();
    stub.json("POST /api/v1/apps/Webex/plan?all=false", 200, plan());
    insta::assert_snapshot!(run_on(&stub, &["app", "plan", "Webex"]).done().stdout, @r"
    1 to update
      ~ update Anna Lindqvist
          title: Engineer → Senior Engineer

    1 to disable
      - disable Bo Ek because unassigned

    198 left alone
      = 198 already as the mappings say

    Plan: 1 to update, 1 to disable, 198 left alone. Carry it out with `instep app sync Webex`.
    ");
    assert_eq!(
        run_on(&stub, &["app", "plan", "Webex", "--output", "json"])
            .done()
            .json(),
        plan()
    );
}

#[test]
fn syncing_does_not_wait_unless_told_to() {
    let stub = Stub::start();
    let started = json!({"cycle": status("running", false, 0)["cycle"]});
    stub.json("POST /api/v1/apps/Webex/sync", 202, started);
    let ran = run_on(&stub, &["app", "sync", "Webex", "--restart"]).done();
    assert_eq!(
        ran.stdout,
        "Started: initial. See how far it is with `instep app status Webex`.\n"
    );
    assert_eq!(stub.asked()[0].json(), json!({"restart": true}));
}

#[test]
fn waiting_ends_when_the_app_is_in_step() {
    let stub = Stub::start();
    let line = "GET /api/v1/apps/Webex/status";
    stub.json(
        "POST /api/v1/apps/Webex/sync",
        202,
        json!({"cycle": status("running", false, 0)["cycle"]}),
    )
    .json(line, 200, status("running", false, 0))
    .json(line, 200, status("done", false, 0))
    .json(line, 200, status("done", true, 0));
    let ran = run_on(&stub, &["app", "sync", "Webex", "--wait", "--output", "json"]).done();
    assert_eq!(ran.json(), status("done", true, 0));
    assert_eq!(ran.stderr, "");
    assert_eq!(stub.lines().len(), 4);
}

#[test]
fn waiting_for_people_who_cannot_be_provisioned_fails() {
    let stub = Stub::start();
    stub.json(
        "POST /api/v1/apps/Webex/sync",
        202,
        json!({"cycle": status("running", false, 0)["cycle"]}),
    )
    .json("GET /api/v1/apps/Webex/status", 200, status("done", true, 3));
    let ran = run_on(&stub, &["app", "sync", "Webex", "--wait"]);
    assert_eq!(ran.status, 1);
    let expected =
        "error: 3 people could not be provisioned: see why with `instep log --app Webex --status failure`\n";
    assert_eq!(ran.stderr, expected);
}

#[test]
fn assigns_people_and_groups() {
    let stub = Stub::start();
    let line = "POST /api/v1/apps/Webex/assignments";
    stub.json(line, 200, json!({"added": 2, "removed": 0})).json(
        line,
        200,
        json!({"added": 0, "removed": 1}),
    );
    let ran = run_on(
        &stub,
        &["app", "assign", "Webex", "--user", "anna", "--group", "Lab"],
    )
    .done();
    assert_eq!(ran.stdout, "Webex: 2 assigned, 0 taken out.\n");
    run_on(&stub, &["app", "assign", "Webex", "--group", "Lab", "--remove"]).done();
    let asked = stub.asked();
    assert_eq!(
        asked[0].json(),
        json!({"add": [{"user": "anna"}, {"group": "Lab"}], "remove": []})
    );
    assert_eq!(asked[1].json(), json!({"add": [], "remove": [{"group": "Lab"}]}));
}

#[test]
fn mappings_come_back_from_the_file_they_were_printed_to() {
    let stub = Stub::start();
    let line = "/api/v1/apps/Webex/mappings";
    let mappings = json!({"mappings": [{"source": {"attribute": "surname"}, "target": "name.familyName",
                                        "apply": "always", "when_empty": "leave", "default_value": null}]});
    stub.json(&format!("GET {line}"), 200, mappings.clone())
        .json(&format!("PUT {line}"), 200, mappings.clone())
        .json(
            &format!("PUT {line}"),
            400,
            json!({"detail": "Row 1: a bracket is missing at position 7."}),
        );
    let printed = run_on(&stub, &["app", "mappings", "Webex", "--output", "json"]).done();
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mappings.json");
    std::fs::write(&file, printed.stdout).expect("written");
    let file = file.to_str().expect("a path");

    run_on(&stub, &["app", "mappings", "Webex", "--set", file]).done();
    assert_eq!(stub.asked().last().map(crate::stub::Asked::json), Some(mappings));
    let ran = run_on(&stub, &["app", "mappings", "Webex", "--set", file]);
    assert_eq!(ran.failed(1), "Row 1: a bracket is missing at position 7.");
}

#[test]
fn a_filter_grows_and_shrinks_by_groups() {
    let stub = Stub::start();
    let line = "/api/v1/apps/Webex/filter";
    let group = |title: &str| {
        let clause = json!({"attribute": "department", "operator": "EQUALS", "value": title});
        json!({"title": title, "clauses": [clause]})
    };
    let (one, two) = (
        json!({"groups": [group("Sales")]}),
        json!({"groups": [group("Sales"), group("Law")]}),
    );
    stub.json(&format!("GET {line}"), 200, one.clone())
        .json(&format!("PUT {line}"), 200, two.clone())
        .json(&format!("GET {line}"), 200, two)
        .json(&format!("PUT {line}"), 200, one.clone())
        .json(&format!("GET {line}"), 200, one)
        .json(&format!("PUT {line}"), 200, json!({"groups": []}));
    let words = [
        "app",
        "filter",
        "add",
        "Webex",
        "department EQUALS Law",
        "--title",
        "Law",
    ];
    let ran = run_on(&stub, &words).done();
    assert!(ran.stdout.contains("2. Law"), "{}", ran.stdout);
    let sent = stub.asked()[1].json();
    assert_eq!(
        sent["groups"][1],
        json!({"title": "Law", "clauses": ["department EQUALS Law"]})
    );
    run_on(&stub, &["app", "filter", "remove", "Webex", "2"]).done();
    assert_eq!(stub.asked()[3].json(), json!({"groups": [group("Sales")]}));
    let ran = run_on(&stub, &["app", "filter", "remove", "Webex", "1"]);
    assert!(ran.failed(1).contains("filter clear"));
    run_on(&stub, &["app", "filter", "clear", "Webex"]).failed(2);
    let ran = run_on(&stub, &["app", "filter", "clear", "Webex", "--yes"]).done();
    assert_eq!(ran.stdout, "No scoping filter: everybody in scope is let in.\n");
}

#[test]
fn pauses_resumes_and_removes() {
    let stub = Stub::start();
    stub.json("POST /api/v1/apps/Webex/pause", 200, app("paused"))
        .json("POST /api/v1/apps/Webex/resume", 200, app("active"))
        .json("GET /api/v1/apps/Webex", 200, app("active"))
        .raw("DELETE /api/v1/apps/a-1?confirm=Webex&count=5", 204, &[], "");
    assert_eq!(
        run_on(&stub, &["app", "pause", "Webex"]).done().stdout,
        "Webex is paused.\n"
    );
    assert_eq!(
        run_on(&stub, &["app", "resume", "Webex"]).done().stdout,
        "Webex is active.\n"
    );
    run_on(&stub, &["app", "remove", "Webex"]).failed(2);
    assert_eq!(
        run_on(&stub, &["app", "remove", "Webex", "--yes", "--count", "5"])
            .done()
            .stdout,
        "Removed Webex.\n"
    );
}

#[test]
fn lists_apps_and_shows_a_status() {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/apps?limit=500",
        200,
        json!({"items": [app("active")], "next": null}),
    )
    .json("GET /api/v1/apps/Webex/status", 200, status("done", true, 0));
    insta::assert_snapshot!(run_on(&stub, &["app", "list"]).done().stdout, @r"
    NAME   TEMPLATE  STATE   SCOPE     BASE URL                      ID
    Webex  webex     active  assigned  http://127.0.0.1:9/v1/scim/o  a-1
    ");
    insta::assert_snapshot!(run_on(&stub, &["app", "status", "Webex"]).done().stdout, @r"
    State:     active
    In step:   yes
    Accounts:  2 linked
    Cycle:     initial, done since 2026-11-21 09:30:00Z
    Progress:  1 of 2
    Did:       2 created
    Waiting:   0
    Failing:   0
    ");
}

fn counts(create: u64, unchanged: u64, error: u64) -> Value {
    json!({"create": create, "link": 0, "update": 0, "disable": 0, "enable": 0, "delete": 0,
           "unchanged": unchanged, "skip": 0, "error": error})
}

#[test]
fn a_plan_for_nobody_fails() {
    let stub = Stub::start();
    let line = "POST /api/v1/apps/Webex/plan?all=false";
    let item = json!({"subject": {"id": "1", "name": "anna"}, "action": "error", "reason": "no userName"});
    stub.json(line, 200, json!({"counts": counts(0, 0, 0), "items": []}))
        .json(line, 200, json!({"counts": counts(0, 5, 1), "items": [item]}))
        .json(line, 200, json!({"counts": counts(0, 5, 0), "items": []}))
        .json(line, 200, json!({"counts": counts(1, 0, 1), "items": [item]}));
    let ran = run_on(&stub, &["app", "plan", "Webex"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr
            .starts_with("error: there is nobody to plan for: assign"),
        "{}",
        ran.stderr
    );
    let ran = run_on(&stub, &["app", "plan", "Webex"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.starts_with("error: 1 person cannot be planned for"),
        "{}",
        ran.stderr
    );
    for _ in 0..2 {
        run_on(&stub, &["app", "plan", "Webex"]).done();
    }
}

fn kept(state: &str, revision: u64) -> Value {
    json!({"id": "p-1", "state": state, "origin": "saved", "reason": {"code": "plan.saved", "text": "asked for"},
           "revision": revision, "counts": counts(1, 0, 0), "destructive": 0,
           "items": {"open": 1, "approved": 0, "applied": 0, "failed": 0, "stale": 0},
           "created_at": "2026-11-21T09:30:00Z", "expires_at": "2026-11-28T09:30:00Z", "decided_at": null})
}

#[test]
fn plans_are_kept_shown_and_approved() {
    let stub = Stub::start();
    let plan = kept("awaiting_approval", 3);
    let item = json!({"subject": {"id": "1", "name": "anna"}, "action": "create", "state": "open", "reason": "assigned",
                      "changes": [], "requests": [], "outcome": null});
    stub.json("POST /api/v1/apps/Webex/plans", 201, json!({"plan": plan}))
        .json("GET /api/v1/apps/Webex/plans/latest", 200, plan.clone())
        .json(
            "GET /api/v1/apps/Webex/plans/p-1/items?action=create&limit=500",
            200,
            json!({"items": [item], "next": null}),
        )
        .json("GET /api/v1/apps/Webex/plans/latest", 200, plan.clone())
        .json(
            "POST /api/v1/apps/Webex/plans/p-1/approve",
            200,
            kept("approved", 3),
        )
        .json(
            "GET /api/v1/apps/Webex/plans/p-1",
            200,
            kept("awaiting_approval", 4),
        )
        .json(
            "POST /api/v1/apps/Webex/plans/p-1/approve",
            409,
            json!({"code": "plan.changed", "detail": "the plan has changed"}),
        )
        .json(
            "POST /api/v1/apps/Webex/plans/p-1/discard",
            200,
            kept("discarded", 4),
        );
    let ran = run_on(&stub, &["app", "plan", "Webex", "--save"]).done();
    insta::assert_snapshot!(ran.stdout, @r"
    Plan p-1 is kept: 1 to create.
    Look at it with `instep app plans show Webex p-1`, and approve it with `instep app plans approve Webex p-1 --revision 3` until 2026-11-28 09:30:00Z.
    ");
    let shown = run_on(&stub, &["app", "plans", "show", "Webex", "--action", "create"]).done();
    assert!(shown.stdout.contains("+ create anna"), "{}", shown.stdout);
    run_on(&stub, &["app", "plans", "approve", "Webex", "latest"]).done();
    let ran = run_on(
        &stub,
        &["app", "plans", "approve", "Webex", "p-1", "--revision", "3"],
    );
    assert_eq!(ran.failed(1), "the plan has changed");
    run_on(&stub, &["app", "plans", "discard", "Webex", "p-1"]).done();
    let revisions: Vec<_> = stub
        .asked()
        .iter()
        .filter(|asked| asked.line.ends_with("/approve"))
        .map(|asked| asked.json()["revision"].clone())
        .collect();
    assert_eq!(revisions, [json!(3), json!(3)]);
}

#[test]
fn restart_is_a_sync_that_starts_over() {
    let stub = Stub::start();
    let cycle = json!({"id": "1", "kind": "initial", "state": "running"});
    for _ in 0..2 {
        stub.json(
            "POST /api/v1/apps/Webex/sync",
            202,
            json!({"cycle": cycle.clone()}),
        );
    }
    let restarted = run_on(&stub, &["app", "restart", "Webex"]).done().stdout;
    let synced = run_on(&stub, &["app", "sync", "Webex", "--restart"])
        .done()
        .stdout;
    assert_eq!(restarted, synced);
    let sent = stub.asked();
    assert_eq!(sent[0].json(), json!({"restart": true}));
    assert_eq!(sent[1].json(), sent[0].json());
}

#[test]
fn tries_again_whoever_has_failed() {
    let stub = Stub::start();
    stub.json(
        "POST /api/v1/apps/Webex/retry",
        200,
        json!({"retried": 2, "hold_lifted": false}),
    )
    .json(
        "POST /api/v1/apps/Webex/retry",
        200,
        json!({"retried": 1, "hold_lifted": false}),
    );
    let all = run_on(&stub, &["app", "retry", "Webex"]).done().stdout;
    assert_eq!(all, "2 people are tried again now.\n");
    run_on(&stub, &["app", "retry", "Webex", "anna@example.com"]).done();
    let sent = stub.asked();
    assert_eq!(sent[0].json(), json!({}));
    assert_eq!(sent[1].json(), json!({"user": "anna@example.com"}));
}

#[test]
fn what_does_not_work_as_it_is_set_is_said_at_once() {
    let stub = Stub::start();
    let warnings = json!([{"code": "notify.no_mail_server", "text": "it@x is to be told by mail, but …"}]);
    let mut changed = app("active");
    changed["warnings"] = warnings.clone();
    let mut standing = status("done", true, 0);
    standing["warnings"] = warnings;
    standing["refused_members"] =
        json!([{"group": {"id": "g", "name": "Lab"}, "member": {"id": "u", "name": "Anna"}}]);
    standing["refused_members_total"] = json!(3);
    stub.json("PATCH /api/v1/apps/Webex", 200, changed)
        .json("GET /api/v1/apps/Webex/status", 200, standing);
    let ran = run_on(&stub, &["app", "set", "Webex", "notify=true"]).done();
    assert_eq!(ran.stdout, "Webex is changed.\n");
    assert_eq!(ran.stderr, "warning: it@x is to be told by mail, but …\n");
    let ran = run_on(&stub, &["app", "status", "Webex"]).done();
    assert!(
        ran.stdout.contains("it@x is to be told by mail"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("Anna in Lab; and 2 more"), "{}", ran.stdout);
}

#[test]
fn activating_confirms_and_warns() {
    let stub = Stub::start();
    let mut good = app("active");
    good["verified"] =
        json!({"ok": true, "code": "activate.ok", "params": {}, "text": "successfully verified"});
    good["warnings"] = json!([{"code": "activate.saml_first", "text": "first set up SAML"}]);
    let mut bad = app("active");
    bad["verified"] = json!({"ok": false, "code": "test.token", "params": {}, "text": "no such token"});
    let mut planned = plan();
    planned["warnings"] = good["warnings"].clone();
    stub.json("POST /api/v1/apps/Webex/activate", 200, good.clone())
        .json("POST /api/v1/apps/Webex/activate", 200, bad)
        .json("POST /api/v1/apps", 201, good)
        .json("POST /api/v1/apps/Webex/plan?all=false", 200, planned);
    let ran = run_on(&stub, &["app", "activate", "Webex"]).done();
    assert_eq!(ran.stdout, "Webex is active: successfully verified.\n");
    assert_eq!(ran.stderr, "warning: first set up SAML\n");
    let ran = run_on(&stub, &["app", "activate", "Webex"]).done();
    assert_eq!(ran.stdout, "Webex is active.\n");
    assert_eq!(ran.stderr, "warning: not verified: no such token\n");
    let ran = run_on(
        &stub,
        &["app", "add", "webex", "--org-id", "o", "--target-token", "t"],
    )
    .done();
    assert_eq!(
        ran.stdout,
        "Added Webex (a-1), which is active: successfully verified. Say who is in it with `instep app assign a-1`.\n"
    );
    assert_eq!(ran.stderr, "warning: first set up SAML\n");
    let ran = run_on(&stub, &["app", "plan", "Webex"]).done();
    assert_eq!(ran.stderr, "warning: first set up SAML\n");
}

#[test]
fn a_group_is_asked_about_as_people_are() {
    let stub = Stub::start();
    let why = json!({"subject": {"kind": "group", "id": "g-1", "name": "Lab"}, "in_scope": true, "reasons": [
        {"code": "why.groups_all", "text": "the app takes every group of the directory"},
        {"code": "why.in", "text": "in scope"}]});
    stub.json("GET /api/v1/apps/Webex/why/Lab?kind=group", 200, why);
    let preview = json!({"subject": {"kind": "group", "id": "g-1", "name": "Lab"}, "action": "unchanged",
        "reason": "every group", "scope": {"in_scope": true, "text": "every group"},
        "match": {"result": "linked", "remote_id": "4"}, "attributes": []});
    stub.json("POST /api/v1/apps/Webex/preview", 200, preview);
    let ran = run_on(&stub, &["app", "why", "Webex", "Lab", "--group"]).done();
    assert_eq!(
        ran.stdout,
        "Lab is in scope:\n- the app takes every group of the directory\n"
    );
    let ran = run_on(&stub, &["app", "preview", "Webex", "Lab", "--group"]).done();
    assert!(ran.stdout.starts_with("Group:   Lab"), "{}", ran.stdout);
    assert_eq!(stub.asked()[1].json(), json!({"group": "Lab"}));
}
