//! What remains of deleted people and groups until retention ends.

use base::{Actor, Cause, CorrelationId, OrgId, SubjectId, Timestamp};

use crate::changes::{Kind, actor_text};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A deleted person or group, as it last was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    pub id: SubjectId,
    /// The userName or displayName, as typed.
    pub name: String,
    pub doc: String,
    pub rendering: i64,
    pub version: i64,
    pub created: Timestamp,
    pub deleted: Timestamp,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

/// What is to be remembered.
pub(crate) struct Remains<'a> {
    pub(crate) kind: Kind,
    pub(crate) id: SubjectId,
    pub(crate) name: &'a str,
    pub(crate) doc: &'a str,
    pub(crate) rendering: i64,
    pub(crate) version: i64,
    pub(crate) created: Timestamp,
}

pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    remains: &Remains<'_>,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.send(
        "INSERT INTO tombstones (org, kind, id, name, doc, rendering, version, created, deleted, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            org,
            remains.kind.as_str(),
            remains.id,
            remains.name,
            remains.doc,
            remains.rendering,
            remains.version,
            remains.created,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ]
        .to_vec(),
    )
    .await
    .map(drop)
}

/// `kind` is [`Kind::User`] or [`Kind::Group`].
pub async fn by_id(
    q: &mut impl Query,
    org: OrgId,
    kind: Kind,
    id: impl Into<SubjectId>,
) -> Result<Option<Tombstone>, Error> {
    let sql = "SELECT id, name, doc, rendering, version, created, deleted, actor, correlation FROM tombstones \
               WHERE org = ?1 AND kind = ?2 AND id = ?3";
    let id: SubjectId = id.into();
    q.first(sql, params![org, kind.as_str(), id])
        .await?
        .map(read)
        .transpose()
}

/// Forgets those deleted before a time, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "SELECT kind, id FROM tombstones WHERE org = ?1 AND deleted < ?2 ORDER BY deleted, id LIMIT ?3";
    let old = tx.query(sql, params![org, before, limit]).await?;
    let sets: Result<Vec<_>, Error> = old
        .iter()
        .map(|row| Ok(params![org, row.text(0)?, row.id::<SubjectId>(1)?].to_vec()))
        .collect();
    let delete = "DELETE FROM tombstones WHERE org = ?1 AND kind = ?2 AND id = ?3";
    tx.execute_many(delete, &sets?).await
}

fn read(mut row: Row) -> Result<Tombstone, Error> {
    Ok(Tombstone {
        id: row.id(0)?,
        name: row.take_text(1)?,
        doc: row.take_text(2)?,
        rendering: row.int(3)?,
        version: row.int(4)?,
        created: row.time(5)?,
        deleted: row.time(6)?,
        actor: row.actor(7)?,
        correlation: row.id(8)?,
    })
}
