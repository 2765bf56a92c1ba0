//! SQLite's errors in the store's words.

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::error::{Error, StatementError};

pub(super) fn translate(sql: &str, error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(code, message) = &error else {
        return internal(sql, error);
    };
    match code.code {
        ErrorCode::ConstraintViolation => match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID => Error::conflict(last_column(message.as_deref())),
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Error::Reference,
            _ => internal(sql, error),
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy,
        ErrorCode::DiskFull
        | ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::NotADatabase => Error::Unavailable(error.to_string()),
        _ => internal(sql, error),
    }
}

fn internal(sql: &str, source: rusqlite::Error) -> Error {
    let sql = sql.to_owned();
    Error::Internal(Box::new(StatementError { sql, source }))
}

/// `UNIQUE constraint failed: users.org, users.user_name_key` → `user_name_key`.
fn last_column(message: Option<&str>) -> &str {
    message
        .and_then(|message| message.rsplit(['.', ' ']).next())
        .unwrap_or("key")
}

#[cfg(test)]
mod tests {
    use super::last_column;

    #[test]
    fn the_column_of_a_conflict_is_found() {
        let message = "UNIQUE constraint failed: users.org, users.user_name_key";
        assert_eq!(last_column(Some(message)), "user_name_key");
        assert_eq!(last_column(None), "key");
    }
}
