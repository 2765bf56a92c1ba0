//! `instep app cycles`

use clap::Args;

use super::status::{Cycle, counts_text, cycle_text};
use crate::client::Client;
use crate::output::{Output, table};

/// Lists an app's cycles, the latest first, and what they did
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app cycles Webex
  instep app cycles Webex --limit 5")]
pub(crate) struct CyclesArgs {
    /// Id or name
    app: String,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
}

pub(super) async fn run(client: &Client, args: &CyclesArgs, output: Output) -> anyhow::Result<()> {
    let limit = args.limit.to_string();
    let mut found = client
        .get(&["apps", &args.app, "cycles"], &[("limit", &limit)])
        .await?;
    let when_empty = "No cycle yet: start one with `instep app sync`.";
    let cycles = match found["items"].take() {
        serde_json::Value::Array(items) => items,
        _ => Vec::new(),
    };
    output.list(&cycles, when_empty, list_text)
}

fn list_text(cycles: &[Cycle]) -> String {
    let row = |cycle: &Cycle| [cycle_text(cycle), counts_text(&cycle.counts), cycle.id.clone()];
    table(["cycle", "did", "id"], cycles.iter().map(row))
}
