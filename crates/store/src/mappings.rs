//! Attribute mappings of applications, of people and of groups, each table in its order.

use base::{AppId, Cause, OrgId};

use crate::assignments::SubjectKind;
use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// The rows of a table, each as JSON.
pub async fn all(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    kind: SubjectKind,
) -> Result<Vec<String>, Error> {
    let sql = "SELECT doc FROM mappings WHERE org = ?1 AND app = ?2 AND kind = ?3 ORDER BY position";
    let rows = q.query(sql, params![org, app, kind.as_str()]).await?;
    rows.into_iter().map(|mut row| row.take_text(0)).collect()
}

/// Puts these rows in place of those that are there.
pub async fn replace(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    kind: SubjectKind,
    rows: &[String],
    cause: &Cause,
) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    tx.execute(
        "DELETE FROM mappings WHERE org = ?1 AND app = ?2 AND kind = ?3",
        params![org, app, kind.as_str()],
    )
    .await?;
    let rows: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(position, doc)| params![org, app, kind.as_str(), position, doc].to_vec())
        .collect();
    tx.execute_many(
        "INSERT INTO mappings (org, app, kind, position, doc) VALUES (?1, ?2, ?3, ?4, ?5)",
        &rows,
    )
    .await?;
    changes::append(tx, org, Entry::new(Kind::Mapping, app, What::Updated), cause).await
}
