//! An organization's settings, as key and text. What keys there are and what they mean is the directory's to know.

use std::collections::BTreeMap;

use base::{Cause, OrgId};

use crate::changes::{self, Entry, Kind, What, actor_text};
use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

pub async fn get(q: &mut impl Query, org: OrgId, key: &str) -> Result<Option<String>, Error> {
    let sql = "SELECT value FROM settings WHERE org = ?1 AND key = ?2";
    q.first(sql, params![org, key])
        .await?
        .map(|mut row| row.take_text(0))
        .transpose()
}

/// All that are set; the others have their defaults.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<BTreeMap<String, String>, Error> {
    let sql = "SELECT key, value FROM settings WHERE org = ?1 ORDER BY key";
    let rows = q.query(sql, params![org]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.take_text(0)?, row.take_text(1)?)))
        .collect()
}

/// Sets one; says whether that changes anything.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, key: &str, value: &str, cause: &Cause) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let set = tx
        .execute(
            "INSERT INTO settings (org, key, value, modified, actor, correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (org, key) DO UPDATE SET value = excluded.value, modified = excluded.modified, \
             actor = excluded.actor, correlation = excluded.correlation WHERE settings.value <> excluded.value",
            params![org, key, value, now, actor_text(&cause.actor)?, cause.correlation],
        )
        .await?;
    note(tx, org, set, cause).await
}

/// Back to the default; says whether that changes anything.
pub async fn unset(tx: &mut Tx<'_>, org: OrgId, key: &str, cause: &Cause) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let sql = "DELETE FROM settings WHERE org = ?1 AND key = ?2";
    let unset = tx.execute(sql, params![org, key]).await?;
    note(tx, org, unset, cause).await
}

async fn note(tx: &mut Tx<'_>, org: OrgId, changed: u64, cause: &Cause) -> Result<bool, Error> {
    if changed == 0 {
        return Ok(false);
    }
    changes::append(tx, org, Entry::new(Kind::Settings, org, What::Updated), cause).await?;
    Ok(true)
}
