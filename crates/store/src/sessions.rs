//! Who is signed in at which browser. The database holds the hash of what the cookie carries.

use base::{OrgId, SessionId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

macro_rules! columns {
    () => {
        "s.org, s.id, s.user_id, u.user_name, u.active, s.created, s.last_used, s.expires, s.network_address, \
         s.user_agent, s.proved, s.vouched, s.method FROM sessions s \
         JOIN users u ON u.org = s.org AND u.id = s.user_id WHERE s.org = ?1"
    };
}

/// A session as stored; neither what the cookie carries nor its hash is in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub org: OrgId,
    pub id: SessionId,
    pub user: UserId,
    pub user_name: String,
    /// The person is not disabled.
    pub active: bool,
    pub created: Timestamp,
    pub last_used: Timestamp,
    pub expires: Timestamp,
    pub network_address: String,
    pub user_agent: String,
    /// When a password or a second factor was shown last.
    pub proved: Timestamp,
    /// What an identity provider said when the session began: JSON. `None`: a password was shown.
    pub vouched: Option<String>,
    /// How the person has signed in; none of sessions from before that was kept.
    pub method: Option<String>,
}

/// A session that is about to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub user: UserId,
    pub hash: Vec<u8>,
    pub expires: Timestamp,
    pub network_address: String,
    pub user_agent: String,
    /// When the person was authenticated.
    pub proved: Timestamp,
    /// What an identity provider said of that: JSON.
    pub vouched: Option<String>,
    pub method: &'static str,
}

/// Begins a session. `Reference` when there is no such person.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, new: &NewSession) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO sessions (org, id, user_id, hash, created, last_used, expires, proved, network_address, \
         user_agent, vouched, method) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            org,
            new.id,
            new.user,
            new.hash.as_slice(),
            now,
            new.expires,
            new.proved,
            &new.network_address,
            &new.user_agent,
            new.vouched.as_deref(),
            new.method
        ],
    )
    .await
    .map(drop)
}

/// The session of a hash; it may be over: that is for the caller.
pub async fn presented(q: &mut impl Query, org: OrgId, hash: &[u8]) -> Result<Option<Session>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " AND s.hash = ?2");
    q.first(SQL, params![org, hash]).await?.map(read).transpose()
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: SessionId) -> Result<Option<Session>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " AND s.id = ?2");
    q.first(SQL, params![org, id]).await?.map(read).transpose()
}

/// Which of them are still going: used since the one time, and not expiring before the other.
#[derive(Debug, Clone, Copy)]
pub struct Going {
    pub used_since: Timestamp,
    pub now: Timestamp,
}

/// A page of an organization's sessions that are still going, the oldest first.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    going: Going,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Vec<Session>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " AND s.id > ?2 AND s.expires > ?3 AND s.last_used > ?4 AND u.active = 1 ORDER BY s.id LIMIT ?5"
    );
    let sql = SQL;
    let Going { used_since, now } = going;
    let rows = q
        .query(sql, params![org, start(after), now, used_since, limit])
        .await?;
    rows.into_iter().map(read).collect()
}

/// The same of one person.
pub async fn of_user(
    q: &mut impl Query,
    org: OrgId,
    user: UserId,
    going: Going,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Vec<Session>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " AND s.user_id = ?2 AND s.id > ?3 AND s.expires > ?4 AND s.last_used > ?5 AND u.active = 1 \
         ORDER BY s.id LIMIT ?6"
    );
    let sql = SQL;
    let Going { used_since, now } = going;
    let rows = q
        .query(sql, params![org, user, start(after), now, used_since, limit])
        .await?;
    rows.into_iter().map(read).collect()
}

/// Remembers when a session was last used. To be called once a minute at most, not for every request.
pub async fn touch(tx: &mut Tx<'_>, org: OrgId, id: SessionId) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE sessions SET last_used = ?3 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id, now]).await.map(drop)
}

/// Notes that a password or a second factor was shown; says whether the session was there.
pub async fn prove(tx: &mut Tx<'_>, org: OrgId, id: SessionId) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE sessions SET proved = ?3 WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id, now]).await? == 1)
}

/// Ends a session; says whether it was there.
pub async fn end(tx: &mut Tx<'_>, org: OrgId, id: SessionId) -> Result<bool, Error> {
    let sql = "DELETE FROM sessions WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Ends all sessions of a person.
pub async fn end_all(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM sessions WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}

/// Forgets those that are over; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, going: Going) -> Result<u64, Error> {
    let sql = "DELETE FROM sessions WHERE org = ?1 AND (expires <= ?2 OR last_used <= ?3)";
    tx.execute(sql, params![org, going.now, going.used_since]).await
}

fn start(after: Option<SessionId>) -> Value {
    after.map_or_else(|| Value::from([0_u8; 16].as_slice()), Value::from)
}

fn read(mut row: Row) -> Result<Session, Error> {
    Ok(Session {
        org: row.id(0)?,
        id: row.id(1)?,
        user: row.id(2)?,
        user_name: row.take_text(3)?,
        active: row.bool(4)?,
        created: row.time(5)?,
        last_used: row.time(6)?,
        expires: row.time(7)?,
        network_address: row.take_text(8)?,
        user_agent: row.take_text(9)?,
        proved: row.time(10)?,
        vouched: row.take_opt_text(11)?,
        method: row.take_opt_text(12)?,
    })
}
