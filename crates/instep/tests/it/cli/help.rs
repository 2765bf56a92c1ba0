//! Help, versions and wrong usage.

use super::run;

/// The names under `Commands:` in a help text.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn check(path: &[&str], seen: &mut Vec<String>) {
    let args: Vec<&str> = path.iter().copied().chain(["--help"]).collect();
    let ran = run(&args).done();
    assert!(ran.stdout.contains("Usage: instep"), "{path:?}: {}", ran.stdout);
    assert_eq!(ran.stderr, "");
    seen.push(path.join(" "));
    let short: Vec<&str> = path.iter().copied().chain(["-h"]).collect();
    for name in commands(&run(&short).done().stdout) {
        if name != "help" {
            check(
                &path.iter().copied().chain([name.as_str()]).collect::<Vec<_>>(),
                seen,
            );
        }
    }
}

#[test]
fn every_command_has_help() {
    let mut seen = Vec::new();
    check(&[], &mut seen);
    for expected in [
        "serve",
        "demo",
        "org create",
        "token create",
        "user import",
        "app plan",
        "log",
    ] {
        assert!(
            seen.iter().any(|path| path == expected),
            "{expected} is missing in {seen:?}"
        );
    }
}

#[test]
fn help_shows_variables_and_never_their_values() {
    let mut command = super::command(&["user", "list", "--help"]);
    command.env("INSTEP_TOKEN", super::TOKEN);
    let ran = super::finish(command).done();
    assert!(ran.stdout.contains("[env: INSTEP_TOKEN]"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(super::TOKEN));
}

#[test]
fn says_its_version() {
    let ran = run(&["--version"]).done();
    assert_eq!(ran.stdout, format!("instep {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2() {
    let cases: [&[&str]; 14] = [
        &[],
        &["nonsense"],
        &["user"],
        &["user", "show"],
        &["user", "list", "--limit", "0"],
        &["user", "list", "--output", "yaml"],
        &["user", "list", "--url", "localhost:8080"],
        &["user", "list", "--token", "a", "--token-file", "b"],
        &["org", "set", "ID", "no-value"],
        &["token", "create", "--name", "no-org"],
        &["app", "add", "webex"],
        &[
            "app",
            "add",
            "scim",
            "--base-url",
            "http://h",
            "--org-id",
            "o",
            "--target-token",
            "t",
        ],
        &["app", "assign", "Webex", "--remove"],
        &["demo", "--users", "0"],
    ];
    for args in cases {
        let ran = run(args);
        assert_eq!(ran.status, 2, "{args:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{args:?}");
        assert_ne!(ran.stderr, "", "{args:?}");
    }
}

#[test]
fn a_variable_stands_for_its_flag() {
    let mut command = super::command(&["user", "list"]);
    command.env("INSTEP_OUTPUT", "yaml");
    let ran = super::finish(command);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("yaml"), "{}", ran.stderr);
}
