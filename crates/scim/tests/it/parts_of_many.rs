//! What is immutable or required in one of several values that its `type` and `value` tell from the others.

use scim::patch::{self, PatchOptions, PatchRequest};
use scim::resource::{self, Mode};
use scim::schema::{Extension, Origin, ResourceTypes, Schema};
use scim::{Object, ResourceType};
use serde_json::{Value, json};

const URN: &str = "urn:example:many:1.0:User";

fn users() -> ResourceType {
    let value = json!({ "name": "value", "type": "string" });
    let needed = json!({ "name": "value", "type": "string", "required": true });
    let kind = json!({ "name": "type", "type": "string" });
    let note = json!({ "name": "note", "type": "string" });
    let im = json!({ "name": "im", "type": "string", "mutability": "immutable" });
    let schema: Schema = serde_json::from_value(json!({
        "id": URN, "name": "Many", "attributes": [
            { "name": "cx", "type": "complex", "multiValued": true, "subAttributes": [value, kind, note, im] },
            { "name": "keys", "type": "complex", "multiValued": true, "subAttributes": [value, im] },
            { "name": "desks", "type": "complex", "multiValued": true, "subAttributes": [needed, kind, note] },
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

fn read(own: &Value, mode: Mode) -> Result<Object, scim::Error> {
    resource::read(json!({ "userName": "anna", URN: own }), &users(), mode)
}

fn told(outcome: Result<Object, scim::Error>, name: &str) -> Result<Value, &'static str> {
    match outcome {
        Ok(user) => Ok(user.get(URN).map(|own| own[name].clone()).unwrap_or_default()),
        Err(error) => Err(error.scim_type.expect("a kind").as_str()),
    }
}

fn patched(mut user: Object, op: &str, path: &str, value: &Value) -> Result<Object, scim::Error> {
    let operation = json!({ "op": op, "path": format!("{URN}:{path}"), "value": value });
    let request = PatchRequest::parse(json!({ "Operations": [operation] })).expect("a request");
    patch::apply(&mut user, &request, &users(), PatchOptions::default()).map(|_| user)
}

fn put(stored: &Object, own: &Value) -> Result<Object, scim::Error> {
    resource::replace(stored, read(own, Mode::Replace)?, &users())
}

#[test]
fn what_is_immutable_stays_with_its_pair() {
    let stored = json!([{ "value": "1", "type": "T", "im": "x" }, { "value": "2", "type": "T" }]);
    let user = read(&json!({ "cx": stored }), Mode::Create).expect("a user");
    let one = |value: &str, kind: &str, im: &str| json!({ "value": value, "type": kind, "im": im });
    let refused = Err("mutability");
    for (given, added, replaced) in [
        (one("1", "T", "z"), refused.clone(), refused.clone()),
        (one("1", "t", "z"), refused.clone(), refused),
        (
            one("1", "T", "x"),
            Ok(stored.clone()),
            Ok(json!([one("1", "T", "x")])),
        ),
        (
            one("1", "t", "X"),
            Ok(stored.clone()),
            Ok(json!([one("1", "t", "x")])),
        ),
        // left out, it stays
        (
            json!({ "value": "1", "type": "T", "note": "n" }),
            Ok(json!([{ "value": "1", "type": "T", "note": "n", "im": "x" }, stored[1]])),
            Ok(json!([{ "value": "1", "type": "T", "note": "n", "im": "x" }])),
        ),
        // set for the first time
        (
            one("2", "T", "z"),
            Ok(json!([stored[0], one("2", "T", "z")])),
            Ok(json!([one("2", "T", "z")])),
        ),
        // another one
        (
            one("1", "U", "z"),
            Ok(json!([stored[0], stored[1], one("1", "U", "z")])),
            Ok(json!([one("1", "U", "z")])),
        ),
    ] {
        let patch = |op| told(patched(user.clone(), op, "cx", &json!([given])), "cx");
        assert_eq!(patch("add"), added, "add {given}");
        assert_eq!(patch("replace"), replaced, "replace {given}");
        let put = told(put(&user, &json!({ "cx": [given] })), "cx");
        assert_eq!(put, replaced, "PUT {given}");
    }
    let becomes = patched(user.clone(), "replace", "cx[value eq \"2\"]", &one("1", "T", "z"));
    assert_eq!(told(becomes, "cx"), Err("mutability"));
    let twice = json!({ "cx": [one("1", "T", "x"), one("1", "T", "z")] });
    assert_eq!(
        told(read(&twice, Mode::Create), "cx"),
        Ok(json!([one("1", "T", "x")])),
        "a pair is there once"
    );
}

#[test]
fn values_without_types_may_be_alike() {
    let stored = json!([{ "value": "1", "im": "x" }, { "value": "1", "im": "z" }]);
    let user = read(&json!({ "keys": stored }), Mode::Create).expect("a user");
    assert_eq!(
        told(put(&user, &json!({ "keys": stored })), "keys"),
        Ok(stored.clone())
    );
    for (im, expected) in [("z", Ok(stored.clone())), ("y", Err("mutability"))] {
        let added = patched(user.clone(), "add", "keys", &json!([{ "value": "1", "im": im }]));
        assert_eq!(told(added, "keys"), expected, "{im}");
    }
}

#[test]
fn a_value_without_what_it_needs_is_refused_unless_it_is_cleared() {
    let stored = json!([{ "value": "1", "type": "home" }]);
    let user = read(&json!({ "desks": stored }), Mode::Create).expect("a user");
    let same = Ok(stored.clone());
    let (gone, refused) = (Ok(Value::Null), Err("invalidValue"));
    let home = "desks[type eq \"home\"]";
    let away = "desks[type eq \"away\"]";
    for (op, path, value, expected) in [
        ("replace", "desks", json!([{ "type": "home" }]), refused.clone()),
        ("replace", "desks", json!({ "type": "away" }), refused.clone()),
        ("add", "desks", json!([{ "type": "home" }]), refused.clone()),
        (
            "add",
            "desks",
            json!([{ "value": "2" }, { "TYPE": "home" }]),
            refused.clone(),
        ),
        ("add", "desks", json!([{ "note": "n" }]), refused.clone()),
        ("add", away, json!({ "type": "away" }), refused.clone()),
        ("add", away, json!({ "note": "n" }), refused),
        // cleared
        (
            "replace",
            "desks",
            json!([{ "type": "home", "value": "" }]),
            gone.clone(),
        ),
        (
            "replace",
            "desks",
            json!([{ "type": "home", "value": null }]),
            gone.clone(),
        ),
        (
            "add",
            "desks",
            json!([{ "type": "home", "Value": "" }]),
            same.clone(),
        ),
        ("replace", home, json!({ "value": "" }), gone.clone()),
        (
            "replace",
            "desks[type eq \"home\"].value",
            json!(null),
            gone.clone(),
        ),
        (
            "replace",
            "desks[type eq \"away\"].value",
            json!(""),
            same.clone(),
        ),
        ("replace", "desks", json!([]), gone.clone()),
        ("replace", "desks", json!([{}]), gone),
        (
            "add",
            "desks",
            json!(["1"]),
            Ok(json!([stored[0], { "value": "1" }])),
        ),
        (
            "replace",
            home,
            json!({ "type": "Home" }),
            Ok(json!([{ "value": "1", "type": "Home" }])),
        ),
        ("add", "desks", stored.clone(), same),
    ] {
        let outcome = told(patched(user.clone(), op, path, &value), "desks");
        assert_eq!(outcome, expected, "{op} {path} {value}");
    }
}

#[test]
fn a_stored_value_that_lacks_it_may_stay() {
    let mut user = read(&json!({ "desks": [{ "value": "1" }] }), Mode::Create).expect("a user");
    let stored = json!([{ "type": "home" }]);
    user[URN]["desks"] = stored.clone();
    for op in ["add", "replace"] {
        let again = told(patched(user.clone(), op, "desks", &stored), "desks");
        assert_eq!(again, Ok(stored.clone()), "{op}");
    }
    let more = told(
        patched(user.clone(), "add", "desks", &json!([{ "value": "2" }])),
        "desks",
    );
    assert_eq!(more, Ok(json!([{ "type": "home" }, { "value": "2" }])));
    let other = told(
        patched(user, "add", "desks", &json!([{ "type": "away" }])),
        "desks",
    );
    assert_eq!(other, Err("invalidValue"));
}
