//! Values on their way to PostgreSQL and rows on their way back.

use bytes::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::{BoxError, Error};
use crate::row::Row;
use crate::value::Value;

pub(super) fn convert(rows: Vec<tokio_postgres::Row>) -> Result<Vec<Row>, Error> {
    rows.iter()
        .map(|row| {
            let columns: Result<Vec<Value>, _> = (0..row.len()).map(|column| row.try_get(column)).collect();
            columns
                .map(Row::new)
                .map_err(|error| Error::Internal(error.into()))
        })
        .collect()
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, BoxError> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(ty, raw).map(|number| Self::Int(number.into())),
            Type::BOOL => bool::from_sql(ty, raw).map(Self::from),
            Type::BYTEA => Ok(Self::Bytes(raw.to_vec())),
            Type::VOID => Ok(Self::Null),
            _ => String::from_sql(ty, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxError> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::VOID
        ) || <String as FromSql>::accepts(ty)
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) if <i64 as ToSql>::accepts(ty) => number.to_sql(ty, out),
            Self::Text(text) if <&str as ToSql>::accepts(ty) => text.as_str().to_sql(ty, out),
            Self::Bytes(bytes) if <&[u8] as ToSql>::accepts(ty) => bytes.as_slice().to_sql(ty, out),
            other => Err(format!("a parameter of type {ty} cannot take {}", other.kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
