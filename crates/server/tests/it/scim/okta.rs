//! What Okta sends: exchanges in its shapes, with values of our own.

use http::Method;
use serde_json::{Value, json};

use super::{GROUP, USER, hire, id, names, patch_op, place};
use crate::client::{Answer, Client};
use crate::on_both;
use crate::world::World;

on_both!(test_connector, a_person, put_of_what_get_showed, groups, import);

/// As Okta asks: its headers, and no Content-Type on GET.
async fn get(client: &Client, path: &str) -> Answer {
    let call = client
        .call(Method::GET, path)
        .header("user-agent", "Okta SCIM Client 1.0.0");
    let call = call
        .header("accept", "application/scim+json")
        .header("accept-charset", "utf-8");
    call.send().await
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Answer {
    let call = client
        .call(method, path)
        .header("user-agent", "Okta SCIM Client 1.0.0");
    call.body("application/scim+json; charset=utf-8", body.to_string())
        .send()
        .await
}

fn newcomer(name: &str) -> Value {
    json!({
        "schemas": [USER], "userName": name, "name": { "givenName": "Ines", "familyName": "Costa" },
        "emails": [{ "primary": true, "value": name, "type": "work" }],
        "displayName": "Ines Costa", "locale": "pt-PT", "externalId": "00u7f3k2m9QwErTy0x7",
        "groups": [], "password": "9xk27ahq", "active": true,
    })
}

async fn test_connector(world: &World) {
    let scim = world.webex.scim();
    let users = get(&scim, "/Users?startIndex=1&count=2").await.expect(200);
    assert!(
        users["totalResults"].as_u64() >= Some(1),
        "there is somebody: the admin"
    );
    assert_eq!(users["startIndex"], 1);
    assert!(users["itemsPerPage"].is_u64());
    get(&scim, "/Groups?startIndex=1&count=100").await.expect(200);
}

async fn a_person(world: &World) {
    let scim = world.webex.scim();
    let lookup = "/Users?filter=userName%20eq%20%22ines%40example.com%22&startIndex=1&count=100";
    assert_eq!(get(&scim, lookup).await.expect(200)["totalResults"], 0);
    let answer = send(&scim, Method::POST, "/Users", &newcomer("ines@example.com")).await;
    let made = answer.expect(201);
    assert!(!answer.text.contains("9xk27ahq"), "no password comes back");
    assert_eq!(made.get("groups"), None);
    assert_eq!(made["locale"], "pt-PT");
    let found = get(&scim, lookup).await.expect(200);
    assert_eq!(found["Resources"], json!([made]));
    let loud = "/Users?filter=userName+eq+%22INES%40EXAMPLE.COM%22&startIndex=1&count=100";
    assert_eq!(get(&scim, loud).await.expect(200)["totalResults"], 1);
    send(&scim, Method::POST, "/Users", &newcomer("ines@example.com"))
        .await
        .scim_error(409, "uniqueness");
    for active in [false, true] {
        let body = patch_op(json!([{ "op": "replace", "value": { "active": active } }]));
        let answer = send(&scim, Method::PATCH, &place(&made), &body).await.expect(200);
        assert_eq!(answer["active"], active);
        assert_eq!(
            get(&scim, &place(&made)).await.expect(200)["active"],
            active,
            "shown at once"
        );
    }
    let password = patch_op(json!([{ "op": "replace", "value": { "password": "another-9xk2" } }]));
    assert!(
        !send(&scim, Method::PATCH, &place(&made), &password)
            .await
            .text
            .contains("9xk2")
    );
}

async fn put_of_what_get_showed(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &newcomer("put@example.com")).await;
    super::found(
        &scim,
        &json!({ "displayName": "G", "members": [{ "value": id(&made) }] }),
    )
    .await;
    let mut shown = get(&scim, &place(&made)).await.expect(200);
    shown["name"]["middleName"] = "Maria".into();
    shown["emails"][0]["display"] = "put@example.com".into();
    let after = send(&scim, Method::PUT, &place(&made), &shown).await.expect(200);
    assert_eq!(
        after["name"],
        json!({ "givenName": "Ines", "familyName": "Costa", "middleName": "Maria" })
    );
    assert_eq!(after["emails"][0]["display"], "put@example.com");
    assert_eq!(
        after["groups"], shown["groups"],
        "a PUT does not change the groups"
    );
    assert_eq!(
        (&after["id"], &after["meta"]["created"]),
        (&made["id"], &made["meta"]["created"])
    );
    shown["active"] = false.into();
    shown["groups"] = json!([]);
    shown["id"] = "other".into();
    let after = send(&scim, Method::PUT, &place(&made), &shown).await.expect(200);
    assert_eq!((&after["active"], &after["id"]), (&json!(false), &made["id"]));
}

async fn groups(world: &World) {
    let scim = world.plain.scim();
    let one = hire(&scim, &newcomer("one@example.com")).await;
    let two = hire(&scim, &newcomer("two@example.com")).await;
    let lookup = "/Groups?filter=displayName%20eq%20%22Field%20Team%22&startIndex=1&count=100";
    assert_eq!(get(&scim, lookup).await.expect(200)["totalResults"], 0);
    let body = json!({ "schemas": [GROUP], "displayName": "Field Team", "members": [] });
    let made = send(&scim, Method::POST, "/Groups", &body).await.expect(201);
    assert_eq!(
        get(&scim, lookup).await.expect(200)["Resources"][0]["id"],
        made["id"]
    );
    let member = |user: &Value| json!({ "value": user["id"], "display": user["userName"] });
    let patch = async |operations: Value| {
        send(&scim, Method::PATCH, &place(&made), &patch_op(operations))
            .await
            .expect(204);
        let now = get(&scim, &place(&made)).await.expect(200);
        let ids: Vec<_> = now["members"]
            .as_array()
            .expect("members")
            .iter()
            .map(|one| one["value"].clone())
            .collect();
        (now["displayName"].clone(), ids)
    };
    let rename = json!([{ "op": "replace", "value": { "id": made["id"], "displayName": "Field Team 2" } }]);
    assert_eq!(patch(rename).await, (json!("Field Team 2"), vec![]));
    let both = json!([{ "op": "replace", "path": "members", "value": [member(&one)] }]);
    assert_eq!(patch(both).await.1, [one["id"].clone()]);
    let exchange = json!([
        { "op": "remove", "path": format!("members[value eq \"{}\"]", id(&one)) },
        { "op": "add", "path": "members", "value": [member(&two)] },
    ]);
    assert_eq!(patch(exchange).await.1, [two["id"].clone()]);
    let put =
        json!({ "schemas": [GROUP], "displayName": "Field Team", "members": [member(&one), member(&two)] });
    let put = send(&scim, Method::PUT, &place(&made), &put).await.expect(200);
    assert_eq!(put["members"].as_array().map(Vec::len), Some(2));
    let nobody = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(patch(nobody).await.1, Vec::<Value>::new());
    scim.delete(&place(&made)).await.expect(204);
}

async fn import(world: &World) {
    let scim = world.plain.scim();
    for number in 0..5 {
        hire(&scim, &newcomer(&format!("i{number}@example.com"))).await;
    }
    let (mut start, mut seen) = (1, Vec::new());
    loop {
        let page = get(&scim, &format!("/Users?startIndex={start}&count=2"))
            .await
            .expect(200);
        let resources = page["Resources"].as_array().expect("Resources");
        seen.extend(resources.iter().map(|one| one["id"].clone()));
        start += 2;
        if start > page["totalResults"].as_u64().expect("a number") {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 6);
    assert_eq!(names(&scim, "Users", "userName sw \"i\"").await.len(), 5);
}
