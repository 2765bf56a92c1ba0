//! `instep schema`: what is added is in the SCIM service from then on, and goes when nobody has it.

use serde_json::{Value, json};

use super::{House, printed};

const URN: &str = "urn:example:hr:1.0:User";

/// A definition in a file that is there as long as the folder.
fn file(folder: &tempfile::TempDir, definition: &Value) -> String {
    let path = folder.path().join("schema.json");
    std::fs::write(&path, definition.to_string()).expect("written");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn they_are_added_listed_shown_and_removed() {
    let house = House::start();
    let folder = tempfile::tempdir().expect("a folder");
    let anna = json!({ "userName": "anna@example.com", URN: { "badge": 4711, "costCenter": "C-12" } });
    let unknown = house.make(
        "/Users",
        &json!({ "userName": "before@example.com", URN: { "badge": 1 } }),
    );
    assert_eq!(house.get(&unknown).body.get(URN), None, "nobody knows it yet");
    assert_eq!(house.get(&format!("/Schemas/{URN}")).status, 404);

    let attributes = json!([
        { "name": "badge", "type": "integer", "uniqueness": "server" },
        { "name": "costCenter", "caseExact": true },
    ]);
    let definition = json!({ "id": URN, "name": "HR", "attributes": attributes });
    let added = printed(&mut house.command(&["schema", "add", &file(&folder, &definition)]));
    assert_eq!(
        (&added["urn"], &added["resource_type"], &added["attributes"]),
        (&json!(URN), &json!("User"), &json!(2))
    );
    let anna = house.make("/Users", &anna);
    let read = house.get(&anna).body;
    assert_eq!(read[URN], json!({ "badge": 4711, "costCenter": "C-12" }));
    assert!(
        read["schemas"]
            .as_array()
            .is_some_and(|urns| urns.contains(&json!(URN)))
    );
    let found = house.get(&format!("/Users?filter={URN}:badge%20gt%204000")).body;
    assert_eq!(found["totalResults"], 1);
    let twin = json!({ "userName": "twin@example.com", URN: { "badge": "4711" } });
    assert_eq!(
        house.scim("POST", "/Users", &twin).status,
        409,
        "badges are unique"
    );
    assert_eq!(house.get(&format!("/Schemas/{URN}")).body["name"], "HR");

    let list = printed(&mut house.command(&["schema", "list"]));
    let listed = list
        .as_array()
        .or_else(|| list["items"].as_array())
        .expect("a list");
    assert_eq!(
        (listed.len(), &listed[0]["urn"], &listed[0]["resources"]),
        (1, &json!(URN), &json!(1))
    );
    let shown = printed(&mut house.command(&["schema", "show", URN]));
    assert_eq!(shown["schema"]["attributes"][0]["uniqueness"], "server");

    // What `schema show` prints can be changed and added again.
    let mut more = shown.clone();
    let own = more["schema"]["attributes"].as_array_mut().expect("attributes");
    own.push(json!({ "name": "desk" }));
    let added = printed(&mut house.command(&["schema", "add", &file(&folder, &more)]));
    assert_eq!(added["attributes"], 3);
    let desk = json!({ "op": "add", "path": format!("{URN}:desk"), "value": "3.14" });
    assert_eq!(house.patch(&anna, &desk).body[URN]["desk"], "3.14");

    // One that contradicts what is stored is refused, and changes nothing.
    let other = json!({ "id": URN, "name": "HR", "attributes": [{ "name": "badge", "type": "boolean" }] });
    let refused = house.command(&["schema", "add", &file(&folder, &other)]).output();
    let refused = refused.expect("it starts");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(house.get(&anna).body[URN]["badge"], 4711);

    let remove = ["schema", "remove", URN, "--yes"];
    let refused = house.command(&remove).output().expect("it starts");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("1 resource has values"),
        "{said}"
    );
    let cleared = house.patch(&anna, &json!({ "op": "remove", "path": URN }));
    assert_eq!((cleared.status, cleared.body.get(URN)), (200, None));
    assert_eq!(
        printed(&mut house.command(&remove)),
        json!({ "schema": URN, "removed": true })
    );
    assert_eq!(house.get(&format!("/Schemas/{URN}")).status, 404);
}

#[test]
fn one_of_groups_can_be_required() {
    let house = House::start();
    let folder = tempfile::tempdir().expect("a folder");
    let urn = "urn:example:team:1.0:Group";
    let definition =
        json!({ "id": urn, "name": "Team", "attributes": [{ "name": "code", "required": true }] });
    let path = file(&folder, &definition);
    printed(&mut house.command(&["schema", "add", &path, "--resource-type", "group", "--required"]));
    let bare = json!({ "displayName": "Staff" });
    assert_eq!(house.scim("POST", "/Groups", &bare).status, 400);
    let whole = house.make(
        "/Groups",
        &json!({ "displayName": "Staff", urn: { "code": "S" } }),
    );
    assert_eq!(house.get(&whole).body[urn]["code"], "S");
    let people = house.make("/Users", &json!({ "userName": "anna@example.com" }));
    assert_eq!(house.get(&people).status, 200, "people need none");
}
