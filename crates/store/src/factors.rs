//! Second factors of people who sign in: authenticator apps, and codes that stand in for a factor once. What an app knows is
//! sealed; of the codes there is the hash only.

use std::fmt;

use base::{Cause, OrgId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::tx::{Query, Tx};
use crate::{params, passkeys};

/// Which second factors somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Since when there is an authenticator app.
    pub authenticator: Option<Timestamp>,
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

/// An authenticator app.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// Sealed.
    pub secret: Vec<u8>,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

pub async fn held(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Held, Error> {
    let sql = "SELECT a.created, (SELECT COUNT(*) FROM recovery_codes c WHERE c.org = ?1 AND c.user_id = ?2), \
               (SELECT COUNT(*) FROM passkeys p WHERE p.org = ?1 AND p.user_id = ?2) \
               FROM (SELECT 1 AS one) x LEFT JOIN authenticators a ON a.org = ?1 AND a.user_id = ?2";
    let Some(row) = q.first(sql, params![org, user]).await? else {
        return Ok(Held::default());
    };
    Ok(Held {
        authenticator: row.opt_time(0)?,
        recovery_codes: u32::try_from(row.int(1)?).unwrap_or(u32::MAX),
        passkeys: u32::try_from(row.int(2)?).unwrap_or(u32::MAX),
    })
}

pub async fn authenticator(
    q: &mut impl Query,
    org: OrgId,
    user: UserId,
) -> Result<Option<Authenticator>, Error> {
    let sql = "SELECT secret FROM authenticators WHERE org = ?1 AND user_id = ?2";
    let row = q.first(sql, params![org, user]).await?;
    row.map(|row| {
        Ok(Authenticator {
            secret: row.bytes(0)?.to_vec(),
        })
    })
    .transpose()
}

/// Gives somebody an authenticator app in place of the one before; the code of `step` has been taken. `Reference` when there
/// is no such person.
pub async fn set_authenticator(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    secret: &[u8],
    step: i64,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO authenticators (org, user_id, secret, last_step, created, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (org, user_id) DO UPDATE SET secret = excluded.secret, \
         last_step = excluded.last_step, created = excluded.created, actor = excluded.actor, \
         correlation = excluded.correlation",
        params![
            org,
            user,
            secret,
            step,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await
    .map(drop)
}

/// Takes the code of a step; says whether it could be taken: neither it nor a later one was before, and the app is still
/// this one.
pub async fn take_step(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    authenticator: &Authenticator,
    step: i64,
) -> Result<bool, Error> {
    let sql = "UPDATE authenticators SET last_step = ?3 \
               WHERE org = ?1 AND user_id = ?2 AND last_step < ?3 AND secret = ?4";
    let secret = authenticator.secret.as_slice();
    let taken = tx.execute(sql, params![org, user, step, secret]).await?;
    Ok(taken == 1)
}

/// Takes somebody's authenticator app away; says whether there was one.
pub async fn remove_authenticator(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<bool, Error> {
    let sql = "DELETE FROM authenticators WHERE org = ?1 AND user_id = ?2";
    Ok(tx.execute(sql, params![org, user]).await? == 1)
}

/// Gives somebody recovery codes in place of those before.
pub async fn set_recovery_codes(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    hashes: &[Vec<u8>],
) -> Result<(), Error> {
    remove_recovery_codes(tx, org, user).await?;
    let sql = "INSERT INTO recovery_codes (org, user_id, hash) VALUES (?1, ?2, ?3)";
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| params![org, user, hash.as_slice()].to_vec())
        .collect();
    tx.execute_many(sql, &rows).await.map(drop)
}

/// Uses up a recovery code; says whether it was there.
pub async fn take_recovery_code(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    hash: &[u8],
) -> Result<bool, Error> {
    let sql = "DELETE FROM recovery_codes WHERE org = ?1 AND user_id = ?2 AND hash = ?3";
    Ok(tx.execute(sql, params![org, user, hash]).await? == 1)
}

pub async fn remove_recovery_codes(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM recovery_codes WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}

/// Takes everything away that is somebody's second factor.
pub async fn remove_all(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM authenticators WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await?;
    passkeys::remove_all(tx, org, user).await?;
    remove_recovery_codes(tx, org, user).await
}
