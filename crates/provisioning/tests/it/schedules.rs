//! Random schedules of changes, faults and kills, each from its seed: in the end everybody is in step, nobody has two
//! accounts, and then nothing more is sent. `INSTEP_SEEDS=100` runs as many; without it a few are run.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{Entropy as _, SeededEntropy, UserId};
use provisioning::{AppScope, Sync};
use serde_json::{Value, json};
use testkit::target::{Chaos, Options};

use super::kills::{doomed, kill};
use super::world::{On, World, person, user_name};

struct Dice(SeededEntropy);

impl Dice {
    /// A number below `sides`.
    fn roll(&self, sides: usize) -> usize {
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

async fn schedule(on: On, seed: u64) {
    let dice = Dice(SeededEntropy::new(seed));
    let options = match seed % 3 {
        0 => Options::default(),
        1 => Options::default().without_uniqueness(),
        _ => Options::default().without_uniqueness().lenient(),
    };
    let mut world = World::with(on, options, AppScope::All).await;
    let mut staff = Staff {
        people: BTreeMap::new(),
        hired: 0,
    };
    for _ in 0..10 + dice.roll(20) {
        change(&world, &mut staff, &dice).await;
    }
    world.target.chaos(Chaos::bad_day(seed));
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

pub async fn every_schedule_converges(on: On) {
    let seeds = std::env::var("INSTEP_SEEDS").ok();
    for seed in 0..seeds.and_then(|seeds| seeds.parse().ok()).unwrap_or(3) {
        schedule(on, seed).await;
    }
}
