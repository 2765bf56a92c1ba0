//! People made of accounts that the directory lacks.

use std::sync::{Arc, Mutex};

use base::{Cause, Message, OrgId, UserId};
use futures_util::future::{BoxFuture, FutureExt as _};
use provisioning::{
    AccountFilter, AppScope, Chosen, ImportItem, ImportRequest, ImportState, ImportView, JobState, Newcomer,
    Newcomers, SettingsChange, Standing, Subject, Sync,
};
use serde_json::{Value, json};
use store::{Store, Tx, Write};
use testkit::target::{Fault, Options, Paging, Rule};

use super::kills::{Doomed, doomed, kill};
use super::world::{On, World, draft, person, user_name};

/// A directory with one rule: userNames are unique.
#[derive(Debug, Clone)]
pub struct Hires {
    pub store: Store,
    /// Who dies once people have been made, before that is noted.
    pub victim: Arc<Mutex<Option<Doomed>>>,
}

impl Newcomers for Hires {
    fn create<'a>(
        &'a self,
        org: OrgId,
        newcomers: Vec<Newcomer>,
        cause: &'a Cause,
    ) -> BoxFuture<'a, Result<Vec<Result<(), Message>>, store::Error>> {
        async move {
            let mut results = Vec::new();
            for Newcomer { id, resource } in newcomers {
                let (resource, cause) = (Value::Object(resource), cause.clone());
                let write = Hire {
                    org,
                    id,
                    resource,
                    cause,
                };
                results.push(match self.store.write(write).await {
                    Err(store::Error::Conflict { .. }) => Err(Message::new("import.user_name_taken")),
                    hired => Ok(hired?),
                });
            }
            let victim = self.victim.lock().expect("no panic").take();
            if let Some(victim) = victim {
                kill(&victim);
                std::future::pending::<()>().await;
            }
            Ok(results)
        }
        .boxed()
    }
}

struct Hire {
    org: OrgId,
    id: UserId,
    resource: Value,
    cause: Cause,
}

impl Write for Hire {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let active = self.resource["active"].as_bool().unwrap_or(true);
        let draft = draft(&self.resource, active);
        store::users::insert(tx, self.org, self.id, &draft, &self.cause)
            .await
            .map(drop)
    }
}

impl World {
    pub async fn import(&self, chosen: Chosen) -> ImportView {
        let request = ImportRequest { chosen, tell: None };
        let begun = self
            .provisioning
            .import(self.org, self.app, request, &self.cause)
            .await
            .expect("begun");
        self.imported(&begun).await
    }

    async fn imported(&self, begun: &ImportView) -> ImportView {
        let read = async || {
            let view = self.provisioning.import_job(self.org, self.app, begun.id).await;
            view.expect("an import")
        };
        self.until("imported", async || read().await.state != JobState::Running)
            .await;
        read().await
    }

    async fn import_items(&self, import: &ImportView) -> Vec<ImportItem> {
        self.provisioning
            .import_items(self.org, self.app, import.id, None, None, 1_000)
            .await
            .expect("items")
    }

    async fn people(&self) -> Vec<store::users::User> {
        let (mut reader, first) = (self.store.reader(), store::Start::FIRST);
        let people = store::users::page(&mut reader, self.org, &store::Lookup::All, first, 1_000).await;
        people.expect("people")
    }

    /// `userName state`, in the target's order.
    async fn standings(&self, filter: AccountFilter) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self
                .provisioning
                .accounts_at(self.org, self.app, filter, after.as_deref())
                .await
                .expect("a page");
            all.extend(page.accounts.iter().map(|account| {
                let person = match &account.standing {
                    Standing::Matches(person) | Standing::Imported(person) => format!(" {}", person.name),
                    Standing::New | Standing::Ambiguous => String::new(),
                };
                let name = account.user_name.clone().unwrap_or_default();
                format!("{name} {}{person}", account.standing.as_str())
            }));
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }
}

