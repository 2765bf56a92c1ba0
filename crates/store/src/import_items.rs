//! What an import makes of each account of a target.

use base::{AppId, JobId, OrgId, SubjectId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// An account, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub remote_id: String,
    /// What people know it by.
    pub name: String,
    /// JSON: the account as it was read; empty once it is done with.
    pub doc: String,
    /// The person who is planned, or was made or found.
    pub subject: Option<SubjectId>,
    pub state: State,
    /// A message, as JSON.
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Waiting,
    /// A person was made of it.
    Created,
    /// It is somebody's who was there already.
    Linked,
    /// It was somebody's before.
    Known,
    Failed,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Created,
        Self::Linked,
        Self::Known,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Created => "created",
            Self::Linked => "linked",
            Self::Known => "known",
            Self::Failed => "failed",
        }
    }

    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

fn state(word: &str) -> Result<State, Error> {
    State::read(word).ok_or_else(|| Error::internal(format!("an item of an import is {word:?}")))
}

impl Item {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            state: state(row.text(4)?)?,
            remote_id: row.take_text(0)?,
            name: row.take_text(1)?,
            doc: row.take_text(2)?,
            subject: row.opt_id(3)?,
            error: row.take_opt_text(5)?,
        })
    }
}

/// Adds items; those that are there already stay as they are.
pub async fn insert(
    tx: &mut Tx<'_>,
    (org, app, job): (OrgId, AppId, JobId),
    items: &[Item],
) -> Result<(), Error> {
    let sql = "INSERT INTO import_items (org, app, job, remote_id, name, doc, subject, state, error) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
    let sets: Vec<Vec<Value>> = items
        .iter()
        .map(|item| {
            params![
                org,
                app,
                job,
                &item.remote_id,
                &item.name,
                &item.doc,
                item.subject,
                item.state.as_str(),
                item.error.as_deref()
            ]
            .to_vec()
        })
        .collect();
    tx.execute_many(sql, &sets).await.map(drop)
}

/// Notes who is to be made of accounts, before that is done.
pub async fn plan(
    tx: &mut Tx<'_>,
    (org, app, job): (OrgId, AppId, JobId),
    planned: &[(String, SubjectId)],
) -> Result<(), Error> {
    let sql =
        "UPDATE import_items SET subject = ?5 WHERE org = ?1 AND app = ?2 AND job = ?3 AND remote_id = ?4";
    let sets: Vec<Vec<Value>> = planned
        .iter()
        .map(|(remote_id, subject)| params![org, app, job, remote_id, *subject].to_vec())
        .collect();
    tx.execute_many(sql, &sets).await.map(drop)
}

/// Notes what became of an account; it is done with.
pub async fn settle(
    tx: &mut Tx<'_>,
    (org, app, job): (OrgId, AppId, JobId),
    item: &Item,
) -> Result<(), Error> {
    let sql = "UPDATE import_items SET subject = ?5, state = ?6, error = ?7, doc = '' \
               WHERE org = ?1 AND app = ?2 AND job = ?3 AND remote_id = ?4";
    let about = params![
        org,
        app,
        job,
        &item.remote_id,
        item.subject,
        item.state.as_str(),
        item.error.as_deref()
    ];
    tx.execute(sql, about).await.map(drop)
}

/// A page in the order of the accounts' ids.
pub async fn page(
    q: &mut impl Query,
    (org, app, job): (OrgId, AppId, JobId),
    of: Option<State>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Item>, Error> {
    let sql = "SELECT remote_id, name, doc, subject, state, error FROM import_items \
               WHERE org = ?1 AND app = ?2 AND job = ?3 AND remote_id > ?4 AND (?5 = '' OR state = ?5) \
               ORDER BY remote_id LIMIT ?6";
    let of = of.map_or("", State::as_str);
    let after = after.unwrap_or_default();
    let rows = q.query(sql, params![org, app, job, after, of, limit]).await?;
    rows.into_iter().map(Item::read).collect()
}

/// The first that wait.
pub async fn waiting(
    q: &mut impl Query,
    (org, app, job): (OrgId, AppId, JobId),
    limit: u32,
) -> Result<Vec<Item>, Error> {
    let sql = "SELECT remote_id, name, doc, subject, state, error FROM import_items \
               WHERE org = ?1 AND app = ?2 AND job = ?3 AND state = 'waiting' ORDER BY remote_id LIMIT ?4";
    let rows = q.query(sql, params![org, app, job, limit]).await?;
    rows.into_iter().map(Item::read).collect()
}

/// How many there are of each state.
pub async fn counts(
    q: &mut impl Query,
    (org, app, job): (OrgId, AppId, JobId),
) -> Result<Vec<(State, u64)>, Error> {
    let sql =
        "SELECT state, COUNT(*) FROM import_items WHERE org = ?1 AND app = ?2 AND job = ?3 GROUP BY state";
    let rows = q.scan(sql, params![org, app, job]).await?;
    rows.iter()
        .map(|row| Ok((state(row.text(0)?)?, row.count(1)?)))
        .collect()
}
