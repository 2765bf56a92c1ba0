//! Settings as forms: which fields there are ([`Field`]), how they look on a page ([`Control`]), and what has been filled in.
//!
//! A form knows settings as JSON, as the API gives and takes them, so that what is set here and what is set there is judged
//! in one place. It brings along what it has shown: only what somebody has changed is set, and what another one has changed
//! beside it in the meantime stays.

mod control;
mod field;
mod filled;
mod section;

pub use control::Control;
pub use field::{Choice, Field, Kind, choice, field, unavailable};
#[cfg(test)]
pub use section::names_of;
pub use section::{Section, Sheet, changes};
