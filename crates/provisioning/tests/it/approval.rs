//! When a person is asked before anything is sent: always, or when too many accounts would go.

use std::time::Duration;

use base::{Ambient, GroupId, ManualClock, PlanId, SystemEntropy, UserId};
use mapping::{AttributeMapping, Source};
use provisioning::{
    AppChange, AppScope, Approval, Error, KeptPlan, Origin, PlanState, Provisioning, SettingsChange, Subject,
    Sync,
};
use serde_json::json;
use testkit::target::Options;

use super::plans::sorted;
use super::world::{GroupChange, On, World, person, user_name};

impl World {
    pub async fn set(&self, settings: SettingsChange) {
        let change = AppChange {
            settings,
            ..AppChange::default()
        };
        let provisioning = &self.provisioning;
        provisioning
            .update_app(self.org, self.app, change, &self.cause)
            .await
            .expect("set");
    }

    /// The plan that awaits approval, once there is one.
    pub async fn awaiting(&self) -> KeptPlan {
        let read = async || {
            let status = self.provisioning.status(self.org, self.app).await;
            let status = status.expect("a status");
            let idle = status.waiting == status.failing.len() as u64;
            status
                .plan
                .filter(|plan| idle && plan.state == PlanState::AwaitingApproval)
        };
        self.until("awaiting approval", async || read().await.is_some())
            .await;
        read().await.expect("a plan")
    }

    /// People in a group that is assigned, with an account each.
    pub async fn staff(&self, number: usize) -> (Vec<UserId>, GroupId) {
        let ids = self.hire_many(number).await;
        let staff = self.group("Staff", &ids).await;
        self.assign(Subject::Group(staff)).await;
        (ids, staff)
    }
}

pub fn approval(approval: Approval) -> SettingsChange {
    SettingsChange {
        approval: Some(approval),
        ..SettingsChange::default()
    }
}

