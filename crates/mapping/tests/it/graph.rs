//! Configurations as Graph's synchronization schemas, there and back.

use mapping::graph::{AttributeType, Configuration, Definition, Groups, export, import};
use mapping::preset::Switches;
use mapping::scope::{Clause, ClauseGroup, Operator, ScopingFilter};
use mapping::{Apply, AttributeMapping, Expression, Language, MappingSet, Source, WhenEmpty, preset};
use proptest::prelude::*;
use serde_json::{Value, json};

const ALL_ON: Switches = Switches {
    create: true,
    update: true,
    deactivate: true,
    delete: true,
};

fn there(configuration: &Configuration) -> Value {
    let set = MappingSet::check(configuration.rows.clone()).expect("a set");
    let groups = configuration.groups.as_ref();
    let groups = groups.map(|groups| MappingSet::check(groups.rows.clone()).expect("a set"));
    export(configuration, (&set, groups.as_ref()), "Webex")
}

/// In the shape of the examples in Graph's documentation ("Configure synchronization with custom target attributes",
/// "attributeMappingSource resource type"), with values of our own.
fn published_shape() -> Value {
    let text = include_str!("fixtures/synchronization_schema.json");
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_published_shape_is_read() {
    let imported = import(&published_shape()).expect("a configuration");
    let row = |source: Source, target: &str| AttributeMapping {
        when_empty: WhenEmpty::Leave,
        ..AttributeMapping::new(source, target)
    };
    let direct = |name: &str, target: &str| row(Source::Attribute(name.to_owned()), target);
    let expected = [
        AttributeMapping {
            matching: Some(1),
            ..direct("userPrincipalName", "userName")
        },
        AttributeMapping {
            default_value: Some("True".to_owned()),
            ..row(Source::entra("Not([IsSoftDeleted])"), "active")
        },
        AttributeMapping {
            apply: Apply::OnlyOnCreate,
            ..row(Source::entra(r#"Mid([userPrincipalName], "1", "8")"#), "nickName")
        },
        AttributeMapping {
            when_empty: WhenEmpty::Clear,
            ..direct("jobTitle", "title")
        },
        row(Source::Constant("Employee".to_owned()), "userType"),
        AttributeMapping {
            default_value: Some("en_US".to_owned()),
            ..row(Source::None, "locale")
        },
        direct("employeeId", "urn:example:2.0:User:office"),
    ];
    let Configuration {
        rows,
        filter,
        switches,
        custom,
        groups,
    } = imported.configuration;
    assert_eq!(rows, expected);
    MappingSet::check(rows).expect("a set");
    let lines: Vec<String> = filter.groups[0].clauses.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["department EQUALS Lab", "mail IS NOT NULL"]);
    assert_eq!(
        switches,
        Switches {
            delete: false,
            ..ALL_ON
        }
    );
    let office = Definition {
        name: "urn:example:2.0:User:office".to_owned(),
        kind: AttributeType::Integer,
        multi_valued: false,
    };
    assert_eq!(custom, [office]);
    let groups = groups.expect("groups");
    let expected = [
        AttributeMapping {
            matching: Some(1),
            ..direct("displayName", "displayName")
        },
        direct("objectId", "externalId"),
        direct("members", "members"),
    ];
    assert_eq!((groups.rows.as_slice(), groups.enabled), (&expected[..], true));
    assert_eq!(imported.notes, Vec::<String>::new());
}

#[test]
fn what_would_be_lost_is_noted() {
    for (flow, part) in [
        (json!({"flowType": "AttributeAddOnly"}), "only on create"),
        (json!({"flowType": "ValueAddOnly"}), "leaves what is there"),
        (json!({"flowType": "MultiValueAddOnly"}), "leaves what is there"),
        (json!({"flowBehavior": "FlowAlways"}), "no meaning here"),
    ] {
        let mut schema = published_shape();
        let mapping = &mut schema["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"][3];
        for (name, value) in flow.as_object().expect("members") {
            mapping[name] = value.clone();
        }
        let notes = import(&schema).expect("a configuration").notes;
        assert!(
            notes
                .iter()
                .any(|note| note.starts_with("title: ") && note.contains(part)),
            "{notes:?}"
        );
    }
}

#[test]
fn of_groups_one_mapping_is_brought_along_or_none() {
    let groups = "/synchronizationRules/0/objectMappings/0";
    for (at, value, enabled, note) in [
        ("enabled", json!(false), Some(false), None),
        (
            "targetObjectName",
            json!("urn:ietf:params:scim:schemas:core:2.0:Group"),
            Some(true),
            None,
        ),
        (
            "flowTypes",
            json!("Add, Update, Delete"),
            Some(true),
            Some("flow types of groups"),
        ),
        (
            "sourceObjectName",
            json!("Device"),
            None,
            Some("\"Groups\" is left out"),
        ),
        ("attributeMappings", json!([]), None, None),
        (
            "scope",
            json!({"groups": [{"name": "x", "clauses": [{"operatorName": "IS NOT NULL", "sourceOperandName": "mail"}]}]}),
            None,
            Some("no scoping filter"),
        ),
    ] {
        let mut schema = published_shape();
        schema.pointer_mut(groups).expect("groups")[at] = value;
        let imported = import(&schema).expect("a configuration");
        let found = imported.configuration.groups.map(|groups| groups.enabled);
        assert_eq!(found, enabled, "{at}");
        let noted = imported.notes.first().map_or("", String::as_str);
        assert_eq!(
            noted.contains(note.unwrap_or("\0")),
            note.is_some(),
            "{at}: {noted}"
        );
        assert_eq!(imported.notes.len(), usize::from(note.is_some()), "{at}");
    }
}

#[test]
fn what_cannot_be_brought_along_is_refused() {
    let users = "/synchronizationRules/0/objectMappings/1";
    for (at, value, pointer) in [
        ("", json!("x"), ""),
        ("/synchronizationRules", json!([]), "/synchronizationRules"),
        (
            "/synchronizationRules/0/objectMappings/1/enabled",
            json!(false),
            "/synchronizationRules",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/attributeMappings/0/matchingPriority",
            json!(999),
            "/attributeMappings/0/matchingPriority",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/attributeMappings/0/flowType",
            json!("Never"),
            "/attributeMappings/0/flowType",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/attributeMappings/1/source",
            json!({"type": "Function"}),
            "/attributeMappings/1/source",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/scope/groups/0/clauses/0/operatorName",
            json!("LIKE"),
            "/scope/groups/0/clauses/0/operatorName",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/scope/groups/0/clauses/0/targetOperand/values",
            json!(["a", "b"]),
            "/scope/groups/0/clauses/0/targetOperand",
        ),
        (
            "/synchronizationRules/0/objectMappings/1/scope/inputFilterGroups",
            json!([{"name": "x", "clauses": [{"operatorName": "EQUALS"}]}]),
            "/scope/inputFilterGroups",
        ),
    ] {
        let mut schema = published_shape();
        *schema.pointer_mut(at).expect(at) = value;
        let error = import(&schema).expect_err(at);
        let expected = if pointer.starts_with("/attr") || pointer.starts_with("/scope") {
            format!("{users}{pointer}")
        } else {
            pointer.to_owned()
        };
        assert_eq!(error.pointer, expected, "{at}: {error}");
    }
}

#[test]
fn every_preset_goes_there_and_back() {
    for preset in preset::all() {
        let configuration = Configuration {
            rows: preset.mappings.clone(),
            filter: ScopingFilter::default(),
            switches: preset.switches,
            custom: Vec::new(),
            groups: Some(Groups {
                rows: preset::groups().to_vec(),
                enabled: !preset.users_only,
            }),
        };
        let imported = import(&there(&configuration)).expect("a configuration");
        assert_eq!(imported.configuration, configuration, "{}", preset.name);
        assert!(imported.notes.is_empty(), "{:?}", imported.notes);
    }
}

/// Others may write the trees only.
#[test]
fn trees_alone_are_enough() {
    fn without_texts(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("expression");
                members.values_mut().for_each(without_texts);
            }
            Value::Array(items) => items.iter_mut().for_each(without_texts),
            _ => {}
        }
    }
    for text in [
        r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        r#"Join(", ", [surname], ToUpper([givenName]))"#,
        r#"IIF([country] = "CH", "Swiss \"x\"", "other\\")"#,
        r#"Replace([mail], "@", , , "-", , )"#,
        "Not([accountEnabled])",
    ] {
        let rows = vec![AttributeMapping {
            matching: Some(1),
            ..AttributeMapping::new(Source::entra(text), "userName")
        }];
        let configuration = Configuration {
            rows,
            filter: ScopingFilter::default(),
            switches: ALL_ON,
            custom: Vec::new(),
            groups: None,
        };
        let mut schema = there(&configuration);
        without_texts(&mut schema);
        let imported = import(&schema).expect("a configuration");
        let Source::Expression(written) = &imported.configuration.rows[0].source else {
            panic!("no expression")
        };
        let again: Expression = written.text.parse().expect("an expression");
        assert_eq!(again, text.parse().expect("an expression"));
    }
}

