//! Parameters and columns: the four kinds of value that both databases hold alike.

use base::{
    AppId, ClientId, CorrelationId, CycleId, EventId, GrantId, GroupId, IdError, IdentityProviderId, JobId,
    LicenceId, LicenceRunId, LogEntryId, MailId, OrgId, PartnerId, PlanId, ProcessId, SamlKeyId, SamlTraceId,
    SchemaId, SessionId, SubjectId, Timestamp, TokenId, UserId,
};

/// A parameter of a statement or a column of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Value {
    #[default]
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// An id that databases hold as sixteen bytes.
pub trait StoredId: Sized {
    fn from_stored(bytes: &[u8]) -> Result<Self, IdError>;
    fn stored(&self) -> [u8; 16];
}

macro_rules! stored_ids {
    ($($name:ident)+) => {$(
        impl StoredId for $name {
            fn from_stored(bytes: &[u8]) -> Result<Self, IdError> {
                Self::from_bytes(bytes)
            }

            fn stored(&self) -> [u8; 16] {
                *self.as_bytes()
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Bytes(id.as_bytes().to_vec())
            }
        }
    )+};
}

stored_ids! { OrgId UserId GroupId AppId TokenId SchemaId CycleId PlanId ProcessId JobId LogEntryId EventId MailId CorrelationId SessionId ClientId GrantId PartnerId SubjectId LicenceId LicenceRunId SamlKeyId SamlTraceId IdentityProviderId }

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

/// Counts and sizes; what exceeds 63 bits is held as the largest number.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Int(time.as_micros())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `params![org, id, "text"]`: a slice of values from anything that converts.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

impl Value {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Int(_) => "a number",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
        }
    }
}
