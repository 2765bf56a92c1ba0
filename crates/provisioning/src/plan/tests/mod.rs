//! The decision table, and the operations that carry it out.

mod flags;
mod flips;
mod references;
mod rows;

use base::Message;
use mapping::{Apply, Around, AttributeMapping, MappingSet, WhenEmpty};
use scim::Object;
use serde_json::{Value, json};

use super::*;
use crate::desired::{Mappings, Worked};
use crate::settings::Switches;
use crate::target::MissingElement;

const EVERYTHING: Switches = Switches {
    create: true,
    update: true,
    deactivate: true,
    delete: true,
};

fn mappings() -> Mappings {
    let preset = mapping::preset::find("webex-entra").expect("the preset");
    Mappings::new(
        preset
            .mapping_set()
            .expect("a set")
            .with_when_empty(WhenEmpty::Clear),
    )
    .expect("places")
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn anna() -> Object {
    object(json!({
        "userName": "anna@example.com", "displayName": "Anna Meier", "title": "Chemist",
        "name": {"familyName": "Meier", "givenName": "Anna"},
        "phoneNumbers": [{"type": "work", "value": "+41 31 1"}]
    }))
}

/// The account that the mappings want for `anna`.
fn account() -> Object {
    object(json!({
        "id": "a1", "userName": "anna@example.com", "active": true, "displayName": "Anna Meier", "externalId": "p1",
        "title": "Chemist", "name": {"familyName": "Meier", "givenName": "Anna"},
        "phoneNumbers": [{"type": "work", "value": "+41 31 1"}]
    }))
}

struct Case {
    person: Object,
    active: bool,
    gone: bool,
    scope: Scope,
    switches: Switches,
    mappings: Mappings,
    choices: Choices,
    roles: Vec<String>,
    references: References,
}

fn inside() -> Scope {
    Scope::In(Message::new("scope.assigned"))
}

fn outside() -> Scope {
    Scope::Out(Message::new("scope.not_assigned"))
}

impl Case {
    fn new() -> Self {
        Self {
            person: anna(),
            active: true,
            gone: false,
            scope: inside(),
            switches: EVERYTHING,
            mappings: mappings(),
            choices: Choices::new(),
            roles: Vec::new(),
            references: References::default(),
        }
    }

    /// With one more mapping.
    fn and(row: Value) -> Self {
        let preset = mapping::preset::find("webex-entra").expect("the preset");
        let mut rows = preset.mappings.clone();
        rows.push(serde_json::from_value(row).expect("a row"));
        let mappings = Mappings::new(MappingSet::check(rows).expect("a set")).expect("places");
        Self {
            mappings,
            ..Self::new()
        }
    }

    /// What becomes of a `nickName` that holds this at the target: nothing if it is kept, null if it is cleared.
    fn nick_name(&self, held: Option<&str>) -> Option<Value> {
        let mut account = account();
        account.extend(held.map(|held| ("nickName".to_owned(), json!(held))));
        let plan = self.linked(&account);
        let change = plan
            .changes
            .into_iter()
            .find(|change| change.attribute == "nickName");
        change.map(|change| change.new.unwrap_or_default())
    }

    /// What `nickName` a new account has.
    fn new_nick_name(&self) -> Option<Value> {
        let plan = self.plan(Account::Absent).expect("a plan");
        let Some(Request::Create { body }) = plan.request else {
            panic!("no create")
        };
        body.get("nickName").cloned()
    }

    fn known(&self, account: &Object) -> Known {
        Known::read(account, self.mappings.paths())
    }

    fn plan(&self, account: Account<'_>) -> Result<Plan, Refusal> {
        let person = if self.gone {
            Person::Gone { id: "p1" }
        } else {
            Person::Present {
                resource: &self.person,
                id: "p1",
                active: self.active,
                around: Around {
                    roles: &self.roles,
                    ..Around::default()
                },
                references: &self.references,
            }
        };
        plan(&Input {
            person,
            scope: &self.scope,
            mappings: &self.mappings,
            switches: self.switches,
            account,
            writing: Writing::Patch(MissingElement::Add),
            kind: SubjectKind::User,
            members: &Members::default(),
            leaving: Leaving::Disable,
            ambient: &mapping::Still::default(),
            worked: &Worked::default(),
            choices: &self.choices,
        })
    }

    fn linked(&self, account: &Object) -> Plan {
        let known = self.known(account);
        self.plan(Account::Linked {
            target: "a1",
            known: &known,
        })
        .expect("a plan")
    }
}

fn operations_of(plan: &Plan) -> Value {
    match &plan.request {
        Some(Request::Patch { operations, .. }) => json!(operations),
        other => panic!("no PATCH: {other:?}"),
    }
}

#[test]
fn nobody_gets_an_account_who_should_have_none() {
    let out = Case {
        scope: outside(),
        ..Case::new()
    };
    let inactive = Case {
        active: false,
        ..Case::new()
    };
    let gone = Case {
        gone: true,
        ..Case::new()
    };
    let off = Case {
        switches: Switches {
            create: false,
            ..EVERYTHING
        },
        ..Case::new()
    };
    for (case, account, code) in [
        (&out, Account::Unlinked, "scope.not_assigned"),
        (&inactive, Account::Unlinked, "plan.inactive_without_account"),
        (&gone, Account::Unlinked, "plan.gone_without_account"),
        (&off, Account::Absent, "plan.create_off"),
    ] {
        let plan = case.plan(account).expect("a plan");
        assert_eq!((plan.action, plan.reason.code.as_str()), (Action::Skip, code));
        assert_eq!(plan.request, None);
    }
}

#[test]
fn accounts_are_looked_up_before_they_are_made() {
    let Err(Refusal::LookUp(keys)) = Case::new().plan(Account::Unlinked) else {
        panic!("no look-up");
    };
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (keys[0].0.as_str(), &keys[0].1),
        ("userName", &json!("anna@example.com"))
    );
    let nameless = Case {
        person: object(json!({"displayName": "x"})),
        ..Case::new()
    };
    assert_eq!(
        nameless.plan(Account::Unlinked),
        Err(Refusal::Failed(Message::new("match.no_value")))
    );
}

