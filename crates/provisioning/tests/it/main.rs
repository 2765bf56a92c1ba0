//! The engine against a target that misbehaves on demand, on both databases.

mod admin;
mod cost;
mod cycles;
mod faults;
mod kills;
mod schedules;
mod world;
