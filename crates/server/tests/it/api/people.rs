//! `/api/v1/people`.

use serde_json::{Value, json};

use super::{column, hire, text, through};
use crate::client::encoded;
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(
    a_list_in_pages,
    filters,
    one_by_id_or_name,
    disabling_and_enabling,
    deleting,
    names_that_look_like_ids,
);

async fn a_list_in_pages(world: &World) {
    let api = world.plain.api();
    let ids = hire(&world.plain, &["b", "a", "d", "c", "e"]).await;
    let list = api.get("/people").await.expect(200);
    assert_eq!((&list["total"], &list["next"]), (&json!(6), &Value::Null));
    assert_eq!(column(&list, "id")[1..], ids, "in the order of their coming");
    for limit in 1..=7 {
        let all = through(&api, &format!("/people?limit={limit}"), "id").await;
        assert_eq!(all[1..], ids, "limit {limit}");
        let some = through(
            &api,
            &format!("/people?limit={limit}&filter=userName lt \"d\""),
            "user_name",
        )
        .await;
        assert_eq!(some, ["admin@northwind.example", "b", "a", "c"], "limit {limit}");
    }
}

async fn filters(world: &World) {
    let api = world.plain.api();
    let user = json!({
        "userName": "Anna", "displayName": "Anna A", "title": "Boss", "externalId": "x-1", "active": false,
        "emails": [{ "value": "home@x.example", "type": "home" }, { "value": "work@x.example", "type": "work" }],
    });
    world.plain.scim().post("/Users", &user).await.expect(201);
    let list = api
        .get("/people?filter=userName eq \"ANNA\" and active eq false")
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    let anna = &list["items"][0];
    let expected = json!({
        "id": anna["id"], "user_name": "Anna", "display_name": "Anna A", "active": false, "state": "inactive",
        "role": "none", "email": "work@x.example", "title": "Boss", "external_id": "x-1",
        "created_at": anna["created_at"], "modified_at": anna["modified_at"], "version": 1,
    });
    assert_eq!(anna, &expected);
    let none = api.get("/people?filter=id eq \"nobody\"").await.expect(200);
    assert_eq!((&none["items"], &none["next"]), (&json!([]), &Value::Null));
    let wrong = api
        .get("/people?filter=userName eqq \"x\"")
        .await
        .problem(400, "filter");
    assert_eq!(wrong["params"]["position"], "9");
}

async fn one_by_id_or_name(world: &World) {
    let api = world.plain.api();
    let name = "Zoë/Ångström@example.com";
    let made = world
        .plain
        .scim()
        .post("/Users", &json!({ "userName": name, "title": "Boss" }))
        .await
        .expect(201);
    let group = json!({ "displayName": "G", "members": [{ "value": made["id"] }] });
    let group = world.plain.scim().post("/Groups", &group).await.expect(201);
    let by_id = api
        .get(&format!("/people/{}", text(&made["id"])))
        .await
        .expect(200);
    assert_eq!(
        by_id["groups"],
        json!([{ "id": group["id"], "display_name": "G" }])
    );
    assert_eq!(by_id["accounts"], json!([]));
    assert_eq!(
        (&by_id["resource"]["userName"], &by_id["resource"]["title"]),
        (&json!(name), &json!("Boss"))
    );
    for spelling in [name.to_owned(), name.to_uppercase(), format!(" {name}")] {
        let by_name = api
            .get(&format!("/people/{}", encoded(&spelling)))
            .await
            .expect(200);
        assert_eq!(by_name, by_id, "{spelling}");
    }
    for unknown in ["nobody", NOBODY, "%20", "%FF", "%00", "..%2Fgroups"] {
        let path = format!("/people/{unknown}");
        let answer = api.get(&path).await;
        assert_eq!(answer.status, 404, "{unknown}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    api.get("/people/nobody").await.problem(404, "person.unknown");
    api.get(&format!("/people/{NOBODY}"))
        .await
        .problem(404, "person.unknown");
}

async fn disabling_and_enabling(world: &World) {
    let api = world.plain.api();
    let ids = hire(&world.plain, &["anna"]).await;
    for (active, version) in [(false, 2), (false, 2), (true, 3)] {
        let person = api
            .patch("/people/ANNA", &json!({ "active": active }))
            .await
            .expect(200);
        assert_eq!(
            (&person["id"], &person["active"]),
            (&json!(ids[0]), &json!(active))
        );
        assert_eq!(
            person["version"], version,
            "what changes nothing is no new version"
        );
        let user = world
            .plain
            .scim()
            .get(&format!("/Users/{}", ids[0]))
            .await
            .expect(200);
        assert_eq!(user["active"], active);
    }
    for body in [
        json!({ "active": "no" }),
        json!({ "active": null }),
        json!({ "active": true, "colour": "red" }),
    ] {
        api.patch("/people/anna", &body)
            .await
            .problem(400, "body.invalid");
    }
    api.patch("/people/nobody", &json!({ "active": true }))
        .await
        .problem(404, "person.unknown");
}

async fn deleting(world: &World) {
    let api = world.plain.api();
    let ids = hire(&world.plain, &["anna", "bert"]).await;
    api.delete("/people/anna").await.expect(204);
    api.delete(&format!("/people/{}", ids[1])).await.expect(204);
    for gone in ["anna", "bert", &ids[0], &ids[1]] {
        api.delete(&format!("/people/{gone}"))
            .await
            .problem(404, "person.unknown");
    }
    assert_eq!(api.get("/people").await.expect(200)["total"], 1);
}

/// Entra ID's and others' test accounts have GUIDs for names.
async fn names_that_look_like_ids(world: &World) {
    let ids = hire(&world.plain, &[NOBODY]).await;
    let person = world
        .plain
        .api()
        .get(&format!("/people/{NOBODY}"))
        .await
        .expect(200);
    assert_eq!(text(&person["id"]), ids[0]);
}
