//! What is said when there is no server, or when it says no.

use std::net::TcpListener;

use serde_json::json;

use super::{TOKEN, command, finish, run_on};
use crate::stub::Stub;

const LIST: &str = "GET /api/v1/apps?limit=500";

#[test]
fn no_server_says_how_to_start_one() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let mut command = command(&["app", "list", "--url", &url]);
    command.env("INSTEP_TOKEN", TOKEN);
    let ran = finish(command);
    let expected = format!("no server answers at {url}: start one with `instep serve`, or set INSTEP_URL");
    assert_eq!(ran.failed(1), expected);
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    let mut command = command(&["app", "list", "--url", "http://nowhere.invalid"]);
    command.env("INSTEP_TOKEN", TOKEN);
    let ran = finish(command);
    let said = ran.failed(1);
    assert!(
        said.starts_with("cannot reach http://nowhere.invalid, as "),
        "{said}"
    );
    assert!(said.ends_with(": set INSTEP_URL to a server's address"), "{said}");
}

#[test]
fn a_problem_is_said_in_the_servers_own_sentence() {
    let stub = Stub::start();
    let detail = "No app is called Webx: `instep app list` shows those there are.";
    let body = json!({"type": "about:blank", "title": "Not Found", "status": 404, "code": "app.unknown",
                      "detail": detail, "params": {"app": "Webx"}});
    stub.json("POST /api/v1/apps/Webx/test", 404, body);
    assert_eq!(run_on(&stub, &["app", "test", "Webx"]).failed(1), detail);
    assert_eq!(
        run_on(&stub, &["app", "test", "Webx", "--output", "json"]).failed(1),
        detail
    );
}

#[test]
fn a_rejected_token_says_how_to_make_one_and_is_not_shown() {
    let stub = Stub::start();
    stub.json(
        LIST,
        401,
        json!({"title": "Unauthorized", "detail": "The token has expired."}),
    );
    let ran = run_on(&stub, &["app", "list"]);
    let said = ran.failed(1);
    assert!(
        said.starts_with("The token has expired: make a token with `instep token create"),
        "{said}"
    );
    assert!(!said.contains(TOKEN));
}

#[test]
fn something_else_than_an_instep_server_is_noticed() {
    let stub = Stub::start();
    stub.raw(
        LIST,
        200,
        &[("content-type", "text/html")],
        "<html>Welcome</html>",
    )
    .raw("GET /api/v1/people?limit=100", 502, &[], "Bad Gateway")
    .json("GET /api/v1/groups?limit=500", 200, json!({"hello": "world"}));
    let expected = |status| {
        format!(
            "{} answered {status}, but not as an Instep server does: check INSTEP_URL",
            stub.url()
        )
    };
    assert_eq!(run_on(&stub, &["app", "list"]).failed(1), expected("200 OK"));
    assert_eq!(
        run_on(&stub, &["user", "list"]).failed(1),
        expected("502 Bad Gateway")
    );
    assert_eq!(run_on(&stub, &["group", "list"]).failed(1), expected("200 OK"));
}

#[test]
fn a_token_is_not_carried_elsewhere() {
    let stub = Stub::start();
    let elsewhere = Stub::start();
    let to = format!("{}/api/v1/apps", elsewhere.url());
    stub.raw(LIST, 308, &[("location", &to)], "");
    let ran = run_on(&stub, &["app", "list"]);
    assert!(
        ran.failed(1).contains(&format!("sends its visitors to {to}")),
        "{}",
        ran.stderr
    );
    assert!(elsewhere.asked().is_empty());
}

#[test]
fn a_proxy_is_not_asked_for_this_machine() {
    let stub = Stub::start();
    stub.json(LIST, 200, json!({"items": [], "next": null}));
    let mut command = super::command_on(&stub, &["app", "list"]);
    command
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("http_proxy", "http://127.0.0.1:9");
    finish(command).done();
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let stub = Stub::start();
    stub.json(LIST, 200, json!({"items": [], "next": null}));
    let mut command = super::command_on(&stub, &["app", "list", "--output", "json"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = command.stdout(writer).status().expect("the command starts");
    assert_eq!(status.code(), Some(0));
}
