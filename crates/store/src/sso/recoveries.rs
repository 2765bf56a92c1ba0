//! Codes by which an administrator who is locked out gets at the switch: one at a time for each browser that asked.

use base::{OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Recovery {
    /// A hash of what the browser holds that asked.
    pub browser: Vec<u8>,
    pub user: UserId,
    /// A hash of where it asked from.
    pub network: Vec<u8>,
    pub hash: Vec<u8>,
    /// When the right code came; it is good no more then.
    pub proved: Option<Timestamp>,
    pub created: Timestamp,
    pub expires: Timestamp,
    /// So often it was guessed.
    pub attempts: i64,
}

macro_rules! columns {
    () => {
        "browser, user_id, network, hash, proved, created, expires, attempts"
    };
}

fn read(row: &Row) -> Result<Recovery, Error> {
    Ok(Recovery {
        browser: row.bytes(0)?.to_vec(),
        user: row.id(1)?,
        network: row.bytes(2)?.to_vec(),
        hash: row.bytes(3)?.to_vec(),
        proved: row.opt_time(4)?,
        created: row.time(5)?,
        expires: row.time(6)?,
        attempts: row.int(7)?,
    })
}

/// Puts one in the place of that before.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, recovery: &Recovery) -> Result<(), Error> {
    const SQL: &str = concat!(
        "INSERT INTO sso_recoveries (org, ",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (org, browser) DO UPDATE SET \
         user_id = excluded.user_id, network = excluded.network, hash = excluded.hash, proved = excluded.proved, \
         created = excluded.created, expires = excluded.expires, attempts = excluded.attempts"
    );
    let values = params![
        org,
        recovery.browser.as_slice(),
        recovery.user,
        recovery.network.as_slice(),
        recovery.hash.as_slice(),
        recovery.proved,
        recovery.created,
        recovery.expires,
        recovery.attempts
    ];
    tx.execute(SQL, values).await.map(drop)
}

pub async fn of_browser(q: &mut impl Query, org: OrgId, browser: &[u8]) -> Result<Option<Recovery>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_recoveries WHERE org = ?1 AND browser = ?2"
    );
    let row = q.first(SQL, params![org, browser]).await?;
    row.as_ref().map(read).transpose()
}

/// Those of somebody, from whichever browser.
pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<Recovery>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_recoveries WHERE org = ?1 AND user_id = ?2 ORDER BY browser"
    );
    let rows = q.query(SQL, params![org, user]).await?;
    rows.iter().map(read).collect()
}

/// Counts a guess, before it is compared.
pub async fn count(tx: &mut Tx<'_>, org: OrgId, browser: &[u8]) -> Result<(), Error> {
    let sql = "UPDATE sso_recoveries SET attempts = attempts + 1 WHERE org = ?1 AND browser = ?2";
    tx.execute(sql, params![org, browser]).await.map(drop)
}

/// When it is used.
pub async fn finish(tx: &mut Tx<'_>, org: OrgId, browser: &[u8]) -> Result<(), Error> {
    let sql = "DELETE FROM sso_recoveries WHERE org = ?1 AND browser = ?2";
    tx.execute(sql, params![org, browser]).await.map(drop)
}

/// With the person.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM sso_recoveries WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}

/// Forgets those that are good no more; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM sso_recoveries WHERE org = ?1 AND expires <= ?2";
    tx.execute(sql, params![org, now]).await
}
