//! Who has which licence, who waits for one, and who had one.

use base::{LicenceId, OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{params, sql};

/// How somebody stands to a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Given,
    /// There was none left; the next that comes free is for whoever has waited longest.
    Waiting,
    /// It was taken away. Kept to be told.
    Taken,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Waiting => "waiting",
            Self::Taken => "taken",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Given, Self::Waiting, Self::Taken]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// One person and one licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub user: UserId,
    pub licence: LicenceId,
    pub state: State,
    /// From where it comes, parted by spaces; empty once it was taken away.
    pub sources: String,
    /// The place in line, or when it was given.
    pub ticket: i64,
    /// Why it was taken away.
    pub reason: Option<String>,
    pub modified: Timestamp,
}

impl Holding {
    fn read(mut row: Row) -> Result<Self, Error> {
        let state = State::parse(row.text(2)?)
            .ok_or_else(|| Error::internal("a licence is neither given nor waited for nor taken away"))?;
        Ok(Self {
            state,
            user: row.id(0)?,
            licence: row.id(1)?,
            sources: row.take_text(3)?,
            ticket: row.int(4)?,
            reason: row.take_opt_text(5)?,
            modified: row.time(6)?,
        })
    }
}

/// Everything about these people, in no order.
pub async fn of_users(q: &mut impl Query, org: OrgId, users: &[UserId]) -> Result<Vec<Holding>, Error> {
    let rows = sql::by_ids(q, org, users, |list| {
        format!(
            "SELECT user_id, licence, state, sources, ticket, reason, modified FROM licence_holdings \
             WHERE org = ?1 AND user_id IN ({list})"
        )
    });
    let mut found: Vec<Holding> = rows
        .await?
        .into_iter()
        .map(Holding::read)
        .collect::<Result<_, _>>()?;
    // Somebody who is asked for twice may be found twice.
    found.sort_by_key(|one| (one.user, one.licence));
    found.dedup_by_key(|one| (one.user, one.licence));
    Ok(found)
}

/// Writes how people stand to licences, in place of how they stood before.
pub async fn put(tx: &mut Tx<'_>, org: OrgId, holdings: &[Holding]) -> Result<(), Error> {
    if holdings.is_empty() {
        return Ok(());
    }
    let sets: Vec<Vec<Value>> = holdings
        .iter()
        .map(|one| {
            params![
                org,
                one.user,
                one.licence,
                one.state.as_str(),
                &one.sources,
                one.ticket,
                one.reason.as_deref(),
                one.modified
            ]
            .to_vec()
        })
        .collect();
    let sql = "INSERT INTO licence_holdings (org, user_id, licence, state, sources, ticket, reason, modified) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (org, user_id, licence) DO UPDATE SET \
               state = excluded.state, sources = excluded.sources, ticket = excluded.ticket, reason = excluded.reason, \
               modified = excluded.modified";
    tx.send_many(sql, sets).await
}

/// Forgets all about somebody who is going.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM licence_holdings WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}

/// Who has waited longest for a licence, at most `limit` of them.
pub async fn first_in_line(
    q: &mut impl Query,
    org: OrgId,
    licence: LicenceId,
    limit: u32,
) -> Result<Vec<Holding>, Error> {
    let sql = "SELECT user_id, licence, state, sources, ticket, reason, modified FROM licence_holdings \
               WHERE org = ?1 AND licence = ?2 AND state = 'waiting' ORDER BY ticket LIMIT ?3";
    let rows = q.query(sql, params![org, licence, limit]).await?;
    rows.into_iter().map(Holding::read).collect()
}

/// A page of those who stand to a licence in one way, in the order in which they came to it, with their userNames.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    (licence, state): (LicenceId, State),
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<(Holding, String)>, Error> {
    let sql = "SELECT h.user_id, h.licence, h.state, h.sources, h.ticket, h.reason, h.modified, u.user_name \
               FROM licence_holdings h JOIN users u ON u.org = h.org AND u.id = h.user_id \
               WHERE h.org = ?1 AND h.licence = ?2 AND h.state = ?3 AND h.ticket > ?4 ORDER BY h.ticket LIMIT ?5";
    let after = after.unwrap_or(-1);
    let rows = q
        .scan(sql, params![org, licence, state.as_str(), after, limit])
        .await?;
    rows.into_iter()
        .map(|mut row| {
            let user_name = row.take_text(7)?;
            Ok((Holding::read(row)?, user_name))
        })
        .collect()
}

/// How many stand to a licence in one way.
pub async fn count(q: &mut impl Query, org: OrgId, licence: LicenceId, state: State) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM licence_holdings WHERE org = ?1 AND licence = ?2 AND state = ?3";
    let rows = q.scan(sql, params![org, licence, state.as_str()]).await?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

/// Somebody who has no licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    pub user: UserId,
    pub user_name: String,
    pub display_name: Option<String>,
    pub active: bool,
    pub created: Timestamp,
}

/// A page of the people who have no licence, in the order of their ids.
pub async fn without(
    q: &mut impl Query,
    org: OrgId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<Without>, Error> {
    let sql = "SELECT u.id, u.user_name, u.display_name, u.active, u.created FROM users u \
               WHERE u.org = ?1 AND u.id > ?2 AND NOT EXISTS (SELECT 1 FROM licence_holdings h \
               WHERE h.org = ?1 AND h.user_id = u.id AND h.state = 'given') ORDER BY u.id LIMIT ?3";
    let after = after.map_or_else(|| Value::Bytes(Vec::new()), Value::from);
    let rows = q.scan(sql, params![org, after, limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Without {
                user: row.id(0)?,
                user_name: row.take_text(1)?,
                display_name: row.take_opt_text(2)?,
                active: row.bool(3)?,
                created: row.time(4)?,
            })
        })
        .collect()
}
