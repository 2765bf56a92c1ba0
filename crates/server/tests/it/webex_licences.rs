//! Webex's Licenses API, as its clients speak to it.

use std::collections::BTreeSet;

use access::Role;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::oauth_clients::text;
use crate::on_both;
use crate::world::{Organization, World};

on_both!(
    licences_are_listed_with_what_is_used,
    they_are_given_and_taken_away,
    what_can_be_given_is_given,
    holders_come_in_pages,
    what_is_wrong_has_webexs_numbers,
    rank_counts_here_too,
);

const PLACE: &str = "/v1/licenses";
const USERS: &str = "/v1/licenses/users";

fn client(world: &World) -> Client {
    world.nobody().with(&world.plain.token)
}

/// What stands in an id of Webex's.
fn decoded(id: &Value) -> String {
    let bytes = BASE64_STANDARD_NO_PAD.decode(id.as_str().expect("an id"));
    String::from_utf8(bytes.expect("base64")).expect("a text")
}

async fn add(org: &Organization, name: &str, total: Option<u32>) -> String {
    let licence = json!({ "name": name, "total": total });
    let made = org.api().post("/licences", &licence).await.expect(201);
    text(&made, "id").to_owned()
}

async fn hire(org: &Organization, name: &str) -> String {
    let user = json!({
        "userName": format!("{name}@example.com"), "displayName": name,
        "emails": [{ "value": format!("{name}@mail.example"), "type": "work", "primary": true }],
    });
    let made = org.scim().post("/Users", &user).await.expect(201);
    text(&made, "id").to_owned()
}

async fn assign(client: &Client, body: &Value) -> Answer {
    client.patch(USERS, body).await
}

async fn names(world: &World, licences: &Value) -> BTreeSet<String> {
    let all = client(world).get(PLACE).await.expect(200);
    let all = all["items"].as_array().expect("a list").clone();
    let name = |id: &Value| {
        let found = all.iter().find(|one| one["id"] == *id).expect("listed");
        text(found, "name").to_owned()
    };
    licences.as_array().expect("a list").iter().map(name).collect()
}

async fn licences_are_listed_with_what_is_used(world: &World) {
    let org = &world.plain;
    let empty = client(world).get(PLACE).await.expect(200);
    assert_eq!(empty, json!({ "items": [] }));
    let calling = add(org, "Webex Calling - Professional", Some(5)).await;
    add(org, "Messaging", None).await;
    let anna = hire(org, "anna").await;
    let body = json!({ "personId": anna, "licenses": [{ "id": calling }] });
    assign(&client(world), &body).await.expect(200);
    let listed = client(world).get(PLACE).await.expect(200);
    let first = &listed["items"][0];
    let id = format!("ciscospark://us/LICENSE/{}:LIC_{calling}", org.id);
    assert_eq!(decoded(&first["id"]), id);
    assert_eq!(
        *first,
        json!({
            "id": first["id"], "name": "Webex Calling - Professional", "totalUnits": 5, "consumedUnits": 1,
            "consumedByUsers": 1, "consumedByWorkspaces": 0,
        })
    );
    assert_eq!(listed["items"][1]["totalUnits"], -1, "as many as one likes");
    let one = format!("{PLACE}/{}", text(first, "id"));
    assert_eq!(client(world).get(&one).await.expect(200), *first);
    let bare = format!("{PLACE}/{calling}");
    assert_eq!(client(world).get(&bare).await.expect(200), *first);
    let own = format!("{PLACE}?orgId={}", org.id);
    assert_eq!(client(world).get(&own).await.expect(200), listed);
    let theirs = format!("{PLACE}?orgId={}", world.webex.id);
    client(world).get(&theirs).await.webex_error(404);
    client(world)
        .get(&format!("{PLACE}/nothing"))
        .await
        .webex_error(404);
    let stranger = world.nobody().with(&world.webex.token);
    stranger.get(&one).await.webex_error(404);
    assert_eq!(stranger.get(PLACE).await.expect(200), json!({ "items": [] }));
}

