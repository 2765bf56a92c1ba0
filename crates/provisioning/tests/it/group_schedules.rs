//! Random schedules with groups: they come, go and get other names, people and groups come into them and leave, and they are
//! assigned, with groups within them or without. In the end people, groups and who is in them are as the directory has
//! them, no group is there twice, and then nothing more is sent.

use std::collections::{BTreeMap, BTreeSet};

use base::{GroupId, UserId};
use provisioning::{AppScope, Approval, GroupLeaving, GroupScope, SettingsChange, Subject, Sync};
use serde_json::{Value, json};
use testkit::target::{Chaos, Options};

use super::kills::{doomed, kill};
use super::schedules::{Dice, all_approved, nothing_unshown, pause, review, seeds};
use super::world::{GroupChange, On, World, person, user_name};

/// A group as it should be.
#[derive(Default)]
struct Group {
    name: String,
    people: BTreeSet<UserId>,
    groups: BTreeSet<GroupId>,
}

/// The directory as it should be, and who is in scope.
struct Model {
    people: BTreeMap<UserId, (Value, bool)>,
    groups: BTreeMap<GroupId, Group>,
    assigned_people: BTreeSet<UserId>,
    assigned_groups: BTreeSet<GroupId>,
    scope: AppScope,
    of_groups: GroupScope,
    made: usize,
}

fn any<K: Copy, V>(among: &BTreeMap<K, V>, dice: &Dice) -> Option<K> {
    among.keys().nth(dice.roll(among.len().max(1))).copied()
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            assigned_people: BTreeSet::new(),
            assigned_groups: BTreeSet::new(),
            scope: match seed % 6 {
                0 | 3 => AppScope::All,
                1 | 5 => AppScope::Assigned,
                _ => AppScope::AssignedNested,
            },
            of_groups: if seed % 5 < 2 {
                GroupScope::Assigned
            } else {
                GroupScope::All
            },
            made: 0,
        }
    }

    fn name(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}{}", self.made)
    }

    /// The assigned groups, and where it is wanted what is in them.
    fn giving(&self) -> BTreeSet<GroupId> {
        let mut giving = self.assigned_groups.clone();
        let mut more: Vec<_> = giving.iter().copied().collect();
        while self.scope == AppScope::AssignedNested
            && let Some(group) = more.pop()
        {
            more.extend(
                self.groups[&group]
                    .groups
                    .iter()
                    .filter(|one| giving.insert(**one)),
            );
        }
        giving
    }

    fn is_in_scope(&self, person: UserId) -> bool {
        self.scope == AppScope::All
            || self.assigned_people.contains(&person)
            || self
                .giving()
                .iter()
                .any(|group| self.groups[group].people.contains(&person))
    }

    fn is_group_in_scope(&self, group: GroupId) -> bool {
        self.of_groups == GroupScope::All || self.assigned_groups.contains(&group)
    }
}

async fn change(world: &World, model: &mut Model, dice: &Dice) {
    match dice.roll(10) {
        0..=3 => change_person(world, model, dice).await,
        4..=7 => change_group(world, model, dice).await,
        8 => assign(world, model, dice).await,
        _ if model.scope != AppScope::All && dice.roll(3) == 0 => {
            model.scope = match model.scope {
                AppScope::Assigned => AppScope::AssignedNested,
                _ => AppScope::Assigned,
            };
            let change = SettingsChange {
                scope: Some(model.scope),
                ..SettingsChange::default()
            };
            world.set(change).await;
        }
        _ => assign(world, model, dice).await,
    }
}

async fn change_person(world: &World, model: &mut Model, dice: &Dice) {
    let chosen = any(&model.people, dice).filter(|_| dice.roll(3) > 0);
    let Some(id) = chosen else {
        let name = model.name("h");
        let id = world.hire(&name).await;
        model.people.insert(id, (person(&name), true));
        return;
    };
    let renamed = user_name(&model.name("r"));
    let Some((resource, active)) = model.people.get_mut(&id) else {
        return;
    };
    match dice.roll(4) {
        0 => {
            world.dismiss(id).await;
            model.people.remove(&id);
            model.assigned_people.remove(&id);
            for group in model.groups.values_mut() {
                group.people.remove(&id);
            }
            return;
        }
        1 => *active = !*active,
        2 => resource["userName"] = json!(renamed),
        _ => resource["title"] = json!(format!("Title {}", dice.roll(99))),
    }
    if *active {
        world.change(id, resource).await;
    } else {
        world.deactivate(id, resource).await;
    }
}

