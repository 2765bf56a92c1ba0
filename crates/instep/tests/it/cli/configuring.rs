//! What configures an app, or looks at it: mappings one by one, presets, schemas, ways, cycles, one person.

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

fn mappings() -> Value {
    json!({"mappings": [{"source": {"attribute": "givenName"}, "target": "nickName", "apply": "always",
                         "when_empty": "leave", "default_value": null}]})
}

/// A file that is there for as long as the first of the two lives.
fn file(content: &Value) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("content.json");
    std::fs::write(&path, content.to_string()).expect("written");
    let path = path.to_str().expect("a path").to_owned();
    (dir, path)
}

#[test]
fn mappings_are_added_changed_removed_and_restored() {
    let stub = Stub::start();
    let table = "/api/v1/apps/Webex/mappings";
    stub.json(&format!("POST {table}"), 201, mappings())
        .json(&format!("PATCH {table}/nickName"), 200, mappings())
        .json(&format!("DELETE {table}/nickName?kind=group"), 200, mappings())
        .json("POST /api/v1/apps/Webex/restore-mappings", 200, mappings());
    for words in [
        &[
            "add",
            "Webex",
            "nickName",
            "--attribute",
            "givenName",
            "--row",
            "2",
        ][..],
        &["change", "Webex", "nickName", "--constant", "Bo"],
        &["remove", "Webex", "nickName", "--kind", "group"],
        &["restore", "Webex", "--preset", "webex-v2", "--yes"],
    ] {
        let ran = run_on(&stub, &[&["app", "mapping"], words].concat()).done();
        assert!(ran.stdout.contains("nickName"), "{words:?}: {}", ran.stdout);
    }
    let asked = stub.asked();
    assert_eq!(
        asked[0].json(),
        json!({"mapping": {"source": {"attribute": "givenName"}, "target": "nickName"}, "row": 2})
    );
    assert_eq!(asked[1].json(), json!({"source": {"constant": "Bo"}}));
    assert_eq!(asked[3].json()["preset"], "webex-v2");
    run_on(&stub, &["app", "mapping", "restore", "Webex"]).failed(2);
}

