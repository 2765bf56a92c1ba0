//! What people have allowed clients, and what can be exchanged for tokens under it, once: codes and refresh tokens. Of these
//! there is the hash only.

use base::{Cause, ClientId, GrantId, OrgId, Timestamp, TokenId, UserId};

use crate::error::Error;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{params, tokens};

/// What somebody has allowed a client; or the client's own tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub client: ClientId,
    /// None: nobody was asked, the client acts for itself.
    pub user: Option<UserId>,
    /// Separated by spaces.
    pub scopes: String,
    pub created: Timestamp,
}

/// What kind of thing can be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Code,
    RefreshToken,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::RefreshToken => "refresh",
        }
    }
}

/// A code or a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub grant: GrantId,
    pub kind: Kind,
    /// Of a code: the redirect that the request named; empty where it named none.
    pub redirect: String,
    /// Of a code: the S256 challenge (RFC 7636 §4.2).
    pub challenge: String,
    pub expires: Timestamp,
    pub used: Option<Timestamp>,
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, grant: &Grant) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO oauth_grants (org, id, client, user_id, scopes, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            org,
            grant.id,
            grant.client,
            grant.user,
            &grant.scopes,
            grant.created
        ],
    )
    .await
    .map(drop)
}

macro_rules! valid {
    () => {
        "SELECT id, client, user_id, scopes, created FROM oauth_grants WHERE org = ?1 AND id = ?2 AND revoked IS NULL"
    };
}

/// A grant that was not revoked.
pub async fn valid(q: &mut impl Query, org: OrgId, id: GrantId) -> Result<Option<Grant>, Error> {
    let row = q.first(valid!(), params![org, id]).await?;
    row.map(read).transpose()
}

/// A grant as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub id: GrantId,
    pub client: ClientId,
    pub client_name: String,
    pub user: UserId,
    pub user_name: String,
    /// Separated by spaces.
    pub scopes: String,
    pub created: Timestamp,
}

macro_rules! given {
    ($($condition:literal)?) => {
        concat!(
            "SELECT g.id, g.client, c.name, g.user_id, COALESCE(u.user_name, a.user_name), g.scopes, g.created \
             FROM oauth_grants g JOIN oauth_clients c ON c.org = g.org AND c.id = g.client \
             LEFT JOIN users u ON u.org = g.org AND u.id = g.user_id \
             LEFT JOIN partners p ON p.org = g.org AND p.user_id = g.user_id \
             LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id \
             WHERE g.org = ?1 AND g.id > ?2 AND g.revoked IS NULL \
             AND (u.id IS NOT NULL OR a.id IS NOT NULL)",
            $($condition,)?
            " ORDER BY g.id LIMIT ?3"
        )
    };
}

/// What people have allowed clients and has not ended, of one person or of all: the oldest first.
pub async fn given(
    q: &mut impl Query,
    org: OrgId,
    user: Option<UserId>,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<Given>, Error> {
    let first = Value::from([0_u8; 16].as_slice());
    let after = after.map_or(first, Value::from);
    let rows = match user {
        Some(user) => {
            q.query(given!(" AND g.user_id = ?4"), params![org, after, limit, user])
                .await?
        }
        None => q.query(given!(), params![org, after, limit]).await?,
    };
    rows.into_iter()
        .map(|mut row| {
            Ok(Given {
                id: row.id(0)?,
                client: row.id(1)?,
                client_name: row.take_text(2)?,
                user: row.id(3)?,
                user_name: row.take_text(4)?,
                scopes: row.take_text(5)?,
                created: row.time(6)?,
            })
        })
        .collect()
}

/// A grant by which its client can still get tokens, and which will end some day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lasting {
    pub id: GrantId,
    pub client_name: String,
    /// Separated by spaces.
    pub grant_types: String,
    pub user: UserId,
    /// The organization that the person belongs to, if that is another one.
    pub home: Option<OrgId>,
    pub created: Timestamp,
}

/// What people allowed clients between two times, the second included, and for which there still is a refresh token: the
/// oldest first. The people are neither disabled nor gone.
pub async fn lasting(
    q: &mut impl Query,
    org: OrgId,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Vec<Lasting>, Error> {
    let sql = "SELECT g.id, c.name, c.grant_types, g.user_id, p.home, g.created \
               FROM oauth_grants g JOIN oauth_clients c ON c.org = g.org AND c.id = g.client \
               LEFT JOIN users u ON u.org = g.org AND u.id = g.user_id \
               LEFT JOIN partners p ON p.org = g.org AND p.user_id = g.user_id \
               LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id \
               WHERE g.org = ?1 AND g.created > ?2 AND g.created <= ?3 AND g.revoked IS NULL \
               AND COALESCE(u.active, a.active) = 1 \
               AND EXISTS (SELECT 1 FROM oauth_exchanges e WHERE e.org = ?1 AND e.grant_id = g.id \
               AND e.kind = 'refresh' AND e.used IS NULL AND e.expires > ?4) ORDER BY g.created, g.id";
    let rows = q.query(sql, params![org, from, until, now]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Lasting {
                id: row.id(0)?,
                client_name: row.take_text(1)?,
                grant_types: row.take_text(2)?,
                user: row.id(3)?,
                home: row.opt_id(4)?,
                created: row.time(5)?,
            })
        })
        .collect()
}

