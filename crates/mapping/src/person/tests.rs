//! What a person answers.

use serde_json::json;

use super::*;

fn answers(resource: &Json, name: &str) -> Value {
    Person::new(resource.as_object().expect("an object"), "0193").get(name)
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
    ] {
        assert_eq!(answers(&nobody, name), Value::Null, "{name}");
    }
    assert_eq!(answers(&nobody, "accountEnabled"), true.into());
    assert_eq!(answers(&nobody, "active"), true.into());
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
    assert_eq!(
        answers(&primary, "proxyAddresses"),
        Value::List(vec!["SMTP:b@x.example".into(), "smtp:a@x.example".into()])
    );
    assert_eq!(answers(&json!({}), "proxy-Addresses"), Value::Null);
}

#[test]
fn okta_names() {
    let anna = anna();
    for (name, value) in [
        ("user.login", "anna@x.example"),
        ("user.email", "anna.ose@x.example"),
        ("user.secondEmail", "anna@home.example"),
        ("User.firstName", "Anna"),
        ("user.lastname", "Ó Sé"),
        ("user.title", "Engineer"),
        ("user.primaryPhone", "+353 1"),
        ("user.mobilePhone", "+353 8"),
        ("user.zipCode", "T12"),
        ("user.countryCode", "IE"),
        ("user.managerId", "0192"),
        ("user.status", "ACTIVE"),
        ("user.externalId", "e-1"),
    ] {
        assert_eq!(answers(&anna, name), value.into(), "{name}");
    }
    assert_eq!(answers(&anna, "user.favouriteColour"), Value::Null);
}

#[test]
fn jumpcloud_names() {
    let anna = anna();
    for (name, value) in [
        ("username", "anna@x.example"),
        ("firstname", "Anna"),
        ("lastname", "Ó Sé"),
        ("employeeIdentifier", "77"),
        ("addresses.country", "IE"),
        ("addresses.locality", "Corcaigh"),
        ("addresses.streetAddress", "1 Sráid"),
        ("addresses.region", "Munster"),
        ("addresses.postalcode", "T12"),
        ("phoneNumbers.value", "+353 1"),
    ] {
        assert_eq!(answers(&anna, name), value.into(), "{name}");
    }
}

#[test]
fn whoever_must_not_sign_in_is_not_active() {
    let anna = anna();
    let mut person = Person::new(anna.as_object().expect("an object"), "0193");
    assert_eq!(person.get("active"), true.into());
    person.is_soft_deleted = true;
    assert_eq!(person.get("active"), false.into());
    assert_eq!(person.get("user.status"), "SUSPENDED".into());
}

#[test]
fn what_is_around_a_person() {
    let (anna, boss) = (anna(), json!({"userName": "boss", "name": {"givenName": "Bo"}}));
    let boss = Person::new(boss.as_object().expect("an object"), "0192");
    let groups = [("g1", "Staff"), ("g2", "Lab")].map(|(id, name)| Group {
        id: id.into(),
        name: name.into(),
    });
    let mut person = Person::new(anna.as_object().expect("an object"), "0193");
    for name in ["groups.display", "appRoleAssignments", "manager:givenName"] {
        assert_eq!(person.get(name), Value::Null, "{name}");
    }
    let roles = ["Admin".to_owned()];
    person.around = Around {
        groups: &groups,
        roles: &roles,
        manager: Some(&boss),
    };
    assert_eq!(
        person.get("groups.display"),
        Value::List(vec!["Staff".into(), "Lab".into()])
    );
    assert_eq!(
        person.get("Groups.Value"),
        Value::List(vec!["g1".into(), "g2".into()])
    );
    assert_eq!(
        person.get("appRoleAssignments"),
        Value::List(vec!["Admin".into()])
    );
    assert_eq!(person.get("manager:givenName"), "Bo".into());
    assert_eq!(person.get("Manager:user.login"), "boss".into());
    assert_eq!(person.get("manager"), "0192".into());
}

#[test]
fn needs_are_told_by_names() {
    let needs = |names: &[&str]| Needs::of(names.iter().copied());
    assert_eq!(needs(&["mail", "manager"]), Needs::default());
    assert!(needs(&["GROUPS.display"]).groups);
    assert!(needs(&["approleassignments"]).roles);
    assert!(needs(&["mail", "manager:mail"]).manager);
}

#[test]
fn what_every_organization_fills_itself_is_found_in_extensions() {
    let resource = json!({
        "userName": "anna",
        "urn:example:2.0:User": {"badge": 7},
        "urn:example:entra:2.0:User": {"extensionAttribute3": "blue", "extension_0ab1_costCenter": "cc1"}
    });
    let resource = resource.as_object().expect("an object");
    let person = Person::new(resource, "p1");
    assert_eq!(person.get("extensionattribute3"), "blue".into());
    assert_eq!(person.get("extension_0ab1_costCenter"), "cc1".into());
    for nothing in [
        "extensionAttribute4",
        "extensionAttribute16",
        "extension_xyz_costCenter",
    ] {
        assert_eq!(person.get(nothing), Value::Null, "{nothing}");
    }
    for (name, is) in [
        ("extensionAttribute1", true),
        ("extensionAttribute15", true),
        ("extensionAttribute0", false),
        ("extensionAttribute01", false),
        ("extensionAttribute16", false),
        ("extension_0ab1_cost_center", true),
        ("extension__x", false),
        ("extension_0ab1_", false),
    ] {
        assert_eq!(is_of_extension(name), is, "{name}");
    }
}

#[test]
fn names_are_known_in_every_spelling() {
    for name in [
        "jobTitle",
        "JOBTITLE",
        "Facsimile-TelephoneNumber",
        "user.login",
        "manager:mail",
        "id",
        "firstname",
    ] {
        assert!(Person::knows(name), "{name}");
    }
    for name in ["jobTitel", "displayNam", "user.logon", "manager:jobTitel", ""] {
        assert!(!Person::knows(name), "{name}");
    }
}

#[test]
fn names_lead_back_to_their_places() {
    for (name, place) in [
        ("userPrincipalName", Some("userName")),
        ("jobTitle", Some("title")),
        ("mail", Some(r#"emails[type eq "work"].value"#)),
        ("accountEnabled", Some("active")),
        ("user.login", Some("userName")),
        ("user.email", Some(r#"emails[type eq "work"].value"#)),
        ("user.shoeSize", Some("shoeSize")),
        ("firstname", Some("name.givenName")),
        ("nickName", Some("nickName")),
        ("objectId", None),
        ("mailNickname", None),
        ("IsSoftDeleted", None),
        ("user.status", None),
        ("manager:displayName", None),
        ("groups.display", None),
        ("id", None),
        ("extensionAttribute3", None),
    ] {
        assert_eq!(Person::place_of(name).as_deref(), place, "{name}");
    }
}
