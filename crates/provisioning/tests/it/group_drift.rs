//! What the target does to groups and to who is in them is found, told, and brought back if that is wanted.

use std::sync::Arc;

use provisioning::{DriftKind, GroupScope, JobState, Reconcile, SettingsChange, SubjectKind};
use serde_json::{Value, json};
use testkit::target::{Fault, Hook, Options, Rule};

use super::groups::{group, members, names, scope, with_groups};
use super::kills::{doomed, kill};
use super::world::{On, World, user_name};

const EXTENSION: &str = "urn:example:params:scim:schemas:extension:2.0:Group";

impl World {
    fn group_id(&self, name: &str) -> String {
        group(self, name)["id"].as_str().expect("a group").to_owned()
    }

    /// The members of a group at the target, with some taken out and others put in.
    fn swap_members(&self, name: &str, out: &[&str], others: &[&str]) {
        let all = group(self, name)["members"].clone();
        let mut all: Vec<Value> = all.as_array().cloned().unwrap_or_default();
        let out: Vec<_> = out.iter().map(|name| self.remote_id(name)).collect();
        all.retain(|member| !out.iter().any(|id| member["value"] == json!(id)));
        all.extend(others.iter().map(|id| json!({ "value": id })));
        assert!(
            self.target
                .bend_group(&self.group_id(name), &json!({ "members": all }))
        );
    }
}

/// Lab has another name and other members, Choir is as it should be, Crew is gone, and there is a group of nobody.
async fn meddled(on: On, options: Options) -> World {
    let mut world = with_groups(on, options, GroupScope::All).await;
    let mut people = Vec::new();
    for name in ["anna", "berta", "carla"] {
        people.push(world.hire(name).await);
    }
    world.group("Lab", &people[..2]).await;
    world.group("Choir", &people[1..]).await;
    world.group("Crew", &people[..1]).await;
    world.initial().await;
    world.at_once().await;
    let carla = world.remote_id("carla");
    world.swap_members("Lab", &["berta"], &[&carla, "somebody-else"]);
    let changes = json!({"displayName": "Workshop", EXTENSION: {"floor": "3"}});
    assert!(world.target.bend_group(&world.group_id("Lab"), &changes));
    world.target.uproot_group(&world.group_id("Crew"));
    world
        .target
        .plant_group(&json!({"displayName": "Strangers"}))
        .expect("planted");
    world
}

pub async fn what_happened_to_groups_is_reported_and_brought_back(on: On) {
    for member_pages in [false, true] {
        let options = Options {
            member_pages,
            ..Options::default()
        };
        let mut world = Box::pin(meddled(on, options)).await;
        let writes = world.target.counts().writes;
        let view = world.reconcile(Reconcile::Report).await;
        assert_eq!((view.state, view.news, view.groups), (JobState::Done, 2, 3));
        assert_eq!(
            world.drifted().await,
            ["Crew vanished", "Lab changed", "Strangers unlinked"]
        );
        let found = world.drift().await;
        assert!(found.iter().all(|item| item.of == SubjectKind::Group));
        let lab = found.iter().find(|item| item.kind == DriftKind::Changed);
        let changes = &lab.expect("Lab").changes;
        let told: Vec<_> = changes
            .iter()
            .map(|change| (change.attribute.as_str(), change.old.clone(), change.new.clone()))
            .collect();
        assert_eq!(
            told,
            [
                ("displayName", Some(json!("Lab")), Some(json!("Workshop"))),
                ("members", Some(json!(["BERTA"])), Some(json!(["CARLA"]))),
            ]
        );
        let status = world.provisioning.status(world.org, world.app).await;
        let counts = status.expect("a status").drift.counts;
        assert_eq!((counts.drifted(), counts.groups.unlinked), (2, 1));
        assert_eq!(world.reconcile(Reconcile::Report).await.news, 0, "once more");
        assert_eq!(world.target.counts().writes, writes, "a report changes nothing");

        world.target.reset_counts();
        let view = world.reconcile(Reconcile::Correct).await;
        assert_eq!(view.corrected, 2);
        world.in_step().await;
        let mut lab = names(&["anna", "berta"]);
        lab.insert("nobody".to_owned());
        assert_eq!(members(&world, "Lab"), lab, "who is nobody's here stays");
        assert_eq!(group(&world, "Lab")[EXTENSION], json!({"floor": "3"}));
        assert_eq!(members(&world, "Crew"), names(&["anna"]));
        assert_eq!(members(&world, "Choir"), names(&["berta", "carla"]));
        let counts = world.target.counts();
        assert_eq!(
            (counts.creates, counts.updates, counts.deletes),
            (1, 2, 0),
            "Crew and who is in it, and Lab"
        );
        world
            .until("brought back", async || {
                world.drifted().await == ["Strangers unlinked"]
            })
            .await;
        let corrected = world.log().await.into_iter();
        let corrected = corrected.filter(|entry| entry.message.code == "drift.corrected");
        assert_eq!(corrected.count(), 2);
        world.target.reset_counts();
        let again = world.reconcile(Reconcile::Correct).await;
        assert_eq!((again.news, again.corrected), (0, 0));
        assert_eq!(world.target.counts().writes, 0);
        world.stop().await;
    }
}

