//! What SAML lets be used once: assertions that were accepted, requests that were answered. Held by its hash until it would be
//! refused for its age anyway.

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::tx::Tx;

/// Uses something up; says whether that was the first time. Of two who come at once the second waits for the first.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, hash: &[u8], until: Timestamp) -> Result<bool, Error> {
    let sql = "INSERT INTO saml_once (org, hash, until) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![org, hash, until]).await? == 1)
}

/// Forgets what would be refused for its age by now, at most `limit`; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, now: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM saml_once WHERE org = ?1 AND hash IN \
               (SELECT hash FROM saml_once WHERE org = ?1 AND until < ?2 ORDER BY until LIMIT ?3)";
    tx.execute(sql, params![org, now, limit]).await
}
