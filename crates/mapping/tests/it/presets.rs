//! The bundled presets.

use mapping::{Person, Source, Still, Value, WhenEmpty, Written, preset};
use serde_json::json;

#[test]
fn each_is_a_valid_table() {
    assert_eq!(preset::all().len(), 5);
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

fn rows(name: &str) -> Vec<(String, String)> {
    let preset = preset::find(name).expect("bundled");
    let source = |source: &Source| match source {
        Source::Attribute(name) => name.clone(),
        Source::Expression(Written { text, .. }) | Source::Constant(text) => format!("= {text}"),
        Source::None => String::new(),
    };
    let rows = preset.mappings.iter();
    rows.map(|row| (source(&row.source), row.target.clone()))
        .collect()
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(one, two): &(&str, &str)| ((*one).to_owned(), (*two).to_owned());
    rows.iter().map(owned).collect()
}

/// Six attributes, beside the state that Okta's "Deactivate Users" sends.
#[test]
fn webex_as_from_okta() {
    let expected = [
        ("user.login", "userName"),
        (r#"= user.getInternalProperty("status") == "ACTIVE""#, "active"),
        ("user.displayName", "displayName"),
        ("user.lastName", "name.familyName"),
        ("user.firstName", "name.givenName"),
        (r#"= user.getInternalProperty("id")"#, "externalId"),
        ("user.title", "title"),
    ];
    assert_eq!(rows("webex-okta"), pairs(&expected));
    let preset = preset::find("webex-okta").expect("bundled");
    assert!(preset.users_only && !preset.switches.delete);
    assert!(
        preset
            .why_no_others
            .as_deref()
            .is_some_and(|why| why.contains("phone numbers"))
    );
}

/// The thirteen rows of the published table.
#[test]
fn webex_as_from_jumpcloud() {
    let expected = [
        ("username", "userName"),
        ("active", "active"),
        ("displayname", "displayName"),
        ("firstname", "name.givenName"),
        ("lastname", "name.familyName"),
        ("employeeIdentifier", "externalId"),
        ("jobTitle", "title"),
        ("addresses.country", r#"addresses[type eq "work"].country"#),
        ("addresses.locality", r#"addresses[type eq "work"].locality"#),
        (
            "addresses.streetAddress",
            r#"addresses[type eq "work"].streetAddress"#,
        ),
        ("addresses.region", r#"addresses[type eq "work"].region"#),
        ("addresses.postalcode", r#"addresses[type eq "work"].postalCode"#),
        ("phoneNumbers.value", r#"phoneNumbers[type eq "work"].value"#),
    ];
    assert_eq!(rows("webex-jumpcloud"), pairs(&expected));
    let preset = preset::find("webex-jumpcloud").expect("bundled");
    assert!(preset.users_only && !preset.switches.delete);
}

/// The vendors' presets do as the vendors do with empty sources; ours clear.
#[test]
fn what_empty_sources_do() {
    for preset in preset::all() {
        let leaves = ["webex-entra", "webex-okta", "webex-jumpcloud"].contains(&preset.name.as_str());
        let expected = if leaves {
            WhenEmpty::Leave
        } else {
            WhenEmpty::Clear
        };
        let all = preset.mappings.iter().all(|row| row.when_empty == expected);
        assert!(all, "{}", preset.name);
    }
}

#[test]
fn active_follows_the_person() {
    let resource = json!({"userName": "anna@x.example"});
    for name in preset::all().iter().map(|preset| preset.name.as_str()) {
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
            if name != "webex-jumpcloud" {
                assert_eq!(value("externalId"), "1".into());
            }
            assert_eq!(value("name.familyName"), Value::Null);
        }
    }
}