#[test]
fn a_new_account_is_what_the_mappings_say() {
    let plan = Case::new().plan(Account::Absent).expect("a plan");
    assert_eq!(plan.action, Action::Create);
    let Some(Request::Create { body }) = &plan.request else {
        panic!("no POST");
    };
    let mut expected = account();
    expected.remove("id");
    expected.insert(
        "schemas".into(),
        json!(["urn:ietf:params:scim:schemas:core:2.0:User"]),
    );
    assert_eq!(body, &expected);
    assert_eq!(
        plan.known,
        Case::new().known(&expected),
        "what was written is known"
    );
}

#[test]
fn an_account_that_is_right_is_linked_without_a_request() {
    let case = Case::new();
    let known = case.known(&account());
    let plan = case
        .plan(Account::Found {
            target: "a1",
            known: &known,
        })
        .expect("a plan");
    assert_eq!((plan.action, &plan.request), (Action::Link, &None));
    assert_eq!(plan.target.as_deref(), Some("a1"));
}

#[test]
fn an_account_that_is_found_keeps_what_no_mapping_names() {
    let case = Case::new();
    let mut found = account();
    found.insert("title".into(), json!("Boss"));
    found.insert("nickName".into(), json!("Ännchen"));
    found.remove("externalId");
    let known = case.known(&found);
    let plan = case
        .plan(Account::Found {
            target: "a1",
            known: &known,
        })
        .expect("a plan");
    assert_eq!(
        operations_of(&plan),
        json!([
            {"op": "add", "path": "externalId", "value": "p1"},
            {"op": "replace", "path": "title", "value": "Chemist"}
        ])
    );
}

#[test]
fn only_differences_are_sent() {
    let mut case = Case::new();
    assert_eq!(case.linked(&account()).action, Action::Unchanged);
    case.person
        .insert("userName".into(), json!("anna.huber@example.com"));
    case.person
        .insert("name".into(), json!({"familyName": "Huber", "givenName": "Anna"}));
    let plan = case.linked(&account());
    assert_eq!(plan.action, Action::Update);
    assert_eq!(
        operations_of(&plan),
        json!([
            {"op": "replace", "path": "userName", "value": "anna.huber@example.com"},
            {"op": "replace", "path": "name.familyName", "value": "Huber"}
        ])
    );
    assert_eq!(plan.changes[0].old, Some(json!("anna@example.com")));
}

#[test]
fn spelling_counts_in_values() {
    let mut case = Case::new();
    case.person.insert("userName".into(), json!("Anna@example.com"));
    assert_eq!(case.linked(&account()).action, Action::Update);
}

