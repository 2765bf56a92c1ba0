//! The fake target over real HTTP.

mod target;