pub async fn groups_are_left_alone_where_nobody_provisions_them(on: On) {
    let mut world = Box::pin(meddled(on, Options::default())).await;
    world.set(scope(GroupScope::Off)).await;
    world.in_step().await;
    let before = world.target.journal().len();
    let view = world.reconcile(Reconcile::Correct).await;
    assert_eq!((view.news, view.groups), (0, 0));
    let asked = &world.target.journal()[before..];
    assert!(asked.iter().all(|one| !one.path.contains("/Groups")), "{asked:?}");
    world.stop().await;
}

pub async fn who_is_in_large_groups_is_read_page_by_page(on: On) {
    let options = Options {
        member_pages: true,
        page_size: 500,
        ..Options::default()
    };
    let mut world = with_groups(on, options, GroupScope::All).await;
    // What is asked again because it took too long must not be counted.
    world
        .set(SettingsChange {
            request_timeout_seconds: Some(60),
            ..SettingsChange::default()
        })
        .await;
    let people = world.hire_many(1_203).await;
    world.group("All", &people).await;
    world.initial().await;
    world.at_once().await;
    let id = world.group_id("All");
    world.swap_members("All", &["p00007", "p01200"], &[]);
    let before = world.target.journal().len();
    world.reconcile(Reconcile::Correct).await;
    world.in_step().await;
    assert_eq!(members(&world, "All").len(), 1_203);
    let journal = world.target.journal();
    let asked: Vec<_> = journal[before..]
        .iter()
        .filter(|one| one.path.contains("/Groups") && one.method == "GET")
        .map(|one| one.path.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    let of = |name: &str| asked.iter().filter(|last| *last == name).count();
    assert_eq!(
        of("Members"),
        6,
        "three pages, when compared and when brought back"
    );
    assert_eq!(of(&id), 1, "without its members, before it is changed");
    let changed: Vec<_> = journal[before..].iter().filter(|one| one.is_write()).collect();
    assert_eq!(changed.len(), 1);
    let added = changed[0].body.as_ref().expect("a body")["Operations"][0]["value"].clone();
    assert_eq!(added.as_array().map(Vec::len), Some(2));
    world.stop().await;
}

/// A group may have more pages than are read in the time that a worker has for one person.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_large_group_is_read_however_long_it_takes() {
    let options = Options {
        member_pages: true,
        page_size: 100,
        ..Options::default()
    };
    let mut world = with_groups(On::Sqlite, options, GroupScope::All).await;
    world
        .set(SettingsChange {
            request_timeout_seconds: Some(3),
            ..SettingsChange::default()
        })
        .await;
    let people = world.hire_many(3).await;
    world.group("All", &people).await;
    world.initial().await;
    let others: Vec<_> = (0..1_850).map(|number| format!("other-{number}")).collect();
    let others: Vec<_> = others.iter().map(String::as_str).collect();
    world.swap_members("All", &["p00001"], &others);
    // The lease is eleven seconds long, and there are nineteen pages.
    world
        .target
        .inject(Rule::on("GET", "/Groups").then(Fault::SlowAnswer { millis: 700 }));
    world.restart().await;
    assert_eq!(members(&world, "All").len(), 4, "all three, and strangers");
    world.stop().await;
}

