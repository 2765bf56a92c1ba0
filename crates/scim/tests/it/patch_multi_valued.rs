//! PATCH on multi-valued attributes of a user (RFC 7644 §3.5.2).

use scim::patch::{self, PatchOptions, PatchRequest};
use scim::schema::USER;
use scim::{ResourceType, ResourceTypes, ScimType, resource};
use serde_json::{Value, json};

use crate::object;
use crate::patch::{WORK, difference, email, run};

#[test]
fn multi_valued_attributes() {
    let work = json!({"type": "work", "value": "anna@example.com", "primary": true});
    let home = email("home", "anna@home.example");
    let emails = |emails: Value| json!({"emails": emails});
    for (ops, expected) in [
        // add
        (
            json!([{"op": "add", "path": "emails", "value": [email("other", "o@x.example")]}]),
            emails(json!([work, home, email("other", "o@x.example")])),
        ),
        (
            json!([{"op": "add", "path": "emails", "value": email("other", "o@x.example")}]),
            emails(json!([work, home, email("other", "o@x.example")])),
        ),
        (
            json!([{"op": "add", "path": "emails", "value": [home]}]),
            json!({}),
        ),
        (
            json!([{"op": "add", "path": "emails", "value": [{"type": "home", "value": "anna@home.example", "display": "A"}]}]),
            emails(json!([work, {"type": "home", "value": "anna@home.example", "display": "A"}])),
        ),
        // the same in another case changes nothing; what is new beside it does
        (
            json!([{"op": "add", "path": "emails", "value": [email("HOME", "Anna@Home.example")]}]),
            json!({}),
        ),
        (
            json!([{"op": "add", "value": {"emails": [{"type": "Work", "value": "ANNA@example.com", "primary": true}]}}]),
            json!({}),
        ),
        (
            json!([{"op": "add", "path": "emails", "value": [{"type": "HOME", "value": "ANNA@home.example", "display": "A"}]}]),
            emails(json!([work, {"type": "home", "value": "anna@home.example", "display": "A"}])),
        ),
        (
            json!([{"op": "replace", "path": "emails", "value": [work, email("HOME", "ANNA@home.example")]}]),
            emails(json!([work, email("HOME", "ANNA@home.example")])),
        ),
        (json!([{"op": "add", "path": "emails", "value": []}]), json!({})),
        (
            json!([{"op": "add", "path": "phoneNumbers", "value": "+46 1"}]),
            json!({"phoneNumbers": [{"value": "+46 1"}]}),
        ),
        // replace
        (
            json!([{"op": "replace", "path": "emails", "value": [email("work", "b@x.example")]}]),
            emails(json!([email("work", "b@x.example")])),
        ),
        (
            json!([{"op": "replace", "path": "emails", "value": null}]),
            emails(json!(null)),
        ),
        (
            json!([{"op": "replace", "path": WORK, "value": "b@x.example"}]),
            emails(json!([{"type": "work", "value": "b@x.example", "primary": true}, home])),
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {"display": "A"}}]),
            emails(
                json!([{"type": "work", "value": "anna@example.com", "primary": true, "display": "A"}, home]),
            ),
        ),
        (
            json!([{"op": "replace", "path": "emails[TYPE eq \"WORK\"].Value", "value": "b@x.example"}]),
            emails(json!([{"type": "work", "value": "b@x.example", "primary": true}, home])),
        ),
        (
            json!([{"op": "replace", "path": "emails.display", "value": "A"}]),
            emails(
                json!([{"type": "work", "value": "anna@example.com", "primary": true, "display": "A"}, {"type": "home", "value": "anna@home.example", "display": "A"}]),
            ),
        ),
        // an element that is not there
        (
            json!([{"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46 7"}]),
            json!({"phoneNumbers": [{"type": "mobile", "value": "+46 7"}]}),
        ),
        (
            json!([{"op": "Replace", "path": "addresses[type eq \"work\" and primary eq \"True\"].country", "value": "SE"}]),
            json!({"addresses": [{"type": "work", "primary": true, "country": "SE"}]}),
        ),
        (
            json!([{"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Reader"}]),
            json!({"roles": [{"primary": true, "value": "Reader"}]}),
        ),
        (
            json!([{"op": "Add", "path": "phoneNumbers.value", "value": "+46 7"}]),
            json!({"phoneNumbers": [{"value": "+46 7"}]}),
        ),
        (
            json!([{"op": "Replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": ""}]),
            json!({}),
        ),
        // remove a part of the values that have it, as is said behind the path
        (
            json!([{"op": "remove", "path": "emails[type eq \"work\"].primary", "value": "true"}]),
            emails(json!([{"type": "work", "value": "anna@example.com"}, home])),
        ),
        (
            json!([{"op": "remove", "path": "emails[type eq \"work\"].primary", "value": false}]),
            json!({}),
        ),
        // a value that is named goes, whatever else is said of it
        (
            json!([{"op": "remove", "path": "emails", "value": [{"type": "home", "value": "anna@home.example", "display": "A"}]}]),
            emails(json!([work])),
        ),
        // remove
        (json!([{"op": "remove", "path": "emails"}]), emails(json!(null))),
        (
            json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]),
            emails(json!([home])),
        ),
        (
            json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]),
            json!({}),
        ),
        (json!([{"op": "remove", "path": WORK}]), emails(json!([home]))),
        (
            json!([{"op": "replace", "path": WORK, "value": ""}]),
            emails(json!([home])),
        ),
        (
            json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]),
            emails(json!([email("work", "anna@example.com"), home])),
        ),
        (
            json!([{"op": "Remove", "path": "emails", "value": [{"value": "ANNA@home.example"}]}]),
            emails(json!([work])),
        ),
        (
            json!([{"op": "Remove", "path": "emails", "value": "anna@home.example"}]),
            emails(json!([work])),
        ),
        (
            json!([{"op": "Remove", "path": "emails", "value": [{"value": "nobody"}]}]),
            json!({}),
        ),
        (
            json!([{"op": "Remove", "path": "emails", "value": []}]),
            json!({}),
        ),
        (
            json!([{"op": "remove", "path": "emails[not (type eq \"work\")]"}]),
            emails(json!([work])),
        ),
    ] {
        assert_eq!(difference(ops.clone()), expected, "{ops}");
    }
}

