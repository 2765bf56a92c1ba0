//! Index tables of canonical values, and how resources are looked up by them.
//!
//! A look-up gives a superset that an index can fetch; the filter itself is evaluated by `scim` on what comes back.

use std::collections::BTreeMap;

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::params;
use crate::sql::prefix_end;
use crate::tx::{Query, Tx};
use crate::value::Value;

/// The attributes that have an index of canonical values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    ExternalId,
    Email,
    DisplayName,
    /// Those of the organization's own schemas of which the resource has values: their URNs.
    Schema,
}

impl Attribute {
    /// The word that the database holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "externalId",
            Self::Email => "email",
            Self::DisplayName => "displayName",
            Self::Schema => "schema",
        }
    }
}

/// One canonical value of one attribute. Of a resource's keys, equal ones count once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub attribute: Attribute,
    /// Canonical already: see `base::canonical`; an externalId as it is.
    pub value: String,
}

impl Key {
    pub fn new(attribute: Attribute, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { attribute, value }
    }
}

/// How a value is compared with canonical ones. The text is canonical too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    Equal(String),
    Prefix(String),
}

/// What an index can narrow to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    All,
    /// Users only: of a group there is none.
    UserName(Match),
    Key(Attribute, Match),
    /// Last modified at `from` or later and before `until`.
    Modified {
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    },
}

/// Where a page of a list begins; lists are in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<I> {
    /// Behind this id.
    After(I),
    /// After so many rows, from 0.
    Offset(u64),
}

impl<I> Start<I> {
    pub const FIRST: Self = Self::Offset(0);
}

/// The names of a kind of resource in SQL.
pub(crate) struct Table {
    pub(crate) rows: &'static str,
    pub(crate) keys: &'static str,
    /// The column of `keys` that holds the resource's id.
    pub(crate) id: &'static str,
    pub(crate) columns: &'static str,
}

/// Keeps a range on one index from being mixed with the order of another: the planner would rather walk all ids.
const FENCE: &str = "LIMIT 9223372036854775807";

/// A SELECT of ids, `FROM` on, with its parameters; `?1` is the organization.
struct Narrow {
    sql: String,
    params: Vec<Value>,
}

impl Table {
    /// SQL for a page of rows with its parameters.
    pub(crate) fn page<I: Into<Value>>(
        &self,
        org: OrgId,
        lookup: &Lookup,
        start: Start<I>,
        limit: u32,
    ) -> (String, Vec<Value>) {
        let Narrow { sql, mut params } = self.narrow(org, lookup);
        let (first, second) = (params.len() + 1, params.len() + 2);
        let (behind, offset) = match start {
            Start::After(id) => {
                params.push(id.into());
                (format!("WHERE hit.id > ?{first}"), String::new())
            }
            Start::Offset(rows) => {
                params.push(rows.into());
                (String::new(), format!(" OFFSET ?{first}"))
            }
        };
        params.push(limit.into());
        let (rows, columns) = (self.rows, self.columns);
        // The ids come first and alone: rows that are skipped are never read, and one order of ids serves both ways.
        let sql = format!(
            "SELECT {columns} FROM (SELECT hit.id FROM ({sql}) hit {behind} ORDER BY hit.id LIMIT ?{second}{offset}) page \
             JOIN {rows} r ON r.org = ?1 AND r.id = page.id ORDER BY page.id"
        );
        (sql, params)
    }

    /// SQL that counts what a look-up finds.
    pub(crate) fn count(&self, org: OrgId, lookup: &Lookup) -> (String, Vec<Value>) {
        let Narrow { sql, params } = self.narrow(org, lookup);
        (format!("SELECT COUNT(*) FROM ({sql}) hit"), params)
    }

