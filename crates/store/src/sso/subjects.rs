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
    /// The name.
    pub name: Option<String>,
    /// The `updateTimeStamp` by which the person was changed last.
    pub updated: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "provider, user_id, subject, name, updated"
    };
}

fn read(mut row: Row) -> Result<Subject, Error> {
    Ok(Subject {
        provider: row.id(0)?,
        user: row.id(1)?,
        subject: row.opt_bytes(2)?.map(<[u8]>::to_vec),
        name: row.take_opt_text(3)?,
        updated: row.opt_time(4)?,
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

/// Notes it, in the place of what was known; `Conflict` where the name is somebody else's.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, subject: &Subject) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "INSERT INTO sso_subjects (org, provider, user_id, subject, name, updated, linked) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (org, provider, user_id) DO UPDATE SET \
               subject = excluded.subject, name = excluded.name, updated = excluded.updated";
    let values = params![
        org,
        subject.provider,
        subject.user,
        subject.subject.as_deref(),
        subject.name.as_deref(),
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
