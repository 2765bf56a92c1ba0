//! A row as read, away from its connection.

use base::{Actor, Timestamp};

use crate::Error;
use crate::value::{StoredId, Value};

/// One row: the columns in the order of the SELECT list, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Self {
        Self(columns)
    }

    pub fn value(&self, column: usize) -> Result<&Value, Error> {
        self.0
            .get(column)
            .ok_or_else(|| Error::internal(format!("the row has no column {column}")))
    }

    pub fn int(&self, column: usize) -> Result<i64, Error> {
        self.opt_int(column)?
            .ok_or_else(|| unexpected(column, &Value::Null))
    }

    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            other => Err(unexpected(column, other)),
        }
    }

    /// A number that is never negative, such as a count.
    pub fn count(&self, column: usize) -> Result<u64, Error> {
        u64::try_from(self.int(column)?).map_err(|error| Error::Internal(error.into()))
    }

    pub fn bool(&self, column: usize) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    pub fn text(&self, column: usize) -> Result<&str, Error> {
        self.opt_text(column)?
            .ok_or_else(|| unexpected(column, &Value::Null))
    }

    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(unexpected(column, other)),
        }
    }

    /// Moves a text out; the column is NULL afterwards.
    pub fn take_text(&mut self, column: usize) -> Result<String, Error> {
        self.take_opt_text(column)?
            .ok_or_else(|| unexpected(column, &Value::Null))
    }

    /// Moves a text out that may be NULL.
    pub fn take_opt_text(&mut self, column: usize) -> Result<Option<String>, Error> {
        match self.take(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(unexpected(column, &other)),
        }
    }

    pub fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        self.opt_bytes(column)?
            .ok_or_else(|| unexpected(column, &Value::Null))
    }

    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            other => Err(unexpected(column, other)),
        }
    }

    pub fn id<I: StoredId>(&self, column: usize) -> Result<I, Error> {
        I::from_stored(self.bytes(column)?).map_err(|error| Error::Internal(error.into()))
    }

    pub fn opt_id<I: StoredId>(&self, column: usize) -> Result<Option<I>, Error> {
        self.opt_bytes(column)?
            .map(|bytes| I::from_stored(bytes).map_err(|error| Error::Internal(error.into())))
            .transpose()
    }

    pub fn time(&self, column: usize) -> Result<Timestamp, Error> {
        Ok(Timestamp::from_micros(self.int(column)?))
    }

    pub fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, Error> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }

    /// A column that holds an [`Actor`] as JSON.
    pub fn actor(&self, column: usize) -> Result<Actor, Error> {
        serde_json::from_str(self.text(column)?).map_err(|error| Error::Internal(error.into()))
    }

    /// Moves a value out; the column is NULL afterwards.
    pub fn take(&mut self, column: usize) -> Result<Value, Error> {
        self.value(column)?;
        Ok(std::mem::take(&mut self.0[column]))
    }
}

fn unexpected(column: usize, value: &Value) -> Error {
    Error::internal(format!(
        "column {column} holds {}, which was not expected",
        value.kind()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_type_is_an_error_and_no_panic() {
        let mut row = Row::new(vec![Value::Int(1), Value::Null, "x".into()]);
        assert_eq!(row.int(0).expect("a number"), 1);
        assert!(row.text(0).is_err() && row.int(1).is_err() && row.int(9).is_err() && row.bytes(2).is_err());
        assert_eq!(row.opt_text(1).expect("NULL"), None);
        assert_eq!(row.take_text(2).expect("a text"), "x");
    }
}
