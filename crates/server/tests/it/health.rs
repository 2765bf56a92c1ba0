//! `/healthz` and `/readyz`.

use crate::on_both;
use crate::world::World;

on_both!(alive_and_able, unknown_paths);

async fn alive_and_able(world: &World) {
    for path in ["/healthz", "/readyz"] {
        let answer = world.nobody().get(path).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "ok\n"), "{path}");
    }
}

async fn unknown_paths(world: &World) {
    for path in ["/", "/nothing", "/api/v1/nothing", "/api/v1"] {
        world.nobody().get(path).await.problem(404, "not_found");
    }
    let refused = world.nobody().delete("/healthz").await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET,HEAD");
}
