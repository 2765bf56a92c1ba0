//! How resources are looked up: an index fetches a superset of what a filter finds; the filter itself is evaluated by
//! `scim` on what comes back.

use base::{OrgId, Timestamp};

use crate::error::Error;
use crate::keys::{Attribute, Table};
use crate::params;
use crate::portion::sized;
use crate::row::Row;
use crate::sql::{placeholders, prefix_end};
use crate::tx::Query;
use crate::value::Value;

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
    /// Users only, from here on: the disabled,
    Inactive,
    /// those who were invited to their present address,
    Invited,
    /// those whose present address was shown to be theirs.
    Verified,
}

impl Lookup {
    /// Is there no group that it finds?
    pub(crate) fn is_of_people(&self) -> bool {
        matches!(
            self,
            Self::UserName(_) | Self::Inactive | Self::Invited | Self::Verified
        )
    }
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

/// Keeps a range on one index from being mixed with the order of another: the planner would rather walk all ids.
const FENCE: &str = "LIMIT 9223372036854775807";

/// A SELECT of ids, `FROM` on, with its parameters; `?1` is the organization.
struct Narrow {
    sql: String,
    params: Vec<Value>,
}

/// A statement that is put together.
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
    pub(crate) size: Size,
}

/// How much a statement reads at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// A point or a page: it runs where it is asked for.
    Page,
    /// More.
    Scan,
}

/// Rows of a page at most that is read where it is asked for.
const PAGE: u32 = 256;

impl Size {
    pub(crate) fn of(limit: u32) -> Self {
        if limit <= PAGE { Self::Page } else { Self::Scan }
    }
}

impl Statement {
    pub(crate) async fn rows(&self, q: &mut impl Query) -> Result<Vec<Row>, Error> {
        match self.size {
            Size::Page => q.query(&self.sql, &self.params).await,
            Size::Scan => q.scan(&self.sql, &self.params).await,
        }
    }
}

impl Table {
    /// A page of rows, in no order; they are the first ones in the order of ids.
    pub(crate) fn page<I: Into<Value>>(
        &self,
        org: OrgId,
        lookup: &Lookup,
        start: Start<I>,
        limit: u32,
    ) -> Statement {
        self.page_of(org, lookup, start, limit, None)
    }

    /// The same; with the size of a document that is still small, in the columns of [`sized`].
    pub(crate) fn page_of<I: Into<Value>>(
        &self,
        org: OrgId,
        lookup: &Lookup,
        start: Start<I>,
        limit: u32,
        inline: Option<u64>,
    ) -> Statement {
        let size = match (lookup, &start) {
            // As many as share a name or an address.
            (Lookup::UserName(Match::Equal(_)) | Lookup::Key(_, Match::Equal(_)), _) => Size::Page,
            (Lookup::All, Start::After(_) | Start::Offset(0)) => Size::of(limit),
            _ => Size::Scan,
        };
        let Narrow { sql, mut params } = self.narrow(org, lookup);
        let (first, second) = (params.len() + 1, params.len() + 2);
        let (behind, offset) = match start {
            Start::After(id) => {
                params.push(id.into());
                (Some(format!("id > ?{first}")), String::new())
            }
            Start::Offset(rows) => {
                params.push(rows.into());
                (None, format!(" OFFSET ?{first}"))
            }
        };
        params.push(limit.into());
        let (rows, columns) = match inline {
            None => (self.rows, self.columns.to_owned()),
            Some(inline) => {
                params.push(inline.into());
                (self.rows, sized(self, params.len()))
            }
        };
        let sql = if let Lookup::UserName(Match::Equal(_)) = lookup {
            // One at most; the index of names leads to the row itself.
            let behind = behind.map(|behind| format!("AND r.{behind}")).unwrap_or_default();
            format!(
                "SELECT {columns} FROM {rows} r WHERE r.org = ?1 AND r.user_name_key = ?2 {behind} \
                 LIMIT ?{second}{offset}"
            )
        } else {
            // The ids come first and alone: rows that are skipped are never read.
            let behind = behind
                .map(|behind| format!("WHERE hit.{behind}"))
                .unwrap_or_default();
            format!(
                "SELECT {columns} FROM (SELECT hit.id FROM ({sql}) hit {behind} ORDER BY hit.id \
                 LIMIT ?{second}{offset}) page JOIN {rows} r ON r.org = ?1 AND r.id = page.id"
            )
        };
        Statement { sql, params, size }
    }

