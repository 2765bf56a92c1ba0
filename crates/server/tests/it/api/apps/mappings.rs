//! Mapping tables, row by row and whole; what a target's attributes are; Microsoft Graph's form of it.

use serde_json::{Value, json};

use super::super::{column, text};
use super::add_hub;
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    mappings,
    mappings_one_by_one,
    attributes_of_the_target,
    presets,
    a_configuration_goes_to_graph_and_back,
);

async fn mappings(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let given = api.get("/apps/Hub/mappings").await.expect(200);
    let rows = given["mappings"].as_array().expect("mappings");
    assert_eq!(rows.len(), 15);
    assert_eq!(
        rows[1]["source"]["expression"],
        "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
        "as the guides print it"
    );
    assert_eq!(
        api.put("/apps/Hub/mappings", &given).await.expect(200),
        given,
        "what GET shows can be put back"
    );
    let mut own = json!([
        { "source": { "attribute": "userName" }, "target": "userName", "matching": 1 },
        { "source": { "expression": "Join(\" \", [givenName], [surname])" }, "target": "displayName", "when_empty": "clear" },
        { "source": { "constant": "en" }, "target": "locale", "apply": "only_on_create" },
    ]);
    let set = api
        .put("/apps/Hub/mappings", &json!({ "mappings": own }))
        .await
        .expect(200);
    assert_eq!(set["mappings"].as_array().map(Vec::len), Some(3));
    assert_eq!(api.get("/apps/Hub/mappings").await.expect(200), set);
    own[1]["source"] = json!({ "expression": "user.lastName + ', ' + user.firstName", "language": "okta" });
    let set = api
        .put("/apps/Hub/mappings", &json!({ "mappings": own }))
        .await
        .expect(200);
    assert_eq!(
        set["mappings"][1]["source"], own[1]["source"],
        "the language is kept"
    );
    assert_eq!(api.get("/apps/Hub/mappings").await.expect(200), set);
    own[1]["source"]["expression"] = "user.lastName + [x]".into();
    let problem = api
        .put("/apps/Hub/mappings", &json!({ "mappings": own }))
        .await
        .problem(400, "mapping.expression");
    assert_eq!(problem["params"]["position"], "16", "{problem}");
    own[1]["source"]["language"] = "basic".into();
    api.put("/apps/Hub/mappings", &json!({ "mappings": own }))
        .await
        .problem(400, "body.invalid");
    own[1]["source"] = json!({ "expression": "Join(\" \", [givenName" });
    let problem = api
        .put("/apps/Hub/mappings", &json!({ "mappings": own }))
        .await
        .problem(400, "mapping.expression");
    assert!(problem["params"]["position"].is_string(), "{problem}");
    assert!(problem["params"]["row"].is_string(), "{problem}");
    for body in [
        json!({}),
        json!({ "mappings": 5 }),
        json!({ "mappings": [{ "source": { "nothing": "x" }, "target": "title" }] }),
        json!({ "mappings": [], "more": 1 }),
    ] {
        api.put("/apps/Hub/mappings", &body)
            .await
            .problem(400, "body.invalid");
    }
    for rows in [
        json!([]),
        json!([{ "source": { "attribute": "userName" }, "target": "userName" }]),
        json!([own[0], own[0]]),
    ] {
        let answer = api.put("/apps/Hub/mappings", &json!({ "mappings": rows })).await;
        assert_eq!(answer.status, 400, "{rows}: {}", answer.text);
        assert!(
            text(&answer.json()["code"]).starts_with("mapping."),
            "{}",
            answer.text
        );
    }
    assert_eq!(
        api.get("/apps/Hub/mappings").await.expect(200),
        set,
        "a bad table changes nothing"
    );
}