async fn change_group(world: &World, model: &mut Model, dice: &Dice) {
    let chosen = any(&model.groups, dice).filter(|_| dice.roll(7) > 0);
    let Some(id) = chosen else {
        let name = model.name("g");
        let people: BTreeSet<_> = (0..dice.roll(6))
            .filter_map(|_| any(&model.people, dice))
            .collect();
        let members: Vec<_> = people.iter().copied().collect();
        let id = world.group(&name, &members).await;
        let group = Group {
            name,
            people,
            groups: BTreeSet::new(),
        };
        model.groups.insert(id, group);
        return;
    };
    match dice.roll(9) {
        0 => {
            world.group_change(GroupChange::Delete(id)).await;
            model.groups.remove(&id);
            model.assigned_groups.remove(&id);
            for group in model.groups.values_mut() {
                group.groups.remove(&id);
            }
        }
        1 | 2 => {
            let name = model.name("n");
            world.group_change(GroupChange::Rename(id, name.clone())).await;
            model.groups.get_mut(&id).expect("chosen").name = name;
        }
        // One that is younger: so there are no circles.
        3 => {
            let inner = any(&model.groups, dice).filter(|inner| *inner > id);
            if let Some(inner) = inner {
                let group = model.groups.get_mut(&id).expect("chosen");
                let change = if group.groups.insert(inner) {
                    GroupChange::Add(id, inner.into())
                } else {
                    group.groups.remove(&inner);
                    GroupChange::Remove(id, inner.into())
                };
                world.group_change(change).await;
            }
        }
        _ => {
            if let Some(person) = any(&model.people, dice) {
                let group = model.groups.get_mut(&id).expect("chosen");
                let change = if group.people.insert(person) {
                    GroupChange::Add(id, person.into())
                } else {
                    group.people.remove(&person);
                    GroupChange::Remove(id, person.into())
                };
                world.group_change(change).await;
            }
        }
    }
}

async fn assign(world: &World, model: &mut Model, dice: &Dice) {
    let group = any(&model.groups, dice).filter(|_| dice.roll(3) > 0);
    let person = any(&model.people, dice);
    let (subject, assigned) = match (group, person) {
        (Some(group), _) => {
            let assigned = model.assigned_groups.insert(group);
            if !assigned {
                model.assigned_groups.remove(&group);
            }
            (Subject::Group(group), assigned)
        }
        (None, Some(person)) => {
            let assigned = model.assigned_people.insert(person);
            if !assigned {
                model.assigned_people.remove(&person);
            }
            (Subject::User(person), assigned)
        }
        (None, None) => return,
    };
    if assigned {
        world.assign(subject).await;
    } else {
        world.unassign(subject).await;
    }
}

/// Resources of the target by their externalId; there is but one of each.
fn by_subject(resources: Vec<Value>, seed: u64) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for resource in resources {
        let id = resource["externalId"].as_str().unwrap_or("nobody's").to_owned();
        let other = found.insert(id, resource.clone());
        assert!(other.is_none(), "seed {seed}: twice: {resource} {other:?}");
    }
    found
}

/// What was sent to a group, and when.
fn sent(world: &World, id: &str) -> Vec<String> {
    let journal = world.target.journal().into_iter();
    journal
        .filter(|exchange| exchange.path.ends_with(&format!("/{id}")))
        .map(|exchange| format!("{exchange:?}"))
        .collect()
}

