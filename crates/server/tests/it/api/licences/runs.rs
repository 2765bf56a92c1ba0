//! Templates that are applied to people who were there before.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{hire, text};
use super::{add, give, standing, template, used};
use crate::on_both;
use crate::world::{Organization, World};

on_both!(
    people_who_are_there_are_seen_to_as_is_said,
    a_groups_template_is_for_its_members,
    what_a_template_gave_is_taken_back,
    a_run_goes_on_where_it_was,
    a_run_whose_template_goes_ends,
);

async fn put(org: &Organization, place: &str, licences: &[&str], existing: &str) -> String {
    let body = json!({ "licences": licences, "existing_users": existing });
    let answer = org
        .api()
        .put(&format!("/licence-templates/{place}"), &body)
        .await
        .expect(202);
    assert_eq!(answer["run"]["state"], "running");
    text(&answer["run"]["id"]).to_owned()
}

async fn finish(world: &World, org: &Organization, run: &str) -> Value {
    world
        .directory
        .carry_on_licence_runs(org.id)
        .await
        .expect("carried on");
    org.api().get(&format!("/licence-runs/{run}")).await.expect(200)
}

/// What a run came to, as `person licence: outcome`, without the administrator.
async fn items(org: &Organization, run: &str) -> Vec<String> {
    let page = org
        .api()
        .get(&format!("/licence-runs/{run}/items"))
        .await
        .expect(200);
    let items = page["items"].as_array().expect("items").iter();
    let mut all: Vec<_> = items
        .map(|item| {
            format!(
                "{} {}: {}",
                text(&item["person"]["user_name"]),
                text(&item["licence"]["name"]),
                text(&item["state"])
            )
        })
        .filter(|line| !line.starts_with("admin@"))
        .collect();
    all.sort();
    all
}

async fn people_who_are_there_are_seen_to_as_is_said(world: &World) {
    let org = &world.plain;
    add(org, "A", None).await;
    add(org, "B", Some(3)).await;
    add(org, "C", None).await;
    hire(org, &["anna", "bo", "carl", "dora"]).await;
    give(org, "anna", &["C"]).await;
    give(org, "bo", &["A"]).await;
    let run = put(org, "organization", &["A", "B"], "preserve").await;
    assert_eq!(standing(org, "bo").await, ["A:given"], "later");
    let done = finish(world, org, &run).await;
    assert_eq!(
        (&done["state"], &done["mode"]),
        (&json!("done"), &json!("preserve"))
    );
    assert_eq!(
        done["progress"],
        json!({ "done": 5, "total": 5 }),
        "with the administrator"
    );
    assert_eq!(standing(org, "anna").await, ["A:given", "B:given", "C:given"]);
    assert_eq!(
        items(org, &run).await,
        [
            "anna A: given",
            "anna B: given",
            "bo A: had",
            "bo B: given",
            "carl A: given",
            "carl B: none_left",
            "dora A: given",
            "dora B: none_left"
        ]
    );
    assert_eq!(
        done["counts"],
        json!({ "given": 7, "had": 1, "none_left": 2, "taken_away": 0, "passed_over": 0 })
    );
    let waiting = org
        .api()
        .get(&format!("/licence-runs/{run}/items?state=none_left"))
        .await
        .expect(200);
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(2));

    let run = put(org, "organization", &["A"], "take_away").await;
    let done = finish(world, org, &run).await;
    assert_eq!(standing(org, "anna").await, ["A:given", "B:taken", "C:taken"]);
    assert_eq!(standing(org, "carl").await, ["A:given", "B:taken"]);
    assert_eq!((used(org, "B").await, used(org, "C").await), ((0, 0), (0, 0)));
    assert_eq!(done["counts"]["taken_away"], 6);
    let events = org.api().get("/events?type=licence_run_finish").await.expect(200);
    assert_eq!(events["items"][0]["detail"]["counts"]["taken_away"], 6);
    let list = org.api().get("/licence-runs?limit=1").await.expect(200);
    assert_eq!(list["items"][0], done);
}

