//! Servers, clocks and fake targets for tests.

pub mod authorization;
pub mod postgres;
pub mod recorded;
pub mod target;
