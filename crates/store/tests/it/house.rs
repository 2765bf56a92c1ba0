//! A fresh database with one organization, and short ways to change it.

use std::sync::Arc;
use std::time::Duration;

use base::{Actor, Ambient, Cause, Clock, GroupId, ManualClock, OrgId, SystemEntropy, Timestamp, UserId};
use store::users::User;
use store::{Attribute, Database, Error, Key, Reader, Store, Tx, Write, groups, organizations, users};
use testkit::postgres::PostgresServer;

/// A clock that tests can push on and that never shows one time twice.
#[derive(Clone, Default)]
pub(crate) struct Ticking(ManualClock);

impl Ticking {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_millis(1));
        self.0.now()
    }
}

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) org: OrgId,
    pub(crate) clock: Ticking,
    _directory: Option<tempfile::TempDir>,
}

/// Makes the tables of a database.
async fn migrate(url: String) {
    let opened = Store::open(&Database::Postgres(url), Ambient::system()).await;
    drop(opened.expect("opens"));
}

impl House {
    pub(crate) async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let database = Database::Sqlite(directory.path().join("instep.db"));
        Self::open(database, Some(directory)).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = PostgresServer::shared().await.database_like(migrate).await;
        Self::open(Database::Postgres(url), None).await
    }

    async fn open(database: Database, directory: Option<tempfile::TempDir>) -> Self {
        let clock = Ticking(ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000)));
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let store = Store::open(&database, ambient).await.expect("opens");
        let org = store.ambient().id();
        let house = Self {
            store,
            database,
            org,
            clock,
            _directory: directory,
        };
        house.new_org(org, "Acme").await;
        house
    }

    /// Another store on the same database, as another process would open it.
    pub(crate) async fn neighbour(&self) -> Store {
        let ambient = Ambient::new(self.clock.clone(), SystemEntropy);
        Store::open(&self.database, ambient).await.expect("opens beside")
    }

    pub(crate) async fn new_org(&self, org: OrgId, name: &'static str) {
        let cause = self.cause();
        let made = self
            .write(move |tx| {
                let cause = cause.clone();
                Box::pin(async move { organizations::insert(tx, org, name, &cause).await })
            })
            .await;
        made.expect("an organization");
    }

    pub(crate) fn q(&self) -> Reader {
        self.store.reader()
    }

    pub(crate) fn cause(&self) -> Cause {
        self.store.ambient().cause(Actor::operator())
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        run: impl for<'a, 'b> Fn(&'a mut Tx<'b>) -> Run<'a, T> + Send + Sync + 'static,
    ) -> Result<T, Error> {
        self.store.write(Closure::new(run)).await
    }

    pub(crate) async fn hire(&self, user_name: &str) -> Result<User, Error> {
        let (org, id, draft, cause) = (
            self.org,
            self.store.ambient().id(),
            person(user_name),
            self.cause(),
        );
        self.write(move |tx| {
            let (draft, cause) = (draft.clone(), cause.clone());
            Box::pin(async move { users::insert(tx, org, id, &draft, &cause).await })
        })
        .await
    }

    pub(crate) async fn change(
        &self,
        id: UserId,
        expected: Option<i64>,
        draft: users::Draft,
    ) -> Result<User, Error> {
        let (org, cause) = (self.org, self.cause());
        self.write(move |tx| {
            let (draft, cause) = (draft.clone(), cause.clone());
            Box::pin(async move { users::update(tx, org, id, expected, &draft, &cause).await })
        })
        .await
    }

    pub(crate) async fn fire(&self, id: UserId) -> Result<User, Error> {
        let (org, cause) = (self.org, self.cause());
        self.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { users::delete(tx, org, id, None, &cause).await })
        })
        .await
    }

    pub(crate) async fn found(&self, name: &str) -> groups::Group {
        let (org, id, draft, cause) = (
            self.org,
            self.store.ambient().id::<GroupId>(),
            team(name),
            self.cause(),
        );
        let made = self
            .write(move |tx| {
                let (draft, cause) = (draft.clone(), cause.clone());
                Box::pin(async move { groups::insert(tx, org, id, &draft, &cause).await })
            })
            .await;
        made.expect("a group")
    }
}

pub(crate) type Run<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

type Body<T> = dyn for<'a, 'b> Fn(&'a mut Tx<'b>) -> Run<'a, T> + Send + Sync;

/// A write out of a closure.
pub(crate) struct Closure<T>(Arc<Body<T>>);

impl<T> Closure<T> {
    pub(crate) fn new(
        run: impl for<'a, 'b> Fn(&'a mut Tx<'b>) -> Run<'a, T> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(run))
    }
}

impl<T: Send + 'static> Write for Closure<T> {
    type Out = T;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<T, Error> {
        (self.0)(tx).await
    }
}

/// A person of whom only the userName matters.
pub(crate) fn person(user_name: &str) -> users::Draft {
    users::Draft {
        active: true,
        user_name: user_name.to_owned(),
        display_name: Some(format!("Display {user_name}")),
        doc: format!(r#"{{"userName":"{user_name}"}}"#),
        rendering: 1,
        provenance: "{}".to_owned(),
        keys: vec![
            Key::new(Attribute::ExternalId, format!("X-{user_name}")),
            Key::new(
                Attribute::Email,
                base::canonical::email(&format!("{user_name}@work")),
            ),
            Key::new(
                Attribute::Email,
                base::canonical::email(&format!("{user_name}@home")),
            ),
        ],
    }
}

pub(crate) fn team(name: &str) -> groups::Draft {
    groups::Draft {
        display_name: name.to_owned(),
        doc: format!(r#"{{"displayName":"{name}"}}"#),
        rendering: 1,
        provenance: "{}".to_owned(),
        keys: vec![Key::new(Attribute::DisplayName, base::canonical::text(name))],
    }
}
