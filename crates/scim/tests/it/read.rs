//! Bodies of POST and PUT.

use scim::resource::{self, Mode};
use scim::schema::{ENTERPRISE_USER, GROUP, USER, WEBEX_USER};
use scim::{ResourceType, ScimType};
use serde_json::{Value, json};

use crate::object;

fn read(body: Value) -> Result<Value, scim::Error> {
    resource::read(body, ResourceType::user(), Mode::Replace).map(Value::Object)
}

/// Reads a user with these attributes beside userName, and answers them without it and without `schemas`.
fn attributes(body: Value) -> Value {
    let shown = body.to_string();
    let mut body = object(body);
    body.insert("userName".into(), "anna".into());
    let read = read(Value::Object(body)).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut read = object(read);
    read.retain(|name, _| name != "userName" && name != "schemas");
    Value::Object(read)
}

#[test]
fn values_come_into_their_types() {
    for (body, expected) in [
        (json!({"active": "True", "ACTIVE2": 1}), json!({"active": true})),
        (json!({"externalId": 701_984}), json!({"externalId": "701984"})),
        (
            json!({"Name": {"FAMILYNAME": "Lind", "nick": "x"}}),
            json!({"name": {"familyName": "Lind"}}),
        ),
        (
            json!({"name.familyName": "Lind"}),
            json!({"name": {"familyName": "Lind"}}),
        ),
        (
            json!({"emails": [{"Type": "work", "VALUE": "a", "primary": "True"}]}),
            json!({"emails": [{"type": "work", "value": "a", "primary": true}]}),
        ),
        (json!({"emails": "a"}), json!({"emails": [{"value": "a"}]})),
        (
            json!({"emails": {"value": "a"}}),
            json!({"emails": [{"value": "a"}]}),
        ),
        (
            json!({"roles": [{"primary": "True", "type": "x", "value": "Admin"}]}),
            json!({"roles": [{"primary": true, "type": "x", "value": "Admin"}]}),
        ),
        (
            json!({ENTERPRISE_USER: {"manager": "271"}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "271"}}}),
        ),
        (
            json!({ENTERPRISE_USER: {"manager": [{"value": "271", "$ref": null, "displayName": "Bo"}]}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "271"}}}),
        ),
        (
            json!({ENTERPRISE_USER.to_uppercase(): {"Department": "R"}}),
            json!({ENTERPRISE_USER: {"department": "R"}}),
        ),
        (
            json!({"department": "R", "manager": null}),
            json!({ENTERPRISE_USER: {"department": "R"}}),
        ),
        (
            json!({WEBEX_USER: {"accountStatus": "active", "loginIds": [{"value": "x", "lastValidated": "2026-01-01T00:00:00Z"}]}}),
            json!({WEBEX_USER: {"accountStatus": ["active"], "loginIds": [{"value": "x"}]}}),
        ),
        (json!({"password": "s3cret"}), json!({"password": "s3cret"})),
    ] {
        assert_eq!(attributes(body.clone()), expected, "{body}");
    }
}

#[test]
fn no_value_is_absent() {
    for body in [
        json!({"title": null}),
        json!({"title": ""}),
        json!({"emails": null, "roles": [], "phoneNumbers": [null, {}], "photos": [{"value": ""}]}),
        json!({"name": {"familyName": "", "givenName": null}}),
        json!({"name": {}}),
        json!({"active": ""}),
        json!({ENTERPRISE_USER: {}}),
        json!({ENTERPRISE_USER: null}),
        json!({ENTERPRISE_USER: {"manager": ""}}),
    ] {
        assert_eq!(attributes(body.clone()), json!({}), "{body}");
    }
}

