//! Invitations that can still be answered, at most one for each person: only the hash of what the link carries.

use base::{Cause, OrgId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// An invitation as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub user: UserId,
    pub hash: Vec<u8>,
    /// To which it was sent, in canonical form.
    pub address: String,
    pub created: Timestamp,
    pub expires: Timestamp,
}

macro_rules! columns {
    () => {
        "user_id, hash, address, created, expires"
    };
}

pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Option<Invitation>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM invitations WHERE org = ?1 AND user_id = ?2"
    );
    q.first(SQL, params![org, user]).await?.map(read).transpose()
}

/// The one of a hash; it may have expired: that is for the caller.
pub async fn of_hash(q: &mut impl Query, org: OrgId, hash: &[u8]) -> Result<Option<Invitation>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM invitations WHERE org = ?1 AND hash = ?2"
    );
    q.first(SQL, params![org, hash]).await?.map(read).transpose()
}

/// Puts it in the place of the one before.
pub async fn put(tx: &mut Tx<'_>, org: OrgId, new: &Invitation, cause: &Cause) -> Result<(), Error> {
    tx.send(
        "INSERT INTO invitations (org, user_id, hash, address, created, expires, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (org, user_id) DO UPDATE SET hash = excluded.hash, \
         address = excluded.address, created = excluded.created, expires = excluded.expires, \
         actor = excluded.actor, correlation = excluded.correlation",
        params![
            org,
            new.user,
            new.hash.as_slice(),
            &new.address,
            new.created,
            new.expires,
            actor_text(&cause.actor)?,
            cause.correlation
        ]
        .to_vec(),
    )
    .await
}

/// Nobody can answer it any more, if there is one.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM invitations WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}

/// Forgets those that have expired; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, now: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM invitations WHERE org = ?1 AND expires <= ?2";
    tx.execute(sql, params![org, now]).await
}

fn read(mut row: Row) -> Result<Invitation, Error> {
    Ok(Invitation {
        user: row.id(0)?,
        hash: row.bytes(1)?.to_vec(),
        address: row.take_text(2)?,
        created: row.time(3)?,
        expires: row.time(4)?,
    })
}
