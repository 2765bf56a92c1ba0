//! The work grows with the changes, not with the directory.

use serde_json::json;

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
    let few = one_change_among(on, 500).await;
    let many = one_change_among(on, 3_000).await;
    assert_eq!(few, many);
    assert_eq!(few.1, 1, "one request");
}
