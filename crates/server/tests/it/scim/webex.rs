//! An organization as Webex has them: the userName is the e-mail address, whichever way it comes.

use serde_json::{Value, json};

use super::{hire, id, names, patch_op, place};
use crate::on_both;
use crate::world::World;

on_both!(
    names_are_addresses,
    the_work_address_follows,
    returners_keep_their_id,
    names_from_before_the_setting
);

async fn names_are_addresses(world: &World) {
    let scim = world.webex.scim();
    let made = hire(&scim, &json!({ "userName": "anna@example.com" })).await;
    for name in [
        "anna",
        "anna@",
        "@example.com",
        "an na@example.com",
        "anna@example..com",
        "a@b@example.com",
    ] {
        let detail = scim
            .post("/Users", &json!({ "userName": name }))
            .await
            .scim_error(400, "invalidValue");
        assert!(detail.contains("e-mail"), "{detail}");
        scim.put(&place(&made), &json!({ "userName": name }))
            .await
            .scim_error(400, "invalidValue");
        let rename = patch_op(json!([{ "op": "replace", "path": "userName", "value": name }]));
        scim.patch(&place(&made), &rename)
            .await
            .scim_error(400, "invalidValue");
    }
    world
        .plain
        .scim()
        .post("/Users", &json!({ "userName": "anna" }))
        .await
        .expect(201);
}

fn work(user: &Value) -> Vec<&Value> {
    let emails = user["emails"].as_array().expect("emails");
    emails.iter().filter(|email| email["type"] == "work").collect()
}

async fn the_work_address_follows(world: &World) {
    let scim = world.webex.scim();
    let expected = |name: &str| json!({ "value": name, "type": "work", "primary": true });
    let made = hire(&scim, &json!({ "userName": "anna@example.com" })).await;
    assert_eq!(made["emails"], json!([expected("anna@example.com")]));
    let rename = patch_op(json!([{ "op": "Replace", "path": "userName", "value": "anna.b@example.com" }]));
    let renamed = scim.patch(&place(&made), &rename).await.expect(200);
    assert_eq!(renamed["emails"], json!([expected("anna.b@example.com")]));
    assert!(
        names(&scim, "Users", "emails.value eq \"anna@example.com\"")
            .await
            .is_empty()
    );
    assert_eq!(
        names(&scim, "Users", "emails.value eq \"ANNA.B@example.com\"").await,
        ["anna.b@example.com"]
    );

    let put = json!({ "userName": "anna.c@example.com", "emails": [{ "value": "home@example.com", "type": "home" }] });
    let put = scim.put(&place(&made), &put).await.expect(200);
    assert_eq!(work(&put), [&expected("anna.c@example.com")]);
    assert_eq!(put["emails"].as_array().map(Vec::len), Some(2));

    let other = patch_op(json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "elsewhere@example.com" },
        { "op": "add", "path": "emails", "value": [{ "value": "third@example.com", "type": "other", "primary": true }] },
    ]));
    let after = scim.patch(&place(&made), &other).await.expect(200);
    assert_eq!(
        work(&after),
        [&expected("anna.c@example.com")],
        "the userName decides"
    );
    let primaries = after["emails"]
        .as_array()
        .expect("emails")
        .iter()
        .filter(|email| email["primary"] == true);
    assert_eq!(primaries.count(), 1);
    let clear = patch_op(json!([{ "op": "remove", "path": "emails" }]));
    let after = scim.patch(&place(&made), &clear).await.expect(200);
    assert_eq!(after["emails"], json!([expected("anna.c@example.com")]));
}

async fn returners_keep_their_id(world: &World) {
    let scim = world.webex.scim();
    let made = hire(&scim, &json!({ "userName": "anna@example.com" })).await;
    for active in [false, true] {
        let body = patch_op(json!([{ "op": "Replace", "path": "active", "value": active }]));
        let now = scim.patch(&place(&made), &body).await.expect(200);
        assert_eq!((id(&now), &now["active"]), (id(&made), &json!(active)));
        assert_eq!(
            names(&scim, "Users", "userName eq \"anna@example.com\"")
                .await
                .len(),
            1,
            "also when disabled"
        );
        let again = scim
            .post("/Users", &json!({ "userName": "Anna@Example.com" }))
            .await;
        again.scim_error(409, "uniqueness");
    }
}

async fn names_from_before_the_setting(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let made = hire(&scim, &json!({ "userName": "anna" })).await;
    world.set(&world.plain, "users.user_name_is_email", "true").await;
    let off = patch_op(json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(
        scim.patch(&place(&made), &off).await.expect(200)["active"],
        false,
        "whoever goes can be disabled"
    );
    api.patch("/people/anna", &json!({ "active": true }))
        .await
        .expect(200);
    let put = json!({ "userName": "anna", "title": "Clerk" });
    assert_eq!(scim.put(&place(&made), &put).await.expect(200)["title"], "Clerk");
    let other = patch_op(json!([{ "op": "replace", "path": "userName", "value": "anna.b" }]));
    scim.patch(&place(&made), &other)
        .await
        .scim_error(400, "invalidValue");
    let address = patch_op(json!([{ "op": "replace", "path": "userName", "value": "anna@example.com" }]));
    let now = scim.patch(&place(&made), &address).await.expect(200);
    assert_eq!(work(&now)[0]["value"], "anna@example.com");
    scim.post("/Users", &json!({ "userName": "bert" }))
        .await
        .scim_error(400, "invalidValue");
}
