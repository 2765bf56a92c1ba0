//! Identity providers that vouch for an organization's people.

use base::{IdentityProviderId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub id: IdentityProviderId,
    /// 1, 2, 3, …
    pub version: i64,
    pub name: String,
    pub entity_id: String,
    /// JSON.
    pub settings: String,
    pub active: bool,
    /// When a test of these very settings went well last.
    pub tested: Option<Timestamp>,
    /// The first one is the usual one.
    pub position: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

macro_rules! columns {
    () => {
        "id, version, name, entity_id, settings, active, tested, position, created, modified"
    };
}

fn read(mut row: Row) -> Result<Provider, Error> {
    Ok(Provider {
        id: row.id(0)?,
        version: row.int(1)?,
        name: row.take_text(2)?,
        entity_id: row.take_text(3)?,
        settings: row.take_text(4)?,
        active: row.bool(5)?,
        tested: row.opt_time(6)?,
        position: row.int(7)?,
        created: row.time(8)?,
        modified: row.time(9)?,
    })
}

/// All of an organization, in their order.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Provider>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_providers WHERE org = ?1 ORDER BY position, id"
    );
    let rows = q.query(SQL, params![org]).await?;
    rows.into_iter().map(read).collect()
}

pub async fn by_id(
    q: &mut impl Query,
    org: OrgId,
    id: IdentityProviderId,
) -> Result<Option<Provider>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_providers WHERE org = ?1 AND id = ?2"
    );
    q.first(SQL, params![org, id]).await?.map(read).transpose()
}

pub async fn by_entity_id(
    q: &mut impl Query,
    org: OrgId,
    entity_id: &str,
) -> Result<Option<Provider>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_providers WHERE org = ?1 AND entity_id = ?2"
    );
    q.first(SQL, params![org, entity_id]).await?.map(read).transpose()
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, provider: &Provider) -> Result<(), Error> {
    let sql = "INSERT INTO sso_providers (org, id, version, name, entity_id, settings, active, tested, position, created, \
               modified) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.execute(sql, &values(org, provider)).await.map(drop)
}

/// Makes one what its reader says, who holds [`crate::Lock::Federation`].
pub async fn update(tx: &mut Tx<'_>, org: OrgId, provider: &Provider) -> Result<(), Error> {
    let sql = "UPDATE sso_providers SET version = ?3, name = ?4, entity_id = ?5, settings = ?6, active = ?7, tested = ?8, \
               position = ?9, created = ?10, modified = ?11 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, &values(org, provider)).await.map(drop)
}

fn values(org: OrgId, provider: &Provider) -> Vec<crate::Value> {
    params![
        org,
        provider.id,
        provider.version,
        provider.name.as_str(),
        provider.entity_id.as_str(),
        provider.settings.as_str(),
        provider.active,
        provider.tested,
        provider.position,
        provider.created,
        provider.modified
    ]
    .to_vec()
}

/// Notes a test of the settings of this version that went well; says whether they are still those.
pub async fn note_test(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: IdentityProviderId,
    version: i64,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE sso_providers SET tested = ?4 WHERE org = ?1 AND id = ?2 AND version = ?3";
    Ok(tx.execute(sql, params![org, id, version, now]).await? == 1)
}

/// Removes one with all that hangs on it.
pub async fn delete(tx: &mut Tx<'_>, org: OrgId, id: IdentityProviderId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM sso_certificates WHERE org = ?1 AND provider = ?2",
        "DELETE FROM sso_routes WHERE org = ?1 AND provider = ?2",
        "DELETE FROM sso_requests WHERE org = ?1 AND provider = ?2",
        "DELETE FROM sso_subjects WHERE org = ?1 AND provider = ?2",
        "DELETE FROM sso_providers WHERE org = ?1 AND id = ?2",
    ] {
        tx.execute(sql, params![org, id]).await?;
    }
    Ok(())
}
