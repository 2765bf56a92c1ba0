//! Keeps every app in step with your directory: the server, and the command line that speaks to it.

mod arguments;
mod cli;
mod client;
mod commands;
mod config;
mod confirm;
mod demo;
mod diff;
mod failure;
mod housekeeping;
mod key_file;
mod licence_runs;
mod logs;
mod moment;
mod output;
mod plain;
mod progress;
mod records;
mod said;
mod secrets;
mod serve;
mod wiring;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Documents are made of many small pieces: with the system's own allocator a fifth of a request's time goes there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    failure::exit_status(commands::run(cli::parse()).await)
}
