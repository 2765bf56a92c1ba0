//! What happens to every request before and after its handler.

pub mod context;
pub mod errors;
pub mod form;
pub mod guard;
pub mod rate;
pub mod repeat;
pub mod strangers;
pub mod tracking;
pub mod transport;
