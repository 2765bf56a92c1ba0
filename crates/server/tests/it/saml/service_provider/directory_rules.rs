//! Whoever comes by a sign-in comes by the directory's rules: licences by template, and one account for each name.

use serde_json::{Value, json};

use super::accounts::{come, of};
use super::{DOMAIN, Estate, events, person};
use crate::on_both;
use crate::world::{Organization, World};

on_both!(
    whoever_is_made_gets_what_templates_give,
    a_name_is_one_persons,
    of_two_at_once_one_is_made,
);

async fn licence(org: &Organization, name: &str, total: Option<u32>) {
    let body = json!({ "name": name, "total": total });
    org.api().post("/licences", &body).await.expect(201);
}

async fn template(org: &Organization, place: &str, licence: &str) {
    let path = format!("/licence-templates/{place}");
    let body = json!({ "licences": [licence] });
    org.api().put(&path, &body).await.expect(200);
}

/// Somebody new comes in; the licences as `name:state`, in the order of names.
async fn licences_of(estate: &Estate<'_>, name: &str, group: Option<&str>) -> Vec<String> {
    let address = format!("{name}@{DOMAIN}");
    let mut said = vec![
        ("email", address.as_str()),
        ("firstname", name),
        ("lastname", "Berg"),
    ];
    said.extend(group.map(|group| ("groupid", group)));
    come(estate, &address, &said).await.leads_to("/account");
    let path = format!("/people/{address}/licences");
    let listed = estate.org.api().get(&path).await.expect(200);
    let items = listed["items"].as_array().expect("items").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut all: Vec<_> = items
        .map(|one| format!("{}:{}", text(&one["name"]), text(&one["state"])))
        .collect();
    all.sort();
    all
}

async fn whoever_is_made_gets_what_templates_give(world: &World) {
    let mut estate = Estate::new(world).await;
    let org = estate.org;
    let group = json!({ "displayName": "Chemists" });
    let group = org.scim().post("/Groups", &group).await.expect(201);
    estate
        .change(json!({ "auto_create": true, "joinable_groups": [group["id"]] }))
        .await;
    licence(org, "Calling", Some(1)).await;
    licence(org, "Meetings", Some(1)).await;
    assert!(
        licences_of(&estate, "none", None).await.is_empty(),
        "without a template"
    );
    template(org, "organization", "Calling").await;
    template(org, "groups/Chemists", "Meetings").await;
    assert_eq!(licences_of(&estate, "first", None).await, ["Calling:given"]);
    // Nobody is kept out because none is left: whoever comes waits in line, and that is said.
    assert_eq!(licences_of(&estate, "second", None).await, ["Calling:waiting"]);
    let shown = org
        .api()
        .get(&format!("/people/second@{DOMAIN}"))
        .await
        .expect(200);
    assert_eq!(shown["licences"][0]["code"], "none_left");
    let calling = org.api().get("/licences/Calling").await.expect(200);
    assert_eq!(
        (&calling["consumed"], &calling["waiting"]),
        (&json!(1), &json!(1))
    );
    // What a group gives comes with the group, in the place of what the organization gives.
    let with_group = licences_of(&estate, "third", Some("Chemists")).await;
    assert!(
        with_group.contains(&"Meetings:given".to_owned()),
        "{with_group:?}"
    );
    assert!(
        !with_group.contains(&"Calling:waiting".to_owned()),
        "{with_group:?}"
    );
    let with_group = licences_of(&estate, "fourth", Some("Chemists")).await;
    assert!(
        with_group.contains(&"Meetings:waiting".to_owned()),
        "{with_group:?}"
    );
    // Who goes makes room.
    let first = of(world, &format!("first@{DOMAIN}")).await;
    let path = format!("/Users/{}", first["id"].as_str().expect("an id"));
    org.scim().delete(&path).await.expect(204);
    let second = org
        .api()
        .get(&format!("/people/second@{DOMAIN}"))
        .await
        .expect(200);
    assert_eq!(second["licences"][0]["state"], "given");
}

/// A name that somebody has already, though nobody was found by it, is a conflict as through any other door.
async fn a_name_is_one_persons(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "auto_create": true })).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    // Two people have the address: neither of them is meant.
    let twin = json!({ "userName": "bert", "emails": [{ "value": anna, "primary": true }] });
    estate.org.scim().post("/Users", &twin).await.expect(201);
    let said = [
        ("email", anna.as_str()),
        ("firstname", "Anna"),
        ("lastname", "Berg"),
    ];
    let refused = come(&estate, &anna, &said).await;
    refused.expect(403, "Auto Account Creation failed (31)");
    let told = &events(world, estate.org.id, "sso_sign_in").await[0];
    assert_eq!(told["code"], 31);
    let found = estate.org.api().get("/people").await.expect(200);
    let with = |one: &&Value| {
        one["user_name"]
            .as_str()
            .is_some_and(|name| name.contains("anna"))
    };
    let people = found["items"].as_array().expect("items");
    assert_eq!(people.iter().filter(with).count(), 1);
}

async fn of_two_at_once_one_is_made(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "auto_create": true })).await;
    let anna = format!("anna@{DOMAIN}");
    let said = [
        ("email", anna.as_str()),
        ("firstname", "Anna"),
        ("lastname", "Berg"),
    ];
    let (one, two) = tokio::join!(come(&estate, &anna, &said), come(&estate, &anna, &said));
    for page in [&one, &two] {
        let is_in = page.status == 303 && page.header("location") == "/account";
        assert!(
            is_in || page.text.contains("(31)"),
            "{} {}",
            page.status,
            page.text
        );
    }
    assert!(one.status == 303 || two.status == 303, "one of them is in");
    let path = format!(
        "/Users?filter={}",
        crate::client::encoded(&format!("emails.value eq \"{anna}\""))
    );
    let found = estate.org.scim().get(&path).await.expect(200);
    assert_eq!(found["totalResults"], 1);
    let mut made = events(world, estate.org.id, "user_create").await;
    made.retain(|event| event["source"] == "saml");
    assert_eq!(made.len(), 1);
    come(&estate, &anna, &said).await.leads_to("/account");
}
