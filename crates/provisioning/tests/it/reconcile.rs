//! What the target changes by itself is found, told, and brought back if that is wanted.

use std::time::Duration;

use base::{Ambient, ManualClock, SystemEntropy};
use provisioning::{
    AppScope, Approval, CycleKind, Drift, DriftItem, DriftKind, JobState, Reconcile, ReconciliationView,
    SettingsChange, WayOrigin, WaySwitch, WaysChange,
};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Paging, Rule};

use super::world::{On, World, person, user_name};

impl World {
    /// People whose accounts were written long ago.
    async fn settled(&mut self, names: &[&str]) {
        for name in names {
            self.hire(name).await;
        }
        self.initial().await;
        self.at_once().await;
    }

    /// What was written just now counts as settled.
    pub async fn at_once(&self) {
        self.set(SettingsChange {
            in_doubt_seconds: Some(0),
            ..SettingsChange::default()
        })
        .await;
        self.in_step().await;
    }

    pub async fn reconcile(&self, how: Reconcile) -> ReconciliationView {
        let begun = self
            .provisioning
            .reconcile(self.org, self.app, how, &self.cause)
            .await
            .expect("begun");
        let read = async || {
            let view = self
                .provisioning
                .reconciliation(self.org, self.app, begun.id)
                .await;
            view.expect("a reconciliation")
        };
        self.until("reconciled", async || read().await.state != JobState::Running)
            .await;
        read().await
    }

    pub async fn drift(&self) -> Vec<DriftItem> {
        self.provisioning
            .drift_items(self.org, self.app, None, None, 1_000)
            .await
            .expect("drift")
    }

    /// `name kind`, sorted.
    pub async fn drifted(&self) -> Vec<String> {
        let mut found: Vec<_> = self
            .drift()
            .await
            .iter()
            .map(|item| format!("{} {}", item.name, item.kind.as_str()))
            .collect();
        found.sort();
        found
    }

    pub fn remote_id(&self, name: &str) -> String {
        self.account(name)["id"].as_str().expect("an account").to_owned()
    }

    fn bend(&self, name: &str, changes: &Value) {
        assert!(self.target.bend(&self.remote_id(name), changes));
    }
}

fn line(name: &str, kind: &str) -> String {
    format!("{} {kind}", user_name(name))
}

/// Anna has another title, Carla is disabled, Dora is gone, and there is somebody whom nobody knows.
fn meddle(world: &World) {
    world.bend("anna", &json!({"title": "Boss", "locale": "de"}));
    world.bend("carla", &json!({"active": false}));
    world.target.uproot(&world.remote_id("dora"));
    let stranger = json!({"userName": user_name("stranger"), "active": true});
    world.target.plant(&stranger).expect("planted");
}

pub async fn what_the_target_changed_is_reported(on: On) {
    let mut world = World::new(on).await;
    world.settled(&["anna", "berta", "carla", "dora"]).await;
    meddle(&world);
    let writes = world.target.counts().writes;
    let view = world.reconcile(Reconcile::Report).await;
    assert_eq!((view.state, view.news, view.corrected), (JobState::Done, 3, 0));
    assert_eq!(
        world.drifted().await,
        [
            line("anna", "changed"),
            line("carla", "disabled"),
            line("dora", "vanished"),
            line("stranger", "unlinked"),
        ]
    );
    let found = world.drift().await;
    let anna = found
        .iter()
        .find(|item| item.kind == DriftKind::Changed)
        .expect("anna");
    assert_eq!(
        anna.changes.len(),
        1,
        "what belongs to the target is left alone: {anna:?}"
    );
    assert_eq!(
        (&anna.changes[0].old, &anna.changes[0].new),
        (&Some(json!("Chemist")), &Some(json!("Boss")))
    );
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert_eq!(
        (status.drift.counts.drifted(), status.drift.counts.unlinked),
        (3, 1)
    );

    // Once more: nothing is news.
    let view = world.reconcile(Reconcile::AsSet).await;
    assert_eq!(view.news, 0);
    assert_eq!(world.drift().await, found);
    let mut told: Vec<_> = world
        .log()
        .await
        .into_iter()
        .filter(|entry| entry.action == "drift")
        .collect();
    told.sort_by(|one, other| one.subject.name.cmp(&other.subject.name));
    let codes: Vec<_> = told.iter().map(|entry| entry.message.code.as_str()).collect();
    assert_eq!(codes, ["drift.changed", "drift.disabled", "drift.vanished"]);
    let events = world.event_types().await;
    assert_eq!(
        events.iter().filter(|kind| *kind == "idm_drift_found").count(),
        1,
        "{events:?}"
    );
    assert_eq!(world.target.counts().writes, writes, "a report changes nothing");

    // What is as it should be again is not drift any more.
    world.bend("anna", &json!({"title": "Chemist"}));
    world.reconcile(Reconcile::Report).await;
    assert!(!world.drifted().await.contains(&line("anna", "changed")));
    world.stop().await;
}

