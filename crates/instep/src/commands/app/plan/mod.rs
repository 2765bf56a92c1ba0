//! `instep app plan`

use clap::Args;
use serde_json::Value;

use crate::client::Client;
use crate::output::{Output, read};

mod render;
mod shape;

/// Shows what a cycle would do in the app, and does nothing
///
/// Grouped by action: + creates and enables, ~ links and updates, - disables and deletes; then who is left
/// alone, and why.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app plan Webex
  instep app plan Webex --output json | jq .counts")]
pub(crate) struct PlanArgs {
    /// Id or name
    app: String,

    /// Name everyone who is left alone too
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(client: &Client, args: &PlanArgs, output: Output) -> anyhow::Result<()> {
    let (all, rest) = if args.all {
        ("true", render::Rest::Named)
    } else {
        ("false", render::Rest::Counted)
    };
    let plan = client.post(&["apps", &args.app, "plan"], &[("all", all)]).await?;
    output.answer(&plan, |plan, paint| render::plan(plan, &args.app, rest, paint))
}

/// A plan as `app plan` prints it.
pub(crate) fn text(plan: &Value, app: &str, output: Output) -> anyhow::Result<String> {
    Ok(render::plan(
        &read(plan)?,
        app,
        render::Rest::Counted,
        output.paint(),
    ))
}
