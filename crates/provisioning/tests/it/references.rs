//! References between people: a manager is, at the target, the manager's account there.

use base::UserId;
use mapping::{AttributeMapping, Source, WhenEmpty};
use provisioning::{AppScope, Sending, Subject};
use serde_json::{Value, json};
use testkit::target::Options;

use super::world::{On, World, person};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn map(world: &World, source: Source, when_empty: WhenEmpty) {
    let set = world.provisioning.mappings(world.org, world.app).await;
    let mut rows = set.expect("mappings").into_rows();
    rows.push(AttributeMapping {
        when_empty,
        ..AttributeMapping::new(source, format!("{ENTERPRISE}:manager"))
    });
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
}

async fn managers(world: &World, when_empty: WhenEmpty) {
    map(world, Source::Attribute("manager".to_owned()), when_empty).await;
}

async fn report(world: &World, name: &str, id: UserId, manager: Option<UserId>) {
    let mut resource = person(name);
    if let Some(manager) = manager {
        resource[ENTERPRISE] = json!({"manager": {"value": manager.to_string()}});
    }
    world.change(id, &resource).await;
}

fn manager_of(world: &World, name: &str) -> Value {
    world.account(name)[ENTERPRISE]["manager"]["value"].clone()
}

fn id_of(world: &World, name: &str) -> Value {
    world.account(name)["id"].clone()
}

pub async fn a_manager_without_an_account_is_waited_for(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    managers(&world, WhenEmpty::Clear).await;
    let (anna, bo, carl) = (
        world.hire("anna").await,
        world.hire("bo").await,
        world.hire("carl").await,
    );
    report(&world, "anna", anna, Some(bo)).await;
    world.assign(Subject::User(anna)).await;
    world.initial().await;
    assert_eq!(manager_of(&world, "anna"), Value::Null, "created without");
    let log = world.log().await;
    let waits: Vec<_> = log[0]
        .changes
        .iter()
        .filter_map(|change| change.waits_for.as_deref())
        .collect();
    assert_eq!(waits, ["BO"]);
    let preview = world
        .provisioning
        .preview_person(world.org, world.app, anna)
        .await;
    let preview = preview.expect("a preview");
    let said = preview
        .attributes
        .iter()
        .find(|one| one.mapping.target.ends_with("manager"));
    let Sending::Kept(why) = &said.expect("the row").sending else {
        panic!("sent")
    };
    assert_eq!(provisioning::text(why), "it waits for BO to have an account");
    let why = world
        .provisioning
        .why_in_scope(world.org, world.app, anna)
        .await
        .expect("why");
    assert!(
        why.reasons.iter().any(|reason| reason.code == "why.waits"),
        "{why:?}"
    );

    world.assign(Subject::User(bo)).await;
    world.in_step().await;
    assert_eq!(manager_of(&world, "anna"), id_of(&world, "bo"), "caught up");

    report(&world, "anna", anna, Some(carl)).await;
    world.in_step().await;
    assert_eq!(
        manager_of(&world, "anna"),
        Value::Null,
        "carl has no account, and bo is not her manager"
    );
    world.assign(Subject::User(carl)).await;
    world.in_step().await;
    assert_eq!(manager_of(&world, "anna"), id_of(&world, "carl"));

    world.unassign(Subject::User(carl)).await;
    world.in_step().await;
    assert_eq!(
        manager_of(&world, "anna"),
        id_of(&world, "carl"),
        "the account is still there"
    );
    world.dismiss(carl).await;
    world.in_step().await;
    assert_eq!(manager_of(&world, "anna"), Value::Null, "carl is no more");
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

pub async fn an_empty_reference_is_left_where_that_is_asked_for(on: On) {
    let mut world = World::new(on).await;
    managers(&world, WhenEmpty::Leave).await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    report(&world, "anna", anna, Some(bo)).await;
    world.initial().await;
    let bo_there = id_of(&world, "bo");
    assert_eq!(manager_of(&world, "anna"), bo_there);
    report(&world, "anna", anna, None).await;
    world.in_step().await;
    assert_eq!(manager_of(&world, "anna"), bo_there);
    world.stop().await;
}

/// Everybody is somebody's manager, in a circle too, and whoever comes first is created first.
pub async fn everybody_finds_their_manager_in_one_cycle(on: On) {
    let mut world = World::new(on).await;
    managers(&world, WhenEmpty::Clear).await;
    let people = world.hire_many(60).await;
    for (number, id) in people.iter().enumerate() {
        let manager = people[(number + 1) % people.len()];
        report(&world, &format!("p{number:05}"), *id, Some(manager)).await;
    }
    report(&world, "p00007", people[7], Some(people[7])).await;
    let counts = world.initial().await;
    assert_eq!((counts.created, counts.total()), (60, 60), "each counts once");
    for number in 0..people.len() {
        let manager = if number == 7 {
            7
        } else {
            (number + 1) % people.len()
        };
        assert_eq!(
            manager_of(&world, &format!("p{number:05}")),
            id_of(&world, &format!("p{manager:05}")),
        );
    }
    assert_eq!(world.target.counts().creates, 60);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

pub async fn another_account_of_the_manager_is_named(on: On) {
    let mut world = World::new(on).await;
    managers(&world, WhenEmpty::Clear).await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    report(&world, "anna", anna, Some(bo)).await;
    world.initial().await;
    let before = id_of(&world, "bo");
    world.target.uproot(before.as_str().expect("an id"));
    world.restart().await;
    world.in_step().await;
    assert_ne!(id_of(&world, "bo"), before);
    assert_eq!(manager_of(&world, "anna"), id_of(&world, "bo"));
    world.stop().await;
}

/// What is no person's id is what the admin wants there.
pub async fn other_values_are_sent_as_they_are(on: On) {
    let mut world = World::new(on).await;
    map(
        &world,
        Source::Attribute("manager:userName".to_owned()),
        WhenEmpty::Clear,
    )
    .await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    report(&world, "anna", anna, Some(bo)).await;
    world.initial().await;
    assert_eq!(manager_of(&world, "anna"), "bo@example.com");
    world.stop().await;
}
