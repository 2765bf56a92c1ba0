//! PostgreSQL's errors in the store's words.

use std::error::Error as _;
use std::io;

use deadpool_postgres::PoolError;
use tokio_postgres::error::{DbError, SqlState};

use crate::error::{Error, StatementError};

pub(super) fn translate(sql: &str, error: tokio_postgres::Error) -> Error {
    if let Some(told) = error.as_db_error() {
        return by_code(sql, told).unwrap_or_else(|| internal(sql, error));
    }
    let broken = error
        .source()
        .is_some_and(<dyn std::error::Error>::is::<io::Error>);
    if error.is_closed() || broken {
        return connecting(error);
    }
    internal(sql, error)
}

fn by_code(sql: &str, told: &DbError) -> Option<Error> {
    let code = told.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        return Some(Error::conflict(last_column(told.detail())));
    }
    if *code == SqlState::FOREIGN_KEY_VIOLATION {
        return Some(Error::Reference);
    }
    if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
    {
        tracing::debug!(sql, code = code.code(), "others were in the way");
        return Some(Error::Busy);
    }
    // Connection exceptions, the server going down or coming up, too few resources, a standby that cannot write.
    let down = ["08", "57P", "53", "25006"];
    down.iter()
        .any(|class| code.code().starts_with(class))
        .then(|| Error::Unavailable(told.to_string()))
}

pub(super) fn connecting(error: tokio_postgres::Error) -> Error {
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    Error::Unavailable(format!("{error}{cause}"))
}

/// No connection was to be had.
pub(super) fn refused(error: PoolError) -> Error {
    match error {
        PoolError::Backend(error) => connecting(error),
        other => Error::Unavailable(other.to_string()),
    }
}

fn internal(sql: &str, source: tokio_postgres::Error) -> Error {
    let sql = sql.to_owned();
    Error::Internal(Box::new(StatementError { sql, source }))
}

/// `Key (org, user_name_key)=(…) already exists.` → `user_name_key`.
fn last_column(detail: Option<&str>) -> &str {
    let columns = detail
        .and_then(|detail| detail.split_once('('))
        .and_then(|(_, rest)| rest.split_once(")="))
        .map_or("key", |(columns, _)| columns);
    columns.rsplit(", ").next().unwrap_or("key")
}

#[cfg(test)]
mod tests {
    use super::last_column;

    #[test]
    fn the_column_of_a_conflict_is_found() {
        let detail = r"Key (org, user_name_key)=(\x01, anna (b)=(c) already exists.";
        assert_eq!(last_column(Some(detail)), "user_name_key");
        assert_eq!(last_column(None), "key");
    }
}
