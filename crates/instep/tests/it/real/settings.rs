//! `instep org set`: each setting of the SCIM service, flipped alone beside a server that runs, changes what its clients
//! see from the next request on, and nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::House;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// What clients see that depends on settings.
fn seen(house: &House, name: &str) -> BTreeMap<&'static str, Value> {
    let change = json!({ "op": "replace", "path": "displayName", "value": "Changed" });
    let user = house.make("/Users", &json!({ "userName": format!("{name}@example.com") }));
    let group = house.make("/Groups", &json!({ "displayName": "Staff" }));
    let answers = [&user, &group].map(|path| {
        let answer = house.patch(path, &change);
        assert_eq!(house.get(path).body["displayName"], "Changed");
        (answer.status, answer.body["displayName"] == "Changed")
    });
    let schema = house.get(&format!("/Schemas/{USER}")).body;
    let names = |value: &Value| -> Vec<Value> {
        let attributes = value.as_array().into_iter().flatten();
        attributes.map(|attribute| attribute["name"].clone()).collect()
    };
    let attributes = names(&schema["attributes"]);
    let emails = schema["attributes"].as_array().into_iter().flatten();
    let emails = emails.filter(|attribute| attribute["name"] == "emails");
    let of_emails: Vec<Value> = emails
        .flat_map(|emails| names(&emails["subAttributes"]))
        .collect();
    let missing = json!({ "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" });
    let missing = house.patch(&user, &missing);
    let refusal = missing.body.get("scimType").cloned().unwrap_or_default();
    let free = house.scim("POST", "/Users", &json!({ "userName": name }));
    BTreeMap::from([
        ("scim.patch_response", json!(answers)),
        (
            "scim.schemas",
            json!([
                attributes.contains(&json!("userName")),
                attributes.contains(&json!("password")),
                of_emails.contains(&json!("display")),
            ]),
        ),
        ("scim.patch_missing_target", refusal),
        ("users.user_name_is_email", json!(free.status)),
    ])
}

#[test]
fn each_is_flipped_alone() {
    let house = House::start();
    let usual = seen(&house, "usual");
    assert_eq!(
        json!(usual),
        json!({
            "scim.patch_response": [[200, true], [204, false]],
            "scim.schemas": [true, true, true],
            "scim.patch_missing_target": null,
            "users.user_name_is_email": 201,
        })
    );
    for (setting, default, value, expected) in [
        (
            "scim.patch_response",
            "auto",
            "body",
            json!([[200, true], [200, true]]),
        ),
        (
            "scim.patch_response",
            "auto",
            "none",
            json!([[204, false], [204, false]]),
        ),
        ("scim.schemas", "full", "entra", json!([true, false, false])),
        ("scim.patch_missing_target", "create", "error", json!("noTarget")),
        ("users.user_name_is_email", "false", "true", json!(400)),
    ] {
        house.set(&format!("{setting}={value}"));
        let mut wanted = usual.clone();
        wanted.insert(setting, expected);
        let now = seen(&house, &format!("{}-{value}", setting.replace('.', "-")));
        assert_eq!(now, wanted, "{setting}={value}");
        house.set(&format!("{setting}={default}"));
    }
    assert_eq!(seen(&house, "again"), usual);
}
