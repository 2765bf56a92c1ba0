//! What each flag of a mapping and each function that needs the target does to the plan.

use serde_json::{Value, json};

use super::*;

/// Each flag of a mapping alone: what it does to a new account, to one that has a value, and to one that has none.
#[test]
fn every_flag_of_a_mapping_makes_a_difference() {
    let value = |text: &str| Some(json!(text));
    let cases = [
        (
            "plain",
            json!({"source": {"attribute": "title"}}),
            value("Chemist"),
            value("Chemist"),
            value("Chemist"),
        ),
        (
            "only on create",
            json!({"source": {"attribute": "title"}, "apply": "only_on_create"}),
            value("Chemist"),
            None,
            None,
        ),
        (
            "clear",
            json!({"source": {"attribute": "nickName"}}),
            None,
            Some(Value::Null),
            None,
        ),
        (
            "leave",
            json!({"source": {"attribute": "nickName"}, "when_empty": "leave"}),
            None,
            None,
            None,
        ),
        (
            "default on create",
            json!({"source": {"attribute": "nickName"}, "default_value": "d"}),
            value("d"),
            Some(Value::Null),
            None,
        ),
        (
            "default always",
            json!({"source": {"attribute": "nickName"}, "default_value": "d", "when_empty": "default"}),
            value("d"),
            value("d"),
            value("d"),
        ),
        ("none", json!({"source": "none"}), None, None, None),
        (
            "none, with a default",
            json!({"source": "none", "default_value": "d"}),
            value("d"),
            None,
            value("d"),
        ),
        (
            "constant",
            json!({"source": {"constant": "c"}}),
            value("c"),
            value("c"),
            value("c"),
        ),
        (
            "ignored",
            json!({"source": {"expression": "IgnoreFlowIfNullOrEmpty([nickName])"}, "default_value": "d", "when_empty": "default"}),
            None,
            None,
            None,
        ),
        (
            "time",
            json!({"source": {"expression": "Now()"}}),
            value("1/1/1970 12:00:00 AM"),
            None,
            value("1/1/1970 12:00:00 AM"),
        ),
        (
            "time in a condition",
            json!({"source": {"expression": "IIF(DateDiff(\"d\", Now(), \"2026-11-21\") > 5, \"early\", \"late\")"}}),
            value("early"),
            value("early"),
            value("early"),
        ),
    ];
    for (name, mut row, new, held, empty) in cases {
        row["target"] = json!("nickName");
        let case = Case::and(row);
        assert_eq!(case.new_nick_name(), new, "{name}: a new account");
        assert_eq!(
            case.nick_name(Some("held")),
            held,
            "{name}: one that holds something"
        );
        assert_eq!(case.nick_name(None), empty, "{name}: one that holds nothing");
    }
}

#[test]
fn chance_is_the_same_in_every_plan() {
    let case = Case::and(json!({"source": {"expression": "Guid()"}, "target": "nickName"}));
    assert!(case.new_nick_name().is_some());
    assert_eq!(case.new_nick_name(), case.new_nick_name());
}

#[test]
fn a_unique_value_is_chosen_before_an_account_is_created() {
    let expression = r#"SelectUniqueValue("a", "b")"#;
    let row = json!({"source": {"expression": expression}, "target": "nickName", "apply": "only_on_create"});
    let mut case = Case::and(row);
    let Err(Refusal::Choose(wanted)) = case.plan(Account::Absent) else {
        panic!("planned without asking")
    };
    assert_eq!(wanted.path.as_str(), "nickName");
    assert_eq!(wanted.values, [json!("a"), json!("b")]);
    case.choices.insert("nickName".to_owned(), json!("b"));
    assert_eq!(case.new_nick_name(), Some(json!("b")));
    assert_eq!(case.nick_name(Some("x")), None, "accounts that exist keep theirs");
    case.switches.create = false;
    case.choices.clear();
    assert_eq!(case.plan(Account::Absent).expect("a plan").action, Action::Skip);
}

#[test]
fn a_redacted_value_is_sent_but_not_shown() {
    let row = json!({"source": {"expression": "Redact([title])"}, "target": "nickName"});
    let case = Case::and(row);
    let plan = case.plan(Account::Absent).expect("a plan");
    let Some(Request::Create { body }) = &plan.request else {
        panic!("no create")
    };
    assert_eq!(body["nickName"], "Chemist");
    assert_eq!(plan.shown_body().expect("a body")["nickName"], "[Redact]");
    assert_eq!(case.nick_name(Some("old")), Some(json!("[Redact]")));
    let patch = case.linked(&account());
    let shown = patch.shown_body().expect("a body").to_string();
    assert!(
        shown.contains("[Redact]") && !shown.contains("Chemist"),
        "{shown}"
    );
}

#[test]
fn roles_are_compared_by_their_values() {
    let row = json!({"source": {"expression": "AppRoleAssignmentsComplex([appRoleAssignments])"}, "target": "roles"});
    let mut case = Case::and(row);
    case.roles = vec!["Admin".to_owned(), "User".to_owned()];
    let mut held = account();
    held.insert(
        "roles".to_owned(),
        json!([{"value": "User", "display": "u"}, {"value": "Admin"}]),
    );
    assert_eq!(case.linked(&held).action, Action::Unchanged);
    held.insert("roles".to_owned(), json!([{"value": "User"}]));
    let operations = operations_of(&case.linked(&held));
    assert_eq!(operations[0]["path"], "roles");
    assert_eq!(operations[0]["value"][0]["value"], "Admin");
}
