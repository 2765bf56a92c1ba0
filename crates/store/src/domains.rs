//! E-mail domains: those that an organization has asked for, and which organization has verified one.
//!
//! The latter is a small table across organizations: a domain can be one organization's at most, and whether somebody else
//! has claimed it is asked for everybody who comes.

use base::{OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::keys::Attribute;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A domain as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// A name of the DNS in lower case, with A-labels.
    pub name: String,
    /// What the DNS is to say. Everybody can read it there.
    pub token: String,
    pub created: Timestamp,
    pub token_created: Timestamp,
    /// Since when it is shown to be the organization's.
    pub verified: Option<Timestamp>,
    pub claimed: Option<Timestamp>,
    /// Since when it is the organization's no longer.
    pub lapsed: Option<Timestamp>,
    /// Since when the DNS does not say it any more.
    pub missing: Option<Timestamp>,
    /// When the DNS was asked last.
    pub checked: Option<Timestamp>,
    /// What was wrong then.
    pub problem: Option<String>,
    /// Is everybody who was there marked as verified?
    pub settled: bool,
}

macro_rules! columns {
    () => {
        "name, token, created, token_created, verified, claimed, lapsed, missing, checked, problem, settled"
    };
}

impl Domain {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            name: row.take_text(0)?,
            token: row.take_text(1)?,
            created: row.time(2)?,
            token_created: row.time(3)?,
            verified: row.opt_time(4)?,
            claimed: row.opt_time(5)?,
            lapsed: row.opt_time(6)?,
            missing: row.opt_time(7)?,
            checked: row.opt_time(8)?,
            problem: row.take_opt_text(9)?,
            settled: row.bool(10)?,
        })
    }
}

/// All domains of an organization, in the order of their names.
pub async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Domain>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM domains WHERE org = ?1 ORDER BY name"
    );
    let rows = q.query(SQL, params![org]).await?;
    rows.into_iter().map(Domain::read).collect()
}

pub async fn by_name(q: &mut impl Query, org: OrgId, name: &str) -> Result<Option<Domain>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM domains WHERE org = ?1 AND name = ?2"
    );
    let row = q.first(SQL, params![org, name]).await?;
    row.map(Domain::read).transpose()
}

/// The same, held until the write ends: nobody else changes it meanwhile.
pub async fn held(tx: &mut Tx<'_>, org: OrgId, name: &str) -> Result<Option<Domain>, Error> {
    let sql = format!(
        "SELECT {} FROM domains WHERE org = ?1 AND name = ?2{}",
        columns!(),
        tx.hold_to_change()
    );
    let row = tx.first(&sql, params![org, name]).await?;
    row.map(Domain::read).transpose()
}

pub async fn count(q: &mut impl Query, org: OrgId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM domains WHERE org = ?1";
    q.first(sql, params![org])
        .await?
        .map_or(Ok(0), |row| row.count(0))
}

/// Of how many the DNS was asked since a time.
pub async fn count_checked(q: &mut impl Query, org: OrgId, since: Timestamp) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM domains WHERE org = ?1 AND checked > ?2";
    q.first(sql, params![org, since])
        .await?
        .map_or(Ok(0), |row| row.count(0))
}

/// `Conflict` when there is one of that name.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, domain: &Domain) -> Result<(), Error> {
    let sql = "INSERT INTO domains (org, name, token, created, token_created, settled) VALUES (?1, ?2, ?3, ?4, ?5, 0)";
    let Domain {
        name,
        token,
        created,
        token_created,
        ..
    } = domain;
    let values = params![org, name, token, *created, *token_created];
    tx.execute(sql, values).await.map(drop)
}

/// Makes a domain what its reader, who [holds](held) it, says.
pub async fn update(tx: &mut Tx<'_>, org: OrgId, domain: &Domain) -> Result<(), Error> {
    tx.execute(
        "UPDATE domains SET token = ?3, token_created = ?4, verified = ?5, claimed = ?6, lapsed = ?7, missing = ?8, \
         checked = ?9, problem = ?10, settled = ?11 WHERE org = ?1 AND name = ?2",
        params![
            org,
            &domain.name,
            &domain.token,
            domain.token_created,
            domain.verified,
            domain.claimed,
            domain.lapsed,
            domain.missing,
            domain.checked,
            domain.problem.as_deref(),
            domain.settled
        ],
    )
    .await
    .map(drop)
}

