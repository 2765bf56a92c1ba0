//! Which licences newcomers get: of the organization, and of a group.

use base::{GroupId, LicenceId, OrgId, Timestamp, UserId};

use super::{begin, raise};
use crate::error::Error;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::{StoredId, Value};
use crate::{params, sql};

/// Whom a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody of the organization.
    Organization,
    /// Direct members of a group.
    Group(GroupId),
}

impl Scope {
    pub(super) fn stored(self, org: OrgId) -> Value {
        match self {
            Self::Organization => org.into(),
            Self::Group(group) => group.into(),
        }
    }

    pub(super) fn read(org: OrgId, row: &Row, column: usize) -> Result<Self, Error> {
        if row.bytes(column)? == org.stored() {
            return Ok(Self::Organization);
        }
        Ok(Self::Group(row.id(column)?))
    }
}

/// A template as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub scope: Scope,
    pub licences: Vec<LicenceId>,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

impl Template {
    pub(super) fn read(org: OrgId, row: Row, first: usize) -> Result<Self, Error> {
        let licences = row.text(first + 1)?.split_whitespace().map(str::parse);
        let licences: Result<Vec<LicenceId>, _> = licences.collect();
        Ok(Self {
            scope: Scope::read(org, &row, first)?,
            licences: licences.map_err(|error| Error::Internal(error.into()))?,
            version: row.int(first + 2)?,
            created: row.time(first + 3)?,
            modified: row.time(first + 4)?,
        })
    }
}

/// Puts a template in place, or another one in its place.
pub async fn put(
    tx: &mut Tx<'_>,
    org: OrgId,
    scope: Scope,
    licences: &[LicenceId],
) -> Result<Template, Error> {
    begin(tx, org).await?;
    let now = tx.ambient().now();
    let text: Vec<String> = licences.iter().map(ToString::to_string).collect();
    let rows = tx
        .query(
            "INSERT INTO licence_templates (org, subject, licences, version, created, modified) \
             VALUES (?1, ?2, ?3, 1, ?4, ?4) ON CONFLICT (org, subject) DO UPDATE SET licences = excluded.licences, \
             version = licence_templates.version + 1, modified = excluded.modified \
             RETURNING subject, licences, version, created, modified",
            params![org, scope.stored(org), text.join(" "), now],
        )
        .await?;
    raise(tx, org).await?;
    let row = rows.into_iter().next().ok_or(Error::NotFound)?;
    Template::read(org, row, 0)
}

/// Removes a template; says whether there was one.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, scope: Scope) -> Result<bool, Error> {
    let sql = "DELETE FROM licence_templates WHERE org = ?1 AND subject = ?2";
    if tx.execute(sql, params![org, scope.stored(org)]).await? == 0 {
        return Ok(false);
    }
    raise(tx, org).await?;
    Ok(true)
}

fn groups_sql(list: &str) -> String {
    format!(
        "SELECT m.member_id, m.group_id FROM members m \
         JOIN licence_templates t ON t.org = ?1 AND t.subject = m.group_id \
         WHERE m.org = ?1 AND m.member_id IN ({list})"
    )
}

/// In which groups that have a template people are directly, in no order.
pub async fn groups_of(
    q: &mut impl Query,
    org: OrgId,
    users: &[UserId],
) -> Result<Vec<(UserId, GroupId)>, Error> {
    let rows = sql::by_ids(q, org, users, groups_sql).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
}
