//! Deactivating and removing apps: what becomes of the accounts.

use std::sync::Arc;

use provisioning::{
    AccountFate, AppScope, Chosen, CycleKind, Error, GroupFate, GroupScope, Removal, SettingsChange, Status,
    Subject, Sync,
};
use serde_json::{Value, json};
use store::apps::State;
use store::events::Outcome;
use testkit::target::{Fault, Hook, Options, Rule};

use super::groups;
use super::kills::{doomed, kill};
use super::world::{On, World, person};

impl World {
    async fn remove(&self, fate: AccountFate, count: u64) -> Result<Option<CycleKind>, Error> {
        let app = self.provisioning.app(self.org, self.app).await?;
        let asked = (app.name.as_str(), Removal::of(fate), count);
        let begun = self
            .provisioning
            .remove_with_accounts(self.org, self.app, asked, &self.cause)
            .await?;
        Ok(begun.map(|cycle| cycle.kind))
    }

    async fn gone(&self) {
        self.until("gone", async || {
            let app = self.provisioning.app(self.org, self.app).await;
            matches!(app, Err(Error::UnknownApp))
        })
        .await;
    }

    async fn standing(&self) -> Status {
        let status = self.provisioning.status(self.org, self.app).await;
        status.expect("a status")
    }

    /// The types of what failed at apps, the oldest first.
    async fn failed_attempts(&self) -> Vec<String> {
        let filter = store::events::Filter::default();
        let events = store::events::page(&mut self.store.reader(), self.org, &filter, 1_000).await;
        let mut failed: Vec<_> = events
            .expect("events")
            .into_iter()
            .filter(|event| event.outcome == Outcome::Failed && event.resource_kind == "app")
            .map(|event| (event.id, event.event_type))
            .collect();
        failed.sort();
        failed.into_iter().map(|(_, kind)| kind).collect()
    }

    fn active(&self, name: &str) -> Value {
        self.account(name)["active"].clone()
    }
}

pub async fn deactivated_it_rests_and_activated_it_begins_anew(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    let berta = world.hire("berta").await;
    world.initial().await;
    let deactivated = world
        .provisioning
        .deactivate(world.org, world.app, &world.cause)
        .await;
    assert_eq!(deactivated.expect("deactivated").state, State::Inactive);
    let refused = world
        .provisioning
        .sync(world.org, world.app, Sync::Restart, &world.cause)
        .await;
    assert!(matches!(refused, Err(Error::Paused { .. })), "{refused:?}");
    let writes = world.target.counts().writes;
    let mut promoted = person("anna");
    promoted["title"] = json!("Head");
    world.change(anna, &promoted).await;
    world.dismiss(berta).await;
    let work = world.provisioning.work_once(world.org, world.app).await;
    assert_eq!(work.expect("worked"), 0);
    assert_eq!(
        world.target.counts().writes,
        writes,
        "the accounts stay as they are"
    );
    assert_eq!(
        world.standing().await.linked,
        2,
        "and so does what is known of them"
    );
    // Meanwhile the target has changed something, too.
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    assert!(world.target.bend(&id, &json!({"displayName": "Other"})));
    world
        .provisioning
        .resume(world.org, world.app, &world.cause)
        .await
        .expect("activated");
    world
        .until("caught up", async || {
            world.account("anna")["title"] == json!("Head") && world.target.accounts().len() == 1
        })
        .await;
    world.in_step().await;
    assert_eq!(world.account("anna")["displayName"], json!("ANNA"));
    world.stop().await;
}

/// Four people who are assigned, and one whose account was imported.
async fn five(on: On) -> World {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    for name in ["anna", "berta", "carla", "dora"] {
        let id = world.hire(name).await;
        world.assign(Subject::User(id)).await;
    }
    let mut emil = person("emil");
    emil["active"] = json!(true);
    world.target.plant(&emil).expect("planted");
    world.initial().await;
    assert_eq!(world.import(Chosen::All).await.counts.created, 1);
    world
}

pub async fn accounts_are_disabled_before_the_app_goes(on: On) {
    let mut world = five(on).await;
    let wrong = world.remove(AccountFate::Disable, 5).await;
    assert!(matches!(wrong, Err(Error::WrongCount { count: 4 })), "{wrong:?}");
    let switch = |deactivate| SettingsChange {
        deactivate: Some(deactivate),
        ..SettingsChange::default()
    };
    world.set(switch(false)).await;
    let refused = world.remove(AccountFate::Disable, 4).await;
    assert!(
        matches!(refused, Err(Error::FateSwitchedOff { .. })),
        "{refused:?}"
    );
    world.set(switch(true)).await;
    world.in_step().await;
    let before = world.target.counts();
    assert_eq!(
        world.remove(AccountFate::Disable, 4).await.expect("begun"),
        Some(CycleKind::Removal)
    );
    world.gone().await;
    for name in ["anna", "berta", "carla", "dora"] {
        assert_eq!(world.active(name), json!(false), "{name}");
    }
    assert_eq!(world.active("emil"), json!(true), "it was never kept in step");
    assert_eq!(world.target.counts().writes - before.writes, 4);
    let log = world.log().await;
    let removed = log.iter().filter(|entry| entry.message.code == "plan.removal");
    assert_eq!(removed.filter(|entry| entry.action == "disable").count(), 4);
    let events = world.event_types().await;
    let ended = events.iter().filter(|kind| *kind == "idm_integration_delete");
    assert_eq!(
        ended.count(),
        3,
        "two attempts that failed, and the end: {events:?}"
    );
    world.stop().await;
}

