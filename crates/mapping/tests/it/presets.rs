//! The bundled presets.

use mapping::{Person, Source, Still, Value, WhenEmpty, Written, preset};
use serde_json::json;

#[test]
fn each_is_a_valid_table() {
    assert_eq!(preset::all().len(), 2);
    for preset in preset::all() {
        let set = preset
            .mapping_set()
            .unwrap_or_else(|error| panic!("{}: {error}", preset.name));
        assert_eq!(set.rows().len(), preset.mappings.len());
        assert_eq!(preset::find(&preset.name), Some(preset));
    }
    assert_eq!(preset::find("nothing"), None);
}

/// The published table: six defaults and nine further attributes.
#[test]
fn webex_as_from_entra_id() {
    let preset = preset::find("webex-entra").expect("bundled");
    let rows: Vec<(String, &str)> = preset
        .mappings
        .iter()
        .map(|row| {
            let source = match &row.source {
                Source::Attribute(name) => name.clone(),
                Source::Expression(Written { text, .. }) | Source::Constant(text) => format!("= {text}"),
                Source::None => String::new(),
            };
            (source, row.target.as_str())
        })
        .collect();
    let rows: Vec<(&str, &str)> = rows
        .iter()
        .map(|(source, target)| (source.as_str(), *target))
        .collect();
    assert_eq!(
        rows,
        [
            ("userPrincipalName", "userName"),
            (
                r#"= Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
                "active"
            ),
            ("displayName", "displayName"),
            ("surname", "name.familyName"),
            ("givenName", "name.givenName"),
            ("objectId", "externalId"),
            ("jobTitle", "title"),
            ("usageLocation", r#"addresses[type eq "work"].country"#),
            ("city", r#"addresses[type eq "work"].locality"#),
            ("streetAddress", r#"addresses[type eq "work"].streetAddress"#),
            ("state", r#"addresses[type eq "work"].region"#),
            ("postalCode", r#"addresses[type eq "work"].postalCode"#),
            ("telephoneNumber", r#"phoneNumbers[type eq "work"].value"#),
            ("mobile", r#"phoneNumbers[type eq "mobile"].value"#),
            ("facsimileTelephoneNumber", r#"phoneNumbers[type eq "fax"].value"#),
        ]
    );
    let set = preset.mapping_set().expect("valid");
    assert_eq!(
        set.matching()
            .iter()
            .map(|row| row.target.as_str())
            .collect::<Vec<_>>(),
        ["userName"]
    );
    assert!(set.rows().all(|row| row.when_empty == WhenEmpty::Leave));
    let clearing = preset.clone().with_when_empty(WhenEmpty::Clear);
    assert!(
        clearing
            .mappings
            .iter()
            .all(|row| row.when_empty == WhenEmpty::Clear)
    );
}

#[test]
fn active_follows_the_person() {
    let resource = json!({"userName": "anna@x.example"});
    for name in ["webex-entra", "scim"] {
        let set = preset::find(name).expect("bundled").mapping_set().expect("valid");
        for (is_soft_deleted, active) in [(false, true), (true, false)] {
            let person = Person {
                is_soft_deleted,
                ..Person::new(resource.as_object().expect("an object"), "1")
            };
            let mapped = set.evaluate(&person, &Still::default()).expect("values");
            let value = |target: &str| {
                let found = mapped.iter().find(|one| one.target == target);
                found.map(|one| one.value.clone()).unwrap_or_default()
            };
            assert_eq!(value("active").as_boolean(), Some(active), "{name}");
            assert_eq!(value("userName"), "anna@x.example".into());
            assert_eq!(value("externalId"), "1".into());
            assert_eq!(value("name.familyName"), Value::Null);
        }
    }
}
