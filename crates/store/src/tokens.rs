//! Bearer tokens of our own. The database holds their hash only.

use base::{Actor, ActorKind, Cause, CorrelationId, GrantId, OrgId, Timestamp, TokenId, UserId};

use crate::changes::{self, Entry, Kind, What, actor_text};
use crate::error::Error;
use crate::revisions::{self, Revisions};
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{params, users};

/// Tokens of an organization, with whose they are: one of its own people, or of a partner's.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.org, t.id, t.name, t.owner, t.scopes, t.created, t.expires, t.revoked, t.last_used, t.actor, \
             t.correlation, COALESCE(u.user_name, a.user_name), COALESCE(u.active, a.active), t.grant_id, p.home \
             FROM tokens t LEFT JOIN users u ON u.org = t.org AND u.id = t.owner \
             LEFT JOIN partners p ON p.org = t.org AND p.user_id = t.owner \
             LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id WHERE t.org = ?1 ",
            $rest
        )
    };
}

/// A token as stored; neither it nor its hash is in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub org: OrgId,
    pub id: TokenId,
    pub name: String,
    /// Whose rights it carries; none for the organization's operator account.
    pub owner: Option<UserId>,
    /// Nothing for somebody who is gone.
    pub owner_name: Option<String>,
    pub owner_active: bool,
    /// The organization that the owner belongs to, if that is another one.
    pub owner_home: Option<OrgId>,
    /// Separated by spaces.
    pub scopes: String,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
    pub last_used: Option<Timestamp>,
    pub actor: Actor,
    pub correlation: CorrelationId,
    /// What a client got it under.
    pub grant: Option<GrantId>,
}

/// A token that is about to be issued.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub id: TokenId,
    pub name: String,
    pub owner: Option<UserId>,
    pub scopes: String,
    pub expires: Option<Timestamp>,
    pub hash: Vec<u8>,
    /// What a client gets it under.
    pub grant: Option<GrantId>,
}

/// A token that somebody has sent, and what its owner is as of now: all that decides whether it is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    pub org: OrgId,
    pub id: TokenId,
    pub name: String,
    /// Whose rights it carries; none for the organization's operator account.
    pub owner: Option<Owner>,
    /// Separated by spaces.
    pub scopes: String,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
    pub last_used: Option<Timestamp>,
    /// What a client got it under; it is valid.
    pub grant: Option<GrantId>,
    /// The organization's, as of the same moment.
    pub revisions: Revisions,
}

/// The person to whom a token belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    pub user: UserId,
    /// Neither disabled nor deleted.
    pub active: bool,
    pub roles: Vec<String>,
    /// The organization that the person belongs to, if that is another one: then the role is what a partner has.
    pub home: Option<OrgId>,
}

/// Finds a token by its hash, in whichever organization; it may have expired or been revoked: that is for the caller. One
/// whose grant has ended is not found.
/// One statement, as it is asked for every token that was not seen lately.
pub async fn presented(q: &mut impl Query, hash: &[u8]) -> Result<Option<Presented>, Error> {
    const SQL: &str = concat!(
        "SELECT t.org, t.id, t.name, t.owner, t.scopes, t.expires, t.revoked, t.last_used, \
         COALESCE(u.active, a.active), COALESCE(r.role, p.role), t.grant_id, p.home, ",
        revisions::revisions!(),
        " FROM token_lookup l JOIN tokens t ON t.org = l.org AND t.id = l.token_id \
         JOIN organizations o ON o.id = l.org \
         LEFT JOIN users u ON u.org = t.org AND u.id = t.owner \
         LEFT JOIN roles r ON r.org = t.org AND r.user_id = t.owner \
         LEFT JOIN partners p ON p.org = t.org AND p.user_id = t.owner \
         LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id \
         LEFT JOIN oauth_grants g ON g.org = t.org AND g.id = t.grant_id AND g.revoked IS NULL \
         WHERE l.hash = ?1 AND (t.grant_id IS NULL OR g.id IS NOT NULL)"
    );
    let mut rows = q.query(SQL, params![hash]).await?;
    let mut roles = Vec::new();
    for row in &mut rows {
        roles.extend(row.take_opt_text(9)?);
    }
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let active = row.opt_int(8)?.is_some_and(|active| active != 0);
    let home = row.opt_id(11)?;
    let owner = row.opt_id(3)?.map(|user| Owner {
        user,
        active,
        roles,
        home,
    });
    Ok(Some(Presented {
        org: row.id(0)?,
        id: row.id(1)?,
        name: row.take_text(2)?,
        owner,
        scopes: row.take_text(4)?,
        expires: row.opt_time(5)?,
        revoked: row.opt_time(6)?,
        last_used: row.opt_time(7)?,
        grant: row.opt_id(10)?,
        revisions: Revisions::read(&row, 12)?,
    }))
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: TokenId) -> Result<Option<Token>, Error> {
    const SQL: &str = select!("AND t.id = ?2");
    q.first(SQL, params![org, id]).await?.map(read).transpose()
}

