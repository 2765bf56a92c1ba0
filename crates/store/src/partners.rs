//! People of other organizations who administer this one: offered to somebody of a name, taken up by a person.
//!
//! What an organization has offered stands in `partners`, by its own id. `partner_lookup` has the same by the organization
//! that the people belong to: a small reference table, so that whoever signs in there finds what is for him or her.

use base::{Cause, OrgId, PartnerId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// Somebody of another organization, as the organization sees it that has made the offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    pub id: PartnerId,
    /// The organization that the person belongs to.
    pub home: OrgId,
    /// Nothing before somebody has taken it up, whether there is such an organization or not.
    pub home_name: Option<String>,
    /// As the offer names the person, until it is taken up; then what the person is called now.
    pub user_name: String,
    /// Who has taken it up.
    pub user: Option<UserId>,
    /// The person is there and not disabled; of somebody who has taken it up.
    pub active: bool,
    pub role: String,
    pub offered: Timestamp,
    /// Until when it can be taken up.
    pub lapses: Timestamp,
    pub taken_up: Option<Timestamp>,
}

/// An offer that is about to be made.
#[derive(Debug, Clone)]
pub struct NewPartner {
    pub id: PartnerId,
    pub home: OrgId,
    pub user_name: String,
    /// The same as it is compared.
    pub user_key: String,
    pub role: String,
    pub lapses: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.home, p.user_name, p.user_id, p.role, p.offered, p.lapses, p.taken_up, o.name, a.user_name, \
             a.active FROM partners p LEFT JOIN users a ON a.org = p.home AND a.id = p.user_id \
             LEFT JOIN organizations o ON o.id = p.home AND p.user_id IS NOT NULL WHERE p.org = ?1 ",
            $rest
        )
    };
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: PartnerId) -> Result<Option<Partner>, Error> {
    let row = q.first(select!("AND p.id = ?2"), params![org, id]).await?;
    row.map(read).transpose()
}

/// What a person has taken up in an organization.
pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Option<Partner>, Error> {
    let row = q.first(select!("AND p.user_id = ?2"), params![org, user]).await?;
    row.map(read).transpose()
}

