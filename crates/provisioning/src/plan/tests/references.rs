//! Who refers to whom.

use serde_json::json;

use super::*;

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

/// Anna, whose manager is this person of the directory.
fn reports_to(id: &str, when_empty: &str) -> Case {
    let row = json!({"source": {"constant": id}, "target": MANAGER, "when_empty": when_empty});
    Case::and(row)
}

#[test]
fn a_reference_names_the_account() {
    let id: base::UserId = base::Ambient::system().id();
    let mut case = reports_to(&id.to_string(), "clear");
    let bo = |remote_id: Option<&str>| Referenced {
        name: "Bo".to_owned(),
        remote_id: remote_id.map(str::to_owned),
    };
    case.references.insert(id.into(), bo(Some("b1")));
    let plan = case.linked(&account());
    assert_eq!(
        operations_of(&plan),
        json!([{"op": "add", "path": MANAGER, "value": {"value": "b1"}}])
    );
    let known = plan.known;
    case.references.insert(id.into(), bo(Some("b2")));
    let again = |case: &Case| {
        let target = "a1";
        case.plan(Account::Linked {
            target,
            known: &known,
        })
        .expect("a plan")
    };
    assert_eq!(
        operations_of(&again(&case)),
        json!([{"op": "replace", "path": MANAGER, "value": {"value": "b2"}}])
    );
    case.references.insert(id.into(), bo(None));
    let waits = again(&case);
    assert_eq!(operations_of(&waits), json!([{"op": "remove", "path": MANAGER}]));
    assert_eq!(
        waits
            .changes
            .last()
            .and_then(|change| change.waits_for.as_deref()),
        Some("Bo")
    );

    let mut left = reports_to(&id.to_string(), "leave");
    left.references.insert(id.into(), bo(None));
    assert_eq!(again(&left).action, Action::Unchanged);
    let gone = reports_to(&id.to_string(), "clear");
    assert_eq!(
        operations_of(&again(&gone)),
        json!([{"op": "remove", "path": MANAGER}])
    );
}

#[test]
fn a_new_account_is_made_without_what_is_waited_for() {
    let id: base::UserId = base::Ambient::system().id();
    let mut case = reports_to(&id.to_string(), "clear");
    let bo = Referenced {
        name: "Bo".to_owned(),
        remote_id: None,
    };
    case.references.insert(id.into(), bo);
    let plan = case.plan(Account::Absent).expect("a plan");
    let body = plan.request.as_ref().and_then(Request::body).expect("a body");
    assert!(!body.to_string().contains("manager"), "{body}");
    let waits = plan.changes.iter().filter(|change| change.waits_for.is_some());
    assert_eq!(waits.count(), 1);
}