#[test]
fn simple_multi_valued_attributes() {
    let webex = scim::schema::WEBEX_USER;
    let (_, user) = run(json!([
        {"op": "add", "path": "accountStatus", "value": ["active", "pending"]},
        {"op": "add", "path": "accountStatus", "value": "Active"},
        {"op": "remove", "path": "accountStatus[value eq \"pending\"]"},
        {"op": "add", "path": format!("{webex}:accountStatus"), "value": "suspended"},
        {"op": "remove", "path": "accountStatus", "value": ["suspended"]},
    ]))
    .expect("changed");
    assert_eq!(user[webex], json!({"accountStatus": ["active"]}));
}

#[test]
fn a_new_primary_unmakes_the_old_one() {
    let primaries = |ops: Value| {
        let (_, user) = run(ops).expect("changed");
        let emails = user["emails"].as_array().expect("emails").clone();
        emails
            .into_iter()
            .filter(|email| email["primary"] == true)
            .map(|email| email["type"].clone())
            .collect::<Vec<_>>()
    };
    for (ops, expected) in [
        (
            json!([{"op": "add", "path": "emails", "value": [{"type": "other", "value": "o@x.example", "primary": true}]}]),
            "other",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": "True"}]),
            "home",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"primary": true}}]),
            "home",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"room\"]", "value": {"value": "r@x.example", "primary": true}}]),
            "room",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true}]),
            "work",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"room\"].primary", "value": true}]),
            "work",
        ),
    ] {
        assert_eq!(primaries(ops.clone()), [expected], "{ops}");
    }
}

#[test]
fn roles_within_a_string() {
    let packed = "{\"id\":\"06b0\",\"value\":\"25\",\"displayName\":\"Reader\"}";
    assert_eq!(
        difference(json!([{"op": "Add", "path": "roles", "value": [{"value": packed}]}])),
        json!({"roles": [{"value": "25", "display": "Reader"}]})
    );
    // The same at the value itself.
    assert_eq!(
        difference(json!([{"op": "Add", "path": "roles[primary eq \"True\"].value", "value": packed}])),
        json!({"roles": [{"primary": true, "value": "25", "display": "Reader"}]})
    );
    assert_eq!(
        difference(
            json!([{"op": "Add", "path": "roles", "value": [{"value": "25"}, {"value": "26"}]},
            {"op": "remove", "path": "roles.value", "value": "{\"id\":\"x\",\"value\":\"25\"}"}])
        ),
        json!({"roles": [{"value": "26"}]})
    );
    assert_eq!(
        difference(
            json!([{"op": "replace", "path": "roles", "value": [{"primary": "False", "type": "AppRole", "displayName": "User", "value": "User"}]}])
        ),
        json!({"roles": [{"primary": false, "type": "AppRole", "value": "User", "display": "User"}]})
    );
}

