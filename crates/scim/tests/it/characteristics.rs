//! Everything asks the schema: one characteristic of one attribute is flipped, and the outcome differs.

use scim::patch::{self, PatchOptions, PatchRequest};
use scim::projection::Projection;
use scim::resource::{self, Mode};
use scim::schema::{Attribute, Kind, Mutability, Returned};
use scim::{Object, ResourceType, ScimType, filter};
use serde_json::{Value, json};

use crate::object;

/// Users, but with a `nickName` of another kind.
fn with(change: impl Fn(&mut Attribute)) -> ResourceType {
    let mut users = ResourceType::user().clone();
    let nick_name = users
        .core
        .attributes
        .iter_mut()
        .find(|attribute| attribute.name == "nickName");
    change(nick_name.expect("nickName"));
    users
}

fn as_it_is() -> ResourceType {
    with(|_| ())
}

fn read(nick_name: Value, users: &ResourceType) -> Result<Option<Value>, ScimType> {
    let body = json!({"userName": "anna", "nickName": nick_name});
    match resource::read(body, users, Mode::Replace) {
        Ok(user) => Ok(user.get("nickName").cloned()),
        Err(error) => Err(error.scim_type.expect("a kind")),
    }
}

fn patch(before: Value, operation: Value, users: &ResourceType) -> Result<Option<Value>, ScimType> {
    let request = PatchRequest::parse(json!({"Operations": [operation]})).expect("a request");
    let mut user = object(json!({"userName": "anna", "nickName": before}));
    user.retain(|_, value| !value.is_null());
    match patch::apply(&mut user, &request, users, PatchOptions::default()) {
        Ok(_) => Ok(user.get("nickName").cloned()),
        Err(error) => Err(error.scim_type.expect("a kind")),
    }
}

fn matches(text: &str, users: &ResourceType) -> bool {
    let user = object(json!({"userName": "anna", "nickName": "10"}));
    filter::evaluate(&filter::parse(text).expect("a filter"), &user, users)
}

fn shown(attributes: Option<&str>, excluded: Option<&str>, users: &ResourceType) -> bool {
    let user: Object = object(json!({"userName": "anna", "nickName": "x"}));
    let projection = Projection::parse(attributes, excluded).expect("a projection");
    projection.apply(&user, users).contains_key("nickName")
}

#[test]
fn kind() {
    for (kind, value, expected) in [
        (Kind::String, json!(7), Ok(Some(json!("7")))),
        (Kind::Integer, json!("7"), Ok(Some(json!(7)))),
        (Kind::Integer, json!("7.5"), Err(ScimType::InvalidValue)),
        (Kind::Decimal, json!("7.5"), Ok(Some(json!(7.5)))),
        (Kind::Decimal, json!("x"), Err(ScimType::InvalidValue)),
        (Kind::Boolean, json!("TRUE"), Ok(Some(json!(true)))),
        (Kind::Boolean, json!(7), Err(ScimType::InvalidValue)),
        (
            Kind::DateTime,
            json!("2026-01-01T00:00:00Z"),
            Ok(Some(json!("2026-01-01T00:00:00Z"))),
        ),
        (Kind::DateTime, json!("x"), Err(ScimType::InvalidValue)),
        (Kind::Complex, json!("x"), Err(ScimType::InvalidValue)),
        (Kind::Reference, json!("x"), Ok(Some(json!("x")))),
        (Kind::Binary, json!("eA=="), Ok(Some(json!("eA==")))),
    ] {
        assert_eq!(
            read(value, &with(|nick_name| nick_name.kind = kind)),
            expected,
            "{kind:?}"
        );
    }
    assert!(!matches("nickName gt 9", &as_it_is()), "as texts");
    assert!(matches(
        "nickName gt 9",
        &with(|nick_name| nick_name.kind = Kind::Integer)
    ));
}

#[test]
fn multi_valued() {
    let several = with(|nick_name| nick_name.multi_valued = true);
    assert_eq!(read(json!(["a", "b"]), &as_it_is()), Err(ScimType::InvalidValue));
    assert_eq!(read(json!(["a", "b"]), &several), Ok(Some(json!(["a", "b"]))));
    let add = json!({"op": "add", "path": "nickName", "value": "b"});
    assert_eq!(patch(json!("a"), add.clone(), &as_it_is()), Ok(Some(json!("b"))));
    assert_eq!(patch(json!(["a"]), add, &several), Ok(Some(json!(["a", "b"]))));
}

