//! Benchmarks of the running program. Each is measured beside a baseline in the same run, interleaved, and what
//! counts is the ratio: absolute figures say more about the machine than about us.
//!
//! Servers run in processes of their own, so that their CPU time can be told from the load's.

mod bare;
mod burst;
mod cycle;
mod database;
mod house;
mod incremental;
mod load;
mod member;
mod page;
mod people;
mod raw;
mod reads;
mod report;
mod saml;
mod scale;
mod server;
mod writes;

use anyhow::Result;
use clap::{Parser, Subcommand};
use database::Kind;
use reads::Read;

#[derive(Debug, Parser)]
#[command(about = "Measures the program against the plain thing; run it by `cargo xtask bench`.")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Only on this database.
    #[arg(long, global = true)]
    database: Option<Kind>,
    /// How many people there are in the large directory of `scale`, `cycle`, `incremental`, `burst`.
    #[arg(long, global = true)]
    people: Option<usize>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Part {
    /// GET by id against a bare handler that returns the same bytes.
    Get,
    /// The filter `userName eq` against a bare handler that returns the same bytes.
    Filter,
    /// Creates against the same rows written raw.
    Create,
    /// PATCHes against the same rows written raw.
    Patch,
    /// One member into groups of 10, 1,000 and 100,000.
    Member,
    /// Pages of 100 by cursor, at the beginning and deep in a directory.
    Page,
    /// A directory of a million against one of a thousand.
    Scale,
    /// The initial cycle against a plain client that sends the same requests.
    Cycle,
    /// One change among many people against one among 500.
    Incremental,
    /// A thousand changes at once among many people.
    Burst,
    /// SAML responses signed against the bare RSA operation, and judged against the verifier alone.
    Saml,
    /// (The bare handler, in a process of its own.)
    #[command(hide = true)]
    Bare,
    /// (The bare question, in a process of its own.)
    #[command(hide = true)]
    BareQuery,
}

/// All that measure something.
const PARTS: [Part; 11] = [
    Part::Get,
    Part::Filter,
    Part::Create,
    Part::Patch,
    Part::Member,
    Part::Page,
    Part::Scale,
    Part::Cycle,
    Part::Incremental,
    Part::Burst,
    Part::Saml,
];

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Bare) => bare::serve_bytes().await,
        Some(Part::BareQuery) => bare::serve_query().await,
        Some(part) => measure(part, &arguments).await,
        None => {
            for part in PARTS {
                measure(part, &arguments).await?;
            }
            Ok(())
        }
    }
}

async fn measure(part: Part, arguments: &Arguments) -> Result<()> {
    if matches!(part, Part::Saml) {
        return saml::run();
    }
    let people = |usual| arguments.people.unwrap_or(usual);
    let kinds = Kind::ALL.into_iter();
    for kind in kinds.filter(|kind| arguments.database.is_none_or(|only| only == *kind)) {
        match part {
            Part::Get => reads::run(Read::ById, kind).await?,
            Part::Filter => reads::run(Read::ByUserName, kind).await?,
            Part::Create => writes::creates(kind).await?,
            Part::Patch => writes::patches(kind).await?,
            Part::Member => member::run(kind).await?,
            Part::Page => page::run(kind).await?,
            Part::Scale => scale::run(kind, people(1_000_000)).await?,
            Part::Cycle => cycle::run(kind, people(20_000)).await?,
            Part::Incremental => incremental::run(kind, people(50_000)).await?,
            Part::Burst => burst::run(kind, people(100_000)).await?,
            Part::Saml | Part::Bare | Part::BareQuery => {}
        }
    }
    Ok(())
}