fn account(name: &str) -> Value {
    let mut account = person(name);
    account["active"] = json!(true);
    account
}

pub async fn accounts_become_people_and_are_left_alone(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let carla = world.hire("carla").await;
    for name in ["anna", "berta", "carla"] {
        let mut account = account(name);
        account["active"] = json!(name != "berta");
        account["externalId"] = json!("theirs");
        world.target.plant(&account).expect("planted");
    }
    world.start();
    assert_eq!(
        world.standings(AccountFilter::All).await,
        [
            "anna@example.com new".to_owned(),
            "berta@example.com new".to_owned(),
            "carla@example.com matches carla@example.com".to_owned(),
        ]
    );
    assert_eq!(world.standings(AccountFilter::New).await.len(), 2);
    let import = world.import(Chosen::All).await;
    let counts = import.counts;
    assert_eq!((import.state, counts.total), (JobState::Done, 3));
    assert_eq!((counts.created, counts.linked, counts.failed), (2, 1, 0));
    assert!(
        world
            .standings(AccountFilter::All)
            .await
            .iter()
            .all(|line| line.contains(" imported "))
    );
    let people = world.people().await;
    assert_eq!(people.len(), 3);
    let anna = people
        .iter()
        .find(|user| user.user_name == user_name("anna"))
        .expect("anna");
    let document: Value = serde_json::from_str(&anna.doc).expect("JSON");
    assert_eq!(
        (&document["title"], &document["externalId"]),
        (&json!("Chemist"), &Value::Null)
    );
    let berta = people.iter().find(|user| user.user_name == user_name("berta"));
    assert!(!berta.expect("berta").active);
    // Whom nobody assigns is left alone, whatever becomes of them.
    world.sync(Sync::Continue).await;
    world.in_step().await;
    let mut promoted = person("carla");
    promoted["title"] = json!("Head");
    world.change(carla, &promoted).await;
    world.in_step().await;
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    // Whoever is assigned is kept in step, and disabled when that is over.
    world.assign(Subject::User(carla)).await;
    world.in_step().await;
    assert_eq!(world.account("carla")["title"], json!("Head"));
    assert_eq!(world.target.counts().creates, 0);
    world.unassign(Subject::User(carla)).await;
    world.in_step().await;
    assert_eq!(world.account("carla")["active"], json!(false));
    assert_eq!(world.account("anna")["active"], json!(true));
    // Nothing is left to be imported.
    let again = world.import(Chosen::All).await;
    assert_eq!((again.state, again.counts.total), (JobState::Done, 0));
    world.stop().await;
}

pub async fn what_cannot_be_imported_is_said(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    let dora = world.hire("dora").await;
    let mut ids = Vec::new();
    for name in ["anna", "berta", "carla", "dora"] {
        ids.push(world.target.plant(&account(name)).expect("planted"));
    }
    let mut double = account("emil");
    double["userName"] = json!("emil");
    ids.push(world.target.plant(&double).expect("planted"));
    world.start();
    let named = |names: &[&str]| Chosen::Named(names.iter().map(|name| (*name).to_owned()).collect());
    let import = world
        .import(named(&[
            "anna@example.com",
            &ids[1],
            "nobody@example.com",
            "fake-999999",
        ]))
        .await;
    assert_eq!(
        (import.counts.created, import.counts.failed, import.counts.total),
        (2, 2, 4)
    );
    let mut failed: Vec<_> = world
        .import_items(&import)
        .await
        .into_iter()
        .filter(|item| item.state == ImportState::Failed)
        .map(|item| (item.name, item.error.expect("a reason").code))
        .collect();
    failed.sort();
    assert_eq!(
        failed,
        [
            ("fake-999999".to_owned(), "import.unknown_account".to_owned()),
            (
                "nobody@example.com".to_owned(),
                "import.unknown_account".to_owned()
            ),
        ]
    );
    // Dora has another account already.
    world.sync(Sync::Continue).await;
    world.assign(Subject::User(dora)).await;
    world.in_step().await;
    let mut second = account("dora");
    second["userName"] = json!("dora@EXAMPLE.com");
    world.target.adjust(|options| options.unique_user_names = false);
    world.target.plant(&second).expect("planted");
    let import = world.import(Chosen::All).await;
    let reasons: Vec<_> = world
        .import_items(&import)
        .await
        .into_iter()
        .filter_map(|item| Some(item.error?.code))
        .collect();
    assert_eq!(reasons, ["import.has_another"]);
    assert_eq!((import.counts.created, import.counts.failed), (2, 1));
    // New ones only: what would be linked is passed over.
    let frieda = world.hire("frieda").await;
    world.target.plant(&account("frieda")).expect("planted");
    world.target.plant(&account("gustav")).expect("planted");
    let import = world.import(Chosen::New).await;
    assert_eq!((import.counts.created, import.counts.total), (1, 1));
    let link = store::links::by_subject(&mut world.store.reader(), world.org, world.app, frieda.into()).await;
    assert_eq!(link.expect("read"), None);
    world.stop().await;
}