pub async fn what_the_target_changed_is_brought_back(on: On) {
    let mut world = World::new(on).await;
    world.settled(&["anna", "berta", "carla", "dora", "emil"]).await;
    meddle(&world);
    world.target.reset_counts();
    let view = world.reconcile(Reconcile::Correct).await;
    assert_eq!(view.corrected, 3);
    world.in_step().await;
    world
        .until("brought back", async || {
            world.drifted().await == [line("stranger", "unlinked")]
        })
        .await;
    assert_eq!(world.account("anna")["title"], json!("Chemist"));
    assert_eq!(world.account("anna")["locale"], json!("de"), "it is the target's");
    assert_eq!(world.account("carla")["active"], json!(true));
    assert_eq!(world.account("dora")["active"], json!(true), "made anew");
    let counts = world.target.counts();
    assert_eq!((counts.creates, counts.updates, counts.deletes), (1, 2, 0));
    // One document, one page; each of the two is read twice, the one that is gone asked for and looked for twice, and once more
    // before it is made.
    assert!(counts.reads <= 2 + 4 + 5, "{counts:?}");
    let corrected: Vec<_> = world
        .log()
        .await
        .into_iter()
        .filter(|entry| entry.message.code == "drift.corrected")
        .map(|entry| entry.action)
        .collect();
    assert_eq!(corrected.len(), 3, "{corrected:?}");
    let cycles = world
        .provisioning
        .cycles(world.org, world.app, 1)
        .await
        .expect("cycles");
    assert_eq!(cycles[0].kind, CycleKind::Reconcile);
    assert_eq!(
        cycles[0].counts.updated + cycles[0].counts.enabled + cycles[0].counts.created,
        3
    );
    let again = world.reconcile(Reconcile::Correct).await;
    assert_eq!((again.news, again.corrected), (0, 0));
    world.stop().await;
}

pub async fn lists_are_read_however_the_target_pages(on: On) {
    let mut world = World::new(on).await;
    world.hire_many(35).await;
    world.initial().await;
    world.at_once().await;
    let ways = [
        (Paging::Right, false),
        (Paging::Repeats, false),
        (Paging::Skips, false),
        (Paging::CountsThePage, false),
        (Paging::DoesNotCount, false),
        (Paging::Right, true),
    ];
    for (paging, cursors) in ways {
        world.target.adjust(|options| {
            (options.paging, options.cursors, options.page_size) = (paging, cursors, 10);
        });
        let view = world.reconcile(Reconcile::Report).await;
        assert_eq!(
            (view.state, view.news),
            (JobState::Done, 0),
            "{paging:?} {cursors}"
        );
        assert_eq!(
            world.drifted().await,
            Vec::<String>::new(),
            "{paging:?} {cursors}"
        );
        if !matches!(paging, Paging::CountsThePage | Paging::DoesNotCount) {
            assert!(view.listed >= 30, "{paging:?} {cursors}: {view:?}");
        }
    }
    let asked = world
        .target
        .journal()
        .iter()
        .filter(|one| {
            one.query
                .as_deref()
                .is_some_and(|query| query.starts_with("cursor"))
        })
        .count();
    assert_eq!(asked, 4, "four pages by cursor");
    world.stop().await;
}

