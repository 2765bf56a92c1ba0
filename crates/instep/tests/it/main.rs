//! The one integration test binary of the crate: what users of the command meet, through the command itself.

mod cli;
mod real;
mod served;
mod stub;
