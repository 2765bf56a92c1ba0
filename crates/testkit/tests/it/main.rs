//! The fake target over real HTTP.

mod bulk;
mod faults;
mod target;
