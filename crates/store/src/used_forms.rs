//! Forms that are good once, and have been used.

use base::{CorrelationId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::tx::Tx;

/// Uses up a form; says whether that was the first time. Of two who come at once the second waits for the first.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, form: CorrelationId) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO used_forms (org, form, used) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![org, form, now]).await? == 1)
}

/// Forgets those that were used before a time; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM used_forms WHERE org = ?1 AND used < ?2";
    tx.execute(sql, params![org, before]).await
}
