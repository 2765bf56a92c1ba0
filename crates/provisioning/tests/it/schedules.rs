//! Random schedules of changes, faults and kills, each from its seed: in the end everybody is in step, nobody has two
//! accounts, and then nothing more is sent. A few are run always, `cargo xtask soak` runs a thousand of each; with
//! `INSTEP_SEEDS=100` both run as many, with `INSTEP_SEEDS=7..9` those.
//!
//! Where approval is asked for always, nothing is ever sent that an approved plan did not show. Where too many accounts
//! would go, nothing is sent at all until somebody says so.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use base::{Entropy as _, SeededEntropy, UserId};
use futures_util::StreamExt as _;
use provisioning::{AppScope, Approval, PlanState, PlannedRequest, SettingsChange, Sync};
use serde_json::{Value, json};
use testkit::target::{BulkManners, Chaos, Fault, Options, Or, Rule, StatusForm};

use super::approval::approval;
use super::kills::{doomed, kill};
use super::world::{On, World, person, user_name};

/// Schedules of the long form that run beside each other.
const AT_A_TIME: usize = 6;

pub struct Dice(SeededEntropy);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// A number below `sides`.
    pub fn roll(&self, sides: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) >> 1).unwrap_or_default() % sides
    }
}

/// The directory as it should be.
struct Staff {
    people: BTreeMap<UserId, (Value, bool)>,
    hired: usize,
}

async fn change(world: &World, staff: &mut Staff, dice: &Dice) {
    let chosen = staff
        .people
        .keys()
        .nth(dice.roll(staff.people.len().max(1)))
        .copied();
    let Some(id) = chosen.filter(|_| dice.roll(6) > 0) else {
        staff.hired += 1;
        let name = format!("h{}", staff.hired);
        let id = world.hire(&name).await;
        staff.people.insert(id, (person(&name), true));
        return;
    };
    let Some((resource, active)) = staff.people.get_mut(&id) else {
        return;
    };
    match dice.roll(6) {
        0 => {
            world.dismiss(id).await;
            staff.people.remove(&id);
            return;
        }
        1 => *active = !*active,
        2 => {
            staff.hired += 1;
            resource["userName"] = json!(user_name(&format!("r{}", staff.hired)));
        }
        3 => {
            let number = format!("+41 {}", dice.roll(99));
            resource["phoneNumbers"] = json!([{"type": "mobile", "value": number}]);
        }
        4 => resource["phoneNumbers"] = Value::Null,
        _ => resource["title"] = json!(format!("Title {}", dice.roll(99))),
    }
    if *active {
        world.change(id, resource).await;
    } else {
        world.deactivate(id, resource).await;
    }
}

fn compare(world: &World, staff: &Staff, seed: u64) {
    let accounts = world.target.accounts();
    let mut seen = 0;
    for (id, (resource, active)) in &staff.people {
        let mine: Vec<_> = accounts
            .iter()
            .filter(|account| account["externalId"] == json!(id.to_string()))
            .collect();
        assert!(mine.len() <= 1, "seed {seed}: two accounts: {mine:#?}");
        let Some(account) = mine.first() else {
            assert!(!active, "seed {seed}: {resource} has no account");
            continue;
        };
        seen += 1;
        assert_eq!(account["active"], json!(active), "seed {seed}: {account}");
        if !active {
            continue;
        }
        for attribute in ["userName", "title", "phoneNumbers", "displayName"] {
            assert_eq!(account[attribute], resource[attribute], "seed {seed}: {account}");
        }
    }
    assert_eq!(
        seen,
        accounts.len(),
        "seed {seed}: accounts of nobody: {accounts:#?}"
    );
}

/// The kinds of targets, in turns.
fn kind(seed: u64) -> Options {
    let or = match seed % 5 {
        0 | 1 => Or::Right,
        2 => Or::Last,
        3 => Or::Ignored,
        _ => Or::Refused,
    };
    Options { or, ..manners(seed) }
}

fn manners(seed: u64) -> Options {
    let bulk = |manners| Options::default().with_bulk(manners);
    match seed % 8 {
        6 => Options {
            external_id_filter: false,
            ..Options::default().without_uniqueness()
        },
        7 => Options {
            patch: false,
            ..Options::default().without_uniqueness()
        },
        0 => Options::default(),
        1 => Options::default().without_uniqueness(),
        2 => bulk(BulkManners::offered()).without_uniqueness(),
        3 => Options::default().without_uniqueness().lenient(),
        4 => bulk(BulkManners {
            max_operations: 4,
            status: StatusForm::Code,
            reversed: true,
            stops_at_failure: true,
            ..BulkManners::offered()
        })
        .without_uniqueness(),
        _ => bulk(BulkManners {
            hides_limits: true,
            max_operations: 7,
            bodies: true,
            locations: false,
            ..BulkManners::offered()
        }),
    }
}

