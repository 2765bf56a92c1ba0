//! Who has no licence, and why.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::{hire, text, through};
use super::{add, give, take, template};
use crate::on_both;
use crate::world::{Organization, World};

on_both!(everybody_without_one_with_the_reason);

/// The codes of the reasons, by userName; without the administrator.
async fn report(org: &Organization) -> BTreeMap<String, Vec<String>> {
    let page = org.api().get("/licence-report").await.expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items
        .map(|one| {
            let reasons = one["reasons"].as_array().expect("reasons").iter();
            let codes = reasons.map(|reason| text(&reason["code"]).to_owned()).collect();
            (text(&one["user_name"]).to_owned(), codes)
        })
        .filter(|(name, _)| !name.starts_with("admin@"))
        .collect()
}

async fn everybody_without_one_with_the_reason(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(1)).await;
    hire(org, &["early", "taken", "idle"]).await;
    api.patch("/people/idle", &json!({ "active": false }))
        .await
        .expect(200);
    let why = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        report(org).await.values().cloned().collect::<Vec<_>>(),
        vec![why(&["no_template"]); 3]
    );
    give(org, "taken", &["Calling"]).await;
    take(org, "taken", &["Calling"]).await;
    api.post("/groups", &json!({ "display_name": "Contractors" }))
        .await
        .expect(201);
    template(org, "groups/Contractors", &[]).await;
    template(org, "organization", &["Calling"]).await;
    hire(org, &["anna", "bo", "carl"]).await;
    let join = json!({ "add": ["idle"] });
    api.post("/groups/Contractors/members", &join).await.expect(200);
    let found = report(org).await;
    let expected = [
        ("bo", "none_left"),
        ("carl", "none_left"),
        ("early", "before_template"),
        ("idle", "empty_template"),
        ("taken", "taken_away"),
    ];
    let expected: BTreeMap<_, _> = expected
        .into_iter()
        .map(|(name, code)| (name.to_owned(), why(&[code])))
        .collect();
    assert_eq!(found, expected, "anna has one");
    let page = api.get("/licence-report").await.expect(200);
    let idle = page["items"].as_array().expect("items").iter();
    let idle = idle
        .clone()
        .find(|one| one["user_name"] == "idle")
        .expect("listed");
    assert_eq!(idle["active"], false);
    let all = through(&api, "/licence-report?limit=2", "user_name").await;
    assert_eq!(all.len(), 6, "with the administrator");
}
