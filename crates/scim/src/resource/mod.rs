//! Resources as they come in (RFC 7644 §3.3, §3.5.1) and as they leave.

mod check;
pub(crate) mod coerce;
mod members;
mod meta;
mod read;
mod replace;
pub(crate) mod tree;

pub(crate) use check::{missing_required, refuse_changed_immutable};
pub(crate) use members::member_list;
pub use members::{Member, MemberKind, take_members};
pub use meta::{Meta, etag, set_meta, splice};
pub(crate) use read::key_target;
pub use read::{Mode, read};
pub use replace::replace;