#[test]
fn elements_are_added_and_removed_whole() {
    let mut case = Case::new();
    case.person.insert(
        "phoneNumbers".into(),
        json!([{"type": "mobile", "value": "+41 79 1"}]),
    );
    case.person.insert(
        "addresses".into(),
        json!([{"type": "work", "locality": "Bern", "country": "CH"}]),
    );
    let plan = case.linked(&account());
    assert_eq!(
        operations_of(&plan),
        json!([
            {"op": "add", "path": "addresses", "value": [{"type": "work", "country": "CH", "locality": "Bern"}]},
            {"op": "remove", "path": "phoneNumbers[type eq \"work\"]"},
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "mobile", "value": "+41 79 1"}]}
        ])
    );
}

#[test]
fn an_element_that_holds_more_keeps_it() {
    let mut case = Case::new();
    case.person.remove("phoneNumbers");
    let mut found = account();
    found.insert(
        "phoneNumbers".into(),
        json!([{"type": "work", "value": "+41 31 1", "display": "Desk"}]),
    );
    let plan = case.linked(&found);
    assert_eq!(
        operations_of(&plan),
        json!([{"op": "remove", "path": "phoneNumbers[type eq \"work\"].value"}])
    );
}

#[test]
fn an_empty_source_leaves_or_clears() {
    let mut case = Case::new();
    case.person.remove("title");
    let plan = case.linked(&account());
    assert_eq!(operations_of(&plan), json!([{"op": "remove", "path": "title"}]));
    let set = case.mappings.set().clone().with_when_empty(WhenEmpty::Leave);
    case.mappings = Mappings::new(set).expect("places");
    assert_eq!(case.linked(&account()).action, Action::Unchanged);
}

#[test]
fn who_leaves_is_disabled_and_otherwise_left_alone() {
    let mut case = Case::new();
    case.person.insert("title".into(), json!("Head"));
    for (scope, active, gone, delete, operations) in [
        (outside(), true, false, true, 1),
        (outside(), false, false, true, 1),
        (inside(), false, false, true, 2),
        (inside(), true, true, false, 1),
    ] {
        case.scope = scope;
        case.active = active;
        case.gone = gone;
        case.switches.delete = delete;
        let plan = case.linked(&account());
        assert_eq!(plan.action, Action::Disable);
        let sent = operations_of(&plan);
        assert_eq!(
            sent[0],
            json!({"op": "replace", "path": "active", "value": false})
        );
        assert_eq!(sent.as_array().map(Vec::len), Some(operations));
    }
}

#[test]
fn who_is_disabled_already_is_left_in_peace() {
    let case = Case {
        scope: outside(),
        ..Case::new()
    };
    let mut disabled = account();
    disabled.insert("active".into(), json!(false));
    let plan = case.linked(&disabled);
    assert_eq!((plan.action, plan.request), (Action::Unchanged, None));
}

#[test]
fn who_returns_is_enabled_with_what_changed() {
    let mut case = Case::new();
    case.person.insert("title".into(), json!("Head"));
    let mut disabled = account();
    disabled.insert("active".into(), json!(false));
    let plan = case.linked(&disabled);
    assert_eq!(plan.action, Action::Enable);
    assert_eq!(
        operations_of(&plan),
        json!([
            {"op": "replace", "path": "active", "value": true},
            {"op": "replace", "path": "title", "value": "Head"}
        ])
    );
}

#[test]
fn who_is_removed_for_good_is_deleted() {
    let case = Case {
        gone: true,
        ..Case::new()
    };
    let plan = case.linked(&account());
    assert_eq!(plan.action, Action::Delete);
    assert_eq!(plan.request, Some(Request::Delete { target: "a1".into() }));
}

#[test]
fn each_switch_holds_back_its_own() {
    let mut case = Case::new();
    case.person.insert("title".into(), json!("Head"));
    case.active = false;
    case.switches.update = false;
    assert_eq!(
        operations_of(&case.linked(&account())),
        json!([{"op": "replace", "path": "active", "value": false}])
    );
    case.switches = Switches {
        deactivate: false,
        ..EVERYTHING
    };
    assert_eq!(
        operations_of(&case.linked(&account())),
        json!([{"op": "replace", "path": "title", "value": "Head"}])
    );
    case.switches.update = false;
    let plan = case.linked(&account());
    assert_eq!(
        (plan.action, plan.reason.code.as_str()),
        (Action::Skip, "plan.switched_off")
    );
}
