//! What happens to accounts when something goes wrong.

use std::time::Duration;

use provisioning::{AppScope, Counts, LogStatus, SettingsChange};
use rstest::rstest;
use serde_json::{Value, json};
use testkit::target::{Fault, Options, RetryAfter, Rule, Staleness};

use super::world::{On, World, person, user_name};

fn each_name_once(world: &World) {
    let mut names: Vec<_> = world
        .target
        .accounts()
        .iter()
        .map(|account| account["userName"].as_str().unwrap_or_default().to_lowercase())
        .collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "somebody has two accounts");
}

fn forgetful() -> Options {
    Options::default().without_uniqueness()
}

#[rstest]
#[case::dropped(Fault::DropAfterCommit)]
#[case::dropped_before(Fault::DropBeforeCommit)]
#[case::late(Fault::late_commit(Duration::from_millis(300)))]
#[case::garbage(Fault::Garbage)]
#[case::html(Fault::Html { status: 502 })]
#[case::broken(Fault::status(500))]
#[tokio::test(flavor = "multi_thread")]
async fn a_create_in_doubt_is_looked_for_first(#[case] fault: Fault) {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    for name in ["anna", "berta", "carla"] {
        world.hire(name).await;
    }
    world.target.inject(Rule::on("POST", "/Users").nth(2).then(fault));
    let counts = world.initial().await;
    assert_eq!((counts.created + counts.linked, counts.errors), (3, 0));
    assert_eq!(world.target.accounts().len(), 3);
    each_name_once(&world);
    let log = world.log().await;
    assert_eq!(
        log.iter()
            .filter(|entry| entry.status == LogStatus::Failure)
            .count(),
        1
    );
    world.stop().await;
}

/// "Later" does not mean that nothing was done.
#[rstest]
#[case::unavailable(503)]
#[case::locked(423)]
#[case::too_many(429)]
#[case::too_early(425)]
#[case::timed_out(408)]
#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_put_off_is_looked_for_first(#[case] status: u16) {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    let anna = world.hire("anna").await;
    let put_off = Fault::StatusAndCommit {
        status,
        retry_after: Some(RetryAfter::Seconds(0)),
        millis: 800,
    };
    // No earlier than this is it looked for, whatever changes.
    world.set(in_doubt(3)).await;
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(put_off));
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    let tried = async || world.target.counts().creates == 1;
    world.until("tried", tried).await;
    let mut changed = person("anna");
    changed["title"] = json!("Head");
    world.change(anna, &changed).await;
    world.in_step().await;
    assert_eq!(world.target.counts().creates, 1);
    assert_eq!(world.target.accounts().len(), 1);
    assert_eq!(world.account("anna")["title"], json!("Head"));
    world.stop().await;
}

fn in_doubt(seconds: u32) -> SettingsChange {
    SettingsChange {
        in_doubt_seconds: Some(seconds),
        ..SettingsChange::default()
    }
}

/// A target that asks for no rest at all, again and again, is given some.
#[tokio::test(flavor = "multi_thread")]
async fn throttling_without_an_end_is_no_storm() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(20).await;
    // One after the other, so that each is told by itself: what is waited for in between doubles each time.
    world
        .set(SettingsChange {
            concurrency: Some(1),
            ..SettingsChange::default()
        })
        .await;
    let throttled = Fault::throttled(0);
    world
        .target
        .inject(Rule::on("GET", "/Users").times(3).then(throttled));
    world.initial().await;
    assert_eq!(world.target.accounts().len(), 20);
    let struck: Vec<_> = world
        .target
        .journal()
        .iter()
        .filter(|exchange| exchange.fault.is_some())
        .map(|exchange| exchange.at_millis)
        .collect();
    assert_eq!(struck.len(), 3);
    // A slow machine only makes it longer.
    for pair in struck.windows(2) {
        assert!(pair[1] >= pair[0] + 950, "{struck:?}");
    }
    world.stop().await;
}