fn compare(world: &World, model: &Model, seed: u64) {
    let accounts = by_subject(world.target.accounts(), seed);
    for (id, (resource, active)) in &model.people {
        let wanted = *active && model.is_in_scope(*id);
        let Some(account) = accounts.get(&id.to_string()) else {
            assert!(!wanted, "seed {seed}: {resource} has no account");
            continue;
        };
        assert_eq!(account["active"], json!(wanted), "seed {seed}: {account}");
        for attribute in ["userName", "title", "displayName"] {
            let same = !wanted || account[attribute] == resource[attribute];
            assert!(same, "seed {seed}: {account} {resource}");
        }
    }
    for id in accounts.keys() {
        let known = model.people.keys().any(|person| person.to_string() == *id);
        assert!(known, "seed {seed}: an account of nobody: {}", accounts[id]);
    }
    let groups = by_subject(world.target.groups(), seed);
    for id in groups.keys() {
        let known = model.groups.keys().any(|group| group.to_string() == *id);
        assert!(known, "seed {seed}: a group that is none: {}", groups[id]);
    }
    for (id, group) in &model.groups {
        if !model.is_group_in_scope(*id) {
            continue;
        }
        let Some(shown) = groups.get(&id.to_string()) else {
            panic!("seed {seed}: {} is not there", group.name)
        };
        assert_eq!(shown["displayName"], json!(group.name), "seed {seed}");
        let people = group.people.iter().filter_map(|id| accounts.get(&id.to_string()));
        let within = group.groups.iter().filter_map(|id| groups.get(&id.to_string()));
        let mut wanted: Vec<_> = people.chain(within).map(|one| one["id"].clone()).collect();
        let members = shown["members"].as_array().cloned().unwrap_or_default();
        let mut held: Vec<_> = members.iter().map(|member| member["value"].clone()).collect();
        wanted.sort_by_key(Value::to_string);
        held.sort_by_key(Value::to_string);
        assert_eq!(
            held,
            wanted,
            "seed {seed}: members of {}, which were sent by {:#?}",
            group.name,
            sent(world, shown["id"].as_str().unwrap_or_default())
        );
    }
}

async fn begun(on: On, seed: u64, approval: Approval) -> (World, Model) {
    let options = match seed % 4 {
        0 => Options::default(),
        1 => Options::default().without_uniqueness(),
        2 => Options::default().without_uniqueness().lenient(),
        _ => Options {
            patch: seed % 8 == 3,
            unique_group_names: true,
            ..Options::default()
        },
    };
    let model = Model::new(seed);
    let world = World::with(on, options, model.scope).await;
    let leaving = if seed % 7 < 3 {
        GroupLeaving::Delete
    } else {
        GroupLeaving::Leave
    };
    let change = SettingsChange {
        groups: Some(model.of_groups),
        groups_out_of_scope: Some(leaving),
        approval: Some(approval),
        ..SettingsChange::default()
    };
    world.set(change).await;
    (world, model)
}

async fn schedule(on: On, seed: u64) {
    let dice = Dice::new(seed);
    let (mut world, mut model) = begun(on, seed, Approval::Never).await;
    for _ in 0..20 + dice.roll(30) {
        change(&world, &mut model, &dice).await;
    }
    world.target.chaos(Chaos::bad_day(seed));
    let mut engine = doomed(&world);
    world.sync(Sync::Continue).await;
    for _ in 0..30 + dice.roll(30) {
        change(&world, &mut model, &dice).await;
        if dice.roll(4) == 0 {
            pause(&dice).await;
        }
        if dice.roll(15) == 0 {
            kill(&engine);
            engine = doomed(&world);
        }
    }
    kill(&engine);
    world.target.heal();
    world.start();
    world.in_step().await;
    compare(&world, &model, seed);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0, "seed {seed}: in step already");
    world.stop().await;
}

pub async fn every_schedule_with_groups_converges(on: On) {
    for seed in seeds() {
        Box::pin(schedule(on, seed)).await;
    }
}

async fn reviewed_schedule(on: On, seed: u64) {
    let dice = Dice::new(seed);
    let (mut world, mut model) = begun(on, seed, Approval::Always).await;
    let mut shown = BTreeSet::new();
    for _ in 0..15 + dice.roll(15) {
        change(&world, &mut model, &dice).await;
    }
    world.target.chaos(Chaos::bad_day(seed));
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
            _ => change(&world, &mut model, &dice).await,
        }
    }
    kill(&engine);
    world.target.heal();
    world.start();
    let shown = all_approved(&world, shown).await;
    compare(&world, &model, seed);
    nothing_unshown(&world, &shown, seed);
    world.stop().await;
}

pub async fn of_groups_nothing_is_sent_that_no_plan_showed(on: On) {
    for seed in seeds() {
        Box::pin(reviewed_schedule(on, seed)).await;
    }
}

mod soak {
    use super::*;
    use crate::schedules::soak;

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread")]
    async fn soak_group_schedules_on_sqlite() {
        soak(On::Sqlite, schedule).await;
    }

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread")]
    async fn soak_reviewed_group_schedules_on_sqlite() {
        soak(On::Sqlite, reviewed_schedule).await;
    }

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread")]
    async fn soak_group_schedules_on_postgres() {
        soak(On::Postgres, schedule).await;
        soak(On::Postgres, reviewed_schedule).await;
    }
}
