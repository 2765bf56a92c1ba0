//! The ground floor: ids, time, secrets, actors, canonical keys and messages.
//!
//! Nothing in here knows any other room of the house, and nothing reads a clock or a random source
//! on its own: both come in through [`Ambient`].

mod ambient;
pub mod canonical;
mod carry;
mod cause;
mod fingerprint;
mod id;
mod message;
mod seal;
mod secret;
mod timestamp;

pub use ambient::{Ambient, Clock, Entropy, ManualClock, SeededEntropy, SystemClock, SystemEntropy};
pub use carry::{NotOurs, Sealer};
pub use cause::{Actor, ActorKind, Cause};
pub use fingerprint::Fingerprinter;
pub use id::{
    AppId, CorrelationId, CycleId, EventId, GroupId, IdError, LogEntryId, MailId, OrgId, PlanId, SchemaId,
    SubjectId, TokenId, UserId,
};
pub use message::Message;
pub use seal::{Field, KeyId, Keyring, SealError};
pub use secret::Secret;
pub use timestamp::{ParseTimestampError, Timestamp};
