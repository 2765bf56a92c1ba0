//! Deactivating an app, and removing it with its accounts, over HTTP.

use std::time::Duration;

use provisioning::{Engine, Peers};
use serde_json::json;

use super::hire;
use crate::on_both;
use crate::world::World;

on_both!(an_app_rests_and_goes_with_its_accounts);

async fn an_app_rests_and_goes_with_its_accounts(world: &World) {
    let engine = Engine::start(world.provisioning.clone(), Peers::None);
    let (api, hub) = (world.plain.api(), world.webex.scim());
    let app = json!({
        "template": "webex", "name": "Hub", "base_url": hub.url, "token": world.webex.token, "scope": "all",
    });
    api.post("/apps", &app).await.expect(201);
    hire(&world.plain, &["anna@example.com", "bert@example.com"]).await;
    api.post("/apps/Hub/sync", &json!({})).await.expect(202);
    let in_step = async || {
        for _ in 0..600 {
            let status = api.get("/apps/Hub/status").await.expect(200);
            if status["in_step"] == true {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never in step")
    };
    // The two, and whoever administers the directory.
    let count = in_step().await["accounts"]["active"].as_u64().expect("a number");
    assert!(count >= 2);
    let rests = api.post("/apps/Hub/deactivate", &json!({})).await.expect(200);
    assert_eq!(rests["state"], "inactive");
    let refused = api
        .post("/apps/Hub/sync", &json!({}))
        .await
        .problem(409, "app.paused");
    assert_eq!(refused["detail"], "the app is inactive: activate it first");
    let works = api.post("/apps/Hub/activate", &json!({})).await.expect(200);
    assert_eq!(works["state"], "active");
    in_step().await;

    api.delete("/apps/Hub?confirm=Hub&accounts=sell")
        .await
        .problem(400, "accounts");
    api.delete("/apps/Hub?confirm=Hub&accounts=disable")
        .await
        .problem(400, "count");
    let wrong = api
        .delete("/apps/Hub?confirm=Hub&accounts=disable&count=99")
        .await
        .problem(409, "app.wrong_count");
    assert_eq!(wrong["params"]["count"], json!(count.to_string()));
    let path = format!("/apps/Hub?confirm=Hub&accounts=disable&count={count}");
    api.delete(&path.replace("confirm=Hub", "confirm=Hob"))
        .await
        .problem(400, "app.not_confirmed");
    let begun = api.delete(&path).await.expect(202);
    assert_eq!(begun["cycle"]["kind"], "removal");
    let mut gone = false;
    for _ in 0..600 {
        gone = api.get("/apps/Hub").await.status == 404;
        if gone {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(gone);
    let found = hub
        .get("/Users?filter=userName eq \"anna@example.com\"")
        .await
        .expect(200);
    assert_eq!(found["Resources"][0]["active"], false);
    let events = api.get("/events?type=idm_integration_delete").await.expect(200);
    assert!(events["items"].as_array().map_or(0, Vec::len) >= 2);
    engine.stop().await;
}
