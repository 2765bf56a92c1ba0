//! Lanes: the durable work, one row per application and subject.
//!
//! A change marks a lane: its generation moves on and it is due. A worker leases it, which raises its fence, and
//! completes it under that fence; if the generation has moved on meanwhile the lane stays due. So a burst of changes
//! is one piece of work, the work for one subject is never done twice at a time, and whoever lost the lease writes
//! nothing. A lease that runs out is taken over: while a lane is leased, `due` is when.

use base::{AppId, CycleId, GroupId, OrgId, PlanId, SubjectId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// Whether the next work reads the account before it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verify {
    No,
    Yes,
}

/// Whether a lane may be worked on, where that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judged {
    /// Not yet.
    No,
    /// It may, as long as no account goes by it.
    Harmless,
    /// It may, and counts as one by which an account goes.
    Counted,
    /// An account would go by it; that it may is not judged yet.
    Suspect,
}

impl Judged {
    fn number(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Harmless => 1,
            Self::Counted => 2,
            Self::Suspect => 3,
        }
    }

    fn read(number: i64) -> Self {
        match number {
            1 => Self::Harmless,
            2 => Self::Counted,
            3 => Self::Suspect,
            _ => Self::No,
        }
    }
}

/// Which lanes may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claimable {
    Any,
    /// Those that were judged so that they may, and those that stand in an approved plan.
    Judged,
}

/// What new work belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub cycle: CycleId,
    pub now: Timestamp,
    pub verify: Verify,
}

/// A lane that is ours for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub subject: SubjectId,
    pub generation: i64,
    pub fence: i64,
    pub until: Timestamp,
    /// Failures in a row before this one.
    pub attempts: i64,
    /// Keys by which to look for an account that may have been created; JSON.
    pub doubt: Option<String>,
    pub verify: Verify,
    pub cycle: Option<CycleId>,
    /// What earlier work for the same cycle came to.
    pub outcome: Option<String>,
    /// The approved plan whose item is to be carried out.
    pub plan: Option<PlanId>,
    pub judged: Judged,
}

/// How a lane is completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// Done; `outcome` counts in the cycle. `struck`: an account went by it, and nobody had been asked.
    Done { outcome: String, struck: Struck },
    /// It did not work. Tried again at `due` (never, before something changes, if there is none), and not before
    /// `hold` even if something changes.
    Failed {
        outcome: String,
        due: Option<Timestamp>,
        hold: Option<Timestamp>,
        error: String,
        doubt: Option<String>,
        /// Whether the account may have changed without our knowing.
        verify: Verify,
        /// Whether the cycle goes on waiting.
        pending: bool,
    },
    /// Put back untouched, to be taken again at `due` and not before.
    Released { due: Timestamp },
    /// Put back untouched: an account would go by it, which was not judged.
    Suspect { due: Timestamp },
}

/// Whether an account went by the work without anybody having been asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Struck {
    No,
    Yes,
}

/// What happens to a lane that is there already.
const CONFLICT: &str = "ON CONFLICT (org, app, subject) DO UPDATE SET generation = lanes.generation + 1, \
    due = CASE WHEN lanes.lease_until IS NOT NULL THEN lanes.due \
               WHEN lanes.hold > excluded.due THEN lanes.hold ELSE excluded.due END, \
    verify = CASE WHEN excluded.verify = 1 THEN 1 ELSE lanes.verify END, \
    judged = CASE WHEN lanes.lease_until IS NOT NULL THEN lanes.judged ELSE 0 END, ";

/// The cycle that waits for it goes on waiting.
const KEEP_CYCLE: &str = "cycle = CASE WHEN lanes.pending = 1 THEN lanes.cycle ELSE excluded.cycle END, \
    outcome = CASE WHEN lanes.pending = 1 THEN lanes.outcome ELSE NULL END, pending = 1";

/// It is another cycle's from now on.
const TAKE_CYCLE: &str = "cycle = excluded.cycle, outcome = NULL, pending = 1";

/// `INSERT … SELECT`: `what` gives the subject, `from` is everything behind it. ?1 org, ?2 app, ?3 now, ?4 verify,
/// ?5 cycle; further parameters are the caller's.
fn mark_sql(what: &str, from: &str) -> String {
    insert_sql(what, from, KEEP_CYCLE)
}

fn insert_sql(what: &str, from: &str, cycle: &str) -> String {
    format!(
        "INSERT INTO lanes (org, app, subject, kind, generation, done_generation, due, fence, attempts, verify, cycle, \
         pending, judged) SELECT ?1, ?2, {what}, 'user', 1, 0, ?3, 0, 0, ?4, ?5, 1, 0 {from} {CONFLICT}{cycle}"
    )
}

