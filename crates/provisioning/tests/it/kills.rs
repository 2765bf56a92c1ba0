//! The engine dies in the middle: nobody twice, nobody missing.

use std::sync::{Arc, Mutex};

use provisioning::{AppScope, Engine, GroupScope, Peers, Sync};
use serde_json::Value;
use testkit::target::{Fault, Hook, Options, Rule};
use tokio::runtime::Runtime;

use super::groups;
use super::world::{On, World, person};

pub type Doomed = Arc<Mutex<Option<Runtime>>>;

/// An engine on a runtime of its own, which ends without a word when the runtime is taken.
pub fn doomed(world: &World) -> Doomed {
    doomed_among(world, Peers::None)
}

fn doomed_among(world: &World, peers: Peers) -> Doomed {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let provisioning = world.elsewhere();
    runtime.spawn(async move {
        let _engine = Engine::start(provisioning.await, peers);
        std::future::pending::<()>().await;
    });
    Arc::new(Mutex::new(Some(runtime)))
}

pub fn kill(doomed: &Doomed) {
    if let Some(runtime) = doomed.lock().expect("no panic").take() {
        runtime.shutdown_background();
    }
}

pub async fn killed_between_commit_and_answer(on: On) {
    for nth in [1, 17, 33] {
        killed_at(on, nth).await;
    }
}

/// A group is made once, and everybody is in it once, wherever it ends.
pub async fn killed_at_a_group(on: On) {
    for (method, nth) in [("POST", 1), ("PATCH", 1), ("PATCH", 2)] {
        let mut world = World::with(on, Options::default().without_uniqueness(), AppScope::All).await;
        world.set(groups::scope(GroupScope::All)).await;
        let people = world.hire_many(300).await;
        world.group("All", &people).await;
        let engine = doomed(&world);
        let victim = Arc::clone(&engine);
        let hook = Hook::new(move |_| {
            let victim = Arc::clone(&victim);
            async move { kill(&victim) }
        });
        world.target.inject(
            Rule::on(method, "/Groups")
                .nth(nth)
                .then(Fault::CommitThenCall { hook }),
        );
        world.sync(Sync::Continue).await;
        world
            .until("killed", async || engine.lock().expect("no panic").is_none())
            .await;
        world.start();
        world.in_step().await;
        assert_eq!(world.target.groups().len(), 1, "{method} {nth}");
        assert_eq!(groups::members(&world, "All").len(), 300);
        world.target.reset_counts();
        world.restart().await;
        assert_eq!(world.target.counts().writes, 0);
        world.stop().await;
    }
}

/// An account whose creation was in doubt gets another name, nobody writes down whose it is, and the person is renamed again:
/// neither of the names by which it was to be found is the account's.
pub async fn killed_after_a_doubtful_account_was_renamed(on: On) {
    let mut world = World::with(on, Options::default().without_uniqueness(), AppScope::All).await;
    let anna = world.hire("anna").await;
    let engine = doomed(&world);
    let victim = Arc::clone(&engine);
    let hook = Hook::new(move |_| {
        let victim = Arc::clone(&victim);
        async move { kill(&victim) }
    });
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(Fault::DropAfterCommit));
    world.target.inject(
        Rule::on("PATCH", "/Users")
            .nth(1)
            .then(Fault::CommitThenCall { hook }),
    );
    world.sync(Sync::Continue).await;
    world
        .until("made", async || !world.target.accounts().is_empty())
        .await;
    world.change(anna, &person("berta")).await;
    world
        .until("killed", async || engine.lock().expect("no panic").is_none())
        .await;
    assert_ne!(world.account("berta"), Value::Null);
    world.change(anna, &person("clara")).await;
    world.start();
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 1, "nobody twice");
    assert_ne!(world.account("clara"), Value::Null);
    world.stop().await;
}

async fn killed_at(on: On, nth: u64) {
    let mut world = World::with(on, Options::default().without_uniqueness(), AppScope::All).await;
    world.hire_many(40).await;
    let engine = doomed(&world);
    let victim = Arc::clone(&engine);
    let hook = Hook::new(move |_| {
        let victim = Arc::clone(&victim);
        async move { kill(&victim) }
    });
    world.target.inject(
        Rule::on("POST", "/Users")
            .nth(nth)
            .then(Fault::CommitThenCall { hook }),
    );
    world.sync(Sync::Continue).await;
    world
        .until("killed", async || engine.lock().expect("no panic").is_none())
        .await;
    world.start();
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 40);
    assert_eq!(world.target.counts().creates, 40, "nobody twice");
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(status.linked, 40);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn of_two_nodes_one_is_killed() {
    let options = Options::default().without_uniqueness();
    let mut world = World::with(On::Postgres, options, AppScope::All).await;
    world.hire_many(400).await;
    let nodes = [
        doomed_among(&world, Peers::Possible),
        doomed_among(&world, Peers::Possible),
    ];
    let victim = Arc::clone(&nodes[0]);
    let hook = Hook::new(move |_| {
        let victim = Arc::clone(&victim);
        async move { kill(&victim) }
    });
    world.target.inject(
        Rule::on("POST", "/Users")
            .nth(200)
            .then(Fault::CommitThenCall { hook }),
    );
    world.sync(Sync::Continue).await;
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 400);
    assert_eq!(world.target.counts().creates, 400, "nobody twice");
    assert_eq!(world.target.counts().overlaps, 0);
    kill(&nodes[1]);
    world.stop().await;
}
