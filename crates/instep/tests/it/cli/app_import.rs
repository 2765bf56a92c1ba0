//! `instep app import`

use serde_json::{Value, json};

use super::run_on;
use crate::stub::Stub;

const READ: &str = "GET /api/v1/apps/Webex";
const BEGIN: &str = "POST /api/v1/apps/a-1/import";
const ONE: &str = "GET /api/v1/apps/a-1/import/i-1";
const FAILED: &str = "GET /api/v1/apps/a-1/import/i-1/items?state=failed&limit=500";

fn stub() -> Stub {
    let stub = Stub::start();
    let app = json!({"id": "a-1", "name": "Webex", "template": "webex", "state": "active", "scope": "all"});
    stub.json(READ, 200, app);
    stub
}

fn import(state: &str, created: u64, failed: u64) -> Value {
    json!({"id": "i-1", "state": state, "started_at": "2026-11-21T09:30:00Z", "listed": 12, "error": null,
           "counts": {"total": created + failed, "waiting": 0, "created": created, "linked": 0, "known": 0,
                      "failed": failed}})
}

fn page(items: &Value) -> Value {
    json!({"items": items, "next": null})
}

#[test]
fn accounts_are_listed_and_none_is_imported() {
    let stub = Stub::start();
    let items = json!([
        {"remote_id": "1", "user_name": "anna@x", "display_name": "Anna", "active": true, "state": "new", "person": null},
        {"remote_id": "2", "user_name": "bo@x", "display_name": null, "active": false, "state": "imported",
         "person": {"id": "p-2", "name": "bo@x"}}
    ]);
    let all = "GET /api/v1/apps/Webex/import/accounts?limit=500";
    let new = "GET /api/v1/apps/Webex/import/accounts?new_only=true&limit=500";
    stub.json(all, 200, page(&items)).json(new, 200, page(&json!([])));
    insta::assert_snapshot!(run_on(&stub, &["app", "import", "Webex"]).done().stdout, @r"
    USER NAME  DISPLAY NAME  ACCOUNT   STATE     WHO HERE  ID THERE
    anna@x     Anna          active    new                 1
    bo@x                     inactive  imported  bo@x      2
    ");
    let ran = run_on(&stub, &["app", "import", "Webex", "--list", "--new-only"]).done();
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr.trim_end(),
        "Every account of the target is somebody's here, or matches somebody."
    );
    assert_eq!(stub.lines(), [all, new]);
}

#[test]
fn whoever_is_chosen_is_imported_and_the_result_shown() {
    let stub = stub();
    stub.json(BEGIN, 202, json!({"import": import("running", 0, 0)}))
        .json(ONE, 200, import("done", 2, 0))
        .json(FAILED, 200, page(&json!([])));
    let asks = run_on(&stub, &["app", "import", "Webex", "--all"]);
    assert_eq!(
        asks.failed(2),
        "nobody can be asked here: add --yes if you mean it"
    );
    let chosen = ["--user", "anna@x", "--user", "4711"];
    let ran = run_on(
        &stub,
        &[&["app", "import", "Webex", "--yes"], &chosen[..]].concat(),
    )
    .done();
    assert!(ran.stdout.contains("New people:     2"), "{}", ran.stdout);
    let sent = |stub: &Stub| {
        let asked = stub.asked().into_iter();
        asked
            .filter(|one| one.line == BEGIN)
            .map(|one| one.json())
            .collect::<Vec<_>>()
    };
    assert_eq!(sent(&stub), [json!({"accounts": ["anna@x", "4711"]})]);
    run_on(&stub, &["app", "import", "Webex", "--yes", "--all", "--new-only"]).done();
    assert_eq!(sent(&stub)[1], json!({"all": true, "new_only": true}));
}

#[test]
fn what_could_not_be_imported_is_said() {
    let stub = Stub::start();
    let failed = json!([{"remote_id": "7", "name": "carl@x", "state": "failed",
                         "error": {"code": "import.taken", "text": "somebody has that userName"}}]);
    let latest = "GET /api/v1/apps/Webex/import?limit=1";
    let [one, items] = [ONE, FAILED].map(|line| line.replace("a-1", "Webex"));
    stub.json(latest, 200, page(&json!([import("done", 1, 1)])))
        .json(&one, 200, import("done", 1, 1))
        .json(&items, 200, page(&failed));
    let ran = run_on(&stub, &["app", "import", "Webex", "--result"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout.contains("somebody has that userName"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stderr, "error: 1 account could not be imported\n");
}
