//! PATCH on a group: the operations on its members are split off, in every form in which clients send them.

use scim::patch::{self, MemberKind, MemberOp, PatchOptions, PatchRequest};
use scim::schema::{GROUP, WEBEX_GROUP};
use scim::{ResourceType, ScimType};
use serde_json::{Value, json};

use crate::object;

fn operations(operations: Value) -> PatchRequest {
    PatchRequest::parse(json!({"Operations": operations})).expect("a request")
}

fn split(ops: Value) -> (Vec<MemberOp>, PatchRequest) {
    let mut request = operations(ops);
    let changes = patch::split_members(&mut request).expect("members");
    (changes, request)
}

fn member(id: &str, kind: Option<MemberKind>) -> patch::Member {
    patch::Member {
        value: id.into(),
        kind,
    }
}

#[test]
fn member_operations_in_every_shape() {
    let (a, b) = (member("a", None), member("b", None));
    let qualified = format!("{GROUP}:members");
    for (ops, expected) in [
        (
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "a"}, {"value": "b"}]}]),
            vec![MemberOp::Add(vec![a.clone(), b.clone()])],
        ),
        (
            json!([{"op": "add", "path": "members", "value": "a"}]),
            vec![MemberOp::Add(vec![a.clone()])],
        ),
        (
            json!([{"op": "add", "path": "members", "value": {"value": "a", "type": "group"}}]),
            vec![MemberOp::Add(vec![member("a", Some(MemberKind::Group))])],
        ),
        (
            json!([{"op": "add", "path": "members.value", "value": "a"}]),
            vec![MemberOp::Add(vec![a.clone()])],
        ),
        (json!([{"op": "add", "path": "members", "value": []}]), vec![]),
        (
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}]),
            vec![MemberOp::Remove(vec![a.clone()])],
        ),
        (json!([{"op": "Remove", "path": "members", "value": []}]), vec![]),
        (
            json!([{"op": "remove", "path": "members"}]),
            vec![MemberOp::RemoveAll],
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            vec![MemberOp::Remove(vec![a.clone()])],
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\" or VALUE eq b]"}]),
            vec![MemberOp::Remove(vec![a.clone(), b.clone()])],
        ),
        (
            json!([{"op": "remove", "path": "members[type eq \"USER\" and value eq \"a\"]"}]),
            vec![MemberOp::Remove(vec![member("a", Some(MemberKind::User))])],
        ),
        (
            json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]),
            vec![MemberOp::RemoveKind(MemberKind::Group)],
        ),
        (
            json!([{"op": "remove", "path": "members[Type eq user or value eq \"a\"]"}]),
            vec![
                MemberOp::Remove(vec![a.clone()]),
                MemberOp::RemoveKind(MemberKind::User),
            ],
        ),
        (
            json!([{"op": "remove", "path": "members[type eq \"Machine\"]"}]),
            vec![],
        ),
        (
            json!([{"op": "remove", "path": "members[type eq \"User\" and type eq \"Group\"]"}]),
            vec![],
        ),
        (
            json!([{"op": "remove", "path": "members", "value": [{"value": "a", "type": "group"}]}]),
            vec![MemberOp::Remove(vec![member("a", Some(MemberKind::Group))])],
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\"]", "value": {"value": "a", "type": "Group"}}]),
            vec![MemberOp::Add(vec![member("a", Some(MemberKind::Group))])],
        ),
        (
            json!([{"op": "remove", "path": format!("{GROUP}:Members[value eq \"a\"]")}]),
            vec![MemberOp::Remove(vec![a.clone()])],
        ),
        (
            json!([{"op": "remove", "path": format!("{GROUP}.members")}]),
            vec![MemberOp::RemoveAll],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": "a"}]}]),
            vec![MemberOp::Replace(vec![a.clone()])],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": []}]),
            vec![MemberOp::Replace(vec![])],
        ),
        (
            json!([{"op": "replace", "path": "members", "value": null}]),
            vec![MemberOp::Replace(vec![])],
        ),
        (
            json!([{"op": "add", "path": "members[value eq \"a\"]", "value": {"value": "a"}}]),
            vec![MemberOp::Add(vec![a.clone()])],
        ),
        (
            json!([{"op": "add", "value": {"members": [{"value": "a"}]}}]),
            vec![MemberOp::Add(vec![a.clone()])],
        ),
        (
            json!([{"op": "replace", "value": {"Members": [{"value": "a"}]}}]),
            vec![MemberOp::Replace(vec![a.clone()])],
        ),
        (
            json!([{"op": "replace", "value": {qualified: null}}]),
            vec![MemberOp::Replace(vec![])],
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}, {"op": "add", "path": "members", "value": [{"value": "b", "display": "B"}]}]),
            vec![MemberOp::Remove(vec![a.clone()]), MemberOp::Add(vec![b])],
        ),
    ] {
        let (changes, rest) = split(ops.clone());
        assert_eq!(changes, expected, "{ops}");
        assert_eq!(rest.operations, [], "{ops}");
    }
}