fn source() -> impl Strategy<Value = Source> {
    let entra = prop::sample::select(vec![
        "[mail]",
        r#"Append([givenName], "x")"#,
        r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        r#"IIF([country] = "CH", Mid([surname], 1, 3), Coalesce([mail], "none"))"#,
    ]);
    let okta = prop::sample::select(vec![
        "user.firstName + ' ' + user.lastName",
        "user.title ?: \"Staff\"",
    ]);
    prop_oneof![
        "[a-zA-Z]{1,9}".prop_map(Source::Attribute),
        any::<String>().prop_map(Source::Constant),
        entra.prop_map(Source::entra),
        okta.prop_map(Source::okta),
        Just(Source::None),
    ]
}

fn row(target: &'static str) -> impl Strategy<Value = AttributeMapping> {
    let flags = (
        prop::sample::select(Apply::ALL.to_vec()),
        prop::sample::select(WhenEmpty::ALL.to_vec()),
        prop::option::of(".{1,9}"),
    );
    (source(), flags).prop_map(
        move |(source, (apply, when_empty, default_value))| AttributeMapping {
            apply,
            // Without a default value, `default` cannot be.
            when_empty: if default_value.is_none() && when_empty == WhenEmpty::Default {
                WhenEmpty::Leave
            } else {
                when_empty
            },
            default_value,
            ..AttributeMapping::new(source, target)
        },
    )
}

