//! `instep key`, in a data folder of its own.

use super::{Ran, run};

#[test]
fn keys_come_and_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let within = |words: &[&str]| -> Ran { run(&[words, &["--data", data, "--output", "json"]].concat()) };
    let none = within(&["key", "list"]);
    assert!(none.failed(1).contains("there is no key file"), "{}", none.stderr);
    within(&["org", "create", "Lab", "--admin-email", "admin@lab.example"]).done();
    let names = || -> Vec<String> {
        let listed = within(&["key", "list"]).done().json();
        let keys = listed.as_array().expect("a list").iter();
        keys.map(|key| key["key"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(names(), ["k1"]);
    let alone = within(&["key", "rotate"]);
    assert!(alone.failed(1).contains("instep key add"), "{}", alone.stderr);
    assert_eq!(within(&["key", "add"]).done().json()["key"], "k2");
    assert_eq!(names(), ["k1", "k2"]);
    let first = within(&["key", "remove", "k1"]);
    assert!(first.failed(1).contains("the one that seals"), "{}", first.stderr);
    for _ in 0..2 {
        let rotated = within(&["key", "rotate"]).done().json();
        assert_eq!(
            (&rotated["key"], &rotated["not_opened"]),
            (&"k2".into(), &0.into())
        );
        assert_eq!(names(), ["k2", "k1"]);
    }
    let unknown = within(&["key", "remove", "k7"]);
    assert!(
        unknown.failed(1).contains("there is no key k7"),
        "{}",
        unknown.stderr
    );
    within(&["key", "remove", "k1"]).done();
    assert_eq!(names(), ["k2"]);
    let file = std::fs::read_to_string(folder.path().join("instep.key")).expect("a key file");
    assert!(
        file.contains("fingerprints") && !file.contains("k1"),
        "what comes of fingerprints is kept"
    );
    // And with it the program goes on.
    within(&["org", "list"]).done();
}
