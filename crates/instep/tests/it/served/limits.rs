//! A server that takes few requests of a token, and the command that waits for it.

use super::Served;

#[test]
fn the_command_waits_where_requests_are_limited() {
    let served = Served::configured(|_| "requests_per_minute = 10\n".to_owned());
    for round in 1..=60 {
        let ran = served
            .command(&["group", "list"])
            .output()
            .expect("the command starts");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{said}");
        if said.contains("trying again in ") {
            assert!(round > 10, "ten are let in at once: {said}");
            return;
        }
    }
    panic!("it never had to wait");
}
