//! Licences: what types there are, who has which, and what templates give to newcomers.
//!
//! Whichever way somebody comes in or joins a group, what the templates give is given in the transaction of that change.
//! What of it is for whom is decided in [`grounds`], which is pure; [`carry`] gives and takes, so that no more are given than
//! there are, and whoever waited longest gets what comes free.

mod carry;
mod doors;
mod error;
mod grounds;
mod licensing;
mod people;
mod report;
mod runs;
mod templates;
mod types;

pub(crate) use doors::{arrive, depart, moved, prepare};
pub use error::LicenceError;
pub use grounds::Ground;
pub(crate) use licensing::Licensing;
pub use people::{PersonLicence, Taken};
pub use report::{Unlicensed, WhyNone};
pub use store::licences::holdings::State;
pub use store::licences::runs::{Item, Mode, Outcome, Run};
pub use store::licences::templates::Scope;
pub use templates::{Existing, Inheritance, LicenceTemplate};
pub use types::{LicenceType, MAX_LICENCES, NewLicence, Total};