pub async fn whoever_cannot_go_holds_the_app(on: On) {
    let mut world = five(on).await;
    let id = world.account("anna")["id"].as_str().expect("an id").to_owned();
    let forbidden = Rule::on("DELETE", &id).then(Fault::status(403));
    world.target.inject(forbidden);
    world.remove(AccountFate::Delete, 4).await.expect("begun");
    world
        .until("failing", async || {
            let status = world.standing().await;
            status.failing_total == 1 && status.waiting <= 1
        })
        .await;
    let status = world.standing().await;
    assert_eq!(
        (status.app.state, status.app.removal),
        (State::Removing, Some(Removal::of(AccountFate::Delete)))
    );
    assert_eq!(status.accounts.active, 1);
    assert_eq!(status.failing[0].error.code, "target.forbidden");
    let refused = world
        .provisioning
        .resume(world.org, world.app, &world.cause)
        .await;
    assert!(matches!(refused, Err(Error::Removing)), "{refused:?}");
    for refused in [
        world.provisioning.pause(world.org, world.app, &world.cause).await,
        world
            .provisioning
            .deactivate(world.org, world.app, &world.cause)
            .await,
    ] {
        assert!(matches!(refused, Err(Error::Removing)), "{refused:?}");
    }
    assert_eq!(
        world.failed_attempts().await,
        [
            "idm_integration_activate",
            "idm_integration_update",
            "idm_integration_update"
        ]
    );
    world.target.heal();
    world
        .provisioning
        .retry(world.org, world.app, None)
        .await
        .expect("retried");
    world.gone().await;
    let left: Vec<_> = world.target.accounts();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["userName"], "emil@example.com");
    world.stop().await;
}

pub async fn a_removal_that_is_killed_goes_on(on: On) {
    let mut world = World::new(on).await;
    world.hire_many(40).await;
    world.initial().await;
    world.stop().await;
    let engine = doomed(&world);
    let victim = Arc::clone(&engine);
    let hook = Hook::new(move |_| {
        let victim = Arc::clone(&victim);
        async move { kill(&victim) }
    });
    world.target.inject(
        Rule::on("DELETE", "/Users")
            .nth(17)
            .then(Fault::CommitThenCall { hook }),
    );
    // Whatever the threshold says: who removes the app has said how many there are.
    world.remove(AccountFate::Delete, 40).await.expect("begun");
    world
        .until("killed", async || engine.lock().expect("no panic").is_none())
        .await;
    world.start();
    world.gone().await;
    assert_eq!(world.target.accounts().len(), 0);
    assert_eq!(world.target.counts().deletes, 40);
    world.stop().await;
}

/// Groups at the target are counted with the accounts where they go, and are left alone where they stay.
pub async fn what_becomes_of_groups_is_chosen_and_counted(on: On) {
    for (accounts, groups, count, left) in [
        (AccountFate::Disable, GroupFate::Keep, 2, 2),
        (AccountFate::Disable, GroupFate::Delete, 4, 0),
        (AccountFate::Delete, GroupFate::Keep, 2, 2),
        (AccountFate::Delete, GroupFate::Delete, 4, 0),
    ] {
        let mut world = groups::with_groups(on, Options::default(), GroupScope::All).await;
        let people = world.hire_many(2).await;
        world.group("Lab", &people).await;
        world.group("Choir", &people[..1]).await;
        world.initial().await;
        assert_eq!(world.standing().await.accounts.groups, 2);
        let name = world.standing().await.app.name;
        let asked = async |count| {
            let asked = (name.as_str(), Removal { accounts, groups }, count);
            let provisioning = &world.provisioning;
            provisioning
                .remove_with_accounts(world.org, world.app, asked, &world.cause)
                .await
        };
        let wrong = asked(count + 1).await;
        let said = matches!(wrong, Err(Error::WrongCount { count: said }) if said == count);
        assert!(said, "{accounts:?} {groups:?}: {wrong:?}");
        asked(count).await.expect("begun");
        world.gone().await;
        assert_eq!(world.target.groups().len(), left, "{accounts:?} {groups:?}");
        let active = world.target.accounts().into_iter();
        let active = active.filter(|account| account["active"] == json!(true));
        assert_eq!(active.count(), 0);
        world.stop().await;
    }
}