    fn narrow(&self, org: OrgId, lookup: &Lookup) -> Narrow {
        let rows = self.rows;
        match lookup {
            Lookup::All => Narrow {
                sql: format!("SELECT id FROM {rows} WHERE org = ?1"),
                params: vec![org.into()],
            },
            Lookup::UserName(how) => {
                let (condition, values) = compare("user_name_key", how, 2);
                Narrow {
                    sql: format!(
                        "SELECT id FROM {rows} WHERE org = ?1 AND {condition} ORDER BY user_name_key {FENCE}"
                    ),
                    params: std::iter::once(org.into()).chain(values).collect(),
                }
            }
            Lookup::Key(attribute, how) => {
                let (condition, values) = compare("value", how, 3);
                let (keys, id) = (self.keys, self.id);
                let head: [Value; 2] = [org.into(), attribute.as_str().into()];
                // A resource may have several values with one prefix, but never one value twice.
                let (distinct, fence) = match how {
                    Match::Equal(_) => ("", ""),
                    Match::Prefix(_) => ("DISTINCT ", FENCE),
                };
                Narrow {
                    sql: format!(
                        "SELECT {distinct}{id} AS id FROM {keys} WHERE org = ?1 AND attribute = ?2 AND {condition} {fence}"
                    ),
                    params: head.into_iter().chain(values).collect(),
                }
            }
            Lookup::Modified { from, until } => Narrow {
                sql: format!(
                    "SELECT id FROM {rows} WHERE org = ?1 AND modified >= ?2 AND modified < ?3 \
                     ORDER BY modified, id {FENCE}"
                ),
                params: vec![
                    org.into(),
                    from.map_or(i64::MIN, Timestamp::as_micros).into(),
                    until.map_or(i64::MAX, Timestamp::as_micros).into(),
                ],
            },
        }
    }

    /// Brings a resource's index rows to what they should be, touching only what differs.
    pub(crate) async fn write_keys(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        id: &Value,
        wanted: &[Key],
    ) -> Result<(), Error> {
        let (keys, id_column) = (self.keys, self.id);
        let read = format!("SELECT attribute, value FROM {keys} WHERE org = ?1 AND {id_column} = ?2");
        let rows = tx.query(&read, &[org.into(), id.clone()]).await?;
        let mut missing: BTreeMap<(&str, &str), &Key> = wanted
            .iter()
            .map(|key| ((key.attribute.as_str(), key.value.as_str()), key))
            .collect();
        let mut stale = Vec::new();
        for row in &rows {
            let (attribute, value) = (row.text(0)?, row.text(1)?);
            if missing.remove(&(attribute, value)).is_none() {
                stale.push(vec![org.into(), attribute.into(), value.into(), id.clone()]);
            }
        }
        if !stale.is_empty() {
            let delete = format!(
                "DELETE FROM {keys} WHERE org = ?1 AND attribute = ?2 AND value = ?3 AND {id_column} = ?4"
            );
            tx.execute_many(&delete, &stale).await?;
        }
        let missing: Vec<&Key> = missing.into_values().collect();
        self.insert_keys(tx, org, id, &missing).await
    }

    /// Index rows of a resource that has none yet.
    pub(crate) async fn insert_keys(
        &self,
        tx: &mut Tx<'_>,
        org: OrgId,
        id: &Value,
        wanted: &[&Key],
    ) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        let (keys, id_column) = (self.keys, self.id);
        let insert = format!(
            "INSERT INTO {keys} (org, attribute, value, {id_column}) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"
        );
        let rows: Vec<Vec<Value>> = wanted
            .iter()
            .map(|key| {
                vec![
                    org.into(),
                    key.attribute.as_str().into(),
                    (&key.value).into(),
                    id.clone(),
                ]
            })
            .collect();
        tx.execute_many(&insert, &rows).await.map(drop)
    }

    pub(crate) async fn delete_keys(&self, tx: &mut Tx<'_>, org: OrgId, id: &Value) -> Result<(), Error> {
        let (keys, id_column) = (self.keys, self.id);
        let delete = format!("DELETE FROM {keys} WHERE org = ?1 AND {id_column} = ?2");
        tx.execute(&delete, &[org.into(), id.clone()]).await.map(drop)
    }

    /// Why a change with an expected version found no row.
    pub(crate) async fn why_not(&self, tx: &mut Tx<'_>, org: OrgId, id: &Value) -> Error {
        let read = format!("SELECT version FROM {} WHERE org = ?1 AND id = ?2", self.rows);
        let found = tx.first(&read, &[org.into(), id.clone()]).await;
        let current = found.and_then(|row| row.map(|row| row.int(0)).transpose());
        match current {
            Ok(Some(current)) => Error::VersionMismatch { current },
            Ok(None) => Error::NotFound,
            Err(error) => error,
        }
    }
}

