//! Requests that are sent again: what may pass, how long to wait for it, and that nothing is done twice.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Ran, command, finish, run_on};
use crate::stub::Stub;

const LINE: &str = "POST /api/v1/groups";

fn group() -> Value {
    json!({"id": "g-1", "display_name": "x", "external_id": null, "created_at": "2026-11-21T09:30:00Z",
           "modified_at": "2026-11-21T09:30:00Z", "version": 1, "members": 0})
}

#[test]
fn what_may_pass_is_tried_again_with_the_same_key() {
    let stub = Stub::start();
    let problem = |code: &str| json!({"title": "Later", "detail": "Later", "code": code});
    stub.json(LINE, 503, problem("contended"))
        .json(LINE, 409, problem("idempotency.under_way"))
        .json(LINE, 201, group());
    run_on(&stub, &["group", "create", "R&D / Lab"]).done();
    run_on(&stub, &["group", "create", "R&D / Lab"]).done();
    let keys = keys(&stub);
    assert_eq!(keys.len(), 4);
    assert!(!keys[0].is_empty() && keys[0] == keys[1] && keys[1] == keys[2]);
    assert_ne!(keys[2], keys[3], "another request, another key");
}

#[test]
fn what_does_not_pass_is_told() {
    let stub = Stub::start();
    stub.json(LINE, 503, json!({"title": "Later", "detail": "Not today"}));
    let ran = run_on(&stub, &["group", "create", "x"]);
    assert!(ran.failed(1).contains("Not today"));
    assert_eq!(stub.lines().len(), 4);
}

fn too_many(stub: &Stub, code: &str, wait: &str) {
    let problem = json!({"title": "Too many", "detail": "Too many requests", "code": code}).to_string();
    let headers = [
        ("content-type", "application/problem+json"),
        ("retry-after", wait),
    ];
    let headers = if wait.is_empty() {
        &headers[..1]
    } else {
        &headers[..]
    };
    stub.raw(LINE, 429, headers, &problem);
}

fn keys(stub: &Stub) -> Vec<String> {
    let asked = stub.asked();
    let keys = asked
        .iter()
        .map(|asked| asked.header("idempotency-key").to_owned());
    keys.collect()
}

#[test]
fn it_waits_as_long_as_the_server_says() {
    let stub = Stub::start();
    too_many(&stub, "token.too_many_requests", "4");
    stub.json(LINE, 201, group());
    let begun = Instant::now();
    let ran = run_on(&stub, &["group", "create", "x"]).done();
    assert!(begun.elapsed() >= Duration::from_secs(4));
    assert!(ran.stderr.contains("trying again in 4 seconds"), "{}", ran.stderr);
    let keys = keys(&stub);
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn a_wait_of_hours_is_told_instead() {
    let stub = Stub::start();
    too_many(&stub, "token.too_many_requests", "7200");
    let ran = run_on(&stub, &["group", "create", "x"]);
    assert!(ran.failed(1).contains("Too many requests"));
    assert_eq!(stub.lines().len(), 1);
}

#[test]
fn where_all_keys_are_used_it_goes_without() {
    let stub = Stub::start();
    too_many(&stub, "idempotency.too_many", "80000");
    stub.json(LINE, 201, group());
    run_on(&stub, &["group", "create", "x"]).done();
    let keys = keys(&stub);
    assert_eq!(keys.len(), 2);
    assert!(!keys[0].is_empty() && keys[1].is_empty(), "{keys:?}");
}

/// Reads one request; gives its head.
fn request(connection: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = connection.read(&mut piece).expect("a request");
        assert!(count > 0, "it is cut off");
        read.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().expect("a number")) {
            return head.to_owned();
        }
    }
}

/// A server that answers nothing to the first requests, and the last one well; what came with `idempotency-key`.
fn keys_at_a_silent_server(silent: usize, more: &[&str]) -> (Vec<String>, Ran) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || {
        let (mut heads, mut open) = (Vec::new(), Vec::new());
        for number in 0..=silent {
            let (mut connection, _) = listener.accept().expect("a connection");
            heads.push(request(&mut connection));
            if number == silent {
                answer(&mut connection);
            }
            // It stays open: whoever waits is not told that there is nothing to wait for.
            open.push(connection);
        }
        heads
    });
    let words = [&["group", "create", "x", "--url", &url, "--token", "t"], more].concat();
    let ran = finish(command(&words));
    (keys_of(&server.join().expect("all came")), ran)
}

fn keys_of(heads: &[String]) -> Vec<String> {
    let key = |head: &String| {
        let mut lines = head.lines();
        let key = lines.find_map(|line| line.strip_prefix("idempotency-key: "));
        key.expect("a key").to_owned()
    };
    heads.iter().map(key).collect()
}

fn answer(connection: &mut TcpStream) {
    let body = group().to_string();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    connection.write_all(answer.as_bytes()).expect("answered");
}

#[test]
fn where_no_answer_came_in_time_the_same_key_is_sent_again() {
    let (keys, ran) = keys_at_a_silent_server(2, &["--timeout", "1"]);
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(
        ran.stderr.matches("did not answer in time").count(),
        2,
        "{}",
        ran.stderr
    );
    ran.done();
}

#[test]
fn it_is_not_asked_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    // Nobody takes the connections: the system does, and nothing is ever answered.
    let words = [
        "group",
        "create",
        "x",
        "--url",
        &url,
        "--token",
        "t",
        "--timeout",
        "1",
    ];
    let ran = finish(command(&words));
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("trying again").count(), 3, "{}", ran.stderr);
    drop(listener);
}

#[test]
fn where_no_answer_came_the_same_key_is_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || {
        let (mut first, _) = listener.accept().expect("a connection");
        let lost = request(&mut first);
        drop(first);
        let (mut second, _) = listener.accept().expect("a connection");
        let again = request(&mut second);
        answer(&mut second);
        [lost, again]
    });
    let words = ["group", "create", "x", "--url", &url, "--token", "t"];
    finish(command(&words)).done();
    let keys = keys_of(&server.join().expect("both came"));
    assert_eq!(keys[0], keys[1]);
}
