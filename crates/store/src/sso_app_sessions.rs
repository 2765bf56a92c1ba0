//! Where people were signed in to, from which session of ours: what a sign-out has to reach.

use base::{AppId, OrgId, SessionId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// Somebody's session at an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSession {
    /// The SessionIndex that the application was told.
    pub id: String,
    pub app: AppId,
    pub user: UserId,
    /// Ours, from which it was begun. It may be over.
    pub session: SessionId,
    /// The NameID's value, and the whole of it as JSON.
    pub name: String,
    pub name_doc: String,
    pub created: Timestamp,
    pub until: Timestamp,
}

macro_rules! columns {
    () => {
        "id, app, user_id, session, name, name_doc, created, until FROM sso_app_sessions WHERE org = ?1"
    };
}

impl AppSession {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.take_text(0)?,
            app: row.id(1)?,
            user: row.id(2)?,
            session: row.id(3)?,
            name: row.take_text(4)?,
            name_doc: row.take_text(5)?,
            created: row.time(6)?,
            until: row.time(7)?,
        })
    }
}

/// Notes a session, or that one of this index goes on for longer.
pub async fn put(tx: &mut Tx<'_>, org: OrgId, new: &AppSession) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO sso_app_sessions (org, id, app, user_id, session, name, name_doc, created, until) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
         ON CONFLICT (org, id) DO UPDATE SET until = excluded.until",
        params![
            org,
            &new.id,
            new.app,
            new.user,
            new.session,
            &new.name,
            &new.name_doc,
            new.created,
            new.until
        ],
    )
    .await
    .map(drop)
}

/// Those of somebody whom an application calls by this name, the oldest first.
pub async fn by_name(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    name: &str,
) -> Result<Vec<AppSession>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " AND app = ?2 AND name = ?3 ORDER BY created, id"
    );
    let rows = q.query(SQL, params![org, app, name]).await?;
    rows.into_iter().map(AppSession::read).collect()
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: &str) -> Result<Option<AppSession>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " AND id = ?2");
    let row = q.first(SQL, params![org, id]).await?;
    row.map(AppSession::read).transpose()
}

/// Those that were begun from a session of ours, the oldest first.
pub async fn of_session(
    q: &mut impl Query,
    org: OrgId,
    session: SessionId,
) -> Result<Vec<AppSession>, Error> {
    const SQL: &str = concat!("SELECT ", columns!(), " AND session = ?2 ORDER BY created, id");
    let rows = q.query(SQL, params![org, session]).await?;
    rows.into_iter().map(AppSession::read).collect()
}

/// Forgets one; says whether it was there.
pub async fn end(tx: &mut Tx<'_>, org: OrgId, id: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM sso_app_sessions WHERE org = ?1 AND id = ?2";
    Ok(tx.execute(sql, params![org, id]).await? == 1)
}

/// Forgets those that are over; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId) -> Result<u64, Error> {
    let now = tx.ambient().now();
    let sql = "DELETE FROM sso_app_sessions WHERE org = ?1 AND until <= ?2";
    tx.execute(sql, params![org, now]).await
}