/// Notes that it was warned of a grant's end so many days ahead; says whether that is news.
pub async fn warn(tx: &mut Tx<'_>, org: OrgId, id: GrantId, days: u32) -> Result<bool, Error> {
    let sql = "UPDATE oauth_grants SET warned = ?3 WHERE org = ?1 AND id = ?2 AND revoked IS NULL \
               AND (warned IS NULL OR warned > ?3)";
    Ok(tx.execute(sql, params![org, id, days]).await? == 1)
}

/// A grant that was not revoked, held until the write ends: nobody revokes it meanwhile, or gets tokens under it. Whoever
/// holds its person, too, holds the person first; its codes and refresh tokens come behind it.
pub async fn hold(tx: &mut Tx<'_>, org: OrgId, id: GrantId) -> Result<Option<Grant>, Error> {
    let sql = format!(concat!(valid!(), "{}"), tx.hold_to_change());
    let row = tx.first(&sql, params![org, id]).await?;
    row.map(read).transpose()
}

fn read(mut row: Row) -> Result<Grant, Error> {
    Ok(Grant {
        id: row.id(0)?,
        client: row.id(1)?,
        user: row.opt_id(2)?,
        scopes: row.take_text(3)?,
        created: row.time(4)?,
    })
}

/// Ends a grant and all tokens that came of it; says whether it was still valid.
pub async fn revoke(tx: &mut Tx<'_>, org: OrgId, id: GrantId, cause: &Cause) -> Result<bool, Error> {
    if hold(tx, org, id).await?.is_none() {
        return Ok(false);
    }
    end(tx, org, &[id], Vec::new(), cause).await?;
    Ok(true)
}

/// Ends all that a person has allowed clients, and the tokens that were made by signing in; says which grants and tokens.
pub async fn revoke_all_of(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    cause: &Cause,
) -> Result<(Vec<GrantId>, Vec<TokenId>), Error> {
    let sql = format!(
        "SELECT id FROM oauth_grants WHERE org = ?1 AND user_id = ?2 AND revoked IS NULL ORDER BY id{}",
        tx.hold_to_change()
    );
    let held = ids(&tx.query(&sql, params![org, user]).await?)?;
    let tokens = tokens::of_sign_in(tx, org, user).await?;
    let ended = end(tx, org, &held, tokens, cause).await?;
    Ok((held, ended))
}