pub async fn nothing_is_sent_without_approval(on: On) {
    let mut world = World::new(on).await;
    world.set(approval(Approval::Always)).await;
    let anna = world.hire("anna").await;
    world.hire("berta").await;
    world.start();
    let cycle = world.sync(Sync::Continue).await;
    let plan = world.awaiting().await;
    assert_eq!((plan.origin, plan.counts.create), (Origin::Approval, 2));
    assert_eq!(world.finished(&cycle).await.counts.planned, 2);
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert!(!status.in_step);
    assert_eq!(world.target.counts().writes, 0);

    // Changes gather in the same plan.
    let mut titled = person("anna");
    titled["title"] = json!("Head");
    world.change(anna, &titled).await;
    world.hire("carla").await;
    world
        .until("gathered", async || world.plan(plan.id).await.counts.create == 3)
        .await;
    let plan = world.awaiting().await;
    assert!(matches!(
        world
            .try_approve(&KeptPlan {
                revision: plan.revision - 1,
                ..plan.clone()
            })
            .await,
        Err(Error::PlanChanged { .. })
    ));
    let items = world.items(plan.id).await;
    let head = items
        .iter()
        .find(|item| item.subject.id == anna.into())
        .expect("anna");
    assert!(
        head.changes
            .iter()
            .any(|change| change.new == Some(json!("Head")))
    );
    world.approve(&plan).await;
    let over = world.over(plan.id).await;
    assert_eq!((over.state, over.items.applied), (PlanState::Applied, 3));
    let shown = items.into_iter().filter_map(|item| item.request).collect();
    assert_eq!(sorted(world.writes()), sorted(shown));
    world.in_step().await;

    // What is taken back before anybody has decided is taken out of the plan, and the plan with it.
    world.target.reset_counts();
    titled["title"] = json!("Queen");
    world.change(anna, &titled).await;
    let second = world.awaiting().await;
    titled["title"] = json!("Head");
    world.change(anna, &titled).await;
    assert_eq!(world.over(second.id).await.state, PlanState::Stale);
    world.in_step().await;

    // What is discarded is left alone until it changes.
    world.dismiss(anna).await;
    let third = world.awaiting().await;
    assert_eq!((third.counts.delete, third.destructive), (1, 1));
    let provisioning = &world.provisioning;
    provisioning
        .discard_plan(world.org, world.app, third.id, &world.cause)
        .await
        .expect("discarded");
    world.in_step().await;
    world.restart_until_awaiting(third.id).await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

impl World {
    /// Begins an initial cycle, which gathers in another plan than this one.
    async fn restart_until_awaiting(&self, before: PlanId) -> KeptPlan {
        self.sync(Sync::Restart).await;
        let plan = self.awaiting().await;
        assert_ne!(plan.id, before);
        plan
    }
}

/// A group of people, of whom so many leave at once while somebody is hired.
async fn so_many_leave(world: &mut World, number: usize) -> UserId {
    let (ids, staff) = world.staff(100).await;
    world.initial().await;
    world.stop().await;
    world.target.reset_counts();
    for id in &ids[..number] {
        world.group_change(GroupChange::Remove(staff, (*id).into())).await;
    }
    let new = world.hire("new").await;
    world.group_change(GroupChange::Add(staff, new.into())).await;
    new
}

pub async fn over_the_threshold_nothing_at_all_is_sent(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    so_many_leave(&mut world, 21).await;
    world.start();
    let plan = world.awaiting().await;
    assert_eq!(
        (
            plan.origin,
            plan.counts.disable,
            plan.counts.create,
            plan.destructive
        ),
        (Origin::Threshold, 21, 1, 21)
    );
    assert_eq!(plan.reason.params["limit"], "20");
    // Neither time, nor asking for it, nor a restart sends anything.
    world.sync(Sync::Continue).await;
    world.stop().await;
    world.start();
    world.sync(Sync::Restart).await;
    let plan = world.awaiting().await;
    assert_eq!((plan.counts.disable, plan.counts.create), (21, 1));
    assert_eq!(world.target.counts().writes, 0);
    world.approve(&plan).await;
    let over = world.over(plan.id).await;
    assert_eq!((over.state, over.items.applied), (PlanState::Applied, 22));
    world.in_step().await;
    assert_eq!(world.target.counts().writes, 22);

    // What was approved counts no longer.
    world.dismiss_some(20).await;
    world.in_step().await;
    assert_eq!(world.target.counts().deletes, 20);
    let types = world.event_types().await;
    for expected in ["idm_plan_threshold", "idm_plan_create", "idm_plan_approve"] {
        assert_eq!(
            types.iter().filter(|kind| *kind == expected).count(),
            1,
            "{types:?}"
        );
    }
    world.stop().await;
}

impl World {
    async fn dismiss_some(&self, number: u32) {
        let mut reader = self.store.reader();
        let start = store::Start::FIRST;
        let people = store::users::page(&mut reader, self.org, &store::Lookup::All, start, number);
        for user in people.await.expect("people") {
            self.dismiss(user.id).await;
        }
    }

    pub async fn event_types(&self) -> Vec<String> {
        let mut reader = self.store.reader();
        let filter = store::events::Filter::default();
        let events = store::events::page(&mut reader, self.org, &filter, 1_000).await;
        let events = events.expect("events").into_iter();
        events.map(|event| event.event_type).collect()
    }
}

pub async fn one_after_another_they_count_together(on: On) {
    let mut world = World::new(on).await;
    let ids = world.hire_many(60).await;
    world.initial().await;
    for id in &ids[..20] {
        world.dismiss(*id).await;
        world.in_step().await;
    }
    assert_eq!(world.target.counts().deletes, 20);
    world.dismiss(ids[20]).await;
    let plan = world.awaiting().await;
    assert_eq!((plan.counts.delete, world.target.counts().deletes), (1, 20));
    // What comes now joins it.
    let mut titled = person("p00030");
    titled["title"] = json!("Head");
    world.change(ids[30], &titled).await;
    world.dismiss(ids[21]).await;
    world
        .until("gathered", async || {
            let counts = world.plan(plan.id).await.counts;
            (counts.delete, counts.update) == (2, 1)
        })
        .await;
    world.approve(&world.awaiting().await).await;
    world.in_step().await;
    assert_eq!(world.account("p00030")["title"], json!("Head"));
    world.dismiss(ids[22]).await;
    world.in_step().await;
    assert_eq!(world.target.counts().deletes, 23);
    world.stop().await;
}

pub async fn what_is_discarded_stays_and_the_rest_goes_on(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    so_many_leave(&mut world, 30).await;
    world.start();
    let plan = world.awaiting().await;
    let provisioning = &world.provisioning;
    provisioning
        .discard_plan(world.org, world.app, plan.id, &world.cause)
        .await
        .expect("discarded");
    world.in_step().await;
    assert_eq!(world.account("new")["active"], json!(true));
    let counts = world.target.counts();
    assert_eq!((counts.writes, counts.creates), (1, 1));
    world.stop().await;
}

/// Each setting by itself gives the same thirty leavers of a hundred another fate.
pub async fn each_setting_of_the_threshold_counts(on: On) {
    let flips = [
        (SettingsChange::default(), true),
        (approval(Approval::Never), false),
        (
            SettingsChange {
                threshold_count: Some(30),
                ..SettingsChange::default()
            },
            false,
        ),
        (
            SettingsChange {
                threshold_percent: Some(30),
                ..SettingsChange::default()
            },
            false,
        ),
    ];
    for (flip, asked) in flips {
        let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
        world.set(flip.clone()).await;
        so_many_leave(&mut world, 30).await;
        world.start();
        if asked {
            world.awaiting().await;
            assert_eq!(world.target.counts().writes, 0, "{flip:?}");
            // What awaits approval is judged by the new settings.
            world.set(approval(Approval::Never)).await;
        }
        world.in_step().await;
        assert_eq!(world.target.counts().writes, 31, "{flip:?}");
        world.stop().await;
    }
}

/// Somebody's provisioning at another time.
async fn later(world: &World, hours: u64) -> Provisioning {
    let now = world.store.ambient().now() + Duration::from_hours(hours);
    let ambient = Ambient::new(ManualClock::at(now), SystemEntropy);
    world.elsewhere_at(ambient).await
}

pub async fn the_window_of_the_threshold_is_a_setting(on: On) {
    for (minutes, asked) in [(60, false), (180, true)] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                threshold_minutes: Some(minutes),
                ..SettingsChange::default()
            })
            .await;
        let ids = world.hire_many(60).await;
        world.initial().await;
        for id in &ids[..15] {
            world.dismiss(*id).await;
        }
        world.in_step().await;
        world.stop().await;
        let later = later(&world, 2).await;
        for id in &ids[15..30] {
            world.dismiss(*id).await;
        }
        later.work_once(world.org, world.app).await.expect("worked");
        let status = later.status(world.org, world.app).await.expect("a status");
        assert_eq!(status.plan.is_some(), asked, "{minutes}");
        assert_eq!(world.target.counts().deletes, if asked { 15 } else { 30 });
    }
}

