//! Benchmarks of the running program. Each is measured beside a baseline in the same run, interleaved, and what
//! counts is the ratio: absolute figures say more about the machine than about us.
//!
//! Servers run in processes of their own, so that their CPU time can be told from the load's.

mod cycle;
mod drive;
mod get_by_id;
mod house;
mod incremental;
mod raw_rows;
mod report;
mod server;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Measures the program against the plain thing; run it by `cargo xtask bench`.")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Part {
    /// GET by id against a bare handler that returns the same bytes.
    Get,
    /// Creates against the same rows written raw through one writer thread.
    Create,
    /// The initial cycle against a plain client that sends the same requests.
    Cycle,
    /// One change among 50,000 people against one among 500.
    Incremental,
    /// (The bare handler, in a process of its own.)
    #[command(hide = true)]
    Bare,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().part {
        Some(Part::Bare) => get_by_id::bare().await,
        Some(Part::Get) => get_by_id::run().await,
        Some(Part::Create) => raw_rows::run().await,
        Some(Part::Cycle) => cycle::run().await,
        Some(Part::Incremental) => incremental::run().await,
        None => {
            get_by_id::run().await?;
            raw_rows::run().await?;
            cycle::run().await?;
            incremental::run().await
        }
    }
}
