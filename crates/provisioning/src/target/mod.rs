//! The SCIM client: one target, its requests, and what its answers mean (RFC 7644 §3).

mod answer;
mod client;
mod failure;
mod probe;
mod retry_after;
mod url;

pub use client::{Exchange, Found, Target};
pub use failure::{Failure, Kind};
pub use probe::{Verdict, probe};
