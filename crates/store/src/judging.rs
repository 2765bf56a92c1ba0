//! Judging which lanes may be worked on, where too many accounts must not go at once: what is known of lanes that are due
//! and stand in no approved plan. See [`crate::lanes::Judged`].

use base::{AppId, OrgId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// How many lanes there are to be judged, and how many count already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Lanes that are not judged yet; no more than `most` are counted.
    pub open: u64,
    /// Lanes that may be worked on and count as such by which an account goes.
    pub counted: u64,
    /// Lanes by which an account would go, and which may not be worked on yet.
    pub suspect: u64,
    /// Accounts that have gone since then without anybody having been asked.
    pub struck: u64,
}

impl Tally {
    /// The most accounts that can go.
    pub fn most(&self) -> u64 {
        self.open + self.counted + self.suspect + self.struck
    }
}

// Ranges, also where one value is meant: with an equal sign SQLite reads every lane of the app instead of the index.
// `?3` is since when those that went are counted, `?4` how many open ones are counted at most.
macro_rules! open {
    () => {
        "(SELECT COUNT(*) FROM (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL \
         AND judged < 1 AND plan IS NULL LIMIT CAST(?4 AS BIGINT)) o)"
    };
}
macro_rules! counted {
    () => {
        "(SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged > 1 AND judged < 3)"
    };
}
macro_rules! suspect {
    () => {
        "(SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged > 2)"
    };
}
macro_rules! struck {
    () => {
        "(SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND struck IS NOT NULL AND struck > CAST(?3 AS BIGINT))"
    };
}

pub async fn tally(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    since: Timestamp,
    most: u64,
) -> Result<Tally, Error> {
    let sql = concat!(
        "SELECT ",
        open!(),
        ", ",
        counted!(),
        ", ",
        suspect!(),
        ", ",
        struck!()
    );
    let row = q.first(sql, params![org, app, since, most]).await?;
    row.map_or(Ok(Tally::default()), |row| {
        Ok(Tally {
            open: row.count(0)?,
            counted: row.count(1)?,
            suspect: row.count(2)?,
            struck: row.count(3)?,
        })
    })
}

/// Which people may lose their account by what is to be done, so that it must be worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubtful {
    /// Those who are gone or inactive, and those who have neither an assignment nor a group that has one.
    Unassigned,
    /// Those who are gone or inactive.
    Inactive,
    /// Everybody who has an account.
    Everybody,
}

/// Who has an account, is to be worked for, and may lose it by that. Groups are always among them.
pub async fn doubtful(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    doubtful: Doubtful,
) -> Result<Vec<(SubjectKind, SubjectId)>, Error> {
    let who = match doubtful {
        Doubtful::Everybody => "1 = 1",
        Doubtful::Inactive => "u.id IS NULL OR (k.state <> 'disabled' AND u.active = 0)",
        Doubtful::Unassigned => {
            "u.id IS NULL OR (k.state <> 'disabled' AND (u.active = 0 OR NOT (\
             EXISTS (SELECT 1 FROM assignments a WHERE a.org = ?1 AND a.app = ?2 AND a.subject = l.subject) \
             OR EXISTS (SELECT 1 FROM members m JOIN assignments a ON a.org = m.org AND a.app = ?2 \
             AND a.subject = m.group_id WHERE m.org = ?1 AND m.member_id = l.subject))))"
        }
    };
    let sql = format!(
        "SELECT l.kind, l.subject FROM lanes l JOIN links k ON k.org = l.org AND k.app = l.app AND k.subject = l.subject \
         LEFT JOIN users u ON u.org = l.org AND u.id = l.subject \
         WHERE l.org = ?1 AND l.app = ?2 AND l.due IS NOT NULL AND l.judged IN (0, 2) AND l.judged < 3 AND l.plan IS NULL AND ({who} \
         OR EXISTS (SELECT 1 FROM drift d WHERE d.org = ?1 AND d.app = ?2 AND d.subject = l.subject AND d.kind = 'enabled'))"
    );
    let rows = q.scan(&sql, params![org, app]).await?;
    rows.iter()
        .map(|row| Ok((SubjectKind::read(row.text(0)?)?, row.id(1)?)))
        .collect()
}

/// Everything that is not judged yet may be worked on, and counts, if then no more than `most` accounts can go.
///
/// It is counted and admitted by the same statement: between two of them others may write down that more accounts would
/// go, and what was not counted would be admitted with the rest.
pub async fn admit(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    since: Timestamp,
    most: u64,
) -> Result<(), Error> {
    // One more than may go shows that there are too many.
    let limits = params![org, app, since, most.saturating_add(1)];
    let sql = concat!(
        "UPDATE lanes SET judged = 2 WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged < 1 AND plan IS NULL AND ",
        open!(),
        " + ",
        counted!(),
        " + ",
        suspect!(),
        " + ",
        struck!(),
        " < CAST(?4 AS BIGINT)"
    );
    tx.execute(sql, limits).await?;
    let sql = concat!(
        "UPDATE lanes SET judged = 2 WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged > 2 AND plan IS NULL AND ",
        counted!(),
        " + ",
        suspect!(),
        " + ",
        struck!(),
        " < CAST(?4 AS BIGINT)"
    );
    tx.execute(sql, limits).await.map(drop)
}

/// Everything may be worked on; only these people, and whoever is suspect, count.
pub async fn admit_counting(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    counting: &[SubjectId],
) -> Result<(), Error> {
    // Whoever is being worked for has been told what is allowed.
    let sql = "UPDATE lanes SET judged = 1 WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged IN (0, 2) \
               AND judged < 3 AND plan IS NULL AND (judged = 0 OR lease_until IS NULL)";
    tx.execute(sql, params![org, app]).await?;
    let sql = "UPDATE lanes SET judged = 2 WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND judged > 2";
    tx.execute(sql, params![org, app]).await?;
    let sets: Vec<Vec<Value>> = counting
        .iter()
        .map(|subject| params![org, app, *subject].to_vec())
        .collect();
    let sql = "UPDATE lanes SET judged = 2 WHERE org = ?1 AND app = ?2 AND subject = ?3 AND due IS NOT NULL \
               AND plan IS NULL";
    tx.execute_many(sql, &sets).await.map(drop)
}

/// Accounts that have gone are counted from nought again.
pub async fn forgive(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "UPDATE lanes SET struck = NULL WHERE org = ?1 AND app = ?2 AND struck IS NOT NULL";
    tx.execute(sql, params![org, app]).await.map(drop)
}
