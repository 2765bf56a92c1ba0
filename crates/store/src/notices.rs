//! What admins were told about an application and still holds: one row per application and reason.

use base::{AppId, OrgId};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// Notes that a reason holds; says whether that is news: it did not hold, or for another cause (`key`).
pub async fn raise(tx: &mut Tx<'_>, org: OrgId, app: AppId, reason: &str, key: &str) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let raised = tx
        .execute(
            "INSERT INTO notices (org, app, reason, key, raised) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (org, app, reason) DO UPDATE SET key = excluded.key, raised = excluded.raised \
             WHERE notices.key <> excluded.key",
            params![org, app, reason, key, now],
        )
        .await?;
    Ok(raised == 1)
}

/// Notes that a reason does not hold any more; says whether it did.
pub async fn lower(tx: &mut Tx<'_>, org: OrgId, app: AppId, reason: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM notices WHERE org = ?1 AND app = ?2 AND reason = ?3";
    Ok(tx.execute(sql, params![org, app, reason]).await? == 1)
}

/// Whether a reason holds.
pub async fn holds(q: &mut impl Query, org: OrgId, app: AppId, reason: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM notices WHERE org = ?1 AND app = ?2 AND reason = ?3";
    Ok(q.first(sql, params![org, app, reason]).await?.is_some())
}
