//! Whoever makes people: the directory, which the engine does not depend on.

use std::fmt;

use base::{Cause, Message, OrgId, UserId};
use futures_util::future::BoxFuture;
use scim::Object;

/// Somebody who is to be in the directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Newcomer {
    pub id: UserId,
    /// A SCIM User as clients send it.
    pub resource: Object,
}

/// The directory, as far as an import needs it.
pub trait Newcomers: fmt::Debug + Send + Sync {
    /// Makes people under these ids, by the directory's rules; for each whether it did, or why not. An error concerns all
    /// of them, and may pass.
    fn create<'a>(
        &'a self,
        org: OrgId,
        newcomers: Vec<Newcomer>,
        cause: &'a Cause,
    ) -> BoxFuture<'a, Result<Vec<Result<(), Message>>, store::Error>>;
}
