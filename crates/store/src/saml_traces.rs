//! How sign-ins and sign-outs by SAML went, at either end.

use std::net::IpAddr;

use base::{Cause, CorrelationId, OrgId, SamlTraceId, SubjectId, Timestamp, UserId};

use crate::conditions::Conditions;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// A trace as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    pub id: SamlTraceId,
    pub at: Timestamp,
    /// At which end: `identity_provider`, `service_provider`.
    pub role: String,
    /// `sign_in`, `sign_out`, `test`.
    pub action: String,
    /// The application, or the identity provider that vouches, as far as it was known.
    pub peer: Option<SubjectId>,
    pub user: Option<UserId>,
    /// `succeeded`, `failed`, `under_way`.
    pub outcome: String,
    /// JSON.
    pub doc: String,
    pub correlation: CorrelationId,
    pub client_ip: Option<String>,
}

/// Which are asked for; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub role: Option<String>,
    pub peer: Option<SubjectId>,
    pub user: Option<UserId>,
    pub outcome: Option<String>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Only what is older than this one.
    pub after: Option<SamlTraceId>,
}

macro_rules! columns {
    () => {
        "id, at, role, action, peer, user_id, outcome, doc, correlation, client_ip"
    };
}

impl Trace {
    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(0)?,
            at: row.time(1)?,
            role: row.take_text(2)?,
            action: row.take_text(3)?,
            peer: row.opt_id(4)?,
            user: row.opt_id(5)?,
            outcome: row.take_text(6)?,
            doc: row.take_text(7)?,
            correlation: row.id(8)?,
            client_ip: row.take_opt_text(9)?,
        })
    }
}

/// A trace that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTrace {
    pub role: &'static str,
    pub action: &'static str,
    pub peer: Option<SubjectId>,
    pub user: Option<UserId>,
    pub outcome: &'static str,
    /// JSON.
    pub doc: String,
}

/// Its id is made from its time: ids are in the order of time.
pub async fn append(
    tx: &mut Tx<'_>,
    org: OrgId,
    trace: &NewTrace,
    cause: &Cause,
) -> Result<SamlTraceId, Error> {
    let now = tx.ambient().now();
    let id = SamlTraceId::new(now, tx.ambient().random());
    insert(tx, org, (id, now), trace, cause).await?;
    Ok(id)
}

/// Under an id that somebody knows already. One that is there stays as it is.
pub async fn append_as(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: SamlTraceId,
    trace: &NewTrace,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    insert(tx, org, (id, now), trace, cause).await
}

async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    (id, at): (SamlTraceId, Timestamp),
    trace: &NewTrace,
    cause: &Cause,
) -> Result<(), Error> {
    let sql = "INSERT INTO saml_traces (org, id, at, role, action, peer, user_id, outcome, doc, correlation, client_ip) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (org, id) DO NOTHING";
    let client_ip = cause.client_ip.map(|ip| ip.to_string());
    let values = params![
        org,
        id,
        at,
        trace.role,
        trace.action,
        trace.peer,
        trace.user,
        trace.outcome,
        trace.doc.as_str(),
        cause.correlation,
        client_ip.as_deref()
    ];
    tx.execute(sql, values).await.map(drop)
}

/// Forgets one of what was under way, and is not any more.
pub async fn end(tx: &mut Tx<'_>, org: OrgId, id: SamlTraceId) -> Result<(), Error> {
    let sql = "DELETE FROM saml_traces WHERE org = ?1 AND id = ?2 AND outcome = 'under_way'";
    tx.execute(sql, params![org, id]).await.map(drop)
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: SamlTraceId) -> Result<Option<Trace>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM saml_traces WHERE org = ?1 AND id = ?2"
    );
    let row = q.first(SQL, params![org, id]).await?;
    row.map(Trace::read).transpose()
}

/// Of which strangers traces are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strangers {
    All,
    /// Those from one address.
    From(IpAddr),
    /// None: nobody has sent what failed.
    Nobody,
}

/// How many since a time had an outcome before anybody was known; no more than `most` are counted.
pub async fn count_strangers(
    q: &mut impl Query,
    org: OrgId,
    (outcome, since, whose): (&str, Timestamp, Strangers),
    most: u32,
) -> Result<u64, Error> {
    const OF_STRANGERS: &str = "SELECT COUNT(*) FROM (SELECT id FROM saml_traces WHERE org = ?1 AND user_id IS NULL \
                                AND outcome = ?4 AND action <> 'test' AND id >= ?2 AND client_ip";
    const FIRST: &str = "ORDER BY id LIMIT ?3) counted";
    let first = SamlTraceId::new(since, [0; 10]);
    let found = match whose {
        Strangers::All => {
            let sql = format!("{OF_STRANGERS} IS NOT NULL {FIRST}");
            q.first(&sql, params![org, first, most, outcome]).await?
        }
        Strangers::Nobody => {
            let sql = format!("{OF_STRANGERS} IS NULL {FIRST}");
            q.first(&sql, params![org, first, most, outcome]).await?
        }
        Strangers::From(address) => {
            let sql = format!("{OF_STRANGERS} = ?5 {FIRST}");
            let address = address.to_string();
            q.first(&sql, params![org, first, most, outcome, address.as_str()])
                .await?
        }
    };
    found.map_or(Ok(0), |row| row.count(0))
}

/// Those that fit, the newest first.
pub async fn page(q: &mut impl Query, org: OrgId, filter: &Filter, limit: u32) -> Result<Vec<Trace>, Error> {
    // The first id of a moment.
    let at = |time: Timestamp| SamlTraceId::new(time, [0; 10]);
    let narrowed = Conditions::of(org)
        .and("id", ">=", filter.from.map(at))
        .and("id", "<", filter.until.map(at))
        .and("peer", "=", filter.peer)
        .and("user_id", "=", filter.user)
        .and("role", "=", filter.role.as_deref())
        .and("outcome", "=", filter.outcome.as_deref())
        .and("id", "<", filter.after);
    let (conditions, values, limit) = narrowed.limited(limit);
    let sql = format!(
        "SELECT {} FROM saml_traces WHERE {conditions} ORDER BY id DESC LIMIT {limit}",
        columns!()
    );
    let rows = q.query(&sql, &values).await?;
    rows.into_iter().map(Trace::read).collect()
}

/// Forgets those older than a time, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM saml_traces WHERE org = ?1 AND id IN \
               (SELECT id FROM saml_traces WHERE org = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";
    let first = SamlTraceId::new(before, [0; 10]);
    tx.execute(sql, params![org, first, limit]).await
}
