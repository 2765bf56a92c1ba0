//! PATCH on a user, one rule of RFC 7644 §3.5.2 or one habit of a client at a time.

use scim::patch::{self, MissingTarget, PatchOptions, PatchRequest};
use scim::schema::ENTERPRISE_USER;
use scim::{Error, Object, ResourceType, ScimType};
use serde_json::{Value, json};

use crate::object;

fn anna() -> Object {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE_USER],
        "userName": "anna@example.com",
        "externalId": "e-1",
        "name": {"familyName": "Lind", "givenName": "Anna"},
        "active": true,
        "emails": [
            {"type": "work", "value": "anna@example.com", "primary": true},
            {"type": "home", "value": "anna@home.example"},
        ],
        ENTERPRISE_USER: {"department": "Research", "manager": {"value": "271", "$ref": "../Users/271"}},
    }))
}

fn operations(operations: Value) -> PatchRequest {
    PatchRequest::parse(json!({"Operations": operations})).expect("a request")
}

fn run_with(ops: Value, options: PatchOptions) -> Result<(bool, Object), Error> {
    let mut user = anna();
    let outcome = patch::apply(&mut user, &operations(ops), ResourceType::user(), options);
    match outcome {
        Ok(outcome) => Ok((outcome.changed, user)),
        Err(error) => {
            assert_eq!(user, anna(), "all or nothing");
            Err(error)
        }
    }
}

pub(crate) fn run(ops: Value) -> Result<(bool, Object), Error> {
    run_with(ops, PatchOptions::default())
}

/// What differs from Anna as she was: attribute → new value, `null` where it is gone.
pub(crate) fn difference(ops: Value) -> Value {
    let shown = ops.to_string();
    let (changed, after) = run(ops).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let before = anna();
    let mut difference = Object::new();
    for name in before.keys().chain(after.keys()) {
        if name != "schemas" && before.get(name) != after.get(name) {
            difference.insert(name.clone(), after.get(name).cloned().unwrap_or_default());
        }
    }
    assert_eq!(changed, before != after, "{shown}");
    Value::Object(difference)
}

pub(crate) const WORK: &str = "emails[type eq \"work\"].value";

pub(crate) fn email(kind: &str, value: &str) -> Value {
    json!({"type": kind, "value": value})
}

#[test]
fn singular_attributes() {
    for (ops, expected) in [
        (
            json!([{"op": "add", "path": "nickName", "value": "Annie"}]),
            json!({"nickName": "Annie"}),
        ),
        (
            json!([{"op": "replace", "path": "TITLE", "value": "Lead"}]),
            json!({"title": "Lead"}),
        ),
        (
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
            json!({"active": false}),
        ),
        (
            json!([{"op": "replace", "path": "externalId", "value": 7}]),
            json!({"externalId": "7"}),
        ),
        (
            json!([{"op": "remove", "path": "externalId"}]),
            json!({"externalId": null}),
        ),
        (
            json!([{"op": "replace", "path": "externalId", "value": ""}]),
            json!({"externalId": null}),
        ),
        (
            json!([{"op": "replace", "path": "externalId", "value": null}]),
            json!({"externalId": null}),
        ),
        (json!([{"op": "remove", "path": "nickName"}]), json!({})),
        (
            json!([{"op": "replace", "path": "userName", "value": "anna@example.com"}]),
            json!({}),
        ),
        (
            json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName", "value": "a@b.example"}]),
            json!({"userName": "a@b.example"}),
        ),
        (
            json!([{"op": "replace", "path": "password", "value": "s3cret"}]),
            json!({"password": "s3cret"}),
        ),
        (
            json!([{"op": "replace", "path": "schemas", "value": ["urn:x"]}]),
            json!({}),
        ),
    ] {
        assert_eq!(difference(ops.clone()), expected, "{ops}");
    }
}

#[test]
fn complex_attributes() {
    let name = |name: Value| json!({"name": name});
    for (ops, expected) in [
        (
            json!([{"op": "replace", "path": "name.familyName", "value": "Berg"}]),
            name(json!({"familyName": "Berg", "givenName": "Anna"})),
        ),
        (
            json!([{"op": "add", "path": "name.middleName", "value": "M"}]),
            name(json!({"familyName": "Lind", "givenName": "Anna", "middleName": "M"})),
        ),
        (
            json!([{"op": "replace", "path": "name", "value": {"familyName": "Berg"}}]),
            name(json!({"familyName": "Berg", "givenName": "Anna"})),
        ),
        (
            json!([{"op": "replace", "path": "name", "value": {"familyName": null}}]),
            name(json!({"givenName": "Anna"})),
        ),
        (
            json!([{"op": "remove", "path": "name.familyName"}]),
            name(json!({"givenName": "Anna"})),
        ),
        (
            json!([{"op": "remove", "path": "name.familyName"}, {"op": "remove", "path": "name.givenName"}]),
            name(json!(null)),
        ),
        (json!([{"op": "remove", "path": "name"}]), name(json!(null))),
        (json!([{"op": "replace", "path": "name", "value": {}}]), json!({})),
    ] {
        assert_eq!(difference(ops.clone()), expected, "{ops}");
    }
}

