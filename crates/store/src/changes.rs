//! The change feed: what has changed in an organization, in the order of its commits.
//!
//! A row is written in the transaction of the change itself. Whoever reads asks for the [`head`] first and reads up to
//! there: behind the head nothing can still appear.

use base::{Actor, Cause, CorrelationId, OrgId, Timestamp};

use crate::error::Error;
use crate::row::Row;
use crate::tx::{Lock, Query, Tx};
use crate::value::{StoredId, Value};
use crate::{Store, params, revisions};

pub(crate) const HEAD: &str = "SELECT COALESCE(MAX(seq), 0) FROM changes WHERE org = ?1";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$note])* $variant),+ }

        impl $name {
            /// The word that the database holds.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(crate) fn read(word: &str) -> Result<Self, Error> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Error::internal(format!("the feed holds {word:?}, which is unknown"))),
                }
            }
        }
    };
}

words! {
    /// What kind of thing has changed.
    Kind {
        User = "user",
        Group = "group",
        /// `id` is the group, `related` the person.
        Member = "member",
        /// `id` is the group, `related` the group within it.
        MemberGroup = "member_group",
        /// `id` is the application, `related` the person or group.
        Assignment = "assignment",
        App = "app",
        Mapping = "mapping",
        /// `id` is the person.
        Role = "role",
        /// `id` is the organization.
        Settings = "settings",
        Organization = "organization",
        /// One that the organization has added.
        Schema = "schema",
        Token = "token",
    }
}

words! {
    /// What happened to it.
    What {
        Created = "created",
        Updated = "updated",
        Deleted = "deleted",
        Added = "added",
        Removed = "removed",
    }
}

/// A change that is about to be noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub kind: Kind,
    pub id: [u8; 16],
    pub related: Option<[u8; 16]>,
    pub what: What,
}

impl Entry {
    pub fn new(kind: Kind, id: impl StoredId, what: What) -> Self {
        let (id, related) = (id.stored(), None);
        Self {
            kind,
            id,
            related,
            what,
        }
    }

    #[must_use]
    pub fn related_to(self, other: impl StoredId) -> Self {
        let related = Some(other.stored());
        Self { related, ..self }
    }
}

/// A row of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub seq: i64,
    pub kind: Kind,
    pub id: [u8; 16],
    pub related: Option<[u8; 16]>,
    pub what: What,
    pub at: Timestamp,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

impl Change {
    /// The id, as that of the thing that [`Kind`] says.
    pub fn id_as<I: StoredId>(&self) -> Result<I, Error> {
        I::from_stored(&self.id).map_err(|error| Error::Internal(error.into()))
    }

    /// The related id; an error if there is none.
    pub fn related_as<I: StoredId>(&self) -> Result<I, Error> {
        let id = self.related.as_ref().ok_or(Error::NotFound)?;
        I::from_stored(id).map_err(|error| Error::Internal(error.into()))
    }

    fn read(row: &Row) -> Result<Self, Error> {
        let bytes = |column| row.id::<CorrelationId>(column).map(|id| id.stored());
        Ok(Self {
            seq: row.int(0)?,
            kind: Kind::read(row.text(1)?)?,
            id: bytes(2)?,
            related: row.opt_id::<CorrelationId>(3)?.map(|id| id.stored()),
            what: What::read(row.text(4)?)?,
            at: row.time(5)?,
            actor: row.actor(6)?,
            correlation: row.id(7)?,
        })
    }
}

/// Announces that this write will change the organization: makes readers of the feed wait for it. To be called before
/// the first change (the functions of this crate do so themselves); calling it again costs nothing.
pub async fn begin(tx: &mut Tx<'_>, org: OrgId) -> Result<(), Error> {
    tx.lock(Lock::Feed(org)).await
}

/// Notes one change.
pub async fn append(tx: &mut Tx<'_>, org: OrgId, entry: Entry, cause: &Cause) -> Result<(), Error> {
    append_all(tx, org, &[entry], cause).await
}

/// Notes several changes of one cause, in this order.
pub async fn append_all(tx: &mut Tx<'_>, org: OrgId, entries: &[Entry], cause: &Cause) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    begin(tx, org).await?;
    let (at, actor) = (tx.ambient().now(), actor_text(&cause.actor)?);
    let rows: Vec<Vec<Value>> = entries
        .iter()
        .map(|entry| {
            params![
                org,
                entry.kind.as_str(),
                entry.id,
                entry.related,
                entry.what.as_str(),
                at,
                &actor,
                cause.correlation
            ]
            .to_vec()
        })
        .collect();
    tx.send_many(
        "INSERT INTO changes (org, kind, id, related, what, at, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        rows,
    )
    .await?;
    let opens_doors = |entry: &Entry| matches!(entry.kind, Kind::Token | Kind::Role);
    if entries.iter().any(opens_doors) {
        revisions::access_changed(tx, org).await?;
    }
    tx.wake_after_commit();
    Ok(())
}

/// The last number up to which the organization's feed is complete: 0 when nothing has happened yet.
///
/// On PostgreSQL it waits for the writes that are under way in this organization, unless nothing has been committed
/// behind `after`, which is then returned itself.
pub async fn head(store: &Store, org: OrgId, after: i64) -> Result<i64, Error> {
    let visible = store.reader().first(HEAD, params![org]).await?;
    let visible = visible.map_or(Ok(0), |row| row.int(0))?;
    if visible <= after {
        return Ok(after);
    }
    Ok(store.feed_head(org).await?.max(after))
}

/// The changes behind `after` up to and including `head`, the oldest first, at most `limit`.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: i64,
    head: i64,
    limit: u32,
) -> Result<Vec<Change>, Error> {
    let sql = "SELECT seq, kind, id, related, what, at, actor, correlation FROM changes \
               WHERE org = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4";
    let rows = q.query(sql, params![org, after, head, limit]).await?;
    rows.iter().map(Change::read).collect()
}

/// Forgets changes older than a time that every app has read or will begin anew without, at most `limit` of them; says how many. The last one stays.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM changes WHERE org = ?1 AND seq IN \
               (SELECT seq FROM changes WHERE org = ?1 AND at < ?2 \
               AND seq < (SELECT MAX(seq) FROM changes WHERE org = ?1) \
               AND NOT EXISTS (SELECT 1 FROM apps WHERE org = ?1 AND watermark <= seq \
               AND state NOT IN ('inactive', 'removing')) ORDER BY seq LIMIT ?3)";
    tx.execute(sql, params![org, before, limit]).await
}

/// An actor as the tables hold it.
pub fn actor_text(actor: &Actor) -> Result<String, Error> {
    serde_json::to_string(actor).map_err(|error| Error::Internal(error.into()))
}