/// People are matched by userName, or by their id and then by userName.
async fn world(on: On, seed: u64) -> World {
    let world = World::with(on, kind(seed), AppScope::All).await;
    if seed % 4 < 2 {
        return world;
    }
    let set = world
        .provisioning
        .mappings(world.org, world.app)
        .await
        .expect("mappings");
    let mut rows = set.into_rows();
    for row in &mut rows {
        row.matching = match row.target.as_str() {
            "externalId" => Some(1),
            "userName" => Some(2),
            _ => None,
        };
    }
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
    world
}

/// Everything goes wrong now and then; of bulk requests, single operations too. There are so few slots that many wait.
async fn bad_day(world: &World, seed: u64) {
    world.target.chaos(Chaos::bad_day(seed));
    if kind(seed).bulk == BulkManners::default() {
        return;
    }
    for (every, fault) in [
        (11, Fault::DropAfterCommit),
        (13, Fault::DropBeforeCommit),
        (17, Fault::status(500)),
        (19, Fault::Empty),
    ] {
        for method in ["POST", "PATCH", "DELETE"] {
            world
                .target
                .inject(Rule::on(method, "/Users").every(every).then(fault.clone()));
        }
    }
    world
        .set(SettingsChange {
            concurrency: Some(2),
            ..SettingsChange::default()
        })
        .await;
}

async fn schedule(on: On, seed: u64) {
    let dice = Dice::new(seed);
    let mut world = Box::pin(world(on, seed)).await;
    let mut staff = Staff {
        people: BTreeMap::new(),
        hired: 0,
    };
    for _ in 0..10 + dice.roll(20) {
        change(&world, &mut staff, &dice).await;
    }
    bad_day(&world, seed).await;
    let mut engine = doomed(&world);
    world.sync(Sync::Continue).await;
    for _ in 0..20 + dice.roll(20) {
        change(&world, &mut staff, &dice).await;
        if dice.roll(4) == 0 {
            tokio::time::sleep(Duration::from_millis(
                u64::try_from(dice.roll(120)).unwrap_or_default(),
            ))
            .await;
        }
        if dice.roll(12) == 0 {
            kill(&engine);
            engine = doomed(&world);
        }
    }
    kill(&engine);
    world.target.heal();
    world.start();
    world.in_step().await;
    compare(&world, &staff, seed);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0, "seed {seed}: in step already");
    world.stop().await;
}

pub fn seeds() -> Range<u64> {
    seeds_or(3)
}

fn seeds_or(few: u64) -> Range<u64> {
    let seeds = std::env::var("INSTEP_SEEDS").unwrap_or_default();
    let (from, to) = seeds.split_once("..").unwrap_or(("0", &seeds));
    from.parse().unwrap_or_default()..to.parse().unwrap_or(few)
}

/// The long form: a thousand of them, some at a time.
pub async fn soak(on: On, schedule: impl AsyncFn(On, u64)) {
    let most = match on {
        On::Sqlite => 1_000,
        On::Postgres => 200,
    };
    let all = futures_util::stream::iter(seeds_or(most)).map(|seed| schedule(on, seed));
    all.buffer_unordered(AT_A_TIME).collect::<()>().await;
}

pub async fn every_schedule_converges(on: On) {
    for seed in seeds() {
        schedule(on, seed).await;
    }
}

/// Approves the plan that awaits it, if there is one; what it showed is what may be sent.
pub async fn review(world: &World, shown: &mut BTreeSet<String>) {
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    let Some(plan) = status
        .plan
        .filter(|plan| plan.state == PlanState::AwaitingApproval)
    else {
        return;
    };
    let items = world.items(plan.id).await;
    // It may have changed since it was looked at.
    if world.try_approve(&plan).await.is_ok() {
        let requests = items.into_iter().filter_map(|item| item.request);
        shown.extend(requests.map(|request| told(&request)));
    }
}

fn told(request: &PlannedRequest) -> String {
    serde_json::to_string(request).expect("JSON")
}

/// Approves until everything is in step; what was shown, all together.
pub async fn all_approved(world: &World, shown: BTreeSet<String>) -> BTreeSet<String> {
    let shown = std::sync::Mutex::new(shown);
    world
        .until("approved and in step", async || {
            let mut mine = BTreeSet::new();
            review(world, &mut mine).await;
            shown.lock().expect("no panic").extend(mine);
            let status = world.provisioning.status(world.org, world.app).await;
            status.expect("a status").in_step
        })
        .await;
    shown.into_inner().expect("no panic")
}

/// Every write stood in a plan.
pub fn nothing_unshown(world: &World, shown: &BTreeSet<String>, seed: u64) {
    for write in world.writes() {
        let told = told(&write);
        assert!(
            shown.contains(&told),
            "seed {seed}: no plan showed {told}: {shown:#?}"
        );
    }
}

