//! A directory, an app, a target, and the engine between them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Actor, Ambient, AppId, Cause, GroupId, Keyring, OrgId, Secret, UserId};
use outbound::{Outbound, Rules};
use provisioning::{
    AppScope, Counts, CycleView, Engine, LogEntry, LogFilter, LogOrder, NewApp, Peers, Provisioning,
    SettingsChange, Subject, Sync, Template,
};
use serde_json::{Value, json};
use store::{Database, Store};
use testkit::postgres::PostgresServer;
use testkit::target::{FakeTarget, Options};

pub use self::writes::GroupChange;
use self::writes::{AddOrganization, ChangeGroup, Damage, DeleteUser, InsertGroup, InsertUsers, PutUser};
use super::import::Hires;
use super::kills::Doomed;

mod writes;

/// On which database.
#[derive(Debug, Clone, Copy)]
pub enum On {
    Sqlite,
    Postgres,
}

pub struct World {
    pub store: Store,
    pub provisioning: Provisioning,
    pub target: FakeTarget,
    pub org: OrgId,
    pub app: AppId,
    pub cause: Cause,
    /// Who dies in the middle of an import.
    pub victim: Arc<Mutex<Option<Doomed>>>,
    database: Database,
    keyring: Arc<Keyring>,
    engine: Option<Engine>,
    _dir: tempfile::TempDir,
}

/// What the tests wait at most for; only a hung test gets there.
const PATIENCE: Duration = Duration::from_mins(5);

/// Makes the tables of a database.
async fn migrate(url: String) {
    let opened = Store::open(&Database::Postgres(url), Ambient::system()).await;
    drop(opened.expect("opens"));
}

impl World {
    /// Everybody in scope, nobody there yet, the engine not yet running.
    pub async fn new(on: On) -> Self {
        Self::with(on, Options::default(), AppScope::All).await
    }

    pub async fn with(on: On, options: Options, scope: AppScope) -> Self {
        let ambient = Ambient::system();
        let dir = tempfile::tempdir().expect("a directory");
        let database = match on {
            On::Sqlite => Database::Sqlite(dir.path().join("instep.db")),
            On::Postgres => Database::Postgres(PostgresServer::shared().await.database_like(migrate).await),
        };
        let store = Store::open(&database, ambient.clone()).await.expect("a store");
        let cause = ambient.cause(Actor::operator());
        let org = ambient.id();
        let add = AddOrganization {
            org,
            cause: cause.clone(),
        };
        store.write(add).await.expect("an organization");
        let target = FakeTarget::start(options).await.expect("a target");
        let keyring = Arc::new(Keyring::generate(&ambient));
        let outbound = Outbound::new(Rules::default()).expect("a client");
        let victim = Arc::default();
        let provisioning = Provisioning::new(store.clone(), Arc::clone(&keyring), outbound)
            .with_newcomers(hires(&store, &victim));
        let new = NewApp {
            base_url: Some(target.base_url()),
            token: Some(Secret::new(target.token())),
            when_empty: Some(mapping::WhenEmpty::Clear),
            change: SettingsChange {
                scope: Some(scope),
                // A target that is told to be throttled is not made slow for good.
                rate_least: Some(1_000),
                request_timeout_seconds: Some(2),
                in_doubt_seconds: Some(1),
                ..SettingsChange::default()
            },
            ..NewApp::new(Template::Webex)
        };
        let app = provisioning.add_app(org, new, &cause).await.expect("an app").id;
        Self {
            store,
            provisioning,
            target,
            org,
            app,
            cause,
            victim,
            database,
            keyring,
            engine: None,
            _dir: dir,
        }
    }

    /// A second app with the same target.
    pub async fn another_app(&self) -> AppId {
        let new = NewApp {
            name: Some("Another".to_owned()),
            base_url: Some(self.target.base_url()),
            token: Some(Secret::new(self.target.token())),
            change: SettingsChange {
                scope: Some(AppScope::All),
                ..SettingsChange::default()
            },
            ..NewApp::new(Template::Webex)
        };
        let added = self.provisioning.add_app(self.org, new, &self.cause).await;
        added.expect("an app").id
    }

    /// Leaves an app with settings that nobody can read.
    pub async fn damage(&self, app: AppId) {
        let damage = Damage {
            org: self.org,
            app,
            cause: self.cause.clone(),
        };
        self.store.write(damage).await.expect("damaged");
    }

    /// What another process makes of the same database.
    pub fn elsewhere(&self) -> impl Future<Output = Provisioning> + Send + use<> {
        self.elsewhere_at(Ambient::system())
    }

    /// The same with other time and randomness.
    pub fn elsewhere_at(&self, ambient: Ambient) -> impl Future<Output = Provisioning> + Send + use<> {
        let (database, keyring) = (self.database.clone(), Arc::clone(&self.keyring));
        let victim = Arc::clone(&self.victim);
        async move {
            let store = Store::open(&database, ambient).await.expect("a store");
            let outbound = Outbound::new(Rules::default()).expect("a client");
            let newcomers = hires(&store, &victim);
            Provisioning::new(store, keyring, outbound).with_newcomers(newcomers)
        }
    }

    pub fn start(&mut self) {
        self.engine = Some(Engine::start(self.provisioning.clone(), Peers::None));
    }

