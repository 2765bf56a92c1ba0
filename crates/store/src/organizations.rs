//! Organizations: each is a directory and a tenant of its own.

use base::{Cause, OrgId, Timestamp};

use crate::changes::{self, Entry, Kind, What, actor_text};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: OrgId,
    pub name: String,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

pub async fn by_id(q: &mut impl Query, id: OrgId) -> Result<Option<Organization>, Error> {
    let sql = "SELECT id, name, version, created, modified FROM organizations WHERE id = ?1";
    q.first(sql, params![id]).await?.map(read).transpose()
}

/// All organizations, the oldest first.
pub async fn list(q: &mut impl Query) -> Result<Vec<Organization>, Error> {
    let sql = "SELECT id, name, version, created, modified FROM organizations ORDER BY id";
    q.query(sql, &[]).await?.into_iter().map(read).collect()
}

pub async fn insert(tx: &mut Tx<'_>, id: OrgId, name: &str, cause: &Cause) -> Result<Organization, Error> {
    changes::begin(tx, id).await?;
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO organizations (id, name, version, created, modified, access_revision, schemas_revision, \
         settings_revision, licences_revision, actor, correlation) \
         VALUES (?1, ?2, 1, ?3, ?3, 0, 0, 0, 0, ?4, ?5)",
        params![id, name, now, actor_text(&cause.actor)?, cause.correlation],
    )
    .await?;
    changes::append(tx, id, Entry::new(Kind::Organization, id, What::Created), cause).await?;
    Ok(Organization {
        id,
        name: name.to_owned(),
        version: 1,
        created: now,
        modified: now,
    })
}

pub async fn rename(tx: &mut Tx<'_>, id: OrgId, name: &str, cause: &Cause) -> Result<(), Error> {
    changes::begin(tx, id).await?;
    let now = tx.ambient().now();
    let sql = "UPDATE organizations SET name = ?2, modified = ?3, version = version + 1 WHERE id = ?1";
    if tx.execute(sql, params![id, name, now]).await? == 0 {
        return Err(Error::NotFound);
    }
    changes::append(tx, id, Entry::new(Kind::Organization, id, What::Updated), cause).await
}

fn read(mut row: Row) -> Result<Organization, Error> {
    Ok(Organization {
        id: row.id(0)?,
        name: row.take_text(1)?,
        version: row.int(2)?,
        created: row.time(3)?,
        modified: row.time(4)?,
    })
}
