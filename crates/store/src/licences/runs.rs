//! Templates that are applied to people who were there before, a few people at a time.
//!
//! A step holds [`Lock::Licences`](crate::Lock) and moves the run's place in the transaction of what it does: whoever takes the
//! next step, in this process or another, goes on there, and nobody is looked at twice.

use base::{Actor, Cause, CorrelationId, LicenceId, LicenceRunId, OrgId, Timestamp, UserId};

use super::templates::Scope;
use crate::changes::actor_text;
use crate::conditions::Conditions;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

macro_rules! columns {
    () => {
        "id, subject, subject_name, mode, place, total, done, due, attempts, error, started, finished, actor, correlation"
    };
}

/// So many are kept.
const KEPT: u32 = 20;

/// What becomes of the licences that people have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// They stay, and what the template gives is added.
    Preserve,
    /// What no template gives is taken away.
    TakeAway,
    /// What came from the template, which is gone, is taken away.
    Withdraw,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::TakeAway => "take_away",
            Self::Withdraw => "withdraw",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        [Self::Preserve, Self::TakeAway, Self::Withdraw]
            .into_iter()
            .find(|mode| mode.as_str() == word)
            .ok_or_else(|| Error::internal(format!("a licence run is to {word:?}")))
    }
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: LicenceRunId,
    pub scope: Scope,
    /// What the group was called.
    pub name: String,
    pub mode: Mode,
    /// The last person who was looked at.
    pub place: Option<UserId>,
    /// How many people there were when it began.
    pub total: u64,
    pub done: u64,
    /// When it may go on; `None` once it is over.
    pub due: Option<Timestamp>,
    /// Failures in a row.
    pub attempts: i64,
    /// Why the last step failed.
    pub error: Option<String>,
    pub started: Timestamp,
    pub finished: Option<Timestamp>,
    pub actor: Actor,
    pub correlation: CorrelationId,
}

impl Run {
    /// Who asked for it.
    pub fn cause(&self) -> Cause {
        Cause {
            actor: self.actor.clone(),
            correlation: self.correlation,
            client_ip: None,
        }
    }

    fn read(org: OrgId, mut row: Row) -> Result<Self, Error> {
        let place = row.bytes(4)?;
        Ok(Self {
            place: if place.is_empty() { None } else { Some(row.id(4)?) },
            id: row.id(0)?,
            scope: Scope::read(org, &row, 1)?,
            name: row.take_text(2)?,
            mode: Mode::read(row.text(3)?)?,
            total: row.count(5)?,
            done: row.count(6)?,
            due: row.opt_time(7)?,
            attempts: row.int(8)?,
            error: row.take_opt_text(9)?,
            started: row.time(10)?,
            finished: row.opt_time(11)?,
            actor: row.actor(12)?,
            correlation: row.id(13)?,
        })
    }
}

/// A run that is about to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun<'n> {
    pub id: LicenceRunId,
    pub scope: Scope,
    pub name: &'n str,
    pub mode: Mode,
    pub total: u64,
}

/// What a run came to for one person and one licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Given,
    /// The person had it already.
    Had,
    NoneLeft,
    TakenAway,
    /// The template does not hold for the person: a group's stands in its place.
    PassedOver,
}

impl Outcome {
    pub const ALL: [Self; 5] = [
        Self::Given,
        Self::Had,
        Self::NoneLeft,
        Self::TakenAway,
        Self::PassedOver,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Had => "had",
            Self::NoneLeft => "none_left",
            Self::TakenAway => "taken_away",
            Self::PassedOver => "passed_over",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
            .ok_or_else(|| Error::internal(format!("a licence run came to {word:?}")))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub user: UserId,
    pub user_name: String,
    pub licence: LicenceId,
    pub licence_name: String,
    pub outcome: Outcome,
}

/// Begins a run; of those that are over only the latest are kept.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, new: &NewRun<'_>, cause: &Cause) -> Result<Run, Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO licence_runs (org, id, subject, subject_name, mode, place, total, done, due, attempts, started, actor, \
         correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, 0, ?8, ?9, ?10)",
        params![
            org,
            new.id,
            new.scope.stored(org),
            new.name,
            new.mode.as_str(),
            Vec::new(),
            new.total,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await?;
    let old = "SELECT id FROM licence_runs WHERE org = ?1 AND finished IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?2";
    if let Some(row) = tx.first(old, params![org, KEPT]).await? {
        let last: LicenceRunId = row.id(0)?;
        for sql in [
            "DELETE FROM licence_run_items WHERE org = ?1 AND run IN \
             (SELECT id FROM licence_runs WHERE org = ?1 AND id <= ?2 AND finished IS NOT NULL)",
            "DELETE FROM licence_runs WHERE org = ?1 AND id <= ?2 AND finished IS NOT NULL",
        ] {
            tx.execute(sql, params![org, last]).await?;
        }
    }
    by_id(tx, org, new.id).await?.ok_or(Error::NotFound)
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: LicenceRunId) -> Result<Option<Run>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM licence_runs WHERE org = ?1 AND id = ?2"
    );
    let row = q.first(SQL, params![org, id]).await?;
    row.map(|row| Run::read(org, row)).transpose()
}

