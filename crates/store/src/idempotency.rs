//! Requests that were sent with a key (`Idempotency-Key`): what was asked, and what was answered. The database holds no key
//! in the clear, and the answer as the caller has sealed it.

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A request that is about to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Of the token and the key.
    pub hash: Vec<u8>,
    /// Of what is asked.
    pub request: Vec<u8>,
    pub expires: Timestamp,
}

/// What a key stands for already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub request: Vec<u8>,
    pub begun: Timestamp,
    /// `None`: it has not been answered.
    pub answer: Option<Vec<u8>>,
}

/// What comes of beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has used the key before.
    First,
    Known(Known),
    /// The organization has as many keys as it may, until the first of them expires.
    Full {
        until: Timestamp,
    },
}

/// Notes that a request is being carried out, unless its key is known. Of one key at a time, however many send it.
pub async fn begin(tx: &mut Tx<'_>, org: OrgId, new: &Request, most: u32) -> Result<Begun, Error> {
    let now = tx.ambient().now();
    let expired = "DELETE FROM idempotency_keys WHERE org = ?1 AND hash = ?2 AND expires <= ?3";
    tx.execute(expired, params![org, new.hash.as_slice(), now])
        .await?;
    let insert = "INSERT INTO idempotency_keys (org, hash, request, begun, expires, answer) \
                  VALUES (?1, ?2, ?3, ?4, ?5, NULL) ON CONFLICT DO NOTHING";
    let values = params![org, new.hash.as_slice(), new.request.as_slice(), now, new.expires];
    if tx.execute(insert, values).await? == 0 {
        let known = "SELECT request, begun, answer FROM idempotency_keys WHERE org = ?1 AND hash = ?2";
        let row = tx.first(known, params![org, new.hash.as_slice()]).await?;
        // It was there a moment ago: whoever asks again finds it so, or gone.
        return row.map_or(Err(Error::Busy), |row| read(&row).map(Begun::Known));
    }
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM idempotency_keys WHERE org = ?1 LIMIT ?2) AS kept";
    let count = tx.first(sql, params![org, most + 1]).await?;
    let count = count.map_or(Ok(0), |row| row.count(0))?;
    if count > u64::from(most) {
        forget(tx, org, &new.hash).await?;
        let first = "SELECT MIN(expires) FROM idempotency_keys WHERE org = ?1";
        let first = tx.first(first, params![org]).await?;
        let until = first.map_or(Ok(None), |row| row.opt_time(0))?;
        return Ok(Begun::Full {
            until: until.unwrap_or(new.expires).max(now),
        });
    }
    Ok(Begun::First)
}

/// Notes what was answered.
pub async fn answer(tx: &mut Tx<'_>, org: OrgId, hash: &[u8], answer: &[u8]) -> Result<(), Error> {
    let sql = "UPDATE idempotency_keys SET answer = ?3 WHERE org = ?1 AND hash = ?2";
    tx.execute(sql, params![org, hash, answer]).await.map(drop)
}

/// The key stands for nothing any more.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, hash: &[u8]) -> Result<(), Error> {
    let sql = "DELETE FROM idempotency_keys WHERE org = ?1 AND hash = ?2";
    tx.execute(sql, params![org, hash]).await.map(drop)
}

/// Forgets those that have expired; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId) -> Result<u64, Error> {
    let now = tx.ambient().now();
    let sql = "DELETE FROM idempotency_keys WHERE org = ?1 AND expires <= ?2";
    tx.execute(sql, params![org, now]).await
}

fn read(row: &Row) -> Result<Known, Error> {
    Ok(Known {
        request: row.bytes(0)?.to_vec(),
        begun: row.time(1)?,
        answer: row.opt_bytes(2)?.map(<[u8]>::to_vec),
    })
}
