//! `/api/v1/apps/{app}/plans`: the shapes, and what is refused. What is then carried out is tested with the engine.

use serde_json::{Value, json};

use super::{column, hire, text, through};
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(a_plan_is_kept_and_decided_on, what_is_no_plan);

async fn add_hub(world: &World) {
    let body = json!({
        "template": "webex", "name": "Hub", "base_url": world.webex.scim().url, "token": world.webex.token,
    });
    world.plain.api().post("/apps", &body).await.expect(201);
}

async fn assign(world: &World, names: &[&str]) {
    hire(&world.plain, names).await;
    let add: Vec<_> = names.iter().map(|name| json!({ "user": name })).collect();
    let api = world.plain.api();
    api.post("/apps/Hub/assignments", &json!({ "add": add }))
        .await
        .expect(200);
}

async fn a_plan_is_kept_and_decided_on(world: &World) {
    let api = world.plain.api();
    add_hub(world).await;
    let nothing = api.post("/apps/Hub/plans", &json!({})).await.expect(200);
    assert_eq!(nothing, json!({ "plan": null }), "nobody is assigned");
    assign(
        world,
        &["anna@example.com", "bert@example.com", "carl@example.com"],
    )
    .await;
    let kept = api.post("/apps/Hub/plans", &json!({})).await.expect(201)["plan"].clone();
    assert_eq!(
        (
            &kept["state"],
            &kept["origin"],
            &kept["revision"],
            &kept["destructive"]
        ),
        (&json!("awaiting_approval"), &json!("saved"), &json!(1), &json!(0))
    );
    assert_eq!(kept["counts"]["create"], 3);
    assert_eq!(kept["items"]["open"], 3);
    assert_eq!(kept["reason"]["text"], "asked for");
    let path = format!("/apps/Hub/plans/{}", text(&kept["id"]));
    assert_eq!(api.get(&path).await.expect(200), kept);
    assert_eq!(api.get("/apps/Hub/plans/latest").await.expect(200), kept);
    assert_eq!(
        api.get("/apps/Hub/plans").await.expect(200)["items"],
        json!([kept])
    );

    let items = api.get(&format!("{path}/items")).await.expect(200);
    assert_eq!(column(&items, "action"), ["create"; 3]);
    assert_eq!(column(&items, "state"), ["open"; 3]);
    let request = &items["items"][0]["requests"][0];
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/Users"))
    );
    assert_eq!(request["body"]["userName"], items["items"][0]["subject"]["name"]);
    assert!(!items.to_string().contains(&world.webex.token));
    let paged = through(&api, &format!("{path}/items?limit=1"), "code").await;
    assert_eq!(paged.len(), 3);
    let none = api.get(&format!("{path}/items?action=delete")).await.expect(200);
    assert_eq!(none["items"], json!([]));

    api.post(&format!("{path}/approve"), &json!({}))
        .await
        .problem(400, "body.invalid");
    let changed = api
        .post(&format!("{path}/approve"), &json!({ "revision": 7 }))
        .await;
    assert_eq!(changed.problem(409, "plan.changed")["params"]["revision"], "1");
    let approved = api
        .post(&format!("{path}/approve"), &json!({ "revision": 1 }))
        .await
        .expect(200);
    assert_eq!(
        (&approved["state"], &approved["items"]["approved"]),
        (&json!("approved"), &json!(3))
    );
    assert_eq!(approved["decided_by"]["kind"], "token");
    for verb in ["approve", "discard"] {
        api.post(&format!("{path}/{verb}"), &json!({ "revision": 1 }))
            .await
            .problem(409, "plan.not_open");
    }
    let status = api.get("/apps/Hub/status").await.expect(200);
    assert_eq!(
        (&status["started"], &status["cycle"]["kind"]),
        (&json!(true), &json!("apply"))
    );

    let second = api.post("/apps/Hub/plans", &json!({})).await.expect(201)["plan"].clone();
    let discarded = api
        .post("/apps/Hub/plans/latest/discard", &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&discarded["id"], &discarded["state"]),
        (&second["id"], &json!("discarded"))
    );
    let types = column(&api.get("/events").await.expect(200), "type");
    assert_eq!(
        types[..4],
        [
            "idm_plan_discard",
            "idm_plan_create",
            "idm_plan_approve",
            "idm_plan_create"
        ]
    );
    let ids = through(&api, "/apps/Hub/plans?limit=1", "id").await;
    assert_eq!(ids, [text(&second["id"]), text(&kept["id"])]);
}

async fn what_is_no_plan(world: &World) {
    let api = world.plain.api();
    add_hub(world).await;
    for plan in ["latest", "nothing", NOBODY] {
        let path = format!("/apps/Hub/plans/{plan}");
        api.get(&path).await.problem(404, "plan.unknown");
        api.get(&format!("{path}/items"))
            .await
            .problem(404, "plan.unknown");
        for verb in ["approve", "discard"] {
            api.post(&format!("{path}/{verb}"), &json!({ "revision": 1 }))
                .await
                .problem(404, "plan.unknown");
        }
    }
    assign(world, &["anna@example.com"]).await;
    api.post("/apps/Hub/plans", &json!({})).await.expect(201);
    for (query, code) in [
        ("action=eat", "action"),
        ("state=odd", "state"),
        ("limit=0", "limit"),
    ] {
        api.get(&format!("/apps/Hub/plans/latest/items?{query}"))
            .await
            .problem(400, code);
    }
    let another =
        json!({ "template": "scim", "name": "Other", "base_url": "http://127.0.0.1:9", "token": "t" });
    api.post("/apps", &another).await.expect(201);
    let plan = api.get("/apps/Hub/plans/latest").await.expect(200);
    let elsewhere: Value = api
        .get(&format!("/apps/Other/plans/{}", text(&plan["id"])))
        .await
        .problem(404, "plan.unknown");
    assert_eq!(elsewhere["status"], 404, "it is another app's");
}
