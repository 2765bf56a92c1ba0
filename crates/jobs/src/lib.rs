//! Durable work, whatever it is: waking up, taking as much as there is room for, trying again later.
//!
//! What is to be done and who does it stand in the database (`store::lanes`): leased under a fence, so that a worker
//! that dies loses nothing and one that lost its lease writes nothing. This room holds what is around it: the
//! [`pool`] that keeps a bounded number of items under way, the [`Waker`] that tells it to look, and [`Backoff`].
//!
//! *Architecture invariant:* nothing here knows what the work is.

mod backoff;
mod pool;
mod waker;

pub use backoff::Backoff;
pub use pool::{Claimed, Queue, Stop, Stopper, Width, pool, stop};
pub use waker::Waker;
