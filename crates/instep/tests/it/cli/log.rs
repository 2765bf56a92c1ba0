//! `instep log`

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::{command_on, run_on};
use crate::stub::Stub;

fn entry(number: u32) -> Value {
    json!({"id": format!("l-{number}"), "at": format!("2026-11-21T09:30:{number:02}Z"), "app": "Webex",
           "app_id": "a-1", "cycle_id": null, "subject": {"kind": "user", "id": "u-1", "name": "Anna Lindqvist"},
           "action": "update", "status": "success", "attempt": 1, "next_attempt": null, "text": null,
           "changes": [{"attribute": "title", "old": "Engineer", "new": "Senior Engineer"}]})
}

fn page(numbers: &[u32]) -> Value {
    json!({"items": numbers.iter().map(|number| entry(*number)).collect::<Vec<_>>(), "next": null})
}

#[test]
fn the_newest_entries_come_last() {
    let stub = Stub::start();
    stub.json("GET /api/v1/log?app=Webex&order=desc&limit=2", 200, page(&[2, 1]));
    let args = ["log", "--app", "Webex", "--limit", "2"];
    insta::assert_snapshot!(run_on(&stub, &args).done().stdout, @r"
    TIME                  APP    ACTION  WHO             STATUS   WHAT
    2026-11-21 09:30:01Z  Webex  update  Anna Lindqvist  success  title: Engineer → Senior Engineer
    2026-11-21 09:30:02Z  Webex  update  Anna Lindqvist  success  title: Engineer → Senior Engineer
    ");
    let ran = run_on(
        &stub,
        &["log", "--app", "Webex", "--limit", "2", "--output", "json"],
    )
    .done();
    assert_eq!(ran.json(), json!([entry(1), entry(2)]));
}

#[test]
fn every_flag_narrows() {
    let stub = Stub::start();
    let query = "app=Webex&user=anna&action=update&status=success&from=2026-11-20T00%3A00%3A00Z\
                 &until=2026-11-21T00%3A00%3A00Z&order=desc&limit=9";
    stub.json(&format!("GET /api/v1/log?{query}"), 200, page(&[1]));
    let args = [
        "log",
        "--app",
        "Webex",
        "--user",
        "anna",
        "--action",
        "update",
        "--status",
        "success",
        "--since",
        "2026-11-20",
        "--until",
        "2026-11-21",
        "--limit",
        "9",
        "--details",
    ];
    let shown = run_on(&stub, &args).done().stdout;
    assert!(shown.contains("title: Engineer → Senior Engineer"), "{shown}");
    assert!(shown.contains("[l-1]"), "an entry is named by its id: {shown}");

    stub.json("GET /api/v1/log/l-1", 200, entry(1));
    assert_eq!(
        run_on(&stub, &["log", "--entry", "l-1", "--output", "json"])
            .done()
            .json(),
        entry(1)
    );

    let events = "GET /api/v1/events?type=user_delete&order=desc&limit=50";
    stub.json(events, 200, json!({"items": [], "next": null}));
    run_on(&stub, &["log", "--events", "--type", "user_delete"]).done();
    stub.json(
        "GET /api/v1/mails?limit=50",
        200,
        json!({"items": [], "next": null}),
    );
    let ran = run_on(&stub, &["log", "--mails"]).done();
    assert_eq!(ran.stderr.trim_end(), "No mail was to be sent yet.");
}

#[test]
fn following_prints_each_entry_once() {
    let stub = Stub::start();
    stub.json("GET /api/v1/log?order=desc&limit=50", 200, page(&[2, 1]))
        .json("GET /api/v1/log?order=desc&limit=20", 200, page(&[3, 2, 1]))
        .json("GET /api/v1/log?order=desc&limit=20", 200, page(&[5, 4, 3, 2, 1]));
    let mut command = command_on(&stub, &["log", "--follow", "--output", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let seen: Vec<Value> = lines
        .take(5)
        .map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON on each line"))
        .collect();
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert_eq!(seen, (1..=5).map(entry).collect::<Vec<_>>());
}
