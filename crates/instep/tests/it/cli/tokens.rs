//! `instep token`, in a database of its own.

use super::{Ran, run};

#[test]
fn a_token_is_made_listed_and_revoked() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let within = |words: &[&str]| -> Ran { run(&[words, &["--data", data, "--output", "json"]].concat()) };
    let made = within(&["org", "create", "Lab", "--admin-email", "admin@lab.example"]).done();
    let org = made.json()["organization_id"].as_str().expect("an id").to_owned();
    let made = within(&["token", "create", "--org", &org, "--name", "Okta", "--days", "30"]).done();
    let (id, secret) = (made.json()["id"].clone(), made.json()["token"].clone());
    let id = id.as_str().expect("an id");
    let list = || within(&["token", "list", "--org", &org]).done();
    let listed = list().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&listed[0]["id"], &listed[0]["state"]),
        (&id.into(), &"active".into())
    );
    assert!(!list().stdout.contains(secret.as_str().expect("a token")));

    let rolled = within(&["token", "roll", "--org", &org, id, "--overlap-hours", "1"]).done();
    let next = rolled.json();
    assert!(next["token"] != secret && next["token"].is_string());
    let listed = list().json();
    assert_eq!(
        (&listed[0]["expires_at"], &listed[1]["id"], &listed[1]["name"]),
        (&next["former_expires_at"], &next["id"], &"Okta".into())
    );
    assert_eq!(listed[0]["scopes"], listed[1]["scopes"]);

    let asked = within(&["token", "revoke", "--org", &org, id]);
    assert!(asked.failed(2).contains("--yes"), "{}", asked.stderr);
    for _ in 0..2 {
        let revoked = within(&["token", "revoke", "--org", &org, id, "--yes"]).done();
        assert_eq!(revoked.json()["state"], "revoked");
    }
    let shown = run(&["token", "list", "--org", &org, "--data", data]).done();
    assert!(
        shown.stdout.contains("Okta") && shown.stdout.contains("revoked"),
        "{}",
        shown.stdout
    );
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let nobody = "01890000-0000-7000-8000-000000000000";
    for (words, said) in [
        (vec!["token", "list", "--org", nobody], "no such organization"),
        (
            vec!["token", "revoke", "--org", nobody, nobody, "--yes"],
            "none of the organization's tokens",
        ),
        (
            vec!["token", "revoke", "--org", nobody, "x", "--yes"],
            "none of the organization's tokens",
        ),
        (
            vec!["token", "roll", "--org", nobody, nobody],
            "none of the organization's tokens",
        ),
        (
            vec!["token", "roll", "--org", nobody, nobody, "--overlap-hours", "721"],
            "0 to 720 hours",
        ),
    ] {
        let ran = run(&[&words[..], &["--data", data]].concat());
        assert!(ran.failed(1).contains(said), "{}", ran.stderr);
    }
}

#[test]
fn a_lost_password_is_reset() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let within = |words: &[&str]| -> Ran { run(&[words, &["--data", data]].concat()) };
    let made = within(&[
        "org",
        "create",
        "Lab",
        "--admin-email",
        "admin@lab.example",
        "--output",
        "json",
    ])
    .done();
    let made = made.json();
    let org = made["organization_id"].as_str().expect("an id");
    let reset = || {
        within(&[
            "org",
            "reset-password",
            org,
            "ADMIN@lab.example",
            "--output",
            "json",
        ])
        .done()
    };
    let (one, other) = (reset().json(), reset().json());
    assert_eq!(one["address"], "admin@lab.example");
    let passwords = [&made["admin_password"], &one["password"], &other["password"]];
    assert!(
        passwords
            .iter()
            .all(|password| password.as_str().is_some_and(|text| text.len() == 23))
    );
    assert!(passwords[0] != passwords[1] && passwords[1] != passwords[2]);
    let shown = within(&["org", "reset-password", org, "admin@lab.example"]).done();
    assert!(
        shown.stdout.contains("is to be changed at the next sign-in"),
        "{}",
        shown.stdout
    );
    let nobody = within(&["org", "reset-password", org, "nobody"]);
    assert!(nobody.failed(1).contains("there is nobody"), "{}", nobody.stderr);
    let factors = within(&["org", "reset-factors", org, "admin@lab.example"]).done();
    assert!(
        factors.stdout.contains("had no second factor"),
        "{}",
        factors.stdout
    );
    let nobody = within(&["org", "reset-factors", org, "nobody"]);
    assert!(nobody.failed(1).contains("there is nobody"), "{}", nobody.stderr);
}
