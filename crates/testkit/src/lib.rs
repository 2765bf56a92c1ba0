//! Servers, clocks and fake targets for tests.
