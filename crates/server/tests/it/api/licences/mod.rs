//! Licences: types, who has them, what templates give.

mod by_hand;
mod report;
mod runs;
mod templates;
mod types;

use serde_json::{Value, json};

use super::text;
use crate::world::{Organization, World};

/// A type, and its id.
async fn add(org: &Organization, name: &str, total: Option<u32>) -> String {
    let body = json!({ "name": name, "total": total });
    let made = org.api().post("/licences", &body).await.expect(201);
    text(&made["id"]).to_owned()
}

/// A template, of `organization` or `groups/NAME`, for whoever comes from now on.
async fn template(org: &Organization, place: &str, licences: &[&str]) {
    let body = json!({ "licences": licences });
    org.api()
        .put(&format!("/licence-templates/{place}"), &body)
        .await
        .expect(200);
}

/// How many are used and how many wait.
async fn used(org: &Organization, name: &str) -> (i64, i64) {
    let licence = org.api().get(&format!("/licences/{name}")).await.expect(200);
    let number = |name: &str| licence[name].as_i64().expect("a number");
    (number("consumed"), number("waiting"))
}

/// A person's licences as `name:state`, in the order of names.
async fn standing(org: &Organization, person: &str) -> Vec<String> {
    let page = org
        .api()
        .get(&format!("/people/{person}/licences"))
        .await
        .expect(200);
    let items = page["items"].as_array().expect("items").iter();
    let mut all: Vec<_> = items
        .map(|one| format!("{}:{}", text(&one["name"]), text(&one["state"])))
        .collect();
    all.sort();
    all
}

async fn give(org: &Organization, person: &str, licences: &[&str]) {
    org.api()
        .post(&format!("/people/{person}/licences"), &json!({ "add": licences }))
        .await
        .expect(200);
}

async fn take(org: &Organization, person: &str, licences: &[&str]) {
    org.api()
        .post(
            &format!("/people/{person}/licences"),
            &json!({ "remove": licences }),
        )
        .await
        .expect(200);
}

/// The changes of somebody's licences that the events tell of, the oldest first: who, from, to, why it failed.
async fn told(org: &Organization) -> Vec<(String, Value, Value, Value)> {
    let page = org
        .api()
        .get("/events?type=user_licence_update&order=asc")
        .await
        .expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|event| {
            let (detail, change) = (&event["detail"], &event["detail"]["changes"][0]);
            assert_eq!(event["success"], detail["reason"].is_null(), "{event}");
            (
                text(&detail["name"]).to_owned(),
                change["from"].clone(),
                change["to"].clone(),
                detail["reason"].clone(),
            )
        })
        .collect()
}

/// What of a person's licences depends on each of the settings.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> [Value; 2] {
    let (org, api) = (&world.plain, world.plain.api());
    for name in ["Everybody's", "The group's"] {
        let made = api.post("/licences", &json!({ "name": name })).await;
        assert!([201, 409].contains(&made.status), "{}", made.text);
    }
    template(org, "organization", &["Everybody's"]).await;
    let group = format!("Licensed {marker}");
    api.post("/groups", &json!({ "display_name": group }))
        .await
        .expect(201);
    let group = crate::client::encoded(&group);
    template(org, &format!("groups/{group}"), &["The group's"]).await;
    let person = format!("{marker}.licensed@example.com");
    super::hire(org, &[&person]).await;
    let members = format!("/groups/{group}/members");
    api.post(&members, &json!({ "add": [person] })).await.expect(200);
    let joined = standing(org, &person).await;
    api.post(&members, &json!({ "remove": [person] }))
        .await
        .expect(200);
    let left = standing(org, &person).await;
    [json!(joined[0]), json!(left[1])]
}
