//! The scoping filter, obeyed by the engine.

use mapping::scope::ScopingFilter;
use provisioning::plan::Action;
use provisioning::{AppChange, Error, PlanItems, SettingsChange, text};
use serde_json::{Value, json};

use super::world::{On, World, person};

async fn set(world: &World, filter: Value) -> Result<(), Error> {
    let filter: ScopingFilter = serde_json::from_value(filter).expect("a filter");
    let change = AppChange {
        settings: SettingsChange {
            filter: Some(filter),
            ..SettingsChange::default()
        },
        ..AppChange::default()
    };
    let changed = world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause);
    changed.await.map(drop)
}

fn chemists() -> Value {
    json!({"groups": [{"title": "Chemists", "clauses": ["jobTitle EQUALS Chemist"]}]})
}

fn titled(name: &str, title: &str) -> Value {
    let mut person = person(name);
    person["title"] = json!(title);
    person
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_filtered_out_has_no_account_or_loses_it() {
    let mut world = World::new(On::Sqlite).await;
    set(&world, chemists()).await.expect("set");
    let anna = world.hire("anna").await;
    let bo = world.hire("bo").await;
    world.change(bo, &titled("bo", "Lawyer")).await;

    let plan = world
        .provisioning
        .plan(world.org, world.app, PlanItems::All)
        .await
        .expect("a plan");
    assert_eq!((plan.counts.create, plan.counts.skip), (1, 1));
    let skipped = plan
        .items
        .iter()
        .find(|item| item.action == Some(Action::Skip))
        .expect("an item");
    assert_eq!(
        text(&skipped.reason),
        "kept out by the scoping filter Chemists: jobTitle is Lawyer, and it wants EQUALS Chemist"
    );

    world.initial().await;
    assert_eq!(world.account("bo"), Value::Null);
    assert_eq!(world.account("anna")["active"], true);

    world.change(anna, &titled("anna", "Lawyer")).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["active"], false);
    assert_eq!(
        world.account("anna")["title"],
        "Chemist",
        "the rest is left as it is"
    );

    world.change(anna, &titled("anna", "Chemist")).await;
    world.change(bo, &titled("bo", "Chemist")).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["active"], true);
    assert_eq!(world.account("bo")["active"], true);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
pub async fn another_filter_judges_everybody_anew() {
    let mut world = World::new(On::Sqlite).await;
    let bo = world.hire("bo").await;
    world.hire("anna").await;
    world.change(bo, &titled("bo", "Lawyer")).await;
    world.initial().await;
    let id = world.account("bo")["id"].clone();
    assert_eq!(world.account("bo")["active"], true);

    set(&world, chemists()).await.expect("set");
    world.in_step().await;
    assert_eq!(world.account("bo")["active"], false);
    assert_eq!(world.account("anna")["active"], true);

    set(&world, json!({})).await.expect("set");
    world.in_step().await;
    assert_eq!(world.account("bo")["active"], true);
    assert_eq!(world.account("bo")["id"], id, "links stay");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_is_refused() {
    let world = World::new(On::Sqlite).await;
    let error = set(
        &world,
        json!({"groups": [{"clauses": ["jobTitle REGEX MATCH (a"]}]}),
    )
    .await;
    let error = error.expect_err("an open parenthesis");
    assert_eq!(error.code(), "filter.invalid");
    assert!(
        error
            .to_string()
            .starts_with("the scoping filter: group 1, clause 1: "),
        "{error}"
    );
}