#[test]
fn required() {
    let required = with(|nick_name| nick_name.required = true);
    let remove = json!({"op": "remove", "path": "nickName"});
    assert_eq!(read(json!(null), &as_it_is()), Ok(None));
    assert_eq!(read(json!(null), &required), Err(ScimType::InvalidValue));
    assert_eq!(patch(json!("a"), remove.clone(), &as_it_is()), Ok(None));
    assert_eq!(patch(json!("a"), remove, &required), Err(ScimType::Mutability));
}

#[test]
fn case_exact() {
    let exact = with(|nick_name| nick_name.case_exact = true);
    let user = object(json!({"nickName": "Ann"}));
    let filter = filter::parse("nickName eq \"ANN\"").expect("a filter");
    assert!(filter::evaluate(&filter, &user, &as_it_is()));
    assert!(!filter::evaluate(&filter, &user, &exact));
    for kind in [Kind::Reference, Kind::Binary] {
        let always_exact = with(|nick_name| nick_name.kind = kind);
        assert!(!filter::evaluate(&filter, &user, &always_exact), "{kind:?}");
    }
}

#[test]
fn mutability() {
    let replace = json!({"op": "replace", "path": "nickName", "value": "b"});
    for (mutability, from_nothing, from_something, in_a_body) in [
        (
            Mutability::ReadWrite,
            Ok(Some(json!("b"))),
            Ok(Some(json!("b"))),
            Some(json!("a")),
        ),
        (
            Mutability::WriteOnly,
            Ok(Some(json!("b"))),
            Ok(Some(json!("b"))),
            Some(json!("a")),
        ),
        (
            Mutability::Immutable,
            Ok(Some(json!("b"))),
            Err(ScimType::Mutability),
            Some(json!("a")),
        ),
        (
            Mutability::ReadOnly,
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
            None,
        ),
    ] {
        let users = with(|nick_name| nick_name.mutability = mutability);
        assert_eq!(
            patch(json!(null), replace.clone(), &users),
            from_nothing,
            "{mutability:?}"
        );
        assert_eq!(
            patch(json!("a"), replace.clone(), &users),
            from_something,
            "{mutability:?}"
        );
        assert_eq!(read(json!("a"), &users), Ok(in_a_body), "{mutability:?}");
    }
}

#[test]
fn what_cannot_change_outlives_a_put() {
    for (mutability, expected) in [
        (Mutability::ReadWrite, None),
        (Mutability::Immutable, Some(json!("a"))),
        (Mutability::ReadOnly, Some(json!("a"))),
    ] {
        let users = with(|nick_name| nick_name.mutability = mutability);
        let stored = object(json!({"userName": "anna", "nickName": "a"}));
        let body = object(json!({"userName": "anna"}));
        let replaced = resource::replace(&stored, body, &users).expect("replaced");
        assert_eq!(replaced.get("nickName"), expected.as_ref(), "{mutability:?}");
    }
    let immutable = with(|nick_name| nick_name.mutability = Mutability::Immutable);
    let stored = object(json!({"userName": "anna", "nickName": "a"}));
    let body = object(json!({"userName": "anna", "nickName": "b"}));
    let error = resource::replace(&stored, body, &immutable).expect_err("another value");
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
}

#[test]
fn returned() {
    for (returned, by_default, asked_for, asked_for_another, excluded) in [
        (Returned::Default, true, true, false, false),
        (Returned::Always, true, true, true, true),
        (Returned::Request, false, true, false, false),
        (Returned::Never, false, false, false, false),
    ] {
        let users = with(|nick_name| nick_name.returned = returned);
        assert_eq!(shown(None, None, &users), by_default, "{returned:?}");
        assert_eq!(shown(Some("nickName"), None, &users), asked_for, "{returned:?}");
        assert_eq!(
            shown(Some("title"), None, &users),
            asked_for_another,
            "{returned:?}"
        );
        assert_eq!(shown(None, Some("nickName"), &users), excluded, "{returned:?}");
    }
    let never = with(|nick_name| nick_name.returned = Returned::Never);
    assert!(matches("nickName pr", &as_it_is()));
    assert!(!matches("nickName pr", &never), "a filter learns nothing of it");
}
