//! What happens to accounts when nothing goes wrong.

use std::collections::BTreeMap;

use base::SubjectId;
use provisioning::{AppScope, Counts, LogStatus, PlanItems, Subject};
use serde_json::{Value, json};
use testkit::target::Options;

use super::world::{GroupChange, On, World, person, user_name};

pub async fn people_are_created_linked_and_then_left_alone(on: On) {
    let mut world = World::new(on).await;
    for name in ["anna", "berta", "carla"] {
        world.hire(name).await;
    }
    let planted = world
        .target
        .plant(&json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "Berta@Example.com", "title": "Boss", "nickName": "B"}))
        .expect("an account");
    let counts = world.initial().await;
    let expected = Counts {
        created: 2,
        linked: 1,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    let berta = world.account("berta");
    assert_eq!((&berta["id"], &berta["nickName"]), (&json!(planted), &json!("B")));
    assert_eq!(
        (&berta["title"], &berta["active"]),
        (&json!("Chemist"), &json!(true))
    );
    assert_eq!(world.account("anna")["name"]["familyName"], json!("Meier"));

    world.target.reset_counts();
    let expected = Counts {
        unchanged: 3,
        ..Counts::default()
    };
    assert_eq!(world.restart().await, expected);
    assert_eq!(world.target.counts().writes, 0);
    let log = world.log().await;
    assert_eq!(log.len(), 3, "nothing is said about what did not change");
    assert!(log.iter().all(|entry| entry.status == LogStatus::Success));
    let text = serde_json::to_string(&log.iter().map(|entry| &entry.exchanges).collect::<Vec<_>>());
    assert!(!text.expect("JSON").contains(&world.target.token()));
    world.stop().await;
}

/// What was written down together is still told apart: entry and event of one person are of one correlation, which is
/// nobody else's.
pub async fn the_work_for_each_person_has_its_own_correlation(on: On) {
    let mut world = World::new(on).await;
    world.hire_many(40).await;
    world.initial().await;
    let logged: BTreeMap<_, _> = world
        .log()
        .await
        .into_iter()
        .map(|entry| (entry.correlation.to_string(), entry.subject.id.to_string()))
        .collect();
    assert_eq!(logged.len(), 40, "each has its own");
    let filter = store::events::Filter {
        event_type: Some("user_create_provision".to_owned()),
        ..store::events::Filter::default()
    };
    let events = store::events::page(&mut world.store.reader(), world.org, &filter, 1_000).await;
    let noted: BTreeMap<_, _> = events
        .expect("events")
        .into_iter()
        .map(|event| {
            let subject = event.resource_id.expect("a subject");
            let subject = SubjectId::from_bytes(&subject).expect("an id");
            (event.correlation.to_string(), subject.to_string())
        })
        .collect();
    assert_eq!(noted, logged);
    world.stop().await;
}

/// A target that fills in what nobody gave: it is told once that there is to be nothing, and then left alone.
pub async fn what_a_target_keeps_by_itself_is_cleared_once(on: On) {
    let options = Options {
        gives_titles: true,
        ..Options::default()
    };
    let mut world = World::with(on, options, AppScope::All).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    let mut untitled = person("anna");
    untitled.as_object_mut().expect("an object").shift_remove("title");
    world.change(anna, &untitled).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["title"], "Member");

    world.target.reset_counts();
    let unchanged = Counts {
        unchanged: 1,
        ..Counts::default()
    };
    assert_eq!(world.restart().await, unchanged);
    assert_eq!(world.target.counts().writes, 0, "it would change nothing");

    world.change(anna, &person("anna")).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["title"], "Chemist");
    world.change(anna, &untitled).await;
    world.in_step().await;
    assert_eq!(
        world.account("anna")["title"],
        "Member",
        "another value is cleared as ever"
    );
    world.stop().await;
}

pub async fn changes_reach_the_target_by_themselves(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    let berta = world.hire("berta").await;
    world.initial().await;
    world.target.reset_counts();

    let mut renamed = person("anna");
    renamed["userName"] = json!(user_name("anna.huber"));
    renamed["name"]["familyName"] = json!("Huber");
    world.change(anna, &renamed).await;
    world.in_step().await;
    assert_eq!(world.account("anna.huber")["name"]["familyName"], json!("Huber"));
    let sent = world.target.journal().pop().expect("a request");
    let body = sent.body.expect("a body");
    assert_eq!(
        body["Operations"],
        json!([
            {"op": "replace", "path": "userName", "value": "anna.huber@example.com"},
            {"op": "replace", "path": "name.familyName", "value": "Huber"}
        ])
    );
    assert_eq!(world.target.counts().requests, 1, "nothing is read for it");

    world.deactivate(anna, &renamed).await;
    world.in_step().await;
    assert_eq!(world.account("anna.huber")["active"], json!(false));
    world.change(anna, &renamed).await;
    world.in_step().await;
    assert_eq!(world.account("anna.huber")["active"], json!(true));

    world.dismiss(berta).await;
    world.in_step().await;
    assert_eq!(world.account("berta"), Value::Null);
    world.hire("dora").await;
    world.in_step().await;
    assert_eq!(world.account("dora")["active"], json!(true));
    let actions: Vec<_> = world.log().await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(
        actions[2..],
        ["update", "disable", "enable", "delete", "create"],
        "{actions:?}"
    );
    world.stop().await;
}