#[test]
fn immutable_parts_stay_as_long_as_their_value() {
    let given = json!({"op": "add", "path": "inheritances", "value": [{"type": "role", "value": "a", "source": "g"}]});
    let role = "inheritances[type eq \"role\"]";
    for (op, expected) in [
        (
            json!({"op": "add", "path": "inheritances", "value": [{"type": "role", "value": "b"}]}),
            Some(json!([{"type": "role", "value": "a", "source": "g"}, {"type": "role", "value": "b"}])),
        ),
        (json!({"op": "remove", "path": role}), Some(json!(null))),
        (
            json!({"op": "replace", "path": role, "value": {"source": "g"}}),
            Some(json!([{"type": "role", "value": "a", "source": "g"}])),
        ),
        (
            json!({"op": "replace", "path": role, "value": {"source": "h"}}),
            None,
        ),
        (
            json!({"op": "replace", "path": format!("{role}.value"), "value": "b"}),
            None,
        ),
        (json!({"op": "remove", "path": "inheritances.source"}), None),
        (
            json!({"op": "add", "path": "inheritances", "value": [{"type": "role", "value": "a", "source": "h"}]}),
            Some(
                json!([{"type": "role", "value": "a", "source": "g"}, {"type": "role", "value": "a", "source": "h"}]),
            ),
        ),
        (
            json!({"op": "replace", "path": "inheritances", "value": [{"type": "role", "value": "a", "source": "h"}]}),
            Some(json!([{"type": "role", "value": "a", "source": "h"}])),
        ),
        (
            json!({"op": "add", "path": "inheritances", "value": [{"type": "ROLE", "value": "a", "source": "g"}]}),
            Some(json!([{"type": "role", "value": "a", "source": "g"}])),
        ),
    ] {
        let ops = json!([given, op]);
        match expected {
            Some(expected) => assert_eq!(difference(ops)["inheritances"], expected, "{op}"),
            None => assert_eq!(
                run(ops).expect_err("refused").scim_type,
                Some(ScimType::Mutability),
                "{op}"
            ),
        }
    }
}

#[test]
fn a_patch_that_compares_too_much_is_refused() {
    let mut user = scim::Object::new();
    let many: Vec<Value> = (0..1_000)
        .map(|at| json!({ "value": format!("{}{at}", "ä".repeat(300)) }))
        .collect();
    user.insert("userName".to_owned(), "anna".into());
    user.insert("emails".to_owned(), many.into());
    let kind = ResourceType::user();
    let patch = |count: usize| {
        let one = json!({"op": "remove", "path": "emails[value eq \"ö\"]"});
        let body = json!({"schemas": [scim::message::PATCH_OP], "Operations": vec![one; count]});
        let request = PatchRequest::parse(body).expect("a patch");
        patch::apply(&mut user.clone(), &request, kind, PatchOptions::default())
    };
    assert!(patch(1).is_ok());
    let refused = patch(500).expect_err("too much");
    assert_eq!(refused.scim_type, Some(ScimType::TooMany));
}

/// An address that is taken away takes along what described it, and nothing else does.
#[test]
fn what_described_a_value_goes_with_it() {
    let work = json!({"type": "work", "value": "anna@example.com", "primary": true, "display": "Anna"});
    let before = |emails: Value| object(json!({"schemas": [USER], "userName": "anna", "emails": emails}));
    let after = |ops: Value, emails: Value| {
        let mut user = before(emails);
        let request = PatchRequest::parse(json!({"Operations": ops})).expect("a request");
        patch::apply(&mut user, &request, ResourceType::user(), PatchOptions::default()).expect("changed");
        user.get("emails").cloned().unwrap_or_default()
    };
    for emptying in [
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": ""}),
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": null}),
        json!({"op": "remove", "path": "emails[type eq \"work\"].value"}),
        json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": ""}}),
        json!({"op": "replace", "path": "emails", "value": [{"type": "work", "value": "", "display": "Anna"}]}),
    ] {
        assert_eq!(after(json!([emptying]), json!([work])), Value::Null, "{emptying}");
    }
    let display = json!([{"op": "remove", "path": "emails.display"}]);
    assert_eq!(
        after(display, json!([work])),
        json!([{"type": "work", "value": "anna@example.com", "primary": true}])
    );
    let read = |emails: Value| {
        let body = json!({"userName": "anna", "emails": emails});
        let user =
            resource::read(body, &ResourceTypes::built_in().user, resource::Mode::Create).expect("a person");
        user.get("emails").cloned().unwrap_or_default()
    };
    assert_eq!(
        read(json!([{"type": "work", "value": "", "display": "Anna"}, {"type": "home", "value": "h@x"}])),
        json!([{"type": "home", "value": "h@x"}])
    );
    assert_eq!(
        read(json!([{"type": "work", "display": "Anna"}])),
        json!([{"type": "work", "display": "Anna"}]),
        "nobody said that it is empty"
    );
}
