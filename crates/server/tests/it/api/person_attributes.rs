//! Creating people and editing their attributes through `/api/v1/people`.

use serde_json::{Value, json};

use super::{hire, text};
use crate::on_both;
use crate::world::World;

on_both!(
    somebody_is_brought_in,
    attributes_are_set_and_cleared,
    what_is_not_named_stays,
    the_address_that_mail_goes_to,
    the_directorys_rules_hold,
    newcomers_get_licences,
);

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn somebody_is_brought_in(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let bo = hire(&world.plain, &["bo"]).await.remove(0);
    let anna = json!({
        "user_name": "anna@example.com", "display_name": "Anna Lind", "first_name": "Anna", "middle_name": "B",
        "last_name": "Lind", "email": "anna@example.com", "title": "Engineer", "department": "Lab",
        "employee_number": "7", "cost_center": "C1", "manager": "BO", "work_phone": "+46 8 1",
        "mobile_phone": "+46 70 1", "preferred_language": "sv-SE", "locale": "sv_SE",
        "timezone": "Europe/Stockholm", "external_id": "e-7",
    });
    let made = api.post("/people", &anna).await.expect(201);
    let mut expected = anna.clone();
    expected["manager"] = json!(bo);
    let expected = expected.as_object_mut().expect("an object");
    expected.remove("user_name");
    assert_eq!(&made["attributes"], &json!(expected));
    assert_eq!(
        (&made["user_name"], &made["active"]),
        (&json!("anna@example.com"), &json!(true))
    );
    let read = api.get("/people/anna@example.com").await.expect(200);
    assert_eq!(made, read);
    let user = scim
        .get(&format!("/Users/{}", text(&made["id"])))
        .await
        .expect(200);
    for (at, value) in [
        ("/name/givenName", "Anna"),
        ("/name/familyName", "Lind"),
        ("/emails/0/value", "anna@example.com"),
        ("/phoneNumbers/1/type", "mobile"),
        ("/externalId", "e-7"),
    ] {
        assert_eq!(user.pointer(at), Some(&json!(value)), "{at}: {user}");
    }
    assert_eq!(user[ENTERPRISE]["manager"]["value"], json!(bo));
    let events = api.get("/events?type=user_create&limit=1").await.expect(200);
    assert_eq!(events["items"][0]["detail"]["source"], "api");
    // The least that there can be.
    let least = json!({ "user_name": "carl", "active": false });
    let least = api.post("/people", &least).await.expect(201);
    assert_eq!(least["state"], "inactive");
    assert!(
        least["attributes"]
            .as_object()
            .is_some_and(|all| all.values().all(Value::is_null))
    );
}

async fn attributes_are_set_and_cleared(world: &World) {
    let api = world.plain.api();
    hire(&world.plain, &["anna"]).await;
    let set = json!({ "title": "Cook", "work_phone": "1", "first_name": "Anna", "department": "Lab" });
    let set = api.patch("/people/anna", &set).await.expect(200);
    assert_eq!((&set["title"], &set["version"]), (&json!("Cook"), &json!(2)));
    let events = api.get("/events?type=user_update&limit=1").await.expect(200);
    let changes = events["items"][0]["detail"]["changes"].clone();
    let title = json!({ "field": "title", "from": null, "to": "Cook" });
    assert!(
        changes.as_array().is_some_and(|all| all.contains(&title)),
        "{changes}"
    );
    let cleared =
        json!({ "title": null, "work_phone": null, "first_name": null, "department": null, "locale": null });
    let cleared = api.patch("/people/anna", &cleared).await.expect(200);
    assert!(
        cleared["attributes"]
            .as_object()
            .is_some_and(|all| all.values().all(Value::is_null))
    );
    assert_eq!(cleared["version"], 3);
    let resource = cleared["resource"].as_object().expect("a resource");
    for gone in ["title", "phoneNumbers", "name", ENTERPRISE] {
        assert!(!resource.contains_key(gone), "{gone}: {resource:?}");
    }
    // What changes nothing is no new version.
    for nothing in [json!({}), json!({ "title": null })] {
        assert_eq!(
            api.patch("/people/anna", &nothing).await.expect(200)["version"],
            3
        );
    }
    let renamed = json!({ "user_name": "Anna.Lind", "active": false });
    let renamed = api.patch("/people/anna", &renamed).await.expect(200);
    assert_eq!(
        (&renamed["user_name"], &renamed["active"]),
        (&json!("Anna.Lind"), &json!(false))
    );
}

async fn what_is_not_named_stays(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let anna = json!({
        "userName": "anna", "nickName": "An", "name": { "givenName": "A", "honorificPrefix": "Dr" },
        "phoneNumbers": [{ "type": "work", "value": "1", "display": "one" }, { "type": "fax", "value": "2" }],
        ENTERPRISE: { "department": "Lab", "division": "North" },
    });
    scim.post("/Users", &anna).await.expect(201);
    let change = json!({ "first_name": "Anna", "work_phone": "3", "department": null });
    let changed = api.patch("/people/anna", &change).await.expect(200);
    let resource = &changed["resource"];
    assert_eq!(resource["nickName"], "An");
    assert_eq!(
        resource["name"],
        json!({ "givenName": "Anna", "honorificPrefix": "Dr" })
    );
    assert_eq!(resource["phoneNumbers"][0]["value"], "3");
    assert_eq!(
        resource["phoneNumbers"][1],
        json!({ "type": "fax", "value": "2" })
    );
    assert_eq!(resource[ENTERPRISE], json!({ "division": "North" }));
}

