//! A target at which nothing works is tried ever more rarely, people are told once, and it heals by itself.

use std::time::Duration;

use base::{Ambient, Clock as _, ManualClock, SystemEntropy};
use provisioning::{AppChange, Provisioning, SettingsChange, Status, Sync};
use store::apps::State;
use testkit::target::{Fault, Rule};

use super::world::{On, World};

/// A process whose time only moves when it is told to, and that only works when it is told to.
struct Stepwise<'a> {
    world: &'a World,
    clock: ManualClock,
    provisioning: Provisioning,
}

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl<'a> Stepwise<'a> {
    async fn new(world: &'a World) -> Self {
        let clock = ManualClock::at(world.store.ambient().now() + HOUR);
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let provisioning = world.elsewhere_at(ambient).await;
        Self {
            world,
            clock,
            provisioning,
        }
    }

    async fn sync(&self) -> Status {
        let World { org, app, cause, .. } = self.world;
        let synced = self.provisioning.sync(*org, *app, Sync::Continue, cause).await;
        synced.expect("a cycle");
        self.after(Duration::ZERO).await
    }

    /// How it stands after that time and a look at what is due by then.
    async fn after(&self, time: Duration) -> Status {
        let World { org, app, .. } = self.world;
        self.clock.advance(time);
        self.provisioning.work_once(*org, *app).await.expect("worked");
        self.provisioning.status(*org, *app).await.expect("a status")
    }

    fn requests(&self) -> u64 {
        self.world.target.counts().requests
    }

    async fn told(&self) -> Vec<String> {
        let mut types = self.world.event_types().await;
        types.retain(|kind| kind.starts_with("idm_quarantine"));
        types.sort();
        types
    }
}

fn code(status: &Status) -> Option<&str> {
    status
        .quarantine
        .as_ref()
        .map(|quarantine| quarantine.reason.code.as_str())
}

fn wait(status: &Status, stepwise: &Stepwise<'_>) -> Duration {
    let now = stepwise.clock.now();
    status
        .hold
        .as_ref()
        .map_or(Duration::ZERO, |hold| hold.until.since(now))
}

pub async fn refused_credentials_are_tried_ever_more_rarely_until_they_are_taken(on: On) {
    let world = World::new(on).await;
    world.hire_many(20).await;
    let good = world.target.token();
    world
        .target
        .adjust(|options| "another".clone_into(&mut options.token));
    let stepwise = Stepwise::new(&world).await;
    let status = stepwise.sync().await;
    assert_eq!(code(&status), Some("quarantine.credentials"), "at once");
    let mut status = status;
    let mut waits = Vec::new();
    for _ in 0..30 {
        waits.push(wait(&status, &stepwise));
        status = stepwise.after(wait(&status, &stepwise)).await;
    }
    assert!(waits.is_sorted() && waits[29] > 6 * HOUR, "{waits:?}");
    let before = stepwise.requests();
    stepwise.after(6 * HOUR).await;
    assert_eq!(stepwise.requests(), before, "it is not due yet");
    assert_eq!(stepwise.told().await, ["idm_quarantine_enter"], "once");

    world.target.adjust(|options| options.token.clone_from(&good));
    let status = stepwise.after(DAY).await;
    assert!(code(&status).is_none() && status.hold.is_none(), "{status:#?}");
    assert_eq!(world.target.accounts().len(), 20);
    assert_eq!(
        stepwise.told().await,
        ["idm_quarantine_enter", "idm_quarantine_leave"]
    );
}

pub async fn another_reason_is_told_and_the_time_runs_on(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    let (base_url, good) = (world.target.base_url(), world.target.token());
    let at = async |base_url: &str| {
        let change = AppChange {
            settings: SettingsChange {
                base_url: Some(base_url.to_owned()),
                ..SettingsChange::default()
            },
            token: Some(base::Secret::new(&*good)),
            ..AppChange::default()
        };
        let changed = world
            .provisioning
            .update_app(world.org, world.app, change, &world.cause)
            .await;
        changed.expect("changed");
    };
    // Nobody listens there.
    at("http://127.0.0.1:9/scim").await;
    let stepwise = Stepwise::new(&world).await;
    let mut status = stepwise.sync().await;
    let mut tries = 1;
    while code(&status).is_none() {
        status = stepwise.after(10 * MINUTE).await;
        tries += 1;
        assert!(tries < 20, "{status:#?}");
    }
    assert_eq!((code(&status), tries), (Some("quarantine.unreachable"), 10));
    let since = status.quarantine.expect("in quarantine").since;

    world
        .target
        .adjust(|options| "another".clone_into(&mut options.token));
    at(&base_url).await;
    let status = stepwise.after(10 * MINUTE).await;
    assert_eq!(code(&status), Some("quarantine.credentials"));
    assert_eq!(status.quarantine.expect("in quarantine").since, since);
    assert_eq!(
        stepwise.told().await,
        ["idm_quarantine_enter", "idm_quarantine_enter"]
    );
}

