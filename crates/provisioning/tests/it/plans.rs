//! Plans that are kept: carried out exactly as approved, or refused.

use std::time::Duration;

use base::{Ambient, ManualClock, PlanId, SystemEntropy, UserId};
use provisioning::{
    AppChange, AppScope, Error, ItemStates, KeptItem, KeptPlan, PlanItemFilter, PlanItemState, PlanState,
    PlannedRequest, SettingsChange, Subject, Sync,
};
use serde_json::json;
use testkit::target::{Fault, Options, Rule};

use super::world::{On, World, person, user_name};

impl World {
    pub async fn save(&self) -> KeptPlan {
        let plan = self.provisioning.save_plan(self.org, self.app, &self.cause).await;
        plan.expect("planned").expect("something to do")
    }

    pub async fn plan(&self, id: PlanId) -> KeptPlan {
        let plan = self.provisioning.kept_plan(self.org, self.app, id).await;
        plan.expect("a plan")
    }

    pub async fn items(&self, id: PlanId) -> Vec<KeptItem> {
        let (filter, limit) = (PlanItemFilter::default(), 10_000);
        let items = self
            .provisioning
            .kept_items(self.org, self.app, id, &filter, None, limit);
        items.await.expect("items")
    }

    pub async fn try_approve(&self, plan: &KeptPlan) -> Result<KeptPlan, Error> {
        let provisioning = &self.provisioning;
        provisioning
            .approve_plan(self.org, self.app, plan.id, plan.revision, &self.cause)
            .await
    }

    pub async fn approve(&self, plan: &KeptPlan) {
        self.try_approve(plan).await.expect("approved");
    }

    /// Waits until a plan is over.
    pub async fn over(&self, id: PlanId) -> KeptPlan {
        self.until("over", async || self.plan(id).await.finished.is_some())
            .await;
        self.plan(id).await
    }

    /// The writes that the target has received.
    pub fn writes(&self) -> Vec<PlannedRequest> {
        let journal = self.target.journal().into_iter();
        let writes = journal.filter(testkit::target::Exchange::is_write);
        writes
            .map(|exchange| PlannedRequest {
                method: exchange.method,
                path: below_base(&exchange.path).to_owned(),
                body: exchange.body,
            })
            .collect()
    }
}

/// A path as plans show it.
fn below_base(path: &str) -> &str {
    let at = ["/Users", "/Groups"]
        .iter()
        .find_map(|endpoint| path.find(endpoint));
    &path[at.unwrap_or(0)..]
}

pub fn sorted(mut requests: Vec<PlannedRequest>) -> Vec<String> {
    requests.sort_by_key(|request| serde_json::to_string(request).unwrap_or_default());
    requests.iter().map(|request| format!("{request:?}")).collect()
}

pub async fn a_kept_plan_is_carried_out_exactly(on: On) {
    let mut world = World::new(on).await;
    for name in ["anna", "berta", "carla"] {
        world.hire(name).await;
    }
    let planted =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name("berta")});
    world.target.plant(&planted).expect("an account");
    let plan = world.save().await;
    assert_eq!(
        (plan.state, plan.counts.create, plan.counts.link, plan.items.open),
        (PlanState::AwaitingApproval, 2, 1, 3)
    );
    let items = world.items(plan.id).await;
    let berta = items
        .iter()
        .find(|item| item.subject.name == user_name("berta"))
        .expect("berta");
    assert!(berta.changes.iter().any(|change| change.attribute == "title"));
    world.start();
    assert_eq!(world.target.counts().writes, 0, "a kept plan waits");

    world.approve(&plan).await;
    let over = world.over(plan.id).await;
    assert_eq!(
        (over.state, over.items),
        (
            PlanState::Applied,
            ItemStates {
                applied: 3,
                ..ItemStates::default()
            }
        )
    );
    assert!(over.decided_by.is_some() && over.decided.is_some() && over.cycle.is_some());
    let shown = items.into_iter().filter_map(|item| item.request).collect();
    assert_eq!(sorted(world.writes()), sorted(shown));

    // It has started the app: what comes later goes the ordinary way.
    world.hire("dora").await;
    world.in_step().await;
    assert_eq!(world.account("dora")["active"], json!(true));
    let nothing = world
        .provisioning
        .save_plan(world.org, world.app, &world.cause)
        .await;
    assert!(
        nothing.expect("planned").is_none(),
        "nothing to do is nothing to keep"
    );
    world.stop().await;
}

