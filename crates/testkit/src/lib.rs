//! Servers, clocks and fake targets for tests.

pub mod postgres;
pub mod target;
