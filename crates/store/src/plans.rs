//! Plans that are kept: made, decided on, carried out. What they hold for each person is in `plan_items`.

use base::{Actor, AppId, Cause, CycleId, OrgId, PlanId, Timestamp};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

macro_rules! columns {
    () => {
        "id, state, origin, reason, revision, watermark, cycle, unchanged, skipped, created, expires, decided, \
         finished, actor, decided_by"
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Still being put together.
    Draft,
    AwaitingApproval,
    /// Approved, and not begun yet.
    Approved,
    Applying,
    Applied,
    Discarded,
    /// Nobody decided in time.
    Expired,
    /// What it showed is no longer so; nothing of it was carried out.
    Stale,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Approved => "approved",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Discarded => "discarded",
            Self::Expired => "expired",
            Self::Stale => "stale",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        let all = [
            Self::Draft,
            Self::AwaitingApproval,
            Self::Approved,
            Self::Applying,
            Self::Applied,
            Self::Discarded,
            Self::Expired,
            Self::Stale,
        ];
        all.into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::internal(format!("a plan has the state {word:?}")))
    }
}

/// A plan as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub id: PlanId,
    pub state: State,
    /// Who asked for it.
    pub origin: String,
    /// A message, as JSON.
    pub reason: String,
    /// Raised by every change of an item.
    pub revision: i64,
    /// Up to where the feed was read when planning began.
    pub watermark: i64,
    /// The cycle that carries it out.
    pub cycle: Option<CycleId>,
    /// People who are in step already.
    pub unchanged: u64,
    /// People who are passed over.
    pub skipped: u64,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub decided: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    pub actor: Actor,
    /// Who approved or discarded it.
    pub decided_by: Option<Actor>,
}

/// A new plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub state: State,
    pub origin: &'static str,
    pub reason: String,
    pub watermark: i64,
    pub expires: Timestamp,
}

impl Plan {
    /// How it stands at a time: nobody can decide on it once it has expired.
    pub fn state_at(&self, now: Timestamp) -> State {
        match self.state {
            State::Draft | State::AwaitingApproval if self.expires <= now => State::Expired,
            state => state,
        }
    }

    fn read(mut row: Row) -> Result<Self, Error> {
        let decided_by = match row.opt_text(14)? {
            Some(_) => Some(row.actor(14)?),
            None => None,
        };
        Ok(Self {
            id: row.id(0)?,
            state: State::read(row.text(1)?)?,
            origin: row.take_text(2)?,
            reason: row.take_text(3)?,
            revision: row.int(4)?,
            watermark: row.int(5)?,
            cycle: row.opt_id(6)?,
            unchanged: row.count(7)?,
            skipped: row.count(8)?,
            created: row.time(9)?,
            expires: row.time(10)?,
            decided: row.opt_time(11)?,
            finished: row.opt_time(12)?,
            actor: row.actor(13)?,
            decided_by,
        })
    }
}

pub async fn by_id(q: &mut impl Query, org: OrgId, app: AppId, id: PlanId) -> Result<Option<Plan>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM plans WHERE org = ?1 AND app = ?2 AND id = ?3"
    );
    q.first(SQL, params![org, app, id])
        .await?
        .map(Plan::read)
        .transpose()
}

/// A page, the newest first.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    before: Option<PlanId>,
    limit: u32,
) -> Result<Vec<Plan>, Error> {
    const FIRST: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM plans WHERE org = ?1 AND app = ?2 ORDER BY id DESC LIMIT ?3"
    );
    const NEXT: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM plans WHERE org = ?1 AND app = ?2 AND id < ?4 ORDER BY id DESC LIMIT ?3"
    );
    let rows = match before {
        None => q.query(FIRST, params![org, app, limit]).await?,
        Some(before) => q.query(NEXT, params![org, app, limit, before]).await?,
    };
    rows.into_iter().map(Plan::read).collect()
}

pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    id: PlanId,
    draft: &Draft,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO plans (org, app, id, state, origin, reason, revision, watermark, unchanged, skipped, created, \
         expires, actor, correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, 0, 0, ?8, ?9, ?10, ?11)",
        params![
            org,
            app,
            id,
            draft.state.as_str(),
            draft.origin,
            &draft.reason,
            draft.watermark,
            now,
            draft.expires,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await
    .map(drop)
}

/// A draft that is whole now awaits approval; says whether it was one still.
pub async fn complete(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    id: PlanId,
    (unchanged, skipped): (u64, u64),
) -> Result<bool, Error> {
    let sql = "UPDATE plans SET state = 'awaiting_approval', unchanged = ?4, skipped = ?5 \
               WHERE org = ?1 AND app = ?2 AND id = ?3 AND state = 'draft'";
    let changed = tx.execute(sql, params![org, app, id, unchanged, skipped]).await?;
    Ok(changed == 1)
}

/// Notes that an item has changed; says whether the plan can still change.
pub async fn touch(tx: &mut Tx<'_>, org: OrgId, app: AppId, id: PlanId) -> Result<bool, Error> {
    let sql = "UPDATE plans SET revision = revision + 1 WHERE org = ?1 AND app = ?2 AND id = ?3 \
               AND state IN ('draft', 'awaiting_approval')";
    Ok(tx.execute(sql, params![org, app, id]).await? == 1)
}

