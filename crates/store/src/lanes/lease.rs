//! Leasing lanes, and writing down what came of the work.

use base::{AppId, OrgId, ProcessId, SubjectId, Timestamp};

use super::{Claimable, Completion, Judged, Lease, Struck, Verify};
use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// Leases lanes that are due to a process, those that wait longest first. Whoever held one before may have changed the account.
pub async fn claim(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (holder, now, until): (ProcessId, Timestamp, Timestamp),
    (claimable, limit): (Claimable, usize),
) -> Result<Vec<Lease>, Error> {
    let judged = match claimable {
        Claimable::Any => "",
        Claimable::Judged => " AND (judged BETWEEN 1 AND 2 OR plan IS NOT NULL)",
    };
    // Groups wait for people: what they hold are people's accounts.
    let people_first = format!(
        " AND (kind = 'user' OR NOT EXISTS (SELECT 1 FROM lanes p WHERE p.org = ?1 AND p.app = ?2 AND p.due <= ?3 \
         AND p.kind = 'user'{judged}))"
    );
    // Chosen first and once: PostgreSQL may run a sub-query with a limit anew for every row, and so take more.
    let sql = format!(
        "WITH chosen AS MATERIALIZED \
         (SELECT subject FROM lanes WHERE org = ?1 AND app = ?2 AND due <= ?3{judged}{people_first} \
         ORDER BY due LIMIT ?5{}) \
         UPDATE lanes SET verify = CASE WHEN lease_until IS NOT NULL THEN 1 ELSE verify END, \
         lease_until = ?4, due = ?4, fence = fence + 1, holder = ?6 \
         WHERE org = ?1 AND app = ?2 AND subject IN (SELECT subject FROM chosen) \
         RETURNING subject, kind, generation, fence, attempts, doubt, verify, cycle, outcome, pending, plan, judged",
        tx.skip_locked()
    );
    let rows = tx
        .query(&sql, params![org, app, now, until, limit, holder])
        .await?;
    rows.into_iter().map(|row| lease(row, until)).collect()
}

/// Leases the lane of one subject, if it is due and nobody has it, with that judgement.
pub async fn claim_one(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    (holder, now, until): (ProcessId, Timestamp, Timestamp),
    judged: Judged,
) -> Result<Option<Lease>, Error> {
    let sql = "UPDATE lanes SET verify = CASE WHEN lease_until IS NOT NULL THEN 1 ELSE verify END, \
               lease_until = ?5, due = ?5, fence = fence + 1, judged = ?6, holder = ?7 \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND due <= ?4 \
               RETURNING subject, kind, generation, fence, attempts, doubt, verify, cycle, outcome, pending, plan, judged";
    let row = tx
        .first(
            sql,
            params![org, app, subject, now, until, judged.number(), holder],
        )
        .await?;
    row.map(|row| lease(row, until)).transpose()
}

/// When a subject's lane is due, if it is.
pub async fn due(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT due FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?3";
    match q.first(sql, params![org, app, subject]).await? {
        Some(row) => row.opt_time(0),
        None => Ok(None),
    }
}

fn lease(mut row: Row, until: Timestamp) -> Result<Lease, Error> {
    let pending = row.bool(9)?;
    Ok(Lease {
        subject: row.id(0)?,
        kind: SubjectKind::read(row.text(1)?)?,
        generation: row.int(2)?,
        fence: row.int(3)?,
        until,
        attempts: row.int(4)?,
        doubt: row.take_opt_text(5)?,
        verify: if row.bool(6)? { Verify::Yes } else { Verify::No },
        cycle: row.opt_id(7)?,
        outcome: row.take_opt_text(8)?.filter(|_| pending),
        plan: row.opt_id(10)?,
        judged: Judged::read(row.int(11)?),
    })
}

/// A lane whose account may be being created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InDoubt {
    pub subject: SubjectId,
    /// When that shows.
    pub due: Timestamp,
    /// By which keys the account is looked for.
    pub keys: String,
}

