//! Mappings, presets, ways, synchronization schemas, provision on demand and removal, with nothing stubbed.

use serde_json::{Value, json};

use super::Served;

/// The values of one key of a list.
fn column(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().expect("a list").iter();
    list.map(|one| one[key].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn an_app_is_configured_from_the_command_line() {
    let served = Served::start();
    served.staff();
    served.app("webex");
    mappings(&served);
    presets(&served);
    ways(&served);
    synchronization_schema(&served);
    on_demand(&served);
    groups(&served);
    removal(&served);
}

fn mappings(served: &Served) {
    let before = served.json(&["app", "mappings", "Hub"]);
    let add = ["app", "mapping", "add", "Hub", "nickName", "--expression"];
    let wrong = served.refused(&[&add[..], &["Lower([givenName])"]].concat());
    assert!(wrong.contains("there is no function \"Lower\""), "{wrong}");
    let added = served.json(&[&add[..], &["ToLower([givenName])", "--row", "2"]].concat());
    assert_eq!(added["mappings"][1]["target"], "nickName");
    let twice = served.refused(&[&add[..], &["[givenName]"]].concat());
    assert!(twice.contains("nickName"), "{twice}");
    let change = [
        "app",
        "mapping",
        "change",
        "Hub",
        "nickName",
        "--default-value",
        "nobody",
    ];
    let changed = served.json(&change);
    assert_eq!(changed["mappings"][1]["default_value"], "nobody");
    let shown = served.run(&["app", "mappings", "Hub"]);
    assert!(shown.contains("= ToLower([givenName])"), "{shown}");
    let preview = served.json(&["app", "preview", "Hub", "anna@example.com"]);
    assert_eq!(preview["request"]["body"]["nickName"], "anna", "{preview}");
    let removed = served.json(&["app", "mapping", "remove", "Hub", "nickname"]);
    assert_eq!(removed, before);
    served.run(&["app", "mapping", "remove", "Hub", "title"]);
    let unasked = served.refused(&["app", "mapping", "restore", "Hub"]);
    assert!(unasked.contains("--yes"), "{unasked}");
    let restored = served.json(&["app", "mapping", "restore", "Hub", "--yes"]);
    assert_eq!(restored, before);
    let unknown = served.refused(&["app", "mapping", "remove", "Hub", "shoeSize"]);
    assert!(unknown.contains("shoeSize"), "{unknown}");
}

fn presets(served: &Served) {
    let all = served.json(&["app", "presets"]);
    let names = column(&all["items"], "name");
    for name in ["webex-entra", "webex-okta", "webex-jumpcloud", "webex-v2", "scim"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
        let one = served.run(&["app", "presets", name]);
        assert!(one.contains("userName"), "{one}");
    }
    let okta = [
        "app",
        "mapping",
        "restore",
        "Hub",
        "--preset",
        "webex-okta",
        "--yes",
    ];
    let rows = served.json(&okta);
    assert_eq!(rows["mappings"].as_array().map(Vec::len), Some(7));
    let refused = served.refused(&[
        "app",
        "mapping",
        "add",
        "Hub",
        "nickName",
        "--attribute",
        "givenName",
    ]);
    assert!(refused.contains("Okta"), "{refused}");
    served.run(&[
        "app",
        "mapping",
        "restore",
        "Hub",
        "--preset",
        "webex-entra",
        "--yes",
    ]);
    let unknown = served.refused(&["app", "presets", "nothing"]);
    assert!(unknown.contains("nothing"), "{unknown}");
}

fn ways(served: &Served) {
    served.run(&["app", "test", "Hub"]);
    let way = |name: &str| {
        let ways = served.json(&["app", "ways", "Hub"]);
        let mut ways = ways["ways"].as_array().expect("a list").iter();
        let found = ways.find(|way| way["name"] == name);
        found.map(|way| (way["value"].clone(), way["origin"].clone()))
    };
    assert_eq!(way("update"), Some((json!("patch"), json!("announced"))));
    assert_eq!(way("bulk"), Some((json!("yes"), json!("announced"))));
    served.run(&[
        "app",
        "set",
        "Hub",
        "ways.update=put",
        "ways.bulk=off",
        "ways.page_size=2",
    ]);
    served.run(&["app", "set", "Hub", "ways.missing_element=path"]);
    for (name, value) in [
        ("update", "put"),
        ("bulk", "no"),
        ("page_size", "2"),
        ("missing_element", "path"),
    ] {
        assert_eq!(way(name), Some((json!(value), json!("set"))), "{name}");
    }
    let shown = served.run(&["app", "ways", "Hub"]);
    assert!(shown.contains("page_size"), "{shown}");
    let wrong = served.refused(&["app", "set", "Hub", "ways.page_size=10001"]);
    assert!(wrong.contains("between 0 and 10000"), "{wrong}");
    served.run(&[
        "app",
        "set",
        "Hub",
        "ways.update=auto",
        "ways.bulk=auto",
        "ways.page_size=0",
    ]);
    served.run(&["app", "set", "Hub", "ways.missing_element=add"]);
}

fn synchronization_schema(served: &Served) {
    let words = ["app", "synchronization-schema"];
    let schema = served.run(&[&words[..], &["export", "Hub"]].concat());
    let mut brought: Value = serde_json::from_str(&schema).expect("JSON");
    let mappings = &mut brought["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    mappings[2]["source"] = json!({"type": "Constant", "name": "Somebody"});
    let file = served.file("schema.json", &brought.to_string());
    let import = [&words[..], &["import", "Hub", &file]].concat();
    let before = served.json(&["app", "mappings", "Hub"]);
    served.run(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(served.json(&["app", "mappings", "Hub"]), before, "a dry run");
    served.run(&import);
    let after = served.json(&["app", "mappings", "Hub"]);
    assert_eq!(after["mappings"][2]["source"], json!({"constant": "Somebody"}));
    let again: Value =
        serde_json::from_str(&served.run(&[&words[..], &["export", "Hub"]].concat())).expect("JSON");
    assert_eq!(
        again["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][2]["source"]["name"],
        "Somebody"
    );
    let file = served.file("schema.json", &schema);
    served.run(&[&words[..], &["import", "Hub", &file]].concat());
    assert_eq!(served.json(&["app", "mappings", "Hub"]), before);
    let file = served.file("nothing.json", "{}");
    let refused = served.refused(&[&words[..], &["import", "Hub", &file]].concat());
    assert!(refused.contains("no object mapping"), "{refused}");
}

fn on_demand(served: &Served) {
    let done = served.json(&["app", "provision-on-demand", "Hub", "anna@example.com"]);
    assert_eq!(done["result"], "success", "{done}");
    let again = served.json(&["app", "provision-on-demand", "Hub", "anna@example.com"]);
    assert_eq!(again["action"], "unchanged", "{again}");
    let said = served.run(&["app", "provision-on-demand", "Hub", "bo@example.com"]);
    assert!(said.contains("create"), "{said}");
    let unknown = served.refused(&["app", "provision-on-demand", "Hub", "nobody@example.com"]);
    assert!(unknown.contains("nobody@example.com"), "{unknown}");
}

/// What another table of groups would do.
fn groups(served: &Served) {
    served.run(&["group", "create", "Staff"]);
    served.run(&["app", "set", "Hub", "groups=all"]);
    let table = served.run(&["app", "mappings", "Hub", "--kind", "group", "--output", "json"]);
    let file = served.file(
        "groups.json",
        &table.replace(r#"{"attribute":"displayName"}"#, r#"{"constant":"Team"}"#),
    );
    let plan = served.run(&["app", "plan", "Hub", "--group-mappings", &file]);
    assert!(plan.contains("displayName: Team"), "{plan}");
    let plan = served.run(&["app", "plan", "Hub"]);
    assert!(plan.contains("displayName: Staff"), "{plan}");
    served.run(&["app", "set", "Hub", "groups=off"]);
}

fn removal(served: &Served) {
    let uncounted = served.refused(&["app", "remove", "Hub", "--yes"]);
    assert!(uncounted.contains("--count"), "{uncounted}");
    let wrong = served.refused(&["app", "remove", "Hub", "--yes", "--count", "7"]);
    assert!(wrong.contains('2'), "{wrong}");
    served.run(&["app", "remove", "Hub", "--yes", "--count", "2"]);
    let gone = served.refused(&["app", "status", "Hub"]);
    assert!(gone.contains("Hub"), "{gone}");
}
