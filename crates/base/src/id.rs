//! Identifiers: UUIDv7, so that rows made one after another lie beside each other in every index.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// What is wrong with a text or byte string that should have been an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a UUID such as 0198c5d4-7b1e-7c3a-9f27-5d1a64c0e9b2")]
pub struct IdError;

/// A UUIDv7 from a time and ten random bytes, twelve bits of which give way to the fraction of the millisecond
/// (RFC 9562 §6.2, method 3): ids made one after another are in order to the microsecond.
fn v7(now: Timestamp, mut random: [u8; 10]) -> Uuid {
    let micros = u64::try_from(now.as_micros()).unwrap_or_default();
    let fraction = (micros % 1_000) * 4_096 / 1_000;
    let [.., high, low] = fraction.to_be_bytes();
    (random[0], random[1]) = (high, low);
    uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from a time and ten random bytes; see [`crate::Ambient::id`].
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(v7(now, random))
            }

            /// The sixteen bytes that databases hold.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the sixteen bytes that databases hold.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                Uuid::from_slice(bytes).map(Self).map_err(|_| IdError)
            }
        }

        impl From<(Timestamp, [u8; 10])> for $name {
            fn from((now, random): (Timestamp, [u8; 10])) -> Self {
                Self::new(now, random)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Reads the hyphenated form only: one id has one spelling (in any case of letters).
            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.len() != 36 {
                    return Err(IdError);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    )+};
}

ids! {
    /// An organization: one directory, one tenant.
    OrgId;
    /// A person.
    UserId;
    /// A group of people (and of groups).
    GroupId;
    /// An application: a target that is kept in step.
    AppId;
    /// A bearer token of our own.
    TokenId;
    /// A client of the authorization server that an organization has registered.
    ClientId;
    /// What somebody has allowed a client.
    GrantId;
    /// Somebody of another organization who administers this one, or has been asked to.
    PartnerId;
    /// Somebody's being signed in at a browser.
    SessionId;
    /// A schema that an organization has added.
    SchemaId;
    /// A kind of licence that an organization has.
    LicenceId;
    /// One application of a licence template to people who were there before.
    LicenceRunId;
    /// One run over an application: initial or incremental.
    CycleId;
    /// A stored plan.
    PlanId;
    /// Durable work for an application beside its cycles, such as a reconciliation.
    JobId;
    /// A process that works on the lanes and jobs of a database: a new one at every start.
    ProcessId;
    /// One line of the provisioning log.
    LogEntryId;
    /// One entry of the event trail.
    EventId;
    /// One mail in the outbox.
    MailId;
    /// A key that signs and decrypts SAML messages.
    SamlKeyId;
    /// How one sign-in or sign-out by SAML went.
    SamlTraceId;
    /// An identity provider that vouches for an organization's people.
    IdentityProviderId;
    /// What holds together everything that one request or cycle caused.
    CorrelationId;
    /// A person or a group, where a table holds either.
    SubjectId;
}

impl From<AppId> for SubjectId {
    fn from(id: AppId) -> Self {
        Self(id.0)
    }
}

impl From<IdentityProviderId> for SubjectId {
    fn from(id: IdentityProviderId) -> Self {
        Self(id.0)
    }
}

impl From<UserId> for SubjectId {
    fn from(id: UserId) -> Self {
        Self(id.0)
    }
}

impl From<GroupId> for SubjectId {
    fn from(id: GroupId) -> Self {
        Self(id.0)
    }
}

impl SubjectId {
    /// The person of this id; whether there is one is the caller's to know.
    pub fn as_user(self) -> UserId {
        UserId(self.0)
    }

    /// The group of this id; whether there is one is the caller's to know.
    pub fn as_group(self) -> GroupId {
        GroupId(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_survive_every_form() {
        let early = UserId::new(Timestamp::from_micros(1_000_000_000), [7; 10]);
        let late = UserId::new(Timestamp::from_micros(2_000_000_000), [0; 10]);
        assert!(early < late);
        let later = UserId::new(Timestamp::from_micros(1_000_000_001), [0; 10]);
        assert!(early < later, "one microsecond is enough");
        assert_eq!(early.to_string().parse::<UserId>(), Ok(early));
        assert_eq!(UserId::from_bytes(early.as_bytes()), Ok(early));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "x",
            "0198c5d47b1e7c3a9f275d1a64c0e9b2",
            "{0198c5d4-7b1e-7c3a-9f27-5d1a64c0e9b2}",
        ] {
            assert_eq!(text.parse::<UserId>(), Err(IdError), "{text}");
        }
        assert_eq!(UserId::from_bytes(&[1, 2, 3]), Err(IdError));
    }
}
