//! Runs over an application.

use base::{Actor, AppId, Cause, CycleId, OrgId, Timestamp};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

macro_rules! columns {
    () => {
        "id, kind, started, finished, counts, actor"
    };
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    pub id: CycleId,
    pub kind: Kind,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    /// JSON; only when it is finished.
    pub counts: Option<String>,
    pub actor: Actor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Everybody.
    Initial,
    /// Whoever the changes since the watermark touch.
    Incremental,
    /// Whoever an approved plan names.
    Apply,
    /// One person, as an admin asked.
    OnDemand,
    /// Whoever's account the target has changed.
    Reconcile,
    /// Whoever has an account, as the application is being removed.
    Removal,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Incremental => "incremental",
            Self::Apply => "apply",
            Self::OnDemand => "on_demand",
            Self::Reconcile => "reconcile",
            Self::Removal => "removal",
        }
    }
}

impl Cycle {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(0)?,
            kind: match row.text(1)? {
                "initial" => Kind::Initial,
                "apply" => Kind::Apply,
                "on_demand" => Kind::OnDemand,
                "reconcile" => Kind::Reconcile,
                "removal" => Kind::Removal,
                _ => Kind::Incremental,
            },
            started: row.time(2)?,
            finished: row.opt_time(3)?,
            counts: row.take_opt_text(4)?,
            actor: row.actor(5)?,
        })
    }
}

pub async fn start(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (id, kind): (CycleId, Kind),
    watermark: i64,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO cycles (org, app, id, kind, started, watermark, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            org,
            app,
            id,
            kind.as_str(),
            now,
            watermark,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await
    .map(drop)
}

/// Ends a cycle that runs and for which no lane is pending; says whether it did.
pub async fn finish(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    id: CycleId,
    counts: &str,
) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let finished = tx
        .execute(
            "UPDATE cycles SET finished = ?4, counts = ?5 WHERE org = ?1 AND app = ?2 AND id = ?3 \
             AND finished IS NULL AND NOT EXISTS (SELECT 1 FROM lanes \
             WHERE org = ?1 AND app = ?2 AND cycle = ?3 AND pending = 1)",
            params![org, app, id, now, counts],
        )
        .await?;
    Ok(finished == 1)
}

/// Those that run, the oldest first.
pub async fn running(q: &mut impl Query, org: OrgId, app: AppId) -> Result<Vec<Cycle>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM cycles WHERE org = ?1 AND app = ?2 AND finished IS NULL ORDER BY id"
    );
    let rows = q.query(SQL, params![org, app]).await?;
    rows.into_iter().map(Cycle::read).collect()
}

/// The latest ones, the newest first.
pub async fn latest(q: &mut impl Query, org: OrgId, app: AppId, limit: u32) -> Result<Vec<Cycle>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM cycles WHERE org = ?1 AND app = ?2 ORDER BY id DESC LIMIT ?3"
    );
    let rows = q.query(SQL, params![org, app, limit]).await?;
    rows.into_iter().map(Cycle::read).collect()
}

pub async fn by_id(q: &mut impl Query, org: OrgId, app: AppId, id: CycleId) -> Result<Option<Cycle>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM cycles WHERE org = ?1 AND app = ?2 AND id = ?3"
    );
    q.first(SQL, params![org, app, id])
        .await?
        .map(Cycle::read)
        .transpose()
}