#[test]
fn extensions_by_colon_and_dot() {
    let research = json!({"department": "Research", "manager": {"value": "271", "$ref": "../Users/271"}});
    let with = |name: &str, value: Value| {
        let mut changed = research.clone();
        changed[name] = value;
        json!({ENTERPRISE_USER: changed})
    };
    for (ops, expected) in [
        (
            json!([{"op": "Add", "path": format!("{ENTERPRISE_USER}:department"), "value": "Sales"}]),
            with("department", json!("Sales")),
        ),
        (
            json!([{"op": "Add", "path": format!("{ENTERPRISE_USER}.department"), "value": "Sales"}]),
            with("department", json!("Sales")),
        ),
        (
            json!([{"op": "Add", "path": "department", "value": "Sales"}]),
            with("department", json!("Sales")),
        ),
        (
            json!([{"op": "Add", "path": format!("{ENTERPRISE_USER}:manager"), "value": "272"}]),
            with("manager", json!({"value": "272"})),
        ),
        (
            json!([{"op": "Add", "path": "manager", "value": [{"$ref": "../Users/272", "value": "272"}]}]),
            with("manager", json!({"value": "272", "$ref": "../Users/272"})),
        ),
        (
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager.value"), "value": "272"}]),
            with("manager", json!({"value": "272"})),
        ),
        (
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager"), "value": {"value": "271", "displayName": "Bo"}}]),
            json!({}),
        ),
        (
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager"), "value": ""}]),
            json!({ENTERPRISE_USER: {"department": "Research"}}),
        ),
        (
            json!([{"op": "replace", "path": ENTERPRISE_USER, "value": {"costCenter": "9"}}]),
            with("costCenter", json!("9")),
        ),
        (
            json!([{"op": "replace", "value": {ENTERPRISE_USER: {"costCenter": 9}}}]),
            with("costCenter", json!("9")),
        ),
        (
            json!([{"op": "remove", "path": ENTERPRISE_USER}]),
            json!({ENTERPRISE_USER: null}),
        ),
        (
            json!([{"op": "remove", "path": "manager"}, {"op": "remove", "path": "department"}]),
            json!({ENTERPRISE_USER: null}),
        ),
    ] {
        assert_eq!(difference(ops.clone()), expected, "{ops}");
    }
}

#[test]
fn schemas_follow_the_extensions() {
    let (_, user) = run(json!([{"op": "remove", "path": ENTERPRISE_USER}])).expect("removed");
    assert_eq!(
        user["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:User"])
    );
    let (_, user) = run(json!([{"op": "add", "path": "accountStatus", "value": "active"}])).expect("added");
    assert_eq!(user["schemas"].as_array().map(Vec::len), Some(3));
}

#[test]
fn pathless_values_are_paths_themselves() {
    for (ops, expected) in [
        (
            json!([{"op": "replace", "value": {"active": false}}]),
            json!({"active": false}),
        ),
        (
            json!([{"op": "replace", "value": {"displayName": "Bo", "name.givenName": "Bo", "NAME.familyName": "Ek", format!("{ENTERPRISE_USER}:department"): "Sales"}}]),
            json!({
                "displayName": "Bo",
                "name": {"givenName": "Bo", "familyName": "Ek"},
                ENTERPRISE_USER: {"department": "Sales", "manager": {"value": "271", "$ref": "../Users/271"}},
            }),
        ),
        (
            json!([{"op": "replace", "value": {"id": "x", "schemas": ["urn:x"], "meta": {"version": "1"}, "groups": [], "shoeSize": 4}}]),
            json!({}),
        ),
        (
            json!([{"op": "add", "value": {"emails": [email("other", "a@x.example")], "nickName": "A"}}]),
            json!({
                "emails": [
                    {"type": "work", "value": "anna@example.com", "primary": true},
                    email("home", "anna@home.example"),
                    email("other", "a@x.example"),
                ],
                "nickName": "A",
            }),
        ),
        (
            json!([{"op": "replace", "value": {"emails": []}}]),
            json!({"emails": null}),
        ),
        (
            json!([{"op": "replace", "value": {"name": {"givenName": ""}}}]),
            json!({"name": {"familyName": "Lind"}}),
        ),
    ] {
        assert_eq!(difference(ops.clone()), expected, "{ops}");
    }
}

#[test]
fn operations_follow_one_another() {
    assert_eq!(
        difference(json!([
            {"op": "remove", "path": "emails"},
            {"op": "add", "path": WORK, "value": "new@example.com"},
            {"op": "replace", "path": "nickName", "value": "x"},
            {"op": "remove", "path": "nickName"},
        ])),
        json!({"emails": [email("work", "new@example.com")]})
    );
}