/// What came of one person, and why.
fn fate(items: &[KeptItem], id: UserId) -> (PlanItemState, Option<String>) {
    let item = items.iter().find(|item| item.subject.id == id.into());
    let item = item.expect("an item");
    (item.state, item.error.as_ref().map(|error| error.code.clone()))
}

pub async fn what_has_changed_since_is_refused(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let mut ids = Vec::new();
    for name in ["changed", "unassigned", "moved", "bent", "done", "steady"] {
        let id = world.hire(name).await;
        world.assign(Subject::User(id)).await;
        ids.push(id);
    }
    let [changed, unassigned, moved, bent, done, steady] = ids[..] else {
        unreachable!()
    };
    world.initial().await;
    world.stop().await;
    let titled = |name: &str, title: &str| {
        let mut resource = person(name);
        resource["title"] = json!(title);
        resource
    };
    for (id, name) in [
        (changed, "changed"),
        (unassigned, "unassigned"),
        (moved, "moved"),
        (bent, "bent"),
        (done, "done"),
        (steady, "steady"),
    ] {
        world.change(id, &titled(name, "Head")).await;
    }
    let plan = world.save().await;
    assert_eq!(plan.counts.update, 6);
    world.target.reset_counts();
    world.change(changed, &titled("changed", "Queen")).await;
    world.unassign(Subject::User(unassigned)).await;
    let account = |name: &str| world.account(name)["id"].as_str().expect("an id").to_owned();
    world.target.uproot(&account("moved"));
    let (bent_account, done_account) = (account("bent"), account("done"));
    assert!(
        world
            .target
            .bend(&bent_account, &json!({"displayName": "Somebody"}))
    );
    assert!(world.target.bend(&done_account, &json!({"title": "Head"})));
    world.approve(&plan).await;
    world.start();
    let over = world.over(plan.id).await;
    assert_eq!(
        (over.state, over.items.applied, over.items.stale),
        (PlanState::Applied, 1, 5)
    );
    let items = world.items(plan.id).await;
    let stale = |code: &str| (PlanItemState::Stale, Some(code.to_owned()));
    assert_eq!(fate(&items, steady), (PlanItemState::Applied, None));
    assert_eq!(fate(&items, changed), stale("plan.stale_person"));
    assert_eq!(fate(&items, unassigned), stale("plan.stale_scope"));
    assert_eq!(fate(&items, moved), stale("plan.stale_link"));
    assert_eq!(fate(&items, bent), stale("plan.stale_account"));
    assert_eq!(fate(&items, done), stale("plan.stale_done"));
    // The ordinary way goes on with them.
    world.in_step().await;
    assert_eq!(world.account("changed")["title"], json!("Queen"));
    assert_eq!(world.account("unassigned")["active"], json!(false));
    assert_eq!(world.account("bent")["displayName"], json!("BENT"));
    world.stop().await;
}

pub async fn other_mappings_make_a_plan_stale(on: On) {
    let mut world = World::new(on).await;
    world.hire("anna").await;
    let plan = world.save().await;
    let mut rows = world
        .provisioning
        .mappings(world.org, world.app)
        .await
        .expect("mappings")
        .into_rows();
    rows.retain(|row| row.target != "title");
    let provisioning = &world.provisioning;
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
    world.approve(&plan).await;
    world.start();
    let over = world.over(plan.id).await;
    assert_eq!(over.state, PlanState::Stale, "nothing of it was carried out");
    let items = world.items(plan.id).await;
    assert_eq!(
        items[0].error.as_ref().map(|error| error.code.as_str()),
        Some("plan.stale_app")
    );
    world.stop().await;
}

