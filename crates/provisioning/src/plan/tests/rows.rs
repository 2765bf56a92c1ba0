//! What single rows of a table do.

use super::*;

fn rows(rows: Value) -> Mappings {
    let rows: Vec<AttributeMapping> = serde_json::from_value(rows).expect("rows");
    Mappings::new(MappingSet::check(rows).expect("a set")).expect("places")
}

#[test]
fn defaults_and_only_on_create() {
    let mut case = Case::new();
    case.mappings = rows(json!([
        {"source": {"attribute": "userName"}, "target": "userName", "matching": 1},
        {"source": {"attribute": "nickName"}, "target": "nickName", "default_value": "none", "when_empty": "leave"},
        {"source": {"constant": "en"}, "target": "preferredLanguage", "apply": "only_on_create"}
    ]));
    assert_eq!(
        case.mappings.set().rows().nth(2).map(|row| row.apply),
        Some(Apply::OnlyOnCreate)
    );
    let plan = case.plan(Account::Absent).expect("a plan");
    let body = plan.request.as_ref().and_then(Request::body).expect("a body");
    assert_eq!(
        (&body["nickName"], &body["preferredLanguage"]),
        (&json!("none"), &json!("en"))
    );
    let plan = case.linked(&object(
        json!({"userName": "anna@example.com", "preferredLanguage": "de"}),
    ));
    assert_eq!(plan.action, Action::Unchanged);
}

#[test]
fn what_describes_a_value_goes_with_it() {
    let mut case = Case::new();
    let email = |sub: &str| format!(r#"emails[type eq "work"].{sub}"#);
    case.mappings = rows(json!([
        {"source": {"attribute": "userName"}, "target": "userName", "matching": 1},
        {"source": {"attribute": "mail"}, "target": email("value")},
        {"source": {"attribute": "displayName"}, "target": email("display")},
        {"source": {"constant": "True"}, "target": email("primary")}
    ]));
    let held = json!({"userName": "anna@example.com", "emails": [
        {"type": "work", "value": "a@example.com", "display": "Anna Meier", "primary": true}]});
    case.person.remove("emails");
    let plan = case.linked(&object(held));
    let gone = json!([{"op": "remove", "path": r#"emails[type eq "work"]"#}]);
    assert_eq!(operations_of(&plan), gone);
    let without = object(json!({"userName": "anna@example.com"}));
    assert_eq!(case.linked(&without).action, Action::Unchanged);
    let plan = case.plan(Account::Absent).expect("a plan");
    let body = plan.request.as_ref().and_then(Request::body).expect("a body");
    assert_eq!(body.get("emails"), None);
    let mail = json!([{"type": "work", "value": "a@example.com"}]);
    case.person.insert("emails".into(), mail);
    let added = operations_of(&case.linked(&without));
    assert_eq!(
        added[0]["value"],
        json!([{"type": "work", "value": "a@example.com", "display": "Anna Meier", "primary": true}])
    );
}

#[test]
fn without_a_mapping_for_active_nobody_can_be_disabled() {
    let mut case = Case {
        scope: outside(),
        ..Case::new()
    };
    case.mappings = rows(json!([{"source": {"attribute": "userName"}, "target": "userName", "matching": 1}]));
    let plan = case.linked(&account());
    assert_eq!(
        (plan.action, plan.reason.code.as_str()),
        (Action::Skip, "plan.no_active_mapping")
    );
}

#[test]
fn extensions_go_under_their_urn() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mut case = Case::new();
    case.mappings = rows(json!([
        {"source": {"attribute": "userName"}, "target": "userName", "matching": 1},
        {"source": {"constant": "R&D"}, "target": format!("{urn}:department")}
    ]));
    let plan = case.plan(Account::Absent).expect("a plan");
    let body = plan.request.as_ref().and_then(Request::body).expect("a body");
    assert_eq!(body[urn], json!({"department": "R&D"}));
    assert_eq!(body["schemas"][1], json!(urn));
    let plan = case.linked(&account());
    assert_eq!(
        operations_of(&plan),
        json!([{"op": "add", "path": format!("{urn}:department"), "value": "R&D"}])
    );
}
