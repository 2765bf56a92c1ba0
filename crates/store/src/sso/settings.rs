//! What holds for the whole organization.

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// As stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// 1, 2, 3, …
    pub version: i64,
    /// JSON.
    pub doc: String,
    /// Whether it is switched on.
    pub active: bool,
    pub modified: Timestamp,
}

/// What an organization has set; nothing yet in most.
pub async fn of_org(q: &mut impl Query, org: OrgId) -> Result<Option<Settings>, Error> {
    let sql = "SELECT version, settings, active, modified FROM sso_settings WHERE org = ?1";
    let row = q.first(sql, params![org]).await?;
    row.map(|mut row| {
        Ok(Settings {
            version: row.int(0)?,
            doc: row.take_text(1)?,
            active: row.bool(2)?,
            modified: row.time(3)?,
        })
    })
    .transpose()
}

/// Sets it, whatever was there: the caller holds [`crate::Lock::Federation`].
pub async fn set(tx: &mut Tx<'_>, org: OrgId, settings: &Settings) -> Result<(), Error> {
    let Settings {
        version,
        doc,
        active,
        modified,
    } = settings;
    let sql = "INSERT INTO sso_settings (org, version, settings, active, modified) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (org) DO UPDATE SET version = excluded.version, settings = excluded.settings, \
               active = excluded.active, modified = excluded.modified";
    let values = params![org, *version, doc.as_str(), *active, *modified];
    tx.execute(sql, values).await?;
    let sql = "UPDATE organizations SET sso = ?2 WHERE id = ?1";
    tx.execute(sql, params![org, *active]).await.map(drop)
}

/// Has any organization of the server switched it on?
pub async fn is_active_anywhere(q: &mut impl Query) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM organizations WHERE sso = 1 LIMIT 1";
    Ok(q.first(sql, params![]).await?.is_some())
}