async fn reviewed_schedule(on: On, seed: u64) {
    let dice = Dice::new(seed);
    let mut world = Box::pin(world(on, seed)).await;
    world.set(approval(Approval::Always)).await;
    let mut staff = Staff {
        people: BTreeMap::new(),
        hired: 0,
    };
    let mut shown = BTreeSet::new();
    for _ in 0..10 + dice.roll(10) {
        change(&world, &mut staff, &dice).await;
    }
    bad_day(&world, seed).await;
    let mut engine = doomed(&world);
    world.sync(Sync::Continue).await;
    for _ in 0..30 + dice.roll(20) {
        match dice.roll(8) {
            0 | 1 => review(&world, &mut shown).await,
            2 => {
                kill(&engine);
                engine = doomed(&world);
            }
            3 if dice.roll(4) == 0 => {
                world.sync(Sync::Restart).await;
            }
            4 | 5 => pause(&dice).await,
            _ => change(&world, &mut staff, &dice).await,
        }
    }
    kill(&engine);
    world.target.heal();
    world.start();
    let shown = all_approved(&world, shown).await;
    compare(&world, &staff, seed);
    nothing_unshown(&world, &shown, seed);
    world.stop().await;
}

pub async fn pause(dice: &Dice) {
    let millis = u64::try_from(dice.roll(150)).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

pub async fn nothing_is_sent_that_no_plan_showed(on: On) {
    for seed in seeds() {
        reviewed_schedule(on, seed).await;
    }
}

/// The accounts that have been taken away, or from which the right to sign in has been.
fn gone(world: &World) -> BTreeSet<String> {
    let takes_away = |write: &PlannedRequest| {
        write.method == "DELETE"
            || write
                .body
                .as_ref()
                .and_then(|body| body["Operations"].as_array())
                .is_some_and(|operations| {
                    operations.iter().any(|operation| {
                        operation["path"] == json!("active") && operation["value"] == json!(false)
                    })
                })
    };
    let writes = world.writes().into_iter();
    writes.filter(takes_away).map(|write| write.path).collect()
}

/// A burst in which many leave and others change, with the engine dying in it.
async fn exodus(on: On, seed: u64) {
    let dice = Dice::new(seed);
    let mut world = World::with(on, kind(2 * (seed % 2)), AppScope::All).await;
    let mut staff = Staff {
        people: BTreeMap::new(),
        hired: 0,
    };
    for number in 0..60 {
        let name = format!("s{number}");
        let id = world.hire(&name).await;
        staff.people.insert(id, (person(&name), true));
    }
    world.initial().await;
    world.stop().await;
    let before = world.writes().len();
    // Half of the bursts are read as a whole; in the others the engine reads along.
    let whole = seed.is_multiple_of(2);
    let mut engine = (!whole).then(|| doomed(&world));
    let leavers: Vec<_> = staff.people.keys().copied().take(25 + dice.roll(20)).collect();
    for (number, id) in leavers.into_iter().enumerate() {
        if dice.roll(2) == 0 {
            world.dismiss(id).await;
            staff.people.remove(&id);
        } else if let Some((resource, active)) = staff.people.get_mut(&id) {
            *active = false;
            world.deactivate(id, resource).await;
        }
        if number % 5 == 0 {
            staff.hired += 1;
            let name = format!("new{}", staff.hired);
            let id = world.hire(&name).await;
            staff.people.insert(id, (person(&name), true));
        }
    }
    for _ in 0..6 {
        if let Some(engine) = engine.take() {
            pause(&dice).await;
            kill(&engine);
        }
        if dice.roll(3) == 0 {
            world.sync(Sync::Restart).await;
        }
        engine = Some(doomed(&world));
    }
    let plan = world.awaiting().await;
    let taken = gone(&world).len();
    if whole {
        assert_eq!(world.writes().len(), before, "seed {seed}: nothing at all");
        assert!(plan.destructive > 20, "seed {seed}: {plan:?}");
    }
    assert!(
        taken <= 20,
        "seed {seed}: {taken} went without anybody being asked"
    );
    world.approve(&plan).await;
    world.in_step().await;
    compare(&world, &staff, seed);
    if let Some(engine) = engine {
        kill(&engine);
    }
    world.stop().await;
}

pub async fn of_an_exodus_nothing_is_sent_unasked(on: On) {
    for seed in seeds() {
        exodus(on, seed).await;
    }
}

mod soak {
    use super::*;

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread")]
    async fn soak_schedules_on_sqlite() {
        soak(On::Sqlite, schedule).await;
        soak(On::Sqlite, reviewed_schedule).await;
        soak(On::Sqlite, exodus).await;
    }

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread")]
    async fn soak_schedules_on_postgres() {
        soak(On::Postgres, schedule).await;
        soak(On::Postgres, reviewed_schedule).await;
        soak(On::Postgres, exodus).await;
    }
}
