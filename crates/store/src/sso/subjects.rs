//! Who somebody is to an identity provider.

use base::{IdentityProviderId, OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// As stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub provider: IdentityProviderId,
    pub user: UserId,
    /// A hash of the name, where that stays the same.
    pub subject: Option<Vec<u8>>,
    /// The name as it came last.
    pub name: Option<String>,
    /// Of which kind it is: a URI.
    pub format: Option<String>,
    /// The `updateTimeStamp` by which the person was changed last.
    pub updated: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "provider, user_id, subject, name, format, updated"
    };
}

fn read(mut row: Row) -> Result<Subject, Error> {
    Ok(Subject {
        provider: row.id(0)?,
        user: row.id(1)?,
        subject: row.opt_bytes(2)?.map(<[u8]>::to_vec),
        name: row.take_opt_text(3)?,
        format: row.take_opt_text(4)?,
        updated: row.opt_time(5)?,
    })
}

/// Whom an identity provider means by a name that stays the same.
pub async fn by_subject(
    q: &mut impl Query,
    org: OrgId,
    provider: IdentityProviderId,
    subject: &[u8],
) -> Result<Option<Subject>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_subjects WHERE org = ?1 AND provider = ?2 AND subject = ?3"
    );
    let row = q.first(SQL, params![org, provider, subject]).await?;
    row.map(read).transpose()
}

pub async fn of_user(
    q: &mut impl Query,
    org: OrgId,
    provider: IdentityProviderId,
    user: UserId,
) -> Result<Option<Subject>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sso_subjects WHERE org = ?1 AND provider = ?2 AND user_id = ?3"
    );
    let row = q.first(SQL, params![org, provider, user]).await?;
    row.map(read).transpose()
}

/// Who somebody is to all of them, and since when that is known.
pub async fn all_of_user(
    q: &mut impl Query,
    org: OrgId,
    user: UserId,
) -> Result<Vec<(Subject, Timestamp)>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", linked FROM sso_subjects WHERE org = ?1 AND user_id = ?2 ORDER BY linked, provider"
    );
    let rows = q.query(SQL, params![org, user]).await?;
    rows.into_iter()
        .map(|row| {
            let linked = row.time(6)?;
            Ok((read(row)?, linked))
        })
        .collect()
}

/// Forgets who somebody is to one of them; whether anything was known.
pub async fn remove_one(
    tx: &mut Tx<'_>,
    org: OrgId,
    provider: IdentityProviderId,
    user: UserId,
) -> Result<bool, Error> {
    let sql = "DELETE FROM sso_subjects WHERE org = ?1 AND provider = ?2 AND user_id = ?3";
    Ok(tx.execute(sql, params![org, provider, user]).await? > 0)
}

/// Notes it, in the place of what was known; `Conflict` where the name is somebody else's.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, subject: &Subject) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO sso_subjects (org, provider, user_id, subject, name, format, updated, linked) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (org, provider, user_id) DO UPDATE SET \
               subject = excluded.subject, name = excluded.name, format = excluded.format, updated = excluded.updated";
    let values = params![
        org,
        subject.provider,
        subject.user,
        subject.subject.as_deref(),
        subject.name.as_deref(),
        subject.format.as_deref(),
        subject.updated,
        now
    ];
    tx.execute(sql, values).await.map(drop)
}

/// With the person.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM sso_subjects WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}