pub async fn a_plan_is_decided_on_once_and_in_time(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    let plan = world.save().await;
    let unseen = KeptPlan {
        revision: plan.revision + 1,
        ..plan.clone()
    };
    assert!(matches!(
        world.try_approve(&unseen).await,
        Err(Error::PlanChanged { revision }) if revision == plan.revision
    ));
    let clock = ManualClock::at(plan.created + Duration::from_hours(7 * 24 + 1));
    let later = world.elsewhere_at(Ambient::new(clock, SystemEntropy)).await;
    let shown = later
        .kept_plan(world.org, world.app, plan.id)
        .await
        .expect("a plan");
    assert_eq!(shown.state, PlanState::Expired);
    let late = later
        .approve_plan(world.org, world.app, plan.id, plan.revision, &world.cause)
        .await;
    assert!(matches!(
        late,
        Err(Error::PlanNotOpen {
            state: PlanState::Expired
        })
    ));
    let discard = async || {
        world
            .provisioning
            .discard_plan(world.org, world.app, plan.id, &world.cause)
            .await
    };
    assert_eq!(discard().await.expect("discarded").state, PlanState::Discarded);
    for again in [discard().await, world.try_approve(&plan).await] {
        assert!(matches!(
            again,
            Err(Error::PlanNotOpen {
                state: PlanState::Discarded
            })
        ));
    }
    let second = world.save().await;
    world.approve(&second).await;
    assert!(matches!(
        world.try_approve(&second).await,
        Err(Error::PlanNotOpen { .. })
    ));
    let nowhere: PlanId = world.store.ambient().id();
    let unknown = world.provisioning.kept_plan(world.org, world.app, nowhere).await;
    assert!(matches!(unknown, Err(Error::UnknownPlan)));
    let listed = world
        .provisioning
        .kept_plans(world.org, world.app, None, 10)
        .await;
    let listed: Vec<_> = listed.expect("plans").into_iter().map(|plan| plan.id).collect();
    assert_eq!(listed, [second.id, plan.id], "the newest first");
    let mut reader = world.store.reader();
    let filter = store::events::Filter {
        from: Some(plan.created),
        ..store::events::Filter::default()
    };
    let events = store::events::page(&mut reader, world.org, &filter, 10);
    let types: Vec<_> = events
        .await
        .expect("events")
        .into_iter()
        .map(|event| event.event_type)
        .collect();
    assert_eq!(
        types,
        [
            "idm_plan_approve",
            "idm_plan_create",
            "idm_plan_discard",
            "idm_plan_create"
        ]
    );
}

pub async fn the_life_of_a_plan_is_a_setting(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    let mut lives = Vec::new();
    for days in [7, 2] {
        let change = AppChange {
            settings: SettingsChange {
                plan_days: Some(days),
                ..SettingsChange::default()
            },
            ..AppChange::default()
        };
        let provisioning = &world.provisioning;
        provisioning
            .update_app(world.org, world.app, change, &world.cause)
            .await
            .expect("set");
        let plan = world.save().await;
        lives.push(plan.expires.since(plan.created) > Duration::from_hours(3 * 24));
    }
    assert_eq!(lives, [true, false]);
}

pub async fn another_target_makes_every_plan_stale(on: On) {
    let mut world = World::new(on).await;
    world.hire("anna").await;
    let plan = world.save().await;
    let change = AppChange {
        settings: SettingsChange {
            base_url: Some("http://127.0.0.1:9/scim".to_owned()),
            ..SettingsChange::default()
        },
        token: Some(base::Secret::new("other")),
        ..AppChange::default()
    };
    let provisioning = &world.provisioning;
    provisioning
        .update_app(world.org, world.app, change, &world.cause)
        .await
        .expect("moved");
    assert_eq!(world.plan(plan.id).await.state, PlanState::Stale);
    assert!(matches!(
        world.try_approve(&plan).await,
        Err(Error::PlanNotOpen { .. })
    ));
    world.stop().await;
}

/// What fails is tried again under the same approval.
pub async fn what_fails_keeps_its_approval(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    world.hire("berta").await;
    let plan = world.save().await;
    let rejected = Fault::status(400);
    world
        .target
        .inject(Rule::always(rejected).containing(&user_name("anna")));
    world.approve(&plan).await;
    world.start();
    let over = world.over(plan.id).await;
    assert_eq!(
        (over.state, over.items.applied, over.items.failed),
        (PlanState::Applied, 1, 1)
    );
    let failed = fate(&world.items(plan.id).await, anna);
    assert_eq!(
        failed,
        (PlanItemState::Failed, Some("target.rejected".to_owned()))
    );
    world.target.heal();
    world.sync(Sync::Continue).await;
    world
        .until("applied", async || world.plan(plan.id).await.items.applied == 2)
        .await;
    assert_eq!(world.account("anna")["active"], json!(true));
    world.stop().await;
}
