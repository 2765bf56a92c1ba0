//! Requests of ours to identity providers that wait to be answered.

use base::{IdentityProviderId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// One as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// That of the message.
    pub id: String,
    pub provider: IdentityProviderId,
    /// `sign_in`, `test` or `logout`.
    pub purpose: String,
    /// A hash of what the browser holds that asked.
    pub browser: Vec<u8>,
    /// Where it goes afterwards.
    pub target: String,
    /// The message.
    pub message: String,
    pub expires: Timestamp,
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, request: &Request) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO sso_requests (org, id, provider, purpose, browser, target, message, created, expires) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let values = params![
        org,
        request.id.as_str(),
        request.provider,
        request.purpose.as_str(),
        request.browser.as_slice(),
        request.target.as_str(),
        request.message.as_str(),
        now,
        request.expires
    ];
    tx.execute(sql, values).await.map(drop)
}

/// One that has not expired.
pub async fn by_id(
    q: &mut impl Query,
    org: OrgId,
    id: &str,
    now: Timestamp,
) -> Result<Option<Request>, Error> {
    let sql = "SELECT id, provider, purpose, browser, target, message, expires FROM sso_requests \
               WHERE org = ?1 AND id = ?2 AND expires > ?3";
    let row = q.first(sql, params![org, id, now]).await?;
    row.map(read).transpose()
}

fn read(mut row: Row) -> Result<Request, Error> {
    Ok(Request {
        id: row.take_text(0)?,
        provider: row.id(1)?,
        purpose: row.take_text(2)?,
        browser: row.bytes(3)?.to_vec(),
        target: row.take_text(4)?,
        message: row.take_text(5)?,
        expires: row.time(6)?,
    })
}

/// Those that nobody has answered in time, at most `limit`.
pub async fn expired(
    q: &mut impl Query,
    org: OrgId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Request>, Error> {
    let sql = "SELECT id, provider, purpose, browser, target, message, expires FROM sso_requests \
               WHERE org = ?1 AND expires <= ?2 ORDER BY expires DESC LIMIT ?3";
    let rows = q.query(sql, params![org, now, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// It is answered; says whether it was there still.
pub async fn take(tx: &mut Tx<'_>, org: OrgId, id: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM sso_requests WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Forgets those that nobody has answered in time; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM sso_requests WHERE org = ?1 AND expires <= ?2";
    tx.execute(sql, params![org, now]).await
}
