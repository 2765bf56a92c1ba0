//! Targets that take bulk requests, well or badly: each person's operation is judged by itself, and whatever becomes of
//! the whole, nobody is there twice.

use std::sync::Arc;

use base::UserId;
use provisioning::{AppScope, GroupScope, LogStatus, SettingsChange, Sync, WayOrigin, WaySwitch, WaysChange};
use serde_json::json;
use testkit::target::{BulkManners, Exchange, Fault, Hook, Options, RetryAfter, Rule, StatusForm};

use super::groups;
use super::kills::{doomed, kill};
use super::world::{On, World, person, user_name};

/// So many that they cannot all be sent at the first moment.
const PEOPLE: usize = 60;

fn offered() -> Options {
    Options::default().with_bulk(BulkManners::offered())
}

fn concurrency(slots: u32) -> SettingsChange {
    SettingsChange {
        concurrency: Some(slots),
        retry_longest_seconds: Some(1),
        ..SettingsChange::default()
    }
}

impl World {
    /// With few slots, so that there is always somebody waiting.
    async fn with_bulk(on: On, options: Options) -> Self {
        let world = Self::with(on, options, AppScope::All).await;
        world.set(concurrency(2)).await;
        world
    }

    fn bulks(&self) -> Vec<Exchange> {
        let mut journal = self.target.journal();
        journal.retain(Exchange::is_bulk);
        journal
    }

    async fn retitle_all(&self, ids: &[UserId], title: &str) {
        for (number, id) in ids.iter().enumerate() {
            let mut resource = person(&format!("p{number:05}"));
            resource["title"] = json!(title);
            self.change(*id, &resource).await;
        }
    }

    /// Everybody has one account, as they should be, and nothing more is to be sent.
    async fn all_are_there_once(&mut self, what: &str) {
        self.in_step().await;
        assert_eq!(self.target.accounts().len(), PEOPLE, "{what}");
        for number in 0..PEOPLE {
            let account = self.account(&format!("p{number:05}"));
            assert_eq!(account["active"], json!(true), "{what}: {account}");
        }
        let counts = self.target.counts();
        assert_eq!(counts.creates, PEOPLE as u64, "{what}: nobody twice: {counts:?}");
        assert_eq!(counts.overlaps, 0, "{what}");
        self.target.heal();
        self.target.reset_counts();
        self.restart().await;
        assert_eq!(self.target.counts().writes, 0, "{what}: in step already");
        self.stop().await;
    }
}

pub async fn many_travel_together(on: On) {
    let mut world = World::with_bulk(on, offered()).await;
    let ids = world.hire_many(PEOPLE).await;
    assert_eq!(world.initial().await.created, PEOPLE as u64);
    let counts = world.target.counts();
    assert!(counts.bulks > 0 && counts.most_in_bulk > 2, "{counts:?}");
    assert!(
        counts.most_at_once <= 2,
        "a bulk request is one request: {counts:?}"
    );
    world.stop().await;

    // Each person's entry shows their own request and answer, and that it was not alone.
    let log = world.log().await;
    assert_eq!(log.len(), PEOPLE);
    let mut together = 0;
    for entry in &log {
        let sent = entry.exchanges.last().expect("a request");
        assert_eq!((sent.method.as_str(), sent.status), ("POST", Some(201)));
        assert!(sent.url.ends_with("/Users"), "{}", sent.url);
        let body = sent.request.as_ref().expect("a body");
        assert_eq!(body["userName"], json!(entry.subject.name));
        let account = world.account(entry.subject.name.split('@').next().expect("a name"));
        assert_eq!(entry.remote_id.as_deref(), account["id"].as_str());
        together += usize::from(sent.bulk.is_some_and(|operations| operations > 1));
    }
    // How many depends on how busy the machine is.
    assert!(together > 1, "{together}");

    world.target.reset_counts();
    world.retitle_all(&ids, "Physicist").await;
    for id in &ids[..20] {
        world.dismiss(*id).await;
    }
    let change = SettingsChange {
        delete: Some(true),
        approval: Some(provisioning::Approval::Never),
        ..SettingsChange::default()
    };
    world.set(change).await;
    world.start();
    world.in_step().await;
    let counts = world.target.counts();
    assert_eq!((counts.updates, counts.deletes), (40, 20), "{counts:?}");
    assert!(counts.bulks > 0 && counts.bulks + 2 < counts.writes, "{counts:?}");
    assert_eq!(counts.overlaps, 0);
    assert_eq!(world.target.accounts().len(), 40);
    assert!(
        world
            .target
            .accounts()
            .iter()
            .all(|one| one["title"] == json!("Physicist"))
    );
    world.stop().await;
}

