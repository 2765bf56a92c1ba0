//! `/api/v1/log`: its parameters; what the engine writes into it is tested with the engine.

use serde_json::json;

use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(parameters, one_entry);

async fn parameters(world: &World) {
    let api = world.plain.api();
    let list = api.get("/log").await.expect(200);
    assert_eq!(list, json!({ "items": [], "next": null }));
    for query in [
        "order=asc",
        "order=desc",
        "limit=1000",
        "action=create&status=failure",
        "from=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00%2B01:00",
        &format!("app={NOBODY}"),
        &format!("user={NOBODY}&after={NOBODY}"),
    ] {
        assert_eq!(
            api.get(&format!("/log?{query}")).await.expect(200)["items"],
            json!([]),
            "{query}"
        );
    }
    for (query, status, code) in [
        ("limit=0", 400, "limit"),
        ("limit=1001", 400, "limit"),
        ("limit=many", 400, "limit"),
        ("order=sideways", 400, "order"),
        ("after=nothing", 400, "after"),
        ("cycle=nothing", 400, "cycle"),
        ("status=perhaps", 400, "status"),
        ("action=%00", 400, "action"),
        ("action=creat", 400, "action"),
        ("from=yesterday", 400, "from"),
        ("until=now", 400, "until"),
        ("app=nothing", 404, "app.unknown"),
        ("user=nobody", 404, "person.unknown"),
    ] {
        api.get(&format!("/log?{query}")).await.problem(status, code);
    }
}

async fn one_entry(world: &World) {
    let api = world.plain.api();
    let subject = world.store.ambient().id();
    world.log(&world.plain, subject, "anna").await;
    let list = api.get("/log").await.expect(200);
    let entry = &list["items"][0];
    assert_eq!(
        (&entry["app"], &entry["subject"]["name"]),
        (&json!("Gone"), &json!("anna"))
    );
    let id = entry["id"].as_str().expect("an id");
    assert_eq!(&api.get(&format!("/log/{id}")).await.expect(200), entry);
    for unknown in [NOBODY, "nothing"] {
        api.get(&format!("/log/{unknown}"))
            .await
            .problem(404, "log.unknown");
    }
    world
        .webex
        .api()
        .get(&format!("/log/{id}"))
        .await
        .problem(404, "log.unknown");
    let at = entry["at"].as_str().expect("a time");
    for (query, count) in [
        (format!("from={at}"), 1),
        (format!("until={at}"), 0),
        (format!("app={}", entry["app_id"].as_str().expect("an id")), 1),
    ] {
        let found = api.get(&format!("/log?{query}")).await.expect(200);
        assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
}
