//! The ground floor: ids, time, secrets, actors, canonical keys and messages.
//!
//! Nothing in here knows any other room of the house, and nothing reads a clock or a random source
//! on its own: both come in through [`Ambient`].

mod ambient;
pub mod canonical;
#[cfg(feature = "cryptography")]
mod carry;
mod cause;
pub mod expiry;
#[cfg(feature = "cryptography")]
mod fingerprint;
mod id;
#[cfg(feature = "cryptography")]
mod link;
mod message;
#[cfg(feature = "cryptography")]
mod seal;
mod secret;
mod timestamp;

#[cfg(feature = "cryptography")]
pub use ambient::SystemEntropy;
pub use ambient::{Ambient, Clock, Entropy, ManualClock, SeededEntropy, SystemClock};
#[cfg(feature = "cryptography")]
pub use carry::{NotOurs, Sealer};
pub use cause::{Actor, ActorKind, Cause, Origin};
#[cfg(feature = "cryptography")]
pub use fingerprint::Fingerprinter;
pub use id::{
    AppId, ClientId, CorrelationId, CycleId, EventId, GrantId, GroupId, IdError, IdentityProviderId, JobId,
    LicenceId, LicenceRunId, LogEntryId, MailId, OrgId, PartnerId, PlanId, ProcessId, SamlKeyId, SamlTraceId,
    SchemaId, SessionId, SubjectId, TokenId, UserId,
};
#[cfg(feature = "cryptography")]
pub use link::{NewLink, read_link};
pub use message::Message;
#[cfg(feature = "cryptography")]
pub use seal::{Field, KeyId, Keyring, SealError};
pub use secret::Secret;
pub use timestamp::{ParseTimestampError, Timestamp};
