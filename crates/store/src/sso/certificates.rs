//! The certificates of identity providers.

use base::{IdentityProviderId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub provider: IdentityProviderId,
    /// SHA-256 over what follows.
    pub fingerprint: Vec<u8>,
    /// DER.
    pub der: Vec<u8>,
    pub added: Timestamp,
    pub expires: Timestamp,
}

macro_rules! columns {
    () => {
        "provider, fingerprint, certificate, added, expires"
    };
}

fn read(row: Row) -> Result<Certificate, Error> {
    Ok(Certificate {
        provider: row.id(0)?,
        fingerprint: row.bytes(1)?.to_vec(),
        der: row.bytes(2)?.to_vec(),
        added: row.time(3)?,
        expires: row.time(4)?,
    })
}

/// Those of one identity provider, the one that lasts longest first.
pub async fn of_provider(
    q: &mut impl Query,
    org: OrgId,
    provider: IdentityProviderId,
) -> Result<Vec<Certificate>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_certificates WHERE org = ?1 AND provider = ?2 ORDER BY expires DESC, fingerprint"
    );
    let rows = q.query(SQL, params![org, provider]).await?;
    rows.into_iter().map(read).collect()
}

/// All that end within a time, and have not ended yet.
pub async fn expiring(
    q: &mut impl Query,
    org: OrgId,
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Certificate>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_certificates WHERE org = ?1 AND expires > ?2 AND expires <= ?3 ORDER BY expires, fingerprint"
    );
    let rows = q.query(SQL, params![org, now, until]).await?;
    rows.into_iter().map(read).collect()
}

/// Adds one; says whether it was not there yet.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, certificate: &Certificate) -> Result<bool, Error> {
    let sql = "INSERT INTO sso_certificates (org, provider, fingerprint, certificate, added, expires) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
    let values = params![
        org,
        certificate.provider,
        certificate.fingerprint.as_slice(),
        certificate.der.as_slice(),
        certificate.added,
        certificate.expires
    ];
    Ok(tx.execute(sql, values).await? == 1)
}

/// Notes a warning of so many days ahead; says whether it is the first of that.
pub async fn warn(
    tx: &mut Tx<'_>,
    org: OrgId,
    (provider, fingerprint): (IdentityProviderId, &[u8]),
    days: u32,
) -> Result<bool, Error> {
    let sql = "UPDATE sso_certificates SET warned = ?4 WHERE org = ?1 AND provider = ?2 AND fingerprint = ?3 \
               AND (warned IS NULL OR warned > ?4)";
    Ok(tx.execute(sql, params![org, provider, fingerprint, days]).await? == 1)
}

/// Removes one; says whether it was there.
pub async fn delete(
    tx: &mut Tx<'_>,
    org: OrgId,
    provider: IdentityProviderId,
    fingerprint: &[u8],
) -> Result<bool, Error> {
    let sql = "DELETE FROM sso_certificates WHERE org = ?1 AND provider = ?2 AND fingerprint = ?3";
    Ok(tx.execute(sql, params![org, provider, fingerprint]).await? == 1)
}
