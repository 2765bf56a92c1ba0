//! Resources as they come in (RFC 7644 §3.3, §3.5.1) and as they leave.

mod check;
pub(crate) mod coerce;
pub(crate) mod immutable;
mod members;
mod meta;
mod read;
mod replace;
mod same;
pub(crate) mod tree;
mod unique;

pub(crate) use check::{missing, refuse_newly_missing};
pub use members::{Member, MemberKind, refuse_members, take_members};
pub(crate) use members::{member_list, take as take_what_names_members};
pub use meta::{Meta, etag, set_meta, splice};
pub(crate) use read::key_target;
pub use read::{Mode, read};
pub use replace::replace;
pub(crate) use same::same;
pub use unique::{UniqueValue, unique_names, unique_values};
