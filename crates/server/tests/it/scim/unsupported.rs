//! What RFC 7644 knows and the service does not do: 501, and not announced.

use http::Method;
use serde_json::json;

use crate::on_both;
use crate::world::World;

on_both!(says_so);

async fn says_so(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        for (method, path) in [(Method::POST, "/Bulk")] {
            let answer = client
                .call(method, path)
                .json(&json!({ "Operations": [] }))
                .send()
                .await;
            answer.scim_error(501, "");
        }
        let config = client.get("/ServiceProviderConfig").await.expect(200);
        assert_eq!(
            config["bulk"],
            json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 })
        );
    }
}
