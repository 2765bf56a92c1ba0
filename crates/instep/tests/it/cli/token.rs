//! Where the token comes from.

use serde_json::json;

use super::{TOKEN, command, finish, run};
use crate::stub::Stub;

/// Flags, variables, and the header that they make.
type Case<'c> = (&'c [&'c str], &'c [(&'c str, &'c str)], &'c str);

fn stub() -> Stub {
    let stub = Stub::start();
    stub.json(
        "GET /api/v1/apps?limit=500",
        200,
        json!({"items": [], "next": null}),
    );
    stub
}

fn token_seen(stub: &Stub) -> String {
    let asked = stub.asked();
    asked
        .last()
        .expect("a request")
        .header("authorization")
        .to_owned()
}

#[test]
fn without_a_token_it_says_how_to_make_one() {
    let ran = run(&["app", "list"]);
    let said = ran.failed(2);
    assert!(
        said.starts_with("no token was given: make one with `instep token create --org ID"),
        "{said}"
    );
}

#[test]
fn from_a_flag_a_file_or_the_environment() {
    let stub = stub();
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("token");
    std::fs::write(&file, "from-file\n").expect("written");
    let file = file.to_str().expect("a path");

    let cases: [Case; 6] = [
        (&["--token", "from-flag"], &[], "Bearer from-flag"),
        (&["--token-file", file], &[], "Bearer from-file"),
        (&[], &[("INSTEP_TOKEN", TOKEN)], "Bearer ist-very-secret"),
        (&[], &[("INSTEP_TOKEN_FILE", file)], "Bearer from-file"),
        (
            &["--token-file", file],
            &[("INSTEP_TOKEN", TOKEN)],
            "Bearer from-file",
        ),
        (
            &["--token", "from-flag"],
            &[("INSTEP_TOKEN_FILE", "/nonexistent")],
            "Bearer from-flag",
        ),
    ];
    for (flags, variables, expected) in cases {
        let args: Vec<&str> = ["app", "list", "--url", stub.url()]
            .into_iter()
            .chain(flags.to_vec())
            .collect();
        let mut command = command(&args);
        command.envs(variables.to_vec());
        finish(command).done();
        assert_eq!(token_seen(&stub), expected, "{flags:?} {variables:?}");
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let ran = run(&["app", "list", "--token-file", "/nonexistent/token"]);
    assert!(
        ran.failed(1).starts_with("cannot read /nonexistent/token: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_token_that_cannot_be_one_is_not_repeated() {
    let ran = run(&["app", "list", "--token", "two\nlines"]);
    assert_eq!(
        ran.failed(2),
        "the token has characters that no token has: copy it again, in one line"
    );
}