async fn a_groups_template_is_for_its_members(world: &World) {
    let org = &world.plain;
    for name in ["A", "B"] {
        add(org, name, None).await;
    }
    org.api()
        .post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    template(org, "organization", &["A"]).await;
    hire(org, &["anna", "bo"]).await;
    let join = json!({ "add": ["anna"] });
    org.api().post("/groups/Staff/members", &join).await.expect(200);
    let run = put(org, "groups/Staff", &["B"], "preserve").await;
    let done = finish(world, org, &run).await;
    assert_eq!(done["progress"], json!({ "done": 1, "total": 1 }));
    assert_eq!(done["group"]["display_name"], "Staff");
    assert_eq!(standing(org, "anna").await, ["A:given", "B:given"]);
    assert_eq!(standing(org, "bo").await, ["A:given"]);
    // By precedence the group's stands in the place of the organization's.
    let run = put(org, "groups/Staff", &["B"], "take_away").await;
    finish(world, org, &run).await;
    assert_eq!(items(org, &run).await, ["anna A: taken_away", "anna B: had"]);
    let run = put(org, "organization", &["A"], "preserve").await;
    finish(world, org, &run).await;
    assert_eq!(items(org, &run).await, ["anna A: passed_over", "bo A: had"]);
    world.set(org, "licences.precedence", "both").await;
    let run = put(org, "organization", &["A"], "take_away").await;
    finish(world, org, &run).await;
    assert_eq!(items(org, &run).await, ["anna A: given", "bo A: had"]);
    assert_eq!(standing(org, "anna").await, ["A:given", "B:given"]);
}

async fn what_a_template_gave_is_taken_back(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "A", None).await;
    template(org, "organization", &["A"]).await;
    hire(org, &["anna", "bo"]).await;
    give(org, "bo", &["A"]).await;
    let path = "/licence-templates/organization?existing_users=take_away";
    let answer = api.delete(path).await.expect(202);
    let run = text(&answer["run"]["id"]).to_owned();
    let done = finish(world, org, &run).await;
    assert_eq!(done["mode"], "withdraw");
    assert_eq!(items(org, &run).await, ["anna A: taken_away"]);
    assert_eq!(standing(org, "anna").await, ["A:taken"]);
    assert_eq!(
        standing(org, "bo").await,
        ["A:given"],
        "an administrator gave it, too"
    );
    let shown = api.get("/people/anna/licences").await.expect(200);
    assert_eq!(shown["items"][0]["code"], "template_removed");
}

/// Two processes take steps in turn, and one of them dies.
async fn a_run_goes_on_where_it_was(world: &World) {
    let org = &world.plain;
    add(org, "A", Some(300)).await;
    let names: Vec<String> = (0..450).map(|number| format!("p{number:03}")).collect();
    let refs: Vec<&str> = names.iter().map(String::as_str).collect();
    for some in refs.chunks(150) {
        let rows = some.iter().fold(String::new(), |rows, name| rows + name + "\n");
        let call = org.api().call(http::Method::POST, "/people/import");
        call.body("text/csv", format!("userName\n{rows}"))
            .send()
            .await
            .expect(200);
    }
    let run = put(org, "organization", &["A"], "preserve").await;
    let neighbour = world.neighbour().await;
    let other = directory::Directory::new(neighbour.store.clone(), neighbour.store.ambient().clone());
    let (one, two) = tokio::join!(
        world.directory.carry_on_licence_runs(org.id),
        other.carry_on_licence_runs(org.id)
    );
    one.expect("carried on");
    two.expect("carried on");
    let done = finish(world, org, &run).await;
    assert_eq!(done["state"], "done");
    assert_eq!(done["progress"], json!({ "done": 451, "total": 451 }));
    let counts: BTreeMap<String, u64> = serde_json::from_value(done["counts"].clone()).expect("counts");
    assert_eq!((counts["given"], counts["none_left"]), (300, 151));
    assert_eq!(used(org, "A").await, (300, 151));
}

async fn a_run_whose_template_goes_ends(world: &World) {
    let (org, api) = (&world.plain, world.plain.api());
    add(org, "A", None).await;
    let run = put(org, "organization", &["A"], "preserve").await;
    api.delete("/licence-templates/organization").await.expect(204);
    let done = finish(world, org, &run).await;
    assert_eq!(
        (&done["state"], &done["progress"]["done"]),
        (&json!("failed"), &json!(0))
    );
    assert_eq!(done["error"], "the template was removed meanwhile");
    api.get("/licence-runs/01890000-0000-7000-8000-000000000000")
        .await
        .problem(404, "licence_run.unknown");
}
