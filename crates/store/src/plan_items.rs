//! What a kept plan holds, person by person.

use base::{AppId, OrgId, PlanId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

macro_rules! columns {
    () => {
        "subject, kind, subject_name, action, destructive, state, reason, changes, request, digest, basis, error, \
         modified"
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing was decided yet.
    Open,
    /// To be carried out, exactly so.
    Approved,
    Applied,
    /// It was tried; the error says what came of it.
    Failed,
    /// It is no longer so; the error says why. It was not carried out.
    Stale,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::Stale => "stale",
        }
    }

    /// Reads the word; `None` if it is none.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Open,
            Self::Approved,
            Self::Applied,
            Self::Failed,
            Self::Stale,
        ];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// What is to be done about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub subject: SubjectId,
    pub kind: SubjectKind,
    pub subject_name: String,
    /// `create`, `update` and so on; `error` when it cannot be told.
    pub action: String,
    /// It takes the account away, or its right to sign in.
    pub destructive: bool,
    /// A message, as JSON.
    pub reason: String,
    /// JSON, as they may be shown.
    pub changes: String,
    /// JSON, as it may be shown; `None`: nothing is sent.
    pub request: Option<String>,
    /// Of the very request.
    pub digest: String,
    /// JSON: what it was made on.
    pub basis: String,
}

/// An item as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub draft: Draft,
    pub state: State,
    /// A message, as JSON.
    pub error: Option<String>,
    pub modified: Timestamp,
}

impl Item {
    fn read(mut row: Row) -> Result<Self, Error> {
        let state = State::parse(row.text(5)?)
            .ok_or_else(|| Error::internal("an item of a plan has a strange state"))?;
        Ok(Self {
            state,
            error: row.take_opt_text(11)?,
            modified: row.time(12)?,
            draft: Draft {
                subject: row.id(0)?,
                kind: SubjectKind::read(row.text(1)?)?,
                subject_name: row.take_text(2)?,
                action: row.take_text(3)?,
                destructive: row.bool(4)?,
                reason: row.take_text(6)?,
                changes: row.take_text(7)?,
                request: row.take_opt_text(8)?,
                digest: row.take_text(9)?,
                basis: row.take_text(10)?,
            },
        })
    }
}

/// Puts items into a plan, in place of those that were there for the same people.
pub async fn put(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    drafts: &[Draft],
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sets: Vec<Vec<Value>> = drafts
        .iter()
        .map(|draft| {
            params![
                org,
                app,
                plan,
                draft.subject,
                draft.kind.as_str(),
                &draft.subject_name,
                &draft.action,
                draft.destructive,
                &draft.reason,
                &draft.changes,
                draft.request.as_deref(),
                &draft.digest,
                &draft.basis,
                now
            ]
            .to_vec()
        })
        .collect();
    let sql = "INSERT INTO plan_items (org, app, plan, subject, kind, subject_name, action, destructive, state, reason, \
               changes, request, digest, basis, modified) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9, ?10, ?11, ?12, ?13, ?14) \
               ON CONFLICT (org, app, plan, subject) DO UPDATE SET subject_name = excluded.subject_name, \
               action = excluded.action, destructive = excluded.destructive, state = 'open', reason = excluded.reason, \
               changes = excluded.changes, request = excluded.request, digest = excluded.digest, \
               basis = excluded.basis, error = NULL, modified = excluded.modified";
    tx.execute_many(sql, &sets).await.map(drop)
}

pub async fn by_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    subject: SubjectId,
) -> Result<Option<Item>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3 AND subject = ?4"
    );
    q.first(SQL, params![org, app, plan, subject])
        .await?
        .map(Item::read)
        .transpose()
}

/// Which items are asked for; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub action: Option<String>,
    pub state: Option<State>,
}

