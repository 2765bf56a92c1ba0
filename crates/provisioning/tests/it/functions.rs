//! Functions of expressions that need more than the person.

use mapping::{AttributeMapping, Source};
use provisioning::{PlanItems, Sync};
use serde_json::{Value, json};

use super::world::{On, World, person};

async fn map(world: &World, row: Value) {
    let set = world.provisioning.mappings(world.org, world.app).await;
    let mut rows = set.expect("mappings").into_rows();
    rows.push(serde_json::from_value(row).expect("a row"));
    let set = world.provisioning.set_mappings(
        world.org,
        world.app,
        rows,
        scim::ResourceTypes::built_in(),
        &world.cause,
    );
    set.await.expect("set");
}

/// Three people of one name, of whom an account outside of the directory has the first value already.
#[tokio::test(flavor = "multi_thread")]
async fn unique_values_are_asked_for_at_the_target() {
    let mut world = World::new(On::Sqlite).await;
    map(
        &world,
        json!({
            "source": {"expression": r#"SelectUniqueValue([name.familyName], Append([name.familyName], "2"), Append([name.familyName], "3"))"#},
            "target": "nickName", "apply": "only_on_create"
        }),
    )
    .await;
    let stranger = json!({"userName": "stranger@example.com", "nickName": "Meier"});
    world.target.plant(&stranger).expect("an account");
    for name in ["anna", "bo", "carl"] {
        world.hire(name).await;
    }
    let plan = world
        .provisioning
        .plan(world.org, world.app, PlanItems::Touched)
        .await;
    let plan = plan.expect("a plan");
    assert_eq!(
        (plan.counts.create, plan.counts.error),
        (2, 1),
        "two values are left for three people"
    );
    let cycle = {
        world.start();
        world.sync(Sync::Continue).await
    };
    let counts = world.finished(&cycle).await.counts;
    assert_eq!((counts.created, counts.errors), (2, 1));
    let mut given: Vec<_> = world
        .target
        .accounts()
        .iter()
        .map(|account| account["nickName"].as_str().unwrap_or_default().to_owned())
        .collect();
    given.sort();
    assert_eq!(given, ["Meier", "Meier2", "Meier3"]);
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(status.failing[0].error.code, "mapping.not_unique");
    world.stop().await;
}

/// A value under `Redact` reaches the target, and stands in no plan and no log entry.
#[tokio::test(flavor = "multi_thread")]
async fn redacted_values_are_shown_nowhere() {
    let mut world = World::new(On::Sqlite).await;
    map(
        &world,
        json!({"source": {"expression": "Redact([nickName])"}, "target": "nickName", "matching": 2}),
    )
    .await;
    let mut anna = person("anna");
    anna["nickName"] = json!("hush-1");
    let id = world.hire("anna").await;
    world.change(id, &anna).await;
    let plan = world
        .provisioning
        .plan(world.org, world.app, PlanItems::All)
        .await;
    let plan = serde_json::to_string(&plan.expect("a plan")).expect("JSON");
    world.initial().await;
    assert_eq!(world.account("anna")["nickName"], "hush-1");
    anna["nickName"] = json!("hush-2");
    world.change(id, &anna).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["nickName"], "hush-2");
    world.restart().await;
    let log = format!("{:?}", world.log().await);
    let filter = store::events::Filter::default();
    let events = store::events::page(&mut world.store.reader(), world.org, &filter, 100).await;
    let events = format!("{:?}", events.expect("events"));
    for shown in [plan, log, events] {
        assert!(shown.contains("[Redact]"), "{shown}");
        assert!(!shown.contains("hush-"), "{shown}");
    }
    world.stop().await;
}

/// Neither time nor chance makes a later cycle write.
#[tokio::test(flavor = "multi_thread")]
async fn values_of_time_and_chance_are_written_once() {
    let mut world = World::new(On::Sqlite).await;
    for (target, expression) in [
        ("nickName", "Guid()"),
        ("profileUrl", "Now()"),
        ("locale", "RandomString(9,1,1,1,1)"),
    ] {
        let row = AttributeMapping::new(Source::entra(expression), target);
        map(&world, json!(row)).await;
    }
    world.hire("anna").await;
    world.initial().await;
    let first = world.account("anna");
    assert!(
        first["nickName"].is_string() && first["profileUrl"].is_string(),
        "{first}"
    );
    let counts = world.restart().await;
    assert_eq!((counts.unchanged, counts.updated), (1, 0));
    assert_eq!(world.account("anna"), first);
    world.stop().await;
}