fn mark_params(org: OrgId, app: AppId, mark: Mark) -> Vec<Value> {
    params![org, app, mark.now, mark.verify == Verify::Yes, mark.cycle].to_vec()
}

/// Marks people whom the application concerns: who is assigned, in person or through a group, or has an account.
/// Says how many.
pub async fn mark_concerned(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6) \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 \
                    AND (due IS NOT NULL OR error IS NOT NULL)) \
         OR EXISTS (SELECT 1 FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'user') \
         OR EXISTS (SELECT 1 FROM members m JOIN assignments a \
                    ON a.org = m.org AND a.app = ?2 AND a.subject = m.group_id \
                    WHERE m.org = ?1 AND m.member_id = ?6 AND m.member_kind = 'user')",
    );
    each(tx, &sql, subjects, &mark_params(org, app, mark)).await
}

/// Marks people who are in the directory, have an account, or whose lane has something to do still. Says how many.
pub async fn mark_known(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM users WHERE org = ?1 AND id = ?6) \
         OR EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6) \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 \
                    AND (due IS NOT NULL OR error IS NOT NULL))",
    );
    each(tx, &sql, subjects, &mark_params(org, app, mark)).await
}

async fn each(tx: &mut Tx<'_>, sql: &str, subjects: &[SubjectId], common: &[Value]) -> Result<u64, Error> {
    let sets: Vec<_> = subjects
        .iter()
        .map(|subject| common.iter().cloned().chain([Value::from(*subject)]).collect())
        .collect();
    tx.execute_many(sql, &sets).await
}

/// Marks the people who are direct members of a group.
pub async fn mark_members(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    group: GroupId,
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "member_id",
        "FROM members WHERE org = ?1 AND group_id = ?6 AND member_kind = 'user'",
    );
    let mut params = mark_params(org, app, mark);
    params.push(group.into());
    tx.execute(&sql, &params).await
}

