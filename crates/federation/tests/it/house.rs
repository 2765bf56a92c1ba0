//! Two organizations on a database of their own, and a clock that tests push on.

use std::sync::Arc;
use std::time::Duration;

use base::{Actor, Ambient, Cause, Clock, Keyring, ManualClock, OrgId, SystemEntropy, Timestamp};
use directory::{Admin, Directory, NewOrganization, Preset};
use federation::Federation;
use outbound::{Outbound, Rules};
use store::{Database, Store};
use testkit::postgres::PostgresServer;

/// A clock that tests push on, and that never shows one time twice.
#[derive(Clone)]
pub(crate) struct Ticking(ManualClock);

impl Ticking {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.advance(by);
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_micros(250));
        self.0.now()
    }
}

pub(crate) struct House {
    pub(crate) clock: Ticking,
    pub(crate) ambient: Ambient,
    pub(crate) store: Store,
    pub(crate) directory: Directory,
    pub(crate) federation: Federation,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) org: OrgId,
    pub(crate) other: OrgId,
    _data: Option<tempfile::TempDir>,
}

/// Makes the tables of a database.
async fn migrate(url: String) {
    let opened = Store::open(&Database::Postgres(url), Ambient::system()).await;
    drop(opened.expect("opens"));
}

impl House {
    pub(crate) async fn sqlite() -> Self {
        let data = tempfile::tempdir().expect("a directory");
        let database = Database::Sqlite(data.path().join("instep.db"));
        Self::open(database, Some(data)).await
    }

    pub(crate) async fn postgres() -> Self {
        let url = PostgresServer::shared().await.database_like(migrate).await;
        Self::open(Database::Postgres(url), None).await
    }

    async fn open(database: Database, data: Option<tempfile::TempDir>) -> Self {
        let clock = Ticking(ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000)));
        let ambient = Ambient::new(clock.clone(), SystemEntropy);
        let store = Store::open(&database, ambient.clone()).await.expect("opens");
        let directory = Directory::new(store.clone(), ambient.clone());
        let keyring = Arc::new(Keyring::generate(&ambient));
        let outbound = Outbound::new(Rules::default()).expect("a client");
        let federation = Federation::new(store.clone(), directory.clone(), Arc::clone(&keyring), outbound);
        let org = found(&directory, &ambient, "Northwind").await;
        let other = found(&directory, &ambient, "Tailspin").await;
        Self {
            clock,
            ambient,
            store,
            directory,
            federation,
            keyring,
            org,
            other,
            _data: data,
        }
    }

    pub(crate) fn cause(&self) -> Cause {
        self.ambient.cause(Actor::system())
    }

    /// The types of the organization's events, the oldest first, but for those of its beginning.
    pub(crate) async fn told(&self) -> Vec<String> {
        let filter = store::events::Filter {
            order: store::Order::OldestFirst,
            ..store::events::Filter::default()
        };
        let events = self
            .directory
            .events(self.org, &filter, 100)
            .await
            .expect("events");
        let types = events.into_iter().map(|event| event.event_type);
        types.filter(|name| name.starts_with("saml_")).collect()
    }

    pub(crate) async fn mails(&self) -> usize {
        let mails = self.directory.mails(self.org, None, 100).await;
        mails.expect("mails").len()
    }
}

async fn found(directory: &Directory, ambient: &Ambient, name: &str) -> OrgId {
    let new = NewOrganization {
        name: name.to_owned(),
        preset: Preset::Plain,
        admin: Admin {
            email: format!("admin@{}.example", name.to_lowercase()),
            password_hash: "$argon2id$of-nobody".to_owned(),
            must_change_password: false,
        },
    };
    let cause = ambient.cause(Actor::system());
    directory.create_organization(&cause, new).await.expect("made").id
}
