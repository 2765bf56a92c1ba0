//! What a target was found to do: one row for each way, such as whether it takes PATCH.

use base::{AppId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A way as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub name: String,
    pub value: String,
    pub origin: Origin,
    pub seen: Timestamp,
}

/// How it came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The target says so of itself.
    Announced,
    /// Its answers showed it.
    Observed,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Observed => "observed",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        match word {
            "announced" => Ok(Self::Announced),
            "observed" => Ok(Self::Observed),
            _ => Err(Error::internal(format!("a way has the origin {word:?}"))),
        }
    }
}

fn read(mut row: Row) -> Result<Way, Error> {
    Ok(Way {
        origin: Origin::read(row.text(2)?)?,
        seen: row.time(3)?,
        name: row.take_text(0)?,
        value: row.take_text(1)?,
    })
}

/// All ways of an application's target, by name.
pub async fn all(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Vec<Way>, Error> {
    let sql = "SELECT name, value, origin, seen FROM target_ways WHERE org = ?1 AND app = ?2 ORDER BY name";
    let rows = q.query(sql, params![org, app]).await?;
    rows.into_iter().map(read).collect()
}

/// Notes a way, in place of what was known of it. `Reference` when there is no such application.
pub async fn put(tx: &mut Tx<'_>, org: OrgId, app: AppId, way: &Way) -> Result<(), Error> {
    let Way {
        name,
        value,
        origin,
        seen,
    } = way;
    tx.execute(
        "INSERT INTO target_ways (org, app, name, value, origin, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (org, app, name) DO UPDATE SET value = excluded.value, origin = excluded.origin, \
         seen = excluded.seen",
        params![org, app, name, value, origin.as_str(), *seen],
    )
    .await
    .map(drop)
}

/// Forgets a way.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, app: AppId, name: &str) -> Result<(), Error> {
    let sql = "DELETE FROM target_ways WHERE org = ?1 AND app = ?2 AND name = ?3";
    tx.execute(sql, params![org, app, name]).await.map(drop)
}

/// Forgets everything: the target is another one.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM target_ways WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
