//! Signing in through identity providers: what an organization has set, whom it lets vouch, and what is under way.

pub mod certificates;
pub mod providers;
pub mod recoveries;
pub mod requests;
pub mod routes;
pub mod settings;
pub mod subjects;
