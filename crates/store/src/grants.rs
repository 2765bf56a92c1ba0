//! What people have allowed clients, and what can be exchanged for tokens under it, once: codes and refresh tokens. Of these
//! there is the hash only.

use base::{Cause, ClientId, GrantId, OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::tx::{Query, Tx};
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
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO oauth_grants (org, id, client, user_id, scopes, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![org, grant.id, grant.client, grant.user, &grant.scopes, now],
    )
    .await
    .map(drop)
}

/// A grant that was not revoked.
pub async fn valid(q: &mut impl Query, org: OrgId, id: GrantId) -> Result<Option<Grant>, Error> {
    let sql =
        "SELECT id, client, user_id, scopes FROM oauth_grants WHERE org = ?1 AND id = ?2 AND revoked IS NULL";
    let row = q.first(sql, params![org, id]).await?;
    row.map(|mut row| {
        Ok(Grant {
            id: row.id(0)?,
            client: row.id(1)?,
            user: row.opt_id(2)?,
            scopes: row.take_text(3)?,
        })
    })
    .transpose()
}

/// Ends a grant and all tokens that came of it.
pub async fn revoke(tx: &mut Tx<'_>, org: OrgId, id: GrantId, cause: &Cause) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE oauth_grants SET revoked = ?3 WHERE org = ?1 AND id = ?2 AND revoked IS NULL";
    tx.execute(sql, params![org, id, now]).await?;
    let sql = "SELECT id FROM tokens WHERE org = ?1 AND grant_id = ?2 AND revoked IS NULL ORDER BY id";
    for row in tx.query(sql, params![org, id]).await? {
        tokens::revoke(tx, org, row.id(0)?, cause).await?;
    }
    Ok(())
}

/// Removes all that a client was allowed; the tokens that came of it are revoked.
pub(crate) async fn remove_all(
    tx: &mut Tx<'_>,
    org: OrgId,
    client: ClientId,
    cause: &Cause,
) -> Result<(), Error> {
    let sql = "SELECT id FROM oauth_grants WHERE org = ?1 AND client = ?2 ORDER BY id";
    for row in tx.query(sql, params![org, client]).await? {
        let id: GrantId = row.id(0)?;
        revoke(tx, org, id, cause).await?;
        let exchanges = "DELETE FROM oauth_exchanges WHERE org = ?1 AND grant_id = ?2";
        tx.execute(exchanges, params![org, id]).await?;
    }
    let sql = "DELETE FROM oauth_grants WHERE org = ?1 AND client = ?2";
    tx.execute(sql, params![org, client]).await.map(drop)
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

/// What a hash stands for, held until the write ends: of two who exchange the same at once the second finds it used.
pub async fn hold_exchange(tx: &mut Tx<'_>, org: OrgId, hash: &[u8]) -> Result<Option<Exchange>, Error> {
    let sql = format!(
        "SELECT grant_id, kind, redirect, challenge, expires, used FROM oauth_exchanges \
         WHERE org = ?1 AND hash = ?2{}",
        tx.hold_to_change()
    );
    let Some(mut row) = tx.first(&sql, params![org, hash]).await? else {
        return Ok(None);
    };
    let kind = match row.text(1)? {
        "code" => Kind::Code,
        _ => Kind::RefreshToken,
    };
    Ok(Some(Exchange {
        grant: row.id(0)?,
        kind,
        redirect: row.take_text(2)?,
        challenge: row.take_text(3)?,
        expires: row.time(4)?,
        used: row.opt_time(5)?,
    }))
}

/// The same, only to look; one that is used or expired too.
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
