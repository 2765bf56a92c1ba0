//! Bad rows are reported with line and reason, and the others are read.

use super::*;

fn entra(rows: &str) -> StaffFile {
    file(&format!(
        "userPrincipalName,displayName,accountEnabled,usageLocation,country\n{rows}"
    ))
}

#[test]
fn reported_while_the_others_go_in() {
    let file = entra(
        "anna@x.example,Anna,True,DE,Germany\n\
         bert@x.example,Bert\n\
         cora@x.example,Cora,True,DE,Germany,more\n\
         ,Nobody,True,DE,Germany\n\
         dora@x.example,Dora,perhaps,DE,Germany\n\
         ANNA@X.example ,Anna again,True,DE,Germany\n\
         \"emil@x.example,Emil,True,DE,Germany\n\
         \n\
         fred@x.example,Fred,,,,,,\n",
    );
    let names: Vec<_> = file
        .rows
        .iter()
        .map(|row| (row.line, row.person["userName"].as_str()))
        .collect();
    assert_eq!(names, [(2, Some("anna@x.example")), (10, Some("fred@x.example"))]);
    assert_eq!(
        problems(&file),
        [
            "line 3: 2 cells, but the header has 5",
            "line 4: 6 cells, but the header has 5; a delimiter in a value needs quotes",
            "line 5: the column userPrincipalName is blank",
            "line 6: accountEnabled must be TRUE or FALSE, not \"perhaps\"",
            "line 7: ANNA@X.example is already on line 2",
            "line 8: a quote is opened here and never closed",
        ]
    );
}

#[test]
fn a_blank_account_enabled_is_true() {
    let file = entra("a@x.example,,,,\nb@x.example,,FALSCH,,\n");
    let active: Vec<_> = file
        .rows
        .iter()
        .map(|row| row.person["active"].as_bool())
        .collect();
    assert_eq!(active, [Some(true), Some(false)]);
}

#[test]
fn countries() {
    for (code, name, country, warned) in [
        ("DE", "", Some("DE"), false),
        ("de", "France", Some("DE"), false),
        ("", "Germany", Some("DE"), false),
        ("", "fr", Some("FR"), false),
        ("", "Atlantis", None, true),
        ("Germany", "", None, true),
        ("Germany", "Germany", Some("DE"), true),
        ("DE", "Bundesrepublik", Some("DE"), false),
        ("", "", None, false),
    ] {
        let file = entra(&format!("a@x.example,,,{code},{name}\n"));
        let found = file.rows[0]
            .person
            .get("addresses")
            .map(|addresses| &addresses[0]["country"]);
        assert_eq!(found.and_then(Value::as_str), country, "{code} {name}");
        assert_eq!(!file.warnings.is_empty(), warned, "{code} {name}");
        assert!(file.problems.is_empty());
    }
    assert_eq!(
        warnings(&entra("a@x.example,,,,Atlantis\n")),
        ["line 2: country is no country that is known here: \"Atlantis\"; it was left out"]
    );
}

#[test]
fn states_in_words() {
    let file = file("User ID/Email (Required),User Status\na@x.example,Verified\nb@x.example,Gone\n");
    assert_eq!(file.rows.len(), 1);
    assert_eq!(
        problems(&file),
        ["line 3: User Status must be Active or Inactive, not \"Gone\""]
    );
}

#[test]
fn jumpcloud_wants_a_username_or_an_address() {
    let file = file("username,email,firstname\n,,Nobody\n,a@x.example,Anna\n");
    assert_eq!(problems(&file), ["line 2: the column username is blank"]);
    assert_eq!(file.rows[0].person["userName"], "a@x.example");
}

#[test]
fn every_sentence_is_complete() {
    let file = entra("a@x.example,a\u{7f}b,,,\n");
    assert_eq!(problems(&file), ["line 2: displayName holds a control character"]);
}
