//! The doors of SAML: messages that browsers carry between us and others.
//!
//! A form that comes from another site brings none of our cookies. So what came is judged where it comes in, and the browser is
//! then led to a page of ours, which sees them.

mod leaving;
mod post;
pub mod service_provider;

pub use leaving::{leave, posting};

use crate::doors::Doors;

/// Adds every door.
pub fn open(doors: &mut Doors) {
    service_provider::open(doors);
}
