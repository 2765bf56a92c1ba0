//! The SCIM client: one target, its requests, and what its answers mean (RFC 7644 §3).

mod announced;
mod answer;
mod bulk;
mod change;
mod client;
mod dialect;
mod exchange;
mod failure;
mod list;
mod members;
mod meter;
mod probe;
mod quota;
mod retry_after;
mod scan;
mod url;
mod way_settings;
pub(crate) mod ways;

pub(crate) use bulk::{BulkResult, ENVELOPE, Part, Sense};
pub(crate) use change::Change;
pub(crate) use client::Answer;
pub use client::Target;
pub use dialect::webex_base_url;
pub(crate) use dialect::{has_no_groups, token_expiry};
pub use exchange::{Exchange, Found};
pub use failure::{Failure, Kind};
pub(crate) use list::Place;
pub(crate) use members::MemberPlace;
pub(crate) use meter::{Bounds, Meter};
pub(crate) use probe::ask;
pub use probe::{Verdict, probe};
pub(crate) use retry_after::retry_after;
pub use way_settings::{Filters, MissingElement, Switch, Update, WaySettings, WaysChange};
pub(crate) use ways::BulkLimits;
pub use ways::{Origin, WayView, Ways};
