//! The characteristics of sub-attributes, in one complex value and in many.

use scim::patch::{self, PatchOptions, PatchRequest};
use scim::projection::Projection;
use scim::resource::{self, Mode};
use scim::schema::{Extension, Origin, ResourceTypes, Schema};
use scim::sort::Sort;
use scim::{Object, ResourceType, filter};
use serde_json::{Value, json};

const URN: &str = "urn:example:parts:1.0:User";

/// A badge, and cards of the same parts.
fn users() -> ResourceType {
    let parts = json!([
        { "name": "number", "type": "string", "mutability": "immutable", "caseExact": false },
        { "name": "kind", "type": "string", "required": true },
        { "name": "pin", "type": "string", "mutability": "writeOnly" },
        { "name": "value", "type": "string", "returned": "never" },
        { "name": "seal", "type": "string", "returned": "always" },
        { "name": "doors", "type": "string", "multiValued": true },
    ]);
    let schema: Schema = serde_json::from_value(json!({
        "id": URN, "name": "Parts", "attributes": [
            { "name": "badge", "type": "complex", "subAttributes": parts },
            { "name": "cards", "type": "complex", "multiValued": true, "subAttributes": parts },
        ],
    }))
    .expect("a schema");
    let mut users = ResourceTypes::built_in().user.clone();
    users.extensions.push(Extension {
        schema,
        required: false,
        origin: Origin::Organization,
    });
    users
}

fn badge() -> Value {
    json!({ "number": "A1", "kind": "staff", "pin": "0000", "value": "v", "seal": "s", "doors": ["n", "s"] })
}

/// Somebody with a badge, and with one card that is like it.
fn anna() -> Object {
    let body = json!({ "userName": "anna", URN: { "badge": badge(), "cards": [badge()] } });
    resource::read(body, &users(), Mode::Create).expect("anna")
}

fn patched(operations: &Value) -> Result<Object, &'static str> {
    let request = PatchRequest::parse(json!({ "Operations": operations })).expect("a request");
    let mut user = anna();
    match patch::apply(&mut user, &request, &users(), PatchOptions::default()) {
        Ok(_) => Ok(user),
        Err(error) => Err(error.scim_type.expect("a kind").as_str()),
    }
}

#[test]
fn patch_minds_what_each_part_may() {
    let badge = format!("{URN}:badge");
    let card = format!("{URN}:cards[kind eq \"staff\"]");
    let cards = format!("{URN}:cards");
    for (op, path, value, refused) in [
        // immutable: the same is fine, in whichever case; another or none is not
        ("replace", format!("{badge}.number"), json!("a1"), None),
        (
            "replace",
            format!("{badge}.number"),
            json!("B2"),
            Some("mutability"),
        ),
        (
            "remove",
            format!("{badge}.number"),
            Value::Null,
            Some("mutability"),
        ),
        ("replace", format!("{card}.number"), json!("a1"), None),
        (
            "replace",
            format!("{card}.number"),
            json!("B2"),
            Some("mutability"),
        ),
        ("add", card.clone(), json!({ "number": "B2" }), Some("mutability")),
        (
            "remove",
            format!("{card}.number"),
            Value::Null,
            Some("mutability"),
        ),
        // … but a card comes and goes as a whole
        ("remove", card.clone(), Value::Null, None),
        (
            "replace",
            cards.clone(),
            json!([{ "number": "B2", "kind": "x" }]),
            None,
        ),
        // required: taken away, or never there
        ("remove", format!("{badge}.kind"), Value::Null, Some("mutability")),
        ("remove", format!("{card}.kind"), Value::Null, Some("mutability")),
        ("add", cards, json!([{ "number": "C3" }]), Some("invalidValue")),
        ("remove", badge.clone(), Value::Null, Some("mutability")),
        ("replace", format!("{badge}.pin"), json!("1111"), None),
    ] {
        let mut operation = json!({ "op": op, "path": path });
        if !value.is_null() {
            operation["value"] = value;
        }
        let outcome = patched(&json!([operation]));
        assert_eq!(outcome.err(), refused, "{operation}");
    }
    let same = patched(&json!([{ "op": "replace", "path": format!("{badge}.number"), "value": "a1" }]));
    assert_eq!(
        same.expect("the same")[URN]["badge"]["number"],
        "A1",
        "as it was set"
    );
}

#[test]
fn parts_with_several_values_take_more_and_lose_some() {
    for place in ["badge", "cards[kind eq \"staff\"]"] {
        for (op, value, expected) in [
            ("add", json!(["s", "W"]), json!(["n", "s", "W"])),
            ("add", json!("e"), json!(["n", "s", "e"])),
            ("replace", json!(["e"]), json!(["e"])),
            ("remove", json!(["N"]), json!(["s"])),
            ("remove", json!(null), json!(null)),
            ("replace", json!([]), json!(null)),
        ] {
            let path = format!("{URN}:{place}.doors");
            let user = patched(&json!([{ "op": op, "path": path, "value": value }])).expect("changed");
            let pointer = if place == "badge" { "badge" } else { "cards/0" };
            let doors = Value::Object(user)
                .pointer(&format!("/{URN}/{pointer}/doors"))
                .cloned()
                .unwrap_or_default();
            assert_eq!(doors, expected, "{op} {value} at {place}");
        }
    }
}