pub async fn each_is_judged_by_itself(on: On) {
    let mut world = World::with_bulk(on, offered()).await;
    let planted = world.target.plant(&json!({"userName": user_name("P00011")}));
    planted.expect("planted");
    let ids = world.hire_many(PEOPLE).await;
    let refused = Rule::on("POST", "/Users")
        .containing("p00007@")
        .then(Fault::status(400));
    world.target.inject(refused);
    world.start();
    world.sync(Sync::Continue).await;
    let failed = async || {
        let log = world.log().await;
        log.into_iter().find(|entry| entry.status == LogStatus::Failure)
    };
    world.until("failed", async || failed().await.is_some()).await;
    world
        .until("the others created", async || {
            world.target.accounts().len() == PEOPLE - 1
        })
        .await;
    let entry = failed().await.expect("a failure");
    assert_eq!(entry.subject.name, user_name("p00007"));
    assert_eq!(entry.message.code, "target.rejected");
    assert_eq!(entry.message.params["detail"], "refused on purpose");
    world.target.heal();
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), PEOPLE);
    assert_eq!(world.target.counts().creates, PEOPLE as u64 - 1, "one was there");
    // An account that has gone there meanwhile is made anew, and disturbs nobody.
    world.stop().await;
    let id = world.account("p00003")["id"].as_str().expect("an id").to_owned();
    world.target.uproot(&id);
    world.retitle_all(&ids, "Physicist").await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    world.start();
    world.in_step().await;
    assert!(
        world
            .target
            .accounts()
            .iter()
            .all(|one| one["title"] == json!("Physicist"))
    );
    assert_eq!(world.target.accounts().len(), PEOPLE);
    world.stop().await;
}

pub async fn however_it_is_answered_nobody_is_there_twice(on: On) {
    let manners = BulkManners::offered;
    let lost = |fault| Rule::on("POST", "/Users").every(5).times(8).then(fault);
    let table: Vec<(&str, BulkManners, Option<Rule>)> = vec![
        (
            "a number",
            BulkManners {
                status: StatusForm::Number,
                ..manners()
            },
            None,
        ),
        (
            "an object",
            BulkManners {
                status: StatusForm::Code,
                ..manners()
            },
            None,
        ),
        (
            "no status",
            BulkManners {
                status: StatusForm::Missing,
                ..manners()
            },
            None,
        ),
        (
            "with bodies",
            BulkManners {
                bodies: true,
                locations: false,
                ..manners()
            },
            None,
        ),
        (
            "neither location nor body",
            BulkManners {
                locations: false,
                ..manners()
            },
            None,
        ),
        (
            "another order",
            BulkManners {
                reversed: true,
                forgets_bulk_ids: true,
                ..manners()
            },
            None,
        ),
        (
            "nothing behind a failure",
            BulkManners {
                stops_at_failure: true,
                ..manners()
            },
            Some(lost(Fault::status(400))),
        ),
        (
            "small letters",
            BulkManners {
                small_letters: true,
                ..manners()
            },
            None,
        ),
        ("unanswered", manners(), Some(lost(Fault::DropAfterCommit))),
        ("not carried out", manners(), Some(lost(Fault::DropBeforeCommit))),
        ("bare", manners(), Some(lost(Fault::Empty))),
    ];
    for (what, bulk, rule) in table {
        let options = Options::default().without_uniqueness().with_bulk(bulk);
        let mut world = World::with_bulk(on, options).await;
        if let Some(rule) = rule {
            world.target.inject(rule);
        }
        world.hire_many(PEOPLE).await;
        world.start();
        world.sync(Sync::Continue).await;
        world.all_are_there_once(what).await;
        assert!(!world.bulks().is_empty(), "{what}");
    }
}