    pub async fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop().await;
        }
    }

    /// Starts the engine, begins the initial cycle and waits until everybody is in step.
    pub async fn initial(&mut self) -> Counts {
        if self.engine.is_none() {
            self.start();
        }
        let cycle = self.sync(Sync::Continue).await;
        self.in_step().await;
        self.finished(&cycle).await.counts
    }

    pub async fn restart(&self) -> Counts {
        let cycle = self.sync(Sync::Restart).await;
        self.in_step().await;
        self.finished(&cycle).await.counts
    }

    pub async fn sync(&self, sync: Sync) -> CycleView {
        self.provisioning
            .sync(self.org, self.app, sync, &self.cause)
            .await
            .expect("a cycle")
    }

    /// Waits until the feed is read and nobody is left to be worked for.
    pub async fn in_step(&self) {
        self.until("in step", async || {
            let status = self
                .provisioning
                .status(self.org, self.app)
                .await
                .expect("a status");
            status.in_step && status.cycle.is_some_and(|cycle| cycle.finished.is_some())
        })
        .await;
    }

    pub async fn finished(&self, cycle: &CycleView) -> CycleView {
        let read = async || {
            self.provisioning
                .cycle(self.org, self.app, cycle.id)
                .await
                .expect("the cycle")
        };
        self.until("finished", async || read().await.finished.is_some())
            .await;
        read().await
    }

    pub async fn until(&self, what: &str, done: impl AsyncFn() -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !done().await {
            if tokio::time::Instant::now() > deadline {
                let status = self.provisioning.status(self.org, self.app).await;
                panic!("never {what}: {status:#?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn hire(&self, name: &str) -> UserId {
        self.put_user(None, &person(name), true).await
    }

    pub async fn hire_many(&self, count: usize) -> Vec<UserId> {
        let mut ids = Vec::with_capacity(count);
        for chunk in (0..count).collect::<Vec<_>>().chunks(500) {
            let people = chunk
                .iter()
                .map(|number| {
                    let id: UserId = self.store.ambient().id();
                    ids.push(id);
                    (id, draft(&person(&format!("p{number:05}")), true))
                })
                .collect();
            let write = InsertUsers {
                org: self.org,
                people,
                cause: self.cause.clone(),
            };
            self.store.write(write).await.expect("people");
        }
        ids
    }

    pub async fn change(&self, id: UserId, resource: &Value) {
        self.put_user(Some(id), resource, true).await;
    }

    pub async fn deactivate(&self, id: UserId, resource: &Value) {
        self.put_user(Some(id), resource, false).await;
    }

    async fn put_user(&self, id: Option<UserId>, resource: &Value, active: bool) -> UserId {
        let write = PutUser {
            org: self.org,
            id,
            draft: draft(resource, active),
            cause: self.cause.clone(),
        };
        self.store.write(write).await.expect("a person")
    }

    pub async fn dismiss(&self, id: UserId) {
        let write = DeleteUser {
            org: self.org,
            id,
            cause: self.cause.clone(),
        };
        self.store.write(write).await.expect("gone");
    }

    pub async fn group(&self, name: &str, members: &[UserId]) -> GroupId {
        let write = InsertGroup {
            org: self.org,
            name: name.to_owned(),
            members: members.to_vec(),
            cause: self.cause.clone(),
        };
        self.store.write(write).await.expect("a group")
    }

    pub async fn group_change(&self, change: GroupChange) {
        let write = ChangeGroup {
            org: self.org,
            change,
            cause: self.cause.clone(),
        };
        self.store.write(write).await.expect("a change");
    }

    pub async fn assign(&self, subject: Subject) {
        self.provisioning
            .assign(self.org, self.app, &[subject], &self.cause)
            .await
            .expect("assigned");
    }

    pub async fn unassign(&self, subject: Subject) {
        self.provisioning
            .unassign(self.org, self.app, &[subject], &self.cause)
            .await
            .expect("unassigned");
    }

    /// The account with this userName at the target.
    pub fn account(&self, name: &str) -> Value {
        let wanted = user_name(name);
        self.target
            .accounts()
            .into_iter()
            .find(|account| account["userName"] == json!(wanted))
            .unwrap_or(Value::Null)
    }

    pub async fn log(&self) -> Vec<LogEntry> {
        let filter = LogFilter {
            app: Some(self.app),
            order: LogOrder::OldestFirst,
            ..LogFilter::default()
        };
        self.provisioning
            .log(self.org, &filter, 10_000)
            .await
            .expect("the log")
    }
}

pub fn user_name(name: &str) -> String {
    format!("{name}@example.com")
}

/// A plausible person.
pub fn person(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name(name),
        "displayName": name.to_uppercase(),
        "title": "Chemist",
        "name": {"givenName": name, "familyName": "Meier"},
        "phoneNumbers": [{"type": "work", "value": "+41 31 000 00 00"}]
    })
}

fn hires(store: &Store, victim: &Arc<Mutex<Option<Doomed>>>) -> Arc<Hires> {
    Arc::new(Hires {
        store: store.clone(),
        victim: Arc::clone(victim),
    })
}

pub fn draft(resource: &Value, active: bool) -> store::users::Draft {
    let text = |name: &str| resource[name].as_str().map(str::to_owned);
    store::users::Draft {
        active,
        user_name: text("userName").expect("a userName"),
        display_name: text("displayName"),
        doc: resource.to_string(),
        rendering: 1,
        provenance: "{}".to_owned(),
        keys: Vec::new(),
    }
}
