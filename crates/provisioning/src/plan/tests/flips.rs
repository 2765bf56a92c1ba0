//! Each member of a mapping flipped alone, and each value that a choice can have: every flip must be seen. What there
//! is to flip is read from the definitions; what is missing here fails the test.

use std::collections::BTreeSet;

use mapping::{Apply, AttributeMapping, Language, Source, WhenEmpty};
use serde_json::{Value, json};

use super::*;

/// Every member of a row. A new one does not compile until it stands here.
fn members() -> BTreeSet<String> {
    let row = AttributeMapping {
        source: Source::None,
        target: "title".to_owned(),
        matching: Some(1),
        apply: Apply::Always,
        default_value: Some(String::new()),
        when_empty: WhenEmpty::Leave,
    };
    object(json!(row)).keys().cloned().collect()
}

/// Every value of the members that are a choice, and every kind of source.
fn choices() -> BTreeSet<String> {
    let apply = Apply::ALL.map(|one| json!(one));
    let when_empty = WhenEmpty::ALL.map(|one| json!(one));
    let sources = [
        Source::Attribute("title".to_owned()),
        Source::Constant("x".to_owned()),
        Source::None,
    ];
    // A new kind of source does not compile until it stands here.
    for source in &sources {
        match source {
            Source::Attribute(_) | Source::Constant(_) | Source::Expression(_) | Source::None => {}
        }
    }
    let languages = Language::ALL.map(|language| format!("source expression {}", language.as_str()));
    let named = |name: &str, all: &[Value]| all.iter().map(|one| choice(name, one)).collect::<Vec<_>>();
    let mut all = BTreeSet::from(languages);
    all.extend(named("apply", &apply));
    all.extend(named("when_empty", &when_empty));
    all.extend(sources.iter().map(|source| choice("source", &json!(source))));
    all
}

/// A value of a member, without what is free in it.
fn choice(name: &str, value: &Value) -> String {
    match value {
        Value::Object(source) if source.contains_key("expression") => {
            let language = source.get("language").and_then(Value::as_str).unwrap_or("entra");
            format!("{name} expression {language}")
        }
        Value::Object(source) => format!("{name} {}", source.keys().next().cloned().unwrap_or_default()),
        other => format!("{name} {}", other.as_str().unwrap_or_default()),
    }
}

/// All that a row does: to a new account, to one that holds something, to one that holds nothing; and by what an
/// account is looked for.
fn outcome(row: &Value) -> impl PartialEq + std::fmt::Debug + use<> {
    let rows = json!([{"source": {"attribute": "objectId"}, "target": "externalId", "matching": 5}, row]);
    let rows: Vec<AttributeMapping> = serde_json::from_value(rows).expect("rows");
    let mappings = Mappings::new(MappingSet::check(rows).expect("a set")).expect("places");
    let case = Case {
        mappings,
        ..Case::new()
    };
    let looked_for = case.plan(Account::Unlinked);
    let created = case.plan(Account::Absent).map(|plan| plan.request);
    let mut held = account();
    held.insert("nickName".to_owned(), json!("held"));
    held.insert("locale".to_owned(), json!("de"));
    (
        looked_for,
        created,
        case.linked(&held).request,
        case.linked(&account()).request,
    )
}

#[test]
fn every_flip_of_a_mapping_is_seen() {
    let title = json!({"attribute": "title"});
    let empty = json!({"attribute": "nickName"});
    let plain = json!({"source": title, "target": "nickName"});
    let nothing = json!({"source": empty, "target": "nickName"});
    let with_default = json!({"source": empty, "target": "nickName", "default_value": "d"});
    let flips = [
        (
            "source",
            json!({"attribute": "displayName"}),
            title.clone(),
            &plain,
        ),
        ("source", json!({"constant": "x"}), title.clone(), &plain),
        ("source", json!("none"), title.clone(), &plain),
        (
            "source",
            json!({"expression": r#""a\\b""#}),
            json!({"expression": r#""a\\b""#, "language": "okta"}),
            &plain,
        ),
        ("target", json!("nickName"), json!("locale"), &plain),
        ("matching", Value::Null, json!(1), &plain),
        ("matching", json!(1), json!(9), &plain),
        ("apply", json!("always"), json!("only_on_create"), &plain),
        ("default_value", Value::Null, json!("d"), &nothing),
        ("default_value", json!("d"), json!("e"), &nothing),
        ("when_empty", json!("leave"), json!("clear"), &nothing),
        ("when_empty", json!("clear"), json!("default"), &with_default),
        ("when_empty", json!("default"), json!("leave"), &with_default),
    ];
    let (mut flipped, mut chosen) = (BTreeSet::new(), BTreeSet::new());
    for (member, one, other, base) in flips {
        let with = |value: &Value| {
            let mut row = base.clone();
            row[member] = value.clone();
            row
        };
        assert_ne!(
            outcome(&with(&one)),
            outcome(&with(&other)),
            "{member}: {one} or {other}"
        );
        flipped.insert(member.to_owned());
        if matches!(member, "source" | "apply" | "when_empty") {
            chosen.extend([choice(member, &one), choice(member, &other)]);
        }
    }
    assert_eq!(flipped, members());
    assert_eq!(chosen, choices());
}