/// The tokens of one person that are valid, but for those that clients got: the oldest first, so many at most.
pub async fn of_owner(
    q: &mut impl Query,
    org: OrgId,
    owner: UserId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Token>, Error> {
    const SQL: &str = select!(
        "AND t.owner = ?2 \
         AND t.grant_id IS NULL AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > ?3) ORDER BY t.id LIMIT ?4"
    );
    let sql = SQL;
    let rows = q.query(sql, params![org, owner, now, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// A page of an organization's tokens, the oldest first, also of those that are no longer valid.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: Option<TokenId>,
    limit: u32,
) -> Result<Vec<Token>, Error> {
    const SQL: &str = select!(
        "AND t.id > ?2 \
         ORDER BY t.id LIMIT ?3"
    );
    let first = Value::from([0_u8; 16].as_slice());
    let after = after.map_or(first, Value::from);
    let rows = q.query(SQL, params![org, after, limit]).await?;
    rows.into_iter().map(read).collect()
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, token: &NewToken, cause: &Cause) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    if let Some(owner) = token.owner {
        users::hold(tx, org, owner).await?;
    }
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO tokens (org, id, name, owner, scopes, hash, created, expires, actor, correlation, grant_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            org,
            token.id,
            &token.name,
            token.owner,
            &token.scopes,
            token.hash.as_slice(),
            now,
            token.expires,
            actor_text(&cause.actor)?,
            cause.correlation,
            token.grant
        ],
    )
    .await?;
    let lookup = "INSERT INTO token_lookup (hash, org, token_id) VALUES (?1, ?2, ?3)";
    tx.execute(lookup, params![token.hash.as_slice(), org, token.id])
        .await?;
    changes::append(tx, org, Entry::new(Kind::Token, token.id, What::Created), cause).await
}

/// Lets a token count as made by whoever made another one: it ends with what made that one.
pub async fn inherit_maker(tx: &mut Tx<'_>, org: OrgId, id: TokenId, former: TokenId) -> Result<(), Error> {
    let sql = "UPDATE tokens SET actor = (SELECT f.actor FROM tokens f WHERE f.org = ?1 AND f.id = ?3) \
               WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id, former]).await.map(drop)
}

/// Ends a token's validity; says whether it was still valid. It stays in the list.
pub async fn revoke(tx: &mut Tx<'_>, org: OrgId, id: TokenId, cause: &Cause) -> Result<bool, Error> {
    Ok(!revoke_all(tx, org, &[id], cause).await?.is_empty())
}

/// The same for several, all of them before any of it is told: whoever tells holds the organization's row. Says which were
/// still valid.
pub async fn revoke_all(
    tx: &mut Tx<'_>,
    org: OrgId,
    ids: &[TokenId],
    cause: &Cause,
) -> Result<Vec<TokenId>, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let sql = "UPDATE tokens SET revoked = ?3 WHERE org = ?1 AND id = ?2 AND revoked IS NULL";
    let mut ended = Vec::new();
    for id in ids {
        if tx.execute(sql, params![org, *id, now]).await? == 1 {
            ended.push(*id);
        }
    }
    let gone = |id: &TokenId| Entry::new(Kind::Token, *id, What::Deleted);
    let entries: Vec<_> = ended.iter().map(gone).collect();
    changes::append_all(tx, org, &entries, cause).await?;
    Ok(ended)
}

/// Lets a valid token end at a time, if it would not end before, and nobody be warned of that; says whether it was valid.
pub async fn end_at(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: TokenId,
    at: Timestamp,
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let sql = "UPDATE tokens SET expires = CASE WHEN expires < ?3 THEN expires ELSE ?3 END, warned = 0 \
               WHERE org = ?1 AND id = ?2 AND revoked IS NULL AND (expires IS NULL OR expires > ?4)";
    if tx.execute(sql, params![org, id, at, now]).await? == 0 {
        return Ok(false);
    }
    changes::append(tx, org, Entry::new(Kind::Token, id, What::Updated), cause).await?;
    Ok(true)
}

