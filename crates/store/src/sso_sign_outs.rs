//! Sign-outs that lead a browser from one service to the next.

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// Keeps what is still to be done.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: &str,
    doc: &str,
    expires: Timestamp,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO sso_sign_outs (org, id, doc, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, params![org, id, doc, now, expires])
        .await
        .map(drop)
}

/// One that has not expired.
pub async fn by_id(
    q: &mut impl Query,
    org: OrgId,
    id: &str,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    let sql = "SELECT doc FROM sso_sign_outs WHERE org = ?1 AND id = ?2 AND expires > ?3";
    let row = q.first(sql, params![org, id, now]).await?;
    row.map(|mut row| row.take_text(0)).transpose()
}

/// Forgets those that nobody goes on with; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM sso_sign_outs WHERE org = ?1 AND expires <= ?2";
    tx.execute(sql, params![org, now]).await
}
