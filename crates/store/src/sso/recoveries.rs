//! Codes by which an administrator who is locked out gets at the switch: one at a time for each.

use base::{OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Recovery {
    pub user: UserId,
    pub hash: Vec<u8>,
    pub created: Timestamp,
    pub expires: Timestamp,
    /// So often it was guessed.
    pub attempts: i64,
}

/// Puts one in the place of that before.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, recovery: &Recovery) -> Result<(), Error> {
    let sql = "INSERT INTO sso_recoveries (org, user_id, hash, created, expires, attempts) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT (org, user_id) DO UPDATE SET hash = excluded.hash, created = excluded.created, \
               expires = excluded.expires, attempts = excluded.attempts";
    let values = params![
        org,
        recovery.user,
        recovery.hash.as_slice(),
        recovery.created,
        recovery.expires,
        recovery.attempts
    ];
    tx.execute(sql, values).await.map(drop)
}

pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Option<Recovery>, Error> {
    let sql = "SELECT user_id, hash, created, expires, attempts FROM sso_recoveries WHERE org = ?1 AND user_id = ?2";
    let row = q.first(sql, params![org, user]).await?;
    row.map(|row| {
        Ok(Recovery {
            user: row.id(0)?,
            hash: row.bytes(1)?.to_vec(),
            created: row.time(2)?,
            expires: row.time(3)?,
            attempts: row.int(4)?,
        })
    })
    .transpose()
}

/// Counts a guess, before it is compared.
pub async fn count(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "UPDATE sso_recoveries SET attempts = attempts + 1 WHERE org = ?1 AND user_id = ?2";
    tx.execute(sql, params![org, user]).await.map(drop)
}

/// With the person, or when it is used.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM sso_recoveries WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}