/// The same told to many at once.
#[tokio::test(flavor = "multi_thread")]
async fn throttled_at_once_is_in_step_soon() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(20).await;
    // Were each of them to count, it would take minutes; they do if the machine lets none begin beside another.
    world.target.inject(Rule::always(Fault::throttled(0)).times(6));
    world.initial().await;
    assert_eq!(world.target.accounts().len(), 20);
    assert_eq!(world.target.counts().creates, 20);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_while_in_doubt_is_still_one_account() {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    let anna = world.hire("anna").await;
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(Fault::DropAfterCommit));
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("tried", async || world.target.counts().creates == 1)
        .await;
    let mut renamed = person("anna");
    renamed["userName"] = json!(user_name("huber"));
    world.change(anna, &renamed).await;
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 1);
    assert_ne!(world.account("huber"), Value::Null);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dismissed_while_in_doubt_leaves_no_account() {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    let anna = world.hire("anna").await;
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(Fault::DropAfterCommit));
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("tried", async || world.target.counts().creates == 1)
        .await;
    world.dismiss(anna).await;
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_body_has_its_location() {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    world.hire("anna").await;
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(1).then(Fault::Empty));
    let counts = world.initial().await;
    assert_eq!(counts.created + counts.linked, 1);
    assert_eq!(world.target.accounts().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_holds_everybody_back() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(30).await;
    world
        .target
        .inject(Rule::on("POST", "/Users").nth(3).then(Fault::throttled(2)));
    let counts = world.initial().await;
    assert_eq!((counts.created, counts.errors), (30, 0));
    let journal = world.target.journal();
    let struck = journal
        .iter()
        .find(|exchange| exchange.fault.is_some())
        .expect("the fault");
    let concurrency = 8;
    let soon = journal
        .iter()
        .filter(|exchange| (struck.at_millis + 200..struck.at_millis + 1_990).contains(&exchange.at_millis))
        .count();
    assert!(
        soon <= concurrency,
        "{soon} requests although the target asked to wait"
    );
    assert!(
        world
            .log()
            .await
            .iter()
            .all(|entry| entry.status == LogStatus::Success)
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_down_is_waited_for() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(20).await;
    world.target.go_down().await;
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("held", async || {
            let status = world
                .provisioning
                .status(world.org, world.app)
                .await
                .expect("a status");
            status.hold.is_some_and(|hold| hold.reason.code == "target.down")
        })
        .await;
    world.target.come_back().await.expect("the port is free");
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 20);
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!((status.hold, status.failing_total, status.linked), (None, 0, 20));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_stop_everything_until_there_are_new_ones() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(20).await;
    let good = world.target.token();
    world
        .target
        .adjust(|options| options.token = "another".to_owned());
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("held", async || {
            let status = world
                .provisioning
                .status(world.org, world.app)
                .await
                .expect("a status");
            status
                .hold
                .is_some_and(|hold| hold.reason.code == "target.refused")
        })
        .await;
    assert!(
        world.target.counts().requests <= 9,
        "not one request for each person, and one for its ways"
    );
    world.target.adjust(|options| options.token = good.clone());
    let token = base::Secret::new(good);
    world
        .provisioning
        .set_token(world.org, world.app, token, None, &world.cause)
        .await
        .expect("set");
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 20);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_reads_lead_to_no_second_account() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(10).await;
    world.target.stale(Staleness::lagging(Duration::from_millis(700)));
    world.target.inject(
        Rule::on("POST", "/Users")
            .every(3)
            .times(2)
            .then(Fault::DropAfterCommit),
    );
    let counts = world.initial().await;
    assert_eq!((counts.created + counts.linked, counts.errors), (10, 0));
    assert_eq!(world.target.accounts().len(), 10);
    each_name_once(&world);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_never_came_is_checked() {
    let mut world = World::new(On::Sqlite).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    world
        .target
        .inject(Rule::on("PATCH", "/Users").nth(1).then(Fault::DropAfterCommit));
    let mut changed = person("anna");
    changed["phoneNumbers"] = json!([
        {"type": "work", "value": "+41 31 000 00 00"}, {"type": "mobile", "value": "+41 79 1"}
    ]);
    world.change(anna, &changed).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["phoneNumbers"], changed["phoneNumbers"]);
    assert_eq!(world.target.counts().updates, 1, "it had arrived");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_vanished_is_made_anew() {
    let mut world = World::new(On::Sqlite).await;
    let anna = world.hire("anna").await;
    world.initial().await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    world.target.uproot(&id);
    let mut changed = person("anna");
    changed["title"] = json!("Head");
    world.change(anna, &changed).await;
    world.in_step().await;
    assert_eq!(world.account("anna")["title"], json!("Head"));
    world.dismiss(anna).await;
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_fails_holds_up_nobody() {
    let mut world = World::new(On::Sqlite).await;
    world.hire_many(20).await;
    world.target.inject(
        Rule::on("POST", "/Users")
            .containing("p00003@")
            .then(Fault::status(400)),
    );
    world.start();
    let cycle = world.sync(provisioning::Sync::Continue).await;
    let counts = world.finished(&cycle).await.counts;
    let expected = Counts {
        created: 19,
        errors: 1,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(
        (status.failing_total, status.waiting, status.in_step),
        (1, 1, false)
    );
    assert_eq!(status.failing[0].subject.name, user_name("p00003"));
    world.target.heal();
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 20);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_key_are_not_touched() {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    world.hire("anna").await;
    for _ in 0..2 {
        let twin =
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name("anna")});
        world.target.plant(&twin).expect("an account");
    }
    world.start();
    let cycle = world.sync(provisioning::Sync::Continue).await;
    assert_eq!(world.finished(&cycle).await.counts.errors, 1);
    assert_eq!(world.target.counts().writes, 0);
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(status.failing[0].error.code, "match.ambiguous");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_bad_day_everybody_is_in_step_in_the_end() {
    let mut world = World::with(On::Sqlite, forgetful(), AppScope::All).await;
    let people = world.hire_many(60).await;
    world.target.chaos(testkit::target::Chaos::bad_day(7));
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    for (number, id) in people.iter().enumerate().take(20) {
        let mut changed = person(&format!("p{number:05}"));
        changed["title"] = json!(format!("Title {number}"));
        world.change(*id, &changed).await;
    }
    for id in &people[50..] {
        world.dismiss(*id).await;
    }
    world
        .until("tried", async || world.target.counts().creates > 30)
        .await;
    world.target.heal();
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 50);
    each_name_once(&world);
    for number in 0..20 {
        let account = world.account(&format!("p{number:05}"));
        assert_eq!(account["title"], json!(format!("Title {number}")));
    }
    assert_eq!(world.target.counts().overlaps, 0);
    world.stop().await;
}
