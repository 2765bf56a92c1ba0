//! Access tokens that targets' authorization servers have given, sealed, and whose turn it is to ask for the next one.

use base::{AppId, OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// What was given last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub sealed: Vec<u8>,
    /// `None`: it was not said.
    pub expires: Option<Timestamp>,
}

pub async fn read(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Option<Given>, Error> {
    let sql = "SELECT sealed, expires FROM target_tokens WHERE org = ?1 AND app = ?2 AND sealed IS NOT NULL";
    let row = q.first(sql, params![org, app]).await?;
    row.map(|row| {
        Ok(Given {
            sealed: row.opt_bytes(0)?.unwrap_or_default().to_vec(),
            expires: row.opt_time(1)?,
        })
    })
    .transpose()
}

/// Takes the turn to ask until then, unless somebody else has it; says whether it was free. `Reference` when there is
/// no such application.
pub async fn take_turn(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, Error> {
    let taken = tx
        .execute(
            "INSERT INTO target_tokens (org, app, turn_until) VALUES (?1, ?2, ?4) \
             ON CONFLICT (org, app) DO UPDATE SET turn_until = excluded.turn_until \
             WHERE target_tokens.turn_until IS NULL OR target_tokens.turn_until <= ?3",
            params![org, app, now, until],
        )
        .await?;
    Ok(taken == 1)
}

/// Keeps what was given, and ends the turn that ran until then. Says whether it was still that one's turn; if not, the
/// credentials may be others by now, and nothing is kept.
pub async fn keep(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    until: Timestamp,
    given: &Given,
) -> Result<bool, Error> {
    let sql = "UPDATE target_tokens SET sealed = ?4, expires = ?5, turn_until = NULL \
               WHERE org = ?1 AND app = ?2 AND turn_until = ?3";
    let kept = tx
        .execute(
            sql,
            params![org, app, until, given.sealed.as_slice(), given.expires],
        )
        .await?;
    Ok(kept == 1)
}

/// Ends a turn in which nothing was given.
pub async fn end_turn(tx: &mut Tx<'_>, org: OrgId, app: AppId, until: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE target_tokens SET turn_until = NULL WHERE org = ?1 AND app = ?2 AND turn_until = ?3";
    tx.execute(sql, params![org, app, until]).await.map(drop)
}

/// Forgets everything: the credentials are others.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM target_tokens WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