/// The lanes whose creates were in doubt `then`, or are about to be sent.
pub async fn in_doubt(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    then: Timestamp,
) -> Result<Vec<InDoubt>, Error> {
    // A lane in doubt is not due before the doubt ends.
    let sql = "SELECT subject, due, doubt FROM lanes \
               WHERE org = ?1 AND app = ?2 AND due > ?3 AND doubt IS NOT NULL";
    let rows = q.query(sql, params![org, app, then]).await?;
    let read = |mut row: Row| {
        Ok(InDoubt {
            subject: row.id(0)?,
            due: row.time(1)?,
            keys: row.take_text(2)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// What is noted in a lane before a create is sent.
#[derive(Debug, Clone, Copy)]
pub struct Doubt<'l> {
    pub lease: &'l Lease,
    /// By which keys to look for the account if the answer never comes.
    pub keys: &'l str,
    /// Nobody may take the lane over before.
    pub due: Timestamp,
}

/// Notes doubts; gives which leases held. Nothing is noted for the others.
pub async fn doubt(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    doubts: &[Doubt<'_>],
) -> Result<Vec<Held>, Error> {
    let sql = "UPDATE lanes SET doubt = ?5, due = ?6 \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL \
               RETURNING subject, fence";
    let sets: Vec<_> = doubts
        .iter()
        .map(|Doubt { lease, keys, due }| params![org, app, lease.subject, lease.fence, *keys, *due].to_vec())
        .collect();
    held(tx.query_many(sql, &sets).await?)
}

/// A lease, by whose lane it is and by its fence.
pub type Held = (SubjectId, i64);

fn held(rows: Vec<Row>) -> Result<Vec<Held>, Error> {
    rows.into_iter()
        .map(|row| Ok((row.id(0)?, row.int(1)?)))
        .collect()
}

/// Makes a lease last until then. Says whether it still holds.
pub async fn renew(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    lease: &Lease,
    until: Timestamp,
) -> Result<bool, Error> {
    let sql = "UPDATE lanes SET lease_until = ?5, due = ?5 \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL";
    let renewed = tx
        .execute(sql, params![org, app, lease.subject, lease.fence, until])
        .await?;
    Ok(renewed == 1)
}

/// Completes lanes of which the work is done: for each the lease, what came of it, and whether an account went by it
/// unasked. Gives the leases that held; nothing was written for the others, and nothing else may be.
pub async fn complete_done(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    done: &[(&Lease, &str, Struck)],
) -> Result<Vec<Held>, Error> {
    let now = tx.ambient().now();
    let sets: Vec<_> = done
        .iter()
        .map(|(lease, outcome, struck)| done_params(org, app, lease, now, (outcome, *struck)))
        .collect();
    held(
        tx.query_many(&format!("{DONE} RETURNING subject, fence"), &sets)
            .await?,
    )
}

const DONE: &str = "UPDATE lanes SET lease_until = NULL, done_generation = ?5, attempts = 0, error = NULL, \
    doubt = NULL, hold = NULL, outcome = ?7, judged = 0, struck = COALESCE(CAST(?8 AS BIGINT), struck), \
    due = CASE WHEN generation > ?5 THEN CAST(?6 AS BIGINT) ELSE NULL END, \
    verify = CASE WHEN generation > ?5 THEN verify ELSE 0 END, \
    pending = CASE WHEN generation > ?5 THEN pending ELSE 0 END \
    WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL";

fn done_params(
    org: OrgId,
    app: AppId,
    lease: &Lease,
    now: Timestamp,
    (outcome, struck): (&str, Struck),
) -> Vec<Value> {
    let key = params![org, app, lease.subject, lease.fence, lease.generation];
    let more = params![now, outcome, (struck == Struck::Yes).then_some(now)];
    [&key[..], &more[..]].concat()
}

/// Completes a lane. Says whether the lease still held; if it did not, nothing was written and nothing else may be.
pub async fn complete(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    lease: &Lease,
    completion: &Completion,
) -> Result<bool, Error> {
    let key = params![org, app, lease.subject, lease.fence, lease.generation].to_vec();
    let now = tx.ambient().now();
    let (sql, more) = match completion {
        Completion::Done { outcome, struck } => {
            let set = done_params(org, app, lease, now, (outcome, *struck));
            return Ok(tx.execute(DONE, &set).await? == 1);
        }
        Completion::Failed {
            outcome,
            due,
            hold,
            error,
            doubt,
            verify,
            pending,
        } => (
            "UPDATE lanes SET lease_until = NULL, attempts = attempts + 1, error = ?10, doubt = ?11, hold = ?9, \
             outcome = ?7, due = CASE WHEN generation > ?5 \
             THEN COALESCE(CAST(?9 AS BIGINT), CAST(?6 AS BIGINT)) ELSE CAST(?8 AS BIGINT) END, \
             verify = CASE WHEN verify = 1 THEN 1 ELSE CAST(?13 AS BIGINT) END, \
             judged = CASE WHEN generation > ?5 THEN 0 ELSE judged END, \
             pending = CASE WHEN generation > ?5 THEN pending WHEN pending = 1 THEN CAST(?12 AS BIGINT) ELSE 0 END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL",
            params![
                now,
                outcome,
                *due,
                *hold,
                error,
                doubt.as_deref(),
                *pending,
                *verify == Verify::Yes
            ]
            .to_vec(),
        ),
        Completion::Released { due, hold, verify } => (
            "UPDATE lanes SET lease_until = NULL, due = ?6, hold = COALESCE(CAST(?7 AS BIGINT), hold), \
             verify = CASE WHEN verify = 1 THEN 1 ELSE CAST(?8 AS BIGINT) END, \
             judged = CASE WHEN generation > ?5 THEN 0 ELSE judged END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND generation >= ?5 \
             AND lease_until IS NOT NULL",
            params![*due, *hold, *verify == Verify::Yes].to_vec(),
        ),
        Completion::Suspect { due } => (
            "UPDATE lanes SET lease_until = NULL, due = ?6, judged = CASE WHEN generation > ?5 THEN 0 ELSE 3 END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL",
            params![*due].to_vec(),
        ),
    };
    Ok(tx.execute(sql, &[key, more].concat()).await? == 1)
}

/// Takes back what others had leased, for a process that knows itself to be the only one: they are gone. What it has leased
/// itself stays. Lanes in doubt wait until `doubt_due`.
pub async fn recover(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    process: ProcessId,
    (now, doubt_due): (Timestamp, Timestamp),
) -> Result<u64, Error> {
    tx.execute(
        "UPDATE lanes SET lease_until = NULL, fence = fence + 1, verify = 1, \
         due = CASE WHEN doubt IS NULL THEN CAST(?3 AS BIGINT) ELSE CAST(?4 AS BIGINT) END, \
         hold = CASE WHEN doubt IS NULL THEN hold ELSE CAST(?4 AS BIGINT) END \
         WHERE org = ?1 AND app = ?2 AND due >= 0 AND lease_until IS NOT NULL \
         AND (holder IS NULL OR holder <> ?5)",
        params![org, app, now, doubt_due, process],
    )
    .await
}

/// Makes lanes that have failed due now, one subject's or all; says how many. What is in doubt waits on.
pub async fn retry(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: Option<SubjectId>,
    now: Timestamp,
) -> Result<u64, Error> {
    let all = "UPDATE lanes SET due = CASE WHEN hold > ?3 THEN hold ELSE CAST(?3 AS BIGINT) END \
               WHERE org = ?1 AND app = ?2 AND error IS NOT NULL AND attempts > 0 AND lease_until IS NULL";
    match subject {
        None => tx.execute(all, params![org, app, now]).await,
        Some(subject) => {
            let one = format!("{all} AND subject = ?4");
            tx.execute(&one, params![org, app, now, subject]).await
        }
    }
}
