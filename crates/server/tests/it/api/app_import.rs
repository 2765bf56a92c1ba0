//! People made of an app's accounts, over HTTP: one organization takes over those of another of the same server.

use provisioning::{Engine, Peers};
use serde_json::{Value, json};

use super::{column, hire, text};
use crate::on_both;
use crate::world::World;

on_both!(accounts_of_the_hub_become_people);

async fn accounts_of_the_hub_become_people(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, hub) = (world.plain.api(), world.webex.scim());
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": hub.url, "token": world.webex.token, "scope": "assigned",
    });
    api.post("/apps", &app).await.expect(201);
    for name in ["anna", "bert", "carl"] {
        let user = json!({
            "userName": format!("{name}@example.com"), "displayName": name, "title": "Clerk", "externalId": "theirs",
            "phoneNumbers": [{ "type": "work", "value": "+41 31 000 00 00" }],
        });
        hub.post("/Users", &user).await.expect(201);
    }
    let carl = hire(&world.plain, &["Carl@example.com"]).await;
    let accounts = api.get("/apps/Hub/import/accounts").await.expect(200);
    let ours: Vec<(&Value, &Value)> = accounts["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|item| text(&item["user_name"]).ends_with("@example.com"))
        .map(|item| (&item["state"], &item["person"]["id"]))
        .collect();
    assert_eq!(
        ours,
        [
            (&json!("new"), &Value::Null),
            (&json!("new"), &Value::Null),
            (&json!("matches"), &json!(carl[0]))
        ]
    );
    api.post("/apps/Hub/import", &json!({}))
        .await
        .problem(400, "import.chosen");
    api.post("/apps/Hub/import", &json!({ "accounts": [] }))
        .await
        .problem(400, "import.names");
    let wanted = json!({ "accounts": ["anna@example.com", "nobody@example.com", "carl@example.com"] });
    let answer = api.post("/apps/Hub/import", &wanted).await.expect(200);
    let import = &answer["import"];
    assert_eq!(import["state"], "done");
    assert_eq!(
        import["counts"],
        json!({ "total": 3, "waiting": 0, "created": 1, "linked": 1, "known": 0, "failed": 1 })
    );
    let anna = api.get("/people/anna@example.com").await.expect(200);
    assert_eq!(anna["title"], "Clerk");
    assert_eq!(anna["accounts"][0]["state"], "imported");
    let path = format!("/apps/Hub/import/{}", text(&import["id"]));
    assert_eq!(api.get(&path).await.expect(200), *import);
    let failed = api.get(&format!("{path}/items?state=failed")).await.expect(200);
    assert_eq!(column(&failed, "name"), ["nobody@example.com"]);
    assert_eq!(failed["items"][0]["error"]["code"], "import.unknown_account");
    assert_eq!(api.get("/apps/Hub/import").await.expect(200)["items"][0], *import);
    let new = api
        .get("/apps/Hub/import/accounts?new_only=true")
        .await
        .expect(200);
    assert!(column(&new, "user_name").contains(&"bert@example.com".to_owned()));
    let all = json!({ "all": true, "new_only": true });
    let answer = api.post("/apps/Hub/import", &all).await.expect(200);
    assert_eq!(answer["import"]["counts"]["failed"], 0);
    let events = api.get("/events?type=idm_import_finish").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(2));
    let created = api.get("/events?type=user_create").await.expect(200);
    assert!(created["items"].as_array().map_or(0, Vec::len) >= 3);
    engine.stop().await;
}