/// Marks everybody in the directory.
pub async fn mark_everybody(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql("id", "FROM users WHERE org = ?1");
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Marks everybody who is assigned, in person or through a group.
pub async fn mark_assigned(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql(
        "subject",
        "FROM (SELECT subject FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'user' \
         UNION SELECT m.member_id FROM assignments a JOIN members m \
         ON m.org = a.org AND m.group_id = a.subject AND m.member_kind = 'user' \
         WHERE a.org = ?1 AND a.app = ?2 AND a.kind = 'group') s WHERE 1 = 1",
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Which items of a plan are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Items {
    All,
    /// Those by which no account goes.
    Harmless,
}

/// Marks everybody for whom a plan holds something, to carry out its approved items.
pub async fn mark_planned(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    mark: Mark,
) -> Result<u64, Error> {
    let marked = mark_items(tx, org, app, (plan, Items::All), mark).await?;
    let sql = "UPDATE lanes SET plan = ?3 WHERE org = ?1 AND app = ?2 AND cycle = ?4";
    tx.execute(sql, params![org, app, plan, mark.cycle]).await?;
    Ok(marked)
}

/// Marks everybody for whom a plan holds something, to be planned for anew.
pub async fn mark_items(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (plan, items): (PlanId, Items),
    mark: Mark,
) -> Result<u64, Error> {
    let from = match items {
        Items::All => "FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?6",
        Items::Harmless => "FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?6 AND destructive = 0",
    };
    let mut params = mark_params(org, app, mark);
    params.push(plan.into());
    tx.execute(&insert_sql("subject", from, TAKE_CYCLE), &params)
        .await
}

/// The plan has nothing more to say about a subject.
pub async fn forget_plan(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    plan: PlanId,
) -> Result<(), Error> {
    let sql = "UPDATE lanes SET plan = NULL WHERE org = ?1 AND app = ?2 AND subject = ?3 AND plan = ?4";
    tx.execute(sql, params![org, app, subject, plan]).await.map(drop)
}

/// Marks everybody who has an account or whose lane has something to do still, and is not marked for the cycle yet.
pub async fn mark_linked(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql(
        "subject",
        "FROM (SELECT subject FROM links WHERE org = ?1 AND app = ?2 \
         UNION SELECT subject FROM lanes WHERE org = ?1 AND app = ?2 AND (due IS NOT NULL OR error IS NOT NULL) \
         EXCEPT SELECT subject FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?5 AND pending = 1) s WHERE 1 = 1",
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Lets no cycle wait any longer: before everybody is marked anew.
pub async fn detach(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "UPDATE lanes SET pending = 0, outcome = NULL WHERE org = ?1 AND app = ?2 AND pending = 1";
    tx.execute(sql, params![org, app]).await.map(drop)
}

/// Forgets which accounts may have been created, and whoever works on a lane loses it: the target is another one now.
pub async fn forget_doubts(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "UPDATE lanes SET doubt = NULL, hold = NULL, plan = NULL, fence = fence + 1, lease_until = NULL \
               WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}

/// Leases lanes that are due, those that wait longest first. Whoever held one before may have changed the account.
pub async fn claim(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (now, until): (Timestamp, Timestamp),
    (claimable, limit): (Claimable, usize),
) -> Result<Vec<Lease>, Error> {
    let judged = match claimable {
        Claimable::Any => "",
        Claimable::Judged => " AND (judged BETWEEN 1 AND 2 OR plan IS NOT NULL)",
    };
    // Chosen first and once: PostgreSQL may run a sub-query with a limit anew for every row, and so take more.
    let sql = format!(
        "WITH chosen AS MATERIALIZED \
         (SELECT subject FROM lanes WHERE org = ?1 AND app = ?2 AND due <= ?3{judged} ORDER BY due LIMIT ?5{}) \
         UPDATE lanes SET verify = CASE WHEN lease_until IS NOT NULL THEN 1 ELSE verify END, \
         lease_until = ?4, due = ?4, fence = fence + 1 \
         WHERE org = ?1 AND app = ?2 AND subject IN (SELECT subject FROM chosen) \
         RETURNING subject, generation, fence, attempts, doubt, verify, cycle, outcome, pending, plan, judged",
        tx.skip_locked()
    );
    let rows = tx.query(&sql, params![org, app, now, until, limit]).await?;
    rows.into_iter().map(|row| lease(row, until)).collect()
}

/// Leases the lane of one subject, if it is due and nobody has it, with that judgement.
pub async fn claim_one(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    (now, until): (Timestamp, Timestamp),
    judged: Judged,
) -> Result<Option<Lease>, Error> {
    let sql = "UPDATE lanes SET verify = CASE WHEN lease_until IS NOT NULL THEN 1 ELSE verify END, \
               lease_until = ?5, due = ?5, fence = fence + 1, judged = ?6 \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND due <= ?4 \
               RETURNING subject, generation, fence, attempts, doubt, verify, cycle, outcome, pending, plan, judged";
    let row = tx
        .first(sql, params![org, app, subject, now, until, judged.number()])
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
    let pending = row.bool(8)?;
    Ok(Lease {
        subject: row.id(0)?,
        generation: row.int(1)?,
        fence: row.int(2)?,
        until,
        attempts: row.int(3)?,
        doubt: row.take_opt_text(4)?,
        verify: if row.bool(5)? { Verify::Yes } else { Verify::No },
        cycle: row.opt_id(6)?,
        outcome: row.take_opt_text(7)?.filter(|_| pending),
        plan: row.opt_id(9)?,
        judged: Judged::read(row.int(10)?),
    })
}

/// Notes, before a create is sent, by which keys to look for the account if its answer never comes, and that nobody
/// may take the lane over before `due`. Says whether the lease still holds.
pub async fn doubt(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    lease: &Lease,
    keys: &str,
    due: Timestamp,
) -> Result<bool, Error> {
    let noted = tx
        .execute(
            "UPDATE lanes SET doubt = ?5, due = ?6 \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL",
            params![org, app, lease.subject, lease.fence, keys, due],
        )
        .await?;
    Ok(noted == 1)
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
        Completion::Done { outcome, struck } => (
            "UPDATE lanes SET lease_until = NULL, done_generation = ?5, attempts = 0, error = NULL, doubt = NULL, \
             hold = NULL, outcome = ?7, judged = 0, struck = COALESCE(CAST(?8 AS BIGINT), struck), due = CASE WHEN generation > ?5 THEN CAST(?6 AS BIGINT) ELSE NULL END, \
             verify = CASE WHEN generation > ?5 THEN verify ELSE 0 END, \
             pending = CASE WHEN generation > ?5 THEN pending ELSE 0 END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL",
            params![now, outcome, (*struck == Struck::Yes).then_some(now)].to_vec(),
        ),
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
        Completion::Released { due } => (
            "UPDATE lanes SET lease_until = NULL, due = ?6, \
             judged = CASE WHEN generation > ?5 THEN 0 ELSE judged END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND generation >= ?5 \
             AND lease_until IS NOT NULL",
            params![*due].to_vec(),
        ),
        Completion::Suspect { due } => (
            "UPDATE lanes SET lease_until = NULL, due = ?6, judged = CASE WHEN generation > ?5 THEN 0 ELSE 3 END \
             WHERE org = ?1 AND app = ?2 AND subject = ?3 AND fence = ?4 AND lease_until IS NOT NULL",
            params![*due].to_vec(),
        ),
    };
    Ok(tx.execute(sql, &[key, more].concat()).await? == 1)
}

/// Takes every lease back, for a process that knows itself to be the only one. Lanes in doubt wait until `doubt_due`.
pub async fn recover(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (now, doubt_due): (Timestamp, Timestamp),
) -> Result<u64, Error> {
    tx.execute(
        "UPDATE lanes SET lease_until = NULL, fence = fence + 1, verify = 1, \
         due = CASE WHEN doubt IS NULL THEN CAST(?3 AS BIGINT) ELSE CAST(?4 AS BIGINT) END, \
         hold = CASE WHEN doubt IS NULL THEN hold ELSE CAST(?4 AS BIGINT) END \
         WHERE org = ?1 AND app = ?2 AND due IS NOT NULL AND lease_until IS NOT NULL",
        params![org, app, now, doubt_due],
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
               WHERE org = ?1 AND app = ?2 AND error IS NOT NULL AND lease_until IS NULL";
    match subject {
        None => tx.execute(all, params![org, app, now]).await,
        Some(subject) => {
            let one = format!("{all} AND subject = ?4");
            tx.execute(&one, params![org, app, now, subject]).await
        }
    }
}

/// When the next lane is due.
pub async fn next_due(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT due FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL ORDER BY due LIMIT 1";
    q.first(sql, params![org, app])
        .await?
        .map(|row| row.time(0))
        .transpose()
}

/// How many lanes have something to do.
pub async fn count_due(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND due IS NOT NULL";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Whether a cycle still waits for a lane.
pub async fn is_pending(q: &mut impl Query, org: OrgId, app: AppId, cycle: CycleId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?3 AND pending = 1 LIMIT 1";
    Ok(q.first(sql, params![org, app, cycle]).await?.is_some())
}

/// What the lanes of a cycle came to: (still pending, outcome, how many).
pub async fn outcomes(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    cycle: CycleId,
) -> Result<Vec<(bool, Option<String>, u64)>, Error> {
    let sql = "SELECT pending, outcome, COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?3 \
               GROUP BY pending, outcome";
    let rows = q.scan(sql, params![org, app, cycle]).await?;
    rows.into_iter()
        .map(|mut row| Ok((row.bool(0)?, row.take_opt_text(1)?, row.count(2)?)))
        .collect()
}

/// A lane that has failed and was not done since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    pub app: AppId,
    pub subject: SubjectId,
    pub attempts: i64,
    /// JSON.
    pub error: String,
    pub next_attempt: Option<Timestamp>,
}

fn failing_row(mut row: Row) -> Result<Failing, Error> {
    Ok(Failing {
        app: row.id(0)?,
        subject: row.id(1)?,
        attempts: row.int(2)?,
        error: row.take_text(3)?,
        next_attempt: row.opt_time(4)?,
    })
}

/// Lanes that fail, those with the most attempts first.
pub async fn failing(q: &mut impl Query, org: OrgId, app: AppId, limit: u32) -> Result<Vec<Failing>, Error> {
    let sql = "SELECT app, subject, attempts, error, due FROM lanes \
               WHERE org = ?1 AND app = ?2 AND error IS NOT NULL ORDER BY attempts DESC LIMIT ?3";
    let rows = q.query(sql, params![org, app, limit]).await?;
    rows.into_iter().map(failing_row).collect()
}

pub async fn count_failing(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND error IS NOT NULL";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// Those of them of whom no account is known.
pub async fn count_failing_unlinked(q: &mut impl Query, org: OrgId, app: AppId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM lanes WHERE org = ?1 AND app = ?2 AND error IS NOT NULL AND NOT EXISTS \
               (SELECT 1 FROM links WHERE links.org = lanes.org AND links.app = lanes.app \
               AND links.subject = lanes.subject)";
    q.scan(sql, params![org, app])
        .await?
        .first()
        .map_or(Ok(0), |row| row.count(0))
}

/// What fails for one subject at one application.
pub async fn failing_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Option<Failing>, Error> {
    let sql = "SELECT app, subject, attempts, error, due FROM lanes \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 AND error IS NOT NULL";
    q.first(sql, params![org, app, subject])
        .await?
        .map(failing_row)
        .transpose()
}
