//! Licence types, how many of each there are and how many are used; see [`holdings`] for who has which.
//!
//! Whoever gives one or takes one away holds [`Lock::Licences`], so that none is given twice. A change of what types and
//! templates there are raises the organization's *revision*, as one of its schemas does: a write that was prepared by the
//! templates of one revision [requires](require_revision) that it still is the one.

pub mod holdings;
pub mod runs;
pub mod templates;

use base::{LicenceId, OrgId, Timestamp, canonical};

use crate::changes;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Lock, Query, Tx};
use crate::value::Value;
use templates::Template;

macro_rules! columns {
    () => {
        "id, name, total, consumed, tickets, version, created, modified"
    };
}

/// A licence type as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    pub id: LicenceId,
    pub name: String,
    /// `None`: as many as one likes.
    pub total: Option<i64>,
    /// How many people have one; more than there are, if the total was lowered.
    pub consumed: i64,
    /// How many were ever given or put in line: the next one's place.
    pub tickets: i64,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

impl Licence {
    /// How many more can be given; `None`: as many as one likes.
    pub fn left(&self) -> Option<i64> {
        self.total.map(|total| (total - self.consumed).max(0))
    }

    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(0)?,
            name: row.take_text(1)?,
            total: row.opt_int(2)?,
            consumed: row.int(3)?,
            tickets: row.int(4)?,
            version: row.int(5)?,
            created: row.time(6)?,
            modified: row.time(7)?,
        })
    }
}

/// What an organization gives to whom by itself, read in one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub revision: i64,
    /// How many types there are.
    pub licences: u64,
    pub templates: Vec<Template>,
}

pub async fn known(q: &mut impl Query, org: OrgId) -> Result<Known, Error> {
    let sql = "SELECT o.licences_revision, (SELECT COUNT(*) FROM licences l WHERE l.org = ?1), t.subject, t.licences, \
               t.version, t.created, t.modified \
               FROM organizations o LEFT JOIN licence_templates t ON t.org = o.id WHERE o.id = ?1";
    let rows = q.query(sql, params![org]).await?;
    let first = rows.first().ok_or(Error::NotFound)?;
    let (revision, licences) = (first.int(0)?, first.count(1)?);
    let mut templates = Vec::new();
    for row in rows {
        if row.opt_bytes(2)?.is_some() {
            templates.push(Template::read(org, row, 2)?);
        }
    }
    Ok(Known {
        revision,
        licences,
        templates,
    })
}

/// All types of an organization, the oldest first.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Licence>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM licences WHERE org = ?1 ORDER BY id");
    let rows = q.query(SQL, params![org]).await?;
    rows.into_iter().map(Licence::read).collect()
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: LicenceId) -> Result<Option<Licence>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM licences WHERE org = ?1 AND id = ?2");
    q.first(SQL, params![org, id])
        .await?
        .map(Licence::read)
        .transpose()
}

/// The type of a name, in whichever case it is written.
pub async fn by_name(q: &mut impl Query, org: OrgId, name: &str) -> Result<Option<Licence>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM licences WHERE org = ?1 AND name_key = ?2"
    );
    let key = canonical::text(name);
    q.first(SQL, params![org, key])
        .await?
        .map(Licence::read)
        .transpose()
}

/// Waits until nobody else writes in the organization: from then on until this write ends everybody who comes is judged by
/// what it leaves behind.
pub async fn begin(tx: &mut Tx<'_>, org: OrgId) -> Result<(), Error> {
    tx.lock(Lock::Alone(org)).await?;
    tx.lock(Lock::Licences(org)).await
}

/// Adds a type. `Conflict { what: "name" }` when there is one of that name.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    (id, name): (LicenceId, &str),
    total: Option<i64>,
) -> Result<Licence, Error> {
    begin(tx, org).await?;
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO licences (org, id, name, name_key, total, consumed, tickets, version, created, modified) \
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 1, ?6, ?6)",
        params![org, id, name, canonical::text(name), total, now],
    )
    .await?;
    raise(tx, org).await?;
    Ok(Licence {
        id,
        name: name.to_owned(),
        total,
        consumed: 0,
        tickets: 0,
        version: 1,
        created: now,
        modified: now,
    })
}

/// Changes name and total of a type, as its reader knows it under [`Lock::Licences`].
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    licence: &Licence,
    name: &str,
    total: Option<i64>,
) -> Result<Licence, Error> {
    let now = tx.ambient().now();
    tx.execute(
        "UPDATE licences SET name = ?3, name_key = ?4, total = ?5, version = version + 1, modified = ?6 \
         WHERE org = ?1 AND id = ?2",
        params![org, licence.id, name, canonical::text(name), total, now],
    )
    .await?;
    Ok(Licence {
        name: name.to_owned(),
        total,
        version: licence.version + 1,
        modified: now,
        ..licence.clone()
    })
}

/// Removes a type that nobody has or waits for, with what is remembered of those who had it.
pub async fn delete(tx: &mut Tx<'_>, org: OrgId, id: LicenceId) -> Result<(), Error> {
    let sql = "DELETE FROM licence_holdings WHERE org = ?1 AND licence = ?2 AND state = 'taken'";
    tx.execute(sql, params![org, id]).await?;
    let sql = "DELETE FROM licences WHERE org = ?1 AND id = ?2";
    if tx.execute(sql, params![org, id]).await? == 0 {
        return Err(Error::NotFound);
    }
    raise(tx, org).await
}

/// Notes how many of these are used.
pub async fn count(tx: &mut Tx<'_>, org: OrgId, licences: &[&Licence]) -> Result<(), Error> {
    let sets: Vec<Vec<Value>> = licences
        .iter()
        .map(|one| params![org, one.id, one.consumed, one.tickets].to_vec())
        .collect();
    let sql = "UPDATE licences SET consumed = ?3, tickets = ?4 WHERE org = ?1 AND id = ?2";
    tx.send_many(sql, sets).await
}

/// What types and templates there are has changed.
pub(crate) async fn raise(tx: &mut Tx<'_>, org: OrgId) -> Result<(), Error> {
    let sql = "UPDATE organizations SET licences_revision = licences_revision + 1 WHERE id = ?1";
    tx.execute(sql, params![org]).await.map(drop)
}

/// Ends the write with this error unless the organization's types and templates are still those by which it was prepared.
/// From then on until it ends they stay so.
pub async fn require_revision(
    tx: &mut Tx<'_>,
    org: OrgId,
    expected: i64,
    refusal: fn() -> Error,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let sql = "SELECT 1 / COALESCE((SELECT CASE WHEN licences_revision = ?2 THEN 1 ELSE 0 END FROM organizations \
               WHERE id = ?1), 0)";
    tx.require(sql, params![org, expected].to_vec(), refusal).await
}

/// The same, and that its schemas are of a revision too: one question.
pub async fn require_revisions(
    tx: &mut Tx<'_>,
    org: OrgId,
    (licences, schemas): (i64, i64),
    refusal: fn() -> Error,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let sql = "SELECT 1 / COALESCE((SELECT CASE WHEN licences_revision = ?2 AND schemas_revision = ?3 THEN 1 ELSE 0 END \
               FROM organizations WHERE id = ?1), 0)";
    tx.require(sql, params![org, licences, schemas].to_vec(), refusal)
        .await
}