async fn mappings_one_by_one(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let targets = |table: &Value| {
        let rows = table["mappings"].as_array().expect("mappings").clone();
        rows.iter()
            .map(|row| text(&row["target"]).to_owned())
            .collect::<Vec<_>>()
    };
    let body =
        json!({ "mapping": { "source": { "attribute": "nickName" }, "target": "nickName" }, "row": 1 });
    let table = api.post("/apps/Hub/mappings", &body).await.expect(201);
    assert_eq!(targets(&table)[0], "nickName");
    api.post("/apps/Hub/mappings", &body)
        .await
        .problem(400, "mapping.invalid");
    let misspelt = json!({ "mapping": { "source": { "attribute": "nickNam" }, "target": "locale" } });
    let problem = api
        .post("/apps/Hub/mappings", &misspelt)
        .await
        .problem(400, "mapping.source");
    assert_eq!(problem["params"]["row"], "17", "{problem}");
    let nowhere = json!({ "mapping": { "source": "none", "target": "locall" } });
    api.post("/apps/Hub/mappings", &nowhere)
        .await
        .problem(400, "mapping.target");

    let change =
        json!({ "source": { "expression": "user.title", "language": "okta" }, "when_empty": "leave" });
    let table = api
        .patch("/apps/Hub/mappings/NICKNAME", &change)
        .await
        .expect(200);
    assert_eq!(table["mappings"][0]["source"], change["source"]);
    assert_eq!(table["mappings"][0]["when_empty"], "leave");
    let fax = "phoneNumbers%5Btype%20eq%20%22fax%22%5D.value";
    let table = api.delete(&format!("/apps/Hub/mappings/{fax}")).await.expect(200);
    assert!(!targets(&table).iter().any(|target| target.contains("fax")));
    api.delete("/apps/Hub/mappings/nothing")
        .await
        .problem(404, "mapping.unknown");

    let table = api
        .post("/apps/Hub/restore-mappings", &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (targets(&table).len(), targets(&table)[0].as_str()),
        (15, "userName")
    );
    let okta = json!({ "preset": "webex-okta", "when_empty": "clear" });
    let table = api.post("/apps/Hub/restore-mappings", &okta).await.expect(200);
    assert_eq!(targets(&table).len(), 7);
    assert_eq!(table["mappings"][0]["when_empty"], "clear");
    assert_eq!(api.get("/apps/Hub").await.expect(200)["preset"], "webex-okta");
    api.post("/apps/Hub/restore-mappings", &json!({ "preset": "x" }))
        .await
        .problem(400, "preset.unknown");
}

async fn attributes_of_the_target(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let list = api.get("/apps/Hub/attributes").await.expect(200);
    let named = |list: &Value, name: &str| {
        let all = list["attributes"].as_array().expect("attributes").clone();
        all.into_iter().find(|one| one["name"] == name)
    };
    let active = named(&list, "active").expect("active");
    assert_eq!(
        (&active["type"], &active["custom"]),
        (&json!("boolean"), &json!(false))
    );
    let badge = "urn:example:2.0:User:badge";
    assert_eq!(named(&list, badge), None);
    let row = json!({ "mapping": { "source": "none", "target": badge } });
    api.post("/apps/Hub/mappings", &row)
        .await
        .problem(400, "mapping.target");
    let custom = json!({ "custom": [{ "name": badge, "type": "integer" }] });
    let list = api.put("/apps/Hub/attributes", &custom).await.expect(200);
    assert_eq!(named(&list, badge).expect("declared")["custom"], true);
    assert_eq!(api.get("/apps/Hub/attributes").await.expect(200), list);
    api.post("/apps/Hub/mappings", &row).await.expect(201);
    let none = json!({ "custom": [] });
    api.put("/apps/Hub/attributes", &none)
        .await
        .problem(400, "mapping.target");
    for (wrong, code) in [
        (json!({ "custom": [{ "name": "title" }] }), "app.settings"),
        (
            json!({ "custom": [{ "name": badge, "type": "picture" }] }),
            "body.invalid",
        ),
        (json!({}), "body.invalid"),
    ] {
        api.put("/apps/Hub/attributes", &wrong).await.problem(400, code);
    }
}

async fn presets(world: &World) {
    let api = world.plain.api();
    let all = api.get("/presets").await.expect(200);
    let names = column(&all, "name");
    assert_eq!(
        names,
        ["webex-entra", "webex-okta", "webex-jumpcloud", "webex-v2", "scim"]
    );
    let okta = api.get("/presets/webex-okta").await.expect(200);
    assert!(text(&okta["why_no_others"]).contains("phone numbers"), "{okta}");
    api.get("/presets/nothing").await.problem(404, "preset.unknown");
}

