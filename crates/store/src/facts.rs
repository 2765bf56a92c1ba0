//! What people's states follow from, beside whether they are active: when somebody was invited, when the address was
//! shown to be theirs, when they signed in, since when they are inactive.
//!
//! Of whom nothing is known there is no row. Whoever changes facts holds the person ([`crate::users::held`], or a change of
//! the person in the same write), so that they can be read first and written whole.

use std::collections::BTreeMap;

use base::{OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{params, sql};

/// What is known of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// When the last invitation to the present address was made.
    pub invited: Option<Timestamp>,
    /// When the present address was shown to be the person's.
    pub verified: Option<Timestamp>,
    pub first_sign_in: Option<Timestamp>,
    pub last_sign_in: Option<Timestamp>,
    /// Since when the person is inactive.
    pub inactive: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "invited, verified, first_sign_in, last_sign_in, inactive"
    };
}

pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Facts, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM person_facts WHERE org = ?1 AND user_id = ?2"
    );
    let row = q.first(SQL, params![org, user]).await?;
    row.map_or(Ok(Facts::default()), |row| read(&row, 0))
}

/// The same of several; of whom nothing is known is left out.
pub async fn of_users(
    q: &mut impl Query,
    org: OrgId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Facts>, Error> {
    let rows = sql::by_ids(q, org, users, |list| {
        format!(
            "SELECT user_id, {} FROM person_facts WHERE org = ?1 AND user_id IN ({list})",
            columns!()
        )
    });
    let rows = rows.await?;
    rows.iter().map(|row| Ok((row.id(0)?, read(row, 1)?))).collect()
}

/// Those who have been inactive since before a time, the longest first, from behind one on.
pub async fn inactive_before(
    q: &mut impl Query,
    org: OrgId,
    before: Timestamp,
    after: Option<(Timestamp, UserId)>,
    limit: u32,
) -> Result<Vec<(Timestamp, UserId)>, Error> {
    let (since, user) = match after {
        Some((since, user)) => (since.as_micros().into(), user.into()),
        None => (Value::from(i64::MIN), Value::from([0_u8; 16].as_slice())),
    };
    let sql = "SELECT inactive, user_id FROM person_facts WHERE org = ?1 AND inactive < ?2 \
               AND (inactive > ?3 OR (inactive = ?3 AND user_id > ?4)) ORDER BY inactive, user_id LIMIT ?5";
    let rows = q.query(sql, params![org, before, since, user, limit]).await?;
    rows.iter().map(|row| Ok((row.time(0)?, row.id(1)?))).collect()
}

fn read(row: &Row, first: usize) -> Result<Facts, Error> {
    Ok(Facts {
        invited: row.opt_time(first)?,
        verified: row.opt_time(first + 1)?,
        first_sign_in: row.opt_time(first + 2)?,
        last_sign_in: row.opt_time(first + 3)?,
        inactive: row.opt_time(first + 4)?,
    })
}

/// Makes this what is known of a person.
pub async fn set(tx: &mut Tx<'_>, org: OrgId, user: UserId, facts: &Facts) -> Result<(), Error> {
    let Facts {
        invited,
        verified,
        first_sign_in,
        last_sign_in,
        inactive,
    } = *facts;
    tx.send(
        "INSERT INTO person_facts (org, user_id, invited, verified, first_sign_in, last_sign_in, inactive) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (org, user_id) DO UPDATE SET invited = excluded.invited, \
         verified = excluded.verified, first_sign_in = excluded.first_sign_in, \
         last_sign_in = excluded.last_sign_in, inactive = excluded.inactive",
        params![
            org,
            user,
            invited,
            verified,
            first_sign_in,
            last_sign_in,
            inactive
        ]
        .to_vec(),
    )
    .await
}

/// Notes what is known of somebody who comes; that the address is theirs, if the organization has verified its domain.
pub async fn arrive(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    facts: &Facts,
    domain: Option<&str>,
) -> Result<(), Error> {
    let Some(domain) = domain else {
        return match facts {
            known if *known == Facts::default() => Ok(()),
            known => set(tx, org, user, known).await,
        };
    };
    let now = tx.ambient().now();
    if *facts == Facts::default() {
        let sql = "INSERT INTO person_facts (org, user_id, verified) \
                   SELECT ?1, ?2, ?3 FROM domain_lookup WHERE name = ?4 AND org = ?1";
        return tx.send(sql, params![org, user, now, domain].to_vec()).await;
    }
    let sql = "INSERT INTO person_facts (org, user_id, invited, verified, inactive) VALUES (?1, ?2, ?3, \
               (SELECT CAST(?4 AS BIGINT) FROM domain_lookup WHERE name = ?5 AND org = ?1), ?6)";
    let values = params![org, user, facts.invited, now, domain, facts.inactive];
    tx.send(sql, values.to_vec()).await
}

/// Forgets all of it.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    let sql = "DELETE FROM person_facts WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}
