//! `attributes` and `excludedAttributes`.

use std::borrow::Cow;

use scim::ResourceType;
use scim::projection::{Projection, Sent};
use scim::schema::{ENTERPRISE_USER, GROUP, Returned, USER};
use serde_json::{Value, json};

use crate::object;

fn anna() -> Value {
    json!({
        "id": "1",
        "schemas": [USER, ENTERPRISE_USER],
        "userName": "anna",
        "password": "never",
        "name": {"familyName": "Lind", "givenName": "Anna"},
        "emails": [{"type": "work", "value": "a@x.example"}, {"type": "home", "value": "b@x.example"}],
        ENTERPRISE_USER: {"department": "R", "manager": {"value": "7", "displayName": "Bo"}},
        "groups": [],
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z"},
    })
}

/// What is in the answer beside `id` and `schemas`.
fn projected(attributes: Option<&str>, excluded: Option<&str>) -> Value {
    let projection = Projection::parse(attributes, excluded).expect("a projection");
    let mut answer = projection.apply(&object(anna()), ResourceType::user());
    assert_eq!(answer.shift_remove("id"), Some(json!("1")), "always returned");
    assert!(answer.shift_remove("schemas").is_some(), "always returned");
    Value::Object(answer)
}

#[test]
fn only_what_was_asked_for() {
    for (attributes, expected) in [
        ("userName", json!({"userName": "anna"})),
        (
            " USERNAME , name.givenname",
            json!({"userName": "anna", "name": {"givenName": "Anna"}}),
        ),
        (
            "name,name.givenName",
            json!({"name": {"familyName": "Lind", "givenName": "Anna"}}),
        ),
        (
            "emails.value",
            json!({"emails": [{"value": "a@x.example"}, {"value": "b@x.example"}]}),
        ),
        ("emails.display", json!({})),
        ("id", json!({})),
        ("password", json!({})),
        ("shoeSize", json!({})),
        (
            "meta.created",
            json!({"meta": {"created": "2026-01-01T00:00:00Z"}}),
        ),
        ("groups", json!({"groups": []})),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User.name.givenName",
            json!({"name": {"givenName": "Anna"}}),
        ),
        (
            ENTERPRISE_USER,
            json!({ENTERPRISE_USER: {"department": "R", "manager": {"value": "7", "displayName": "Bo"}}}),
        ),
        (
            &format!("{ENTERPRISE_USER}:department"),
            json!({ENTERPRISE_USER: {"department": "R"}}),
        ),
        (
            &format!("{ENTERPRISE_USER}.department"),
            json!({ENTERPRISE_USER: {"department": "R"}}),
        ),
        (
            &format!("{ENTERPRISE_USER}:manager.value"),
            json!({ENTERPRISE_USER: {"manager": {"value": "7"}}}),
        ),
        (&format!("{USER}:userName"), json!({"userName": "anna"})),
        ("department", json!({ENTERPRISE_USER: {"department": "R"}})),
        (&format!("{ENTERPRISE_USER}:userName"), json!({})),
    ] {
        assert_eq!(projected(Some(attributes), None), expected, "{attributes}");
    }
}

#[test]
fn all_but_what_was_excluded() {
    let without = |names: &[&str]| {
        let mut rest = object(anna());
        rest.retain(|name, _| {
            !["id", "schemas", "password"].contains(&name.as_str()) && !names.contains(&name.as_str())
        });
        Value::Object(rest)
    };
    for (excluded, expected) in [
        ("groups", without(&["groups"])),
        ("id,schemas,groups", without(&["groups"])),
        ("NAME , emails", without(&["name", "emails"])),
        (ENTERPRISE_USER, without(&[ENTERPRISE_USER])),
        ("name.familyName,name.givenName", without(&["name"])),
        ("shoeSize", without(&[])),
    ] {
        assert_eq!(projected(None, Some(excluded)), expected, "{excluded}");
    }
    let rest = projected(None, Some("emails.type,name.familyName"));
    assert_eq!(
        rest["emails"],
        json!([{"value": "a@x.example"}, {"value": "b@x.example"}])
    );
    assert_eq!(rest["name"], json!({"givenName": "Anna"}));
}

#[test]
fn by_default_what_is_never_returned_goes() {
    assert_eq!(projected(None, None).get("password"), None);
    assert_eq!(projected(Some(USER), None)["userName"], "anna");
    assert_eq!(projected(Some(USER), None).get(ENTERPRISE_USER), None);
}