pub async fn each_setting_of_the_quarantine_counts(on: On) {
    let settings = |failures, percent| SettingsChange {
        quarantine_failures: Some(failures),
        quarantine_percent: Some(percent),
        ..SettingsChange::default()
    };
    for (change, expected) in [
        (settings(6, 59), true),
        (settings(7, 59), false),
        (settings(6, 60), false),
        (settings(0, 59), false),
    ] {
        let world = World::new(on).await;
        world.hire_many(10).await;
        for number in 0..6 {
            world.target.inject(
                Rule::on("POST", "/Users")
                    .containing(&format!("p0000{number}@"))
                    .then(Fault::status(422)),
            );
        }
        world.set(change.clone()).await;
        let stepwise = Stepwise::new(&world).await;
        let status = stepwise.sync().await;
        assert_eq!((status.linked, status.failing_total), (4, 6));
        assert_eq!(
            code(&status),
            expected.then_some("quarantine.failures"),
            "{change:?}"
        );
        assert_eq!(status.hold.is_some(), expected);
    }
}

/// Share and count, also in small apps: nobody is waited for because one or two people cannot be written.
pub async fn small_apps_come_into_quarantine_too_but_not_for_a_few(on: On) {
    for (people, expected) in [(9, false), (10, true)] {
        let world = World::new(on).await;
        world.hire_many(people).await;
        world
            .target
            .inject(Rule::on("POST", "/Users").then(Fault::status(422)));
        let status = Stepwise::new(&world).await.sync().await;
        assert_eq!(status.failing_total, people as u64);
        assert_eq!(
            code(&status),
            expected.then_some("quarantine.failures"),
            "{people}"
        );
    }
}

pub async fn too_many_failures_are_tried_together_and_rarely(on: On) {
    let world = World::new(on).await;
    world.hire_many(10).await;
    world
        .target
        .inject(Rule::on("POST", "/Users").then(Fault::status(422)));
    world
        .set(SettingsChange {
            quarantine_failures: Some(5),
            ..SettingsChange::default()
        })
        .await;
    let stepwise = Stepwise::new(&world).await;
    let status = stepwise.sync().await;
    assert_eq!(code(&status), Some("quarantine.failures"));
    let before = stepwise.requests();
    stepwise.after(9 * MINUTE).await;
    assert_eq!(stepwise.requests(), before);
    let status = stepwise.after(2 * HOUR).await;
    assert_eq!(stepwise.requests(), before + 20, "all ten, looked up and tried");
    assert!(wait(&status, &stepwise) > 30 * MINUTE, "{status:#?}");

    world.target.heal();
    let status = stepwise.after(HOUR).await;
    assert_eq!((code(&status), status.failing_total), (None, 0));
    assert_eq!(world.target.accounts().len(), 10);
    assert_eq!(
        stepwise.told().await,
        ["idm_quarantine_enter", "idm_quarantine_leave"]
    );
}

pub async fn after_four_weeks_nothing_is_tried_until_it_is_resumed(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    let good = world.target.token();
    world
        .target
        .adjust(|options| "another".clone_into(&mut options.token));
    let stepwise = Stepwise::new(&world).await;
    stepwise.sync().await;
    let status = stepwise.after(27 * DAY).await;
    assert_eq!(status.app.state, State::Active);
    let before = stepwise.requests();
    let status = stepwise.after(2 * DAY).await;
    assert_eq!(status.app.state, State::Disabled);
    stepwise.after(2 * DAY).await;
    assert_eq!(stepwise.requests(), before);
    assert_eq!(
        stepwise.told().await,
        ["idm_quarantine_disable", "idm_quarantine_enter"]
    );

    world.target.adjust(|options| options.token.clone_from(&good));
    let (provisioning, cause) = (&stepwise.provisioning, &world.cause);
    let resumed = provisioning.resume(world.org, world.app, cause).await;
    assert_eq!(resumed.expect("resumed").state, State::Active);
    let status = stepwise.after(Duration::ZERO).await;
    assert_eq!((code(&status), status.linked), (None, 1));
}

pub async fn a_test_that_succeeds_ends_the_wait(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    let good = world.target.token();
    world
        .target
        .adjust(|options| "another".clone_into(&mut options.token));
    let stepwise = Stepwise::new(&world).await;
    stepwise.sync().await;
    for expected in [false, true] {
        if expected {
            world.target.adjust(|options| options.token.clone_from(&good));
        }
        let verdict = stepwise.provisioning.test_connection(world.org, world.app).await;
        assert_eq!(verdict.expect("a verdict").ok, expected);
        let status = stepwise.after(Duration::ZERO).await;
        assert_eq!(
            (code(&status).is_none(), status.linked == 1),
            (expected, expected)
        );
    }
}