#[test]
fn ballast_is_left_out() {
    let body = json!({
        "id": "x", "meta": {"resourceType": "User", "version": 3}, "groups": [{"value": "g"}],
        "schemas": [USER, "urn:example:unknown", "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        "urn:example:unknown": {"a": 1}, "shoeSize": {"deep": [1]},
        WEBEX_USER: {"provisionSource": "AAD"},
    });
    assert_eq!(attributes(body), json!({}));
}

#[test]
fn schemas_say_what_is_there() {
    for (body, expected) in [
        (json!({"userName": "a"}), json!([USER])),
        (json!({"userName": "a", "schemas": USER}), json!([USER])),
        (
            json!({"userName": "a", "schemas": [USER, ENTERPRISE_USER]}),
            json!([USER]),
        ),
        (
            json!({"userName": "a", "schemas": null, ENTERPRISE_USER: {"department": "R"}}),
            json!([USER, ENTERPRISE_USER]),
        ),
    ] {
        assert_eq!(read(body).expect("a user")["schemas"], expected);
    }
    let user = object(read(json!({"userName": "a"})).expect("a user"));
    assert_eq!(user.keys().next().map(String::as_str), Some("schemas"));
}

#[test]
fn what_is_wrong_is_named() {
    for (body, kind, word) in [
        (json!([]), ScimType::InvalidSyntax, "object"),
        (json!({}), ScimType::InvalidValue, "userName"),
        (json!({"userName": ""}), ScimType::InvalidValue, "userName"),
        (json!({"userName": "  "}), ScimType::InvalidValue, "userName"),
        (json!({"userName": {}}), ScimType::InvalidValue, "userName"),
        (
            json!({"userName": "a", "USERNAME": "b"}),
            ScimType::InvalidSyntax,
            "userName",
        ),
        (
            json!({"userName": "a", "name": {"givenName": "x", "GIVENNAME": "y"}}),
            ScimType::InvalidSyntax,
            "givenName",
        ),
        (
            json!({"userName": "a", "active": "maybe"}),
            ScimType::InvalidValue,
            "active",
        ),
        (
            json!({"userName": "a", "active": 1}),
            ScimType::InvalidValue,
            "active",
        ),
        (
            json!({"userName": "a", "name": "Anna Lind"}),
            ScimType::InvalidValue,
            "name",
        ),
        (
            json!({"userName": "a", "emails": [{"value": {"x": 1}}]}),
            ScimType::InvalidValue,
            "emails.value",
        ),
        (
            json!({"userName": "a", "emails": [true]}),
            ScimType::InvalidValue,
            "emails",
        ),
        (
            json!({"userName": "a", "title": ["x", "y"]}),
            ScimType::InvalidValue,
            "title",
        ),
        (
            json!({"userName": "a", "title": "x\u{0}"}),
            ScimType::InvalidValue,
            "title",
        ),
        (
            json!({"userName": "a", "schemas": 1}),
            ScimType::InvalidValue,
            "schemas",
        ),
        (
            json!({"userName": "a", ENTERPRISE_USER: "x"}),
            ScimType::InvalidValue,
            "enterprise",
        ),
        (
            json!({"userName": "a", "emails": [{"value": "x", "primary": true}, {"value": "y", "primary": true}]}),
            ScimType::InvalidValue,
            "emails",
        ),
    ] {
        let error = read(body.clone()).expect_err(&body.to_string());
        assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{body}");
        assert!(error.detail.contains(word), "{body}: {error}");
    }
}

#[test]
fn a_new_account_is_active_unless_it_says_otherwise() {
    let active = |body: Value, mode| {
        resource::read(body, ResourceType::user(), mode)
            .expect("a user")
            .get("active")
            .cloned()
    };
    assert_eq!(active(json!({"userName": "a"}), Mode::Create), Some(json!(true)));
    assert_eq!(
        active(json!({"userName": "a", "active": "False"}), Mode::Create),
        Some(json!(false))
    );
    assert_eq!(active(json!({"userName": "a"}), Mode::Replace), None);
    let group =
        resource::read(json!({"displayName": "g"}), ResourceType::group(), Mode::Create).expect("a group");
    assert_eq!(
        Value::Object(group),
        json!({"schemas": [GROUP], "displayName": "g"})
    );
}

#[test]
fn values_of_one_attribute_are_counted() {
    let emails = |count: usize| {
        let values = (0..count).map(|number| json!({ "value": format!("anna{number}@example.com") }));
        json!({ "userName": "anna", "emails": values.collect::<Value>() })
    };
    assert!(read(emails(1_000)).is_ok());
    let error = read(emails(1_001)).expect_err("too many");
    assert_eq!(
        (error.status, error.scim_type),
        (400, Some(ScimType::InvalidValue))
    );
    assert_eq!(error.detail, "emails cannot have more than 1000 values");
}

#[test]
fn put_keeps_what_it_cannot_write() {
    let stored = object(json!({
        "schemas": [USER, WEBEX_USER], "userName": "anna", "title": "Lead", "active": false,
        WEBEX_USER: {"provisionSource": "SCIM", "accountStatus": ["pending"]},
    }));
    let body =
        resource::read(json!({"userName": "anna2"}), ResourceType::user(), Mode::Replace).expect("a user");
    let replaced = resource::replace(&stored, body, ResourceType::user()).expect("replaced");
    assert_eq!(
        Value::Object(replaced),
        json!({
            "schemas": [USER, WEBEX_USER], "userName": "anna2", "active": false,
            WEBEX_USER: {"provisionSource": "SCIM"},
        })
    );
}

#[test]
fn what_was_read_reads_the_same_again() {
    let body = json!({
        "userName": "anna", "name": {"familyName": "Lind"}, "emails": ["a", {"value": "b", "type": "home"}],
        ENTERPRISE_USER: {"manager": "7"}, "active": "true", "externalId": 5,
    });
    let once = read(body).expect("a user");
    assert_eq!(read(once.clone()).expect("a user"), once);
}