/// Leaves of the scopes of what came of a grant what `keep` says; answers with those tokens of which nothing is left, as they
/// were.
pub(crate) async fn narrow(
    tx: &mut Tx<'_>,
    org: OrgId,
    grant: GrantId,
    keep: impl Fn(&str) -> String,
    cause: &Cause,
) -> Result<Vec<TokenId>, Error> {
    changes::begin(tx, org).await?;
    let sql =
        "SELECT id, scopes FROM tokens WHERE org = ?1 AND grant_id = ?2 AND revoked IS NULL ORDER BY id";
    let (mut entries, mut nothing_left) = (Vec::new(), Vec::new());
    for mut row in tx.query(sql, params![org, grant]).await? {
        let (id, scopes) = (row.id::<TokenId>(0)?, row.take_text(1)?);
        let kept = keep(&scopes);
        if kept.is_empty() {
            nothing_left.push(id);
        } else if kept != scopes {
            let sql = "UPDATE tokens SET scopes = ?3 WHERE org = ?1 AND id = ?2";
            tx.execute(sql, params![org, id, &kept]).await?;
            entries.push(Entry::new(Kind::Token, id, What::Updated));
        }
    }
    changes::append_all(tx, org, &entries, cause).await?;
    Ok(nothing_left)
}

/// All valid tokens of a person.
pub async fn valid_of_owner(q: &mut impl Query, org: OrgId, owner: UserId) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT id FROM tokens WHERE org = ?1 AND owner = ?2 AND revoked IS NULL ORDER BY id";
    let rows = q.query(sql, params![org, owner]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// The valid tokens of a person that were made by somebody signed in, not by another token or at the command line.
pub async fn of_sign_in(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT id, actor FROM tokens WHERE org = ?1 AND owner = ?2 AND revoked IS NULL ORDER BY id";
    let mut found = Vec::new();
    for row in q.query(sql, params![org, user]).await? {
        if row.actor(1)?.kind == ActorKind::User {
            found.push(row.id(0)?);
        }
    }
    Ok(found)
}

/// Forgets tokens that expired or were revoked before a time, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql =
        "SELECT id, hash FROM tokens WHERE org = ?1 AND (expires < ?2 OR revoked < ?2) ORDER BY id LIMIT ?3";
    let (mut hashes, mut ids) = (Vec::new(), Vec::new());
    for row in tx.query(sql, params![org, before, limit]).await? {
        ids.push(params![org, row.id::<TokenId>(0)?].to_vec());
        hashes.push(params![org, row.bytes(1)?].to_vec());
    }
    let lookup = "DELETE FROM token_lookup WHERE org = ?1 AND hash = ?2";
    tx.execute_many(lookup, &hashes).await?;
    tx.execute_many("DELETE FROM tokens WHERE org = ?1 AND id = ?2", &ids)
        .await
}

/// The tokens that are still valid and expire between two times, the second included, those that expire first in front; but
/// for those that clients got, who know how to get the next one.
pub async fn expiring(
    q: &mut impl Query,
    org: OrgId,
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Token>, Error> {
    const SQL: &str = select!(
        "AND t.expires > ?2 AND t.expires <= ?3 \
         AND t.grant_id IS NULL AND t.revoked IS NULL ORDER BY t.expires, t.id"
    );
    let rows = q.query(SQL, params![org, now, until]).await?;
    rows.into_iter().map(read).collect()
}

/// Notes that it was warned of a token's end so many days ahead; says whether that is news.
pub async fn warn(tx: &mut Tx<'_>, org: OrgId, id: TokenId, days: u32) -> Result<bool, Error> {
    let sql = "UPDATE tokens SET warned = ?3 WHERE org = ?1 AND id = ?2 AND revoked IS NULL \
               AND (warned IS NULL OR warned > ?3)";
    Ok(tx.execute(sql, params![org, id, days]).await? == 1)
}

/// Remembers when a token was last used. To be called once a minute at most, not for every request.
pub async fn touch(tx: &mut Tx<'_>, org: OrgId, id: TokenId) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE tokens SET last_used = ?3 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id, now]).await.map(drop)
}

fn read(mut row: Row) -> Result<Token, Error> {
    Ok(Token {
        org: row.id(0)?,
        id: row.id(1)?,
        name: row.take_text(2)?,
        owner: row.opt_id(3)?,
        scopes: row.take_text(4)?,
        created: row.time(5)?,
        expires: row.opt_time(6)?,
        revoked: row.opt_time(7)?,
        last_used: row.opt_time(8)?,
        actor: row.actor(9)?,
        correlation: row.id(10)?,
        owner_name: row.take_opt_text(11)?,
        owner_active: row.opt_int(12)?.is_some_and(|active| active != 0),
        grant: row.opt_id(13)?,
        owner_home: row.opt_id(14)?,
    })
}