pub async fn not_found_is_not_gone(on: On) {
    let mut world = World::new(on).await;
    world.settled(&["anna", "berta"]).await;
    world.bend("anna", &json!({"title": "Boss"}));
    // Whoever is asked for by id is not there, and the list leaves one out.
    world
        .target
        .inject(Rule::on("GET", "/Users/").then(Fault::status(404)));
    world.target.adjust(|options| {
        (options.paging, options.page_size) = (Paging::Skips, 1);
    });
    let view = world.reconcile(Reconcile::Correct).await;
    assert_eq!((view.state, view.news, view.corrected), (JobState::Done, 0, 0));
    assert_eq!(world.target.accounts().len(), 2);
    world.stop().await;
}

pub async fn a_target_that_asks_to_wait_is_left_alone(on: On) {
    let mut world = World::new(on).await;
    world.settled(&["anna"]).await;
    world.bend("anna", &json!({"title": "Boss"}));
    world
        .target
        .inject(Rule::on("GET", "startIndex").times(1).then(Fault::throttled(2)));
    world
        .target
        .inject(Rule::on("GET", "startIndex").times(2).then(Fault::status(503)));
    let before = world.target.journal().len();
    let view = world.reconcile(Reconcile::Report).await;
    assert_eq!((view.state, view.news), (JobState::Done, 1));
    let lists: Vec<_> = world.target.journal()[before..]
        .iter()
        .filter(|one| {
            one.query
                .as_deref()
                .is_some_and(|query| query.starts_with("startIndex"))
        })
        .map(|one| one.at_millis)
        .collect();
    assert!(lists.len() >= 3, "{lists:?}");
    assert!(lists[1] - lists[0] >= 1_900, "Retry-After: {lists:?}");
    world.stop().await;
}

pub async fn bringing_back_asks_as_all_else_does(on: On) {
    let mut world = World::new(on).await;
    let ids = world.hire_many(30).await;
    world
        .set(SettingsChange {
            approval: Some(Approval::Never),
            ..SettingsChange::default()
        })
        .await;
    world.initial().await;
    for (number, id) in ids.iter().enumerate() {
        world.deactivate(*id, &person(&format!("p{number:05}"))).await;
    }
    world.in_step().await;
    world
        .set(SettingsChange {
            approval: Some(Approval::OverThreshold),
            threshold_count: Some(20),
            in_doubt_seconds: Some(0),
            ..SettingsChange::default()
        })
        .await;
    world.in_step().await;
    for account in world.target.accounts() {
        let id = account["id"].as_str().expect("an id");
        assert!(world.target.bend(id, &json!({"active": true})));
    }
    let writes = world.target.counts().writes;
    let view = world.reconcile(Reconcile::Correct).await;
    assert_eq!(view.corrected, 30);
    let status = async || {
        world
            .provisioning
            .status(world.org, world.app)
            .await
            .expect("a status")
    };
    world
        .until("asked", async || {
            status().await.plan.is_some_and(|plan| plan.destructive == 30)
        })
        .await;
    assert_eq!(world.target.counts().writes, writes, "nothing at all is sent");
    assert_eq!(status().await.drift.counts.enabled, 30);
    world.stop().await;
}

/// What was written a moment before is not compared, and that is said.
pub async fn what_is_recent_is_passed_over_and_counted(on: On) {
    let mut world = World::new(on).await;
    world.hire("anna").await;
    world.initial().await;
    world
        .set(SettingsChange {
            in_doubt_seconds: Some(600),
            ..SettingsChange::default()
        })
        .await;
    world.in_step().await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    assert!(world.target.bend(&id, &json!({"title": "Boss"})));
    let passed_over = world.reconcile(Reconcile::Report).await;
    assert_eq!((passed_over.recent, passed_over.news), (1, 0));
    world.at_once().await;
    let compared = world.reconcile(Reconcile::Report).await;
    assert_eq!((compared.recent, compared.news), (0, 1));
    world.stop().await;
}