/// One that shows no members at all has those that it was sent; one that shows them and has none, has none.
pub async fn a_target_that_hides_members_is_believed(on: On) {
    for (hides_members, drifts) in [(true, false), (false, true)] {
        let mut world = with_groups(on, Options::default(), GroupScope::All).await;
        let anna = world.hire("anna").await;
        world.group("Lab", &[anna]).await;
        world.group("Choir", &[anna]).await;
        world.initial().await;
        world.at_once().await;
        world
            .target
            .adjust(|options| options.hides_members = hides_members);
        let lab = world.group_id("Lab");
        assert!(world.target.bend_group(&lab, &json!({ "members": null })));
        world.reconcile(Reconcile::Report).await;
        // Choir may have been read after Lab the first time.
        world.reconcile(Reconcile::Report).await;
        assert_eq!(world.drifted().await.contains(&"Lab changed".to_owned()), drifts);
        world.stop().await;
    }
}

/// Wherever it ends, nothing that was found is lost, and nothing is made twice.
pub async fn killed_while_groups_are_reconciled(on: On) {
    for (method, path, nth) in [
        ("GET", "/Groups?", 1),
        ("GET", "attributes=members", 2),
        ("POST", "/Groups", 1),
        ("PATCH", "/Groups", 1),
    ] {
        let mut world = Box::pin(meddled(on, Options::default())).await;
        world.stop().await;
        world.target.reset_counts();
        let engine = doomed(&world);
        let victim = Arc::clone(&engine);
        let hook = Hook::new(move |_| {
            let victim = Arc::clone(&victim);
            async move { kill(&victim) }
        });
        world.target.inject(
            Rule::on(method, path)
                .nth(nth)
                .then(Fault::CommitThenCall { hook }),
        );
        let begun = world
            .provisioning
            .reconcile(world.org, world.app, Reconcile::Correct, &world.cause)
            .await
            .expect("begun");
        world
            .until("killed", async || engine.lock().expect("no panic").is_none())
            .await;
        world.start();
        let view = async || {
            let view = world.provisioning.reconciliation(world.org, world.app, begun.id);
            view.await.expect("a reconciliation")
        };
        world
            .until("reconciled", async || view().await.state == JobState::Done)
            .await;
        world.in_step().await;
        assert_eq!(view().await.corrected, 2, "{method} {path}");
        let mut shown: Vec<_> = world
            .target
            .groups()
            .iter()
            .map(|one| one["displayName"].clone())
            .collect();
        shown.sort_by_key(Value::to_string);
        assert_eq!(
            shown,
            [json!("Choir"), json!("Crew"), json!("Lab"), json!("Strangers")]
        );
        let mut lab = names(&["anna"]);
        lab.extend([user_name("berta"), "nobody".to_owned()]);
        assert_eq!(members(&world, "Lab"), lab, "{method} {path}");
        assert_eq!(members(&world, "Crew"), names(&["anna"]), "{method} {path}");
        assert_eq!(world.target.counts().creates, 1, "{method} {path}");
        let told = world
            .log()
            .await
            .into_iter()
            .filter(|entry| entry.action == "drift");
        assert_eq!(told.count(), 2, "told once each: {method} {path}");
        world.target.reset_counts();
        world.restart().await;
        assert_eq!(world.target.counts().writes, 0);
        world.stop().await;
    }
}