    /// The ids of what a look-up finds, in their order.
    pub(crate) fn ids(&self, org: OrgId, lookup: &Lookup, limit: u32) -> Statement {
        let Narrow { sql, mut params } = self.narrow(org, lookup);
        params.push(limit.into());
        Statement {
            sql: format!(
                "SELECT hit.id FROM ({sql}) hit ORDER BY hit.id LIMIT ?{}",
                params.len()
            ),
            size: match lookup {
                Lookup::UserName(Match::Equal(_)) | Lookup::Key(_, Match::Equal(_)) => Size::Page,
                _ => Size::Scan,
            },
            params,
        }
    }

    /// Counts what a look-up finds.
    pub(crate) fn count(&self, org: OrgId, lookup: &Lookup) -> Statement {
        let Narrow { sql, params } = self.narrow(org, lookup);
        Statement {
            sql: format!("SELECT COUNT(*) FROM ({sql}) hit"),
            params,
            size: Size::Scan,
        }
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
                let fence = match how {
                    Match::Equal(_) => "",
                    Match::Prefix(_) => FENCE,
                };
                Narrow {
                    sql: format!("SELECT id FROM {rows} WHERE org = ?1 AND {condition} {fence}"),
                    params: std::iter::once(org.into()).chain(values).collect(),
                }
            }
            Lookup::Key(attribute, how) => {
                let (keys, id) = (self.keys, self.id);
                let mut params = vec![org.into()];
                let searched = attribute.searched();
                let attribute = one_of("attribute", searched, &mut params);
                let (condition, values) = compare("value", how, params.len() + 1);
                params.extend(values);
                let found =
                    format!("SELECT {id} AS id FROM {keys} WHERE org = ?1 AND {attribute} AND {condition}");
                // A resource may have several values with one prefix, but never one value twice.
                let sql = match how {
                    Match::Equal(_) if searched.len() == 1 => found,
                    Match::Equal(_) => format!("{found} ORDER BY attribute, value {FENCE}"),
                    Match::Prefix(_) => format!(
                        "SELECT DISTINCT id FROM ({found} ORDER BY attribute, value {FENCE}) several {FENCE}"
                    ),
                };
                Narrow { sql, params }
            }
            Lookup::Inactive => Narrow {
                sql: format!("SELECT id FROM {rows} WHERE org = ?1 AND active = 0"),
                params: vec![org.into()],
            },
            Lookup::Invited => facts(org, "invited"),
            Lookup::Verified => facts(org, "verified"),
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
}

/// The people of whom a fact is known.
fn facts(org: OrgId, known: &str) -> Narrow {
    Narrow {
        sql: format!("SELECT user_id AS id FROM person_facts WHERE org = ?1 AND {known} IS NOT NULL"),
        params: vec![org.into()],
    }
}

/// A condition on a column that is one of some texts, which join the parameters.
fn one_of(column: &str, texts: &[Attribute], params: &mut Vec<Value>) -> String {
    let first = params.len() + 1;
    params.extend(texts.iter().map(|attribute| attribute.as_str().into()));
    match texts {
        [_] => format!("{column} = ?{first}"),
        several => format!("{column} IN ({})", placeholders(first, several.len())),
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
            Lookup::Key(Attribute::ExternalId, equal()),
            Lookup::Key(Attribute::Email, equal()),
            Lookup::Key(Attribute::Email, prefix()),
            Lookup::Modified {
                from: None,
                until: None,
            },
            Lookup::Inactive,
            Lookup::Invited,
            Lookup::Verified,
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
            Lookup::Inactive => "users USING COVERING INDEX users_inactive (org=?",
            Lookup::Invited | Lookup::Verified => {
                "person_facts USING INDEX sqlite_autoindex_person_facts_1 (org=?"
            }
        }
    }

    #[test]
    fn every_lookup_goes_by_its_index() {
        let mut connection = rusqlite::Connection::open_in_memory().expect("opens");
        crate::migrations::sqlite(&mut connection).expect("tables");
        for lookup in lookups() {
            for start in [Start::FIRST, Start::After(id::<UserId>())] {
                let plan = plan(&connection, &USERS.page(id(), &lookup, start, 10));
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
            for statement in [USERS.count(id(), &lookup), USERS.ids(id(), &lookup, 10)] {
                let plan = plan(&connection, &statement);
                assert!(
                    !plan.contains("SCAN users") && !plan.contains("SCAN user_keys"),
                    "{plan}"
                );
            }
        }
    }

    fn plan(connection: &rusqlite::Connection, statement: &Statement) -> String {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let rows = crate::sqlite::query(connection, &sql, &statement.params);
        let rows = rows.expect("a plan");
        let lines = rows.iter().map(|row| row.text(3).expect("a line").to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}
