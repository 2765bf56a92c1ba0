//! Single sign-on to applications: what is set for each, and whose an address is.
//!
//! The latter is a small table across organizations: whoever comes to an address has not said to which of them he belongs.

use base::{AppId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// What is set for an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoApp {
    pub app: AppId,
    /// Its part of the address; none of a bookmark.
    pub slug: Option<String>,
    pub active: bool,
    /// JSON.
    pub settings: String,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

macro_rules! columns {
    () => {
        "app, slug, active, settings, version, created, modified"
    };
}

impl SsoApp {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            app: row.id(0)?,
            slug: row.take_opt_text(1)?,
            active: row.bool(2)?,
            settings: row.take_text(3)?,
            version: row.int(4)?,
            created: row.time(5)?,
            modified: row.time(6)?,
        })
    }
}

/// Whose an address is.
pub async fn by_slug(q: &mut impl Query, slug: &str) -> Result<Option<(OrgId, AppId)>, Error> {
    let sql = "SELECT org, app FROM sso_addresses WHERE slug = ?1";
    let row = q.first(sql, params![slug]).await?;
    row.map(|row| Ok((row.id(0)?, row.id(1)?))).transpose()
}

pub async fn by_app(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Option<SsoApp>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_apps WHERE org = ?1 AND app = ?2"
    );
    let row = q.first(SQL, params![org, app]).await?;
    row.map(SsoApp::read).transpose()
}

/// All of an organization, the oldest application first.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<SsoApp>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_apps WHERE org = ?1 ORDER BY app"
    );
    let rows = q.query(SQL, params![org]).await?;
    rows.into_iter().map(SsoApp::read).collect()
}

/// Adds what is set for an application that has nothing yet. `Conflict { what: "slug" }` when somebody has the address;
/// of whichever organization he is, that is all that can be told.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, new: &SsoApp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_apps (org, app, slug, active, settings, version, created, modified) \
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6)",
        params![
            org,
            new.app,
            new.slug.as_deref(),
            new.active,
            &new.settings,
            new.created
        ],
    )
    .await?;
    let Some(slug) = &new.slug else { return Ok(()) };
    let sql = "INSERT INTO sso_addresses (slug, org, app) VALUES (?2, ?1, ?3) ON CONFLICT (slug) DO NOTHING";
    match tx.execute(sql, params![org, slug, new.app]).await? {
        0 => Err(Error::Conflict {
            what: "slug".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Changes it, if its version is still the expected one.
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    expected: i64,
    (active, settings): (bool, &str),
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE sso_apps SET active = ?4, settings = ?5, version = version + 1, modified = ?6 \
               WHERE org = ?1 AND app = ?2 AND version = ?3";
    let updated = tx
        .execute(sql, params![org, app, expected, active, settings, now])
        .await?;
    match (updated, by_app(tx, org, app).await?) {
        (1, _) => Ok(()),
        (_, Some(present)) => Err(Error::VersionMismatch {
            current: present.version,
        }),
        (_, None) => Err(Error::NotFound),
    }
}