#[test]
fn costly_parts_are_known_beforehand() {
    for (attributes, excluded, wanted) in [
        (None, None, true),
        (None, Some("members"), false),
        (None, Some("MEMBERS,displayName"), false),
        (None, Some("members.display"), true),
        (Some("displayName"), None, false),
        (Some("members"), None, true),
        (Some("members.value"), None, true),
        (Some(GROUP), None, true),
        (Some("members"), Some("members"), false),
        (
            Some("urn:ietf:params:scim:schemas:core:2.0:Group:members"),
            None,
            true,
        ),
        (Some(""), None, true),
    ] {
        let projection = Projection::parse(attributes, excluded).expect("a projection");
        assert_eq!(projection.wants("members"), wanted, "{attributes:?} {excluded:?}");
    }
    assert!(Projection::parse(None, None).expect("a projection").is_all());
    assert!(
        !Projection::parse(None, Some("groups"))
            .expect("a projection")
            .is_all()
    );
}

#[test]
fn what_is_no_name_is_refused() {
    let error = Projection::parse(Some("user name"), None).expect_err("no name");
    assert_eq!(error.scim_type, Some(scim::ScimType::InvalidValue));
}

#[test]
fn who_writes_what_is_returned_on_request_is_answered_with_it() {
    let mut users = ResourceType::user().clone();
    for attribute in &mut users.core.attributes {
        if attribute.name == "title" {
            attribute.returned = Returned::Request;
        }
        if attribute.name == "name" {
            attribute.sub_attributes[1].returned = Returned::Request;
        }
    }
    let hidden = users.core.attribute("name").expect("name").sub_attributes[1]
        .name
        .clone();
    let user = object(
        json!({ "userName": "anna", "title": "T", "name": { "formatted": "f", (hidden.as_str()): "x" } }),
    );
    let patch = |operation: Value| json!({ "Operations": [operation] });
    for (body, title, part) in [
        (json!({ "userName": "anna" }), false, false),
        (json!({ "TITLE": "T", "name": { "formatted": "f" } }), true, false),
        (json!({ (format!("{USER}:title")): "T" }), true, false),
        (json!({ "name": { (hidden.as_str()): "x" } }), false, true),
        (
            patch(json!({ "op": "add", "path": "title", "value": "T" })),
            true,
            false,
        ),
        (
            patch(json!({ "op": "add", "path": format!("name.{hidden}"), "value": "x" })),
            false,
            true,
        ),
        (
            patch(json!({ "op": "replace", "value": { "title": "T", (format!("name.{hidden}")): "x" } })),
            true,
            true,
        ),
        (patch(json!({ "op": "remove", "path": "nickName" })), false, false),
        (json!([1]), false, false),
    ] {
        let projection = Projection::default().after(Sent::of_body(&body, &users));
        let shown = projection.apply(&user, &users);
        let seen = (shown.contains_key("title"), shown["name"].get(&hidden).is_some());
        assert_eq!(seen, (title, part), "{body}");
    }
    let projection = Projection::parse(Some("userName"), None).expect("a projection");
    let body = json!({ "title": "T" });
    let shown = projection
        .after(Sent::of_body(&body, &users))
        .apply(&user, &users);
    assert!(!shown.contains_key("title"), "the client says what it wants");
}

#[test]
fn what_is_hidden_is_not_visible() {
    let visible =
        |key: &str, value: Value| Projection::visible(key, &value, ResourceType::user()).map(Cow::into_owned);
    assert_eq!(visible("password", json!("x")), None);
    assert_eq!(visible("title", json!("x")), Some(json!("x")));
    assert_eq!(
        visible(
            ENTERPRISE_USER,
            json!({ "department": "R", "manager": { "value": "7" } })
        ),
        Some(json!({ "department": "R", "manager": { "value": "7" } }))
    );
}

#[test]
fn names_are_counted() {
    let names = |count: usize| vec!["x"; count].join(",");
    let most = names(scim::projection::MAX_NAMES);
    assert!(Projection::parse(Some(&most), Some(&most)).is_ok());
    let more = names(scim::projection::MAX_NAMES + 1);
    assert!(Projection::parse(Some(&more), None).is_err());
    assert!(Projection::parse(None, Some(&more)).is_err());
}

#[test]
fn members_are_not_read_for_who_excludes_them() {
    for name in [
        "members",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
        "urn:ietf:params:scim:schemas:core:2.0:Group.members",
    ] {
        let projection = Projection::parse(None, Some(name)).expect("a projection");
        assert!(!projection.wants("members"), "{name}");
    }
}
