//! `/api/v1/log`: its parameters; what the engine writes into it is tested with the engine.

use serde_json::json;

use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(parameters);

async fn parameters(world: &World) {
    let api = world.plain.api();
    let list = api.get("/log").await.expect(200);
    assert_eq!(list, json!({ "items": [], "next": null }));
    for query in [
        "order=asc",
        "order=desc",
        "limit=1000",
        "action=create&status=failure",
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
        ("app=nothing", 404, "app.unknown"),
        ("user=nobody", 404, "person.unknown"),
    ] {
        api.get(&format!("/log?{query}")).await.problem(status, code);
    }
}
