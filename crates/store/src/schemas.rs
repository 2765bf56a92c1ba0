//! The extensions that organizations have added.
//!
//! Every change of them raises the organization's *revision*, a number that comes along with each token that is looked
//! up, so that whoever keeps what was read knows at once, in every process, that it is out of date. A write that was
//! prepared by the schemas of one revision [requires](require_revision) that it still is the one.

use base::{Cause, OrgId, SchemaId, Timestamp};

use crate::changes::{self, Entry, Kind, What, actor_text};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Lock, Query, Tx};

/// A schema as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    pub id: SchemaId,
    /// Of people or of groups.
    pub kind: Kind,
    pub required: bool,
    /// The definition as JSON.
    pub doc: String,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// What a schema is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub kind: Kind,
    pub required: bool,
    pub doc: String,
}

/// An organization's revision: 0 as long as it has never added anything.
pub async fn revision(q: &mut impl Query, org: OrgId) -> Result<i64, Error> {
    let sql = "SELECT schemas_revision FROM organizations WHERE id = ?1";
    let row = q.first(sql, params![org]).await?;
    row.ok_or(Error::NotFound)?.int(0)
}

/// All that an organization has added, the oldest first, with the revision that they are; read in one moment.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<(i64, Vec<Schema>), Error> {
    let sql = "SELECT o.schemas_revision, s.id, s.kind, s.required, s.doc, s.version, s.created, s.modified \
               FROM organizations o LEFT JOIN schemas s ON s.org = o.id WHERE o.id = ?1 ORDER BY s.id";
    let mut rows = q.query(sql, params![org]).await?;
    let revision = rows.first().ok_or(Error::NotFound)?.int(0)?;
    let mut schemas = Vec::with_capacity(rows.len());
    for row in &mut rows {
        if let Some(id) = row.opt_id(1)? {
            schemas.push(read(id, row)?);
        }
    }
    Ok((revision, schemas))
}

fn read(id: SchemaId, row: &mut Row) -> Result<Schema, Error> {
    Ok(Schema {
        id,
        kind: Kind::read(row.text(2)?)?,
        required: row.int(3)? != 0,
        doc: row.take_text(4)?,
        version: row.int(5)?,
        created: row.time(6)?,
        modified: row.time(7)?,
    })
}

/// Waits until nobody else writes in the organization: what is found in use, or not, stays so until this write ends.
pub async fn begin(tx: &mut Tx<'_>, org: OrgId) -> Result<(), Error> {
    tx.lock(Lock::Alone(org)).await
}

/// Adds one. `Conflict { what: "urn" }` when the organization has one of that URN.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    (id, urn): (SchemaId, &str),
    draft: &Draft,
    cause: &Cause,
) -> Result<Schema, Error> {
    begin(tx, org).await?;
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO schemas (org, id, urn_key, kind, required, doc, version, created, modified, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7, ?8, ?9)",
        params![
            org,
            id,
            urn.to_ascii_lowercase(),
            draft.kind.as_str(),
            draft.required,
            &draft.doc,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await?;
    note(tx, org, id, What::Created, cause).await?;
    Ok(Schema {
        id,
        kind: draft.kind,
        required: draft.required,
        doc: draft.doc.clone(),
        version: 1,
        created: now,
        modified: now,
    })
}

/// Changes one.
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: SchemaId,
    draft: &Draft,
    cause: &Cause,
) -> Result<Schema, Error> {
    begin(tx, org).await?;
    let now = tx.ambient().now();
    let updated = tx
        .first(
            "UPDATE schemas SET kind = ?3, required = ?4, doc = ?5, version = version + 1, modified = ?6, actor = ?7, \
             correlation = ?8 WHERE org = ?1 AND id = ?2 RETURNING version, created",
            params![
                org,
                id,
                draft.kind.as_str(),
                draft.required,
                &draft.doc,
                now,
                actor_text(&cause.actor)?,
                cause.correlation
            ],
        )
        .await?;
    let row = updated.ok_or(Error::NotFound)?;
    note(tx, org, id, What::Updated, cause).await?;
    Ok(Schema {
        id,
        kind: draft.kind,
        required: draft.required,
        doc: draft.doc.clone(),
        version: row.int(0)?,
        created: row.time(1)?,
        modified: now,
    })
}

/// Removes one.
pub async fn delete(tx: &mut Tx<'_>, org: OrgId, id: SchemaId, cause: &Cause) -> Result<(), Error> {
    begin(tx, org).await?;
    let sql = "DELETE FROM schemas WHERE org = ?1 AND id = ?2";
    if tx.execute(sql, params![org, id]).await? == 0 {
        return Err(Error::NotFound);
    }
    note(tx, org, id, What::Deleted, cause).await
}

async fn note(tx: &mut Tx<'_>, org: OrgId, id: SchemaId, what: What, cause: &Cause) -> Result<(), Error> {
    let sql = "UPDATE organizations SET schemas_revision = schemas_revision + 1 WHERE id = ?1";
    tx.execute(sql, params![org]).await?;
    changes::append(tx, org, Entry::new(Kind::Schema, id, what), cause).await
}

/// Ends the write with this error unless the organization's schemas are still of the revision by which it was prepared.
/// From then on until it ends they stay so.
pub async fn require_revision(
    tx: &mut Tx<'_>,
    org: OrgId,
    expected: i64,
    refusal: fn() -> Error,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let sql = "SELECT 1 / COALESCE((SELECT CASE WHEN schemas_revision = ?2 THEN 1 ELSE 0 END FROM organizations \
               WHERE id = ?1), 0)";
    tx.require(sql, params![org, expected].to_vec(), refusal).await
}
