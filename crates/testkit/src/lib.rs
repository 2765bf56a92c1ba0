//! Servers, clocks and fake targets for tests.

pub mod authorization;
pub mod dns;
pub mod postgres;
pub mod recorded;
pub mod target;
