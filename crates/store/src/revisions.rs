//! What a server may go on believing of an organization: numbers beside its name, one of which is raised with every
//! change of what it may keep. Whoever asks for them with something else learns in one statement whether what is kept is
//! still so.

use base::{OrgId, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// The columns of [`Revisions`], of `organizations o`.
macro_rules! revisions {
    () => {
        "o.access_revision, o.schemas_revision, o.settings_revision"
    };
}
pub(crate) use revisions;

/// How many columns these are.
pub(crate) const WIDTH: usize = 3;

/// The numbers as of the moment of the statement that read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revisions {
    /// Raised when a token may open less or more than before: see [`access_changed`].
    pub access: i64,
    /// See [`crate::schemas`].
    pub schemas: i64,
    /// See [`crate::settings`].
    pub settings: i64,
}

impl Revisions {
    pub(crate) fn read(row: &Row, first: usize) -> Result<Self, Error> {
        Ok(Self {
            access: row.int(first)?,
            schemas: row.int(first + 1)?,
            settings: row.int(first + 2)?,
        })
    }
}

/// The numbers of an organization.
pub async fn of(q: &mut impl Query, org: OrgId) -> Result<Option<Revisions>, Error> {
    const SQL: &str = concat!("SELECT ", revisions!(), " FROM organizations o WHERE o.id = ?1");
    let row = q.first(SQL, params![org]).await?;
    row.map(|row| Revisions::read(&row, 0)).transpose()
}

/// Tokens or roles have changed. The feed's entry of such a change sees to it.
pub(crate) async fn access_changed(tx: &mut Tx<'_>, org: OrgId) -> Result<(), Error> {
    let sql = "UPDATE organizations SET access_revision = access_revision + 1 WHERE id = ?1";
    tx.send(sql, params![org].to_vec()).await
}

/// A person is active no longer, or again, or gone; to be called behind that. It counts if any token is the person's:
/// whoever makes one holds the person meanwhile.
pub(crate) async fn owner_changed(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "UPDATE organizations SET access_revision = access_revision + 1 WHERE id = ?1 \
               AND EXISTS (SELECT 1 FROM tokens t WHERE t.org = ?1 AND t.owner = ?2)";
    tx.send(sql, params![org, user].to_vec()).await
}
