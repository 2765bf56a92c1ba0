//! Passkeys (WebAuthn): what is known of them is public.

use base::{Cause, OrgId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A passkey as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Of the credential.
    pub id: Vec<u8>,
    pub name: String,
    /// JSON.
    pub credential: String,
    pub created: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// A passkey that somebody is to have.
#[derive(Debug, Clone)]
pub struct NewPasskey {
    pub id: Vec<u8>,
    pub name: String,
    pub credential: String,
    pub counter: i64,
}

/// Somebody's passkeys, the oldest first.
pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<Passkey>, Error> {
    let sql = "SELECT id, name, credential, created, last_used FROM passkeys \
               WHERE org = ?1 AND user_id = ?2 ORDER BY created, id";
    let rows = q.query(sql, params![org, user]).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Passkey, Error> {
    Ok(Passkey {
        id: row.bytes(0)?.to_vec(),
        name: row.take_text(1)?,
        credential: row.take_text(2)?,
        created: row.time(3)?,
        last_used: row.opt_time(4)?,
    })
}

/// Says whether it is new: nobody's before.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    new: &NewPasskey,
    cause: &Cause,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let inserted = tx
        .execute(
            "INSERT INTO passkeys (org, id, user_id, name, credential, counter, created, actor, correlation) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            params![
                org,
                new.id.as_slice(),
                user,
                &new.name,
                &new.credential,
                new.counter,
                now,
                actor_text(&cause.actor)?,
                cause.correlation
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// Notes that a passkey has signed, with what is known of it now; refused where its counter has not gone on, which one that does
/// not count (0) need not (WebAuthn §7.2, step 22).
pub async fn used(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    id: &[u8],
    credential: &str,
    counter: i64,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE passkeys SET credential = ?4, counter = ?5, last_used = ?6 \
               WHERE org = ?1 AND user_id = ?2 AND id = ?3 AND (counter < ?5 OR (counter = 0 AND ?5 = 0))";
    let changed = tx
        .execute(sql, params![org, user, id, credential, counter, now])
        .await?;
    Ok(changed == 1)
}

/// Takes a passkey away; says whether it was there.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId, id: &[u8]) -> Result<bool, Error> {
    let sql = "DELETE FROM passkeys WHERE org = ?1 AND user_id = ?2 AND id = ?3";
    Ok(tx.execute(sql, params![org, user, id]).await? == 1)
}

/// Takes all of somebody's away.
pub async fn remove_all(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM passkeys WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}
