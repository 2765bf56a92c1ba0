//! Clients that organizations have registered with the authorization server. Of a secret there is the hash only.

use std::fmt;

use base::{Cause, ClientId, OrgId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{grants, params};

/// Clients of an organization, with whose they are: one of its own people, or of a partner's.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.name, c.owner, COALESCE(u.user_name, a.user_name), c.secret_hash, c.redirects, c.scopes, \
             c.created, c.grant_types, c.former_secret_hash, c.former_secret_expires FROM oauth_clients c LEFT JOIN users u ON u.org = c.org AND u.id = c.owner \
             LEFT JOIN partners p ON p.org = c.org AND p.user_id = c.owner \
             LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id WHERE c.org = ?1 ",
            $rest
        )
    };
}

/// A client as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    /// Whose rights a token has that the client gets for itself; none for the organization's operator account.
    pub owner: Option<UserId>,
    /// Nothing for somebody who is gone.
    pub owner_name: Option<String>,
    /// None: a public client.
    pub secret_hash: Option<Vec<u8>>,
    /// Separated by spaces.
    pub redirects: String,
    /// Separated by spaces.
    pub scopes: String,
    pub created: Timestamp,
    /// Separated by spaces.
    pub grant_types: String,
    /// The secret before, and until when it is good.
    pub former_secret_hash: Option<Vec<u8>>,
    pub former_secret_expires: Option<Timestamp>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A client that is about to be registered.
#[derive(Clone)]
pub struct NewClient {
    pub id: ClientId,
    pub name: String,
    pub owner: Option<UserId>,
    pub secret_hash: Option<Vec<u8>>,
    pub redirects: String,
    pub scopes: String,
    pub grant_types: String,
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: ClientId) -> Result<Option<Client>, Error> {
    const SQL: &str = select!("AND c.id = ?2");
    q.first(SQL, params![org, id]).await?.map(read).transpose()
}

/// A page of an organization's clients, the oldest first.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: Option<ClientId>,
    limit: u32,
) -> Result<Vec<Client>, Error> {
    const SQL: &str = select!("AND c.id > ?2 ORDER BY c.id LIMIT ?3");
    let first = Value::from([0_u8; 16].as_slice());
    let after = after.map_or(first, Value::from);
    let rows = q.query(SQL, params![org, after, limit]).await?;
    rows.into_iter().map(read).collect()
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, new: &NewClient, cause: &Cause) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO oauth_clients (org, id, name, owner, secret_hash, redirects, scopes, created, actor, correlation, \
         grant_types) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            org,
            new.id,
            &new.name,
            new.owner,
            new.secret_hash.as_deref(),
            &new.redirects,
            &new.scopes,
            now,
            actor_text(&cause.actor)?,
            cause.correlation,
            &new.grant_types
        ],
    )
    .await
    .map(drop)
}

/// What an administrator changes of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms<'a> {
    pub name: &'a str,
    /// Separated by spaces, as the two below.
    pub redirects: &'a str,
    pub scopes: &'a str,
    pub grant_types: &'a str,
}

/// Changes a client that is [held](hold_to_change).
pub async fn set_terms(tx: &mut Tx<'_>, org: OrgId, id: ClientId, terms: &Terms<'_>) -> Result<(), Error> {
    let sql = "UPDATE oauth_clients SET name = ?3, redirects = ?4, scopes = ?5, grant_types = ?6 \
               WHERE org = ?1 AND id = ?2";
    let Terms {
        name,
        redirects,
        scopes,
        grant_types,
    } = *terms;
    tx.execute(sql, params![org, id, name, redirects, scopes, grant_types])
        .await
        .map(drop)
}

/// Gives a confidential client another secret; the one that it has is good until a time, and the one before that no more. Says
/// whether it is there.
pub async fn set_secret(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: ClientId,
    hash: &[u8],
    until: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE oauth_clients SET former_secret_hash = secret_hash, former_secret_expires = ?4, secret_hash = ?3 \
               WHERE org = ?1 AND id = ?2 AND secret_hash IS NOT NULL";
    Ok(tx.execute(sql, params![org, id, hash, until]).await? == 1)
}

/// Holds a client until the write ends: nobody removes or changes it meanwhile. Says what it may ask for, if it is there.
pub async fn hold(tx: &mut Tx<'_>, org: OrgId, id: ClientId) -> Result<Option<String>, Error> {
    let sql = format!(
        "SELECT scopes FROM oauth_clients WHERE org = ?1 AND id = ?2{}",
        tx.hold_keys()
    );
    let row = tx.first(&sql, params![org, id]).await?;
    row.map(|mut row| row.take_text(0)).transpose()
}

/// Holds a client until the write ends, to change or remove it: nobody gets anything for it meanwhile. Says whether it is
/// there.
pub async fn hold_to_change(tx: &mut Tx<'_>, org: OrgId, id: ClientId) -> Result<bool, Error> {
    let sql = format!(
        "SELECT id FROM oauth_clients WHERE org = ?1 AND id = ?2{}",
        tx.hold_to_change()
    );
    Ok(tx.first(&sql, params![org, id]).await?.is_some())
}

/// Removes a client with all that was ever allowed it; its tokens are revoked. Says whether it was there.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, id: ClientId, cause: &Cause) -> Result<bool, Error> {
    if !hold_to_change(tx, org, id).await? {
        return Ok(false);
    }
    grants::remove_all(tx, org, id, cause).await?;
    let sql = "DELETE FROM oauth_clients WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

fn read(mut row: Row) -> Result<Client, Error> {
    Ok(Client {
        id: row.id(0)?,
        name: row.take_text(1)?,
        owner: row.opt_id(2)?,
        owner_name: row.take_opt_text(3)?,
        secret_hash: row.opt_bytes(4)?.map(<[u8]>::to_vec),
        redirects: row.take_text(5)?,
        scopes: row.take_text(6)?,
        created: row.time(7)?,
        grant_types: row.take_text(8)?,
        former_secret_hash: row.opt_bytes(9)?.map(<[u8]>::to_vec),
        former_secret_expires: row.opt_time(10)?,
    })
}
