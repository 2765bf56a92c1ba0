//! Licences that administrators give to people and take away.

use serde_json::{Value, json};

use super::super::{hire, text, through};
use super::{add, give, standing, take, told, used};
use crate::on_both;
use crate::world::World;

on_both!(
    what_is_given_is_used_and_what_is_taken_comes_free,
    all_or_none,
    of_sixteen_for_the_last_one_gets_it,
    who_goes_frees_what_he_or_she_had,
    the_inactive_keep_theirs,
    holders_in_pages,
    nobody_changes_those_of_higher_rank,
);

async fn what_is_given_is_used_and_what_is_taken_comes_free(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(1)).await;
    add(org, "Meetings", None).await;
    hire(org, &["anna", "bo"]).await;
    give(org, "anna", &["Calling", "Meetings"]).await;
    give(org, "anna", &["Calling"]).await;
    assert_eq!(used(org, "Calling").await, (1, 0));
    assert_eq!(standing(org, "anna").await, ["Calling:given", "Meetings:given"]);
    let shown = api.get("/people/anna").await.expect(200);
    assert_eq!(
        shown["licences"],
        api.get("/people/anna/licences").await.expect(200)["items"]
    );
    assert_eq!(shown["licences"][0]["sources"], json!([{ "kind": "direct" }]));
    assert_eq!(shown["licences"][0]["text"], Value::Null);
    let refused = api
        .post("/people/bo/licences", &json!({ "add": ["Calling"] }))
        .await;
    let problem = refused.problem(409, "licence.none_left");
    assert_eq!(problem["params"], json!({ "licence": "Calling", "total": "1" }));
    assert_eq!(standing(org, "bo").await, [""; 0]);
    take(org, "anna", &["Calling"]).await;
    take(org, "anna", &["Calling"]).await;
    give(org, "bo", &["Calling"]).await;
    assert_eq!(standing(org, "anna").await, ["Calling:taken", "Meetings:given"]);
    let shown = api.get("/people/anna/licences").await.expect(200);
    let calling = &shown["items"][0];
    assert_eq!(
        (&calling["code"], &calling["sources"]),
        (&json!("administrator"), &json!([]))
    );
    assert_eq!(
        calling["text"],
        "the licence Calling was taken away: an administrator took it away"
    );
    let both = json!(["Calling", "Meetings"]);
    assert_eq!(
        told(org).await,
        [
            ("anna".to_owned(), json!([]), both.clone(), Value::Null),
            ("anna".to_owned(), both, json!(["Meetings"]), Value::Null),
            ("bo".to_owned(), json!([]), json!(["Calling"]), Value::Null),
        ]
    );
}

async fn all_or_none(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(0)).await;
    add(org, "Meetings", None).await;
    hire(org, &["anna"]).await;
    let path = "/people/anna/licences";
    let both = json!({ "add": ["Meetings", "Calling"] });
    api.post(path, &both).await.problem(409, "licence.none_left");
    let unknown = json!({ "add": ["Meetings", "Nothing"] });
    api.post(path, &unknown).await.problem(404, "licence.unknown");
    let strange = json!({ "give": ["Meetings"] });
    api.post(path, &strange).await.problem(400, "body.invalid");
    assert_eq!(standing(org, "anna").await, [""; 0]);
    assert_eq!(used(org, "Meetings").await, (0, 0));
    give(org, "anna", &["Meetings"]).await;
    add(org, "Messaging", Some(1)).await;
    // One for another in one request.
    let swap = json!({ "add": ["Messaging"], "remove": ["Meetings"] });
    api.post(path, &swap).await.expect(200);
    assert_eq!(standing(org, "anna").await, ["Meetings:taken", "Messaging:given"]);
}

async fn of_sixteen_for_the_last_one_gets_it(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", Some(1)).await;
    let names: Vec<String> = (0..16).map(|number| format!("p{number}")).collect();
    let refs: Vec<&str> = names.iter().map(String::as_str).collect();
    hire(org, &refs).await;
    let asked = names.iter().map(|name| {
        let api = api.clone();
        async move {
            let body = json!({ "add": ["Calling"] });
            api.post(&format!("/people/{name}/licences"), &body).await.status
        }
    });
    let mut statuses = futures_util::future::join_all(asked).await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
    assert_eq!(used(org, "Calling").await, (1, 0));
}

async fn who_goes_frees_what_he_or_she_had(world: &World) {
    let org = &world.plain;
    add(org, "Calling", Some(1)).await;
    hire(org, &["anna", "bo"]).await;
    give(org, "anna", &["Calling"]).await;
    org.api().delete("/people/anna").await.expect(204);
    assert_eq!(used(org, "Calling").await, (0, 0));
    give(org, "bo", &["Calling"]).await;
    let last = told(org).await;
    assert_eq!(
        last[1],
        ("anna".to_owned(), json!(["Calling"]), json!([]), Value::Null)
    );
}

async fn the_inactive_keep_theirs(world: &World) {
    let org = &world.plain;
    add(org, "Calling", Some(1)).await;
    hire(org, &["anna"]).await;
    give(org, "anna", &["Calling"]).await;
    org.api()
        .patch("/people/anna", &json!({ "active": false }))
        .await
        .expect(200);
    assert_eq!(used(org, "Calling").await, (1, 0));
    assert_eq!(standing(org, "anna").await, ["Calling:given"]);
}

async fn holders_in_pages(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "Calling", None).await;
    hire(org, &["anna", "bo", "carl", "dora"]).await;
    for name in ["carl", "anna", "dora", "bo"] {
        give(org, name, &["Calling"]).await;
    }
    take(org, "dora", &["Calling"]).await;
    let names = through(&api, "/licences/Calling/people?limit=2", "user_name").await;
    assert_eq!(names, ["carl", "anna", "bo"]);
    let taken = api.get("/licences/Calling/people?state=taken").await.expect(200);
    assert_eq!(text(&taken["items"][0]["user_name"]), "dora");
}

async fn nobody_changes_those_of_higher_rank(world: &World) {
    let org = &world.plain;
    add(org, "Calling", None).await;
    let (boss, whole) = world.token_of(org, access::Role::FullAdmin).await;
    let (manager, token) = world.token_of(org, access::Role::UserAdmin).await;
    let theirs = org.api().with(&token);
    let change = json!({ "add": ["Calling"] });
    let place = format!("/people/{boss}/licences");
    theirs
        .post(&place, &change)
        .await
        .problem(403, "person.higher_role");
    org.api().with(&whole).post(&place, &change).await.expect(200);
    let back = json!({ "remove": ["Calling"] });
    theirs
        .post(&place, &back)
        .await
        .problem(403, "person.higher_role");
    assert_eq!(
        org.api().get(&place).await.expect(200)["items"][0]["state"],
        "given"
    );
    // Of oneself, and of those who may do no more.
    let own = format!("/people/{manager}/licences");
    theirs.post(&own, &change).await.expect(200);
    hire(org, &["anna"]).await;
    theirs.post("/people/anna/licences", &change).await.expect(200);
}