async fn a_configuration_goes_to_graph_and_back(world: &World) {
    let api = world.plain.api();
    add_hub(world, "Hub").await;
    let path = "/apps/Hub/synchronization-schema";
    let filter = json!({ "groups": [{ "title": "Lab", "clauses": ["department EQUALS Lab"] }] });
    api.put("/apps/Hub/filter", &filter).await.expect(200);
    let badge = "urn:example:2.0:User:badge";
    let custom = json!({ "custom": [{ "name": badge, "type": "integer" }] });
    api.put("/apps/Hub/attributes", &custom).await.expect(200);
    let row = json!({ "mapping": { "source": { "attribute": "employeeId" }, "target": badge } });
    let table = api.post("/apps/Hub/mappings", &row).await.expect(201);
    let before = api.get("/apps/Hub").await.expect(200);
    let schema = api.get(path).await.expect(200);
    let users = &schema["synchronizationRules"][0]["objectMappings"][0];
    assert_eq!(users["attributeMappings"].as_array().map(Vec::len), Some(16));
    assert_eq!(
        users["scope"]["groups"][0]["clauses"][0]["operatorName"],
        "EQUALS"
    );

    for change in [
        json!({ "settings": { "delete": false } }),
        json!({ "settings": { "filter": { "groups": [] } } }),
    ] {
        api.patch("/apps/Hub", &change).await.expect(200);
    }
    api.post("/apps/Hub/restore-mappings", &json!({}))
        .await
        .expect(200);
    let brought = api.post(path, &json!({ "schema": schema })).await.expect(200);
    assert_eq!(brought["mappings"], table["mappings"]);
    assert_eq!(brought["notes"], json!([]));
    assert_eq!(api.get("/apps/Hub/mappings").await.expect(200), table);
    let after = api.get("/apps/Hub").await.expect(200);
    assert_eq!(after["settings"], before["settings"]);

    // Groups go along, with their members, as off as they are here.
    let groups = &schema["synchronizationRules"][0]["objectMappings"][1];
    assert_eq!(
        (
            &groups["sourceObjectName"],
            &groups["enabled"],
            groups["attributeMappings"].as_array().map(Vec::len)
        ),
        (&json!("Group"), &json!(false), Some(3))
    );
    assert_eq!(brought["groups"], "off");
    assert_eq!(brought["group_mappings"].as_array().map(Vec::len), Some(3));
    let mut with_groups = schema.clone();
    let groups = &mut with_groups["synchronizationRules"][0]["objectMappings"][1];
    groups["enabled"] = json!(true);
    groups["attributeMappings"][1]["source"] =
        json!({ "type": "Function", "expression": "Append(\"g-\", [displayName])" });
    let body = json!({ "schema": with_groups });
    api.post(path, &body).await.expect(200);
    let app = api.get("/apps/Hub").await.expect(200);
    assert_ne!(app["settings"]["groups"], "off");
    let again = api.get(path).await.expect(200);
    let groups = &again["synchronizationRules"][0]["objectMappings"][1];
    assert_eq!(groups["enabled"], true);
    assert_eq!(groups["attributeMappings"][1]["source"]["name"], "Append");
    groups_refused(&api, path, &again).await;
    api.post(path, &json!({ "schema": schema })).await.expect(200);
    assert_eq!(api.get(path).await.expect(200), schema);

    let mut strange = schema.clone();
    let mappings = &mut strange["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    mappings[2]["source"] = json!({ "type": "Attribute", "name": "extensionAttribute16" });
    mappings[3]["targetAttributeName"] = json!("surnam");
    let problem = api
        .post(path, &json!({ "schema": strange }))
        .await
        .problem(400, "mapping.source");
    assert_eq!(problem["params"]["row"], "3", "{problem}");
    let body = json!({ "schema": strange, "unfit": "leave_out", "dry_run": true });
    let brought = api.post(path, &body).await.expect(200);
    assert_eq!(brought["mappings"].as_array().map(Vec::len), Some(14));
    assert_eq!(brought["notes"].as_array().map(Vec::len), Some(2), "{brought}");
    assert_eq!(
        api.get("/apps/Hub/mappings").await.expect(200),
        table,
        "a dry run"
    );
    let problem = api
        .post(path, &json!({ "schema": {} }))
        .await
        .problem(400, "synchronization_schema.invalid");
    assert_eq!(problem["params"]["pointer"], "/synchronizationRules", "{problem}");
    api.post(path, &json!({})).await.problem(400, "body.invalid");
}

/// A row of groups that cannot be here is refused, or left out; nothing is half brought along.
async fn groups_refused(api: &Client, path: &str, schema: &Value) {
    let mut strange = schema.clone();
    strange["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"][4]["defaultValue"] =
        json!("x");
    let groups = &mut strange["synchronizationRules"][0]["objectMappings"][1]["attributeMappings"];
    groups[1]["source"] = json!({ "type": "Attribute", "name": "surname" });
    let problem = api.post(path, &json!({ "schema": strange })).await.expect(400);
    assert!(text(&problem["detail"]).contains("no attribute"), "{problem}");
    assert_eq!(api.get(path).await.expect(200), *schema);
    let body = json!({ "schema": strange, "unfit": "leave_out", "dry_run": true });
    let brought = api.post(path, &body).await.expect(200);
    assert_eq!(brought["group_mappings"].as_array().map(Vec::len), Some(2));
}
