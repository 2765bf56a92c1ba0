//! A directory with one organization, on a database of its own.

use std::time::Duration;

use base::{Actor, Ambient, Cause, Clock, ManualClock, OrgId, SeededEntropy, Timestamp};
use directory::{Admin, Change, Directory, NewOrganization, Preset, Settings, Source};
use scim::ResourceTypes;
use store::{Database, Store};
use testkit::postgres::PostgresServer;

/// A clock that never shows one time twice.
#[derive(Clone)]
struct Ticking(ManualClock);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_micros(250));
        self.0.now()
    }
}

pub(crate) struct House {
    pub(crate) directory: Directory,
    pub(crate) org: OrgId,
    cause: Cause,
    ambient: Ambient,
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
        let ambient = Ambient::new(clock, SeededEntropy::new(1));
        let store = Store::open(&database, ambient.clone()).await.expect("opens");
        let directory = Directory::new(store, ambient.clone());
        let cause = ambient.cause(Actor::operator());
        let new = NewOrganization {
            name: "Northwind".to_owned(),
            preset: Preset::Plain,
            admin: Admin {
                email: "admin@northwind.example".to_owned(),
                password_hash: "$argon2id$of-nobody".to_owned(),
                must_change_password: false,
            },
        };
        let made = directory.create_organization(&cause, new).await;
        Self {
            org: made.expect("an organization").id,
            directory,
            cause,
            ambient,
            _data: data,
        }
    }

    pub(crate) fn id<I: From<(Timestamp, [u8; 10])>>(&self) -> I {
        self.ambient.id()
    }

    pub(crate) fn change(&self) -> Change<'_> {
        Change {
            cause: &self.cause,
            source: Source::Scim,
            types: ResourceTypes::built_in(),
            settings: Settings::default(),
        }
    }
}