pub async fn whatever_becomes_of_the_whole_nobody_is_there_twice(on: On) {
    let wait = |status| Fault::Status {
        status,
        retry_after: Some(RetryAfter::Seconds(1)),
    };
    let faults = [
        Fault::status(400),
        Fault::status(401),
        Fault::status(403),
        Fault::status(404),
        Fault::status(413),
        Fault::status(500),
        wait(429),
        wait(503),
        Fault::Garbage,
        Fault::Html { status: 200 },
        Fault::Empty,
        Fault::DropBeforeCommit,
        Fault::DropAfterCommit,
        Fault::late_commit(std::time::Duration::from_millis(200)),
    ];
    for fault in faults {
        let what = format!("{fault:?}");
        let options = offered().without_uniqueness();
        let mut world = World::with_bulk(on, options).await;
        world
            .target
            .inject(Rule::on("POST", "/Bulk").times(2).then(fault));
        world.hire_many(PEOPLE).await;
        world.start();
        world.sync(Sync::Continue).await;
        world.all_are_there_once(&what).await;
    }
}

pub async fn a_target_that_takes_none_after_all_is_remembered(on: On) {
    for status in [404, 501, 400, 500] {
        let bulk = BulkManners {
            refused: Some(status),
            ..BulkManners::offered()
        };
        let mut world = World::with_bulk(on, Options::default().with_bulk(bulk)).await;
        assert!(world.way("bulk").await.is_none_or(|(value, _)| value == "no"));
        let ids = world.hire_many(PEOPLE).await;
        world.initial().await;
        assert_eq!(world.target.accounts().len(), PEOPLE, "{status}");
        let seen = Some(("no".to_owned(), WayOrigin::Observed));
        assert_eq!(world.way("bulk").await, seen, "{status}");
        world.stop().await;
        world.target.reset_counts();
        world.retitle_all(&ids, "Physicist").await;
        world.start();
        world.in_step().await;
        let counts = world.target.counts();
        assert_eq!((counts.bulks, counts.updates), (0, PEOPLE as u64), "{status}");
        world.stop().await;
    }
}

pub async fn what_a_bulk_request_may_hold_is_kept_to(on: On) {
    for (operations, payload, hides_limits) in [
        (1, 1 << 20, false),
        (3, 1 << 20, false),
        (100, 1_500, false),
        (5, 1 << 20, true),
    ] {
        let bulk = BulkManners {
            max_operations: operations,
            max_payload: payload,
            hides_limits,
            ..BulkManners::offered()
        };
        let what = format!("{operations} {payload}");
        let mut world = World::with_bulk(on, Options::default().with_bulk(bulk)).await;
        world.hire_many(PEOPLE).await;
        world.start();
        world.sync(Sync::Continue).await;
        world.in_step().await;
        let counts = world.target.counts();
        assert!(counts.most_in_bulk <= operations as u64, "{what}: {counts:?}");
        assert_eq!(counts.bulks > 0, operations > 1, "{what}");
        let too_large = world
            .bulks()
            .iter()
            .filter(|bulk| bulk.status == Some(413))
            .count();
        assert_eq!(too_large > 0, hides_limits, "{what}");
        if hides_limits {
            let (value, origin) = world.way("bulk_operations").await.expect("learnt");
            assert_eq!(origin, WayOrigin::Observed, "{value}");
        }
        world.all_are_there_once(&what).await;
    }
}