pub async fn of_a_large_import_one_is_told_by_mail(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    world
        .set(SettingsChange {
            notification_email: Some("it@example.com".to_owned()),
            ..SettingsChange::default()
        })
        .await;
    world.start();
    let mails = async || {
        let mails = store::outbox::page(&mut world.store.reader(), world.org, None, 100).await;
        mails.expect("mails")
    };
    let mut next = 0;
    let mut plant = |many: usize| {
        for _ in 0..many {
            world
                .target
                .plant(&account(&format!("p{next:05}")))
                .expect("planted");
            next += 1;
        }
    };
    plant(99);
    assert_eq!(world.import(Chosen::All).await.counts.created, 99);
    assert!(mails().await.is_empty(), "it was answered at once");
    plant(100);
    world.target.adjust(|options| {
        (options.page_size, options.paging) = (30, Paging::Repeats);
    });
    world
        .target
        .inject(Rule::on("GET", "startIndex").nth(3).then(Fault::status(503)));
    let import = world.import(Chosen::All).await;
    assert_eq!((import.counts.created, import.counts.failed), (100, 0));
    let told = mails().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].recipient, "it@example.com");
    assert!(
        told[0].text.contains("New people:               100"),
        "{}",
        told[0].text
    );
    let events = world.event_types().await;
    assert_eq!(
        events.iter().filter(|kind| *kind == "idm_import_finish").count(),
        2
    );
    world.stop().await;
}

pub async fn an_import_that_is_killed_goes_on(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::All).await;
    for number in 0..120 {
        world
            .target
            .plant(&account(&format!("p{number:05}")))
            .expect("planted");
    }
    let engine = doomed(&world);
    *world.victim.lock().expect("no panic") = Some(Arc::clone(&engine));
    let request = ImportRequest {
        chosen: Chosen::All,
        tell: None,
    };
    let begun = world
        .provisioning
        .import(world.org, world.app, request, &world.cause)
        .await
        .expect("begun");
    world
        .until("killed", async || engine.lock().expect("no panic").is_none())
        .await;
    let before = world.people().await.len();
    assert!((1..120).contains(&before), "{before}");
    world.start();
    let import = world.imported(&begun).await;
    assert_eq!(
        (import.state, import.counts.created, import.counts.failed),
        (JobState::Done, 120, 0)
    );
    assert_eq!(world.people().await.len(), 120, "nobody twice");
    let linked = store::links::count(&mut world.store.reader(), world.org, world.app).await;
    assert_eq!(linked.expect("counted"), 120);
    // Everybody is in scope here: the accounts are kept in step, and none is made.
    world.initial().await;
    assert_eq!(world.target.counts().creates, 0);
    world.stop().await;
}