#[test]
fn put_keeps_what_a_client_cannot_know_or_change() {
    let users = users();
    let put = |own: Value| {
        let body = json!({ "userName": "anna", URN: own });
        let body = resource::read(body, &users, Mode::Replace).map_err(|error| error.detail)?;
        resource::replace(&anna(), body, &users).map_err(|error| error.detail)
    };
    let next = put(json!({ "badge": { "kind": "guest" } })).expect("replaced");
    assert_eq!(
        next[URN],
        json!({ "badge": { "kind": "guest", "number": "A1", "pin": "0000", "value": "v" } })
    );
    assert!(put(json!({ "badge": { "kind": "guest", "number": "B2" } })).is_err());
    assert!(
        put(json!({ "badge": { "number": "A1" } })).is_err(),
        "kind is required"
    );
    let all = put(json!({ "cards": [{ "kind": "k" }] }))
        .expect_err("the badge's number stays, so it needs its kind");
    assert!(all.contains("badge.kind"), "{all}");
}

#[test]
fn nothing_is_learnt_of_hidden_parts() {
    let (users, mut anna) = (users(), anna());
    for (text, expected) in [
        ("badge.pin pr", false),
        ("badge.pin eq \"0000\"", false),
        ("not (badge.pin pr)", true),
        ("cards[pin eq \"0000\"]", false),
        ("cards.value eq \"v\"", false),
        ("badge eq \"v\"", false),
        ("badge pr", true),
        ("badge.doors eq \"N\"", true),
        ("cards[doors eq \"s\" and kind eq \"staff\"]", true),
        ("cards.doors eq \"x\"", false),
    ] {
        let parsed = filter::parse(text).expect(text);
        assert_eq!(filter::evaluate(&parsed, &anna, &users), expected, "{text}");
    }
    for by in ["badge.pin", "badge", "cards.value"] {
        let sort = Sort::parse(Some(by), None).expect(by).expect("a sort");
        assert_eq!(sort.key(&anna, &users), None, "{by}");
    }
    anna[URN]["badge"] = json!({ "pin": "0000", "value": "v" });
    let parsed = filter::parse("badge pr").expect("a filter");
    assert!(
        !filter::evaluate(&parsed, &anna, &users),
        "there is nothing to be seen"
    );
}

#[test]
fn parts_are_returned_as_they_say() {
    let (users, anna) = (users(), anna());
    let shown = |attributes: Option<&str>, excluded: Option<&str>| {
        let projection = Projection::parse(attributes, excluded).expect("a projection");
        let shown = projection.apply(&anna, &users);
        shown.get(URN).map(|own| own["badge"].clone()).unwrap_or_default()
    };
    let usual = json!({ "number": "A1", "kind": "staff", "seal": "s", "doors": ["n", "s"] });
    assert_eq!(shown(None, None), usual);
    assert_eq!(shown(Some("badge"), None), usual);
    assert_eq!(
        shown(Some("badge.kind"), None),
        json!({ "kind": "staff", "seal": "s" })
    );
    assert_eq!(shown(Some("badge.pin,badge.value"), None), json!({ "seal": "s" }));
    assert_eq!(shown(Some("title"), None), json!({ "seal": "s" }), "always");
    assert_eq!(shown(None, Some("badge")), json!({ "seal": "s" }), "always");
    assert_eq!(
        shown(None, Some("badge.doors,badge.seal")),
        json!({ "number": "A1", "kind": "staff", "seal": "s" })
    );
}

#[test]
fn names_of_core_attributes_mean_nothing_special_in_an_extension() {
    let schema: Schema = serde_json::from_value(json!({
        "id": URN, "name": "Names", "attributes": [
            { "name": "active", "type": "string" },
            { "name": "userName", "type": "string", "uniqueness": "server" },
        ],
    }))
    .expect("a schema");
    let users = ResourceType::user().extended([Extension {
        schema,
        required: false,
        origin: Origin::Organization,
    }]);
    let body = json!({ "userName": "anna", URN: { "active": "yes", "userName": "a" } });
    let anna = resource::read(body, &users, Mode::Create).expect("anna");
    let unique = resource::unique_values(&anna, &users).expect("short");
    assert_eq!(unique.len(), 1, "{unique:?}");
    assert_eq!(unique[0].attribute, format!("{URN}:userName"));
    let body = resource::read(json!({ "userName": "anna" }), &users, Mode::Replace).expect("a body");
    let next = resource::replace(&anna, body, &users).expect("replaced");
    assert_eq!((next.get(URN), &next["active"]), (None, &json!(true)));
}