async fn they_are_given_and_taken_away(world: &World) {
    let org = &world.plain;
    let (calling, messaging) = (
        add(org, "Calling", Some(1)).await,
        add(org, "Messaging", None).await,
    );
    let anna = hire(org, "anna").await;
    let both = json!([{ "id": calling, "operation": "add" }, { "id": messaging }]);
    for person in [
        json!({ "personId": anna }),
        json!({ "email": "ANNA@example.com" }),
        json!({ "email": "anna@mail.example" }),
        json!({ "personId": BASE64_STANDARD_NO_PAD.encode(format!("ciscospark://us/PEOPLE/{anna}")) }),
    ] {
        let mut body = person;
        body["licenses"] = both.clone();
        body["orgId"] = json!(org.id);
        let answer = assign(&client(world), &body).await.expect(200);
        assert_eq!(
            decoded(&answer["personId"]),
            format!("ciscospark://us/PEOPLE/{anna}")
        );
        assert_eq!(
            decoded(&answer["orgId"]),
            format!("ciscospark://us/ORGANIZATION/{}", org.id)
        );
        assert_eq!(answer["email"], "anna@mail.example");
        let expected = ["Calling", "Messaging"].map(str::to_owned);
        assert_eq!(names(world, &answer["licenses"]).await, BTreeSet::from(expected));
        let back = json!({ "personId": anna, "licenses": [{ "id": calling, "operation": "remove" }] });
        let answer = assign(&client(world), &back).await.expect(200);
        let expected = ["Messaging"].map(str::to_owned);
        assert_eq!(names(world, &answer["licenses"]).await, BTreeSet::from(expected));
    }
    let events = org
        .api()
        .get("/events?type=user_licence_update")
        .await
        .expect(200);
    assert_eq!(events["items"][0]["actor"]["kind"], "token");
}

async fn what_can_be_given_is_given(world: &World) {
    let org = &world.plain;
    let (calling, messaging) = (
        add(org, "Calling", Some(1)).await,
        add(org, "Messaging", None).await,
    );
    for name in ["anna", "bo"] {
        hire(org, name).await;
    }
    let change =
        |name: &str, licenses: Value| json!({ "email": format!("{name}@example.com"), "licenses": licenses });
    let last = change("anna", json!([{ "id": calling }]));
    assign(&client(world), &last).await.expect(200);
    let both = change("bo", json!([{ "id": calling }, { "id": messaging }]));
    let some = assign(&client(world), &both).await.expect(206);
    let expected = BTreeSet::from(["Messaging".to_owned()]);
    assert_eq!(names(world, &some["licenses"]).await, expected);
    // Of what is left over nothing can be given, and so nothing is done.
    let none = change("bo", json!([{ "id": calling }]));
    let (message, _) = assign(&client(world), &none).await.webex_error(400);
    assert!(message.contains("Calling"), "{message}");
    // What is to go goes even so.
    let swap = change(
        "bo",
        json!([{ "id": messaging, "operation": "remove" }, { "id": calling }]),
    );
    let some = assign(&client(world), &swap).await.expect(206);
    assert_eq!(some["licenses"], json!([]));
    let used = org.api().get("/licences/Calling").await.expect(200);
    assert_eq!((&used["consumed"], &used["waiting"]), (&json!(1), &json!(0)));
}

