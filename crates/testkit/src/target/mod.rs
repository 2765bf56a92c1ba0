//! A SCIM 2.0 target that misbehaves on demand.
//!
//! It is an independent, small and strict reading of RFC 7643 and RFC 7644: it shares no code with the `scim`
//! crate, so that the two agreeing proves something. Accounts live in memory.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use testkit::target::{Fault, FakeTarget, Options, Rule};
//!
//! let target = FakeTarget::start(Options::default()).await?;
//! target.inject(Rule::on("POST", "/Users").nth(3).then(Fault::DropAfterCommit));
//! // … point an engine at target.base_url() with target.token() …
//! assert_eq!(target.accounts().len(), 10);
//! assert_eq!(target.counts().creates, 10);
//! # Ok(()) }
//! ```
//!
//! * What a target may do or not do is in [`Options`]; what goes wrong is a [`Rule`] (which request, which
//!   [`Fault`], how often), a seeded [`Chaos`], or [`Paging, Staleness`] of all reads.
//! * What happened is in [`FakeTarget::journal`], [`FakeTarget::counts`] and [`FakeTarget::accounts`].
//! * The same target runs as a process of its own (`fake-target`), steered by `POST /control`: see `control`.
//!
//! SCIM paths are understood below any prefix, so `/scim/v2/Users` and `/identity/scim/ORG/v2/Users` are the same.

mod behaviour;
mod bulk;
mod chaos;
mod control;
mod fault;
mod filter;
mod groups;
mod journal;
mod memory;
mod paging;
mod patch;
mod path;
mod protocol;
mod request;
mod server;
mod state;
mod users;

pub use behaviour::{Options, Or, Paging, Staleness};
pub use bulk::{BulkManners, StatusForm};
pub use chaos::Chaos;
pub use fault::{Fault, Hook, HookCall, LateClose, RetryAfter, Rule};
pub use journal::{Counts, Exchange};
pub use server::FakeTarget;

type Object = serde_json::Map<String, serde_json::Value>;