/// Ends grants that are held, what came of them, and more tokens; says which tokens were still valid.
async fn end(
    tx: &mut Tx<'_>,
    org: OrgId,
    held: &[GrantId],
    mut tokens: Vec<TokenId>,
    cause: &Cause,
) -> Result<Vec<TokenId>, Error> {
    let now = tx.ambient().now();
    for id in held {
        let sql = "UPDATE oauth_grants SET revoked = ?3 WHERE org = ?1 AND id = ?2 AND revoked IS NULL";
        tx.execute(sql, params![org, *id, now]).await?;
        let sql = "SELECT id FROM tokens WHERE org = ?1 AND grant_id = ?2 AND revoked IS NULL";
        for row in tx.query(sql, params![org, *id]).await? {
            tokens.push(row.id(0)?);
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens::revoke_all(tx, org, &tokens, cause).await
}

/// What became of what a client was allowed, when it may ask for less than before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Of these something is left.
    pub narrowed: usize,
    /// Of these nothing is.
    pub ended: usize,
}

/// Leaves of all that a client was allowed, and of the tokens that came of it, what `keep` says of the scopes; where that is
/// nothing, they end. The client is [held](crate::oauth_clients::hold_to_change).
pub async fn narrow(
    tx: &mut Tx<'_>,
    org: OrgId,
    client: ClientId,
    keep: impl Fn(&str) -> String + Send + Sync,
    cause: &Cause,
) -> Result<Narrowed, Error> {
    let sql = format!(
        "SELECT id, scopes FROM oauth_grants WHERE org = ?1 AND client = ?2 AND revoked IS NULL ORDER BY id{}",
        tx.hold_to_change()
    );
    let mut done = Narrowed::default();
    let mut over = Vec::new();
    for mut row in tx.query(&sql, params![org, client]).await? {
        let (id, scopes) = (row.id::<GrantId>(0)?, row.take_text(1)?);
        let kept = keep(&scopes);
        if kept.is_empty() {
            over.push(id);
            done.ended += 1;
        } else if kept != scopes {
            let sql = "UPDATE oauth_grants SET scopes = ?3 WHERE org = ?1 AND id = ?2";
            tx.execute(sql, params![org, id, &kept]).await?;
            let ended = tokens::narrow(tx, org, id, &keep, cause).await?;
            tokens::revoke_all(tx, org, &ended, cause).await?;
            done.narrowed += 1;
        }
    }
    end(tx, org, &over, Vec::new(), cause).await?;
    Ok(done)
}

/// Forgets codes of a client that nobody has come with yet: they went where it is answered no more.
pub async fn drop_codes(tx: &mut Tx<'_>, org: OrgId, client: ClientId) -> Result<u64, Error> {
    let sql = "DELETE FROM oauth_exchanges WHERE org = ?1 AND kind = 'code' AND used IS NULL AND grant_id IN \
               (SELECT id FROM oauth_grants WHERE org = ?1 AND client = ?2)";
    tx.execute(sql, params![org, client]).await
}

/// Removes all that a client was allowed; the tokens that came of it are revoked.
pub(crate) async fn remove_all(
    tx: &mut Tx<'_>,
    org: OrgId,
    client: ClientId,
    cause: &Cause,
) -> Result<(), Error> {
    let sql = format!(
        "SELECT id FROM oauth_grants WHERE org = ?1 AND client = ?2 ORDER BY id{}",
        tx.hold_to_change()
    );
    let held = ids(&tx.query(&sql, params![org, client]).await?)?;
    end(tx, org, &held, Vec::new(), cause).await?;
    for id in held {
        let exchanges = "DELETE FROM oauth_exchanges WHERE org = ?1 AND grant_id = ?2";
        tx.execute(exchanges, params![org, id]).await?;
    }
    let sql = "DELETE FROM oauth_grants WHERE org = ?1 AND client = ?2";
    tx.execute(sql, params![org, client]).await.map(drop)
}

fn ids(rows: &[Row]) -> Result<Vec<GrantId>, Error> {
    rows.iter().map(|row| row.id(0)).collect()
}

/// Forgets grants made before a time of which nothing is left, no token and nothing to exchange, at most `limit` of them;
/// says how many.
pub async fn prune_empty(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM oauth_grants WHERE org = ?1 AND id IN \
               (SELECT g.id FROM oauth_grants g WHERE g.org = ?1 AND g.created < ?2 \
               AND NOT EXISTS (SELECT 1 FROM tokens t WHERE t.org = ?1 AND t.grant_id = g.id) \
               AND NOT EXISTS (SELECT 1 FROM oauth_exchanges e WHERE e.org = ?1 AND e.grant_id = g.id) \
               ORDER BY g.id LIMIT ?3)";
    tx.execute(sql, params![org, before, limit]).await
}

pub async fn insert_exchange(
    tx: &mut Tx<'_>,
    org: OrgId,
    hash: &[u8],
    exchange: &Exchange,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO oauth_exchanges (org, hash, grant_id, kind, redirect, challenge, expires) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            org,
            hash,
            exchange.grant,
            exchange.kind.as_str(),
            &exchange.redirect,
            &exchange.challenge,
            exchange.expires
        ],
    )
    .await
    .map(drop)
}

macro_rules! exchange {
    () => {
        "SELECT grant_id, kind, redirect, challenge, expires, used FROM oauth_exchanges WHERE org = ?1 AND hash = ?2"
    };
}

/// What a hash stands for, used or expired as it may be.
pub async fn exchange(q: &mut impl Query, org: OrgId, hash: &[u8]) -> Result<Option<Exchange>, Error> {
    let row = q.first(exchange!(), params![org, hash]).await?;
    row.map(read_exchange).transpose()
}

/// The same, held until the write ends: of two who exchange the same at once the second finds it used. Whoever comes with it
/// holds its grant first.
pub async fn hold_exchange(tx: &mut Tx<'_>, org: OrgId, hash: &[u8]) -> Result<Option<Exchange>, Error> {
    let sql = format!(concat!(exchange!(), "{}"), tx.hold_to_change());
    let row = tx.first(&sql, params![org, hash]).await?;
    row.map(read_exchange).transpose()
}

fn read_exchange(mut row: Row) -> Result<Exchange, Error> {
    let kind = match row.text(1)? {
        "code" => Kind::Code,
        _ => Kind::RefreshToken,
    };
    Ok(Exchange {
        grant: row.id(0)?,
        kind,
        redirect: row.take_text(2)?,
        challenge: row.take_text(3)?,
        expires: row.time(4)?,
        used: row.opt_time(5)?,
    })
}

/// What a refresh token belongs to; also one that is used or expired.
pub async fn refresh_token(
    q: &mut impl Query,
    org: OrgId,
    hash: &[u8],
) -> Result<Option<(GrantId, Timestamp, Option<Timestamp>)>, Error> {
    let sql = "SELECT grant_id, expires, used FROM oauth_exchanges WHERE org = ?1 AND hash = ?2 AND kind = 'refresh'";
    let row = q.first(sql, params![org, hash]).await?;
    row.map(|row| Ok((row.id(0)?, row.time(1)?, row.opt_time(2)?)))
        .transpose()
}

/// Notes that it was exchanged.
pub async fn use_up(tx: &mut Tx<'_>, org: OrgId, hash: &[u8]) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE oauth_exchanges SET used = ?3 WHERE org = ?1 AND hash = ?2";
    tx.execute(sql, params![org, hash, now]).await.map(drop)
}

/// Forgets what expired before a time; says of how much.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM oauth_exchanges WHERE org = ?1 AND expires < ?2";
    tx.execute(sql, params![org, before]).await
}