#[test]
fn what_cannot_be_is_refused() {
    for (ops, kind) in [
        (
            json!([{"op": "replace", "path": "id", "value": "x"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "meta.created", "value": "2026-01-01T00:00:00Z"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "meta.version", "value": "Bo"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "manager.displayName", "value": "Bo"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "remove", "path": "userName"}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "userName", "value": ""}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "value": {"userName": null}}]),
            ScimType::Mutability,
        ),
        (
            json!([{"op": "replace", "path": "shoeSize", "value": 4}]),
            ScimType::InvalidPath,
        ),
        (
            json!([{"op": "replace", "path": "name.nick", "value": 4}]),
            ScimType::InvalidPath,
        ),
        (
            json!([{"op": "replace", "path": "userName[value eq \"x\"]", "value": "x"}]),
            ScimType::InvalidPath,
        ),
        (
            json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:shoeSize", "value": "x"}]),
            ScimType::InvalidPath,
        ),
        (
            json!([{"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.shoeSize", "value": "x"}]),
            ScimType::InvalidPath,
        ),
        (
            json!([{"op": "replace", "path": "emails[primary gt true].value", "value": "x"}]),
            ScimType::InvalidFilter,
        ),
        (json!([{"op": "remove"}]), ScimType::NoTarget),
        (
            json!([{"op": "replace", "path": "phoneNumbers[type co \"w\"].value", "value": "1"}]),
            ScimType::NoTarget,
        ),
        (
            json!([{"op": "replace", "path": "active", "value": "maybe"}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "path": "title", "value": {"a": 1}}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "path": "title", "value": ["a", "b"]}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "path": "title"}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "path": "title", "value": "a\u{0}b"}]),
            ScimType::InvalidValue,
        ),
        (json!([{"op": "replace", "value": "x"}]), ScimType::InvalidValue),
        (
            json!([{"op": "replace", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": "true"}]}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "path": "emails.primary", "value": true}]),
            ScimType::InvalidValue,
        ),
        (
            json!([{"op": "replace", "value": {"title": "a", "TITLE": "b"}}]),
            ScimType::InvalidSyntax,
        ),
        (
            json!([{"op": "add", "path": "title", "value": "kept?"}, {"op": "remove", "path": "shoeSize"}]),
            ScimType::InvalidPath,
        ),
    ] {
        let error = run(ops.clone()).expect_err(&ops.to_string());
        assert_eq!(
            (error.status, error.scim_type),
            (400, Some(kind)),
            "{ops}: {error}"
        );
    }
}

#[test]
fn a_missing_target_can_be_an_error() {
    let options = PatchOptions {
        missing_target: MissingTarget::Error,
    };
    for op in ["add", "replace"] {
        let error = run_with(
            json!([{"op": op, "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}]),
            options,
        )
        .expect_err("no such element");
        assert_eq!(error.scim_type, Some(ScimType::NoTarget));
    }
    let (changed, _) = run_with(
        json!([{"op": "remove", "path": "phoneNumbers[type eq \"work\"].value"}]),
        options,
    )
    .expect("nothing to remove");
    assert!(!changed);
    let (changed, _) = run_with(
        json!([{"op": "replace", "path": WORK, "value": "b@x.example"}]),
        options,
    )
    .expect("it is there");
    assert!(changed);
}

#[test]
fn a_resource_that_lacks_something_required_can_still_be_changed() {
    let mut user = anna();
    user.remove("userName");
    let request = operations(json!([{"op": "replace", "path": "title", "value": "x"}]));
    assert!(patch::apply(&mut user, &request, ResourceType::user(), PatchOptions::default()).is_ok());
}

#[test]
fn pathless_values_choose_by_filter_too() {
    let ops = json!([{"op": "Replace", "value": {
        "emails[type eq \"work\"].value": "k@example.com",
        "addresses[type eq \"work\"].country": "SE",
        "roles[primary eq \"True\"].value": "Clerk",
        "urn:ietf:params:scim:schemas:core:2.0:User:phoneNumbers[type eq \"mobile\"].value": "+46 1",
        "ims[type eq \"nothing": "ignored, as every key that is no attribute",
        "name.familyName": "F",
    }}]);
    let (changed, user) = run_with(ops, PatchOptions::default()).expect("applied");
    assert!(changed);
    assert_eq!(user["emails"][0]["value"], "k@example.com");
    assert_eq!(user["emails"][1]["value"], "anna@home.example");
    assert_eq!(user["addresses"], json!([{"type": "work", "country": "SE"}]));
    assert_eq!(user["roles"], json!([{"primary": true, "value": "Clerk"}]));
    assert_eq!(
        user["phoneNumbers"],
        json!([{"type": "mobile", "value": "+46 1"}])
    );
    assert_eq!(user["name"]["familyName"], "F");

    // The core schema's URN names the user itself.
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    for ops in [
        json!([{"op": "add", "value": {core: {"title": "T", "name.givenName": "G"}}}]),
        json!([{"op": "add", "path": core, "value": {"title": "T", "name.givenName": "G"}}]),
    ] {
        let (_, user) = run_with(ops, PatchOptions::default()).expect("applied");
        assert_eq!(
            (&user["title"], &user["name"]["givenName"]),
            (&json!("T"), &json!("G"))
        );
    }
}