/// The latest first, from behind one on.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: Option<LicenceRunId>,
    limit: u32,
) -> Result<Vec<Run>, Error> {
    let (conditions, values, limit) = Conditions::of(org).and("id", "<", after).limited(limit);
    let sql = format!(
        "SELECT {} FROM licence_runs WHERE {conditions} ORDER BY id DESC LIMIT {limit}",
        columns!()
    );
    let rows = q.query(&sql, &values).await?;
    rows.into_iter().map(|row| Run::read(org, row)).collect()
}

/// The oldest that may go on now.
pub async fn next(q: &mut impl Query, org: OrgId, now: Timestamp) -> Result<Option<Run>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM licence_runs WHERE org = ?1 AND due IS NOT NULL AND due <= ?2 ORDER BY id LIMIT 1"
    );
    let row = q.first(SQL, params![org, now]).await?;
    row.map(|row| Run::read(org, row)).transpose()
}

/// Moves a run on, behind this person.
pub async fn advance(
    tx: &mut Tx<'_>,
    org: OrgId,
    run: &Run,
    (place, people): (UserId, u64),
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE licence_runs SET place = ?3, done = done + ?4, due = ?5, attempts = 0, error = NULL \
               WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, run.id, place, people, now])
        .await
        .map(drop)
}

/// Ends a run.
pub async fn finish(
    tx: &mut Tx<'_>,
    org: OrgId,
    run: LicenceRunId,
    error: Option<&str>,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE licence_runs SET due = NULL, finished = ?3, error = ?4 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, run, now, error]).await.map(drop)
}

/// Notes that a step failed, and when the next one may be tried.
pub async fn postpone(
    tx: &mut Tx<'_>,
    org: OrgId,
    run: LicenceRunId,
    (due, error): (Timestamp, &str),
) -> Result<(), Error> {
    let sql = "UPDATE licence_runs SET due = ?3, error = ?4, attempts = attempts + 1 \
               WHERE org = ?1 AND id = ?2 AND due IS NOT NULL";
    tx.execute(sql, params![org, run, due, error]).await.map(drop)
}

/// Notes what a run came to.
pub async fn note(tx: &mut Tx<'_>, org: OrgId, run: LicenceRunId, items: &[Item]) -> Result<(), Error> {
    if items.is_empty() {
        return Ok(());
    }
    let sets: Vec<Vec<Value>> = items
        .iter()
        .map(|item| {
            params![
                org,
                run,
                item.user,
                item.licence,
                &item.user_name,
                &item.licence_name,
                item.outcome.as_str()
            ]
            .to_vec()
        })
        .collect();
    let sql = "INSERT INTO licence_run_items (org, run, user_id, licence, user_name, licence_name, state) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    tx.send_many(sql, sets).await
}

/// A page of what a run came to, in the order of people and licences; of one outcome, or all.
pub async fn items(
    q: &mut impl Query,
    (org, run): (OrgId, LicenceRunId),
    of: Option<Outcome>,
    after: Option<(UserId, LicenceId)>,
    limit: u32,
) -> Result<Vec<Item>, Error> {
    let (user, licence) = after.map_or_else(
        || (Value::Bytes(Vec::new()), Value::Bytes(Vec::new())),
        |(user, licence)| (user.into(), licence.into()),
    );
    let rows = match of {
        None => {
            let sql = "SELECT user_id, licence, user_name, licence_name, state FROM licence_run_items \
                       WHERE org = ?1 AND run = ?2 AND (user_id, licence) > (?3, ?4) ORDER BY user_id, licence LIMIT ?5";
            q.query(sql, params![org, run, user, licence, limit]).await?
        }
        Some(of) => {
            let sql = "SELECT user_id, licence, user_name, licence_name, state FROM licence_run_items \
                       WHERE org = ?1 AND run = ?2 AND state = ?3 AND (user_id, licence) > (?4, ?5) \
                       ORDER BY user_id, licence LIMIT ?6";
            q.query(sql, params![org, run, of.as_str(), user, licence, limit])
                .await?
        }
    };
    rows.into_iter()
        .map(|mut row| {
            Ok(Item {
                user: row.id(0)?,
                licence: row.id(1)?,
                user_name: row.take_text(2)?,
                licence_name: row.take_text(3)?,
                outcome: Outcome::read(row.text(4)?)?,
            })
        })
        .collect()
}

/// How often a run came to what.
pub async fn counts(
    q: &mut impl Query,
    (org, run): (OrgId, LicenceRunId),
) -> Result<Vec<(Outcome, u64)>, Error> {
    let sql = "SELECT state, COUNT(*) FROM licence_run_items WHERE org = ?1 AND run = ?2 GROUP BY state";
    let rows = q.scan(sql, params![org, run]).await?;
    rows.iter()
        .map(|row| Ok((Outcome::read(row.text(0)?)?, row.count(1)?)))
        .collect()
}