fn clause() -> impl Strategy<Value = Clause> {
    (
        "[a-zA-Z]{1,9}",
        prop::sample::select(Operator::ALL.to_vec()),
        ".{0,9}",
    )
        .prop_map(|(attribute, operator, value)| {
            let value = operator.takes_value().then_some(value);
            Clause::new(attribute, operator, value.as_deref())
        })
}

prop_compose! {
    fn configuration()(
        rows in (row("title"), row("nickName"), row("name.familyName"), row("urn:example:2.0:User:badge")),
        matching in 1..=9_u8,
        groups in prop::collection::vec((".{0,9}", prop::collection::vec(clause(), 1..4)), 0..4),
        switches in any::<[bool; 4]>(),
        kind in prop::sample::select(vec![
            AttributeType::String, AttributeType::Integer, AttributeType::Reference, AttributeType::Binary,
            AttributeType::Boolean, AttributeType::DateTime, AttributeType::Decimal,
        ]),
        multi_valued in any::<bool>(),
        of_groups in prop::option::of((row("externalId"), any::<bool>())),
    ) -> Configuration {
        let key = AttributeMapping { matching: Some(matching), ..AttributeMapping::direct("userPrincipalName", "userName") };
        let [create, update, deactivate, delete] = switches;
        Configuration {
            rows: vec![rows.0, key, rows.1, rows.2, rows.3],
            filter: ScopingFilter {
                groups: groups.into_iter().map(|(title, clauses)| ClauseGroup { title, clauses }).collect(),
            },
            switches: Switches { create, update, deactivate, delete },
            custom: vec![Definition { name: "urn:example:2.0:User:badge".to_owned(), kind, multi_valued }],
            groups: of_groups.map(|(row, enabled)| Groups {
                rows: vec![
                    AttributeMapping { matching: Some(1), ..AttributeMapping::direct("displayName", "displayName") },
                    row,
                    AttributeMapping::direct("members", "members"),
                ],
                enabled,
            }),
        }
    }
}

proptest! {
    #[test]
    fn every_configuration_comes_back(configuration in configuration()) {
        let imported = import(&there(&configuration)).expect("a configuration");
        prop_assert_eq!(imported.configuration, configuration);
        prop_assert!(imported.notes.is_empty(), "{:?}", imported.notes);
    }

    #[test]
    fn importing_never_panics(pointer in 0_usize..60, value in prop_oneof![
        Just(json!(null)), Just(json!({})), Just(json!([])), Just(json!("x")), Just(json!(-1)), Just(json!([null, {}])),
    ]) {
        fn places(value: &mut Value, left: &mut usize, put: &Value) {
            if *left == 0 {
                *value = put.clone();
            }
            *left = left.wrapping_sub(1);
            match value {
                Value::Object(members) => members.values_mut().for_each(|one| places(one, left, put)),
                Value::Array(items) => items.iter_mut().for_each(|one| places(one, left, put)),
                _ => {}
            }
        }
        let mut schema = published_shape();
        places(&mut schema, &mut pointer.clone(), &value);
        let _ = import(&schema);
    }
}

#[test]
fn the_language_is_kept() {
    assert_eq!(
        Language::ALL.len(),
        2,
        "a third language needs a word in the schema"
    );
}
