//! How fast targets are sent to, and that a slow one delays nobody else.

use std::time::Duration;

use provisioning::{AppScope, NewApp, SettingsChange, Sync, Template};
use serde_json::json;
use testkit::recorded::{Recorded, RecordedTarget};
use testkit::target::{FakeTarget, Fault, LateClose, Options, Rule};

use super::world::{On, World};

impl World {
    /// How long it was from the first request to the last.
    fn took(&self) -> Duration {
        let journal = self.target.journal();
        let times = || journal.iter().map(|request| request.at_millis);
        let (first, last) = (
            times().min().unwrap_or_default(),
            times().max().unwrap_or_default(),
        );
        Duration::from_millis(last - first)
    }
}

pub async fn each_setting_of_the_rate_counts(on: On) {
    // 20 people, a look-up and a create each: at ten a second, all but the first second's are paced.
    for (rate, paced) in [(0, false), (10, true)] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                rate: Some(rate),
                rate_least: Some(1),
                ..SettingsChange::default()
            })
            .await;
        world.hire_many(20).await;
        world.initial().await;
        let status = world
            .provisioning
            .status(world.org, world.app)
            .await
            .expect("a status");
        assert_eq!((status.rate.now, status.rate.why), (paced.then_some(rate), None));
        if paced {
            assert!(world.took() >= Duration::from_millis(2_500), "{:?}", world.took());
        }
        world.stop().await;
    }
    // It asks to be sent less; what it got until then is not much.
    for (least, now) in [(1, None), (500, Some(500))] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                rate_least: Some(least),
                ..SettingsChange::default()
            })
            .await;
        world.hire_many(20).await;
        let throttled = Fault::throttled(3600);
        world.target.inject(Rule::on("POST", "/Users").then(throttled));
        world.start();
        world.sync(Sync::Continue).await;
        let rate = async || {
            let status = world.provisioning.status(world.org, world.app).await;
            status.expect("a status").rate
        };
        world.until("slower", async || rate().await.why.is_some()).await;
        let seen = rate().await;
        assert_eq!(seen.why.as_deref(), Some("throttled"));
        match now {
            Some(least) => assert_eq!(seen.now, Some(least)),
            None => assert!(seen.now < Some(100), "{seen:?}"),
        }
        let (value, _) = world.way("rate").await.expect("a way");
        assert!(value.ends_with(" throttled"), "{value}");
        world.stop().await;
    }
}

/// Three requests, and then no more for two seconds: nobody is refused.
pub async fn a_quota_is_kept_to(on: On) {
    let list = json!({"totalResults": 0, "Resources": []});
    let exchanges: Vec<Recorded> = serde_json::from_value(json!([
        {"method": "GET", "path": "?/Users?", "times": 1, "status": 200, "body": list,
            "headers": [["ratelimit", "\"default\";r=1;t=2"]]},
        {"method": "GET", "path": "?/Users?", "status": 200, "body": list},
        {"method": "POST", "path": "/Users", "status": 201, "body": {"id": "{{/userName}}"}},
    ]))
    .expect("exchanges");
    let mut world = World::new(on).await;
    let target = RecordedTarget::start(exchanges).await.expect("a target");
    let change = provisioning::AppChange {
        settings: SettingsChange {
            base_url: Some(target.url("/scim")),
            concurrency: Some(1),
            ..SettingsChange::default()
        },
        token: Some(base::Secret::new("a-token")),
        ..provisioning::AppChange::default()
    };
    let changed = world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause);
    changed.await.expect("changed");
    world.hire_many(3).await;
    let begun = tokio::time::Instant::now();
    assert_eq!(world.initial().await.created, 3);
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "one more, and then none for two seconds"
    );
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(status.failing_total, 0);
    let asked = target.asked();
    let created = asked.iter().filter(|one| one.method == "POST");
    assert_eq!(created.count(), 3, "nobody twice: {asked:#?}");
    world.stop().await;
}

pub async fn a_target_that_hangs_delays_nobody_else(on: On) {
    let hangs = |fault| Rule::always(fault);
    for fault in [
        Fault::LateCommit {
            millis: 600_000,
            close: LateClose::Never,
        },
        Fault::throttled(3600),
    ] {
        let mut world = World::new(on).await;
        let other = FakeTarget::start(Options::default()).await.expect("a target");
        let new = NewApp {
            name: Some("Other".to_owned()),
            base_url: Some(other.base_url()),
            token: Some(base::Secret::new(other.token())),
            change: SettingsChange {
                scope: Some(AppScope::All),
                ..SettingsChange::default()
            },
            ..NewApp::new(Template::Scim)
        };
        let added = world.provisioning.add_app(world.org, new, &world.cause).await;
        let other_app = added.expect("an app").id;
        // An answer would be waited for longer than the whole test takes.
        world
            .set(SettingsChange {
                request_timeout_seconds: Some(600),
                ..SettingsChange::default()
            })
            .await;
        world.target.inject(hangs(fault));
        world.hire_many(50).await;
        world.start();
        world.sync(Sync::Continue).await;
        world
            .until("asked", async || world.target.counts().requests > 0)
            .await;
        let synced = world
            .provisioning
            .sync(world.org, other_app, Sync::Continue, &world.cause)
            .await;
        synced.expect("a cycle");
        world
            .until("arrived", async || other.accounts().len() == 50)
            .await;
        world.hire("late").await;
        world
            .until("arrived late", async || other.accounts().len() == 51)
            .await;
        assert!(world.target.accounts().is_empty());
        world.target.go_down().await;
        world.stop().await;
    }
}
