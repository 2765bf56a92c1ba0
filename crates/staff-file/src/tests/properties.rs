//! What must hold of any bytes.

use proptest::prelude::*;

use super::*;

/// Files that come near to being staff files.
fn scrap() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("userPrincipalName"),
        Just("displayName"),
        Just("username"),
        Just("active"),
        Just("country"),
        Just("emails[type eq \"work\"].value"),
        Just(","),
        Just(";"),
        Just("\t"),
        Just("\n"),
        Just("\r\n"),
        Just("\""),
        Just("version:v1.0"),
        Just("TRUE"),
        Just("a@x.example"),
        Just("Zoë"),
        Just(" "),
        Just("Germany"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in prop_oneof![any::<Vec<u8>>(), scrap()]) {
        if let Ok(file) = read(&bytes) {
            let lines = 1 + bytes.len() as u64;
            prop_assert!(file.rows.iter().all(|row| row.line > 1 && row.line <= lines));
            prop_assert!(file.rows.iter().all(|row| row.person["userName"].is_string()));
        }
    }

    #[test]
    fn rows_and_problems_are_every_row(cells in prop::collection::vec("[a-c@]{0,3}", 1..20)) {
        let text = format!("userName,title\n{},x\n", cells.join(",x\n"));
        let file = file(&text);
        prop_assert_eq!(file.rows.len() + file.problems.len(), cells.len());
    }
}
