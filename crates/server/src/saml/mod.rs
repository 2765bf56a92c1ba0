//! The doors of SAML: messages that browsers carry between us and others, at either end.
//!
//! A form that comes from another site brings none of our cookies. So what came is judged where it comes in, and the browser is
//! then led to a page of ours, which sees them.

mod identity_provider;
mod leaving;
mod post;
pub mod service_provider;

pub use identity_provider::{failed, is_place, still_signed_in, troubled, wants_anew};
pub use leaving::{leave, posting};

use crate::doors::Doors;

/// Adds every door.
pub fn open(doors: &mut Doors) {
    identity_provider::open(doors);
    service_provider::open(doors);
}