#[test]
fn presets_are_listed_and_shown() {
    let stub = Stub::start();
    let preset = json!({"name": "webex-okta", "title": "Webex, as from Okta", "users_only": true,
        "why_no_others": "Okta sends these only", "mappings": mappings()["mappings"]});
    stub.json("GET /api/v1/presets", 200, json!({"items": [preset]}))
        .json("GET /api/v1/presets/webex-okta", 200, preset);
    let ran = run_on(&stub, &["app", "presets"]).done();
    assert!(ran.stdout.contains("Webex, as from Okta"), "{}", ran.stdout);
    let ran = run_on(&stub, &["app", "presets", "webex-okta"]).done();
    assert!(ran.stdout.contains("nickName"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("Okta sends these only.\n"), "{}", ran.stdout);
}

#[test]
fn ways_and_cycles_are_shown() {
    let stub = Stub::start();
    let way =
        json!({"name": "update", "value": "put", "origin": "observed", "seen_at": "2026-11-21T09:30:00Z"});
    let cycle = json!({"id": "c-1", "kind": "initial", "state": "done", "started_at": "2026-11-21T09:30:00Z",
        "finished_at": "2026-11-21T09:31:00Z", "total": 2, "done": 2, "counts": {"created": 2}});
    stub.json("GET /api/v1/apps/Webex", 200, json!({"ways": [way]}))
        .json(
            "GET /api/v1/apps/Webex/cycles?limit=5",
            200,
            json!({"items": [cycle], "next": null}),
        );
    insta::assert_snapshot!(run_on(&stub, &["app", "ways", "Webex"]).done().stdout, @r"
    WAY     VALUE  FROM      SEEN
    update  put    observed  2026-11-21 09:30:00Z
    ");
    insta::assert_snapshot!(run_on(&stub, &["app", "cycles", "Webex", "--limit", "5"]).done().stdout, @r"
    CYCLE                               DID        ID
    initial, done 2026-11-21 09:31:00Z  2 created  c-1
    ");
}

#[test]
fn a_synchronization_schema_comes_and_goes() {
    let stub = Stub::start();
    let line = "/api/v1/apps/Webex/synchronization-schema";
    let schema = json!({"synchronizationRules": []});
    let mut brought = mappings();
    brought["notes"] = json!(["left out: jobTitle"]);
    stub.json(&format!("GET {line}"), 200, schema.clone())
        .json(&format!("POST {line}"), 200, brought);
    let words = ["app", "synchronization-schema"];
    let ran = run_on(
        &stub,
        &[&words[..], &["export", "Webex", "--output", "json"]].concat(),
    )
    .done();
    assert_eq!(ran.json(), schema);
    let (_dir, path) = file(&schema);
    let import = ["import", "Webex", path.as_str(), "--dry-run", "--skip-unfit"];
    let ran = run_on(&stub, &[&words[..], &import].concat()).done();
    assert_eq!(ran.stderr, "left out: jobTitle\n");
    assert_eq!(
        stub.asked()[1].json(),
        json!({"schema": schema, "unfit": "leave_out", "dry_run": true})
    );
}

fn preview(result: &str) -> Value {
    json!({"subject": {"kind": "user", "id": "1", "name": "anna"}, "action": "create", "reason": "assigned in person",
        "scope": {"in_scope": true, "text": "assigned in person"}, "match": {"result": "none", "remote_id": null},
        "attributes": [], "result": result, "steps": [{"name": "perform", "status": result, "text": "created"}],
        "log_entry": null})
}

#[test]
fn one_person_is_provisioned_on_demand() {
    let stub = Stub::start();
    let line = "POST /api/v1/apps/Webex/provision-on-demand";
    stub.json(line, 200, preview("success"))
        .json(line, 200, preview("failure"));
    let args = ["app", "provision-on-demand", "Webex", "anna"];
    let ran = run_on(&stub, &args).done();
    assert!(ran.stdout.contains("perform"), "{}", ran.stdout);
    assert_eq!(stub.asked()[0].json(), json!({"person": "anna"}));
    assert_eq!(run_on(&stub, &args).status, 1);
}

#[test]
fn what_if_is_asked_with_files() {
    let stub = Stub::start();
    let counts = json!({"create": 1, "link": 0, "update": 0, "disable": 0, "enable": 0, "delete": 0,
        "unchanged": 0, "skip": 0, "error": 0});
    let item = json!({"subject": {"id": "1", "name": "anna"}, "action": "create", "reason": "assigned in person",
        "changes": [], "requests": []});
    let plan = json!({"counts": counts, "items": [item], "warnings": []});
    stub.json("POST /api/v1/apps/Webex/plan?all=false", 200, plan)
        .json("POST /api/v1/apps/Webex/preview", 200, preview("success"));
    let (_dir, rows) = file(&mappings());
    let filter = json!({"groups": []});
    let (_other, filters) = file(&filter);
    let words = ["app", "plan", "Webex", "--mappings", &rows, "--filter", &filters];
    let ran = run_on(&stub, &words).done();
    assert!(
        ran.stdout
            .ends_with("Plan: 1 to create, 0 left alone. Nothing is saved: this is what it would come to.\n"),
        "{}",
        ran.stdout
    );
    run_on(&stub, &["app", "preview", "Webex", "anna", "--filter", &filters]).done();
    let asked = stub.asked();
    assert_eq!(
        asked[0].json(),
        json!({"mappings": mappings()["mappings"], "filter": filter})
    );
    assert_eq!(asked[1].json(), json!({"person": "anna", "filter": filter}));
}

#[test]
fn deactivating_asks_first() {
    let stub = Stub::start();
    let app = json!({"id": "a-1", "name": "Webex", "template": "webex", "state": "inactive", "scope": "all"});
    stub.json("POST /api/v1/apps/Webex/deactivate", 200, app);
    run_on(&stub, &["app", "deactivate", "Webex"]).failed(2);
    assert_eq!(stub.lines(), Vec::<String>::new());
    let ran = run_on(&stub, &["app", "deactivate", "Webex", "--yes"]).done();
    assert_eq!(ran.stdout, "Webex is inactive.\n");
}