pub async fn a_plan_that_has_expired_is_planned_anew(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    so_many_leave(&mut world, 30).await;
    world.start();
    let plan = world.awaiting().await;
    world.stop().await;
    let later = later(&world, 7 * 24 + 1).await;
    for _ in 0..3 {
        later.work_once(world.org, world.app).await.expect("worked");
    }
    assert_eq!(world.plan(plan.id).await.state, PlanState::Expired);
    let status = later.status(world.org, world.app).await.expect("a status");
    let again = status.plan.expect("a plan");
    assert_eq!(
        (again.origin, again.counts.disable, again.counts.create),
        (Origin::Threshold, 30, 1)
    );
    assert_ne!(again.id, plan.id);
    assert_eq!(world.target.counts().writes, 0);
}

/// Accounts that turn out to be enabled only when they are read count when that shows.
pub async fn what_shows_at_the_target_counts_too(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let (ids, staff) = world.staff(60).await;
    world.initial().await;
    world.set(approval(Approval::Never)).await;
    world.unassign(Subject::Group(staff)).await;
    world.in_step().await;
    world.set(approval(Approval::OverThreshold)).await;
    world.in_step().await;
    world.target.reset_counts();
    for account in world.target.accounts() {
        assert_eq!(account["active"], json!(false));
        let id = account["id"].as_str().expect("an id");
        world.target.bend(id, &json!({"active": true}));
    }
    world.sync(Sync::Restart).await;
    world.awaiting().await;
    assert!(world.target.counts().writes <= 20, "{:?}", world.target.counts());
    assert_eq!(ids.len(), 60);
    world.stop().await;
}

/// A mapping that lets nobody sign in is found out before the first account goes.
pub async fn a_mapping_that_denies_everybody_is_asked_about(on: On) {
    let mut world = World::new(on).await;
    world.hire_many(30).await;
    world.initial().await;
    world.target.reset_counts();
    let provisioning = &world.provisioning;
    let mut rows: Vec<AttributeMapping> = provisioning
        .mappings(world.org, world.app)
        .await
        .expect("mappings")
        .into_rows();
    let active = rows
        .iter_mut()
        .find(|row| row.target == "active")
        .expect("active");
    active.source = Source::Constant("False".to_owned());
    provisioning
        .set_mappings(
            world.org,
            world.app,
            rows,
            scim::ResourceTypes::built_in(),
            &world.cause,
        )
        .await
        .expect("set");
    let plan = world.awaiting().await;
    assert_eq!((plan.counts.disable, plan.destructive), (30, 30));
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

/// A burst of harmless changes is none of its business, however large.
pub async fn many_harmless_changes_flow(on: On) {
    let mut world = World::new(on).await;
    let ids = world.hire_many(60).await;
    world.initial().await;
    for (number, id) in ids.iter().enumerate() {
        let mut titled = person(&format!("p{number:05}"));
        titled["title"] = json!("Head");
        world.change(*id, &titled).await;
    }
    world.in_step().await;
    assert_eq!(world.account("p00059")["title"], json!("Head"));
    assert_eq!(user_name("p"), "p@example.com");
    world.stop().await;
}
