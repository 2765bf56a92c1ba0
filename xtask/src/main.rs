//! Set-up, tests and benchmarks: `cargo xtask test`, `cargo xtask bench`, `cargo xtask soak`, `cargo xtask fuzz`.

mod bench;
mod fuzz;
mod outside;
mod place;
mod postgres;
mod process;
mod scenarios;
mod steps;
mod tally;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Set-up, tests and benchmarks of the project.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every test; installs what is missing first.
    Test {
        /// Runs only these steps.
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        /// Names the steps and ends.
        #[arg(long)]
        list: bool,
    },
    /// Builds for release and prints the ratios against the plain thing.
    Bench {
        /// Handed on to the benchmark program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs a command with a fresh PostgreSQL, such as `cargo xtask postgres cargo test -p store`.
    Postgres {
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Feeds a fuzz target, or each of them, under libFuzzer; needs a C++ compiler.
    Fuzz {
        target: Option<String>,
        /// For how long, each.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Runs the long forms of the tests.
    Soak {
        #[arg(long, value_name = "NAME")]
        only: Vec<String>,
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Test { only, list } => steps::run(steps::TEST, &only, list),
        Command::Soak { only, list } => steps::run(steps::SOAK, &only, list),
        Command::Bench { arguments } => bench::run(&arguments),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
        Command::Postgres { command } => postgres::with(&command),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
