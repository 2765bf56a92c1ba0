//! Who lets requests out.

use futures_util::future::BoxFuture;

use super::failure::{Failure, Unsent};

/// Lets a request out, when it is its turn. It is asked where requests are sent, for each of them.
pub(crate) trait Admission: Send + Sync + 'static {
    /// What is given is dropped once the answer is there.
    fn wait(&self) -> BoxFuture<'_, Result<Box<dyn Send>, Unsent>>;

    /// Told of a failure, without what the target says of it, before another one is let out in its place.
    fn failed(&self, failure: &Failure);
}