/// A page in the order of the subjects' ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    filter: &Filter,
    after: Option<SubjectId>,
    limit: u32,
) -> Result<Vec<Item>, Error> {
    let mut conditions = String::from("org = ?1 AND app = ?2 AND plan = ?3");
    let mut values: Vec<Value> = params![org, app, plan, limit].to_vec();
    let mut narrow = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            let number = values.len().to_string();
            for part in [" AND ", condition, " ?", &number] {
                conditions.push_str(part);
            }
        }
    };
    narrow("action =", filter.action.as_deref().map(Into::into));
    narrow("state =", filter.state.map(|state| state.as_str().into()));
    narrow("subject >", after.map(Into::into));
    let sql = format!(
        concat!(
            "SELECT ",
            columns!(),
            " FROM plan_items WHERE {conditions} ORDER BY subject LIMIT ?4"
        ),
        conditions = conditions
    );
    let rows = q.scan(&sql, &values).await?;
    rows.into_iter().map(Item::read).collect()
}

/// How many items of one kind a plan has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub action: String,
    pub state: State,
    pub destructive: bool,
    pub items: u64,
}

pub async fn counts(q: &mut impl Query, org: OrgId, app: AppId, plan: PlanId) -> Result<Vec<Count>, Error> {
    let sql = "SELECT action, state, destructive, COUNT(*) FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3 \
               GROUP BY action, state, destructive";
    let rows = q.scan(sql, params![org, app, plan]).await?;
    rows.into_iter()
        .map(|mut row| {
            let state = State::parse(row.text(1)?)
                .ok_or_else(|| Error::internal("an item of a plan has a strange state"))?;
            Ok(Count {
                action: row.take_text(0)?,
                state,
                destructive: row.bool(2)?,
                items: row.count(3)?,
            })
        })
        .collect()
}

/// Takes an item that nobody has decided on out of a plan; says whether there was one.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    subject: SubjectId,
) -> Result<bool, Error> {
    let sql = "DELETE FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3 AND subject = ?4 AND state = 'open'";
    Ok(tx.execute(sql, params![org, app, plan, subject]).await? == 1)
}

/// Whether a plan holds anything.
pub async fn any(q: &mut impl Query, org: OrgId, app: AppId, plan: PlanId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3 LIMIT 1";
    Ok(q.first(sql, params![org, app, plan]).await?.is_some())
}

/// Everything that is open is approved; what cannot be told is left as it is.
pub async fn approve(tx: &mut Tx<'_>, org: OrgId, app: AppId, plan: PlanId) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plan_items SET state = 'approved', modified = ?4 \
               WHERE org = ?1 AND app = ?2 AND plan = ?3 AND state = 'open' AND action <> 'error'";
    tx.execute(sql, params![org, app, plan, now]).await.map(drop)
}

/// What was approved before for people of this plan, and is not carried out yet, never will be.
pub async fn supersede(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    error: &str,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plan_items SET state = 'stale', error = ?4, modified = ?5 \
               WHERE org = ?1 AND app = ?2 AND state = 'approved' AND plan IN \
               (SELECT id FROM plans WHERE org = ?1 AND app = ?2 AND finished IS NULL AND id <> ?3) \
               AND subject IN (SELECT subject FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?3)";
    tx.execute(sql, params![org, app, plan, error, now])
        .await
        .map(drop)
}

/// What came of an approved item.
pub async fn settle(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (plan, subject): (PlanId, SubjectId),
    state: State,
    error: Option<&str>,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE plan_items SET state = ?5, error = ?6, modified = ?7 \
               WHERE org = ?1 AND app = ?2 AND plan = ?3 AND subject = ?4 AND state IN ('approved', 'failed')";
    let params = params![org, app, plan, subject, state.as_str(), error, now];
    tx.execute(sql, params).await.map(drop)
}

/// An approved item that may be carried out, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    pub digest: String,
    pub basis: String,
    pub until: Timestamp,
}

/// The item of a plan that was approved, unless it is over.
pub async fn approved(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    subject: SubjectId,
) -> Result<Option<Approved>, Error> {
    let sql = "SELECT i.digest, i.basis, p.expires FROM plan_items i JOIN plans p \
               ON p.org = i.org AND p.app = i.app AND p.id = i.plan \
               WHERE i.org = ?1 AND i.app = ?2 AND i.plan = ?3 AND i.subject = ?4 \
               AND i.state IN ('approved', 'failed') AND p.state IN ('approved', 'applying', 'applied')";
    let row = q.first(sql, params![org, app, plan, subject]).await?;
    row.map(|mut row| {
        Ok(Approved {
            digest: row.take_text(0)?,
            basis: row.take_text(1)?,
            until: row.time(2)?,
        })
    })
    .transpose()
}
