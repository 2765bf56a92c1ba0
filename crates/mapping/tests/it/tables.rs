//! Mapping tables: what is refused, and what they say about a person.

use std::collections::BTreeMap;

use mapping::{Apply, AttributeMapping, MappingSet, Source, Still, Value, WhenEmpty};

fn matching() -> AttributeMapping {
    AttributeMapping {
        matching: Some(1),
        ..AttributeMapping::direct("userPrincipalName", "userName")
    }
}

fn expression(text: &str, target: &str) -> AttributeMapping {
    AttributeMapping::new(Source::entra(text), target)
}

#[test]
fn errors_name_row_and_position() {
    for (rows, sentence) in [
        (
            vec![matching(), expression("ToLower([mail", "title")],
            "mapping 2 (title): at character 8: this [ is not closed with a ]",
        ),
        (
            vec![matching(), AttributeMapping::direct(" ", "title")],
            "mapping 2 (title): the source attribute has no name",
        ),
        (
            vec![
                matching(),
                AttributeMapping::direct("a", r#"emails[type eq "work"].value"#),
                AttributeMapping::direct("b", r#"Emails[Type EQ "Work"].Value"#),
            ],
            r#"mapping 3 (Emails[Type EQ "Work"].Value): mapping 2 has the same target; a target is mapped once"#,
        ),
        (
            vec![
                matching(),
                AttributeMapping {
                    matching: Some(1),
                    ..AttributeMapping::direct("mail", "title")
                },
            ],
            "mapping 2 (title): mapping 1 has the matching precedence 1 already",
        ),
        (
            vec![AttributeMapping {
                matching: Some(0),
                ..matching()
            }],
            "mapping 1 (userName): the matching precedence counts from 1",
        ),
        (
            vec![AttributeMapping::direct("mail", "title")],
            "at least one mapping must be a matching one, or accounts that exist cannot be found",
        ),
    ] {
        let error = MappingSet::check(rows).expect_err(sentence);
        assert_eq!(error.to_string(), sentence);
    }
    let error = MappingSet::check(vec![AttributeMapping::direct("a", "emails[work]")]).unwrap_err();
    assert_eq!((error.row, error.position), (1, None));
}

#[test]
fn says_what_each_attribute_must_be() {
    let set = MappingSet::check(vec![
        matching(),
        AttributeMapping {
            default_value: Some("unknown".into()),
            when_empty: WhenEmpty::Leave,
            apply: Apply::OnlyOnCreate,
            ..AttributeMapping::direct("jobTitle", "title")
        },
        AttributeMapping::new(Source::Constant("en".into()), "preferredLanguage"),
        expression("ToLower([mail])", "nickName"),
    ])
    .expect("a table");
    assert_eq!(set.attributes(), ["userPrincipalName", "jobTitle", "mail"]);
    assert_eq!(set.matching().len(), 1);

    let person = BTreeMap::from([
        ("userPrincipalName".to_owned(), Value::from("anna")),
        ("mail".to_owned(), Value::from("ANNA@x")),
    ]);
    let mapped = set.evaluate(&person, &Still::default()).expect("values");
    let values: Vec<_> = mapped
        .iter()
        .map(|one| (one.target.as_str(), one.value.clone()))
        .collect();
    assert_eq!(
        values,
        [
            ("userName", "anna".into()),
            ("title", Value::Null),
            ("preferredLanguage", "en".into()),
            ("nickName", "anna@x".into()),
        ]
    );
    assert_eq!(mapped[1].value_on_create(), "unknown".into());
    assert_eq!(mapped[3].value_on_create(), "anna@x".into());
    assert_eq!(
        (mapped[0].matching, mapped[1].apply),
        (Some(1), Apply::OnlyOnCreate)
    );
    assert_eq!(mapped[1].when_empty, WhenEmpty::Leave);

    let set = set.with_when_empty(WhenEmpty::Clear);
    assert!(set.rows().all(|row| row.when_empty == WhenEmpty::Clear));
}

#[test]
fn a_failing_mapping_is_named() {
    let set =
        MappingSet::check(vec![matching(), expression("Left([mail], [count])", "title")]).expect("a table");
    let error = set.evaluate(&BTreeMap::new(), &Still::default()).unwrap_err();
    assert_eq!(error.target.as_deref(), Some("title"));
    assert_eq!(
        error.to_string(),
        "the mapping to title: Left: numChars has no value"
    );
}

#[test]
fn the_matching_rows_come_in_their_precedence() {
    let set = MappingSet::check(vec![
        AttributeMapping {
            matching: Some(2),
            ..AttributeMapping::direct("mail", "title")
        },
        matching(),
    ])
    .expect("a table");
    let targets: Vec<_> = set.matching().iter().map(|row| row.target.clone()).collect();
    assert_eq!(targets, ["userName", "title"]);
}
