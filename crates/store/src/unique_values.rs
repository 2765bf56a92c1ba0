//! Values that no two resources of an organization may share, beside userNames.

use std::collections::BTreeSet;

use base::{OrgId, SubjectId};

use crate::changes;
use crate::error::Error;
use crate::params;
use crate::tx::{Query, Tx};

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UniqueValue {
    /// With its schema's URN.
    pub attribute: String,
    /// In the form in which equal values are equal; no longer than an index can hold.
    pub value: String,
}

/// Makes these the values of a resource, and gives back the one that is another's, if there is such: the write must
/// fail then. Whoever takes the same value at the same time waits until this write ends.
pub async fn claim(
    tx: &mut Tx<'_>,
    org: OrgId,
    subject: SubjectId,
    wanted: &[UniqueValue],
) -> Result<Option<UniqueValue>, Error> {
    changes::begin(tx, org).await?;
    let rows = tx
        .query(
            "SELECT attribute, value FROM unique_values WHERE org = ?1 AND subject = ?2",
            params![org, subject],
        )
        .await?;
    // In one order, so that two writes do not wait for each other in a circle.
    let mut missing: BTreeSet<&UniqueValue> = wanted.iter().collect();
    let mut stale = Vec::new();
    for mut row in rows {
        let present = UniqueValue {
            attribute: row.take_text(0)?,
            value: row.take_text(1)?,
        };
        if !missing.remove(&present) {
            stale.push(vec![org.into(), present.attribute.into(), present.value.into()]);
        }
    }
    if !stale.is_empty() {
        let sql = "DELETE FROM unique_values WHERE org = ?1 AND attribute = ?2 AND value = ?3";
        tx.send_many(sql, stale).await?;
    }
    for value in missing {
        let sql = "INSERT INTO unique_values (org, attribute, value, subject) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO NOTHING";
        let inserted = tx
            .execute(sql, params![org, &value.attribute, &value.value, subject])
            .await?;
        if inserted == 0 {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

/// Gives up all values of a resource.
pub async fn release(tx: &mut Tx<'_>, org: OrgId, subject: SubjectId) -> Result<(), Error> {
    let sql = "DELETE FROM unique_values WHERE org = ?1 AND subject = ?2";
    tx.execute(sql, params![org, subject]).await.map(drop)
}

/// Forgets the values of an attribute, which need not be unique any longer.
pub async fn forget(tx: &mut Tx<'_>, org: OrgId, attribute: &str) -> Result<(), Error> {
    let sql = "DELETE FROM unique_values WHERE org = ?1 AND attribute = ?2";
    tx.execute(sql, params![org, attribute]).await.map(drop)
}
