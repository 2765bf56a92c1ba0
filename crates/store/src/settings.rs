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

/// All that are set (the others have their defaults), with the revision that they are; read in one moment.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<(i64, BTreeMap<String, String>), Error> {
    let sql = "SELECT o.settings_revision, s.key, s.value FROM organizations o LEFT JOIN settings s ON s.org = o.id \
               WHERE o.id = ?1";
    let rows = q.query(sql, params![org]).await?;
    let revision = rows.first().map_or(Ok(0), |row| row.int(0))?;
    let mut settings = BTreeMap::new();
    for mut row in rows {
        if let Some(key) = row.take_opt_text(1)? {
            settings.insert(key, row.take_text(2)?);
        }
    }
    Ok((revision, settings))
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
    let sql = "UPDATE organizations SET settings_revision = settings_revision + 1 WHERE id = ?1";
    tx.execute(sql, params![org]).await?;
    changes::append(tx, org, Entry::new(Kind::Settings, org, What::Updated), cause).await?;
    Ok(true)
}
