//! When tables have grown so much that PostgreSQL should look at them anew. It does so by itself once a minute; in that time
//! an import makes thousands of rows where there were none, and as long as it takes them for few, it reads them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deadpool_postgres::Pool;

use crate::error::Error;

/// Rows that a table gets before it is looked at first; after that as many as it had then.
const FIRST: u64 = 100;

/// How many rows each table has got from this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Growth(Arc<Mutex<HashMap<String, Table>>>);

#[derive(Debug)]
struct Table {
    inserted: u64,
    /// `None` while it is being looked at.
    next: Option<u64>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            inserted: 0,
            next: Some(FIRST),
        }
    }
}

/// The table that a statement puts rows into.
pub(super) fn grows(sql: &str) -> Option<&str> {
    let behind = sql.strip_prefix("INSERT INTO ")?;
    let end = behind.find([' ', '('])?;
    let name = &behind[..end];
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    name.bytes().all(is_plain).then_some(name)
}

impl Growth {
    /// So many rows were committed; has those tables looked at whose time it is.
    pub(super) fn committed(&self, inserted: &[(String, u64)], pool: &Pool) {
        for (table, rows) in inserted {
            if self.is_due(table, *rows) {
                tokio::spawn(look(self.clone(), table.clone(), pool.clone()));
            }
        }
    }

    fn is_due(&self, table: &str, rows: u64) -> bool {
        let mut tables = self.tables();
        if !tables.contains_key(table) {
            tables.insert(table.to_owned(), Table::default());
        }
        let Some(table) = tables.get_mut(table) else {
            return false;
        };
        table.inserted += rows;
        let due = table.next.is_some_and(|next| table.inserted >= next);
        if due {
            table.next = None;
        }
        due
    }

    /// It was looked at, and has so many rows.
    fn looked(&self, table: &str, rows: u64) {
        if let Some(table) = self.tables().get_mut(table) {
            table.next = Some(table.inserted + rows.max(FIRST));
        }
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<String, Table>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn look(growth: Growth, table: String, pool: Pool) {
    let rows = analyze(&table, &pool).await.unwrap_or_else(|error| {
        tracing::warn!(%error, table, "the database's statistics are old");
        0
    });
    growth.looked(&table, rows);
}

async fn analyze(table: &str, pool: &Pool) -> Result<u64, Error> {
    let client = pool.get().await.map_err(super::errors::refused)?;
    let sql = "SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE oid = to_regclass($1)";
    let asked = async {
        client.batch_execute(&format!("ANALYZE {table}")).await?;
        client.query_one(sql, &[&table]).await?.try_get::<_, i64>(0)
    };
    let rows = asked
        .await
        .map_err(|error| super::errors::translate("ANALYZE", error))?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_told_from_statements() {
        for (sql, table) in [
            ("INSERT INTO users (org) VALUES (?1)", Some("users")),
            ("INSERT INTO user_keys(org) VALUES (?1)", Some("user_keys")),
            ("INSERT INTO lanes SELECT 1", Some("lanes")),
            ("UPDATE users SET org = ?1", None),
            ("INSERT INTO \"users\" VALUES (1)", None),
            ("INSERT INTO users", None),
        ] {
            assert_eq!(grows(sql), table, "{sql}");
        }
    }

    #[test]
    fn a_table_is_due_whenever_it_has_doubled() {
        let growth = Growth::default();
        assert!(!growth.is_due("users", 99));
        assert!(!growth.is_due("groups", 99));
        assert!(growth.is_due("users", 1));
        assert!(!growth.is_due("users", 1_000), "it is being looked at");
        growth.looked("users", 1_100);
        assert!(!growth.is_due("users", 1_099));
        assert!(growth.is_due("users", 1));
        // Nothing is known: it is tried again after some more.
        growth.looked("users", 0);
        assert!(!growth.is_due("users", 99));
        assert!(growth.is_due("users", 1));
    }
}