async fn the_address_that_mail_goes_to(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let emails = json!([
        { "value": "home@example.com", "type": "home" },
        { "value": "work@example.com", "type": "work", "primary": true },
    ]);
    scim.post("/Users", &json!({ "userName": "anna", "emails": emails }))
        .await
        .expect(201);
    let set = async |email: Value| {
        let changed = api.patch("/people/anna", &json!({ "email": email })).await;
        changed.expect(200)["resource"]["emails"].clone()
    };
    assert_eq!(
        set(json!("new@example.com")).await,
        json!([
            { "value": "home@example.com", "type": "home" },
            { "value": "new@example.com", "type": "work", "primary": true },
        ])
    );
    assert_eq!(
        set(Value::Null).await,
        json!([{ "value": "home@example.com", "type": "home" }])
    );
    assert_eq!(set(Value::Null).await, Value::Null);
    assert_eq!(
        set(json!("first@example.com")).await,
        json!([{ "value": "first@example.com", "type": "work", "primary": true }])
    );
    // Where the userName is the address, it is what to change.
    let hub = world.webex.api();
    hire(&world.webex, &["bo@example.com"]).await;
    let other = json!({ "email": "other@example.com" });
    let refused = hub.patch("/people/bo@example.com", &other).await;
    let refused = refused.problem(400, "person.invalid");
    assert!(text(&refused["detail"]).contains("user_name"), "{refused}");
    for same in [
        json!({ "email": "BO@example.com" }),
        json!({ "email": "bert@example.com", "user_name": "bert@example.com" }),
    ] {
        hub.patch("/people/bo@example.com", &same).await.expect(200);
    }
    let bert = hub.get("/people/bert@example.com").await.expect(200);
    assert_eq!(bert["email"], "bert@example.com");
}

async fn the_directorys_rules_hold(world: &World) {
    let api = world.plain.api();
    hire(&world.plain, &["anna", "bo"]).await;
    for (body, status, code) in [
        (json!({ "user_name": "ANNA" }), 409, "person.user_name_taken"),
        (json!({ "display_name": "Nobody" }), 400, "person.invalid"),
        (json!({ "user_name": " a" }), 400, "person.invalid"),
        (json!({ "user_name": "" }), 400, "person.invalid"),
        (json!({ "user_name": null }), 400, "body.invalid"),
        (json!({ "user_name": "x", "title": "" }), 400, "body.invalid"),
        (json!({ "user_name": "x", "title": 5 }), 400, "body.invalid"),
        (json!({ "user_name": "x", "colour": "red" }), 400, "body.invalid"),
        (
            json!({ "user_name": "x", "password": "red" }),
            400,
            "body.invalid",
        ),
        (
            json!({ "user_name": "x", "manager": "nobody" }),
            404,
            "person.unknown",
        ),
    ] {
        api.post("/people", &body).await.problem(status, code);
    }
    let taken = json!({ "user_name": "bo", "title": "Cook" });
    api.patch("/people/anna", &taken)
        .await
        .problem(409, "person.user_name_taken");
    let anna = api.get("/people/anna").await.expect(200);
    assert_eq!((&anna["title"], &anna["version"]), (&Value::Null, &json!(1)));
    let hub = world.webex.api();
    let no_address = json!({ "user_name": "anna" });
    hub.post("/people", &no_address)
        .await
        .problem(400, "person.user_name_not_email");
    // What an administrator of people may do: not with somebody who may do more.
    let (_, token) = world.token_of(&world.plain, access::Role::UserAdmin).await;
    let small = api.with(&token);
    small
        .post("/people", &json!({ "user_name": "carl" }))
        .await
        .expect(201);
    let admin = "/people/admin@northwind.example";
    small
        .patch(admin, &json!({ "user_name": "mine@northwind.example" }))
        .await
        .problem(403, "person.higher_role");
    // Where letters about tokens go.
    small
        .patch(admin, &json!({ "email": "mine@northwind.example" }))
        .await
        .problem(403, "person.higher_role");
    small.patch(admin, &json!({ "title": "Boss" })).await.expect(200);
}

async fn newcomers_get_licences(world: &World) {
    let api = world.plain.api();
    api.post("/licences", &json!({ "name": "Calling", "total": 1 }))
        .await
        .expect(201);
    api.put(
        "/licence-templates/organization",
        &json!({ "licences": ["Calling"] }),
    )
    .await
    .expect(200);
    let states = async |name: &str| {
        let made = api.post("/people", &json!({ "user_name": name })).await;
        made.expect(201)["licences"][0]["state"].clone()
    };
    let first = states("anna").await;
    let second = states("bo").await;
    assert_eq!(first, "given");
    assert_ne!(second, "given", "there was one");
}