pub async fn elements_come_and_go(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    let mut changed = person("anna");
    changed["phoneNumbers"] = json!([{"type": "mobile", "value": "+41 79 1"}]);
    changed["addresses"] = json!([{"type": "work", "locality": "Bern", "country": "CH"}]);
    changed["title"] = Value::Null;
    world.change(anna, &changed).await;
    world.in_step().await;
    let account = world.account("anna");
    assert_eq!(
        account["phoneNumbers"],
        json!([{"type": "mobile", "value": "+41 79 1"}])
    );
    assert_eq!(
        account["addresses"],
        json!([{"type": "work", "country": "CH", "locality": "Bern"}])
    );
    assert_eq!(account["title"], Value::Null);
    world.stop().await;
}

pub async fn only_who_is_assigned_has_an_account(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let anna = world.hire("anna").await;
    let berta = world.hire("berta").await;
    let carla = world.hire("carla").await;
    world.hire("stranger").await;
    let lab = world.group("Lab", &[berta, carla]).await;
    world.assign(Subject::User(anna)).await;
    world.assign(Subject::Group(lab)).await;
    let expected = Counts {
        created: 3,
        ..Counts::default()
    };
    assert_eq!(world.initial().await, expected);
    let active = |name: &str| world.account(name)["active"] == json!(true);
    assert!(active("anna") && active("berta") && active("carla"));
    assert_eq!(world.account("stranger"), Value::Null);

    world.unassign(Subject::User(anna)).await;
    world.group_change(GroupChange::Remove(lab, berta.into())).await;
    world.in_step().await;
    assert!(!active("anna") && !active("berta") && active("carla"));

    world.group_change(GroupChange::Add(lab, anna.into())).await;
    world.in_step().await;
    assert!(active("anna") && !active("berta") && active("carla"));

    // Leaving the group and the group's leaving in one breath.
    world.group_change(GroupChange::Remove(lab, carla.into())).await;
    world.unassign(Subject::Group(lab)).await;
    world.in_step().await;
    assert!(!active("anna") && !active("berta") && !active("carla"));

    world.assign(Subject::Group(lab)).await;
    world.in_step().await;
    assert!(active("anna") && !active("carla"));
    world.group_change(GroupChange::Delete(lab)).await;
    world.in_step().await;
    assert!(!active("anna"));
    assert_eq!(world.target.accounts().len(), 3, "nobody is deleted by that");
    world.stop().await;
}

pub async fn groups_within_an_assigned_group_disturb_nothing(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let anna = world.hire("anna").await;
    let berta = world.hire("berta").await;
    let lab = world.group("Lab", &[anna]).await;
    let team = world.group("Team", &[berta]).await;
    let other = world.group("Other", &[]).await;
    world.group_change(GroupChange::Add(lab, team.into())).await;
    world.assign(Subject::Group(lab)).await;
    world.assign(Subject::Group(other)).await;
    let plan = world
        .provisioning
        .plan(world.org, world.app, PlanItems::All)
        .await
        .expect("a plan");
    assert_eq!(plan.items.len(), 1, "direct members that are people: {plan:#?}");
    let expected = Counts {
        created: 1,
        ..Counts::default()
    };
    assert_eq!(world.initial().await, expected);

    world.target.reset_counts();
    let before = world.log().await.len();
    world.group_change(GroupChange::Add(other, team.into())).await;
    world.group_change(GroupChange::Remove(other, team.into())).await;
    world.group_change(GroupChange::Add(other, lab.into())).await;
    world.group_change(GroupChange::Delete(team)).await;
    world.unassign(Subject::Group(other)).await;
    world.assign(Subject::Group(other)).await;
    world.in_step().await;
    assert_eq!(world.log().await.len(), before, "nobody is touched");
    assert_eq!(world.target.counts().requests, 0);
    assert_eq!(world.account("anna")["active"], json!(true));
    assert_eq!(world.account("berta"), Value::Null);
    world.stop().await;
}

pub async fn the_plan_says_what_then_happens(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    world.hire("berta").await;
    let resting = world.hire("resting").await;
    world.deactivate(resting, &person("resting")).await;
    world
        .target
        .plant(&json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name("berta")}))
        .expect("an account");
    let plan = async |items| {
        world
            .provisioning
            .plan(world.org, world.app, items)
            .await
            .expect("a plan")
    };
    let before = plan(PlanItems::Touched).await;
    assert_eq!(
        (before.counts.create, before.counts.link, before.counts.skip),
        (1, 1, 1)
    );
    assert_eq!(before.items.len(), 3);
    assert_eq!(world.target.counts().writes, 0, "looking changes nothing");
    let create = before
        .items
        .iter()
        .find(|item| item.subject.id == anna.into())
        .expect("anna");
    assert_eq!(create.requests[0].method, "POST");

    world.start();
    world.initial().await;
    let journal = world.target.journal();
    let sent = journal
        .iter()
        .find(|exchange| exchange.method == "POST")
        .and_then(|exchange| exchange.body.clone());
    let plan = async |items| {
        world
            .provisioning
            .plan(world.org, world.app, items)
            .await
            .expect("a plan")
    };
    assert_eq!(sent, create.requests[0].body);
    let after = plan(PlanItems::Touched).await;
    assert_eq!(
        (after.counts.unchanged, after.counts.skip, after.items.len()),
        (2, 1, 1)
    );
    assert_eq!(plan(PlanItems::All).await.items.len(), 3);
    world.stop().await;
}
