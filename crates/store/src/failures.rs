//! Sign-ins that did not succeed, counted for all nodes together and across organizations: whose they would have been is not
//! known yet, and often nobody's.

use base::Timestamp;

use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// What stands against an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// Since the last success, or since it was forgotten.
    pub count: u32,
    pub last: Timestamp,
    /// Nobody is let try again before then.
    pub until: Timestamp,
}

/// So often a row is made anew that others have removed.
const TRIES: usize = 5;

/// What stands against an address, held until the write ends: whoever asks for the same waits.
pub async fn hold(tx: &mut Tx<'_>, counted_by: &[u8]) -> Result<Failures, Error> {
    for _ in 0..TRIES {
        if let Some(failures) = held(tx, counted_by).await? {
            return Ok(failures);
        }
    }
    Ok(Failures::default())
}

/// Nothing if others have removed the row between the two statements.
async fn held(tx: &mut Tx<'_>, counted_by: &[u8]) -> Result<Option<Failures>, Error> {
    let there = "INSERT INTO sign_in_failures (counted_by, failures, last, until) VALUES (?1, 0, 0, 0) \
                 ON CONFLICT DO NOTHING";
    tx.execute(there, params![counted_by]).await?;
    let sql = format!(
        "SELECT failures, last, until FROM sign_in_failures WHERE counted_by = ?1{}",
        tx.hold_to_change()
    );
    let Some(row) = tx.first(&sql, params![counted_by]).await? else {
        return Ok(None);
    };
    Ok(Some(Failures {
        count: u32::try_from(row.int(0)?).unwrap_or(u32::MAX),
        last: row.time(1)?,
        until: row.time(2)?,
    }))
}

pub async fn set(tx: &mut Tx<'_>, counted_by: &[u8], failures: Failures) -> Result<(), Error> {
    let sql = "INSERT INTO sign_in_failures (counted_by, failures, last, until) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (counted_by) DO UPDATE SET failures = ?2, last = ?3, until = ?4";
    let Failures { count, last, until } = failures;
    tx.execute(sql, params![counted_by, count, last, until])
        .await
        .map(drop)
}

/// Forgets what stands against an address.
pub async fn forget(tx: &mut Tx<'_>, counted_by: &[u8]) -> Result<(), Error> {
    let sql = "DELETE FROM sign_in_failures WHERE counted_by = ?1";
    tx.execute(sql, params![counted_by]).await.map(drop)
}

/// Forgets what was last tried before a time; says of how many addresses.
pub async fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, Error> {
    let sql = "DELETE FROM sign_in_failures WHERE last < ?1";
    tx.execute(sql, params![before]).await
}