async fn holders_come_in_pages(world: &World) {
    let org = &world.plain;
    let calling = add(org, "Calling", None).await;
    let mut expected = Vec::new();
    for number in 0..5 {
        let name = format!("person{number}");
        let id = hire(org, &name).await;
        let body = json!({ "personId": id, "licenses": [{ "id": calling }] });
        assign(&client(world), &body).await.expect(200);
        expected.push(format!("{name}@mail.example"));
    }
    let (mut next, mut found) = (
        Some(format!("{PLACE}/{calling}?includeAssignedTo=user&limit=2")),
        Vec::new(),
    );
    let mut pages = 0;
    while let Some(path) = next {
        let page = client(world).get(&path).await;
        let link = page.header("link").to_owned();
        let page = page.expect(200);
        assert_eq!(page["consumedUnits"], 5);
        for user in page["users"].as_array().expect("a list") {
            assert_eq!(user["type"], "INTERNAL");
            assert!(text(user, "displayName").starts_with("person"));
            assert!(decoded(&user["id"]).starts_with("ciscospark://us/PEOPLE/"));
            found.push(text(user, "email").to_owned());
        }
        next = (!link.is_empty()).then(|| {
            let address = link
                .strip_prefix('<')
                .and_then(|rest| rest.split_once(">; rel=\"next\""));
            let (address, _) = address.unwrap_or_else(|| panic!("{link}"));
            address.strip_prefix(&world.address).expect("ours").to_owned()
        });
        pages += 1;
    }
    assert_eq!((found, pages), (expected, 3));
    for wrong in [
        "includeAssignedTo=workspace",
        "includeAssignedTo=user&limit=301",
        "includeAssignedTo=user&limit=0",
        "includeAssignedTo=user&next=x",
    ] {
        client(world)
            .get(&format!("{PLACE}/{calling}?{wrong}"))
            .await
            .webex_error(400);
    }
}

async fn what_is_wrong_has_webexs_numbers(world: &World) {
    let org = &world.plain;
    let calling = add(org, "Calling", None).await;
    hire(org, "anna").await;
    let anna = |more: Value| {
        let mut body = json!({ "email": "anna@example.com", "licenses": [{ "id": calling }] });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    };
    let nothing: base::LicenceId = world.store.ambient().id();
    for (body, status, code) in [
        (
            anna(json!({ "licenses": [{ "id": nothing }] })),
            400,
            json!(400_000),
        ),
        (
            anna(json!({ "siteUrls": [{ "siteUrl": "a.webex.com", "accountType": "attendee" }] })),
            400,
            json!(400_216),
        ),
        (
            anna(json!({ "licenses": [{ "id": calling, "properties": { "locationId": "x" } }] })),
            400,
            json!(400),
        ),
        (anna(json!({ "licenses": [] })), 400, Value::Null),
        (
            anna(json!({ "licenses": [{ "id": calling, "operation": "steal" }] })),
            400,
            Value::Null,
        ),
        (anna(json!({ "email": null })), 400, Value::Null),
        (anna(json!({ "email": "nobody@example.com" })), 404, Value::Null),
        (anna(json!({ "personId": "x" })), 404, Value::Null),
        (anna(json!({ "orgId": world.webex.id })), 404, Value::Null),
        (json!([]), 400, Value::Null),
    ] {
        let (_, found) = assign(&client(world), &body).await.webex_error(status);
        assert_eq!(found, code, "{body}");
    }
    // Numbers of Webex Calling are the directory's.
    let body = anna(json!({ "licenses": [{ "id": calling, "properties": { "extension": "1234" } }] }));
    assign(&client(world), &body).await.expect(200);
    client(world)
        .call(http::Method::PATCH, USERS)
        .body("application/json", "{")
        .send()
        .await
        .webex_error(400);
    client(world)
        .call(http::Method::DELETE, USERS)
        .send()
        .await
        .webex_error(405);
    client(world).get("/v1/licenses/a/b").await.webex_error(404);
}

async fn rank_counts_here_too(world: &World) {
    let org = &world.plain;
    let calling = add(org, "Calling", None).await;
    let (boss, _) = world.token_of(org, Role::FullAdmin).await;
    let (_, token) = world.token_of(org, Role::UserAdmin).await;
    let manager = world.nobody().with(&token);
    let body = json!({ "personId": boss, "licenses": [{ "id": calling }] });
    assign(&manager, &body).await.webex_error(403);
    assign(&client(world), &body).await.expect(200);
}