pub async fn whether_and_how_many_travel_together_is_a_setting(on: On) {
    let bulk = |announced| BulkManners {
        announced,
        ..BulkManners::offered()
    };
    for (announced, switch, together) in [
        (true, WaySwitch::Auto, true),
        (false, WaySwitch::Auto, false),
        (true, WaySwitch::Off, false),
        (false, WaySwitch::On, true),
    ] {
        let mut world = World::with_bulk(on, Options::default().with_bulk(bulk(announced))).await;
        world
            .set_ways(WaysChange {
                bulk: Some(switch),
                ..WaysChange::default()
            })
            .await;
        world.hire_many(PEOPLE).await;
        world.initial().await;
        assert_eq!(
            world.target.counts().bulks > 0,
            together,
            "{announced} {switch:?}"
        );
        let (value, origin) = world.way("bulk").await.expect("a way");
        assert_eq!(value, if together { "yes" } else { "no" });
        assert_eq!(origin == WayOrigin::Set, switch != WaySwitch::Auto);
        world.stop().await;
    }
    for most in [100, 4, 1] {
        let mut world = World::with_bulk(on, offered()).await;
        world
            .set_ways(WaysChange {
                bulk_operations: Some(most),
                ..WaysChange::default()
            })
            .await;
        world.hire_many(PEOPLE).await;
        world.initial().await;
        let counts = world.target.counts();
        assert_eq!(counts.most_in_bulk > 4, most > 4, "{counts:?}");
        assert_eq!(counts.bulks > 0, most > 1, "{counts:?}");
        world.stop().await;
    }
}

pub async fn groups_travel_together_too(on: On) {
    let mut world = World::with_bulk(on, offered()).await;
    world.set(groups::scope(GroupScope::All)).await;
    let people = world.hire_many(PEOPLE).await;
    for number in 0..30 {
        let members = &people[number..number + 10];
        world.group(&format!("G{number}"), members).await;
    }
    world.initial().await;
    world.in_step().await;
    assert_eq!(world.target.groups().len(), 30);
    for number in 0..30 {
        assert_eq!(
            groups::members(&world, &format!("G{number}")).len(),
            10,
            "{number}"
        );
    }
    let journal = world.target.journal();
    let together = journal
        .iter()
        .filter(|one| one.bulk.is_some() && one.path.contains("/Groups"))
        .count();
    assert!(together > 0);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

pub async fn replacements_travel_together_too(on: On) {
    let options = Options {
        patch: false,
        ..offered()
    };
    let mut world = World::with_bulk(on, options).await;
    // A target that seems slow is sent less at once: then nobody has been read while one is on its way.
    world
        .set(SettingsChange {
            concurrency: Some(8),
            concurrency_least: Some(8),
            ..SettingsChange::default()
        })
        .await;
    let ids = world.hire_many(PEOPLE).await;
    world.initial().await;
    world.stop().await;
    // While one is on its way others have been read, and wait; on a machine that is busy enough they come too late.
    world
        .target
        .inject(Rule::on("PUT", "/Users").then(Fault::SlowAnswer { millis: 200 }));
    for title in ["Physicist", "Chemist", "Head", "Chief", "Director"] {
        world.target.reset_counts();
        world.retitle_all(&ids, title).await;
        world.start();
        world.in_step().await;
        world.stop().await;
        let counts = world.target.counts();
        assert_eq!(counts.updates, PEOPLE as u64, "{counts:?}");
        if counts.bulks > 0 {
            break;
        }
    }
    assert!(world.target.counts().bulks > 0, "{:?}", world.target.counts());
    let conditional = world.target.journal();
    assert!(
        conditional
            .iter()
            .any(|one| one.bulk.is_some() && one.method == "PUT" && one.if_match.is_some())
    );
}

pub async fn killed_in_the_middle_of_one(on: On) {
    for nth in [1, 2] {
        let few = BulkManners {
            max_operations: 10,
            ..BulkManners::offered()
        };
        let options = Options::default().without_uniqueness().with_bulk(few);
        let mut world = World::with_bulk(on, options).await;
        world.hire_many(PEOPLE).await;
        let engine = doomed(&world);
        let victim = Arc::clone(&engine);
        let hook = Hook::new(move |_| {
            let victim = Arc::clone(&victim);
            async move { kill(&victim) }
        });
        let fault = Fault::CommitThenCall { hook };
        world
            .target
            .inject(Rule::on("POST", "/Bulk").nth(nth).then(fault));
        world.sync(Sync::Continue).await;
        world
            .until("killed", async || engine.lock().expect("no panic").is_none())
            .await;
        world.start();
        world.all_are_there_once(&format!("killed at {nth}")).await;
    }
}