#[test]
fn other_operations_stay_beside_those_on_members() {
    let (changes, rest) = split(json!([
        {"op": "replace", "value": {"id": "g", "displayName": "Staff", "members": [{"value": "a"}]}},
        {"op": "add", "path": "members", "value": "b"},
        {"op": "replace", "path": format!("{WEBEX_GROUP}.usage"), "value": "policy"},
    ]));
    assert_eq!(changes.len(), 2);
    let mut group = object(json!({"schemas": [GROUP], "displayName": "Old"}));
    let outcome =
        patch::apply(&mut group, &rest, ResourceType::group(), PatchOptions::default()).expect("changed");
    assert!(outcome.changed);
    assert_eq!(
        Value::Object(group),
        json!({"schemas": [GROUP, WEBEX_GROUP], "displayName": "Staff", WEBEX_GROUP: {"usage": "policy"}})
    );
}

#[test]
fn members_alone_leave_the_group_as_it_was() {
    let (_, rest) = split(json!([{"op": "add", "path": "members", "value": "b"}]));
    let mut group = object(json!({"schemas": [GROUP], "displayName": "Old"}));
    let outcome =
        patch::apply(&mut group, &rest, ResourceType::group(), PatchOptions::default()).expect("nothing");
    assert!(!outcome.changed);
}

#[test]
fn member_operations_that_cannot_be_are_refused() {
    for (ops, kind) in [
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"].display", "value": "x"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "members.type", "value": "User"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}}]),
            ScimType::Mutability,
        ),
        (json!([{"op": "add", "path": "members"}]), ScimType::InvalidValue),
        (
            json!([{"op": "add", "path": "members", "value": [{}]}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "remove", "value": {"members": []}}]),
            ScimType::NoTarget,
        ),
    ] {
        let error = patch::split_members(&mut operations(ops.clone())).expect_err(&ops.to_string());
        assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{ops}");
    }
}

#[test]
fn members_are_chosen_by_any_filter() {
    let anna = json!({"value": "a", "$ref": "https://x/Users/a", "display": "Anna", "type": "User"});
    let team = json!({"value": "b", "$ref": "https://x/Groups/b", "display": "Team", "type": "Group"});
    for (filter, chooses) in [
        ("display eq \"ANNA\"", (true, false)),
        ("display sw \"t\" or value eq \"a\"", (true, true)),
        ("value ne \"a\"", (false, true)),
        ("not (type eq \"User\")", (false, true)),
        ("$ref co \"/Users/\" and display pr", (true, false)),
        ("value eq \"a\" and value eq \"b\"", (false, false)),
        ("nickName pr", (false, false)),
    ] {
        let path = format!("members[{filter}]");
        let (changes, rest) = split(json!([{"op": "remove", "path": path}]));
        assert_eq!(rest.operations, []);
        let [MemberOp::RemoveWhere(filter)] = changes.as_slice() else {
            unreachable!("{path}: {changes:?}");
        };
        let found = (patch::is_chosen(filter, &anna), patch::is_chosen(filter, &team));
        assert_eq!(found, chooses, "{path}");
        let (changes, _) = split(json!([{"op": "replace", "path": path, "value": {"value": "a"}}]));
        assert_eq!(
            changes,
            [MemberOp::RestateWhere(filter.clone(), vec![member("a", None)])]
        );
        assert_eq!(changes[0].filter(), Some(filter));
    }
}