/// By cursor or by index: as it is set, else as the target announces it.
pub async fn each_setting_of_lists_counts(on: On) {
    for (announced, set, by_cursor) in [
        (true, WaySwitch::Auto, true),
        (true, WaySwitch::Off, false),
        (false, WaySwitch::Auto, false),
        (false, WaySwitch::On, true),
    ] {
        let options = Options {
            cursors: announced,
            ..Options::default()
        };
        let mut world = World::with(on, options, AppScope::All).await;
        world
            .set_ways(WaysChange {
                cursor: Some(set),
                ..WaysChange::default()
            })
            .await;
        world.settled(&["anna"]).await;
        let before = world.target.journal().len();
        world.reconcile(Reconcile::Report).await;
        let asked = world.target.journal().split_off(before);
        let queries: Vec<_> = asked.iter().filter_map(|one| one.query.as_deref()).collect();
        let cursors = queries.iter().filter(|query| query.contains("cursor")).count();
        assert_eq!(cursors > 0, by_cursor, "{announced} {set:?}: {queries:?}");
        world.stop().await;
    }
}

pub async fn pages_are_as_large_as_is_set(on: On) {
    for (size, expected) in [(0, "count=100"), (2, "count=2")] {
        let mut world = World::new(on).await;
        world
            .set_ways(WaysChange {
                page_size: Some(size),
                ..WaysChange::default()
            })
            .await;
        world.settled(&["anna", "bo", "carl"]).await;
        let before = world.target.journal().len();
        world.reconcile(Reconcile::Report).await;
        let asked = world.target.journal().split_off(before);
        let queries = asked.iter().filter_map(|one| one.query.as_deref());
        let pages: Vec<_> = queries.filter(|query| query.contains("startIndex")).collect();
        assert_eq!(pages.len(), if size == 0 { 1 } else { 2 }, "{pages:?}");
        assert!(pages.iter().all(|query| query.ends_with(expected)), "{pages:?}");
        let way = world.way("page_size").await;
        let set = Some((size.to_string(), WayOrigin::Set));
        assert_eq!(way == set, size > 0, "{way:?}");
        world.stop().await;
    }
}

/// Each setting alone: whether somebody looks, what is done about it, and how often.
pub async fn each_setting_of_the_drift_counts(on: On) {
    let mut world = World::new(on).await;
    world.settled(&["anna"]).await;
    world.stop().await;
    let clock = ManualClock::at(world.store.ambient().now() + Duration::from_hours(1));
    let later = world
        .elsewhere_at(Ambient::new(clock.clone(), SystemEntropy))
        .await;
    let work = async || {
        for _ in 0..3 {
            later.work_once(world.org, world.app).await.expect("worked");
        }
        let title = world.account("anna")["title"].clone();
        (title, world.drifted().await.len())
    };
    world.bend("anna", &json!({"title": "Boss"}));
    assert_eq!(work().await, (json!("Boss"), 0), "off");
    let mode = async |drift| {
        world
            .set(SettingsChange {
                drift: Some(drift),
                ..SettingsChange::default()
            })
            .await;
    };
    mode(Drift::Report).await;
    assert_eq!(work().await, (json!("Boss"), 1), "report");
    mode(Drift::Correct).await;
    clock.advance(Duration::from_hours(23));
    assert_eq!(work().await, (json!("Boss"), 1), "it is not time yet");
    clock.advance(Duration::from_hours(1));
    assert_eq!(work().await, (json!("Chemist"), 0), "correct");
    world.bend("anna", &json!({"title": "Boss"}));
    world
        .set(SettingsChange {
            drift_hours: Some(2),
            ..SettingsChange::default()
        })
        .await;
    clock.advance(Duration::from_hours(1));
    assert_eq!(work().await, (json!("Boss"), 0), "it is not time yet");
    clock.advance(Duration::from_hours(1));
    assert_eq!(work().await, (json!("Chemist"), 0), "every two hours");
    mode(Drift::Off).await;
    world.bend("anna", &json!({"title": "Boss"}));
    clock.advance(Duration::from_hours(100));
    assert_eq!(work().await, (json!("Boss"), 0), "off again");
}
