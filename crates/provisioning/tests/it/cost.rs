//! The work grows with the changes, not with the directory.

use provisioning::{AppScope, Subject};
use serde_json::json;
use testkit::target::Options;

use super::world::{On, World, person};

/// Statements and requests that one change of one person costs among so many.
async fn one_change_among(on: On, people: usize) -> (u64, u64) {
    let mut world = World::new(on).await;
    let ids = world.hire_many(people).await;
    world.initial().await;
    world.stop().await;
    world.target.reset_counts();
    let mut changed = person("p00007");
    changed["title"] = json!("Head");
    world.change(ids[7], &changed).await;
    let before = world.store.stats();
    world
        .provisioning
        .work_once(world.org, world.app)
        .await
        .expect("done");
    let statements = world.store.stats().statements - before.statements;
    assert_eq!(world.account("p00007")["title"], json!("Head"));
    (statements, world.target.counts().requests)
}

pub async fn one_change_costs_the_same_among_few_and_many(on: On) {
    let few = Box::pin(one_change_among(on, 500)).await;
    let many = Box::pin(one_change_among(on, 3_000)).await;
    assert_eq!(few, many);
    assert_eq!(few.1, 1, "one request");
}

/// The same with a directory of which the app concerns a few only: who is not touched costs nothing, not even a row read.
async fn one_change_in_a_directory_of(people: usize) -> (u64, u64, u64) {
    let mut world = World::with(On::Sqlite, Options::default(), AppScope::Assigned).await;
    let ids = world.hire_many(people).await;
    for id in &ids[..20] {
        world.assign(Subject::User(*id)).await;
    }
    assert_eq!(world.initial().await.created, 20);
    world.stop().await;
    world.target.reset_counts();
    let mut changed = person("p00007");
    changed["title"] = json!("Head");
    world.change(ids[7], &changed).await;
    let before = world.store.stats();
    world
        .provisioning
        .work_once(world.org, world.app)
        .await
        .expect("done");
    let after = world.store.stats();
    assert_eq!(world.account("p00007")["title"], json!("Head"));
    (
        after.statements - before.statements,
        after.rows - before.rows,
        world.target.counts().requests,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_costs_the_same_among_five_hundred_and_fifty_thousand() {
    let few = Box::pin(one_change_in_a_directory_of(500)).await;
    let many = Box::pin(one_change_in_a_directory_of(50_000)).await;
    assert_eq!(few, many);
    assert_eq!(few.2, 1, "one request");
}
