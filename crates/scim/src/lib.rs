//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865), pure: no network, no database, no clock.
//!
//! Entry points: [`resource::read`] for what comes in with POST and PUT, [`patch`] for PATCH, [`filter`], [`path`]
//! and [`sort`] for queries, [`projection`] and [`resource::splice`] for what goes out, [`message`] and [`discovery`]
//! for the rest of the protocol. [`schema`] says what there is; everything else asks it.
//!
//! A resource is an [`Object`] whose names are spelled as the schemas spell them. Stored ones hold neither `id`,
//! `meta`, `groups`, `members` nor `password`.
//!
//! *Architecture invariant:* what clients send beside the RFCs is understood in `dialect` and nowhere else.

pub mod bulk;
mod dialect;
pub mod discovery;
pub mod effort;
mod error;
pub mod filter;
mod json;
pub mod message;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;
mod syntax;
pub mod webex;

pub use error::{Error, ScimType};
pub use schema::{ResourceType, ResourceTypes};
pub use syntax::SyntaxError;

/// A resource, or a part of one.
pub type Object = serde_json::Map<String, serde_json::Value>;