/// The same, held until the write ends: nobody withdraws it meanwhile. Whoever holds the person, too, does that behind it.
pub async fn hold_of_user(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<Option<Partner>, Error> {
    let sql = format!(
        "SELECT id FROM partners WHERE org = ?1 AND user_id = ?2{}",
        tx.hold_rows()
    );
    if tx.first(&sql, params![org, user]).await?.is_none() {
        return Ok(None);
    }
    of_user(tx, org, user).await
}

/// One that is to be taken up or to end, held until the write ends.
pub async fn hold(tx: &mut Tx<'_>, org: OrgId, id: PartnerId) -> Result<Option<Partner>, Error> {
    let sql = format!(
        "SELECT id FROM partners WHERE org = ?1 AND id = ?2{}",
        tx.hold_to_change()
    );
    if tx.first(&sql, params![org, id]).await?.is_none() {
        return Ok(None);
    }
    by_id(tx, org, id).await
}

/// A page of an organization's, the oldest first.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: Option<PartnerId>,
    limit: u32,
) -> Result<Vec<Partner>, Error> {
    let first = Value::from([0_u8; 16].as_slice());
    let after = after.map_or(first, Value::from);
    let sql = select!("AND p.id > ?2 ORDER BY p.id LIMIT ?3");
    let rows = q.query(sql, params![org, after, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// How many an organization has.
pub async fn count(q: &mut impl Query, org: OrgId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM partners WHERE org = ?1";
    let row = q.first(sql, params![org]).await?;
    row.map_or(Ok(0), |row| row.count(0))
}

/// An offer to somebody of this name that nobody has taken up.
pub async fn open_offer(
    q: &mut impl Query,
    org: OrgId,
    home: OrgId,
    user_key: &str,
) -> Result<Option<Partner>, Error> {
    let sql = select!("AND p.home = ?2 AND p.user_key = ?3 AND p.user_id IS NULL");
    q.first(sql, params![org, home, user_key])
        .await?
        .map(read)
        .transpose()
}

pub async fn insert(tx: &mut Tx<'_>, org: OrgId, new: &NewPartner, cause: &Cause) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO partners (org, id, home, user_name, user_key, role, offered, lapses, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            org,
            new.id,
            new.home,
            &new.user_name,
            &new.user_key,
            &new.role,
            now,
            new.lapses,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await?;
    let lookup = "INSERT INTO partner_lookup (org, customer, partner_id, user_key) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(lookup, params![new.home, org, new.id, &new.user_key])
        .await
        .map(drop)
}

/// From now on it is this person's, whatever he or she is called. It must be held.
pub async fn take_up(
    tx: &mut Tx<'_>,
    org: OrgId,
    (home, id): (OrgId, PartnerId),
    user: UserId,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    let sql = "UPDATE partners SET user_id = ?3, taken_up = ?4 WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id, user, now]).await?;
    let lookup =
        "UPDATE partner_lookup SET user_id = ?4 WHERE org = ?1 AND customer = ?2 AND partner_id = ?3";
    tx.execute(lookup, params![home, org, id, user]).await.map(drop)
}

pub async fn remove(tx: &mut Tx<'_>, org: OrgId, (home, id): (OrgId, PartnerId)) -> Result<(), Error> {
    let lookup = "DELETE FROM partner_lookup WHERE org = ?1 AND customer = ?2 AND partner_id = ?3";
    tx.execute(lookup, params![home, org, id]).await?;
    let sql = "DELETE FROM partners WHERE org = ?1 AND id = ?2";
    tx.execute(sql, params![org, id]).await.map(drop)
}

/// What an organization has offered to somebody, as that person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub org: OrgId,
    pub name: String,
    pub partner: PartnerId,
    pub role: String,
    pub lapses: Timestamp,
    pub taken_up: Option<Timestamp>,
}

/// What is for a person of an organization: what he or she has taken up, and what is offered to this name and can be taken up
/// still; the oldest first, so many at most.
pub async fn customers(
    q: &mut impl Query,
    home: OrgId,
    (user, user_key): (UserId, &str),
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Customer>, Error> {
    let sql = "SELECT p.org, o.name, p.id, p.role, p.lapses, p.taken_up FROM partner_lookup l \
               JOIN partners p ON p.org = l.customer AND p.id = l.partner_id JOIN organizations o ON o.id = p.org \
               WHERE l.org = ?1 AND (l.user_id = ?2 OR (l.user_key = ?3 AND l.user_id IS NULL AND p.lapses > ?4)) \
               ORDER BY p.id LIMIT ?5";
    let rows = q.query(sql, params![home, user, user_key, now, limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Customer {
                org: row.id(0)?,
                name: row.take_text(1)?,
                partner: row.id(2)?,
                role: row.take_text(3)?,
                lapses: row.time(4)?,
                taken_up: row.opt_time(5)?,
            })
        })
        .collect()
}

/// The organizations of others that a person of this one administers.
pub async fn administered(q: &mut impl Query, home: OrgId, user: UserId) -> Result<Vec<OrgId>, Error> {
    let sql = "SELECT customer FROM partner_lookup WHERE org = ?1 AND user_id = ?2 ORDER BY customer";
    let rows = q.query(sql, params![home, user]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// Forgets offers that lapsed before a time; says of how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "SELECT home, id FROM partners WHERE org = ?1 AND user_id IS NULL AND lapses < ?2 ORDER BY id LIMIT ?3";
    let rows = tx.query(sql, params![org, before, limit]).await?;
    let mut gone = 0;
    for row in rows {
        remove(tx, org, (row.id(0)?, row.id(1)?)).await?;
        gone += 1;
    }
    Ok(gone)
}

fn read(mut row: Row) -> Result<Partner, Error> {
    let named = row.take_text(2)?;
    Ok(Partner {
        id: row.id(0)?,
        home: row.id(1)?,
        user: row.opt_id(3)?,
        role: row.take_text(4)?,
        offered: row.time(5)?,
        lapses: row.time(6)?,
        taken_up: row.opt_time(7)?,
        home_name: row.take_opt_text(8)?,
        user_name: row.take_opt_text(9)?.unwrap_or(named),
        active: row.opt_int(10)?.is_some_and(|active| active != 0),
    })
}
