//! What a person answers.

use serde_json::json;

use super::*;

fn answers(resource: &Json, name: &str) -> Value {
    let person = Person {
        resource: resource.as_object().expect("an object"),
        id: "0193",
        is_soft_deleted: false,
    };
    person.get(name)
}

fn anna() -> Json {
    json!({
        "userName": "anna@x.example", "active": true, "displayName": "Anna Ó Sé", "title": "Engineer",
        "externalId": "e-1", "userType": "Member", "preferredLanguage": "ga-IE",
        "name": {"givenName": "Anna", "familyName": "Ó Sé"},
        "emails": [{"value": "anna@home.example", "type": "home"}, {"value": "anna.ose@x.example", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+353 1", "type": "work"}, {"value": "+353 8", "type": "mobile"}, {"value": "+353 9", "type": "fax"}],
        "addresses": [
            {"type": "work", "country": "IE", "locality": "Corcaigh", "region": "Munster", "streetAddress": "1 Sráid", "postalCode": "T12"},
            {"type": "other", "formatted": "2.04"}
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "R&D", "employeeNumber": "77", "organization": "X", "costCenter": "C1", "division": "D1",
            "manager": {"value": "0192"}
        }
    })
}

#[test]
fn entra_names() {
    let anna = anna();
    for (name, value) in [
        ("userPrincipalName", "anna@x.example"),
        ("USERPRINCIPALNAME", "anna@x.example"),
        ("user-PrincipalName", "anna@x.example"),
        ("objectId", "0193"),
        ("surname", "Ó Sé"),
        ("givenName", "Anna"),
        ("displayName", "Anna Ó Sé"),
        ("mail", "anna.ose@x.example"),
        ("mailNickname", "anna.ose"),
        ("jobTitle", "Engineer"),
        ("usageLocation", "IE"),
        ("country", "IE"),
        ("city", "Corcaigh"),
        ("state", "Munster"),
        ("streetAddress", "1 Sráid"),
        ("postalCode", "T12"),
        ("telephoneNumber", "+353 1"),
        ("mobile", "+353 8"),
        ("facsimileTelephoneNumber", "+353 9"),
        ("Facsimile-TelephoneNumber", "+353 9"),
        ("physicalDeliveryOfficeName", "2.04"),
        ("department", "R&D"),
        ("employeeId", "77"),
        ("companyName", "X"),
        ("costCenter", "C1"),
        ("division", "D1"),
        ("preferredLanguage", "ga-IE"),
        ("userType", "Member"),
        ("manager", "0192"),
    ] {
        assert_eq!(answers(&anna, name), value.into(), "{name}");
    }
    assert_eq!(answers(&anna, "accountEnabled"), true.into());
    assert_eq!(answers(&anna, "IsSoftDeleted"), false.into());
    assert_eq!(
        answers(&anna, "otherMails"),
        Value::List(vec!["anna@home.example".into()])
    );
}

#[test]
fn scim_names() {
    let anna = anna();
    for (name, value) in [
        ("id", "0193"),
        ("userName", "anna@x.example"),
        ("externalId", "e-1"),
        ("title", "Engineer"),
        ("name.familyName", "Ó Sé"),
        (r#"phoneNumbers[type eq "work"].value"#, "+353 1"),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "R&D",
        ),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:displayName",
            "Anna Ó Sé",
        ),
    ] {
        assert_eq!(answers(&anna, name), value.into(), "{name}");
    }
    assert_eq!(answers(&anna, "active"), true.into());
}

#[test]
fn what_is_not_there_is_null() {
    let nobody = json!({"userName": "robot", "emails": [{"value": "a@x.example", "type": "other"}]});
    for name in [
        "mail",
        "surname",
        "usageLocation",
        "manager",
        "x.y.z",
        "",
        "no such thing",
        "[",
        "active",
    ] {
        assert_eq!(answers(&nobody, name), Value::Null, "{name}");
    }
    assert_eq!(answers(&nobody, "accountEnabled"), true.into());
    assert_eq!(answers(&nobody, "mailNickname"), "robot".into());
}

#[test]
fn mail_is_the_work_address_else_the_primary_one() {
    let primary = json!({"emails": [{"value": "a@x.example"}, {"value": "b@x.example", "primary": true}]});
    assert_eq!(answers(&primary, "mail"), "b@x.example".into());
    assert_eq!(
        answers(&primary, "otherMails"),
        Value::List(vec!["a@x.example".into()])
    );
}