/// The plan that gathers awaits approval once no cycle runs; says which one it is that has become so.
pub async fn ready(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<Option<PlanId>, Error> {
    let sql = "UPDATE plans SET state = 'awaiting_approval' WHERE org = ?1 AND app = ?2 AND state = 'draft' \
               AND finished IS NULL AND id = (SELECT plan FROM apps WHERE org = ?1 AND id = ?2) \
               AND NOT EXISTS (SELECT 1 FROM cycles WHERE org = ?1 AND app = ?2 AND finished IS NULL) RETURNING id";
    tx.first(sql, params![org, app])
        .await?
        .map(|row| row.id(0))
        .transpose()
}

/// What is decided on a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is to be carried out by this cycle, until then at the latest.
    Approved {
        cycle: CycleId,
        until: Timestamp,
    },
    Discarded,
}

/// Decides on a plan that awaits approval (or, to be discarded, is a draft) and still has this revision; says whether it
/// did.
pub async fn decide(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    id: PlanId,
    revision: Option<i64>,
    decision: Decision,
    cause: &Cause,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let actor = actor_text(&cause.actor)?;
    let changed = match decision {
        Decision::Approved { cycle, until } => {
            let sql = "UPDATE plans SET state = 'approved', decided = ?4, decided_by = ?5, cycle = ?6, expires = ?7 \
                       WHERE org = ?1 AND app = ?2 AND id = ?3 AND state = 'awaiting_approval' AND expires > ?4 \
                       AND revision = COALESCE(CAST(?8 AS BIGINT), revision)";
            tx.execute(sql, params![org, app, id, now, actor, cycle, until, revision])
                .await?
        }
        Decision::Discarded => {
            let sql = "UPDATE plans SET state = 'discarded', decided = ?4, decided_by = ?5, finished = ?4 \
                       WHERE org = ?1 AND app = ?2 AND id = ?3 AND state IN ('draft', 'awaiting_approval') \
                       AND revision = COALESCE(CAST(?6 AS BIGINT), revision)";
            tx.execute(sql, params![org, app, id, now, actor, revision])
                .await?
        }
    };
    Ok(changed == 1)
}

/// Ends a plan that nobody will decide on any more; says whether it was open still.
pub async fn close(tx: &mut Tx<'_>, org: OrgId, app: AppId, id: PlanId, state: State) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plans SET state = ?4, finished = ?5 WHERE org = ?1 AND app = ?2 AND id = ?3 \
               AND state IN ('draft', 'awaiting_approval')";
    let changed = tx
        .execute(sql, params![org, app, id, state.as_str(), now])
        .await?;
    Ok(changed == 1)
}

/// Ends every plan of an application that is not over: its target is another one now.
pub async fn close_all(tx: &mut Tx<'_>, org: OrgId, app: AppId, state: State) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plans SET state = ?3, finished = ?4 WHERE org = ?1 AND app = ?2 AND finished IS NULL";
    tx.execute(sql, params![org, app, state.as_str(), now])
        .await
        .map(drop)
}

/// An approved plan has begun to be carried out.
pub async fn begin(tx: &mut Tx<'_>, org: OrgId, app: AppId, id: PlanId) -> Result<(), Error> {
    let sql =
        "UPDATE plans SET state = 'applying' WHERE org = ?1 AND app = ?2 AND id = ?3 AND state = 'approved'";
    tx.execute(sql, params![org, app, id]).await.map(drop)
}

/// Ends the plans of which no item is left to be carried out.
pub async fn finish_done(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plans SET finished = ?3, state = CASE WHEN EXISTS (SELECT 1 FROM plan_items i \
               WHERE i.org = ?1 AND i.app = ?2 AND i.plan = plans.id AND i.state IN ('applied', 'failed')) \
               THEN 'applied' ELSE 'stale' END \
               WHERE org = ?1 AND app = ?2 AND finished IS NULL AND state IN ('approved', 'applying') \
               AND NOT EXISTS (SELECT 1 FROM plan_items i \
               WHERE i.org = ?1 AND i.app = ?2 AND i.plan = plans.id AND i.state = 'approved')";
    tx.execute(sql, params![org, app, now]).await.map(drop)
}

/// Forgets plans that were over long ago: all but the latest ones.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, app: AppId, keep: u32) -> Result<(), Error> {
    let old = "SELECT id FROM plans WHERE org = ?1 AND app = ?2 AND finished IS NOT NULL ORDER BY id DESC \
               LIMIT 1 OFFSET ?3";
    let Some(row) = tx.first(old, params![org, app, keep]).await? else {
        return Ok(());
    };
    let last: PlanId = row.id(0)?;
    for sql in [
        "DELETE FROM plan_items WHERE org = ?1 AND app = ?2 AND plan IN \
         (SELECT id FROM plans WHERE org = ?1 AND app = ?2 AND id <= ?3 AND finished IS NOT NULL)",
        "DELETE FROM plans WHERE org = ?1 AND app = ?2 AND id <= ?3 AND finished IS NOT NULL",
    ] {
        tx.execute(sql, params![org, app, last]).await?;
    }
    Ok(())
}

/// Plans on which nobody has decided in time.
pub async fn expire(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plans SET state = 'expired', finished = ?3 WHERE org = ?1 AND app = ?2 AND finished IS NULL \
               AND state IN ('draft', 'awaiting_approval') AND expires <= ?3";
    tx.execute(sql, params![org, app, now]).await.map(drop)
}

/// Forgets a plan and what it holds.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, app: AppId, id: PlanId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3",
        "DELETE FROM plans WHERE org = ?1 AND app = ?2 AND id = ?3",
    ] {
        tx.execute(sql, params![org, app, id]).await?;
    }
    Ok(())
}