pub async fn delete(tx: &mut Tx<'_>, org: OrgId, name: &str) -> Result<(), Error> {
    let sql = "DELETE FROM domains WHERE org = ?1 AND name = ?2";
    tx.execute(sql, params![org, name]).await.map(drop)
}

/// Makes a domain the organization's; says whether it is. Whoever takes it at the same time waits until this write ends.
pub async fn take(tx: &mut Tx<'_>, org: OrgId, name: &str) -> Result<bool, Error> {
    let sql =
        "INSERT INTO domain_lookup (name, org, claimed) VALUES (?1, ?2, 0) ON CONFLICT (name) DO NOTHING";
    if tx.execute(sql, params![name, org]).await? == 1 {
        return Ok(true);
    }
    is_verified(tx, org, name).await
}

/// Says that it is claimed, or is not any longer.
pub async fn mark_claimed(tx: &mut Tx<'_>, org: OrgId, name: &str, claimed: bool) -> Result<(), Error> {
    let sql = "UPDATE domain_lookup SET claimed = ?3 WHERE org = ?1 AND name = ?2";
    tx.execute(sql, params![org, name, claimed]).await.map(drop)
}

/// Gives a domain up.
pub async fn leave(tx: &mut Tx<'_>, org: OrgId, name: &str) -> Result<(), Error> {
    let sql = "DELETE FROM domain_lookup WHERE org = ?1 AND name = ?2";
    tx.execute(sql, params![org, name]).await.map(drop)
}

/// Whose the domain is.
pub async fn holder(q: &mut impl Query, name: &str) -> Result<Option<OrgId>, Error> {
    let sql = "SELECT org FROM domain_lookup WHERE name = ?1";
    let row = q.first(sql, params![name]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// Is the domain the organization's?
pub async fn is_verified(q: &mut impl Query, org: OrgId, name: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM domain_lookup WHERE name = ?2 AND org = ?1";
    Ok(q.first(sql, params![org, name]).await?.is_some())
}

/// Has another organization claimed the domain?
pub async fn is_claimed_elsewhere(q: &mut impl Query, org: OrgId, name: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM domain_lookup WHERE name = ?1 AND claimed = 1 AND org <> ?2";
    Ok(q.first(sql, params![name, org]).await?.is_some())
}

/// Ends the write with this error if another organization has claimed the domain. Whoever comes at the very moment of the claim
/// was there before it.
pub async fn require_unclaimed(
    tx: &mut Tx<'_>,
    org: OrgId,
    name: &str,
    refusal: fn() -> Error,
) -> Result<(), Error> {
    let sql =
        "SELECT 1 / (SELECT 1 - COUNT(*) FROM domain_lookup WHERE name = ?1 AND claimed = 1 AND org <> ?2)";
    tx.require(sql, params![name, org].to_vec(), refusal).await
}

/// How many people of an organization sign in by an address of the domain.
pub async fn count_people(q: &mut impl Query, org: OrgId, name: &str) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM user_keys WHERE org = ?1 AND attribute = ?2 AND value = ?3";
    let row = q
        .first(sql, params![org, Attribute::Domain.as_str(), name])
        .await?;
    row.map_or(Ok(0), |row| row.count(0))
}

/// People of an organization who sign in by an address of a domain that another one has claimed, in the order of their ids.
pub async fn people_of_others(
    q: &mut impl Query,
    org: OrgId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<(UserId, String)>, Error> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    let sql = "SELECT k.user_id, k.value FROM user_keys k JOIN domain_lookup l ON l.name = k.value \
               WHERE k.org = ?1 AND k.attribute = ?2 AND l.claimed = 1 AND l.org <> ?1 AND k.user_id > ?3 \
               ORDER BY k.user_id LIMIT ?4";
    let values = params![org, Attribute::Domain.as_str(), after.as_slice(), limit];
    let rows = q.query(sql, values).await?;
    let read = |mut row: Row| Ok((row.id(0)?, row.take_text(1)?));
    rows.into_iter().map(read).collect()
}
