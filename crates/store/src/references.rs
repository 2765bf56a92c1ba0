//! To whom accounts refer, such as to that of a manager: the other way round from how it is mapped, so that whoever
//! gets an account, or loses it, is found by those who name it.

use base::{AppId, OrgId, SubjectId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::sql;
use crate::tx::{Query, Tx};

/// That an account refers to somebody's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub referenced: SubjectId,
    /// The account that it names; `None`: none yet, as there is none.
    pub remote_id: Option<String>,
}

impl Reference {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            referenced: row.id(0)?,
            remote_id: row.take_opt_text(1)?,
        })
    }
}

/// To whom the account of a subject refers, in the order of their ids.
pub async fn of_subject(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
) -> Result<Vec<Reference>, Error> {
    let sql = "SELECT referenced, remote_id FROM account_references \
               WHERE org = ?1 AND app = ?2 AND subject = ?3 ORDER BY referenced";
    let rows = q.query(sql, params![org, app, subject]).await?;
    rows.into_iter().map(Reference::read).collect()
}

/// The same for many: each with whose account it is that refers to them.
pub async fn of_subjects(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
) -> Result<Vec<(SubjectId, Reference)>, Error> {
    let beside = params![app];
    let rows = sql::by_ids_beside(q, org, beside, subjects, |list| {
        format!(
            "SELECT referenced, remote_id, subject FROM account_references \
             WHERE org = ?1 AND app = ?2 AND subject IN ({list})"
        )
    });
    let rows = rows.await?.into_iter();
    let mut found = rows
        .map(|row| Ok((row.id(2)?, Reference::read(row)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    found.sort_unstable();
    Ok(found)
}

/// Those of these subjects to whom somebody's account refers.
pub async fn referred(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
) -> Result<Vec<SubjectId>, Error> {
    let beside = params![app];
    let rows = sql::by_ids_beside(q, org, beside, subjects, |list| {
        format!(
            "SELECT DISTINCT referenced FROM account_references WHERE org = ?1 AND app = ?2 AND referenced IN ({list})"
        )
    });
    rows.await?.into_iter().map(|row| row.id(0)).collect()
}

/// Notes to whom the account of a subject refers now, in place of what was noted. Says whether one of them has got
/// another account meanwhile, which whoever noted it did not see.
pub async fn replace(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    references: &[Reference],
) -> Result<bool, Error> {
    // Work for one of them that is about to end is waited for: either it sees what is noted here, or its link is seen.
    let sql = format!(
        "SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?3{}",
        tx.hold_rows()
    );
    for reference in references {
        tx.query(&sql, params![org, app, reference.referenced]).await?;
    }
    let sql = "DELETE FROM account_references WHERE org = ?1 AND app = ?2 AND subject = ?3";
    tx.execute(sql, params![org, app, subject]).await?;
    let sets: Vec<_> = references
        .iter()
        .map(|reference| {
            let remote_id = reference.remote_id.as_deref();
            params![org, app, subject, reference.referenced, remote_id].to_vec()
        })
        .collect();
    let sql = "INSERT INTO account_references (org, app, subject, referenced, remote_id) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute_many(sql, &sets).await?;
    for reference in references {
        let link = crate::links::by_subject(tx, org, app, reference.referenced).await?;
        if link.map(|link| link.remote_id) != reference.remote_id {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Forgets to whom every account of an application refers.
pub async fn clear(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "DELETE FROM account_references WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
