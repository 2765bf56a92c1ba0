//! Wrong addresses, refusals and names that move: nobody gets a second account, and nobody's is taken or forgotten.

use std::time::Duration;

use base::Secret;
use provisioning::{AppChange, AppScope, LogStatus, SettingsChange, Subject, Sync};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Rule, Staleness};

use super::world::{On, World, person, user_name};

fn active(account: &Value) -> Option<bool> {
    account["active"].as_bool()
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_everywhere_forgets_nobody() {
    let mut world = World::with(
        On::Sqlite,
        Options::default().without_uniqueness(),
        AppScope::Assigned,
    )
    .await;
    let (anna, berta, carla) = (
        world.hire("anna").await,
        world.hire("berta").await,
        world.hire("carla").await,
    );
    for id in [anna, berta, carla] {
        world.assign(Subject::User(id)).await;
    }
    assert_eq!(world.initial().await.created, 3);
    // For a while the target knows nothing at all: its address is wrong, or its database is away.
    world.target.inject(Rule::always(Fault::status(404)));
    let mut renamed = person("anna");
    renamed["userName"] = json!(user_name("huber"));
    world.change(anna, &renamed).await;
    world.unassign(Subject::User(berta)).await;
    world.dismiss(carla).await;
    world.sync(Sync::Restart).await;
    world
        .until("failing", async || status(&world).await.failing_total == 3)
        .await;
    world.target.heal();
    world.in_step().await;
    assert_eq!(
        world.target.accounts().len(),
        2,
        "nobody has a second account, and carla's is gone"
    );
    assert_eq!(active(&world.account("huber")), Some(true));
    assert_eq!(active(&world.account("berta")), Some(false));
    world.stop().await;
}

/// The counts of the initial cycle, also if somebody still fails at its end.
async fn first_cycle(world: &mut World) -> provisioning::Counts {
    world.start();
    let cycle = world.sync(Sync::Continue).await;
    world.finished(&cycle).await.counts
}

async fn status(world: &World) -> provisioning::Status {
    world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_target_is_matched_anew() {
    let mut world = World::new(On::Sqlite).await;
    world.hire("anna").await;
    assert_eq!(world.initial().await.created, 1);
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    let other = testkit::target::FakeTarget::start(Options::default())
        .await
        .expect("a target");
    // The same id, and another person.
    let stranger = other
        .plant(&json!({ "id": id, "userName": "ceo@other.example", "active": true }))
        .expect("planted");
    let change = AppChange {
        settings: SettingsChange {
            base_url: Some(other.base_url()),
            ..SettingsChange::default()
        },
        token: Some(Secret::new(other.token())),
        ..AppChange::default()
    };
    world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause)
        .await
        .expect("changed");
    world
        .until("created anew", async || other.accounts().len() == 2)
        .await;
    world.in_step().await;
    let kept = other
        .accounts()
        .into_iter()
        .find(|account| account["id"] == json!(stranger))
        .expect("the stranger");
    assert_eq!(kept["userName"], "ceo@other.example");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_app_holds_up_no_other() {
    let mut world = World::new(On::Sqlite).await;
    let (damaged, whole) = (world.app, world.another_app().await);
    world.damage(damaged).await;
    world.hire("anna").await;
    world.app = whole;
    assert_eq!(world.initial().await.created, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_for_one_holds_up_nobody_else() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(10).await;
    world.hire("chief").await;
    world.target.inject(
        Rule::on("POST", "/Users")
            .containing("chief@")
            .then(Fault::status(403)),
    );
    let counts = first_cycle(&mut world).await;
    assert_eq!((counts.created, counts.errors), (10, 1));
    let log = world.log().await;
    let failure = log
        .iter()
        .find(|entry| entry.status == LogStatus::Failure)
        .expect("a failure");
    assert_eq!(failure.message.code, "target.forbidden");
    assert!(status(&world).await.hold.is_none());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_no_claim_to_somebody_elses_account() {
    let mut world = World::new(On::Sqlite).await;
    world
        .target
        .plant(&json!({ "userName": user_name("anna"), "title": "Stranger" }))
        .expect("planted");
    // The stranger's account is not to be seen yet, neither before the create nor after the conflict.
    world.target.stale(Staleness::lagging(Duration::from_mins(1)));
    let anna = world.hire("anna").await;
    world.start();
    world.sync(Sync::Continue).await;
    world
        .until("in conflict", async || status(&world).await.failing_total == 1)
        .await;
    world.target.stale(Staleness::default());
    let mut renamed = person("anna");
    renamed["userName"] = json!(user_name("huber"));
    world.change(anna, &renamed).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["title"], "Stranger");
    assert_eq!(world.account("huber")["title"], "Chemist");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_under_the_old_name_gets_the_account_that_stayed() {
    let mut world = World::new(On::Sqlite).await;
    let change = AppChange {
        settings: SettingsChange {
            delete: Some(false),
            ..SettingsChange::default()
        },
        ..AppChange::default()
    };
    world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause)
        .await
        .expect("changed");
    let anna = world.hire("anna").await;
    assert_eq!(world.initial().await.created, 1);
    world.dismiss(anna).await;
    world.in_step().await;
    assert_eq!(active(&world.account("anna")), Some(false));
    world.hire("anna").await;
    world.in_step().await;
    assert_eq!(active(&world.account("anna")), Some(true));
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(status(&world).await.failing_total, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_fails_no_more() {
    let mut world = World::new(On::Sqlite).await;
    let anna = world.hire("anna").await;
    world
        .target
        .inject(Rule::on("POST", "/Users").then(Fault::status(400)));
    assert_eq!(first_cycle(&mut world).await.errors, 1);
    world.dismiss(anna).await;
    world
        .until("settled", async || status(&world).await.failing_total == 0)
        .await;
    world.stop().await;
}

/// An account that nobody may read is one person's trouble.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_be_read_holds_up_nobody_else() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(5).await;
    world.hire("chief").await;
    assert_eq!(first_cycle(&mut world).await.created, 6);
    let id = world.account("chief")["id"].as_str().expect("an id").to_owned();
    let path = format!("/Users/{id}");
    world
        .target
        .inject(Rule::on("GET", &path).then(Fault::status(403)));
    let cycle = world.sync(Sync::Restart).await;
    let counts = world.finished(&cycle).await.counts;
    assert_eq!((counts.unchanged, counts.errors), (5, 1));
    let now = status(&world).await;
    assert!(now.hold.is_none());
    assert_eq!(now.failing[0].error.code, "target.forbidden");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_while_the_create_is_in_doubt_gets_no_second_account() {
    let options = Options::default().without_uniqueness();
    let mut world = World::with(On::Sqlite, options, AppScope::All).await;
    world.initial().await;
    // The account is there, its answer was lost, and searches do not show it yet.
    world.target.stale(Staleness::lagging(Duration::from_millis(700)));
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(Fault::DropAfterCommit));
    let gone = world.hire("anna").await;
    world
        .until("sent", async || world.target.counts().creates == 1)
        .await;
    world.dismiss(gone).await;
    world.hire("anna").await;
    world.in_step().await;
    let accounts = world.target.accounts();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    assert_eq!(active(&accounts[0]), Some(true));
    world.stop().await;
}