/// A condition on a column, ranges instead of LIKE; its parameters are numbered from `first`.
fn compare(column: &str, how: &Match, first: usize) -> (String, Vec<Value>) {
    match how {
        Match::Equal(value) => (format!("{column} = ?{first}"), params![value].to_vec()),
        Match::Prefix(prefix) => match prefix_end(prefix) {
            Some(end) => (
                format!("{column} >= ?{first} AND {column} < ?{}", first + 1),
                params![prefix, end].to_vec(),
            ),
            None => (format!("{column} >= ?{first}"), params![prefix].to_vec()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::UserId;

    const USERS: Table = Table {
        rows: "users",
        keys: "user_keys",
        id: "user_id",
        columns: "r.doc",
    };

    fn id<I: From<(Timestamp, [u8; 10])>>() -> I {
        I::from((Timestamp::default(), [1; 10]))
    }

    fn lookups() -> Vec<Lookup> {
        let equal = || Match::Equal("a".to_owned());
        let prefix = || Match::Prefix("a".to_owned());
        vec![
            Lookup::All,
            Lookup::UserName(equal()),
            Lookup::UserName(prefix()),
            Lookup::Key(Attribute::Email, equal()),
            Lookup::Key(Attribute::Email, prefix()),
            Lookup::Modified {
                from: None,
                until: None,
            },
        ]
    }

    /// The index that a look-up narrows by, as SQLite's plan shows it.
    fn expected(lookup: &Lookup) -> &'static str {
        match lookup {
            Lookup::All => "users USING COVERING INDEX sqlite_autoindex_users_1 (org=?",
            Lookup::UserName(Match::Equal(_)) => "sqlite_autoindex_users_2 (org=? AND user_name_key=?)",
            Lookup::UserName(Match::Prefix(_)) => {
                "sqlite_autoindex_users_2 (org=? AND user_name_key>? AND user_name_key<?)"
            }
            Lookup::Key(_, Match::Equal(_)) => {
                "user_keys USING PRIMARY KEY (org=? AND attribute=? AND value=?"
            }
            Lookup::Key(_, Match::Prefix(_)) => {
                "user_keys USING PRIMARY KEY (org=? AND attribute=? AND value>? AND value<?)"
            }
            Lookup::Modified { .. } => "users_modified (org=? AND modified>? AND modified<?)",
        }
    }

    #[test]
    fn every_lookup_goes_by_its_index() {
        let mut connection = rusqlite::Connection::open_in_memory().expect("opens");
        crate::migrations::sqlite(&mut connection).expect("tables");
        for lookup in lookups() {
            for start in [Start::FIRST, Start::After(id::<UserId>())] {
                let (sql, params) = USERS.page(id(), &lookup, start, 10);
                let plan = plan(&connection, &sql, &params);
                assert!(plan.contains(expected(&lookup)), "{lookup:?} {start:?}: {plan}");
                assert!(
                    plan.contains("SEARCH r USING INDEX"),
                    "{lookup:?} {start:?}: {plan}"
                );
                assert!(
                    !plan.contains("SCAN users") && !plan.contains("SCAN user_keys"),
                    "{plan}"
                );
            }
            let (sql, params) = USERS.count(id(), &lookup);
            let plan = plan(&connection, &sql, &params);
            assert!(
                !plan.contains("SCAN users") && !plan.contains("SCAN user_keys"),
                "{plan}"
            );
        }
    }

    fn plan(connection: &rusqlite::Connection, sql: &str, params: &[Value]) -> String {
        let rows = crate::sqlite::query(connection, &format!("EXPLAIN QUERY PLAN {sql}"), params);
        let rows = rows.expect("a plan");
        let lines = rows.iter().map(|row| row.text(3).expect("a line").to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}
