//! Keys that sign and decrypt SAML messages, of an application's identity provider or of the organization's service provider.
//!
//! Which one signs follows from the time alone: of those that have begun the one that began last. So a promotion that was
//! dated holds from its moment on, whoever looks.

use std::fmt;

use base::{AppId, OrgId, SamlKeyId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::StoredId;

/// Whose keys they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The identity provider of one application.
    App(AppId),
    /// The organization's service provider.
    ServiceProvider,
}

impl Owner {
    fn stored(self, org: OrgId) -> [u8; 16] {
        match self {
            Self::App(app) => app.stored(),
            Self::ServiceProvider => org.stored(),
        }
    }
}

/// A key as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    pub id: SamlKeyId,
    pub owner: Owner,
    /// DER.
    pub certificate: Vec<u8>,
    /// PKCS #8, sealed.
    pub private_key: Vec<u8>,
    pub created: Timestamp,
    /// The certificate's end.
    pub expires: Timestamp,
    /// From when on it signs, unless another has begun since.
    pub active_from: Option<Timestamp>,
    /// Has its beginning been told?
    pub announced: bool,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("owner", &self.owner)
            .field("expires", &self.expires)
            .field("active_from", &self.active_from)
            .finish_non_exhaustive()
    }
}

macro_rules! columns {
    () => {
        "id, owner, certificate, private_key, created, expires, active_from, announced"
    };
}

impl Key {
    fn read(org: OrgId, row: Row) -> Result<Self, Error> {
        let owner: AppId = row.id(1)?;
        Ok(Self {
            id: row.id(0)?,
            owner: if owner.stored() == org.stored() {
                Owner::ServiceProvider
            } else {
                Owner::App(owner)
            },
            certificate: row.bytes(2)?.to_vec(),
            private_key: row.bytes(3)?.to_vec(),
            created: row.time(4)?,
            expires: row.time(5)?,
            active_from: row.opt_time(6)?,
            announced: row.bool(7)?,
        })
    }
}

/// All of one owner, the oldest first.
pub async fn of_owner(q: &mut impl Query, org: OrgId, owner: Owner) -> Result<Vec<Key>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM saml_keys WHERE org = ?1 AND owner = ?2 ORDER BY id"
    );
    let rows = q.query(SQL, params![org, owner.stored(org).as_slice()]).await?;
    rows.into_iter().map(|row| Key::read(org, row)).collect()
}

/// All whose certificates end within a time, and that have not ended yet.
pub async fn expiring(
    q: &mut impl Query,
    org: OrgId,
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Key>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM saml_keys WHERE org = ?1 AND expires > ?2 AND expires <= ?3 ORDER BY expires, id"
    );
    let rows = q.query(SQL, params![org, now, until]).await?;
    rows.into_iter().map(|row| Key::read(org, row)).collect()
}

/// Those that have begun without anybody having been told.
pub async fn begun(q: &mut impl Query, org: OrgId, now: Timestamp) -> Result<Vec<Key>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM saml_keys WHERE org = ?1 AND announced = 0 AND active_from <= ?2 ORDER BY id"
    );
    let rows = q.query(SQL, params![org, now]).await?;
    rows.into_iter().map(|row| Key::read(org, row)).collect()
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, key: &Key) -> Result<(), Error> {
    let sql = "INSERT INTO saml_keys (org, id, owner, certificate, private_key, created, expires, active_from, announced) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let owner = key.owner.stored(org);
    let values = params![
        org,
        key.id,
        owner.as_slice(),
        key.certificate.as_slice(),
        key.private_key.as_slice(),
        key.created,
        key.expires,
        key.active_from,
        key.announced
    ];
    tx.execute(sql, values).await.map(drop)
}

/// Says from when on a key signs; none: it waits.
pub async fn set_active_from(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: SamlKeyId,
    from: Option<Timestamp>,
    announced: bool,
) -> Result<bool, Error> {
    let sql = "UPDATE saml_keys SET active_from = ?3, announced = ?4 WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id, from, announced]).await? == 1)
}

/// Notes that a key's beginning is told; says whether it was not before.
pub async fn announce(tx: &mut Tx<'_>, org: OrgId, id: SamlKeyId) -> Result<bool, Error> {
    let sql = "UPDATE saml_keys SET announced = 1 WHERE org = ?1 AND id = ?2 AND announced = 0";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Notes a warning of so many days ahead; says whether it is the first of that.
pub async fn warn(tx: &mut Tx<'_>, org: OrgId, id: SamlKeyId, days: u32) -> Result<bool, Error> {
    let sql =
        "UPDATE saml_keys SET warned = ?3 WHERE org = ?1 AND id = ?2 AND (warned IS NULL OR warned > ?3)";
    Ok(tx.execute(sql, params![org, id, days]).await? == 1)
}

pub async fn delete(tx: &mut Tx<'_>, org: OrgId, id: SamlKeyId) -> Result<bool, Error> {
    let sql = "DELETE FROM saml_keys WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// With their owner.
pub async fn delete_all(tx: &mut Tx<'_>, org: OrgId, owner: Owner) -> Result<u64, Error> {
    let sql = "DELETE FROM saml_keys WHERE org = ?1 AND owner = ?2";
    tx.execute(sql, params![org, owner.stored(org).as_slice()]).await
}
