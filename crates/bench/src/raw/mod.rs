//! The rows of a change, written raw: what the service's own writes are measured against.
//!
//! The store makes the tables; what is measured does not go through it.

mod postgres;
mod sqlite;

use anyhow::Result;
use base::{Ambient, CorrelationId, EventId, OrgId, UserId};
use store::{Database, Store};

use crate::database::{Fresh, Kind};
use crate::people::{person, user_name};
use crate::report::Side;

/// The rows of which change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// A person, with three index entries, a line of the feed and an event.
    OfCreate,
    /// The person again, with one index entry instead of another, a line of the feed and an event.
    OfPatch,
}

/// Writes the rows of so many changes; those of a PATCH on people that are there.
pub async fn write(kind: Kind, rows: Rows, workers: usize, count: usize) -> Result<Side> {
    let fresh = Fresh::new(kind).await?;
    drop(Store::open(&Database::parse(&fresh.url)?, Ambient::system()).await?);
    let world = World::new(count);
    match kind {
        Kind::Sqlite => sqlite::write(&fresh, world, rows, workers).await,
        Kind::Postgres => postgres::write(&fresh, world, rows, workers).await,
    }
}

/// The people whose rows are written.
struct World {
    ambient: Ambient,
    org: OrgId,
    users: Vec<UserId>,
}

/// What the statements of one change take.
struct Values {
    org: Vec<u8>,
    user: Vec<u8>,
    correlation: Vec<u8>,
    event: Vec<u8>,
    now: i64,
    name: String,
    display_name: String,
    doc: String,
    /// Attribute and canonical value.
    keys: [(&'static str, String); 3],
}

const ACTOR: &str = r#"{"kind":"token","id":"0198c5d4-7b1e-7c3a-9f27-5d1a64c0e9b2","name":"bench"}"#;
const PROVENANCE: &str = r#"{"userName":"scim"}"#;

impl World {
    fn new(people: usize) -> Self {
        let ambient = Ambient::system();
        Self {
            org: ambient.id(),
            users: (0..people).map(|_| ambient.id()).collect(),
            ambient,
        }
    }

    fn values(&self, at: usize) -> Values {
        let (correlation, event): (CorrelationId, EventId) = (self.ambient.id(), self.ambient.id());
        Values {
            org: self.org.as_bytes().to_vec(),
            user: self.users[at].as_bytes().to_vec(),
            correlation: correlation.as_bytes().to_vec(),
            event: event.as_bytes().to_vec(),
            now: self.ambient.now().as_micros(),
            name: user_name(at),
            display_name: format!("Given{at} Family{at}"),
            doc: person(at).to_string(),
            keys: [
                ("externalId", format!("external-{at}")),
                ("email", user_name(at)),
                ("displayName", format!("given{at} family{at}")),
            ],
        }
    }
}
